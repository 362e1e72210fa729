"""Where the modules of a code are: a grid fitted to the patterns that every QR code has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfatools.qr.engines import Corners
from mfatools.qr.symbol import Layout, layout, side_of

Floats = NDArray[np.floating[Any]]
_NEXT = [1, 2, 3, 0]  # the next corner
_FIT = 0.45  # correlation with the known modules under which there is no code


@dataclass(frozen=True, slots=True)
class Fit:
    """A grid laid over the picture: ``score`` is how well it fits the known modules (1: perfectly)."""

    score: float
    version: int
    corners: Floats  # 4 x 2


def fits(picture: Floats, corners: Corners, version: int, go_on: Callable[[], bool] = lambda: True) -> list[Fit]:
    """The best grids, best first: of the version told, or of any near it when that fits badly and time allows."""
    start = np.array(corners, np.float64)
    best = _refined(picture, start, version)
    if best.score > 0.75:
        return [best]
    near = [v for v in range(max(1, version - 2), min(40, version + 2) + 1) if v != version]
    fits = sorted([best, *(_refined(picture, start, v) for v in near if go_on())], key=lambda fit: -fit.score)
    return [fit for fit in fits[:2] if fit.score > _FIT]


def fit_of(picture: Floats, corners: Corners, version: int) -> float:
    """How well a version's fixed modules fit inside these corners as they are: 1 perfectly, 0 not at all."""
    return _score(picture, np.array(corners, np.float64), layout(version))


def _refined(picture: Floats, corners: Floats, version: int) -> Fit:
    """Move the corners, together and one by one, as long as the known modules fit better."""
    plan = layout(version)
    module = np.linalg.norm(corners[1] - corners[0]) / side_of(version)
    best = _score(picture, corners, plan)
    for step in (0.6, 0.3, 0.15, 0.08):
        for _ in range(4):
            before = best
            for move in _MOVES:
                trial = corners + move * (step * module)
                score = _score(picture, trial, plan)
                if score > best:
                    best, corners = score, trial
            if best - before < 1e-3:
                break
    return Fit(best, version, corners)


def _moves() -> list[Floats]:
    """Shift all, stretch, turn, and each corner alone, in both directions of both axes."""
    units = []
    for axis in ([1.0, 0.0], [0.0, 1.0]):
        units.append(np.tile(axis, (4, 1)))
        units += [np.outer(signs, axis) for signs in ([0, 1, 1, 0], [0, 0, 1, 1])]
        units += [np.outer(row, axis) for row in np.eye(4)]
    return [sign * unit for unit in units for sign in (1, -1)]


_MOVES = _moves()


def _score(picture: Floats, corners: Floats, plan: Layout) -> float:
    """Correlation of the greys at the known modules with what they ought to be."""
    if not _is_plausible(corners, len(plan.known)):
        return -1.0
    rows, columns = np.nonzero(plan.known)
    seen = grey_at(picture, corners, len(plan.known), columns + 0.5, rows + 0.5)
    wanted = np.where(plan.pattern[rows, columns], -1.0, 1.0)
    spread = seen.std() * wanted.std()
    return float(((seen - seen.mean()) * (wanted - wanted.mean())).mean() / spread) if spread > 0 else 0.0


def _is_plausible(corners: Floats, side: int) -> bool:
    """Convex, either way round, no side under 0.8 pixels a module, none more than three times another."""
    edges = corners[_NEXT] - corners
    ahead = edges[_NEXT]
    turns = edges[:, 0] * ahead[:, 1] - edges[:, 1] * ahead[:, 0]
    lengths = np.hypot(edges[:, 0], edges[:, 1])
    shortest = lengths.min()
    return bool(
        (np.sign(turns) == np.sign(turns[0])).all()
        and np.abs(turns).min() > 0.2 * shortest**2
        and lengths.max() < 3 * shortest
        and shortest > 0.8 * side
    )


def grey_at(picture: Floats, corners: Floats, side: int, x: Floats, y: Floats) -> Floats:
    """The picture's grey (between pixels: weighted) at places given in modules from the symbol's top left."""
    h = _homography(corners, side)
    depth = h[2, 0] * x + h[2, 1] * y + 1
    px = (h[0, 0] * x + h[0, 1] * y + h[0, 2]) / depth - 0.5
    py = (h[1, 0] * x + h[1, 1] * y + h[1, 2]) / depth - 0.5
    px, py = px.clip(0, picture.shape[1] - 1.001), py.clip(0, picture.shape[0] - 1.001)
    left, top = px.astype(np.intp), py.astype(np.intp)
    right, bottom = np.minimum(left + 1, picture.shape[1] - 1), np.minimum(top + 1, picture.shape[0] - 1)
    fx, fy = px - left, py - top
    upper = picture[top, left] * (1 - fx) + picture[top, right] * fx
    lower = picture[bottom, left] * (1 - fx) + picture[bottom, right] * fx
    return np.asarray(upper * (1 - fy) + lower * fy, np.float32)


def _homography(corners: Floats, side: float) -> Floats:
    """The projection of the square (0, 0) ... (side, side) onto the four corners (P. Heckbert, 1989)."""
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = corners
    sx, sy = x0 - x1 + x2 - x3, y0 - y1 + y2 - y3
    dx1, dx2, dy1, dy2 = x1 - x2, x3 - x2, y1 - y2, y3 - y2
    below = dx1 * dy2 - dx2 * dy1 or 1e-9
    g, h = (sx * dy2 - dx2 * sy) / below, (dx1 * sy - sx * dy1) / below
    unit = [[x1 - x0 + g * x1, x3 - x0 + h * x3, x0], [y1 - y0 + g * y1, y3 - y0 + h * y3, y0], [g, h, 1.0]]
    return np.array(unit) @ np.diag([1 / side, 1 / side, 1.0])
