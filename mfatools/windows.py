"""The geometry of code windows: when a code is shown, when it is accepted, and how often it is refused.

Three clocks play: true time, the phone's and the service's. Here an ``offset`` is always **a clock minus true
time** (or minus the other clock named): positive is fast, negative is slow. NTP's offset, which one adds to a
clock to set it right, has the opposite sign. All times are POSIX seconds, all windows half-open:
``start <= t < end``. Nothing here knows a secret: codes are told apart by their counter.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from statistics import NormalDist

from mfatools.checks import number
from mfatools.errors import MfaError

# How long people take from reading a code to its arrival at the service: log-normal, because it cannot be
# negative and now and then is long. Median and spread: the time bench's model ("What codes need").
TYPING_MEDIAN = 10.0  # s
TYPING_SIGMA = 0.45  # of the logarithm


@dataclass(frozen=True, slots=True)
class Window:
    """A span of true time that belongs to one code: ``start <= t < end``, POSIX seconds."""

    counter: int
    start: float
    end: float

    def __contains__(self, t: object) -> bool:
        return isinstance(t, int | float) and self.start <= t < self.end

    @property
    def length(self) -> float:
        """Seconds from start to end."""
        return self.end - self.start

    def overlap(self, other: Window) -> Window | None:
        """The part that both share, under this window's counter; None if they share nothing."""
        start, end = max(self.start, other.start), min(self.end, other.end)
        return Window(self.counter, start, end) if start < end else None


def shown(counter: int, *, offset: float = 0.0, step: float = 30.0, t0: float = 0.0) -> Window:
    """The span of true time in which a clock shows the code of ``counter``: RFC 6238 section 4.2.

    Args:
        counter: the step's number.
        offset: the clock minus true time, in seconds; a fast clock shows a code early.
        step: seconds that a code lasts.
        t0: POSIX second, by that clock, at which the steps begin.
    """
    _check_policy(step)
    start = t0 + counter * step - offset
    return Window(counter, start, start + step)


def timeline(start: float, end: float, *, offset: float = 0.0, step: float = 30.0, t0: float = 0.0) -> list[Window]:
    """The windows that a clock goes through from ``start`` to ``end`` of true time, in order, uncut.

    The first holds ``start``, the last reaches ``end``. Arguments as for `shown`.
    """
    _check_policy(step)
    first = math.floor((start + offset - t0) / step)
    past = math.ceil((end + offset - t0) / step)
    return [shown(counter, offset=offset, step=step, t0=t0) for counter in range(first, past)]


def accepted(
    counter: int,
    *,
    offset: float = 0.0,
    behind: int = 1,
    ahead: int = 1,
    step: float = 30.0,
    t0: float = 0.0,
) -> Window:
    """The span of true time in which a service accepts the code of ``counter``.

    The code begins to be accepted ``ahead`` steps before the service's clock shows it, and ceases ``behind``
    steps after (RFC 6238 section 5.2, transmission delay; section 6, the limits either way).

    Args:
        counter: the step's number.
        offset: the service's clock minus true time, in seconds.
        behind: how many older codes the service still takes.
        ahead: how many codes from the future it takes already.
        step: seconds that a code lasts.
        t0: POSIX second, by the service's clock, at which the steps begin.
    """
    _check_policy(step, behind, ahead)
    window = shown(counter, offset=offset, step=step, t0=t0)
    return Window(counter, window.start - ahead * step, window.end + behind * step)


def usable(
    counter: int,
    *,
    phone: float = 0.0,
    service: float = 0.0,
    behind: int = 1,
    ahead: int = 1,
    step: float = 30.0,
    t0: float = 0.0,
) -> Window | None:
    """The span in which the phone shows a code that the service would take at that very moment.

    Args:
        counter: the step's number.
        phone: the phone's clock minus true time, in seconds.
        service: the service's clock minus true time, in seconds.
        behind, ahead, step, t0: the service's window, as for `accepted`.
    """
    taken = accepted(counter, offset=service, behind=behind, ahead=ahead, step=step, t0=t0)
    return shown(counter, offset=phone, step=step, t0=t0).overlap(taken)


def steps_apart(
    read: float, arrives: float, *, phone: float = 0.0, service: float = 0.0, step: float = 30.0, t0: float = 0.0
) -> int:
    """How many steps the code stands from the service's own when it arrives: + is ahead, - is behind.

    Args:
        read: true time, POSIX seconds, at which the person read the code on the phone.
        arrives: true time at which the service gets it.
        phone: the phone's clock minus true time, in seconds.
        service: the service's clock minus true time, in seconds.
        step: seconds that a code lasts.
        t0: POSIX second at which the steps begin.
    """
    _check_policy(step)
    return math.floor((read + phone - t0) / step) - math.floor((arrives + service - t0) / step)


def refusal(
    offset: float,
    *,
    step: float = 30.0,
    behind: int = 1,
    ahead: int = 1,
    typing_median: float = TYPING_MEDIAN,
    typing_sigma: float = TYPING_SIGMA,
) -> float:
    """Probability, 0 to 1, that a right code is refused because it arrives outside the service's window.

    The model: the person reads the code at a moment U uniform within the phone's step and it arrives after T,
    log-normal. With d = phone minus service it is accepted when

        d - ahead * step  <=  U + T  <  d + (behind + 1) * step,

    so the answer is two values of the distribution function of U + T. That is exact, no simulation: with F the
    distribution function of T and H its integral from 0, it is G(x) = (H(x) - H(x - step)) / step.

    Args:
        offset: phone (client) minus service, in seconds: positive is a fast phone.
        step: seconds that a code lasts.
        behind: how many older codes the service still takes.
        ahead: how many codes from the future it takes already.
        typing_median: seconds from reading to arrival, in half of the cases less; 0 or more.
        typing_sigma: standard deviation of the logarithm of those seconds, 0 or more.

    Raises:
        MfaError: a setting outside its range.

    Example:
        >>> round(refusal(-30.0), 3)  # a phone half a minute slow, one step either way
        0.368
        >>> round(refusal(+30.0), 3)  # as fast as that: no harm
        0.0
    """
    _check_policy(step, behind, ahead)
    offset = number(offset, "The offset")
    typing_median = number(typing_median, "The typing time", 0, code="E_TYPING")
    typing_sigma = number(typing_sigma, "The sigma of the typing time", 0, code="E_TYPING")

    def arrived(x: float) -> float:
        whole = _typed_integral(x, typing_median, typing_sigma)
        return (whole - _typed_integral(x - step, typing_median, typing_sigma)) / step

    taken = arrived(offset + (behind + 1) * step) - arrived(offset - ahead * step)
    return min(1.0, max(0.0, 1.0 - taken))


def tolerance(
    limit: float = 0.01,
    *,
    step: float = 30.0,
    behind: int = 1,
    ahead: int = 1,
    typing_median: float = TYPING_MEDIAN,
    typing_sigma: float = TYPING_SIGMA,
) -> tuple[float, float] | None:
    """How wrong a phone may be: the offsets ``(slowest, fastest)`` in seconds at which ``limit`` is refused.

    Args:
        limit: the share of refusals that is borne, between 0 and 1.
        step, behind, ahead, typing_median, typing_sigma: as for `refusal`.

    Returns:
        None when even the best offset is refused more often than that.

    Raises:
        MfaError: a setting outside its range.

    Example:
        >>> slowest, fastest = tolerance(0.01)  # one step either way
        >>> round(slowest), round(fastest)
        (-10, 37)
    """

    def chance(offset: float) -> float:
        return refusal(
            offset,
            step=step,
            behind=behind,
            ahead=ahead,
            typing_median=typing_median,
            typing_sigma=typing_sigma,
        )

    def over(offset: float) -> bool:
        return chance(offset) > limit

    if not 0 < limit < 1:
        raise MfaError("The limit is a share between 0 and 1.", "0.01 means one in a hundred.", code="E_LIMIT")
    none = -(behind + 1) * step  # so slow that no code is taken at all
    best = _lowest(chance, none, (ahead + 1) * step + typing_median)
    if over(best):
        return None
    reach = step
    while not over(best + reach):
        reach *= 2
    return _edge(over, none, best), _edge(over, best + reach, best)


def _lowest(chance: Callable[[float], float], low: float, high: float) -> float:
    """The offset at which least is refused.

    The window slides over a distribution with one hump, so what it takes grows up to a peak and falls after it.
    """
    while high - low > 1e-6 * max(1.0, abs(low), abs(high)):
        one, other = low + (high - low) / 3, high - (high - low) / 3
        low, high = (one, high) if chance(one) >= chance(other) else (low, other)
    return (low + high) / 2


def _edge(over: Callable[[float], bool], outside: float, inside: float) -> float:
    """Where ``over`` changes between the two, by halving: within a microsecond, or a millionth of it."""
    while abs(outside - inside) > 1e-6 * max(1.0, abs(inside)):
        middle = (outside + inside) / 2
        outside, inside = (middle, inside) if over(middle) else (outside, middle)
    return inside


def _typed_integral(x: float, median: float, sigma: float) -> float:
    """The integral from 0 to ``x`` of the log-normal distribution function: x F(x) - E[T; T <= x]."""
    if x <= 0:
        return 0.0
    if sigma == 0 or median == 0:
        return max(0.0, x - median)
    z = (math.log(x) - math.log(median)) / sigma
    normal = NormalDist()
    mean = median * math.exp(sigma * sigma / 2)
    return x * normal.cdf(z) - mean * normal.cdf(z - sigma)


def _check_policy(step: float, behind: int = 0, ahead: int = 0) -> None:
    if not (math.isfinite(step) and step > 0):
        raise MfaError("A step must be longer than 0 seconds.", "Most services use 30.", code="E_PERIOD")
    if behind < 0 or ahead < 0:
        raise MfaError(
            "A window has 0 or more steps behind and ahead.", "Most services use 1 and 1.", code="E_WINDOW"
        )
