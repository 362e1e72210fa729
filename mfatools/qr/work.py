"""One picture being read: what was found, what time is left, and how a try is made."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from mfatools.qr.engines import Corners, Engine, Grey, Hit
from mfatools.qr.load import Frame
from mfatools.qr.prepare import Step
from mfatools.qr.result import Found

_NS_A_PIXEL = 40.0  # what one try costs on a usual machine; only to leave out what cannot end in time
_SHARE = 0.85  # of the budget, after which nothing is begun: the last try and the advice take time too
_ENOUGH_OF_PICTURE = 1 / 16  # a code that fills so much of the picture is what the picture is about
_USUAL_NS = 6.0  # the same for the first try


@dataclass(frozen=True, slots=True)
class Place:
    """A part of a frame that is read: where it lies, and which picture and frame it belongs to."""

    grey: Grey = field(repr=False)
    frame: Frame = field(repr=False)
    source: int = 0
    number: int = 0
    left: int = 0
    top: int = 0

    def upright(self, corners: Corners, step: Step) -> Corners:
        """Corners in the prepared array as pixels of the upright picture."""
        size = self.frame.scale
        return tuple(
            (
                size * ((x - step.border) / step.scale + self.left),
                size * ((y - step.border) / step.scale + self.top),
            )
            for x, y in corners
        )


@dataclass(slots=True)
class Work:
    """The engines, the time left and what was found so far.

    ``broken`` holds codes that an engine saw and could not decode, in pixels of the upright picture; ``mended`` the
    places that had a second look; ``area`` is the picture's, in pixels.
    """

    engines: Sequence[Engine]
    budget: float
    stop: Callable[[], bool] | None
    monotonic: Callable[[], float]
    found: list[Found] = field(default_factory=list)
    broken: list[Hit] = field(default_factory=list)
    mended: list[tuple[Corners, int]] = field(default_factory=list)
    area: float = 0.0
    begun: float = 0.0
    slowness: float = 1.0

    def __post_init__(self) -> None:
        self.begun = self.monotonic()

    def elapsed(self) -> float:
        """Seconds since the reading of this picture began."""
        return self.monotonic() - self.begun

    def time_for(self, pixels: float = 0) -> bool:
        """Whether a try on so many pixels can be begun."""
        if self.stop is not None and self.stop():
            return False
        return self.elapsed() + pixels * _NS_A_PIXEL * 1e-9 * self.slowness < _SHARE * self.budget

    def measure(self, seconds: float, pixels: int) -> None:
        """Learn from the first try how slow this machine is now."""
        self.slowness = min(6.0, max(1.0, 1e9 * seconds / max(pixels, 500_000) / _USUAL_NS))

    @property
    def done(self) -> bool:
        """Whether an account was found."""
        return any(found.is_account for found in self.found)

    @property
    def settled(self) -> bool:
        """Whether an account was found, or another code that fills a good part of the picture."""
        return self.done or any(_box_area(found.corners) > _ENOUGH_OF_PICTURE * self.area for found in self.found)

    def first_times(self, corners: Corners, version: int, times: int) -> bool:
        """Whether a code at this place had fewer than so many second looks; counts this one."""
        before = sum(version == v and _same_place(corners, other) for other, v in self.mended)
        self.mended.append((corners, version))
        return before < times

    def attempt(self, step: Step, place: Place) -> tuple[Grey, list[Hit]]:
        """Prepare and let each reader of the step have a look.

        Returns:
            the prepared array, and the codes in it that were seen but could not be decoded (in its pixels).
        """
        prepared = step.prepare(place.grey)
        broken: list[Hit] = []
        for turn, (engine, reader) in enumerate(self._readers(step)):
            if turn and not self.time_for():
                break
            for hit in reader(prepared):
                if hit.broken:
                    broken.append(hit)
                    self.broken.append(Hit(b"", "", place.upright(hit.corners, step), True, hit.version))
                else:
                    self.add(hit, place.upright(hit.corners, step), engine, step.name, place)
        return prepared, broken

    def _readers(self, step: Step) -> Iterator[tuple[str, Callable[[Grey], list[Hit]]]]:
        """The step's readers that are there; when none is, every engine reads (so one alone tries everything)."""
        there = {engine.name: engine for engine in self.engines}
        asked = [reader.partition("/") for reader in step.readers if reader.partition("/")[0] in there]
        for name, _, way in asked:
            if not way:
                yield name, there[name].read
            elif way in there[name].binarizers:
                yield f"{name}", there[name].binarizers[way]
        if not asked:
            yield from ((engine.name, engine.read) for engine in self.engines)

    def add(self, hit: Hit, corners: Corners, engine: str, preparation: str, place: Place) -> None:
        """Keep a code unless it is there already (the same text, or the same place)."""
        for known in self.found:
            if known.text == hit.text or (known.frame == place.number and _same_place(known.corners, corners)):
                return
        elapsed = 1e3 * self.elapsed()
        self.found.append(
            Found(hit.text, hit.raw, corners, engine, preparation, elapsed, place.source, place.number)
        )


def _box_area(corners: Corners) -> float:
    return float(np.ptp(np.array(corners), axis=0).prod()) if corners else 0.0


def _same_place(a: Corners, b: Corners) -> bool:
    """Whether the middle of one lies well inside the other."""
    if len(a) != 4 or len(b) != 4:
        return False
    one, two = np.array(a), np.array(b)
    side = max(np.ptp(one, axis=0).max(), np.ptp(two, axis=0).max())
    return bool(np.abs(one.mean(axis=0) - two.mean(axis=0)).max() < 0.25 * side)


def same_place(a: Hit | Found, b: Hit | Found) -> bool:
    """Whether two codes lie at the same place."""
    return _same_place(a.corners, b.corners)
