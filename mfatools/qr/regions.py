"""Where in a picture a code may be: parts full of edges that run both ways."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mfatools.qr.engines import Grey

Box = tuple[int, int, int, int]  # left, top, right, bottom, in pixels; right and bottom are outside
_BLOCK = 8  # pixels
_SMALLEST = 24  # pixels; a code of fewer cannot be read (21 modules)


def regions(grey: Grey, most: int = 4) -> list[Box]:
    """The likeliest parts, best first, each with a margin around it; none when the picture is flat."""
    edges = _edges_both_ways(grey)
    if edges.size == 0 or edges.max() < 1:
        return []
    scored = sorted(_patches(edges > 0.4 * edges.max(), edges), reverse=True)
    boxes = [_with_margin(box, grey.shape) for _, box in scored[:most]]
    return [box for box in boxes if min(box[2] - box[0], box[3] - box[1]) >= _SMALLEST]


def _edges_both_ways(grey: Grey) -> NDArray[np.float32]:
    """For each block of 8 x 8 pixels: the weaker of its horizontal and vertical edges, smoothed over neighbours."""
    rows, columns = grey.shape[0] // _BLOCK, grey.shape[1] // _BLOCK
    if min(rows, columns) < 2:
        return np.zeros((0, 0), np.float32)
    part = grey[: rows * _BLOCK, : columns * _BLOCK].astype(np.int16)
    across = np.abs(np.diff(part, axis=1, append=part[:, -1:]))
    down = np.abs(np.diff(part, axis=0, append=part[-1:]))
    both = np.minimum(_block_means(across, rows, columns), _block_means(down, rows, columns))
    padded = np.pad(both, 1, mode="edge")
    near = [padded[y : y + rows, x : x + columns] for y in range(3) for x in range(3)]
    return np.asarray(np.mean(np.array(near), axis=0), np.float32)


def _block_means(values: NDArray[np.int16], rows: int, columns: int) -> NDArray[np.float32]:
    blocks = values.reshape(rows, _BLOCK, columns, _BLOCK)
    return np.asarray(blocks.mean(axis=(1, 3), dtype=np.float32))


def _patches(mask: NDArray[np.bool_], edges: NDArray[np.float32]) -> list[tuple[float, Box]]:
    """Connected patches of the mask with a score: much edge, and as high as wide."""
    rest, found = mask.copy(), []
    for start in zip(*np.nonzero(mask), strict=True):
        if rest[start]:
            cells = np.array(_flood(rest, (int(start[0]), int(start[1]))))
            (top, left), (bottom, right) = cells.min(axis=0), cells.max(axis=0) + 1
            height, width = bottom - top, right - left
            shape = min(height, width) / max(height, width)
            total = float(edges[cells[:, 0], cells[:, 1]].sum())
            found.append((total * shape**2, (int(left), int(top), int(right), int(bottom))))
    return found


def _flood(rest: NDArray[np.bool_], start: tuple[int, int]) -> list[tuple[int, int]]:
    """Take one connected patch out of ``rest``."""
    rest[start] = False
    cells, height, width = [start], *rest.shape
    for y, x in cells:  # grows while it is walked
        for near in ((y - 1, x), (y + 1, x), (y, x - 1), (y, x + 1)):
            if 0 <= near[0] < height and 0 <= near[1] < width and rest[near]:
                rest[near] = False
                cells.append(near)
    return cells


def _with_margin(box: Box, shape: tuple[int, ...]) -> Box:
    left, top, right, bottom = (_BLOCK * edge for edge in box)
    margin = _BLOCK + max(right - left, bottom - top) // 6
    return (
        max(0, left - margin),
        max(0, top - margin),
        min(shape[1], right + margin),
        min(shape[0], bottom + margin),
    )
