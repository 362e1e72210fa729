"""What the sliders of the windows explorer say, and what follows: numbers and words for the page to draw."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from mfatools import scene as scenes
from mfatools import windows as geometry
from mfatools.phrases import fast_or_slow, percent
from mfatools.scene import LANES, Scene
from mfatools.secret import Secret
from mfatools.totp import Totp

READ = 1_768_471_200.0  # 2026-01-15 10:00:00 UTC, the beginning of a step of 15, 30 and 60 s
_LESSON = Totp(Secret(b"12345678901234567890"))  # the test key that RFC 6238 prints: its codes may be seen
_POINTS = 121  # of the curve
_GRAIN = 60.0  # s: the scale of the curve changes in leaps, so that it rests while a slider moves


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
    def scene(self) -> Scene:
        """The moments and windows that belong to this setting."""
        return scenes.scene(
            READ + self.read_at,
            phone=self.phone,
            service=self.service,
            behind=self.behind,
            ahead=self.ahead,
            step=self.step,
            typing=self.typing,
        )

    @property
    def taken(self) -> bool:
        """The service takes the code when it arrives."""
        return self.scene.taken

    @property
    def verdict(self) -> str:
        """What becomes of the code, in a sentence."""
        return self.scene.verdict

    @property
    def chance(self) -> float:
        """Probability that a right code is refused, read at any moment of its step and typed as fast as here."""
        return geometry.refusal(
            self.phone - self.service,
            step=self.step,
            behind=self.behind,
            ahead=self.ahead,
            typing_median=self.typing,
        )

    @property
    def words(self) -> str:
        """The picture for those who cannot see it."""
        return (
            f"{self.scene.words} Read at any moment, a right code is refused in {percent(self.chance)} of sign-ins."
        )

    def picture(self) -> dict[str, Any]:
        """All that the page draws. Times are seconds from the moment of reading.

        ``lanes`` hold each clock's code windows as start, code and whether it is the code that was read;
        ``odds`` is the curve of refusals against phone minus service, from ``-reach`` to ``reach``.
        """
        seen = self.scene
        low, high = _span(seen)
        lanes = [
            {
                "name": name,
                "said": "" if name == "true time" else fast_or_slow(offset),
                "windows": _windows(seen, offset, low, high),
            }
            for name, offset in zip(LANES, seen.offsets, strict=True)
        ]
        return {
            "step": self.step,
            "span": [low, high],
            "lanes": lanes,
            "accepted": [seen.accepted.start - seen.now, seen.accepted.end - seen.now],
            "arrives": self.typing,
            "taken": seen.taken,
            "odds": self._odds(),
        }

    def _odds(self) -> dict[str, Any]:
        apart, chance = self.phone - self.service, self.chance
        widest = max(1.6 * (max(self.behind, self.ahead) + 1) * self.step, abs(apart) + 15, 120)
        reach = _GRAIN * math.ceil(widest / _GRAIN)
        shares = curve(self.step, self.behind, self.ahead, self.typing, reach)
        return {"reach": reach, "shares": shares, "apart": apart, "chance": chance, "said": often(chance)}


def often(chance: float) -> str:
    """How often a right code is refused; nobody cares about thousandths of a percent."""
    return "under 0.01%" if 0 < chance < 0.0001 else percent(chance)


def _span(seen: Scene) -> tuple[float, float]:
    """From when to when the page looks: grown in whole steps, so that it rests while a slider moves a little."""
    low, high = (t - seen.now for t in seen.span)
    step = seen.step
    return min(-3 * step, step * math.floor(low / step)), max(2 * step, step * math.ceil(high / step))


def _windows(seen: Scene, offset: float, low: float, high: float) -> list[tuple[float, str, bool]]:
    windows = geometry.timeline(seen.now + low, seen.now + high, offset=offset, step=seen.step)
    return [(w.start - seen.now, _code(w.counter), w.counter == seen.code.counter) for w in windows]


@lru_cache(maxsize=4096)
def _code(counter: int) -> str:
    return _LESSON.code_of(counter)


@lru_cache(maxsize=64)
def curve(step: int, behind: int, ahead: int, typing: float, reach: float) -> tuple[float, ...]:
    """Refusal, 0 to 1, at evenly spaced offsets (phone minus service) from ``-reach`` to ``reach`` seconds."""
    offsets = (reach * (2 * place / (_POINTS - 1) - 1) for place in range(_POINTS))
    return tuple(
        round(geometry.refusal(x, step=step, behind=behind, ahead=ahead, typing_median=typing), 4) for x in offsets
    )
