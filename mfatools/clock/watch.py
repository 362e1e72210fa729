"""Looking at the clock again and again: how it drifts, and whether somebody set it or it stood still."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from mfatools.clock import machine, words
from mfatools.clock.ask import Address, check_clock, sources, unusable
from mfatools.clock.report import ClockReport
from mfatools.clock.verdict import seconds
from mfatools.errors import TimeSourceError

EVERY = 300.0  # s between two looks; RFC 4330 section 10 wants 15 s at least
LEAST_EVERY, MOST_EVERY = 15.0, 86400.0  # s
JUMP = 0.5  # s; smaller differences between wall and elapsed time are slewing
SLEW = 500e-6  # s in a second; a clock is slewed no faster (RFC 5905 A.1.1, MAXFREQ), and no quartz drifts so
PER_DAY = 0.0864  # s a day for each millionth
Check = Callable[[Sequence[Address], Sequence[str]], ClockReport]


@dataclass(frozen=True, slots=True)
class Look:
    """One look at the clock, and what changed since the ones before.

    Args:
        report: this check.
        drift: parts per million that the clock gains on true time since it was last set; None until it can be told.
        doubt: how far the drift can be off, ppm.
        jumped: seconds that the clock was set by since the last look: positive is ahead. 0 if it was not.
        slept: seconds that the machine slept since the last look.
    """

    report: ClockReport
    drift: float | None = None
    doubt: float | None = None
    jumped: float = 0.0
    slept: float = 0.0

    def __str__(self) -> str:
        said = [self.report.verdict.headline]
        if self.stood_still:
            said.append(words.STOOD.format(amount=seconds(self.jumped)))
        elif self.jumped:
            said.append(words.JUMPED.format(amount=f"{self.jumped:+.1f} s"))
        if self.drift is not None and self.doubt is not None:
            said.append(_drift_words(self.drift, self.doubt))
        return " ".join(said)

    @property
    def stood_still(self) -> bool:
        """True if the clock lost about as much as the machine slept: it was not moved on upon waking."""
        return self.jumped < 0 < self.slept and abs(self.jumped + self.slept) < max(2.0, self.slept / 20)


class Watch:
    """An endless series of `Look`: ``for look in Watch(): ...``. End it with ``break`` or, from elsewhere, `stop`.

    A server that asked us to go away (Kiss-o'-Death) is not asked again.

    Args:
        servers, https: as for `check_clock`; None for both are the defaults.
        every: seconds between two looks, 15 to a day.
        check: ``check(servers, https)`` measures.
        now: POSIX seconds by the local clock.
        monotonic: seconds awake.
        uptime: seconds that go on while the machine sleeps, where there is such a clock; else like ``monotonic``.
        sleep: ``sleep(seconds)`` returns True if the watch is to end.

    Raises:
        TimeSourceError: an address that cannot be read, or looks too close together.
    """

    def __init__(
        self,
        servers: Sequence[Address] | None = None,
        *,
        https: Sequence[str] | None = None,
        every: float = EVERY,
        check: Check | None = None,
        now: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
        uptime: Callable[[], float] | None = None,
        sleep: Callable[[float], bool] | None = None,
    ) -> None:
        if every > MOST_EVERY:
            raise TimeSourceError("A watch looks once a day at least.", f"{EVERY:g} s is usual.", code="E_EVERY")
        if not every >= LEAST_EVERY:
            what = f"Looks closer together than {LEAST_EVERY:g} s are a burden to the servers."
            raise TimeSourceError(what, f"{EVERY:g} s is usual.", code="E_EVERY")
        whom = sources(servers, https)
        self._servers, self._https = list(whom.servers), list(whom.https)
        self._every = every
        self._check = check or _check
        self._now, self._monotonic, self._uptime = now, monotonic, uptime or machine.uptime
        self._ended = threading.Event()
        self._sleep = sleep or self._ended.wait
        self._points: list[tuple[float, float, float]] = []  # uptime, offset, bound since the clock was last set
        self._last: tuple[float, float, float] | None = None  # wall, monotonic and uptime of the last look

    def __iter__(self) -> Iterator[Look]:
        while not self._ended.is_set():
            yield self._look()
            if self.deserted or self._sleep(self._every):
                return

    @property
    def deserted(self) -> bool:
        """True if everybody asked us to go away, so that nobody is left to ask."""
        return not (self._servers or self._https)

    def stop(self) -> None:
        """End the series; may be called from any thread."""
        self._ended.set()

    def _look(self) -> Look:
        jumped, slept = self._since_last()
        report = self._check(self._servers, self._https)
        unwanted = {voice.server for voice in unusable(report)}
        self._servers = [server for server in self._servers if str(server) not in unwanted]
        if report.stepped:  # set during the check: told now, and not once more at the next look
            jumped += report.stepped
            self._last = self._readings()
        if report.present is not None and report.bound is not None:
            point = self._uptime(), report.present, report.bound
            jumped = jumped or _stepped(self._points[-1:], point)
            if jumped:
                self._points.clear()
            self._points.append(point)
        elif jumped:
            self._points.clear()
        drift, doubt = _drift(self._points)
        return Look(report, drift, doubt, jumped, slept)

    def _readings(self) -> tuple[float, float, float]:
        return self._now(), self._monotonic(), self._uptime()

    def _since_last(self) -> tuple[float, float]:
        """What the wall clock did beyond the time that went by, and for how long the machine slept."""
        here = self._readings()
        before, self._last = self._last, here
        if before is None:
            return 0.0, 0.0
        wall, awake, elapsed = (after - then for after, then in zip(here, before, strict=True))
        jumped, slept = wall - elapsed, elapsed - awake
        return (jumped if abs(jumped) > JUMP else 0.0), (slept if slept > JUMP else 0.0)


def _drift_words(drift: float, doubt: float) -> str:
    """A drift with its doubt, or that there is none to be seen: a number that may have either sign says nothing."""
    if abs(drift) <= doubt:
        most = abs(drift) + doubt
        if most > SLEW * 1e6:  # no clock drifts so: the looks lie too close together to tell anything
            return words.TOO_EARLY
        return words.NO_DRIFT.format(most=most, most_per_day=most * PER_DAY)
    return words.DRIFT.format(
        way=words.GAINS if drift > 0 else words.LOSES,
        ppm=abs(drift),
        doubt=doubt,
        per_day=abs(drift) * PER_DAY,
        doubt_per_day=doubt * PER_DAY,
    )


def _stepped(before: Sequence[tuple[float, float, float]], point: tuple[float, float, float]) -> float:
    """By how much the clock was set if its offset changed more than doubt and slewing explain; 0 if they do."""
    for t, offset, bound in before:
        change = offset - point[1]  # a clock set ahead needs less added
        if abs(change) > bound + point[2] + SLEW * (point[0] - t):
            return change
    return 0.0


def _drift(points: Sequence[tuple[float, float, float]]) -> tuple[float | None, float | None]:
    """Least squares through the offsets; a clock that gains sees its offset fall."""
    if len(points) < 2:
        return None, None
    count = len(points)
    middle_t = sum(t for t, _, _ in points) / count
    middle_o = sum(offset for _, offset, _ in points) / count
    spread = sum((t - middle_t) ** 2 for t, _, _ in points)
    slope = sum((t - middle_t) * (offset - middle_o) for t, offset, _ in points) / spread
    doubt = (points[0][2] + points[-1][2]) / (points[-1][0] - points[0][0])
    return -1e6 * slope, 1e6 * doubt


def _check(servers: Sequence[Address], https: Sequence[str]) -> ClockReport:
    return check_clock(servers, https=https)
