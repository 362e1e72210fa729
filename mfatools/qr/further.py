"""Codes on a picture beside those that were read: where a closer look is worth its time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from mfatools.qr.finders import Finder, finders
from mfatools.qr.load import Frame
from mfatools.qr.regions import Box, regions
from mfatools.qr.work import Work

_REGIONS = 3  # looked at closely
_RIM = 0.15  # of a code's side, around it
_FARTHEST = 130  # modules between two patterns of one code; a version 25 has 110


def unread_regions(frame: Frame, work: Work) -> list[Box]:
    """Parts full of edges where nothing was read yet."""
    return [box for box in regions(frame.grey, _REGIONS) if not has_found(box, frame, work)]


def has_found(box: Box, frame: Frame, work: Work) -> bool:
    """Whether a code was read whose middle lies in a part of the picture."""
    middles = (np.mean(found.corners, axis=0) / frame.scale for found in work.found if found.corners)
    return any(box[0] <= x <= box[2] and box[1] <= y <= box[3] for x, y in middles)


def unread_codes(frame: Frame, work: Work) -> list[Box]:
    """Parts with two finder patterns or more, of the same size, outside the codes that were read.

    None when an engine did not say where its codes are.
    """
    if not all(found.corners for found in work.found):
        return []
    known = list(_read_boxes(frame, work))
    rest = [
        one
        for one in finders(frame.grey)
        if not any(box[0] <= one.x <= box[2] and box[1] <= one.y <= box[3] for box in known)
    ]
    return [_box(group, frame) for group in _groups(rest) if len(group) > 1][:_REGIONS]


def _read_boxes(frame: Frame, work: Work) -> Iterator[tuple[float, float, float, float]]:
    for found in work.found:
        corners = np.array(found.corners) / frame.scale
        rim = _RIM * np.ptp(corners, axis=0).max()
        (left, top), (right, bottom) = corners.min(axis=0) - rim, corners.max(axis=0) + rim
        yield left, top, right, bottom


def _groups(seen: Sequence[Finder]) -> list[list[Finder]]:
    """Patterns that may be of one code: at most three, alike, the nearest first."""
    rest, groups = list(seen), []
    while rest:
        first = rest.pop(0)
        near = [one for one in rest if first.like(one) and _distance(first, one) < _FARTHEST * first.module]
        near = sorted(near, key=lambda one: _distance(first, one))[:2]
        rest = [one for one in rest if one not in near]
        groups.append([first, *near])
    return sorted(groups, key=len, reverse=True)


def _distance(a: Finder, b: Finder) -> float:
    return float(np.hypot(a.x - b.x, a.y - b.y))


def _box(group: Sequence[Finder], frame: Frame) -> Box:
    """Around a code with these patterns; with two of them, all places where the third may be."""
    x, y = [one.x for one in group], [one.y for one in group]
    margin = 8 * max(one.module for one in group)
    if len(group) == 2:
        wide, high = max(x) - min(x), max(y) - min(y)
        across, down = (margin + high, margin) if high > 2 * wide else (margin, margin + wide)
        across, down = (margin, margin) if max(wide, high) < 2 * min(wide, high) else (across, down)
    else:
        across = down = margin
    height, width = frame.grey.shape
    return (
        max(0, int(min(x) - across)),
        max(0, int(min(y) - down)),
        min(width, int(max(x) + across)),
        min(height, int(max(y) + down)),
    )
