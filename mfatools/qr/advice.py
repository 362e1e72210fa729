"""What was seen when no account was read, and what to do about it. Words only; no text of a code is quoted."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mfatools import intake
from mfatools.errors import MfaError
from mfatools.qr.cut import is_cut
from mfatools.qr.engines import Grey, Hit, told_of_lack
from mfatools.qr.finders import finders
from mfatools.qr.grid import fits
from mfatools.qr.load import Frame
from mfatools.qr.regions import regions
from mfatools.qr.result import Advice
from mfatools.qr.symbol import side_of
from mfatools.qr.work import Work

_SURE_FIT = 0.6  # correlation with the fixed patterns
_NEEDED = 3.0  # pixels a module that every engine reads
_BLURRED = 0.9  # width of an edge in modules from which on neighbours run into each other
_WIDE_EDGE = 5.0  # pixels from dark to light; a sharp one has 1 to 3
_SMALL_PART = 110  # pixels, its margin included
_LEAST_SIDE = 21  # pixels: a version 1 code with one pixel a module
_HOPELESS = ("E_PICTURE_SMALL", "E_BLANK")  # nothing more can be said
_CUT = Advice(
    "E_CUT",
    "A QR code is cut off: part of it is outside the picture.",
    "Take it again so that all four corners of the code and a white margin around it can be seen.",
)
_NOTHING = Advice(
    "E_NO_QR",
    "Nothing in the picture looks like a QR code.",
    "Show all of the code, as large as possible, upright and with a white margin around it.",
)
_SETUP = "Look for the QR code on the page that sets up an authenticator app."


def advice(frame: Frame, work: Work) -> tuple[Advice, ...]:
    """What to tell the user, the most useful first; never empty when no account was found."""
    pieces = list(_pieces(frame, work))
    if lack := None if work.found else told_of_lack():
        pieces.append(Advice("E_NO_ZBAR", *lack))
    return tuple(dict.fromkeys(pieces))


def _pieces(frame: Frame, work: Work) -> Iterator[Advice]:
    if not frame.whole:
        yield Advice(
            "E_PICTURE_TRUNCATED",
            "The file ends in the middle of the picture; what is there was read.",
            "Save or download it again if a code is missing.",
        )
    if work.found:
        if not work.done:
            for found in work.found:
                yield from _other_kind(found.text)
        return
    if flaw := _of_size(frame) or _of_light(frame.grey):
        yield flaw
    if flaw is None or flaw.code not in _HOPELESS:
        yield _of_code(frame, work) or _of_bar_code(frame.grey) or _of_parts(frame.grey) or _NOTHING


def _other_kind(text: str) -> Iterator[Advice]:
    """What a code holds that is no account; nothing when it is one after all (a bare key, say)."""
    try:
        intake.take(text)
    except MfaError as error:
        yield Advice(f"E_QR_{intake.kind(text).name}", f"A QR code was read. {error.what}", error.hint)


def _of_size(frame: Frame) -> Advice | None:
    height, width = frame.grey.shape
    if min(height, width) >= _LEAST_SIDE:
        return None
    return Advice(
        "E_PICTURE_SMALL",
        f"The picture has only {width} x {height} pixels; the smallest QR code needs {_LEAST_SIDE} a side.",
        "Take a larger screenshot, with all of the code on it.",
    )


def _of_light(grey: Grey) -> Advice | None:
    if grey.min() == grey.max():
        return Advice("E_BLANK", "The picture is all one colour.", "Take the screenshot again.")
    dark, light = (float(level) for level in np.percentile(grey[:: _step(grey), :: _step(grey)], (0.1, 99.9)))
    if light < 60:
        return Advice("E_DARK", "The picture is very dark.", "Turn up the light or the screen's brightness.")
    if light - dark < 25:
        return Advice("E_CONTRAST", "The picture has hardly any contrast.", "Avoid glare, and take it again.")
    return None


def _step(grey: Grey) -> int:
    return max(1, int((grey.size / 250_000) ** 0.5))


def _largest(broken: list[Hit], scale: float) -> tuple[Hit, float] | None:
    """The largest code that was seen, and its pixels a module in the frame."""
    best: tuple[Hit, float] | None = None
    for hit in broken:
        if not hit.version or len(hit.corners) != 4:
            continue
        edges = np.diff(np.array([*hit.corners, hit.corners[0]]), axis=0)
        lengths = np.hypot(edges[:, 0], edges[:, 1])
        module = float(lengths.mean()) / side_of(hit.version) / scale
        if lengths.max() < 2 * lengths.min() and (best is None or module > best[1]):
            best = hit, module
    return best


def _of_code(frame: Frame, work: Work) -> Advice | None:
    """A code is there for sure: an engine saw it, or its finder patterns are there."""
    seen = _largest(work.broken, frame.scale)
    if seen is not None and not _is_code(frame, seen[0], work):
        seen = None
    if is_cut(frame.grey, finders(frame.grey)) or (seen is not None and _sticks_out(seen, frame)):
        return _CUT
    return _of_broken(seen, frame) if seen is not None else None


def _is_code(frame: Frame, hit: Hit, work: Work) -> bool:
    """Whether the fixed patterns are where the engine saw a code: texts look like one now and then."""
    (left, right), (top, bottom) = (_span([c[axis] / frame.scale for c in hit.corners]) for axis in (0, 1))
    left, top = max(0, left), max(0, top)
    part = frame.grey[top:bottom, left:right].astype(np.float32)
    corners = tuple((x / frame.scale - left, y / frame.scale - top) for x, y in hit.corners)
    found = fits(part, corners, hit.version, work.time_for) if min(part.shape) > 1 else []
    return any(abs(fit.score) > _SURE_FIT for fit in found)


def _span(values: list[float]) -> tuple[int, int]:
    """From the smallest to the greatest, with a margin."""
    margin = 8 + (max(values) - min(values)) / 8
    return int(min(values) - margin), max(0, int(max(values) + margin))


def _sticks_out(seen: tuple[Hit, float], frame: Frame) -> bool:
    hit, module = seen
    corners, (height, width) = np.array(hit.corners) / frame.scale, frame.grey.shape
    return bool((corners < -module).any() or (corners > (width + module, height + module)).any())


def _of_broken(seen: tuple[Hit, float], frame: Frame) -> Advice:
    hit, module = seen
    if module < _NEEDED:
        return Advice(
            "E_SMALL",
            f"A QR code is there, but too small: its squares are {module:.1f} pixels wide and need {_NEEDED:.0f}.",
            "Zoom in on the page, then take the screenshot again.",
        )
    if _edge_width(frame.grey, np.array(hit.corners) / frame.scale) > _BLURRED * module:
        return Advice(
            "E_BLUR", "A QR code is there, but blurred.", "Hold the camera still, or take a screenshot instead."
        )
    return Advice(
        "E_UNREADABLE",
        "A QR code is there, but too much of it is covered, damaged or blotted out.",
        "Take the picture again with nothing in front of the code.",
    )


def _edge_width(grey: Grey, corners: np.ndarray) -> float:
    """How many pixels a change from dark to light takes inside the corners: contrast over the steepest slopes."""
    (left, top), (right, bottom) = corners.min(axis=0).astype(int), corners.max(axis=0).astype(int)
    part = _middle(grey[max(0, top) : bottom + 1, max(0, left) : right + 1]).astype(np.float32)
    if min(part.shape) < 8:
        return 0.0
    slopes = np.concatenate([np.abs(np.diff(part, axis=0)).ravel(), np.abs(np.diff(part, axis=1)).ravel()])
    low, high = np.percentile(part, (5, 95))
    return float((high - low) / max(1.0, np.percentile(slopes, 97)))


def _middle(part: Grey, most: int = 800) -> Grey:
    """No more than its middle: the rest tells no more and takes time."""
    top, left = max(0, (part.shape[0] - most) // 2), max(0, (part.shape[1] - most) // 2)
    return part[top : top + most, left : left + most]


def _of_bar_code(grey: Grey) -> Advice | None:
    try:
        import zxingcpp
    except ImportError:
        return None
    step = _step(grey)  # a quick look: on noise a full one takes seconds
    part = np.ascontiguousarray(grey[::step, ::step])
    codes = zxingcpp.read_barcodes(part, try_invert=False, try_downscale=False)
    if not codes or codes[0].format.name.startswith(("QRCode", "MicroQR", "RMQR")):
        return None
    return Advice("E_BAR_CODE", f"This is a bar code ({codes[0].format.name}), not a QR code.", _SETUP)


def _of_parts(grey: Grey) -> Advice | None:
    """Nothing was seen by an engine: is there a square part that looks like a code?"""
    for left, top, right, bottom in regions(grey, 1):
        part = grey[top:bottom, left:right]
        if not _is_half_dark(part):
            continue
        if _edge_width(part, np.array([[0, 0], [part.shape[1], part.shape[0]]])) > _WIDE_EDGE:
            return Advice(
                "E_BLUR",
                "There is something that looks like a QR code, but it is blurred.",
                "Hold the camera still, wipe its lens, or take a screenshot instead.",
            )
        if max(part.shape) < _SMALL_PART:
            return Advice(
                "E_SMALL",
                f"There is something like a QR code, about {max(part.shape) * 3 // 4} pixels wide: too small.",
                "Each of its squares needs 3 pixels: zoom in on the page and take the screenshot again.",
            )
    return None


def _is_half_dark(part: Grey) -> bool:
    """Whether the middle of a part is dark and light to about the same share, as codes are and texts are not."""
    height, width = part.shape
    inner = part[height // 4 : -height // 4 or None, width // 4 : -width // 4 or None]
    if inner.size == 0 or int(inner.max()) - int(inner.min()) < 30 or max(height, width) > 1.4 * min(height, width):
        return False
    dark = float((inner < (int(inner.max()) + int(inner.min())) / 2).mean())
    return 0.25 < dark < 0.75
