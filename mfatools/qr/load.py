"""Any picture, safely: from a path, bytes, a Pillow image or a numpy array to upright grey pixels.

Size is looked at in the header (`files`) before anything is decoded, nothing is written to the disk, and no global
switch of Pillow's is touched, so several threads may load at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from PIL import Image, ImageFile

from mfatools.errors import PictureError
from mfatools.qr import files
from mfatools.qr.engines import Grey
from mfatools.qr.pixels import flat, image_of_array, with_missing_rows

MAX_PIXELS = 120_000_000  # as the header says, before decoding
MAX_DECODED = 360 << 20  # bytes in memory, by mode
WORK_PIXELS = 26_000_000  # larger pictures are halved until they fit: no code needs more
LONGEST_SIDE = 60_000  # pixels; the engines take 65 535
MAX_FRAMES = 60  # of an animation
_TURN = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_EXIF_ORIENTATION = 0x0112


@dataclass(frozen=True, slots=True)
class Frame:
    """One upright picture, ready for the engines.

    Attributes:
        grey: H x W, uint8. Transparent pixels lie on white.
        on_black: the same with transparent pixels on black, or ``None`` when nothing is transparent.
        colour: the picture as RGB (not greater than ``grey``), or ``None`` when it has no colours.
        scale: pixels of the upright picture to one pixel here; above 1 for huge pictures.
        whole: false when the file ends in the middle of the picture.
    """

    grey: Grey = field(repr=False)
    on_black: Grey | None = field(default=None, repr=False)
    colour: Image.Image | None = field(default=None, repr=False)
    scale: float = 1.0
    whole: bool = True


def frames(picture: object) -> Iterator[Frame]:
    """The frames of a picture: one, or those of an animation (the first 60).

    Args:
        picture: a path (str or Path), bytes, a binary file, a Pillow image, or a numpy array H x W, H x W x 1,
            3 or 4 of any number type.

    Raises:
        PictureError: no picture, a damaged one, or one too large to open safely.
    """
    if isinstance(picture, Image.Image):
        yield from _frames_of_image(picture)
    elif isinstance(picture, np.ndarray):
        yield from _frames_of_image(image_of_array(picture))
    else:
        yield from _frames_of_image(files.opened(picture))


def _frames_of_image(image: Image.Image) -> Iterator[Frame]:
    start = image.tell()
    many = getattr(image, "is_animated", False)
    try:
        for number in range(MAX_FRAMES if many else 1):
            if many:
                try:
                    image.seek(number)
                except Exception:  # the end, or a page that is broken in one of many ways: what came before counts
                    return
            yield _frame(image, many)
    finally:
        if many and image.tell() != start:
            with suppress(Exception):  # a broken animation need not find its way back
                image.seek(start)


def _frame(image: Image.Image, many: bool) -> Frame:
    full = max(image.size)
    _check_pixels(image)
    _reduce_while_decoding(image)
    whole = _decode(image) and not image.info.get(files.CUT)
    turn = _orientation(image)
    if many:
        image = image.copy()  # the next frame is decoded into the same pixels
    image = image_of_array(np.asarray(image)) if image.mode[:1] in ("I", "F") else image
    grey, on_black, colour = flat(image)
    if not whole:
        grey = with_missing_rows(grey)
    factor = _halvings(grey.size)
    upright = [None if layer is None else _upright(layer, factor, turn) for layer in (grey, on_black, colour)]
    first = np.asarray(upright[0])
    black = None if upright[1] is None else np.asarray(upright[1])
    return Frame(first, black, upright[2], full / max(first.shape), whole)


def _check_pixels(image: Image.Image) -> None:
    width, height = image.size
    if width < 1 or height < 1:
        raise files.no_picture()
    heavy = width * height * _bytes_a_pixel(image) > MAX_DECODED and image.format not in ("JPEG", "MPO")
    if (heavy or width * height > MAX_PIXELS) and not _in_memory(image):
        raise files.too_large(width, height)


def _in_memory(image: Image.Image) -> bool:
    return not isinstance(image, ImageFile.ImageFile) or (not image.tile and image._im is not None)


def _bytes_a_pixel(image: Image.Image) -> int:
    if image.format == "GIF":  # in colours from the second frame on, whatever the first is, and copied
        return 8
    if image.format == "WEBP":  # its decoder keeps two more copies
        return 12
    return {"1": 1, "L": 1, "P": 1, "I;16": 2, "I;16B": 2, "I;16L": 2}.get(image.mode, 4)


def _reduce_while_decoding(image: Image.Image) -> None:
    """A JPEG can be decoded at half the size or less, which costs neither the time nor the memory of the whole."""
    halvings = _halvings((image.size[0], image.size[1]))
    if halvings > 1 and image.format in ("JPEG", "MPO"):
        image.draft(None, (image.size[0] // halvings, image.size[1] // halvings))


def _halvings(size: tuple[int, int]) -> int:
    factor = 1
    while size[0] * size[1] > WORK_PIXELS * factor**2 or max(size) > LONGEST_SIDE * factor:
        factor *= 2
    return factor


def _decode(image: Image.Image) -> bool:
    """Decode in place; true when the picture is whole. Of a file cut short, what is there is kept."""
    try:
        image.load()
    except (MemoryError, OverflowError):
        raise PictureError(
            "The picture needs more memory than there is.",
            "Cut out the part with the QR code and try again.",
            code="E_PICTURE_SIZE",
        ) from None
    except Exception:
        # Pillow has filled the pixels up to the fault. Its switch for keeping them is global; this is not.
        if getattr(image, "_im", None) is None or not _anything_in(image):
            raise PictureError(
                "The picture file is damaged: nothing of it can be decoded.",
                "Save or download the picture again.",
                code="E_DAMAGED",
            ) from None
        return False
    return True


def _anything_in(image: Image.Image) -> bool:
    """Call off further decoding and see whether any pixel was filled."""
    image.tile = []  # type: ignore[attr-defined]
    try:
        low_high = image.getextrema()
    except ValueError:  # the caller closed it
        return False
    pairs: Any = low_high if isinstance(low_high[0], tuple) else (low_high,)
    return any(low != high for low, high in pairs)


def _orientation(image: Image.Image) -> Image.Transpose | None:
    try:
        return _TURN.get(image.getexif().get(_EXIF_ORIENTATION, 1))
    except Exception:
        return None  # broken EXIF is no reason to lose the picture


def _upright(layer: Image.Image, factor: int, turn: Image.Transpose | None) -> Image.Image:
    if factor > 1:
        layer = (layer if layer.mode in ("L", "RGB") else layer.convert("RGB")).reduce(factor)
    return layer.transpose(turn) if turn is not None else layer
