import pytest
import segno

from mfatools import qr
from mfatools.qr.texts import looks_like_account, text_of

LABELS = [
    "Müller",
    "Acmé One",
    "Zürcher Kantonalbank",
    "東京大学",
    "ストア銀行",
    "почта",
    "Nordström",
    "Žluťoučký",
    "🔑",
]


@pytest.mark.parametrize("label", LABELS)
def test_utf8_is_taken_as_utf8(label):
    assert text_of(label.encode()) == label


@pytest.mark.parametrize("label", ["Müller", "Acmé One", "Zürich Ältestenrat", "ça va", "Nordström Ångström"])
def test_western_labels_that_are_not_utf8_are_latin1(label):
    uri = f"otpauth://totp/{label}:alice?secret=JBSWY3DPEHPK3PXP"
    assert text_of(uri.encode("latin-1")) == uri


@pytest.mark.parametrize("label", ["東京大学", "ストア銀行", "почта", "みずほ"])
def test_japanese_bytes_are_read_as_shift_jis(label):
    uri = f"otpauth://totp/{label}:alice?secret=JBSWY3DPEHPK3PXP"
    assert text_of(uri.encode("shift_jis")) == uri


def test_any_bytes_give_a_text():
    for start in range(0, 256, 7):
        assert isinstance(text_of(bytes((start + i) % 256 for i in range(40))), str)


@pytest.mark.parametrize("engine", ["zxing-cpp", "pyzbar"])
@pytest.mark.parametrize("label", ["Müller", "Überweisung", "Łódź", "東京"])
def test_both_engines_give_true_labels_whatever_they_guess(engine, label):
    import io

    uri = f"otpauth://totp/{label}?secret=JBSWY3DPEHPK3PXP"
    out = io.BytesIO()
    segno.make(uri.encode(), mode="byte", micro=False).save(out, kind="png", scale=4)
    assert qr.read(out.getvalue(), engines=[engine]).texts == [uri]


def test_a_declared_charset_is_honoured():
    import io

    uri = "otpauth://totp/Żółć?secret=JBSWY3DPEHPK3PXP"
    out = io.BytesIO()
    segno.make(uri, encoding="iso8859-2", eci=True, mode="byte", micro=False).save(out, kind="png", scale=4)
    assert qr.read(out.getvalue(), engines=["zxing-cpp"]).texts == [uri]


def test_what_looks_like_an_account():
    assert looks_like_account("otpauth://totp/x?secret=A")
    assert looks_like_account(" OTPAUTH-MIGRATION://offline?data=x")
    assert looks_like_account("motp://x:y?secret=1")
    assert not looks_like_account("https://example.com/otpauth:")
