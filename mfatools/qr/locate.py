"""Where the corners of a code may be when no engine sees one.

In a screenshot it stands upright, in a box. At any angle two of its three finder patterns are enough: engines need
all three, and a finger, a sticker or a torn corner takes away one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations, product

import numpy as np
from numpy.typing import NDArray

from mfatools.qr.engines import Corners, Grey
from mfatools.qr.finders import Finder
from mfatools.qr.grid import fit_of
from mfatools.qr.symbol import side_of

_LARGEST_VERSION = 25  # 117 modules: more than any otpauth URI needs
_LEAST_FIT_OF_TWO = 0.4  # the same where the two patterns, which are there for sure, count in
_COMPARED = 6  # finder patterns, with each other
_LEAST_FIT = 0.25  # correlation before the corners are fitted


@dataclass(frozen=True, slots=True)
class Guess:
    """A code that may stand upright in a part of a picture; ``inverted``: light on dark."""

    fit: float
    version: int
    corners: Corners
    inverted: bool


def guesses(grey: Grey, most: int = 3, go_on: Callable[[], bool] = lambda: True) -> list[Guess]:
    """The codes that fit best into a part of a picture, best first, if any fits at all.

    On a dark ground there are two ways: a light code on dark, or a usual one without its quiet zone, whose outer
    modules are lost in the ground: then the light block is a module smaller on some sides than the code.
    """
    picture = grey.astype(np.float32)
    ranked = []
    boxes = dict.fromkeys(box for alone in (False, True) if (box := upright_box(grey, alone=alone)))
    for version, (corners, dark) in product(range(1, _LARGEST_VERSION + 1), boxes):
        if not go_on():
            break
        turned = 255 - picture if dark else picture
        ranked.append(Guess(fit_of(turned, corners, version), version, corners, dark))
        if dark:
            for wider in _wider(corners, side_of(version)):
                ranked.append(Guess(fit_of(picture, wider, version), version, wider, False))
    ranked.sort(key=lambda guess: -guess.fit)
    return [guess for guess in ranked[:most] if guess.fit > _LEAST_FIT]


def from_two(
    grey: Grey, seen: Sequence[Finder], most: int = 3, go_on: Callable[[], bool] = lambda: True
) -> list[Guess]:
    """The codes that fit best to two finder patterns, best first: beside each other, or across the middle."""
    picture = grey.astype(np.float32)
    ranked = []
    for one, two in permutations(seen[:_COMPARED], 2):
        if not one.like(two) or not go_on():
            continue
        turned = 255 - picture if one.inverted else picture
        for version, corners in _on_two(one, two):
            ranked.append(Guess(fit_of(turned, corners, version), version, corners, one.inverted))
    ranked.sort(key=lambda guess: -guess.fit)
    return [guess for guess in ranked[:most] if guess.fit > _LEAST_FIT_OF_TWO]


def _on_two(one: Finder, two: Finder) -> Iterator[tuple[int, Corners]]:
    """(version, corners) of the codes with ``one`` and ``two`` as top left and top right, or as top left and bottom
    left, or as top right and bottom left. Places are complex numbers here: times i is a quarter turn."""
    start, away = complex(one.x, one.y), complex(two.x - one.x, two.y - one.y)
    for across, (column, row) in ((1, (0, 0)), (1j, (0, 0)), (1j - 1, (1, 0))):
        axis = away / across  # along the upper edge, from the middle of a pattern to the middle of the next
        turn = axis / abs(axis)
        module = (one.module + two.module) / 2 * max(abs(turn.real), abs(turn.imag))
        near = round((abs(axis) / module - 10) / 4)
        for version in range(max(1, near - 1), min(_LARGEST_VERSION, near + 1) + 1):
            side = side_of(version)
            unit = axis / (side - 7)
            left_top = start - unit * (column * (side - 7) + 3.5) - 1j * unit * (row * (side - 7) + 3.5)
            places = (left_top + unit * side * (x + 1j * y) for x, y in ((0, 0), (1, 0), (1, 1), (0, 1)))
            yield version, tuple((place.real, place.imag) for place in places)


def _wider(corners: Corners, side: int) -> Iterator[Corners]:
    """The square with the outermost row or column of modules added on some of its sides."""
    (left, top), _, (right, bottom), _ = corners
    for more in product((0, 1), repeat=4):
        x = (right - left) / (side - more[0] - more[2])
        y = (bottom - top) / (side - more[1] - more[3])
        west, north, east, south = left - x * more[0], top - y * more[1], right + x * more[2], bottom + y * more[3]
        yield ((west, north), (east, north), (east, south), (west, south))


def upright_box(grey: Grey, *, alone: bool = False) -> tuple[Corners, bool] | None:
    """(corners of the square block of dark modules in a part of a picture, whether it is light on dark).

    The block is what stands out from the ground in enough rows and columns; ``alone``: without what stands apart
    from it, such as lines of text. ``None`` when it is not about square.
    """
    step = max(1, int((grey.size / 250_000) ** 0.5))
    low, high = np.percentile(grey[::step, ::step], (2, 98))
    if high - low < 12:
        return None
    rim = np.concatenate([grey[:2].ravel(), grey[-2:].ravel(), grey[:, :2].ravel(), grey[:, -2:].ravel()])
    inverted = bool(np.median(rim) < (low + high) / 2)
    sign = 1 if inverted else -1
    ground = low if inverted else high
    away = sign * (grey.astype(np.float32) - ground)
    box = [0.0, float(grey.shape[1]), 0.0, float(grey.shape[0])]
    if alone:
        for axis in (1, 0, 1, 0):
            box = _tighter(away, box, axis)
    else:
        box = [*_extent(away.mean(axis=0)), *_extent(away.mean(axis=1))]
    left, right, top, bottom = box
    width, height = right - left, bottom - top
    if min(width, height) < 18 or max(width, height) > 1.35 * min(width, height):
        return None
    return ((left, top), (right, top), (right, bottom), (left, bottom)), inverted


def _tighter(away: NDArray[np.float32], box: list[float], axis: int) -> list[float]:
    """The box (left, right, top, bottom) with its columns (axis 0) or rows looked for again inside the others."""
    left, right, top, bottom = (round(edge) for edge in box)
    part = away[top:bottom, :] if axis == 0 else away[:, left:right]
    if part.size == 0:
        return [0.0] * 4
    low, high = _extent(part.mean(axis=axis), alone=True)
    return [low, high, *box[2:]] if axis == 0 else [*box[:2], low, high]


def _extent(profile: NDArray[np.float32], *, alone: bool = False) -> tuple[float, float]:
    """Where a profile (``alone``: the longest part of it) first and last passes half of its usual height."""
    usual = float(np.percentile(profile, 75))
    line = usual / 2
    above = np.nonzero(profile > line)[0]
    if len(above) == 0 or usual <= 0:
        return 0.0, 0.0
    gaps = np.flatnonzero(np.diff(above) > max(2, len(profile) // 50)) if alone else np.zeros(0, np.intp)
    parts = zip([0, *(gaps + 1)], [*gaps, len(above) - 1], strict=True)
    first, last = max(((int(above[a]), int(above[b])) for a, b in parts), key=lambda part: part[1] - part[0])
    return _crossing(profile, first, first - 1, line), _crossing(profile, last, last + 1, line)


def _crossing(profile: NDArray[np.float32], inside: int, outside: int, line: float) -> float:
    """The edge between two samples, in pixels (a sample's middle is at + 0.5)."""
    if not 0 <= outside < len(profile):
        return float(max(inside, outside))
    part = float((profile[inside] - line) / (profile[inside] - profile[outside] + 1e-9))
    return inside + 0.5 + (outside - inside) * min(1.0, max(0.0, part))
