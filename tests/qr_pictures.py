"""Small pictures with QR codes that the tests draw themselves."""

from __future__ import annotations

import io

import numpy as np
import segno
from PIL import Image

URI = "otpauth://totp/Acme:alice?secret=37HPOLVISB47CTNL&issuer=Acme"
OTHER = "otpauth://totp/Second:bob?secret=JBSWY3DPEHPK3PXP&issuer=Second"


def code(text: str | bytes = URI, scale: int = 5, border: int = 4, error: str = "m", **options) -> Image.Image:
    """A grey picture of one code."""
    out = io.BytesIO()
    symbol = segno.make(text, error=error, micro=False, boost_error=False, **options)
    symbol.save(out, kind="png", scale=scale, border=border)
    return Image.open(out).convert("L")


def page(*pictures: Image.Image, size=(900, 600), ground: int = 255) -> Image.Image:
    """Pictures side by side on a page."""
    sheet, x = Image.new("L", size, ground), 40
    for picture in pictures:
        sheet.paste(picture, (x, 60))
        x += picture.width + 40
    return sheet


def packed(image: Image.Image, kind: str = "PNG", **options) -> bytes:
    """The bytes of a picture file."""
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def transparent(dark: int, mode: str = "RGBA") -> Image.Image:
    """A code of which only the dark modules are there, drawn in grey ``dark`` on nothing."""
    grey = np.asarray(code())
    ink = np.full(grey.shape, dark, np.uint8)
    alpha = np.where(grey < 128, 255, 0).astype(np.uint8)
    layers = [ink, alpha] if mode == "LA" else [ink, ink, ink, alpha]
    return Image.fromarray(np.dstack(layers))
