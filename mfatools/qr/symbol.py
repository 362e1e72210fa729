"""The layout of a QR symbol: which modules are fixed, where its codewords lie and how they are split into blocks.

Rules from ISO/IEC 18004:2015 (sections 6.3, 7.5-7.10); its tables come from segno's constants.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from segno import consts

Modules = NDArray[np.bool_]  # side x side, true is dark
_FORMAT_BITS = 15
_TABLE: Any = consts.ECC  # version -> level -> (how many blocks, their size, their data)


def side_of(version: int) -> int:
    """Modules a side."""
    return 17 + 4 * version


@dataclass(frozen=True, slots=True)
class Layout:
    """Of one version: what is fixed and where the data goes.

    Attributes:
        fixed: modules that are not data (side x side).
        known: of those, the ones whose colour is known: finders, separators, timing, alignment, dark module.
        pattern: the colour of the known ones, true is dark.
        path: (row, column) of every data bit in the order of the message.
        formats: two copies of the format bits, each 15 (row, column), most significant bit first.
    """

    version: int
    fixed: Modules
    known: Modules
    pattern: Modules
    path: NDArray[np.intp]
    formats: NDArray[np.intp]


@lru_cache(maxsize=48)
def layout(version: int) -> Layout:
    """The layout of version 1 to 40."""
    side = side_of(version)
    known, pattern = np.zeros((side, side), bool), np.zeros((side, side), bool)
    _finders(known, pattern)
    _alignments(version, known, pattern)
    _timing(known, pattern)
    known[side - 8, 8] = pattern[side - 8, 8] = True
    formats = _format_places(side)
    fixed = known.copy()
    fixed[tuple(formats.reshape(-1, 2).T)] = True
    if version >= 7:
        fixed[:6, side - 11 : side - 8] = fixed[side - 11 : side - 8, :6] = True
    return Layout(version, fixed, known, pattern, _path(fixed), formats)


def _finders(known: Modules, pattern: Modules) -> None:
    """7 x 7 rings with a light separator around them, in three corners."""
    side = len(known)
    ring = np.maximum(*np.abs(np.mgrid[-4:5, -4:5]))  # 9 x 9, distance from the middle
    dark = (ring <= 1) | (ring == 3)
    for top, left in ((-1, -1), (-1, side - 8), (side - 8, -1)):
        rows, columns = np.arange(top, top + 9), np.arange(left, left + 9)
        inside = np.ix_((rows >= 0) & (rows < side), (columns >= 0) & (columns < side))
        at = np.ix_(rows[(rows >= 0) & (rows < side)], columns[(columns >= 0) & (columns < side)])
        known[at] = True
        pattern[at] = dark[inside]


def _alignments(version: int, known: Modules, pattern: Modules) -> None:
    """5 x 5 rings wherever no finder is."""
    if version < 2:
        return
    places = consts.ALIGNMENT_POS[version - 2]
    ring = np.maximum(*np.abs(np.mgrid[-2:3, -2:3]))
    for row in places:
        for column in places:
            if not known[row, column]:
                at = np.s_[row - 2 : row + 3, column - 2 : column + 3]
                known[at], pattern[at] = True, ring != 1


def _timing(known: Modules, pattern: Modules) -> None:
    side = len(known)
    line = np.arange(8, side - 8)
    known[6, line] = known[line, 6] = True
    pattern[6, line] = pattern[line, 6] = line % 2 == 0


def _format_places(side: int) -> NDArray[np.intp]:
    first = [(8, c) for c in (0, 1, 2, 3, 4, 5, 7, 8)] + [(r, 8) for r in (7, 5, 4, 3, 2, 1, 0)]
    second = [(side - 1 - i, 8) for i in range(7)] + [(8, side - 8 + i) for i in range(8)]
    return np.array([first, second])


def _path(fixed: Modules) -> NDArray[np.intp]:
    """Two columns at a time from the right, up and down in turn, leaving out the vertical timing line."""
    side, places, upward = len(fixed), [], True
    for right in (*range(side - 1, 6, -2), 5, 3, 1):
        for row in range(side - 1, -1, -1) if upward else range(side):
            places += [(row, column) for column in (right, right - 1) if not fixed[row, column]]
        upward = not upward
    return np.array(places)


_MASKS: tuple[Callable[[NDArray[np.intp], NDArray[np.intp]], NDArray[np.intp]], ...] = (
    lambda i, j: (i + j) % 2,
    lambda i, _: i % 2,
    lambda _, j: j % 3,
    lambda i, j: (i + j) % 3,
    lambda i, j: (i // 2 + j // 3) % 2,
    lambda i, j: i * j % 2 + i * j % 3,
    lambda i, j: (i * j % 2 + i * j % 3) % 2,
    lambda i, j: ((i + j) % 2 + i * j % 3) % 2,
)


def mask(number: int, path: NDArray[np.intp]) -> Modules:
    """Which data bits mask ``number`` (0 to 7) turns over, along the path."""
    return np.asarray(_MASKS[number](path[:, 0], path[:, 1]) == 0)


def formats_by_likelihood(soft: NDArray[np.floating[Any]], at: NDArray[np.intp]) -> list[tuple[float, int, int]]:
    """(how well it fits, level, mask) for all 32, best first. ``soft`` is above 0 where a module is dark."""
    seen = np.tanh(soft[at[..., 0], at[..., 1]])
    ranked = []
    for number, bits in enumerate(consts.FORMAT_INFO):
        signs = np.array([1 if bits >> (_FORMAT_BITS - 1 - i) & 1 else -1 for i in range(_FORMAT_BITS)])
        ranked.append((float((seen * signs).sum()), number >> 3, number & 7))
    return sorted(ranked, reverse=True)


def format_bits(level: int, number: int) -> NDArray[np.bool_]:
    """The 15 format bits of a mask and a level (0 M, 1 L, 2 H, 3 Q), most significant first."""
    bits = consts.FORMAT_INFO[level << 3 | number]
    return np.array([bool(bits >> (_FORMAT_BITS - 1 - i) & 1) for i in range(_FORMAT_BITS)])


@dataclass(frozen=True, slots=True)
class Block:
    """One error correction block: the places of its codewords in the message, and how many of them are data."""

    places: NDArray[np.intp]
    data: int


@lru_cache(maxsize=160)
def blocks(version: int, level: int) -> tuple[Block, ...]:
    """The blocks of a version and level, untangled (section 7.6: data codewords in turn, then the checks)."""
    sizes = [(info.num_total, info.num_data) for info in _TABLE[version][level] for _ in range(info.num_blocks)]
    places: list[list[int]] = [[] for _ in sizes]
    position = 0
    for turn in range(max(data for _, data in sizes)):
        for number, (_, data) in enumerate(sizes):
            if turn < data:
                places[number].append(position)
                position += 1
    for _ in range(sizes[0][0] - sizes[0][1]):
        for number in range(len(sizes)):
            places[number].append(position)
            position += 1
    return tuple(Block(np.array(place), data) for place, (_, data) in zip(places, sizes, strict=True))
