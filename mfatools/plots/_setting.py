"""What the sliders of the windows explorer say, and what follows from it: numbers and words, no drawing."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from mfatools import windows as geometry
from mfatools.plots._style import percent
from mfatools.plots._windows import _Scene, _verdict, _words

READ = 1_768_471_200.0  # 2026-01-15 10:00:00 UTC, the beginning of a step of 15, 30 and 60 s


@dataclass(frozen=True, slots=True)
class Setting:
    """What the sliders say. Offsets are a clock minus true time; times in seconds, windows in steps.

    ``read_at`` is how far into the step, by true time, the code is read; ``typing`` how long it takes to arrive.
    """

    phone: float = -42.0
    service: float = 0.0
    typing: float = 10.0
    behind: int = 1
    ahead: int = 1
    step: int = 30
    read_at: float = 12.0

    @property
    def scene(self) -> _Scene:
        """The moments and windows that belong to this setting."""
        now, step = READ + self.read_at, float(self.step)
        number = math.floor((now + self.phone) / step)
        code = geometry.shown(number, offset=self.phone, step=step)
        taken = geometry.accepted(number, offset=self.service, behind=self.behind, ahead=self.ahead, step=step)
        offsets = (self.phone, 0.0, self.service)
        return _Scene(now, now + self.typing, offsets, step, 0, self.behind, self.ahead, code, taken)

    @property
    def taken(self) -> bool:
        """The service takes the code when it arrives."""
        return self.scene.taken

    @property
    def verdict(self) -> str:
        """What becomes of the code, in a sentence."""
        return _verdict(self.scene)

    @property
    def chance(self) -> float:
        """Probability that a right code is refused, read at any moment of its step and typed as fast as here."""
        return geometry.refusal(
            self.phone - self.service,
            step=float(self.step),
            behind=self.behind,
            ahead=self.ahead,
            typing_median=self.typing,
        )

    @property
    def words(self) -> str:
        """The picture for those who cannot see it."""
        return f"{_words(self.scene)} Over many sign-ins {percent(self.chance)} of right codes are refused."


@lru_cache(maxsize=64)
def curve(step: int, behind: int, ahead: int, typing: float, reach: float) -> tuple[Any, Any]:
    """Refusal against offset: two arrays, seconds from ``-reach`` to ``reach`` and probabilities."""
    offsets = np.linspace(-reach, reach, 141)
    share = [
        geometry.refusal(float(x), step=float(step), behind=behind, ahead=ahead, typing_median=typing)
        for x in offsets
    ]
    return offsets, np.array(share)
