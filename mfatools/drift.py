"""A clock that runs away: a straight line through several measured offsets."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mfatools.checks import number
from mfatools.errors import MfaError

DAY = 86_400.0  # s


@dataclass(frozen=True, slots=True)
class Drift:
    """A clock's offset as a line in time: ``offset + rate * (t - t0)``.

    ``rate`` is in seconds per second; ``rate_error`` is its standard error (infinite with two points, which any
    line fits), ``residual`` the root mean square distance of the points from the line, in seconds.
    """

    t0: float
    offset: float
    rate: float
    rate_error: float
    residual: float

    def at(self, t: float) -> float:
        """The line's offset in seconds at POSIX time ``t``."""
        return self.offset + self.rate * (t - self.t0)

    @property
    def per_day(self) -> float:
        """Seconds gained in a day."""
        return self.rate * DAY

    @property
    def ppm(self) -> float:
        """Parts per million; a usual quartz clock stays within 20 to 100."""
        return self.rate * 1e6

    def reaches(self, offset: float) -> float | None:
        """POSIX time at which the line reaches ``offset`` seconds; None if it never does."""
        return None if self.rate == 0 else self.t0 + (offset - self.offset) / self.rate


def fit(times: Sequence[float], offsets: Sequence[float], bounds: Sequence[float] | None = None) -> Drift:
    """The least-squares line through offsets, each weighted by the inverse square of its bound.

    Args:
        times: POSIX seconds, at least two different ones.
        offsets: seconds, one for each time (any sign convention, the same for all).
        bounds: the doubt of each offset in seconds, above 0; all alike if left out.

    Raises:
        MfaError: fewer than two different times, lists that do not match, or something in them that is no number.

    Example:
        >>> fit([0, 86_400, 172_800], [1.0, 2.7, 4.4]).per_day  # doctest: +ELLIPSIS
        1.7...
    """
    times, offsets = _numbers(times, "A time"), _numbers(offsets, "An offset")
    doubts = [1.0] * len(times) if bounds is None else _numbers(bounds, "A bound")
    if not len(times) == len(offsets) == len(doubts) or len(set(times)) < 2 or min(doubts) <= 0:
        raise MfaError(
            "A drift needs at least two offsets at different times, each with a bound above 0.",
            "Measure again later.",
            code="E_DRIFT",
        )
    weights = [doubt**-2 for doubt in doubts]
    total = sum(weights)
    t0 = sum(w * t for w, t in zip(weights, times, strict=True)) / total
    middle = sum(w * y for w, y in zip(weights, offsets, strict=True)) / total
    spread = sum(w * (t - t0) ** 2 for w, t in zip(weights, times, strict=True))
    rate = sum(w * (t - t0) * (y - middle) for w, t, y in zip(weights, times, offsets, strict=True)) / spread
    left = [y - middle - rate * (t - t0) for t, y in zip(times, offsets, strict=True)]
    freedom = len(times) - 2
    scatter = sum(w * e * e for w, e in zip(weights, left, strict=True))
    error = math.sqrt(scatter / freedom / spread) if freedom else math.inf
    return Drift(t0, middle, rate, error, math.sqrt(sum(e * e for e in left) / len(left)))


def _numbers(values: Sequence[float], name: str) -> list[float]:
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise MfaError("A drift is drawn through lists of numbers.", "Give times and offsets.", code="E_DRIFT")
    return [number(value, name, code="E_DRIFT") for value in values]
