"""From any mode of Pillow's and any array of numbers to grey pixels."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mfatools.errors import PictureError
from mfatools.qr.engines import Grey

MAX_NUMBERS = 480_000_000  # in an array: a copy of them as floats takes 2 GB


def flat(image: Image.Image) -> tuple[Image.Image, Image.Image | None, Image.Image | None]:
    """(grey on white, grey on black if anything is transparent, colours if there are any)."""
    if image.mode == "L" and "transparency" not in image.info:
        return image, None, None
    if image.has_transparency_data:
        solid = image.convert("RGBA")
        alpha = solid.getchannel("A")
        if alpha.getextrema() != (255, 255):
            return _on(solid, alpha, 255), _on(solid, alpha, 0), None
        image = solid
    if image.mode in ("1", "L", "LA", "La"):
        return image.convert("L"), None, None
    colour = image if image.mode in ("RGB", "RGBA", "RGBX", "P") else image.convert("RGB")
    return colour.convert("L"), None, colour


def _on(solid: Image.Image, alpha: Image.Image, ground: int) -> Image.Image:
    flat = Image.new("L", solid.size, ground)
    flat.paste(solid.convert("L"), mask=alpha)
    return flat


def with_missing_rows(grey: Image.Image) -> Image.Image:
    """A picture cut short with the rows that never came in the colour of its rim, as quiet as a quiet zone."""
    pixels = np.array(grey)
    rows = np.nonzero(pixels.any(axis=1))[0]
    if len(rows) and rows[-1] + 1 < len(pixels):
        rim = pixels[: rows[-1] + 1, [0, -1]]
        pixels[rows[-1] + 1 :] = np.uint8(np.median(rim))
    return Image.fromarray(pixels)


def image_of_array(array: NDArray[Any]) -> Image.Image:
    """A Pillow image of an array H x W, H x W x 1, 3 or 4 of any number type.

    uint8 is taken as it is, bool as black and white; other types are stretched from their smallest to their
    greatest value, so that neither floats from 0 to 1 nor 12 bits in 16 come out black.

    Raises:
        PictureError: another shape, no pixels, or values that are no numbers.
    """
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[:, :, 0]
    if array.size == 0 or not (array.ndim == 2 or (array.ndim == 3 and array.shape[2] in (3, 4))):
        what = f"An array of shape {array.shape} is no picture."
        raise PictureError(
            what,
            "Give height x width, or height x width x 3 (RGB) or 4 (RGBA).",
            code="E_NO_PICTURE",
        )
    if array.size > MAX_NUMBERS:  # a broadcast array takes no memory until it is copied
        what = f"An array of {array.size / 1e6:.0f} million numbers is more than can be read."
        raise PictureError(what, "Give the part with the QR code.", code="E_PICTURE_SIZE")
    if array.dtype.kind not in "biuf":
        what = f"An array of {array.dtype} is no picture."
        raise PictureError(what, "Give numbers or booleans.", code="E_NO_PICTURE")
    return Image.fromarray(np.ascontiguousarray(_bytes_of_numbers(array)))


def _bytes_of_numbers(array: NDArray[Any]) -> Grey:
    if array.dtype == np.uint8:
        return array
    if array.dtype == np.bool_:
        return array.astype(np.uint8) * np.uint8(255)
    if array.ndim == 3 and array.shape[2] == 4:  # alpha is not part of the range
        alpha = array[:, :, 3] >= np.nanmax(array[:, :, 3]) / 2
        return np.dstack([_bytes_of_numbers(array[:, :, :3]), _bytes_of_numbers(alpha)])
    return _stretched(array)


def _stretched(array: NDArray[Any]) -> Grey:
    values = array.astype(np.float32)
    good = values[np.isfinite(values)] if array.dtype.kind == "f" else values
    if good.size == 0:
        return np.zeros(array.shape, np.uint8)
    low, high = float(good.min()), float(good.max())
    span = (high - low) or 1.0
    values -= low
    values *= 255.0 / span
    return np.nan_to_num(values, nan=0.0, posinf=255.0, neginf=0.0).clip(0, 255).astype(np.uint8)
