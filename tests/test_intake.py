"""Any text: its kind, its accounts, or what it is instead."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mfatools import account, intake, migration
from mfatools.errors import MfaError, UriError
from mfatools.intake import Kind

KEY = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
URI = f"otpauth://totp/Acme:bo?secret={KEY}"

TEXTS = [
    (Kind.OTPAUTH, URI),
    (Kind.OTPAUTH, f"\ufeff {URI}\n"),
    (Kind.OTPAUTH, f'"OTPAUTH://TOTP/x?secret={KEY}"'),
    (Kind.OTPAUTH, f"otpauth%3A%2F%2Ftotp%2Fx%3Fsecret%3D{KEY}"),
    (Kind.OTPAUTH, f"Scan this: {URI}"),
    (Kind.OTPAUTH, f"steam://{KEY}"),
    (Kind.MIGRATION, "otpauth-migration://offline?data=AA"),
    (Kind.MOTP, "motp://Acme:bo?secret=00ff"),
    (Kind.LINK, "https://acme.org/"),
    (Kind.LINK, "HTTP://ACME.ORG"),
    (Kind.LINK, "www.acme.org"),
    (Kind.LINK, "acme.co.uk/login"),
    (Kind.LINK, "https://acme.org/?next=otpauth"),
    (Kind.APP_STORE, "https://play.google.com/store/apps/details?id=org.acme"),
    (Kind.APP_STORE, "https://apps.apple.com/app/id1"),
    (Kind.APP_STORE, "market://details?id=org.acme"),
    (Kind.WIFI, r"WIFI:T:WPA;S:net;P:\;word;;"),
    (Kind.CONTACT, "BEGIN:VCARD\nVERSION:3.0\nEND:VCARD"),
    (Kind.CONTACT, "MECARD:N:Bo;;"),
    (Kind.EMAIL, "mailto:bo@acme.org"),
    (Kind.EMAIL, "MATMSG:TO:bo@acme.org;;"),
    (Kind.PHONE, "tel:+1-555-0100"),
    (Kind.PHONE, "SMSTO:+15550100:hello"),
    (Kind.GEO, "geo:47.1,8.5"),
    (Kind.EVENT, "BEGIN:VEVENT\nSUMMARY:x\nEND:VEVENT"),
    (Kind.CRYPTO, "bitcoin:1BoatSLRHtKNngkdXEeobR76b53LETtpyT"),
    (Kind.CRYPTO, "0x" + "ab" * 20),
    (Kind.PASSKEY, "FIDO:/1234567890"),
    (Kind.PUSH, "phonefactor://activate_account?code=1&url=x"),
    (Kind.PUSH, "https://m-1234.duosecurity.com/activate/abc"),
    (Kind.PUSH, "oktaverify://bo@acme.org/?t=x"),
    (Kind.BARE_KEY, KEY),
    (Kind.BARE_KEY, "gezd gnbv gy3t qojq"),
    (Kind.BARE_KEY, "GEZD-GNBV-GY3T-QOJQ"),
    (Kind.OTHER, "Please scan this code with your phone"),
    (Kind.OTHER, "PLEASE SCAN THIS CODE NOW"),
    (Kind.OTHER, "4006381333931"),
    (Kind.OTHER, "steam://run/440"),
    (Kind.OTHER, ""),
    (Kind.OTHER, "{}"),
    (Kind.PUSH, "gT4aaaabbbbccccddddx-YXBpLTEyMzQ1Njc4LmR1b3NlY3VyaXR5LmNvbQ"),
    (Kind.PUSH, "pushauth://push/Acme:bo?l=x"),
    (Kind.BACKUP, '{"version": 1, "db": {"entries": [{"info": {\n"secret": "GEZD"}}]}}'),
    (Kind.BACKUP, '[{"secret": "GEZD", "digits": 6}]'),
]


@pytest.mark.parametrize(("kind", "text"), TEXTS, ids=lambda part: str(part)[:24])
def test_kind(kind, text):
    assert intake.kind(text) is kind


@pytest.mark.parametrize(
    ("kind", "text"), [pair for pair in TEXTS if pair[0] not in ("otpauth", "motp", "bare_key")]
)
def test_what_holds_no_account_is_named_without_being_quoted(kind, text):
    with pytest.raises(UriError) as caught:
        intake.take(text)
    assert caught.value.hint
    assert len(text) < 4 or text not in str(caught.value)


@given(st.text(max_size=100))
def test_any_text_has_a_kind(text):
    assert intake.kind(text) in Kind


def test_each_kind_of_text_is_answered_in_its_own_words():
    said = set()
    for text in ("https://x.org", "WIFI:S:x;;", "FIDO:/1", "tel:1", "geo:1,1", "BEGIN:VCARD", "hello"):
        with pytest.raises(UriError) as caught:
            intake.take(text)
        said.add(caught.value.what)
    assert len(said) == 7


def test_bare_key():
    got = intake.take("gezd gnbv gy3t qojq gezd gnbv gy3t qojq")
    assert got.accounts[0].secret.reveal_base32() == KEY
    assert "W_BARE_KEY" in [note.code for note in got.accounts[0].notes]


def test_a_file_of_uris():
    text = f"# mine\n\n{URI}&issuer=Acme\n{URI.replace('bo', 'di')}\nbye\notpauth://totp/x?secret=1\n{URI}\n"
    got = intake.take(text)
    assert [account.name for account in got.accounts] == ["bo", "di"]
    assert [note.code for note in got.notes] == ["W_SEVERAL", "W_ENTRY_SKIPPED"]
    assert got.notes[0].text == "The text holds 4 codes; 3 of them were read."
    assert "Code 3 of 4" in got.notes[1].text


def test_only_bad_uris_raise_the_first_reason():
    with pytest.raises(MfaError) as caught:
        intake.take("otpauth://totp/x?secret=1\notpauth://totp/y?issuer=x")
    assert caught.value.code == "E_SECRET_CHAR"


def test_a_key_broken_over_two_lines_is_not_cut():
    got = intake.take(f"Key:\notpauth://totp/Acme:bo?secret={KEY[:20]}\n{KEY[20:]}\n&issuer=Acme\nthe end")
    assert got.accounts[0].secret.reveal_base32() == KEY
    assert got.accounts[0].issuer == "Acme"
    assert {note.code for note in got.notes} == {"W_WRAPPED"}


def test_slips_get_the_repair_not_the_general_answer():
    for slip in ("optauth://totp/x?secret=", "otpauth//totp/x?secret=", "otpath://totp/x?secret="):
        with pytest.raises(UriError, match="looks like a slip"):
            intake.take(slip + KEY)


@pytest.mark.parametrize(
    "start", ["motp :/", "otpauth :/", "x otpauth-migration :/", "otpauth://totp/a?secret=A\n"]
)
def test_long_and_odd_texts_are_answered(start):
    for filling in ("&", "%3f", " ", "\n", "A\n", "=\n", "; ", "a:", "?secret=", "otpauth://"):
        text = start + filling * (60_000 // len(filling))
        assert intake.kind(text) in Kind
        with pytest.raises(MfaError):
            intake.take(text + " otpauth://totp/x?secret=1")


def test_a_whole_book_is_refused():
    with pytest.raises(UriError, match="too long"):
        intake.take("word " * 300_000)


@pytest.mark.parametrize("reader", [intake.take, account.parse, migration.parse])
@pytest.mark.parametrize("thing", [None, b"otpauth://totp/a?secret=JBSWY3DPEHPK3PXP", 7, ["otpauth://"]])
def test_what_is_no_text_is_refused_in_words(reader, thing):
    with pytest.raises(UriError, match="is a text"):
        reader(thing)


WRAPPED = [
    ("W_ESCAPED", f"otpauth:\\/\\/totp\\/Acme:bo?secret={KEY}"),
    ("W_ESCAPED", f'"otpauth://totp/Acme:bo?secret={KEY}\\u0026digits=6"'),
    ("W_ESCAPED", f'{{"uri": "otpauth:\\/\\/totp\\/Acme:bo?secret={KEY}"}}'),
    ("W_WRAPPED", f"apple-otpauth://totp/Acme:bo?secret={KEY}"),
    ("W_WRAPPED", f"URL:otpauth://totp/Acme:bo?secret={KEY}"),
    ("W_IN_LINK", f"https://qr.acme.org/png?size=200&text=otpauth%3A%2F%2Ftotp%2FAcme%3Abo%3Fsecret%3D{KEY}&m=1"),
    ("W_IN_LINK", f"https://qr.acme.org/png?text=otpauth://totp/Acme:bo?secret={KEY}"),
]


@pytest.mark.parametrize(("code", "text"), WRAPPED)
def test_codes_wrapped_by_programs_are_read_with_a_note(code, text):
    taken = intake.take(text)
    assert [account.label for account in taken.accounts] == ["Acme: bo"]
    assert taken.accounts == intake.take(URI).accounts
    assert code in {note.code for note in taken.notes}


def test_words_for_what_is_no_account():
    for text, word in (("", "empty"), ('{"tokenOrder": []}', "backup"), ("pushauth://push/x?l=y", "message")):
        with pytest.raises(UriError, match=word):
            intake.take(text)


def test_what_a_key_is_written_in_is_told():
    for key, word in (("0x" + "3132" * 10, "hexadecimal"), ("SGVsbG8h3q2%2B7w==", "base64")):
        with pytest.raises(MfaError, match=word):
            intake.take(f"otpauth://totp/Acme:bo?secret={key}")
