"""Finder patterns: the three large squares of a QR code, found in a few milliseconds.

A line through the middle of one, at any angle, crosses dark, light, dark, light, dark in the ratio 1:1:3:1:1
(ISO/IEC 18004, section 6.3.3). Every third row is looked at, then the column through each place that fits, then
the whole pattern. This tells where a code is that no engine reads: a further one on the page, or one cut off.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import hypot
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from mfatools.qr.engines import Grey

Area = tuple[float, float, float, float]  # left, top, right, bottom
_LEAST_MODULE = 1.4  # pixels
_LEAST_SIDE = 10  # pixels
_COMPARED = 16  # patterns, with each other
_LEAST_LEG = 13  # modules between two middles; the smallest code has 14
_BLOCK = 14  # pixels; the mean of 3 x 3 of them parts dark from light
_MAYBE = 0.4  # correlation of the whole pattern at the place told
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


def finders(grey: Grey, known: Sequence[Area] = (), step: int = 3) -> list[Finder]:
    """All finder patterns of a picture, each once: small ones in full size, larger ones in every third pixel.

    Args:
        grey: the picture.
        known: areas (left, top, right, bottom) that are left out.
        step: every how many rows are looked at: 3 finds modules of 2 pixels, 6 those of 3.
    """
    found: list[Finder] = []
    for factor in (1, 3, 9) if step < 6 else (1, 3):
        part = np.ascontiguousarray(grey[::factor, ::factor])
        if min(part.shape) > _LEAST_SIDE:
            every = max(step, len(part) // 700) if factor == 1 else max(1, step // 3)
            areas = [tuple(edge / factor for edge in area) for area in known]
            found += (one.enlarged(factor) for one in _of_size(part, every, areas))
    sure = _likely(grey, found[:_SOME])
    return [one for index, one in enumerate(sure) if not any(one.is_at(other) for other in sure[:index])]


def triples(seen: Sequence[Finder]) -> Iterator[tuple[Finder, Finder, Finder]]:
    """Every three that stand as in one code: the corner first, then two at a right angle and as far away."""
    for corner in seen[:_COMPARED]:
        others = [one for one in seen[:_COMPARED] if one is not corner and corner.like(one)]
        for one, two in combinations(others, 2):
            a, b = (one.x - corner.x, one.y - corner.y), (two.x - corner.x, two.y - corner.y)
            short, long = sorted((hypot(*a), hypot(*b)))
            square = abs(a[0] * b[0] + a[1] * b[1]) < 0.3 * short * long
            if square and long < 1.3 * short and short > _LEAST_LEG * corner.module:
                yield corner, one, two


def _of_size(grey: Grey, step: int, known: Sequence[tuple[float, ...]]) -> list[Finder]:
    """Patterns with modules of 1.4 to 5 pixels; the mean around a larger one is that of its own middle."""
    rows = np.ascontiguousarray(grey[::step])
    level = _levels(rows, step)
    x, row, module, inverted = _in_rows(rows < level)
    new = np.ones(len(x), bool)
    for left, top, right, bottom in known:
        new &= (x < left) | (x > right) | (step * row < top) | (step * row > bottom)
    x, row, module, inverted = x[new], row[new], module[new], inverted[new]
    if len(x) == 0:
        return []
    y, keep = _in_columns(grey, x, row * step, module, inverted, level[row, x.astype(np.intp)])
    return _each_once(x[keep], y[keep], module[keep], inverted[keep], step)


def _levels(rows: Grey, step: int) -> Grey:
    """What is dark, by the mean of 3 x 3 blocks around: just below it, so that flat parts are light."""
    high, wide = max(1, _BLOCK // step), _BLOCK
    means = Image.fromarray(rows).reduce((wide, high)).filter(ImageFilter.BoxBlur(1))
    levels = np.maximum(np.asarray(means), _MARGIN) - np.uint8(_MARGIN)
    return np.asarray(levels.repeat(wide, axis=1)[:, : rows.shape[1]].repeat(high, axis=0)[: len(rows)])


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
    level: Grey,
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


def _likely(grey: Grey, found: list[Finder]) -> list[Finder]:
    """Those that look like the whole pattern: first all at their places, then the better ones around them."""
    if not found:
        return []
    maybe = [one for one, like in zip(found, _likeness(grey, found, _NEAR[4:5]), strict=True) if like > _MAYBE]
    sure = [_likeness(grey, [one], _NEAR)[0] > _SURE for one in maybe]
    return [one for one, is_sure in zip(maybe, sure, strict=True) if is_sure]


def _likeness(grey: Grey, found: list[Finder], near: NDArray[np.float32]) -> NDArray[Any]:
    """The best correlation of each with the whole pattern among some angles and some places nearby."""
    middles = np.array([(one.x, one.y) for one in found], np.float32)
    modules = np.array([one.module for one in found], np.float32)
    signs = np.array([-1.0 if one.inverted else 1.0 for one in found])
    offsets = (near[:, None, None] + _PLACES).reshape(-1, 49, 2)
    places = middles[:, None, None] + modules[:, None, None, None] * offsets
    across = np.rint(places[..., 0]).clip(0, grey.shape[1] - 1).astype(np.intp)
    down = np.rint(places[..., 1]).clip(0, grey.shape[0] - 1).astype(np.intp)
    seen = grey[down, across].astype(np.float32)
    match = (seen * _PATTERN).mean(axis=-1) / (seen.std(axis=-1) + 1)
    return np.asarray((signs[:, None] * match).max(axis=1))


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
                    float(x[near].mean()),
                    float(y[near].mean()),
                    float(module[near].mean()),
                    bool(inverted[index]),
                )
            )
    return found
