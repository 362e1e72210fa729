"""What a file is by its first bytes, so that a wrong one is refused by its right name."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from mfatools.errors import PictureError

PNG = b"\x89PNG\r\n\x1a\n"
JPEG2000 = (b"\xff\x4f\xff\x51", b"\x0d\x0a\x87\x0a", b"\x00\x00\x00\x0cjP  ")
JPEG_END = b"\xff\xd9"  # the marker EOI (ITU-T T.81, table B.1)
JPEG_SCAN = b"\xff\xda"  # the marker SOS: a scan begins; inside one FF is followed by 00
_HEIF_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
_PNG_TEXTS = (b"tEXt", b"zTXt", b"iTXt")
_SCREENSHOT = "Open it and take a screenshot of the QR code."
_Kinds = tuple[tuple[tuple[bytes, ...], str, str], ...]
_OTHERS: _Kinds = (
    ((b"%!PS", b"\xc5\xd0\xd3\xc6"), "an EPS or PostScript file, which only a program could draw", _SCREENSHOT),
    ((b"%PDF",), "a PDF document, not a picture", _SCREENSHOT),
    (
        (b"PK\x03\x04", b"PK\x05\x06"),
        "a zip archive or an office document",
        "Unpack it; give the picture inside.",
    ),
    ((b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!", b"BZh", b"\xfd7zXZ"), "a packed archive", "Unpack it first."),
    ((b"MZ", b"\x7fELF"), "a program, not a picture", "Look where the picture was saved."),
    ((b"\xd7\xcd\xc6\x9a", b"\x01\x00\x00\x00\x58\x00\x00\x00"), "a Windows drawing (WMF or EMF)", _SCREENSHOT),
)
_MARKUP: _Kinds = (
    (
        (b"<!doctype html", b"<html", b"<head", b"<body"),
        "a web page",
        _SCREENSHOT,
    ),
    ((b"<svg", b"<?xml", b"<!doctype svg"), "an SVG drawing or other XML, not a picture", _SCREENSHOT),
)


def is_heif(data: bytes) -> bool:
    """Whether it is a photo in the container that iPhones use (HEIC)."""
    return data[4:8] == b"ftyp" and data[8:12] in _HEIF_BRANDS


def is_jpeg_without_end(data: bytes) -> bool:
    """Whether a JPEG lacks its last marker: it was cut short. With the marker added, Pillow decodes the rest."""
    return data[:3] == b"\xff\xd8\xff" and JPEG_END not in data[-4096:]


def refuse_what_is_no_picture(data: bytes) -> None:
    """Raise PictureError, by name, for files that people take for pictures."""
    for starts, name, hint in _OTHERS:
        if data.startswith(starts):
            what = f"This file is {name}."
            raise PictureError(what, hint, code="E_NO_PICTURE")
    head = data[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    for starts, name, hint in _MARKUP:
        if head.startswith(starts):
            what = f"This file is {name}."
            raise PictureError(what, hint, code="E_NO_PICTURE")


def icon_parts(data: bytes) -> Iterator[tuple[int, int]]:
    """Start and length of the pictures inside a Windows (ICO) or Apple (ICNS) icon; none in other files."""
    if data[:4] == b"\0\0\1\0":
        (count,) = struct.unpack_from("<H", data.ljust(6, b"\0"), 4)
        for place in range(6, min(6 + 16 * count, len(data) - 15), 16):
            length, start = struct.unpack_from("<II", data, place + 8)
            yield start, length
    elif data[:4] == b"icns":
        place = 8
        while place + 8 <= len(data):
            (length,) = struct.unpack_from(">I", data, place + 4)
            yield place + 8, length - 8
            place += max(8, length)


def png_without_texts(data: bytes) -> bytes:
    """A PNG without its text chunks (PNG specification, section 5.3: length, type, data, check sum)."""
    kept, place = [PNG], len(PNG)
    while place + 12 <= len(data):
        (length,) = struct.unpack_from(">I", data, place)
        end = place + 12 + length
        if data[place + 4 : place + 8] not in _PNG_TEXTS:
            kept.append(data[place:end])
        place = end
    return b"".join(kept)
