"""True time, clocks that are wrong in ways that we set, and the person's and the wire's delays.

Every ``offset`` of the bench is *a clock minus true time*, in seconds: positive is fast, negative is slow. (NTP's
offset is what one adds to a clock to set it right: the opposite sign.)
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass, field

from mfatools.checks import number
from mfatools.errors import MfaError
from mfatools.windows import TYPING_MEDIAN, TYPING_SIGMA

START = 1_768_471_200.0  # 2026-01-15 10:00:00 UTC: where the bench's time begins unless told otherwise


class Time:
    """True time, which goes on only when told to. Nothing on the bench ever sleeps.

    Calling it gives the POSIX time in seconds, so it serves as ``now`` and as ``monotonic`` wherever one of
    these is handed in.
    """

    def __init__(self, start: float = START) -> None:
        self._now = float(start)

    def __call__(self) -> float:
        return self._now

    def wait(self, seconds: float) -> float:
        """Let ``seconds`` (0 or more) go by; the new time.

        Raises:
            MfaError: time does not run backwards.
        """
        if not (math.isfinite(seconds) and seconds >= 0):
            raise MfaError("Time goes forward only.", "Wait 0 or more seconds.", code="E_TIME")
        self._now += seconds
        return self._now

    def until(self, t: float) -> float:
        """Go on to POSIX time ``t``; does nothing when that is past."""
        return self.wait(max(0.0, t - self._now))

    def __repr__(self) -> str:
        return f"Time({self._now:.3f})"


@dataclass(frozen=True, slots=True)
class Clock:
    """A clock and what is wrong with it.

    Args:
        offset: seconds that it is fast (slow if negative) at ``since``.
        drift: seconds that it gains in a second; 20e-6 (20 ppm) is a usual quartz, about 1.7 s a day.
        steps: ``(t, jump)`` pairs: at true time ``t`` somebody or something set it ``jump`` seconds forward.
        since: true time from which the drift counts.

    Raises:
        MfaError: something that is no number.

    Example:
        >>> Clock(offset=-88).at(START) - START
        -88.0
    """

    offset: float = 0.0
    drift: float = 0.0
    steps: tuple[tuple[float, float], ...] = ()
    since: float = START

    def __post_init__(self) -> None:
        for name in ("offset", "drift", "since"):
            number(getattr(self, name), f"A clock's {name}", code="E_CLOCK")
        for step in self.steps:
            if not isinstance(step, tuple | list) or len(step) != 2:
                what = "A clock's steps are pairs of true time and jump."
                raise MfaError(what, "Give ((1_800_000_000, 3600),), for example.", code="E_CLOCK")
            for value in step:
                number(value, "A step's time or jump", code="E_CLOCK")

    def at(self, t: float) -> float:
        """What the clock shows (POSIX seconds) at true time ``t``."""
        return t + self.error(t)

    def error(self, t: float) -> float:
        """Seconds that the clock is fast at true time ``t``."""
        jumps = sum(jump for moment, jump in self.steps if moment <= t)
        return self.offset + self.drift * (t - self.since) + jumps

    def reads(self, time: Callable[[], float]) -> Callable[[], float]:
        """This clock as a ``now`` function, driven by a source of true time."""
        return lambda: self.at(time())


class Wire:
    """A way through the network.

    Args:
        delay: seconds that every message takes.
        jitter: mean of the extra seconds, exponentially distributed, as waiting in a queue is.
        loss: share of messages that never arrive, 0 to 1.
        seed: the same seed gives the same delays.

    Raises:
        MfaError: a setting outside its range.
    """

    def __init__(self, delay: float = 0.05, jitter: float = 0.0, loss: float = 0.0, *, seed: int = 0) -> None:
        self.delay = number(delay, "delay", 0, code="E_WIRE")
        self.jitter = number(jitter, "jitter", 0, code="E_WIRE")
        self.loss = number(loss, "loss", 0, 1, code="E_WIRE")
        self._random = random.Random(seed)

    def send(self, t: float) -> float | None:
        """True time at which a message sent at ``t`` arrives; None when it is lost."""
        lost, extra = self._random.random() < self.loss, self._random.expovariate(1.0)
        return None if lost else t + self.delay + self.jitter * extra

    def __repr__(self) -> str:
        return f"Wire(delay={self.delay}, jitter={self.jitter}, loss={self.loss})"


def as_shown(code: str) -> str:
    """Type what one sees."""
    return code


@dataclass(slots=True)
class Person:
    """Somebody who reads a code and types it.

    Args:
        median: seconds from reading to pressing Enter, in half of the cases less (log-normal).
        sigma: standard deviation of the logarithm of those seconds; 0 is a robot.
        hands: what arrives in the box for a code that was read: a slip of the fingers goes here.
        seed: the same seed gives the same times.

    Raises:
        MfaError: seconds or a deviation below zero, or no number.
    """

    median: float = TYPING_MEDIAN
    sigma: float = TYPING_SIGMA
    hands: Callable[[str], str] = as_shown
    seed: int = 0
    _random: random.Random = field(init=False, repr=False)

    def __post_init__(self) -> None:
        number(self.median, "A person's median", 0)
        number(self.sigma, "A person's sigma", 0, 5)  # e**5: every third code takes 150 times as long as the median
        self._random = random.Random(self.seed)

    def takes(self) -> float:
        """Seconds for the next code."""
        return self.median * math.exp(self._random.gauss(0.0, self.sigma))
