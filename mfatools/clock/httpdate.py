"""The time in a web server's ``Date`` header, pinned down below its grain of one second. Pure.

``Date`` is the server's clock rounded down. Asked at T1 and answered at T4 with D, it says that the offset lies
between D - T4 and D + 1 - T1. Answers at different phases of the second narrow that: first a sweep until the second
is seen to change, then halving on a new connection, which must show both sides of that edge as well (a site with
several machines behind one name betrays itself there).
"""

from __future__ import annotations

import calendar
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from mfatools.consensus import Voice
from mfatools.ntp import Why

SWEEP = 0.18  # s between questions until the second changes
GUARD = 0.05  # s before and after the edge at which a second connection is tried
SLACK = 0.01  # s; web servers refresh their clock string a little late
SPREAD = 3.0  # s; machines behind one name that differ by more are not worth a bound
FINE_ENOUGH = 0.06  # s; no more halving below this width
QUESTIONS = 10
_MONTHS = {name: n for n, name in enumerate(calendar.month_abbr) if name}
_CLOCK = r"(?P<h>\d\d):(?P<m>\d\d):(?P<s>\d\d)"
_FORMS = tuple(
    re.compile(form)
    for form in (
        rf"[A-Z][a-z]{{2}}, (?P<day>\d\d) (?P<month>[A-Z][a-z]{{2}}) (?P<year>\d{{4}}) {_CLOCK} GMT",
        rf"[A-Z][a-z]{{5,8}}, (?P<day>\d\d)-(?P<month>[A-Z][a-z]{{2}})-(?P<year>\d\d) {_CLOCK} GMT",
        rf"[A-Z][a-z]{{2}} (?P<month>[A-Z][a-z]{{2}}) (?P<day>[ \d]\d) {_CLOCK} (?P<year>\d{{4}})",
    )
)


@dataclass(frozen=True, slots=True)
class Observation:
    """One answer: local POSIX seconds of question and answer, the second it named, the connection's number."""

    sent: float
    received: float
    date: int
    link: int = 0

    @property
    def low(self) -> float:
        """The least offset that fits."""
        return self.date - self.received

    @property
    def high(self) -> float:
        """The greatest offset that fits."""
        return self.date + 1 - self.sent


def parse_date(text: str) -> int | None:
    """The three forms of RFC 9110 section 5.6.7 as POSIX seconds; None for anything else."""
    for form in _FORMS:
        if match := form.fullmatch(text.strip()):
            return _seconds(match)
    return None


def read_answer(url: str, status: int, headers: Mapping[str, str]) -> int | Why:
    """The POSIX second that an answer names, or why it is not to be believed.

    Any status will do, an error page has a date too; but a cache tells another time, and so may a login page
    that a hotel's network slips in (RFC 6585 section 6; RFC 8952).

    Args:
        url: what was asked for.
        status: the HTTP status.
        headers: looked up as ``Date``, ``Age``, ``Location``.
    """
    if status == 511 or (300 <= status < 400 and _elsewhere(url, headers.get("Location", ""))):
        return Why.REDIRECT
    if (headers.get("Age") or "0").strip() not in ("", "0"):
        return Why.CACHED
    seconds = parse_date(headers.get("Date") or "")
    return Why.NO_DATE if seconds is None else seconds


def span(seen: Sequence[Observation]) -> tuple[float, float]:
    """The offsets that fit all observations; low above high if none does."""
    return max(one.low for one in seen), min(one.high for one in seen)


def ticked(seen: Sequence[Observation]) -> bool:
    """True if the named second was seen to change."""
    return len({one.date for one in seen}) > 1


def consistent(seen: Sequence[Observation]) -> bool:
    """True if one clock that runs like ours can have said all this."""
    low, high = span(seen)
    return low <= high + SLACK


def voice(server: str, seen: Sequence[Observation], *, outvoted: bool = False) -> Voice:
    """What one web server says, as an interval, or why it does not count.

    Until its second was seen to change nobody knows that it does, and all that is claimed is one question's worth.

    Args:
        server: the name to put on it.
        seen: its answers, at least one.
        outvoted: there are others enough to outvote it if its date stands still, so all of its answers count.
    """
    low, high = span(seen)
    if _stands_still(seen):
        return Voice(server, _middle(low, high), abs(high - low) / 2, len(seen), Why.STANDS_STILL)
    if not consistent(seen):
        low, high = min(one.low for one in seen), max(one.high for one in seen)
        why = Why.INCONSISTENT if high - low > SPREAD else None
        return Voice(server, _middle(low, high), (high - low) / 2, len(seen), why)
    half = max(0.0, high - low) / 2 + SLACK
    least = 0.0 if outvoted or ticked(seen) else 0.5 + min(one.received - one.sent for one in seen) / 2
    return Voice(server, _middle(low, high), max(half, least), len(seen))


def next_question(seen: Sequence[Observation], now: float) -> tuple[float, int] | None:
    """When to send the next question, by the local clock, and on which connection; None when it would not help.

    Args:
        seen: the observations so far, at least one.
        now: POSIX seconds.
    """
    if len(seen) >= QUESTIONS or not consistent(seen):
        return None
    if not ticked(seen):
        return max(now, seen[-1].sent + SWEEP), 0
    low, high = span(seen)
    way = min(one.received - one.sent for one in seen) / 2
    open_ = high - low - 2 * way
    sides = {_after(one, _middle(low, high) + way) for one in seen if one.link == 1}
    if not sides:  # the new connection must show the old second just before the edge,
        phase = -high - GUARD
    elif sides == {False} and (parts := _parts(open_, way)) > 1:  # climb towards it while this second lasts
        phase = -high + way + open_ / parts
    elif sides == {False}:  # and the new one just after
        phase = -low + GUARD
    elif open_ > FINE_ENOUGH:
        phase = -_middle(low, high)
    else:
        return None
    return _next_at(phase - way, now), 1


def _parts(open_: float, way: float) -> int:
    """Into how many steps to cut what is open, so that each is fine enough and longer than a round trip."""
    return min(math.ceil(open_ / FINE_ENOUGH - 1e-3), int(open_ / (2 * way + 0.015)))


def _after(one: Observation, shift: float) -> bool:
    """True if this answer, given near an edge, names the new second; ``sent + shift`` is the server's time."""
    return one.date == round(one.sent + shift)


def _next_at(phase: float, now: float) -> float:
    """The first moment from ``now`` on that lies a whole number of seconds from ``phase``."""
    return phase + math.ceil(now - phase)


def _stands_still(seen: Sequence[Observation]) -> bool:
    """The same second named in two answers more than a second apart: frozen, or refreshed too rarely."""
    return any(
        later.link == earlier.link and later.date == earlier.date and later.sent - earlier.received > 1 + SLACK
        for n, earlier in enumerate(seen)
        for later in seen[n + 1 :]
    )


def _seconds(match: re.Match[str]) -> int | None:
    month, year = _MONTHS.get(match["month"]), int(match["year"])
    if year < 100:  # RFC 850 form; no server runs before 1970
        year += 2000 if year < 70 else 1900
    day, hour, minute, second = (int(match[part]) for part in ("day", "h", "m", "s"))
    if month is None or not (1 <= day <= 31 and hour < 24 and minute < 60 and second <= 60):
        return None
    return calendar.timegm((year, month, day, hour, minute, second))


def _elsewhere(url: str, location: str) -> bool:
    """A redirect within the same site keeps its date; one to another name may be anybody's."""
    try:
        here, there = urlsplit(url), urlsplit(urljoin(url, location))
    except ValueError:
        return True
    same = _site(here.hostname or "") == _site(there.hostname or "")
    return not same or (here.scheme == "https" and there.scheme != "https")


def _site(host: str) -> str:
    return host.lower().removeprefix("www.")


def _middle(low: float, high: float) -> float:
    return (low + high) / 2
