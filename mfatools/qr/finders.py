"""Finder patterns: the three large squares of a QR code, found in a few milliseconds.

A line through the middle of one, at any angle, crosses dark, light, dark, light, dark in the ratio 1:1:3:1:1
(ISO/IEC 18004, section 6.3.3). Every third row is looked at, then the column through each place that fits, then
the whole pattern. This tells where a code is that no engine reads: a further one on the page, or one cut off.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from mfatools.qr.engines import Grey

_STEP = 3  # rows; the middle of a pattern is 3 modules high
_LEAST_MODULE = 1.4  # pixels
_LEAST_SIDE = 10  # pixels
_REACH = 18  # pixels to each side whose mean parts dark from light
_MARGIN = 4  # levels of grey from the mean of the surroundings
_MOST = 4000  # places looked at; noise has more
_SHIFTS = np.array([-1.2, -0.6, 0.0, 0.6, 1.2])  # modules from the row looked at to the middle
_ACROSS = np.array([-3.0, -2.0, -0.8, 0.8, 2.0, 3.0])  # modules from the middle, and what is there: dark or light
_DARK = np.array([True, False, True, True, False, True])
_SURE = 0.75  # correlation of the whole pattern
_SOME = 200  # patterns looked at as a whole


def _rotated() -> NDArray[np.float32]:
    """Where the 49 modules lie, turned by 0 to 75 degrees, in modules as a row across measures them."""
    square = np.stack(np.meshgrid(np.arange(-3, 4), np.arange(-3, 4)), axis=-1).reshape(49, 2)
    turned = []
    for angle in np.radians([0, 15, 30, 45, 60, 75]):
        cos, sin = np.cos(angle), np.sin(angle)
        turned.append(max(cos, sin) * square @ np.array([[cos, sin], [-sin, cos]]))
    return np.array(turned, np.float32)


_PLACES = _rotated()
_NEAR = np.array([(x, y) for y in (-0.4, 0.0, 0.4) for x in (-0.4, 0.0, 0.4)], np.float32)
_DISTANCE = np.abs(np.mgrid[-3:4, -3:4]).max(axis=0).ravel()
_PATTERN = np.where(_DISTANCE == 2, 1.0, -1.0)  # 1: light
_PATTERN = (_PATTERN - _PATTERN.mean()) / _PATTERN.std()


@dataclass(frozen=True, slots=True)
class Finder:
    """One pattern: its middle and the width of a module in pixels; ``inverted``: light on dark."""

    x: float
    y: float
    module: float
    inverted: bool

    def like(self, other: Finder) -> bool:
        """Whether both may be of one code: about as large, of the same colour."""
        ratio = self.module / other.module
        return self.inverted == other.inverted and 0.7 < ratio < 1.43

    def is_at(self, other: Finder) -> bool:
        """Whether the middle of one lies well inside the other."""
        return max(abs(self.x - other.x), abs(self.y - other.y)) < 2.5 * max(self.module, other.module)

    def enlarged(self, factor: int) -> Finder:
        """The same in a picture ``factor`` times as large."""
        middle = (factor - 1) / 2
        return Finder(factor * self.x + middle, factor * self.y + middle, factor * self.module, self.inverted)


def finders(grey: Grey) -> list[Finder]:
    """All finder patterns of a picture, each once: small ones in full size, larger ones in every third pixel."""
    found: list[Finder] = []
    for factor in (1, 3, 9):
        part = np.ascontiguousarray(grey[::factor, ::factor])
        if min(part.shape) > _LEAST_SIDE:
            found += (
                one.enlarged(factor) for one in _of_size(part, max(_STEP, len(part) // 700) if factor == 1 else 1)
            )
    sure = [one for one, score in zip(found[:_SOME], _likeness(grey, found[:_SOME]), strict=True) if score > _SURE]
    return [one for index, one in enumerate(sure) if not any(one.is_at(other) for other in sure[:index])]


def _of_size(grey: Grey, step: int) -> list[Finder]:
    """Patterns with modules of 1.4 to 5 pixels; the mean around a larger one is that of its own middle."""
    rows = np.ascontiguousarray(grey[::step])
    mean = np.asarray(Image.fromarray(rows).filter(ImageFilter.BoxBlur((_REACH, _REACH / step))))
    dark = rows < np.maximum(mean, _MARGIN) - _MARGIN
    x, row, module, inverted = _in_rows(dark)
    level = mean[row, x.astype(np.intp)].astype(np.float32)
    y, keep = _in_columns(grey, x, row * step, module, inverted, level)
    return _each_once(x[keep], y[keep], module[keep], inverted[keep], step)


def _in_rows(dark: NDArray[np.bool_]) -> tuple[NDArray[Any], ...]:
    """(x of the middle, row, module, inverted) wherever five runs of a row are in the ratio 1:1:3:1:1."""
    width, flat = dark.shape[1], dark.ravel()
    ends = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    if len(ends) < 6:
        return np.zeros(0), np.zeros(0, np.intp), np.zeros(0), np.zeros(0, bool)
    runs = np.diff(ends).astype(np.float32)
    first, last = ends[:-5], ends[5:]
    module = (last - first).astype(np.float32) / 7
    fits = (first // width == last // width) & (module >= _LEAST_MODULE)
    for place, wanted in enumerate((1, 1, 3, 1, 1)):
        here = runs[place : place + len(module)]
        fits &= np.abs(here - wanted * module) < (0.5 if wanted == 1 else 0.9) * module + 0.6
    good = np.flatnonzero(fits)
    good = good[:: max(1, len(good) // _MOST)]
    middle = (first[good] + last[good]) / 2
    row = first[good] // width
    return middle - row * width, row, module[good], ~flat[first[good]]


def _in_columns(
    grey: Grey,
    x: NDArray[Any],
    y: NDArray[Any],
    module: NDArray[Any],
    inverted: NDArray[np.bool_],
    level: NDArray[np.float32],
) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """(y of the middle, whether the column through it is dark and light where it should be)."""
    middles = y[:, None] + module[:, None] * _SHIFTS
    places = middles[:, :, None] + module[:, None, None] * _ACROSS
    inside = ((places >= 0) & (places <= grey.shape[0] - 1)).all(axis=2)
    down = np.rint(places).clip(0, grey.shape[0] - 1).astype(np.intp)
    seen = grey[down, x.astype(np.intp)[:, None, None]] < level[:, None, None]
    fits = ((seen ^ inverted[:, None, None]) == _DARK).all(axis=2) & inside
    counts = fits.sum(axis=1)
    return (middles * fits).sum(axis=1) / np.maximum(counts, 1), counts > 0


def _likeness(grey: Grey, found: list[Finder]) -> list[float]:
    """How well each looks like the whole pattern: the best correlation among some angles and places."""
    scores = []
    for one in found:
        places = one.module * (_NEAR[:, None, None] + _PLACES) + np.array([one.x, one.y], np.float32)
        across = np.rint(places[..., 0]).clip(0, grey.shape[1] - 1).astype(np.intp)
        down = np.rint(places[..., 1]).clip(0, grey.shape[0] - 1).astype(np.intp)
        seen = grey[down, across].astype(np.float32)
        match = (seen * _PATTERN).mean(axis=-1) / (seen.std(axis=-1) + 1)
        scores.append(float((-match if one.inverted else match).max()))
    return scores


def _each_once(
    x: NDArray[Any], y: NDArray[Any], module: NDArray[Any], inverted: NDArray[np.bool_], step: int
) -> list[Finder]:
    """Neighbouring places as one pattern; a large one must have been seen in several rows."""
    rest, found = np.ones(len(x), bool), []
    for index in np.argsort(-module):
        if not rest[index]:
            continue
        near = np.maximum(np.abs(x - x[index]), np.abs(y - y[index])) < 2.5 * module[index]
        near &= rest & (inverted == inverted[index])
        rest &= ~near
        if near.sum() >= min(3, int(1.5 * module[index] / step) + 1):
            found.append(
                Finder(
                    float(np.median(x[near])),
                    float(np.median(y[near])),
                    float(np.median(module[near])),
                    bool(inverted[index]),
                )
            )
    return found
