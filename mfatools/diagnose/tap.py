"""Tap on the flip: the phone's clock to a fraction of a second, from taps at the moments its code changes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from statistics import median

from mfatools.errors import MfaError

# From the change on the screen to the finger: about 0.25 s for a surprise; who watches the countdown is faster.
REACTION = 0.20  # s
REACTION_SD = 0.12  # s, between people and habits; it does not shrink with more taps
_TAP_SD = 0.15  # s, of one tap, when there are too few to tell
_STRAY = 3.0  # s; a tap farther from the others was a slip


@dataclass(frozen=True, slots=True)
class Flip:
    """The phone's clock minus the clock of the taps, modulo one step.

    ``offset`` lies in ``-step/2 <= offset < step/2`` (positive: the phone is fast), ``bound`` is its 95%
    uncertainty in seconds, reaction time included. ``used`` taps were good, ``dropped`` ones strayed.
    """

    offset: float
    bound: float
    used: int
    dropped: int
    step: float

    @property
    def low(self) -> float:
        """Lower end of the offset, seconds."""
        return self.offset - self.bound

    @property
    def high(self) -> float:
        """Upper end of the offset, seconds."""
        return self.offset + self.bound


def estimate(taps: Sequence[float], *, step: float = 30.0, reaction: float = REACTION) -> Flip:
    """The phone's offset from the moments at which its code was seen to change.

    Args:
        taps: POSIX seconds by the clock to compare with, one or more; best by a clock that was measured.
        step: seconds that a code lasts.
        reaction: seconds from the change to the tap.

    Raises:
        MfaError: no taps, taps of which no more than half agree, or a step that is not positive.
    """
    if not taps or not step > 0:
        raise MfaError("There are no taps to go by.", "Tap once or more when the code changes.", code="E_TAPS")
    phases = [_wrap(reaction - tap, step) for tap in taps]
    centre = _circular(phases, step)
    away = [_wrap(phase - centre, step) for phase in phases]
    middle = median(away)
    good = [a for a in away if abs(a - middle) <= _STRAY]
    if 2 * len(good) <= len(taps):
        what = "The taps do not agree on when the code changes."
        raise MfaError(what, "Tap again at the moment the code changes, a few times.", code="E_TAPS")
    mean = sum(good) / len(good)
    spread = math.sqrt(sum((a - mean) ** 2 for a in good) / (len(good) - 1)) if len(good) > 2 else _TAP_SD
    bound = 1.96 * math.hypot(max(spread, 0.05) / math.sqrt(len(good)), REACTION_SD)
    return Flip(_wrap(centre + mean, step), bound, len(good), len(taps) - len(good), step)


@lru_cache(maxsize=64)
def agreed(taps: tuple[float, ...], step: float) -> Flip | None:
    """`estimate` where there are taps that agree, else None: they say nothing."""
    try:
        return estimate(taps, step=step)
    except MfaError:
        return None


def _wrap(value: float, step: float) -> float:
    return (value + step / 2) % step - step / 2


def _circular(phases: Sequence[float], step: float) -> float:
    turn = 2 * math.pi / step
    return math.atan2(sum(math.sin(p * turn) for p in phases), sum(math.cos(p * turn) for p in phases)) / turn
