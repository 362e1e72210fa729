"""How wrong clocks are: the prior of an offset in seconds, and the reason that an offset suggests.

An offset is *a clock minus true time*: positive is fast. The weights are judged from the case book of real
reports (280 of them; measured offsets that are no zone step: median 60 s, 24 of 26 within 120 s) and its
correction for the reports' bias; each is a share of all cases, not only of those with a wrong clock.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0
GPS_ERA = 1024 * 7 * DAY  # s; the GPS week number has 10 bits
_ROOT = math.sqrt(2 * math.pi)
_CLOSE = 10.0  # s; a clock so near to a zone step is told to be off by just that step


class Reason(StrEnum):
    """Why a clock may be wrong by so much."""

    FINE = "fine"
    MANUAL = "set by hand or drifted"
    ZONE = "time zone or daylight saving"
    DATE = "wrong date"
    STOPPED = "stopped for a while"
    GPS = "GPS week rollover"
    RESET = "reset to its first date"
    FAR = "far off"


# Share of all cases; together 1.
WEIGHTS = {
    Reason.FINE: 0.7045,
    Reason.MANUAL: 0.200,
    Reason.ZONE: 0.080,
    Reason.DATE: 0.006,
    Reason.STOPPED: 0.0025,
    Reason.GPS: 0.001,
    Reason.RESET: 0.003,
    Reason.FAR: 0.003,
}
# Dates that clocks with an empty battery or none at all start from, POSIX seconds (1970, 1980, 2000, 2010, 2015,
# 2020), each with its share: whatever keeps POSIX time starts at 1970.
RESETS = {0.0: 0.4, 315532800.0: 0.12, 946684800.0: 0.18, 1262304000.0: 0.1, 1420070400.0: 0.1, 1577836800.0: 0.1}
_RESET_SPAN = 30 * DAY  # how long after such a start a clock may have run
# Whole days off: a wrong day, week, month, year. Any day of the month may have been set.
_MONTH = {**dict.fromkeys(range(1, 32), 0.3), 1: 6, 2: 2, 7: 2, 28: 0.6, 30: 1, 31: 1}
_YEARS = {365: 3, 366: 1, 730: 0.5, 731: 0.5, 1095: 0.3, 1096: 0.3}
_DATES = _MONTH | _YEARS


def _zone_weights() -> dict[float, float]:
    """Weight of every quarter of an hour to 14 h, either way: hours are common, 1 h (summer time) most of all."""
    weights: dict[float, float] = {}
    for quarter in range(1, 57):
        share = 0.25 if quarter == 4 else 0.03 if quarter % 4 == 0 else 0.015 if quarter % 2 == 0 else 0.008
        weights[quarter * 900.0] = weights[-quarter * 900.0] = share
    total = sum(weights.values())
    return {offset: weight / total for offset, weight in weights.items()}


ZONES = _zone_weights()
_DATE_TOTAL = 2 * sum(_DATES.values())
DATES = {sign * days * DAY: weight / _DATE_TOTAL for days, weight in _DATES.items() for sign in (1, -1)}


@dataclass(frozen=True, slots=True)
class Scan:
    """A stretch of offsets to look through, seconds, half-open."""

    low: float
    high: float


def spikes(width: float) -> list[Scan]:
    """The offsets a clock is wrong by as a whole (zones, dates, the GPS era), each ``width`` seconds either way."""
    places = [*ZONES, *DATES, -GPS_ERA]
    return [Scan(place - width, place + width) for place in sorted(places)]


def resets(t: float, width: float) -> list[Scan]:
    """The offsets of a clock that shows up to ``width`` seconds after one of `RESETS` at POSIX time ``t``."""
    return [Scan(date - t, date - t + width) for date in RESETS if date + width < t]


@lru_cache(1 << 14)  # the same places are asked for many times in one diagnosis
def density(offset: float, t: float) -> float:
    """Prior density (per second) of a clock's offset at POSIX time ``t``, over all reasons."""
    return sum(part for _, part in parts(offset, t))


def parts(offset: float, t: float) -> list[tuple[Reason, float]]:
    """The prior density (per second) of ``offset`` by reason; what is nil is left out."""
    weighed = [(reason, WEIGHTS[reason] * shape(offset, t)) for reason, shape in _SHAPES.items()]
    return [(reason, part) for reason, part in weighed if part > 0.0]


def reason(low: float, high: float, t: float) -> Reason:
    """The likeliest reason of an offset that lies between ``low`` and ``high`` seconds."""
    mass = dict.fromkeys(Reason, 0.0)
    points = max(2, min(60, int(high - low) + 1))
    for i in range(points):
        for why, part in parts(low + (high - low) * (i + 0.5) / points, t):
            mass[why] += part
    return max(mass, key=mass.__getitem__)


def zone_text(low: float, high: float) -> str:
    """The whole quarter of an hour nearest to an offset, in words: ``"1 h"``, ``"about 5 h 30 min"``."""
    quarters = round(abs(low + high) / 2 / 900)
    hours, minutes = divmod(quarters * 15, 60)
    near, far = sorted((abs(low), abs(high)))
    about = "" if near - _CLOSE <= quarters * 900 <= far + _CLOSE else "about"
    return " ".join(filter(None, (about, f"{hours} h" if hours else "", f"{minutes} min" if minutes else "")))


def _normal(x: float, sd: float) -> float:
    return math.exp(-0.5 * (x / sd) ** 2) / (sd * _ROOT)


def _laplace(x: float, scale: float) -> float:
    return math.exp(-abs(x) / scale) / (2 * scale)


def _log_uniform(x: float, low: float, high: float) -> float:
    return 1 / (x * math.log(high / low)) if low <= x < high else 0.0


def _fine(offset: float, _t: float) -> float:
    return 0.8 * _normal(offset, 1.0) + 0.2 * _normal(offset, 4.0)


def _manual(offset: float, _t: float) -> float:
    return 0.82 * _laplace(offset, 55.0) + 0.18 * _laplace(offset, 250.0)


def _near(offset: float, places: dict[float, float], grid: float) -> float:
    """Spikes with a sharp core (the zone alone is wrong) and a foot (minutes were set by hand as well).

    Odd quarters of an hour are so rare between zones that a clock two minutes beside one has another reason.
    """
    place = round(offset / grid) * grid
    rest = offset - place
    if abs(rest) > 240 or place not in places:
        return 0.0
    foot = 45.0 if place % 1800 == 0 else 20.0
    return places[place] * (0.7 * _normal(rest, 3.0) + 0.3 * _normal(rest, foot))


def _zone(offset: float, _t: float) -> float:
    return _near(offset, ZONES, 900.0)


def _date(offset: float, _t: float) -> float:
    return _near(offset, DATES, DAY)


def _stopped(offset: float, _t: float) -> float:
    """A night's sleep, or longer."""
    night = 1 / (16 * HOUR) if 0 < -offset < 16 * HOUR else 0.0
    return 0.5 * night + 0.5 * _log_uniform(-offset, HOUR, 60 * DAY)


def _gps(offset: float, _t: float) -> float:
    return _normal(offset + GPS_ERA, 20.0) if abs(offset + GPS_ERA) < 120 else 0.0


def _reset(offset: float, t: float) -> float:
    since = {date: share for date, share in RESETS.items() if date < t - DAY}
    total = sum(since.values())
    return sum(share / total * _log_uniform(t + offset - date, 10.0, _RESET_SPAN) for date, share in since.items())


def _far(offset: float, _t: float) -> float:
    return 0.5 * _log_uniform(abs(offset), 600.0, 2e9)


_SHAPES = {
    Reason.FINE: _fine,
    Reason.MANUAL: _manual,
    Reason.ZONE: _zone,
    Reason.DATE: _date,
    Reason.STOPPED: _stopped,
    Reason.GPS: _gps,
    Reason.RESET: _reset,
    Reason.FAR: _far,
}
