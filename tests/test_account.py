"""Key URIs: a table of our own, one rule a row; the shared rows; and properties that hold for any text."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from strategies import accounts, hotps, totps
from support import shared

from mfatools import account, intake
from mfatools.account import Account
from mfatools.errors import MfaError, SecretError, UriError
from mfatools.nonstandard import Motp
from mfatools.notes import WORDS
from mfatools.secret import Secret
from mfatools.totp import Algorithm, Encoder, Hotp, Totp

KEY = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # RFC 6238 Appendix B
TABLE = Path(__file__).parent / "vectors" / "uris.txt"


def table():
    for line in TABLE.read_text("utf-8").splitlines():
        if line.startswith("#"):
            continue
        codes, issuer, name, uri = (part.strip(" ") for part in line.split("|", 3))
        uri = uri.replace("{K}", KEY).replace(r"\n", "\n").replace(r"\u00a0", "\u00a0").replace(r"\ufeff", "\ufeff")
        yield pytest.param(set(codes.replace("-", "").split()), issuer, name, uri, id=f"{codes} {line[-30:]}")


@pytest.mark.parametrize(("codes", "issuer", "name", "uri"), list(table()))
def test_each_rule(codes, issuer, name, uri):
    if any(code.startswith("E_") for code in codes):
        with pytest.raises((UriError, SecretError)) as caught:
            account.parse(uri)
        assert {caught.value.code} == codes
        assert caught.value.what.endswith(".")
        assert caught.value.hint.endswith(".")
        assert KEY[:8] not in str(caught.value)
    else:
        found = account.parse(uri)
        assert ({note.code for note in found.notes}, found.issuer, found.name) == (codes, issuer, name)
        assert account.parse(found.uri()) == found


def test_every_note_is_in_the_table_or_belongs_to_another_room():
    told = {code for row in table() for code in row.values[0]}
    exports = {"W_BASE64URL", "W_BATCH_INCOMPLETE", "W_BATCH_NUMBERS", "W_ENTRY_SKIPPED", "W_UNSPECIFIED"}
    assert set(WORDS) - told == exports | {"W_SEVERAL", "W_BARE_KEY", "W_ESCAPED", "W_IN_LINK"}


def outcome(reader, text):
    """What a reader answers, and the error it refuses with: one of them is None. Any other error fails the test."""
    try:
        return reader(text), None
    except MfaError as error:
        return None, error


def rows():
    path = Path(__file__).resolve().parents[2] / "shared" / "uris" / "uris.jsonl"
    if not path.exists():
        return [None]
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def fields(found: Account) -> dict[str, object]:
    key = found.secret.reveal().hex()
    return {
        "type": found.type,
        "issuer": found.issuer,
        "account": found.name,
        "name": found.name,
        "secret": found.secret.reveal_base32(),
        "algorithm": found.algorithm,
        "digits": found.digits,
        "period": found.step,
        "counter": found.counter,
        "encoder": getattr(found.otp, "encoder", None),
        "key_hex": key,
        "secret_hex": key,
    }


@pytest.mark.parametrize("row", rows(), ids=lambda row: row["id"] if row else "none")
def test_shared_rows(row):
    if row is None:
        shared("uris", "uris.jsonl")
    got, error = outcome(intake.take, row["uri"])
    if error:
        assert (row["verdict"], row["codes"]) == ("reject", [error.code])
        assert row["uri"][-20:] not in str(error)
        return
    codes = {note.code for note in got.notes} | {note.code for each in got.accounts for note in each.notes}
    assert ("accept_warn" if codes else "accept", codes) == (row["verdict"], set(row["codes"]))
    check_expected(got, row["expect"])


def check_expected(got, expect):
    entries = expect.get("entries", [] if "n" in expect else [expect])
    assert len(got.accounts) == expect.get("n", len(entries))
    for found, entry in zip(got.accounts, entries, strict=False):
        have = fields(found)
        assert {key: have[key] for key in entry} == entry
    if "batch" in expect:
        assert [got.batch.size, got.batch.index] == expect["batch"]


@given(accounts)
@example(Account("", "a:b", Totp(Secret(b"x"))))
@example(Account("http://x", "//y", Totp(Secret(b"x"))))
@example(Account("a:b", "", Hotp(Secret(b"x"))))
@example(Account("Steam", "five digits, no Steam", Totp(Secret(b"x"), digits=5)))
@example(Account("a%3Ab", "100% + 50%25", Totp(Secret(b"x"))))
@example(Account("", "", Motp(Secret(b"x"))))
@example(Account("Foo secret=1", "?secret=AAAA&secret=B", Motp(Secret(b"x"))))
def test_uri_reads_back_equal(found):
    again = account.parse(found.uri())
    assert again == found
    assert (again.issuer, again.name) == (found.issuer, found.name)


@given(accounts)
def test_uri_is_plain_ascii(found):
    uri = found.uri()
    assert uri.isascii()
    assert uri.isprintable()
    assert " " not in uri


@given(st.text(max_size=60) | st.text(max_size=40).map(lambda text: "otpauth://totp/" + text))
def test_any_text_is_read_or_refused_in_words(text):
    for reader in (account.parse, intake.take):
        _, error = outcome(reader, text)
        assert error is None or (error.code.startswith("E_") and error.what and error.hint)


@given(st.integers(0, 90), st.integers(0, 3), st.sampled_from([*" :/%?&=+#;@<1é\0\n", "", "%25", "&secret="]))
def test_a_damaged_uri_is_read_or_refused_without_quoting_the_key(place, dropped, put):
    uri = f"otpauth://totp/Example:alice@example.com?secret={KEY}&issuer=Example&digits=6"
    found, error = outcome(account.parse, uri[:place] + put + uri[place + dropped :])
    written = str(error) if error else repr(found) + "".join(note.text for note in found.notes)
    assert KEY[6:14] not in written


@pytest.mark.parametrize(
    "junk", ["%" * 20_000, "&" * 20_000, ":" * 20_000, "&amp;" * 4000, " " * 20_000, "A" * 10**6]
)
def test_long_texts_are_answered(junk):
    for text in (junk, "otpauth://totp/" + junk[:19_000], f"otpauth://totp/a?secret={junk[:19_000]}"):
        found, error = outcome(account.parse, text)
        assert found or error.hint


def test_the_repair_is_offered():
    with pytest.raises(UriError, match="Replace the first '&'"):
        account.parse(f"otpauth://totp/alice&secret={KEY}")
    with pytest.raises(UriError, match="put 'totp' there"):
        account.parse(f"otpauth://ttop/alice?secret={KEY}")
    with pytest.raises(UriError, match="begin with 'otpauth://'"):
        account.parse(f"otpauht://totp/alice?secret={KEY}")
    with pytest.raises(SecretError, match=r"Character 3 of 10 .*digit 0.*meant as O"):
        account.parse("otpauth://totp/alice?secret=GE0DGNBVGY")


def test_compatibility_notes_name_apps():
    found = account.parse(f"otpauth://totp/A:b?secret={KEY}&algorithm=SHA256&digits=8&period=60")
    words = {note.code: note.text for note in found.notes}
    assert set(words) == {"W_ALG_COMPAT", "W_DIGITS_COMPAT", "W_PERIOD_COMPAT"}
    assert all("Microsoft Authenticator" in text for text in words.values())
    assert "SHA256" in words["W_ALG_COMPAT"]
    assert "60 seconds" in words["W_PERIOD_COMPAT"]


def test_short_keys_still_make_codes():
    found = account.parse("otpauth://totp/A:b?secret=JBSWY3DPEHPK3PXP")
    assert "80 bits" in found.notes[0].text
    assert "work all the same" in found.notes[0].text
    assert len(found.otp.code(59)) == 6


def test_properties():
    timed = Account("Acme", "bo", Totp(Secret(b"k" * 20), 60, 8, Algorithm.SHA256))
    counted = Account("", "bo", Hotp(Secret(b"k" * 20), 9))
    mobile = Account("Acme", "", Motp(Secret(b"k" * 8)))
    assert (timed.type, timed.algorithm, timed.digits, timed.step, timed.counter) == ("totp", "SHA256", 8, 60, None)
    assert (counted.type, counted.algorithm, counted.step, counted.counter) == ("hotp", "SHA1", 30, 9)
    assert (mobile.type, mobile.algorithm, mobile.digits, mobile.step) == ("motp", "MD5", 6, 10)
    assert [timed.label, counted.label, mobile.label] == ["Acme: bo", "bo", "Acme"]
    assert Account("", "", counted.otp).label == "(no name)"


def test_equality_ignores_notes():
    assert account.parse(f"otpauth://totp/A:b?secret={KEY.lower()}") == account.parse(
        f"otpauth://totp/A:b?secret={KEY}"
    )
    assert account.parse(f"otpauth://totp/A:b?secret={KEY}") != account.parse(f"otpauth://totp/A:c?secret={KEY}")


def test_names_are_tidied_when_built():
    found = Account(" Ac\x1b[2Jme\u202e ", "bo\nx\t", Totp(Secret(b"x")))
    assert (found.issuer, found.name) == ("Ac[2Jme", "box")
    assert [note.code for note in found.notes] == ["W_CONTROL_CHARS"]


@pytest.mark.parametrize("otp", [Totp(Secret(b"x"), t0=30), Totp(Secret(b"x"), step=10**9)])
def test_what_a_uri_cannot_say_is_refused(otp):
    with pytest.raises(UriError, match="begin in 1970"):
        Account("a", "b", otp)


@given(totps | hotps, st.integers(0, 2**37))  # pyotp stops at the year 9999
def test_pyotp_twin_makes_the_same_codes(otp, t):
    twin = Account("Acme", "bo", otp).pyotp()
    assert (twin.name, twin.issuer) == ("bo", "Acme")
    if isinstance(otp, Totp):
        assert twin.at(t) == otp.code(t)
    else:
        assert twin.at(t) == otp.code(otp.counter + t)


def test_pyotp_knows_no_motp():
    with pytest.raises(UriError, match="mOTP"):
        Account("", "", Motp(Secret(b"x"))).pyotp()


def test_new_takes_its_key_from_the_token_handed_in():
    found = Account.new("Acme", "bo", token=lambda size: b"\x01" * size)
    assert found.secret == Secret(b"\x01" * 20)
    assert found.notes == ()
    assert account.parse(found.uri()).notes == ()
    assert Account.new("Acme", "bo") != Account.new("Acme", "bo")
    assert Account.new("a", "b", size=32, step=60, digits=8, algorithm=Algorithm.SHA256).secret.bits == 256


def test_steam_by_type_by_encoder_and_by_name():
    for uri in (f"otpauth://steam/x?secret={KEY}", f"otpauth://totp/x?secret={KEY}&encoder=STEAM"):
        assert account.parse(uri).otp.encoder is Encoder.STEAM
    asked = account.parse(f"otpauth://totp/x?secret={KEY}&issuer=Steam&encoder=decimal")
    assert (asked.otp.encoder, asked.digits) == (Encoder.DECIMAL, 6)
