"""The time in a web server's ``Date`` header, pinned down below its grain of one second. Pure.

``Date`` is the server's clock rounded down. Asked at T1 and answered at T4 with D, it says that the offset lies
between D - T4 and D + 1 - T1, however the way there and back are divided. That is one second and a round trip wide;
each further question is put where the second should change by what is known, and its answer cuts off one side. Two
connections are used, and each must show both sides of that edge: a site with several machines behind one name and
different clocks betrays itself there.

What no question can show: a server that refreshes its date by a timer of its own, not when its second changes, is
late by up to that timer's period and always the same. Only another site contradicts it.
"""

from __future__ import annotations

import calendar
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from urllib.parse import urljoin, urlsplit

from mfatools.consensus import Voice
from mfatools.ntp import Why

STRIDE = 0.2  # s between questions of one in a hurry, at most, until the second changes
GUARD = 0.05  # s before and after the edge at which a connection must show the old second and the new one
SLACK = 0.01  # s; web servers refresh their clock string a little late,
EARLY = 0.001  # s; never early, but the local clock may be slewed meanwhile (500 ppm)
SPREAD = 3.0  # s; machines behind one name that differ by more are not worth a bound
FINE_ENOUGH = 0.068  # s left open beyond the round trip: then the bound is 50 ms at a round trip of 20 ms
HASTE = 3.5  # s; with less time than this, more questions are asked
QUESTIONS, HASTY_QUESTIONS = 7, 10
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

    Any status will do, an error page has a date too; but a cache tells another time, and so may a proxy that wants
    a password and a login page that a hotel's network slips in (RFC 6585 section 6; RFC 8952).

    Args:
        url: what was asked for.
        status: the HTTP status.
        headers: looked up as ``Date``, ``Age``, ``Location``.
    """
    if status in (407, 511) or (300 <= status < 400 and _elsewhere(url, headers.get("Location", ""))):
        return Why.REDIRECT
    if (headers.get("Age") or "").strip("0 "):
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
    low, high = min(low, high) - EARLY, max(low, high) + SLACK
    least = 0.0 if outvoted or ticked(seen) else (1 + _round_trip(seen)) / 2
    return Voice(server, _middle(low, high), max((high - low) / 2, least), len(seen))


def next_question(
    seen: Sequence[Observation], now: float, until: float = math.inf, *, first: float = STRIDE
) -> tuple[float, int] | None:
    """When to send the next question, by the local clock, and on which connection; None when it would not help.

    With time to spare seven questions do, on two connections in turn, each on the one that is pinned down less. Who
    is in a hurry asks more often and does not wait for a third edge: the first connection finds the second's
    change, the other one narrows it.

    Args:
        seen: the observations so far, at least one.
        now: POSIX seconds.
        until: POSIX seconds by the local clock at which it must be over.
        first: seconds of the first step of one in a hurry, at most. Sites that are asked together begin with
            different ones: then each second that passes is looked at from all of their places.
    """
    hasty = until - seen[0].sent < HASTE
    left = (HASTY_QUESTIONS if hasty else QUESTIONS) - len(seen)
    if left <= 0 or not consistent(seen):
        return None
    links = (0, 1) if ticked(seen) and not hasty else (int(ticked(seen)),)
    check = _unchecked(seen, links)
    if hasty and check and check[1]:
        return _next_at(check[0], now), check[2]
    spare = left - hasty * (bool(check) if ticked(seen) else 3)  # some are kept for what is to be checked later
    if (open_ := _open(seen)) > FINE_ENOUGH and spare > 0:
        edges = 2 - ticked(seen) if hasty else max(1, int(min(until - now, 9.0)))
        share = _share(open_, spare, edges)
        stride = (first if len(seen) == 1 else STRIDE) if hasty and not ticked(seen) else 1.0
        step = min(open_ * share, stride)
        return _within(seen, now, step), links[0] if hasty else _less_known(seen)
    return (_next_at(check[0], now), check[2]) if check else None


def _open(seen: Sequence[Observation]) -> float:
    """Seconds between the last question that met the old second and the first that met the new one."""
    low, high = span(seen)
    return high - low - _round_trip(seen)


def _within(seen: Sequence[Observation], now: float, step: float) -> float:
    """The moment ``step`` seconds into what is open: in this second if it is not over, or as good as."""
    start = _next_at(-span(seen)[1], now - 1)
    if now <= start + step:
        return start + step
    return now if now < start + 0.9 * _open(seen) else start + 1 + step


def _share(open_: float, questions: int, edges: int) -> float:
    """Where to cut what is open: as many ways to go on below as above, with no more questions than it takes."""
    enough = (n for n in range(1, questions) if ways(n, edges) * FINE_ENOUGH >= open_)
    asked = next(enough, questions)
    return ways(asked - 1, edges - 1) / ways(asked, edges)


@cache
def ways(questions: int, edges: int) -> int:
    """How many pieces so many questions can tell apart while the second changes so often.

    "Still the old second" lets the next question follow at once; "the new one" makes it wait for the next change.
    """
    if questions <= 0 or edges <= 0:
        return 1
    return ways(questions - 1, edges - 1) + ways(questions - 1, edges)


def _unchecked(seen: Sequence[Observation], links: Sequence[int]) -> tuple[float, bool, int] | None:
    """What a connection has not shown yet close to the edge: the phase to ask at, if the old second, and where.

    One machine has shown both seconds on each connection. Another one behind the same name, with another clock,
    would contradict that here.
    """
    low, high = span(seen)
    trip = _round_trip(seen)
    margin = trip + 2 * GUARD
    own = {link: [one for one in seen if one.link == link] for link in links}
    for link, mine in own.items():
        if ticked(seen) and (not mine or span(mine)[1] > high + margin):
            return -high - trip - GUARD, True, link
    for link, mine in own.items():
        if not mine or span(mine)[0] < low - margin or not ticked(seen):
            return -low + GUARD, False, link
    return None


def _less_known(seen: Sequence[Observation]) -> int:
    """The connection that leaves more open by itself; the second one if it was not used yet."""
    own = {link: span([one for one in seen if one.link == link]) for link in {one.link for one in seen}}
    if len(own) < 2:
        return 1
    return max((1, 0), key=lambda link: own[link][1] - own[link][0])


def _round_trip(seen: Sequence[Observation]) -> float:
    return min(one.received - one.sent for one in seen)


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
    if len(match["year"]) == 2:  # RFC 850 form; no server runs before 1970
        year += 2000 if year < 70 else 1900
    day, hour, minute, second = (int(match[part]) for part in ("day", "h", "m", "s"))
    if month is None or not (year > 0 and 1 <= day <= calendar.monthrange(year, month)[1]):
        return None
    if not (hour < 24 and minute < 60 and second <= 60):  # 60 is a leap second
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
