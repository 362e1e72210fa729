import contextlib
import io
import os
import random
import struct
import subprocess
import sys
import textwrap
import threading
import warnings
import zlib

import numpy as np
import pytest
from PIL import Image
from qr_pictures import URI, code, packed, page, transparent

from mfatools import qr
from mfatools.errors import PictureError
from mfatools.qr.load import frames


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_header(width: int, height: int, rest: bytes = b"") -> bytes:
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)) + rest


@pytest.mark.parametrize(
    "kind", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "ICO", "JPEG2000", "PPM", "TGA", "AVIF"]
)
def test_formats(kind):
    assert qr.read(packed(code(scale=6), kind)).texts == [URI]


def test_heic_from_a_phone():
    import pillow_heif

    out = io.BytesIO()
    pillow_heif.from_pillow(code().convert("RGB")).save(out, quality=80)
    assert qr.read(out.getvalue()).texts == [URI]


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "LA", "CMYK", "YCbCr", "HSV", "I", "F", "I;16"])
def test_modes_of_pillow(mode):
    image = code().convert("RGB").convert(mode) if mode not in ("I", "F", "I;16", "1") else code().convert(mode)
    assert qr.read(image).texts == [URI]


def test_cmyk_jpeg():
    assert qr.read(packed(code().convert("CMYK"), "JPEG")).texts == [URI]


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_transparency_is_put_on_white_and_on_black(mode):
    assert qr.read(packed(transparent(0, mode))).texts == [URI]
    white = qr.read(packed(transparent(255, mode)))
    assert white.texts == [URI]
    assert white[0].preparation == "on black"


def test_palette_with_a_transparent_colour():
    image = code().convert("P")
    image.info["transparency"] = image.getpixel((0, 0))
    assert qr.read(packed(image, transparency=image.getpixel((0, 0)))).texts == [URI]


@pytest.mark.parametrize("turn", range(1, 9))
def test_exif_turns_are_undone_and_places_are_of_the_upright_picture(turn):
    from mfatools.qr.load import _TURN

    upright = page(code(), size=(400, 300))
    back = {6: Image.Transpose.ROTATE_90, 8: Image.Transpose.ROTATE_270}
    stored = upright.transpose(back.get(turn, _TURN[turn])) if turn > 1 else upright
    exif = Image.Exif()
    exif[0x0112] = turn
    reading = qr.read(packed(stored, "JPEG", quality=95, exif=exif.tobytes()))
    assert reading.texts == [URI]
    assert np.allclose(reading[0].corners[0], (40 + 20, 60 + 20), atol=3)


@pytest.mark.parametrize(
    "change",
    [
        lambda a: a,
        lambda a: a > 128,
        lambda a: a.astype(np.uint16) * 257,
        lambda a: (a / 255 * 4095).astype(np.uint16),
        lambda a: a / 255,
        lambda a: (a / 255).astype(np.float32) * 0.02 + 0.5,
        lambda a: np.where(np.arange(a.size).reshape(a.shape) == 3, np.nan, a / 255),
        lambda a: a.astype(np.int64),
        lambda a: a[:, :, None],
        lambda a: np.dstack([a, a, a]),
        lambda a: np.dstack([a, a, a, np.full_like(a, 255)]),
        lambda a: np.dstack([a, a, a]) / 255,
        lambda a: np.dstack([a, a, a])[:, :, ::-1],
        lambda a: np.asfortranarray(a),
        lambda a: np.repeat(np.repeat(a, 2, 0), 2, 1)[::2, ::2],
    ],
)
def test_arrays(change):
    assert qr.read(change(np.asarray(code()))).texts == [URI]


@pytest.mark.parametrize(
    "wrong", [np.zeros((0, 5)), np.zeros(9), np.zeros((4, 4, 2)), np.array([["a", "b"]]), np.zeros((2, 2), complex)]
)
def test_arrays_that_are_no_pictures(wrong):
    with pytest.raises(PictureError):
        qr.read(wrong)


def test_the_frame_that_has_a_code(tmp_path):
    blank = Image.new("L", code().size, 255)
    for kind in ("GIF", "WEBP", "PNG", "TIFF"):
        data = packed(blank, kind, save_all=True, append_images=[blank.point(lambda v: v - 3), code()])
        reading = qr.read(data)
        assert reading.texts == [URI], kind
        assert reading[0].frame >= 1


def test_the_callers_image_stays_as_it_was():
    blank = Image.new("L", code().size, 255)
    image = Image.open(io.BytesIO(packed(blank, "GIF", save_all=True, append_images=[code()])))
    assert qr.read(image).texts == [URI]
    assert image.tell() == 0
    array = np.asarray(code()).copy()
    before = array.copy()
    qr.read(array)
    assert (array == before).all()


def test_ways_to_name_a_picture(tmp_path):
    path = tmp_path / "ein Bild ü.png"
    path.write_bytes(packed(code()))
    data = path.read_bytes()
    with path.open("rb") as file:
        for picture in (path, str(path), data, bytearray(data), memoryview(data), file, code()):
            assert qr.read(picture).texts == [URI]


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "empty"),
        (b"hello\n", "no picture"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "PostScript"),
        (b"%PDF-1.7\n", "PDF"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'></svg>", "SVG"),
        (b"\xef\xbb\xbf<?xml version='1.0'?><svg/>", "SVG"),
        (b"<!DOCTYPE html><html></html>", "web page"),
        (b"PK\x03\x04" + bytes(40), "zip"),
        (os.urandom(5000), "no picture"),
        (b"\x89PNG\r\n\x1a\n", "no picture"),
        (packed(code())[:60], "damaged"),
    ],
)
def test_files_that_are_no_picture_are_named_in_words(data, word):
    with pytest.raises(PictureError) as caught:
        qr.read(data)
    assert word in caught.value.what + caught.value.hint
    assert caught.value.hint
    assert caught.value.code.startswith("E_")


def test_missing_files_and_folders(tmp_path):
    for name in (tmp_path / "none.png", str(tmp_path), "", "\0", "x" * 5000, URI):
        with pytest.raises(PictureError) as caught:
            qr.read(name)
        assert "37HP" not in str(caught.value)
    with pytest.raises(PictureError):
        qr.read(None)
    with pytest.raises(PictureError):
        qr.read(12)


def test_a_very_large_file_is_refused_unread(tmp_path):
    path = tmp_path / "large.png"
    with path.open("wb") as file:
        file.truncate(200 << 20)  # sparse
    with pytest.raises(PictureError, match="MB"):
        qr.read(path)


@pytest.mark.parametrize("size", [(100_000, 100_000), (12_000, 12_000), (2**31 - 1, 2**31 - 1)])
def test_bombs_are_refused_by_their_header(size):
    with pytest.raises(PictureError) as caught:
        qr.read(png_header(*size, chunk(b"IDAT", zlib.compress(bytes(1000)))))
    assert caught.value.code in ("E_PICTURE_SIZE", "E_NO_PICTURE")


def icon(inside: bytes) -> bytes:
    """A Windows icon that calls the picture inside 16 x 16."""
    return struct.pack("<HHHBBBBHHII", 0, 1, 1, 16, 16, 0, 0, 1, 32, len(inside), 22) + inside


def apple_icon(inside: bytes) -> bytes:
    part = b"ic07" + struct.pack(">I", len(inside) + 8) + inside
    return b"icns" + struct.pack(">I", len(part) + 8) + part


@pytest.mark.parametrize("wrap", [icon, apple_icon])
@pytest.mark.parametrize("before", [b"", chunk(b"tEXt", b"a\0b")])
def test_a_bomb_inside_an_icon_is_refused_by_its_own_header(wrap, before):
    header = png_header(13_000, 13_000, chunk(b"IDAT", zlib.compress(bytes(10))))
    with pytest.raises(PictureError, match="13000 x 13000") as caught:
        qr.read(wrap(header[:8] + before + header[8:]))
    assert caught.value.code == "E_PICTURE_SIZE"


def test_icons_with_endless_directories_are_refused():
    with pytest.raises(PictureError):
        qr.read(struct.pack("<HHH", 0, 1, 60_000) + bytes(16) * 60_000)


def test_a_part_of_an_animation_that_is_a_bomb_is_refused():
    data = bytearray(packed(code(scale=6), "GIF"))
    place = data.index(b"\x2c\0\0\0\0")  # the image descriptor: left, top, width and height of the part
    data[place + 5 : place + 9] = struct.pack("<HH", 60_000, 60_000)
    with pytest.raises(PictureError) as caught:
        qr.read(bytes(data))
    assert caught.value.code == "E_PICTURE_SIZE"


@pytest.mark.parametrize(("first", "texts"), [(code(scale=6), [URI]), (Image.new("L", (90, 90), 255), [])])
def test_a_broken_second_page_does_not_lose_the_first(first, texts):
    out = io.BytesIO()
    first.save(out, "TIFF", save_all=True, append_images=[code(scale=6)])
    data = bytearray(out.getvalue())
    (page_one,) = struct.unpack_from("<I", data, 4)
    (entries,) = struct.unpack_from("<H", data, page_one)
    (page_two,) = struct.unpack_from("<I", data, page_one + 2 + 12 * entries)
    data[page_two : page_two + 2] = bytes(2)  # it says nothing of itself any more, not even its size
    assert qr.read(bytes(data), budget=0).texts == texts


@pytest.mark.parametrize(
    "kind", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "ICO", "ICNS", "JPEG2000", "TGA", "AVIF"]
)
def test_damage_of_any_kind_ends_in_words(kind):
    whole, draw = packed(code(scale=3).resize((128, 128)), kind), random.Random(kind)
    for _ in range(60):
        data = bytearray(whole)
        for _ in range(draw.choice((1, 3, 12))):
            data[draw.randrange(min(len(data), draw.choice((64, 600))))] = draw.randrange(256)
        with contextlib.suppress(PictureError), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            qr.read(bytes(data), budget=0)


def test_a_code_in_an_apple_icon_is_read():
    picture = code(scale=6).resize((256, 256))
    assert qr.read(packed(picture, "ICNS")).texts == [URI]


def test_a_jpeg_of_a_great_many_scans_is_refused():
    data = packed(Image.new("RGB", (5000, 5000)), "JPEG", progressive=True)
    scan = data[data.rindex(b"\xff\xda") : -2]
    assert len(qr.read(data, budget=0)) == 0
    with pytest.raises(PictureError) as caught:
        qr.read(data[:-2] + 100 * scan + data[-2:])
    assert caught.value.code == "E_PICTURE_SIZE"


def test_the_size_of_an_animation_is_that_of_its_coloured_frames():
    frame = b"\x2c" + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\2\2\x44\1\0"
    screen = struct.pack("<HHBBB", 10_000, 10_000, 0x80, 0, 0)
    with pytest.raises(PictureError) as caught:
        qr.read(b"GIF89a" + screen + bytes(6) + 3 * frame + b";")
    assert caught.value.code == "E_PICTURE_SIZE"


def test_pictures_and_files_that_were_closed():
    image, file = Image.open(io.BytesIO(packed(code()))), io.BytesIO(packed(code()))
    image.close()
    file.close()
    for closed in (image, file):
        with pytest.raises(PictureError):
            qr.read(closed)


def test_an_array_that_has_its_size_by_a_trick_is_refused():
    with pytest.raises(PictureError) as caught:
        qr.read(np.broadcast_to(np.float64(1), (30_000, 30_000)))
    assert caught.value.code == "E_PICTURE_SIZE"


def test_a_strip_is_read_as_nothing():
    assert len(qr.read(Image.new("L", (100_000, 1), 255))) == 0
    strip = np.zeros((1, 100_000), np.uint8)
    strip[0, ::3] = 255
    assert len(qr.read(strip)) == 0


def test_texts_that_unpack_to_much_do_not_lose_the_picture():
    data = packed(code())
    bomb = chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(20_000_000)))
    assert qr.read(data[:33] + bomb + data[33:]).texts == [URI]


def test_a_file_cut_short_still_gives_what_is_there():
    sheet = page(code(), size=(500, 900))
    sheet.paste(Image.effect_noise((500, 400), 80), (0, 500))
    for kind, options in (("PNG", {}), ("JPEG", {"quality": 90})):
        data = packed(sheet, kind, **options)
        reading = qr.read(data[: int(0.8 * len(data))])
        assert reading.texts == [URI], kind
        assert [piece.code for piece in reading.advice] == ["E_PICTURE_TRUNCATED"]


def test_a_file_cut_inside_the_code_says_so():
    data = packed(code(), "JPEG")
    with pytest.raises(PictureError) as caught:
        qr.read(data[: len(data) // 2])
    assert caught.value.code == "E_PICTURE_TRUNCATED"
    reading = qr.read([data[: len(data) // 2], code()])
    assert len(reading) == len(reading.errors) == 1


def test_large_pictures_are_halved_and_places_are_those_of_the_whole():
    sheet = Image.new("L", (8000, 5000), 255)
    sheet.paste(code(scale=12, border=0), (5000, 3000))
    reading = qr.read(sheet)
    assert reading.texts == [URI]
    assert np.allclose(reading[0].corners[0], (5000, 3000), atol=15)
    frame = next(frames(packed(sheet, "JPEG")))
    assert frame.scale == 2


def test_several_threads_at_once():
    data, results = packed(page(code())), []
    threads = [threading.Thread(target=lambda: results.append(qr.read(data).texts)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [[URI]] * 8


def test_no_switch_of_pillows_is_touched_and_no_file_is_written(tmp_path, monkeypatch):
    import tempfile

    from PIL import ImageFile

    def refuse(*args, **kwargs):
        raise AssertionError("a temporary file")

    for name in ("mkstemp", "TemporaryFile", "NamedTemporaryFile"):
        monkeypatch.setattr(tempfile, name, refuse)
    before = Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES
    qr.read(packed(code())[:-40])
    qr.read(packed(page(code())))
    assert before == (Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES)


@pytest.mark.skipif(sys.platform == "win32", reason="the resource module is of Unix")
def test_memory_stays_bounded(tmp_path):
    """Bombs take no more than the engines take anyway; a picture of 84 megapixels stays under 400 MB."""
    (tmp_path / "bomb.png").write_bytes(
        png_header(12_000, 12_000, chunk(b"IDAT", zlib.compress(bytes(12_000 * 12_001))) + chunk(b"IEND", b""))
    )
    (tmp_path / "large.png").write_bytes(packed(Image.new("L", (13_000, 6_500), 255)))
    script = textwrap.dedent("""
        import resource, sys
        from mfatools import qr
        from mfatools.errors import PictureError
        unit = 1024 if sys.platform != "darwin" else 1 << 20
        peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // unit
        qr.read(__import__("numpy").zeros((50, 50), "uint8"))
        start = peak()
        try:
            qr.read("bomb.png")
            sys.exit("read")
        except PictureError:
            pass
        bomb = peak()
        qr.read("large.png")
        print(start, bomb, peak())
    """)
    out = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True)
    start, bomb, large = map(int, out.stdout.split())
    assert bomb - start < 30, out.stdout
    assert large - start < 400, out.stdout
