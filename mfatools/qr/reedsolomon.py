"""Reed-Solomon over GF(256) as QR codes use it, with erasures: bytes known to be doubtful cost half as much.

A block with n check bytes can be put right while ``2 * errors + erasures <= n``. The usual decoders know of errors
only; one that is told which modules a logo or a finger covers goes twice as far. Field: x^8 + x^4 + x^3 + x^2 + 1;
generator roots a^0 ... a^(n-1) (ISO/IEC 18004 section 7.5.2). Method: Berlekamp-Massey started from the erasures,
Chien search, Forney (Blahut, Algebraic Codes for Data Transmission, chapter 7).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from segno import consts

_EXP = np.array(list(consts.GALIOS_EXP[:255]) * 3, np.int64)
_LOG = np.array(consts.GALIOS_LOG, np.int64)
Poly = list[int]  # coefficients, lowest degree first


def _times(a: int, b: int) -> int:
    return int(_EXP[_LOG[a] + _LOG[b]]) if a and b else 0


def _product(a: Poly, b: Poly) -> Poly:
    out = [0] * (len(a) + len(b) - 1)
    for i, x in enumerate(a):
        for j, y in enumerate(b):
            out[i + j] ^= _times(x, y)
    return out


def syndromes(block: NDArray[np.uint8], checks: int) -> Poly:
    """The block, as a polynomial (first byte: highest degree), at the roots of the generator; all 0: no error."""
    degrees = np.arange(len(block) - 1, -1, -1)
    nonzero = block != 0
    logs = _LOG[block[nonzero]]
    return [
        int(np.bitwise_xor.reduce(_EXP[(logs + root * degrees[nonzero]) % 255], initial=0))
        for root in range(checks)
    ]


def corrected(
    block: NDArray[np.uint8], checks: int, erased: list[int], found: Poly
) -> tuple[NDArray[np.uint8], int] | None:
    """(the block put right, errors beside the erasures), or ``None`` when there are too many.

    Args:
        block: data then check bytes.
        checks: how many check bytes.
        erased: indexes of doubtful bytes.
        found: the block's syndromes.
    """
    locator: Poly = [1]
    for index in erased:
        locator = _product(locator, [1, int(_EXP[len(block) - 1 - index])])
    locator = _berlekamp_massey(found, locator, len(erased))
    degree = len(locator) - 1
    errors = degree - len(erased)
    if errors < 0 or 2 * errors + len(erased) > checks:
        return None
    roots = _chien(locator, len(block))
    if len(roots) != degree:
        return None
    fixed = _forney(block, found, locator, roots, checks)
    return (fixed, errors) if not any(syndromes(fixed, checks)) else None


def _berlekamp_massey(found: Poly, locator: Poly, erasures: int) -> Poly:
    """The shortest locator that has the erasures and explains the syndromes."""
    connection, previous, length = locator[:], locator[:], erasures
    for step in range(erasures, len(found)):
        previous = [0, *previous]
        gap = 0
        for i, c in enumerate(connection[: step + 1]):
            gap ^= _times(c, found[step - i])
        if not gap:
            continue
        kept = connection
        connection = _added(connection, [_times(gap, c) for c in previous])
        if 2 * length <= step + erasures:
            length = step + 1 + erasures - length
            inverse = int(_EXP[255 - _LOG[gap]])
            previous = [_times(inverse, c) for c in kept]
    while connection and connection[-1] == 0:
        connection.pop()
    return connection


def _added(a: Poly, b: Poly) -> Poly:
    size = max(len(a), len(b))
    return [x ^ y for x, y in zip(a + [0] * (size - len(a)), b + [0] * (size - len(b)), strict=True)]


def _at_each(poly: Poly, logs: NDArray[np.int64]) -> NDArray[np.int64]:
    """The polynomial at a^log for each of the logs."""
    out = np.zeros(len(logs), np.int64)
    for power, c in enumerate(poly):
        if c:
            out ^= _EXP[(_LOG[c] + power * logs) % 255]
    return out


def _chien(locator: Poly, size: int) -> list[int]:
    """Degrees of the bytes that the locator points at."""
    degrees = np.arange(size)
    return [int(degree) for degree in np.nonzero(_at_each(locator, -degrees % 255) == 0)[0]]


def _forney(
    block: NDArray[np.uint8], found: Poly, locator: Poly, degrees: list[int], checks: int
) -> NDArray[np.uint8]:
    evaluator = _product(found, locator)[:checks]
    slope = [c if power % 2 else 0 for power, c in enumerate(locator)][1:]  # in characteristic 2
    inverses = np.array([-degree % 255 for degree in degrees], np.int64)
    above, below = _at_each(evaluator, inverses), _at_each(slope, inverses)
    fixed = block.copy()
    for degree, top, bottom in zip(degrees, above, below, strict=True):
        if top and bottom:
            size = int(_EXP[(_LOG[top] + 255 - _LOG[bottom] + degree) % 255])
            fixed[len(block) - 1 - degree] ^= size
    return fixed


def chance_of_luck(size: int, checks: int, erasures: int, errors: int) -> float:
    """The chance that a block of random bytes comes out as put right with that many errors."""
    return math.comb(size - erasures, errors) * 255.0**errors * 256.0 ** (erasures - checks)
