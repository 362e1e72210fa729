"""From a path, bytes or a binary file to a picture whose header is read and of which nothing is decoded.

Only formats that Pillow itself decodes are opened; EPS, PDF and SVG would need an outside interpreter and are
refused in words.
"""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import IO, Any

from PIL import BmpImagePlugin, Image, Jpeg2KImagePlugin, PngImagePlugin

from mfatools.errors import PictureError
from mfatools.qr import sniff

MAX_FILE = 64 << 20  # bytes; a 50-megapixel photo has 30 MB
MAX_SCANNED = 1_500_000_000  # pixels of all scans of a JPEG; a photo of 108 megapixels in 10 scans has 1.1e9
FORMATS = (
    "PNG", "JPEG", "WEBP", "GIF", "BMP", "DIB", "TIFF", "AVIF", "HEIF", "ICO", "JPEG2000", "PPM", "TGA", "PCX",
    "SGI", "QOI", "DDS", "ICNS", "CUR", "MSP", "XBM", "XPM", "PSD", "SUN", "IM", "FLI", "DCX",
)  # fmt: skip
_ICON_PIXELS = 4_000_000  # of a picture inside an icon; the largest that systems use have 1024 x 1024
_ICON_PARTS = 64
CUT = "mfatools: cut short"  # key in Image.info: the file has no end


def opened(picture: object) -> Image.Image:
    """The picture with its header read and nothing decoded yet.

    Args:
        picture: a path (str or Path), bytes, or a binary file.

    Raises:
        PictureError: no picture, or none of a format that is opened.
    """
    data = _bytes_of(picture)
    sniff.refuse_what_is_no_picture(data)
    _check_icon(data)
    if sniff.is_heif(data):
        _know_heif()
    cut = sniff.is_jpeg_without_end(data)
    try:
        image = _open_allowed(io.BytesIO(data + sniff.JPEG_END if cut else data))
        _check_scans(image, data)
        image.info[CUT] = cut
        return image
    except PictureError:
        raise
    except ValueError:
        if data[:8] != sniff.PNG:
            raise no_picture() from None
    try:
        return _open_allowed(io.BytesIO(sniff.png_without_texts(data)))
    except ValueError:
        raise no_picture() from None


def _bytes_of(picture: object) -> bytes:
    if isinstance(picture, bytes | bytearray | memoryview):
        data = bytes(picture)
        _check_file_size(len(data))
        return data
    if isinstance(picture, str | os.PathLike):
        return _bytes_of_path(picture)
    if hasattr(picture, "read"):
        data = _bytes_of_file(picture)
        if isinstance(data, bytes):
            _check_file_size(len(data))
            return data
    kind = type(picture).__name__
    what = f"{'An' if kind[0].lower() in 'aeiou' else 'A'} {kind} is no picture."
    raise PictureError(
        what,
        "Give a path, bytes, a Pillow image, a numpy array, or a list of them.",
        code="E_NO_PICTURE",
    )


def _bytes_of_file(file: Any) -> Any:  # noqa: ANN401 - whatever has a method read
    try:
        return file.read(MAX_FILE + 1)
    except (OSError, ValueError):  # gone, or closed
        raise PictureError("This file cannot be read.", "Open it anew in binary mode.", code="E_NO_FILE") from None


def _bytes_of_path(name: str | os.PathLike[str]) -> bytes:
    try:
        path = Path(name)
        if path.is_dir():
            raise PictureError("This path is a folder.", "Name a picture in it.", code="E_NO_FILE")
        if not path.exists():
            raise PictureError(
                "There is no file of this name.", "Check the path and the spelling.", code="E_NO_FILE"
            )
        if not path.is_file():
            raise PictureError("This path is no ordinary file.", "Name a picture file.", code="E_NO_FILE")
        _check_file_size(path.stat().st_size)
        return path.read_bytes()
    except (OSError, ValueError) as error:
        if isinstance(error, PictureError):
            raise
        # Not quoted: a text that was meant to be scanned may have been given as a path.
        raise PictureError(
            "This file cannot be read.", "Check the path and your rights to the file.", code="E_NO_FILE"
        ) from None


def _check_file_size(size: int) -> None:
    if size > MAX_FILE:
        what = f"The file has {size / 1e6:.0f} MB; a picture of up to {MAX_FILE / 1e6:.0f} MB is opened."
        raise PictureError(
            what,
            "Take a screenshot of the part with the QR code.",
            code="E_PICTURE_SIZE",
        )
    if size == 0:
        raise PictureError("The file is empty (0 bytes).", "Save or download the picture again.", code="E_EMPTY")


def _check_icon(data: bytes) -> None:
    """An icon's directory says little of the pictures inside, and Pillow decodes the largest one upon opening."""
    file = io.BytesIO(data)
    for number, (start, length) in enumerate(sniff.icon_parts(data)):
        if number == _ICON_PARTS:
            raise no_picture()
        file.seek(start)
        width, height = _size_inside(file, length)
        if width * height > _ICON_PIXELS:
            what = f"A picture inside this icon has {width} x {height} pixels, more than can be opened safely."
            raise PictureError(what, "Take a screenshot of the QR code.", code="E_PICTURE_SIZE")


def _size_inside(file: IO[bytes], length: int) -> tuple[int, int]:
    """The size by its own header of the picture that begins here; nothing where none can be made out."""
    head = file.read(12)
    file.seek(-len(head), io.SEEK_CUR)
    try:
        if head.startswith(sniff.PNG):
            return PngImagePlugin.PngImageFile(file).size
        if head.startswith(sniff.JPEG2000):
            return Jpeg2KImagePlugin.Jpeg2KImageFile(io.BytesIO(file.read(max(0, length)))).size
        return BmpImagePlugin.DibImageFile(file).size
    except Exception:  # Pillow will say the same in a moment
        return 0, 0


def _check_scans(image: Image.Image, data: bytes) -> None:
    """A progressive JPEG may go over all its pixels many times; 230 KB of empty scans take ten seconds."""
    if image.format in ("JPEG", "MPO") and data.count(sniff.JPEG_SCAN) * image.width * image.height > MAX_SCANNED:
        raise too_large(*image.size)


def too_large(width: int, height: int) -> PictureError:
    """What is said of a picture that would take too much memory or time."""
    what = f"The picture has {width} x {height} pixels, more than can be opened safely."
    return PictureError(what, "Cut out the part with the QR code and try again.", code="E_PICTURE_SIZE")


def no_picture() -> PictureError:
    """What is said of a file that holds nothing to look at."""
    return PictureError(
        "This file is no picture that can be opened.",
        "Take a screenshot of the QR code and save it as PNG or JPEG.",
        code="E_NO_PICTURE",
    )


def _open_allowed(file: IO[bytes]) -> Image.Image:
    """``Image.open`` for our formats, with our own limit in place of Pillow's warning about large pictures."""
    Image.init()
    prefix = file.read(16).ljust(16, b"\0")  # some formats' tests fail on less
    for name in FORMATS:
        factory, accept = Image.OPEN.get(name, (None, None))
        if factory is None or (accept and accept(prefix) is not True and not accept(prefix)):
            continue
        try:
            file.seek(0)
            image = factory(file, "")
        except Image.DecompressionBombError:
            raise PictureError(
                "A part of this picture has more pixels than can be opened safely.",
                "Take a screenshot of the QR code.",
                code="E_PICTURE_SIZE",
            ) from None
        except ValueError:  # texts inside a PNG that unpack to too much: the picture itself may be fine
            raise
        except Exception:  # each plugin raises what it likes at a file that is broken, or is not of its kind
            continue
        return image
    raise no_picture()


def _know_heif() -> None:
    try:
        import pillow_heif
    except ImportError:
        raise PictureError(
            "This is a HEIC photo, and the package that opens those is missing.",
            "Run: pip install pillow-heif, or save the photo as JPEG.",
            code="E_NO_PICTURE",
        ) from None
    pillow_heif.register_heif_opener()
