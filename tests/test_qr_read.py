import pickle
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter
from qr_pictures import OTHER, URI, code, packed, page

from mfatools import qr
from mfatools.errors import PictureError

CANARY = "37HPOLVISB47CTNL"


def codes_of(reading):
    return [piece.code for piece in reading.advice]


def small(scale: float) -> Image.Image:
    """A page with a code of ``scale`` pixels a module, made small by a good filter."""
    large = code(scale=10)
    side = round(large.width / 10 * scale)
    return page(large.resize((side, side), Image.Resampling.LANCZOS), size=(400, 300))


def test_a_plain_picture_is_read_at_the_first_try():
    reading = qr.read(page(code()))
    (found,) = reading
    assert (found.text, found.raw, found.engine, found.preparation) == (URI, URI.encode(), "zxing-cpp", "as it is")
    assert found.source == 0
    assert 0 < found.ms <= reading.ms
    assert reading.advice == reading.errors == ()
    assert reading[0:1] == (found,)


def test_all_codes_of_a_page_are_found():
    reading = qr.read(page(code(), code(OTHER), code("https://example.com")))
    assert set(reading.texts) == {URI, OTHER, "https://example.com"}


def test_a_list_gives_all_and_one_bad_picture_does_not_spoil_it(tmp_path):
    reading = qr.read([code(), b"not a picture", tmp_path / "none.png", packed(page(code(OTHER)))])
    assert [(found.source, found.text) for found in reading] == [(0, URI), (3, OTHER)]
    assert [source for source, _ in reading.errors] == [1, 2]
    assert all(isinstance(error, PictureError) for _, error in reading.errors)
    assert len(qr.read([])) == 0


def test_nothing_prints_a_text():
    reading = qr.read([code(), code("https://example.com/" + CANARY)])
    shown = repr(reading) + str(reading) + f"{reading}" + "".join(repr(found) for found in reading)
    shown += "".join(piece.text for piece in reading.advice) + repr(reading.found)
    assert CANARY not in shown
    assert "example" not in shown


@pytest.mark.parametrize(
    ("name", "picture"),
    [
        ("light on dark", lambda: 255 - np.asarray(page(code()))),
        ("no quiet zone on black", lambda: page(code(border=0), ground=0)),
        ("hardly any contrast", lambda: np.asarray(page(code())) // 60 + 120),
        ("dark", lambda: np.asarray(page(code())) // 12),
        ("small", lambda: small(2)),
        ("very small", lambda: small(1.6)),
        ("blurred", lambda: page(code(scale=6)).filter(ImageFilter.GaussianBlur(4))),
        ("blurred beyond the eye", lambda: page(code(scale=5)).filter(ImageFilter.GaussianBlur(3.5))),
        ("turned", lambda: page(code()).rotate(33, fillcolor=255, expand=True)),
        ("mirrored", lambda: page(code()).transpose(Image.Transpose.FLIP_LEFT_RIGHT)),
        ("yellow on white", lambda: Image.merge("RGB", [Image.new("L", (900, 600), 255)] * 2 + [page(code())])),
        ("uneven light", lambda: np.asarray(page(code())) * np.linspace(0.1, 1, 900)),
        ("noise", lambda: np.asarray(page(code())) * 0.5 + np.random.default_rng(3).normal(60, 30, (600, 900))),
    ],
)
def test_hard_pictures(name, picture):
    made = picture()
    made = np.clip(made, 0, 255).astype(np.uint8) if isinstance(made, np.ndarray) else made
    assert qr.read(made, budget=20).texts == [URI]


@pytest.mark.parametrize("error", ["l", "m"])
def test_a_sticker_on_the_code_is_seen_through(error):
    """A fifth of the width in the middle at L, a third at M: more than error correction alone can bear."""
    picture = page(code(scale=6, error=error)).convert("RGB")
    side = code(scale=6, error=error).width
    half = side * (0.10 if error == "l" else 0.16)
    middle = (40 + side / 2, 60 + side / 2)
    ImageDraw.Draw(picture).ellipse(
        (middle[0] - half, middle[1] - half, middle[0] + half, middle[1] + half), fill=(200, 120, 40)
    )
    assert qr.read(picture, budget=20).texts == [URI]


def test_a_covered_corner_is_seen_through():
    sheet = page(code(scale=5))
    side = code(scale=5).width
    ImageDraw.Draw(sheet).rectangle((40 + side - 60, 40, 40 + side + 20, 60 + 60), fill=250)
    assert qr.read(sheet, budget=20).texts == [URI]


def test_no_code_is_made_up():
    random = np.random.default_rng(5)
    noise = random.integers(0, 2, (40, 40), dtype=np.uint8) * 255
    modules = np.kron(noise, np.ones((6, 6), np.uint8))
    for picture in (Image.new("L", (300, 200), 90), np.pad(modules, 40, constant_values=255)):
        assert len(qr.read(picture)) == 0


def test_a_code_whose_modules_were_blotted_out_is_not_made_up():
    """Finder patterns alone: as people blot out a secret."""
    pixels = np.asarray(page(code(scale=6))).copy()
    side, random = code(scale=6).width, np.random.default_rng(2)
    inner = np.s_[60 + 24 : 60 + side - 24, 40 + 24 + 56 : 40 + side - 24 - 56]
    pixels[inner] = np.kron(random.integers(60, 200, (40, 40)), np.ones((10, 10)))[
        : pixels[inner].shape[0], : pixels[inner].shape[1]
    ]
    pixels[60 + 24 + 56 : 60 + side - 24 - 56, 40 + 24 : 40 + side - 24] = 128
    reading = qr.read(pixels)
    assert len(reading) == 0
    assert reading.advice


def test_the_search_goes_on_past_a_code_that_is_no_account():
    pair = page(code("https://example.com/app", scale=3), small(1.6).crop((20, 40, 140, 160)))
    assert URI in qr.read(pair, budget=20).texts


def test_budget_and_stop_end_the_search():
    hard = page(code(scale=5)).filter(ImageFilter.GaussianBlur(9))
    assert len(qr.read(hard, budget=0)) == 0
    asked = []
    assert len(qr.read(hard, stop=lambda: len(asked) > 3 or asked.append(1))) == 0
    assert 1 <= len(asked) <= 4


def test_time_is_kept_by_the_clock_that_is_handed_in():
    from mfatools.qr import cascade

    ticks = iter(range(10**9))
    reading = cascade.read(page(code()).filter(ImageFilter.GaussianBlur(9)), monotonic=lambda: next(ticks) * 0.3)
    assert len(reading) == 0
    assert reading.ms > 1000


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://example.com", "E_QR_LINK"),
        ("https://play.google.com/store/apps/details?id=x", "E_QR_APP_STORE"),
        ("WIFI:S:home;T:WPA;P:pass;;", "E_QR_WIFI"),
        ("BEGIN:VCARD\nEND:VCARD", "E_QR_CONTACT"),
        ("mailto:a@example.com", "E_QR_EMAIL"),
        ("tel:+123", "E_QR_PHONE"),
        ("FIDO:/123", "E_QR_PASSKEY"),
        ("some words", "E_QR_OTHER"),
    ],
)
def test_a_code_that_is_no_account_is_named(text, expected):
    reading = qr.read(code(text))
    assert reading.texts == [text]
    assert codes_of(reading) == [expected]
    assert "two-factor account" in reading.advice[0].text


def test_a_code_with_a_bare_key_is_no_failure():
    assert qr.read(code("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")).advice == ()


def test_too_small_is_measured():
    for scale in (0.7, 0.8):
        reading = qr.read(small(scale))
        assert "E_SMALL" in codes_of(reading), scale
        assert "3" in reading.advice[0].text


def test_blurred_dark_flat_and_nothing_are_told():
    assert "E_BLUR" in codes_of(qr.read(page(code(scale=5)).filter(ImageFilter.GaussianBlur(8))))
    assert codes_of(qr.read(Image.new("L", (300, 300), 255))) == ["E_BLANK"]
    gradient = np.tile(np.linspace(0, 255, 300).astype(np.uint8), (300, 1))
    assert codes_of(qr.read(gradient)) == ["E_NO_QR"]
    assert "E_DARK" in codes_of(qr.read(gradient // 8))
    assert "E_CONTRAST" in codes_of(qr.read(gradient // 20 + 100))


def test_a_covered_code_is_told():
    sheet = page(code(scale=6))
    side = code(scale=6).width
    ImageDraw.Draw(sheet).ellipse((40 + side * 0.3, 60 + side * 0.3, 40 + side * 0.85, 60 + side * 0.85), fill=128)
    reading = qr.read(sheet)
    assert len(reading) == 0
    assert set(codes_of(reading)) & {"E_UNREADABLE", "E_BLUR", "E_CUT"}


def test_a_bar_code_is_named():
    zxingcpp = pytest.importorskip("zxingcpp")
    bars = zxingcpp.create_barcode("1234567890128", zxingcpp.BarcodeFormat.EAN13)
    picture = np.pad(np.asarray(bars.to_image(scale=3)), 60, constant_values=255)
    reading = qr.read(picture)
    assert codes_of(reading) == ["E_BAR_CODE"]


@pytest.mark.parametrize("scale", [3, 5, 8])
@pytest.mark.parametrize("text", [URI, URI + "&digits=6&period=30&algorithm=SHA1&image=https%3A%2F%2Fexample.com"])
@pytest.mark.parametrize("share", [0.5, 0.6, 0.74, 0.85])
def test_a_code_that_is_cut_off_is_told(scale, text, share):
    whole = code(text, scale=scale, error="l")
    side = whole.width
    part = round(share * side)
    sheet = Image.new("L", (side + 300, side + 200), 255)
    sheet.paste(whole, (160, 90))
    cuts = {
        "right": (100, 40, 160 + part, side + 150),
        "below": (100, 40, side + 250, 90 + part),
        "both": (100, 40, 160 + part, 90 + part),
        "left": (160 + side - part, 40, side + 250, side + 150),
    }
    for name, box in cuts.items():
        reading = qr.read(sheet.crop(box), budget=0.4)
        if share > 0.8 and len(reading):  # so little is gone that it may be made up for
            assert [found.text for found in reading] == [text]
            continue
        assert codes_of(reading) == ["E_CUT"], (name, share)
        assert "four corners" in reading.advice[0].hint


def test_a_whole_code_that_cannot_be_read_is_not_called_cut():
    """Its modules run to the edge of the picture, but so do its corners."""
    random = np.random.default_rng(4)
    pixels = np.asarray(code(scale=6, border=0)).copy()
    side = len(pixels)
    pixels[54 : side - 54, 54 : side - 54] = np.kron(random.integers(0, 2, (60, 60)) * 255, np.ones((6, 6)))[
        : side - 108, : side - 108
    ]
    reading = qr.read(pixels, budget=0.4)
    assert len(reading) == 0
    assert "E_CUT" not in codes_of(reading)


@pytest.mark.parametrize("way", ["inverted", "low contrast", "small", "blurred"])
def test_a_second_code_that_is_harder_to_see_is_found_too(way):
    second = {
        "inverted": lambda: code(OTHER).point(lambda v: 255 - v),
        "low contrast": lambda: code(OTHER, scale=4).point(lambda v: 205 + v // 12),
        "small": lambda: small(1.7).crop((40, 60, 140, 160)),
        "blurred": lambda: code(OTHER, scale=4).filter(ImageFilter.GaussianBlur(1.8)),
    }[way]()
    first = code("otpauth://totp/First:eve?secret=GEZDGNBVGY3TQOJQ")
    assert len(qr.read(page(first, second), budget=20).texts) == 2


def test_advice_keeps_to_the_picture():
    assert codes_of(qr.read(Image.new("L", (1, 1), 0))) == ["E_PICTURE_SMALL"]
    assert codes_of(qr.read(Image.new("L", (300, 12), 0))) == ["E_PICTURE_SMALL"]
    with pytest.raises(PictureError, match="An int is no picture"):
        qr.read(3)


def test_the_repr_counts():
    assert repr(qr.read(code())).startswith("Reading(1 QR code, 1 account, ")
    assert "2 pictures not opened" in repr(qr.read([b"no", b"picture", page(code("words"), code(OTHER))]))
    assert repr(qr.read([b"no"])).startswith("Reading(0 QR codes, 0 accounts, 1 picture not opened")


def test_every_piece_of_advice_says_what_to_do():
    for picture in (Image.new("L", (99, 99), 255), small(1.0), code("words")):
        for piece in qr.read(picture).advice:
            assert piece.text.endswith(".")
            assert piece.hint.endswith(".")


def test_the_package_is_light():
    script = (
        "import sys, mfatools.qr; "
        "print([m for m in ('numpy', 'PIL', 'zxingcpp', 'pyzbar', 'segno') if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


def test_read_stays_a_function_after_use():
    qr.read(code())
    assert callable(qr.read)
    for name in qr.__all__:
        assert getattr(qr, name) is not None
    with pytest.raises(AttributeError):
        _ = qr.nothing
    assert pickle.loads(pickle.dumps(qr.Advice("a", "b"))) == ("a", "b", "")


def torn(corner: int, angle: float = 0) -> Image.Image:
    """A page with a code that lacks the finder pattern of one corner: top left, top right, bottom left."""
    sheet = code(scale=6, error="q")
    side = sheet.width - 48
    left, top = ((24, 24), (24 + side - 45, 24), (24, 24 + side - 45))[corner]
    ImageDraw.Draw(sheet).rectangle((left, top, left + 45, top + 45), fill=190)
    return page(sheet, size=(600, 500)).rotate(angle, Image.Resampling.BICUBIC, expand=True, fillcolor=255)


@pytest.mark.parametrize("corner", [0, 1, 2])
@pytest.mark.parametrize("angle", [0, 11, -33])
def test_two_finder_patterns_are_enough(corner, angle):
    reading = qr.read(torn(corner, angle), budget=20)
    assert reading.texts == [URI]
    assert "repaired" in reading[0].preparation


def test_a_light_code_without_a_finder_pattern():
    assert qr.read(255 - np.asarray(torn(1, 8)), budget=20).texts == [URI]


def test_a_code_half_in_a_deep_shadow():
    grey = np.array(page(code()), np.float32)
    y, x = np.indices(grey.shape)
    grey[x + y < 300] *= 0.12
    grey *= 1 - y / 1200
    assert qr.read(grey.astype(np.uint8), budget=20, engines=["zxing-cpp"]).texts == [URI]


def test_a_code_without_quiet_zone_on_a_black_page_with_text_below():
    sheet = Image.new("L", (900, 600), 0)
    sheet.paste(code(scale=4, border=0), (300, 200))
    pen = ImageDraw.Draw(sheet)
    for row in range(4):
        pen.text((200, 200 + code(scale=4, border=0).height + 10 + 15 * row), "enter the six digits " * 3, fill=220)
    assert qr.read(sheet, budget=20, engines=["zxing-cpp"]).texts == [URI]


def test_a_code_printed_in_halftones():
    grey = np.asarray(page(code()), np.float32) / 255
    y, x = np.indices(grey.shape)
    screen = 0.4 + 0.4 * np.sin(x / 1.6) * np.sin(y / 1.6)
    printed = np.where(0.35 + 0.35 * grey > screen, 255, 0).astype(np.uint8)
    assert qr.read(printed, budget=20).texts == [URI]
