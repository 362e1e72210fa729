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
    part = grey[: rows * _BLOCK, : columns * _BLOCK]
    across, down = np.zeros_like(part), np.zeros_like(part)
    np.subtract(np.maximum(part[:, 1:], part[:, :-1]), np.minimum(part[:, 1:], part[:, :-1]), out=across[:, :-1])
    np.subtract(np.maximum(part[1:], part[:-1]), np.minimum(part[1:], part[:-1]), out=down[:-1])
    padded = np.pad(np.minimum(_block_means(across), _block_means(down)), 1, mode="edge")
    wide = padded[:, :-2] + padded[:, 1:-1] + padded[:, 2:]
    return np.asarray((wide[:-2] + wide[1:-1] + wide[2:]) / 9, np.float32)


def _block_means(values: Grey) -> NDArray[np.float32]:
    rows, columns = values.shape[0] // _BLOCK, values.shape[1] // _BLOCK
    sums = values.reshape(rows, _BLOCK, -1).sum(axis=1, dtype=np.uint16)
    return np.asarray(sums.reshape(rows, columns, _BLOCK).sum(axis=2, dtype=np.float32) / _BLOCK**2)


def _patches(mask: NDArray[np.bool_], edges: NDArray[np.float32]) -> list[tuple[float, Box]]:
    """Connected patches of the mask with a score: much edge, and as high as wide."""
    rows, starts, ends = _runs(mask)
    labels = _joined(rows, starts, ends)
    sums = np.concatenate([[0.0], np.cumsum(np.where(mask, edges, 0.0), dtype=np.float64)])
    total, width = np.zeros(len(labels)), mask.shape[1]
    np.add.at(total, labels, sums[rows * width + ends] - sums[rows * width + starts])
    box = np.tile([mask.shape[1], mask.shape[0], 0, 0], (len(labels), 1))
    for side, (take, values) in enumerate(
        ((np.minimum, starts), (np.minimum, rows), (np.maximum, ends), (np.maximum, rows + 1))
    ):
        take.at(box[:, side], labels, values)
    size = box[:, 2:] - box[:, :2]
    found = np.unique(labels)
    shape = size[found].min(axis=1) / size[found].max(axis=1)
    left, top, right, bottom = (box[found, side].tolist() for side in range(4))
    return list(zip((total[found] * shape**2).tolist(), zip(left, top, right, bottom, strict=True), strict=True))


def _runs(mask: NDArray[np.bool_]) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """(row, first column, column after the last) of every run of true in a row, from the top left on."""
    padded = np.pad(mask, ((0, 0), (1, 1))).astype(np.int8)
    change = np.diff(padded, axis=1)
    rows, starts = np.nonzero(change == 1)
    return rows, starts, np.nonzero(change == -1)[1]


def _joined(rows: NDArray[np.intp], starts: NDArray[np.intp], ends: NDArray[np.intp]) -> NDArray[np.intp]:
    """For each run the first run of its patch: runs of neighbouring rows belong together where they touch."""
    parents = list(range(len(rows)))
    row, start, end = rows.tolist(), starts.tolist(), ends.tolist()
    above = 0
    for run in range(len(row)):
        while row[above] < row[run] - 1 or (row[above] == row[run] - 1 and end[above] <= start[run]):
            above += 1
        other = above
        while row[other] == row[run] - 1 and start[other] < end[run]:
            a, b = _root(parents, run), _root(parents, other)
            parents[max(a, b)] = min(a, b)
            other += 1
    return np.array([_root(parents, run) for run in range(len(row))], np.intp)


def _root(parents: list[int], run: int) -> int:
    while parents[run] != run:
        parents[run] = parents[parents[run]]
        run = parents[run]
    return run


def _with_margin(box: Box, shape: tuple[int, ...]) -> Box:
    left, top, right, bottom = (_BLOCK * edge for edge in box)
    margin = _BLOCK + max(right - left, bottom - top) // 6
    return (
        max(0, left - margin),
        max(0, top - margin),
        min(shape[1], right + margin),
        min(shape[0], bottom + margin),
    )
