"""Whether a code is cut off at the edge of the picture: some finder patterns are there, the rest lies outside."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from mfatools.qr.engines import Grey
from mfatools.qr.finders import Finder, triples

_BLOCK = 3  # modules; less than a quiet zone
_BUSY = 0.25  # spread of the greys against the pattern's contrast; modules at random have 0.5, a quiet zone 0


def is_cut(grey: Grey, seen: Sequence[Finder]) -> bool:
    """Whether a code with these finder patterns runs out of the picture.

    With all three, the fourth corner is where it must be. With fewer, modules go on from one of them to the edge of
    the picture without a quiet zone.
    """
    fourth = list(_fourth_corners(seen))
    if fourth:
        height, width = grey.shape
        return not any(-m <= x <= width + m and -m <= y <= height + m for x, y, m in fourth)
    return any(_runs_out(grey, one) for one in seen)


def _fourth_corners(seen: Sequence[Finder]) -> Iterator[tuple[float, float, float]]:
    """(x, y, module) of the corner without a pattern, for every three patterns that are of one code."""
    for corner, one, two in triples(seen):
        leg = np.hypot(one.x - corner.x, one.y - corner.y)
        beyond = 1 + 3.5 * corner.module / leg
        x = corner.x + beyond * (one.x + two.x - 2 * corner.x)
        y = corner.y + beyond * (one.y + two.y - 2 * corner.y)
        yield float(x), float(y), corner.module


def _runs_out(grey: Grey, one: Finder) -> bool:
    reach = round(3.5 * one.module)
    x, y = round(one.x), round(one.y)
    around = grey[max(0, y - reach) : y + reach + 1, max(0, x - reach) : x + reach + 1]
    low, high = np.percentile(around, (10, 90))
    band, row = grey[max(0, y - reach) : y + reach + 1], grey[:, max(0, x - reach) : x + reach + 1].T
    start = round(4.5 * one.module)
    strips = (
        band[:, x + start :],
        band[:, ::-1][:, grey.shape[1] - x + start :],
        row[:, y + start :],
        row[:, ::-1][:, grey.shape[0] - y + start :],
    )
    block = max(4, round(_BLOCK * one.module))
    return any(_is_busy(strip, block, _BUSY * float(high - low)) for strip in strips)


def _is_busy(strip: Grey, block: int, spread: float) -> bool:
    """Whether every block of a strip, up to its end at the picture's edge, is full of modules."""
    length = strip.shape[1]
    if length < 2 * block:
        return False
    starts = [*range(0, length - block, block), length - block]
    return all(float(strip[:, start : start + block].std()) > spread for start in starts)
