"""Moments and lengths of time as people write them: from a text, and the time that it is, to seconds."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from mfatools.errors import MfaError

_YEAR_9999 = 253_370_764_800
_HALF_DAY, _DAY = 43_200, 86_400
_UNITS = {"s": 1, "sec": 1, "second": 1, "m": 60, "min": 60, "minute": 60, "h": 3600, "hour": 3600}
_LENGTH = re.compile(r"(\d+(?:[.,]\d+)?)\s*([a-z]*?)s?")
# A number of more digits without a unit may be a code.
_AGO = re.compile(r"\d{1,3}|\d+(?:[.,]\d+)?\s*(?:s|secs?|seconds?|m|mins?|minutes?|h|hours?)")
_CLOCK = re.compile(r"(\d{1,2})[:.](\d{2})(?:[:.](\d{2}(?:[.,]\d+)?))?\s*([ap]m)?")
_SIGNED = re.compile(r"([+-]?)\s*(.+?)\s*(fast|ahead|slow|behind)?")
_JUST_NOW = {"", "now", "just now", "0"}
_QUICK, _EXACT, _ROUNDED = 4.0, 2.0, 20.0  # s, how well a moment told as now, with or without seconds, is known


@dataclass(frozen=True, slots=True)
class Moment:
    """POSIX seconds and how well they are known (standard deviation, s)."""

    at: float
    sd: float


def option(text: str) -> tuple[float, str]:
    """The moment of ``--at`` in POSIX seconds, and a remark for the person if their zone was assumed.

    Raises:
        MfaError: no moment, a moment that a change of the clock makes doubtful, or a year outside 1970 to 9999.
    """
    try:
        moment, remark = float(text), ""
    except ValueError:
        moment, remark = _iso_8601(text)
    if not 0 <= moment < _YEAR_9999:
        hint = "Give a time inside them." + (" Divide milliseconds by 1000." if 1e12 <= moment < 1e14 else "")
        raise MfaError("--at lies outside the years 1970 to 9999.", hint, code="E_TIME")
    return moment, remark


def _iso_8601(text: str) -> tuple[float, str]:
    try:
        moment = datetime.fromisoformat(text.strip())
        if moment.tzinfo is not None:
            return moment.timestamp(), ""
        return _here(moment)
    except (ValueError, OverflowError, OSError):
        what = "--at is no time that can be read."
        hint = "Write POSIX seconds (1760000000) or a date and time such as 2026-11-22T14:31:00Z."
        raise MfaError(what, hint, code="E_TIME") from None


def _here(naive: datetime) -> tuple[float, str]:
    """A moment without a zone is taken by this computer's; not where that zone has the moment twice or never."""
    first, second = (naive.replace(fold=fold).timestamp() for fold in (0, 1))
    offset = naive.astimezone().strftime("%z")
    zone = f"{offset[:3]}:{offset[3:5]}"
    if first != second:
        what = "--at falls into an hour in which this computer's zone changes its clock, so it is not one moment."
        raise MfaError(what, "Add Z for UTC or an offset such as +01:00.", code="E_TIME")
    return first, f"--at has no time zone, so this computer's was taken: UTC{zone}."


def moment(text: str, now: float) -> Moment:
    """A moment of the last twelve hours: "now", "14:31:05", "2:31 pm", "30 s ago" or just "30 s", or POSIX seconds.

    Raises:
        MfaError: none of these.
    """
    told = " ".join(text.lower().split())
    if told in _JUST_NOW:
        return Moment(now, _QUICK)
    if told.endswith("ago") or told.startswith("-"):
        return _ago(told.removesuffix("ago").lstrip("- "), now)
    if match := _CLOCK.fullmatch(told):
        return _by_the_clock(match, now)
    if told.isdecimal() and len(told) == 10:
        return Moment(float(told), _EXACT)
    if _AGO.fullmatch(told):
        return _ago(told, now)
    raise MfaError("This is no time that I can read.", _MOMENT_HINT, code="E_TIME")


def _ago(told: str, now: float) -> Moment:
    ago = length(told)
    return Moment(now - ago, max(_QUICK, 0.2 * ago))


_MOMENT_HINT = "Write now, or 14:31:05 by this computer's clock, or 30 s ago."


def _by_the_clock(match: re.Match[str], now: float) -> Moment:
    """The latest moment at which this computer's clock showed that time."""
    hours, minutes, half = int(match[1]), int(match[2]), match[4]
    if half:
        hours = hours % 12 + (12 if half == "pm" else 0)
    seconds = float(match[3].replace(",", ".")) if match[3] else 30.0
    if hours > 23 or minutes > 59 or seconds >= 60 or (half and not 1 <= int(match[1]) <= 12):
        raise MfaError("There is no such time on a clock.", _MOMENT_HINT, code="E_TIME")
    today = datetime.fromtimestamp(now, UTC).astimezone().replace(tzinfo=None)
    when = today.replace(hour=hours, minute=minutes, second=0, microsecond=0) + timedelta(seconds=seconds)
    at = when.timestamp()
    at -= _DAY if at > now + _HALF_DAY else 0  # shortly after midnight "23:59:50" means yesterday
    if at > now + 60:
        raise MfaError("That time is still to come.", "Write when you read it, by this computer's clock.")
    return Moment(min(at, now), _EXACT if match[3] else _ROUNDED)


def length(text: str) -> float:
    """A length of time in seconds: "40", "40 s", "1.5 min".

    Raises:
        MfaError: it is none.
    """
    match = _LENGTH.fullmatch(" ".join(text.lower().split()))
    if match and (match[2] or "s") in _UNITS:
        return float(match[1].replace(",", ".")) * _UNITS[match[2] or "s"]
    what = "This is no length of time that I can read."
    raise MfaError(what, "Write seconds, such as 40, or 2 min.", code="E_TIME")


def fast(text: str) -> float:
    """How many seconds a clock is fast, slow as minus: "3 s fast", "slow" as "2 min slow", "-2.5".

    Raises:
        MfaError: it is not told.
    """
    match = _SIGNED.fullmatch(" ".join(text.lower().split()))
    if match and (match[1] or match[3] or text.strip() == "0"):
        back = (match[1] == "-") != (match[3] in ("slow", "behind"))
        return math.copysign(length(match[2]), -1 if back else 1)
    raise MfaError("Fast or slow?", "Write for example 3 s fast, or 40 s slow.", code="E_TIME")
