"""Codes on a picture beside those that were read: where a closer look is worth its time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from mfatools.qr.finders import Area, Finder, finders, triples
from mfatools.qr.load import Frame
from mfatools.qr.regions import Box, regions
from mfatools.qr.work import Work

_REGIONS = 3  # looked at closely
_STEP = 6  # rows: half of what a thorough look takes, as this is done on every picture
_ROOM = 40  # pixels; the smallest code that is read, without its quiet zone
_RIM = 0.15  # of a code's side, around it


def unread_regions(frame: Frame, work: Work) -> list[Box]:
    """Parts full of edges where nothing was read yet."""
    return [box for box in regions(frame.grey, _REGIONS) if not has_found(box, frame, work)]


def has_found(box: Box, frame: Frame, work: Work) -> bool:
    """Whether a code was read whose middle lies in a part of the picture."""
    middles = (np.mean(found.corners, axis=0) / frame.scale for found in work.found if found.corners)
    return any(box[0] <= x <= box[2] and box[1] <= y <= box[3] for x, y in middles)


def unread_codes(frame: Frame, work: Work, step: int = _STEP) -> list[Box]:
    """Parts with three finder patterns that stand as in a code, outside the codes that were read.

    None when an engine did not say where its codes are.
    """
    if not all(found.corners for found in work.found):
        return []
    known = list(_read_areas(frame, work))
    if any(_fills(area, frame) for area in known):
        return []
    rest = finders(frame.grey, known, step=step)
    boxes: list[Box] = []
    for group in triples(rest):
        box = _box(group, frame)
        if not any(_overlap(box, other) for other in boxes):
            boxes.append(box)
    return boxes[:_REGIONS]


def _fills(area: Area, frame: Frame) -> bool:
    """Whether no room for a further code is left around one that was read: the usual case of a cut-out code."""
    height, width = frame.grey.shape
    left, top, right, bottom = area
    return bool(max(left, top, width - right, height - bottom) < _ROOM)


def _overlap(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _read_areas(frame: Frame, work: Work) -> Iterator[Area]:
    for found in work.found:
        corners = np.array(found.corners) / frame.scale
        rim = _RIM * np.ptp(corners, axis=0).max()
        (left, top), (right, bottom) = corners.min(axis=0) - rim, corners.max(axis=0) + rim
        yield left, top, right, bottom


def _box(group: Sequence[Finder], frame: Frame) -> Box:
    """Around a code with these patterns."""
    height, width = frame.grey.shape
    corner, one, two = group
    fourth = one.x + two.x - corner.x, one.y + two.y - corner.y
    x, y = [*(each.x for each in group), fourth[0]], [*(each.y for each in group), fourth[1]]
    margin = 9 * max(each.module for each in group)
    return (
        max(0, int(min(x) - margin)),
        max(0, int(min(y) - margin)),
        min(width, int(max(x) + margin)),
        min(height, int(max(y) + margin)),
    )
