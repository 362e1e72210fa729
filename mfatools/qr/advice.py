"""What was seen when no account was read, and what to do about it. Words only; no text of a code is quoted."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mfatools import intake
from mfatools.errors import MfaError
from mfatools.qr.engines import Grey, Hit, told_of_lack
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
_SETUP = "Look for the QR code on the page that sets up an authenticator app."


def advice(frame: Frame, work: Work) -> tuple[Advice, ...]:
    """What to tell the user, the most useful first; never empty when no account was found."""
    pieces = list(_pieces(frame, work))
    if lack := None if work.found else told_of_lack():
        pieces.append(Advice("E_NO_ZBAR", lack))
    return tuple(dict.fromkeys(pieces))


def _pieces(frame: Frame, work: Work) -> Iterator[Advice]:
    if not frame.whole:
        yield Advice("E_DAMAGED", "The file ends in the middle of the picture. Save or download it again.")
    if work.found:
        for found in work.found:
            yield from _other_kind(found.text)
        return
    yield from _of_pixels(frame)
    seen = _largest(work.broken, frame.scale)
    if seen is not None and _is_code(frame, seen[0]):
        yield from _of_broken(seen, frame)
    elif frame.grey.min() != frame.grey.max():
        yield from _of_bar_code(frame.grey)
        yield from _of_parts(frame.grey)


def _other_kind(text: str) -> Iterator[Advice]:
    """What a code holds that is no account; nothing when it is one after all (a bare key, say)."""
    try:
        intake.take(text)
    except MfaError as error:
        code = f"E_QR_{intake.kind(text).name}"
        yield Advice(code, f"A QR code was read. {error.what} {error.hint}")


def _of_pixels(frame: Frame) -> Iterator[Advice]:
    grey = frame.grey
    dark, light = (float(level) for level in np.percentile(grey[:: _step(grey), :: _step(grey)], (0.1, 99.9)))
    if grey.min() == grey.max():
        yield Advice("E_BLANK", "The picture is all of one colour. Take the screenshot again.")
    elif light < 60:
        yield Advice("E_DARK", "The picture is very dark. Turn up the light or the screen's brightness.")
    elif light - dark < 25:
        yield Advice("E_CONTRAST", "The picture has hardly any contrast. Avoid glare, and take it again.")


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


def _is_code(frame: Frame, hit: Hit) -> bool:
    """Whether the fixed patterns are where the engine saw a code: texts look like one now and then."""
    corners = tuple((x / frame.scale, y / frame.scale) for x, y in hit.corners)
    return any(abs(fit.score) > _SURE_FIT for fit in fits(frame.grey.astype(np.float32), corners, hit.version))


def _of_broken(seen: tuple[Hit, float], frame: Frame) -> Iterator[Advice]:
    hit, module = seen
    corners = np.array(hit.corners) / frame.scale
    height, width = frame.grey.shape
    if (corners < -module).any() or (corners > (width + module, height + module)).any():
        yield Advice("E_CUT", "A QR code is cut off at the edge of the picture. Take all of it, with a white rim.")
    if module < _NEEDED:
        yield Advice(
            "E_SMALL",
            f"A QR code is there, but too small: its squares have {module:.1f} pixels each and need {_NEEDED:.0f}. "
            "Zoom in on the page, then take the screenshot again.",
        )
    elif _edge_width(frame.grey, corners) > _BLURRED * module:
        yield Advice("E_BLUR", "A QR code is there, but blurred. Hold the camera still, or take a screenshot.")
    else:
        yield Advice(
            "E_UNREADABLE",
            "A QR code is there, but too much of it is covered, damaged or blotted out. "
            "Take the picture again with nothing in front of the code.",
        )


def _edge_width(grey: Grey, corners: np.ndarray) -> float:
    """How many pixels a change from dark to light takes inside the corners: contrast over the steepest slopes."""
    (left, top), (right, bottom) = corners.min(axis=0).astype(int), corners.max(axis=0).astype(int)
    part = grey[max(0, top) : bottom + 1, max(0, left) : right + 1].astype(np.float32)
    if min(part.shape) < 8:
        return 0.0
    slopes = np.concatenate([np.abs(np.diff(part, axis=0)).ravel(), np.abs(np.diff(part, axis=1)).ravel()])
    low, high = np.percentile(part, (5, 95))
    return float((high - low) / max(1.0, np.percentile(slopes, 97)))


def _of_bar_code(grey: Grey) -> Iterator[Advice]:
    try:
        import zxingcpp
    except ImportError:
        return
    step = _step(grey)  # a quick look: on noise a full one takes seconds
    part = np.ascontiguousarray(grey[::step, ::step])
    codes = zxingcpp.read_barcodes(part, try_invert=False, try_downscale=False)
    if codes and not codes[0].format.name.startswith(("QRCode", "MicroQR", "RMQR")):
        yield Advice("E_BAR_CODE", f"This is a bar code ({codes[0].format.name}), not a QR code. {_SETUP}")


def _of_parts(grey: Grey) -> Iterator[Advice]:
    """Nothing was seen by an engine: is there a square part that looks like a code?"""
    for left, top, right, bottom in regions(grey, 1):
        part = grey[top:bottom, left:right]
        if not _is_half_dark(part):
            continue
        if _edge_width(part, np.array([[0, 0], [part.shape[1], part.shape[0]]])) > _WIDE_EDGE:
            yield Advice(
                "E_BLUR",
                "There is something like a QR code, but it is blurred. Hold the camera still, wipe its lens, "
                "or take a screenshot instead.",
            )
            return
        if max(part.shape) < _SMALL_PART:
            yield Advice(
                "E_SMALL",
                f"There is something like a QR code, about {max(part.shape) * 3 // 4} pixels wide: too small. "
                "Each of its squares needs 3 pixels: zoom in on the page and take the screenshot again.",
            )
            return
    yield Advice(
        "E_NO_QR",
        "No QR code was seen. Show all of the code, as large as it goes, upright and with a white rim around it.",
    )


def _is_half_dark(part: Grey) -> bool:
    """Whether the middle of a part is dark and light to about the same share, as codes are and texts are not."""
    height, width = part.shape
    inner = part[height // 4 : -height // 4 or None, width // 4 : -width // 4 or None]
    if inner.size == 0 or int(inner.max()) - int(inner.min()) < 30 or max(height, width) > 1.4 * min(height, width):
        return False
    dark = float((inner < (int(inner.max()) + int(inner.min())) / 2).mean())
    return 0.25 < dark < 0.75
