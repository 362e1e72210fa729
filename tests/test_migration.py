"""Exports of Google Authenticator, both ways, whole and damaged."""

from __future__ import annotations

import base64
from urllib.parse import quote, unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import exportable

from mfatools import intake, migration, protobuf
from mfatools.account import Account
from mfatools.errors import UriError
from mfatools.migration import Batch
from mfatools.nonstandard import Motp
from mfatools.secret import Secret
from mfatools.totp import Encoder, Hotp, Totp

START = "otpauth-migration://offline?data="
KEY = Secret(b"12345678901234567890")
ALICE = Account("Acme", "alice", Totp(KEY))
BOB = Account("Acme", "bob", Hotp(KEY, 7, 8))


def raw(*fields: bytes) -> str:
    return START + quote(base64.b64encode(b"".join(fields)), safe="")


def entry(secret=b"12345678901234567890", name=b"alice", issuer=b"Acme", algorithm=1, digits=1, type_=2) -> bytes:
    values = enumerate((secret, name, issuer, algorithm, digits, type_), start=1)
    return protobuf.encode(1, b"".join(protobuf.encode(key, value) for key, value in values))


def codes(batch: Batch) -> list[str]:
    return [note.code for note in batch.notes]


@given(st.lists(exportable, min_size=1, max_size=12), st.integers(1, 5), st.integers(0, 2**31 - 1))
@settings(max_examples=50)
def test_export_reads_back_equal(accounts, per_code, batch_id):
    batches = [migration.parse(uri) for uri in migration.build(accounts, per_code=per_code, batch_id=batch_id)]
    assert migration.missing(batches) == []
    unique = [each for place, each in enumerate(accounts) if each not in accounts[:place]]
    assert list(migration.merge(reversed(batches))) == unique
    assert {batch.batch_id for batch in batches} == {batch_id}


def test_known_bytes():
    # Written out by hand from the published fields, so that reader and writer cannot err alike.
    payload = bytes.fromhex("0a180a014b 1205616c696365 1a0441636d65 2001 2801 3001 3805".replace(" ", ""))
    batch = migration.parse(START + base64.b64encode(payload).decode())
    assert batch.accounts == (Account("Acme", "alice", Hotp(Secret(b"K"), 5)),)
    assert (batch.size, batch.index, batch.batch_id) == (1, 0, 0)


def test_the_missing_codes_of_a_batch_are_named():
    first, second, third = (migration.parse(uri) for uri in migration.build([ALICE, BOB, ALICE], per_code=1))
    assert "code 2 of 3" in second.notes[0].text
    assert migration.missing([second]) == [0, 2]
    assert migration.missing([first, third]) == [1]
    assert migration.missing([]) == []
    assert migration.merge([third, second, first]) == (ALICE, BOB)


@pytest.mark.parametrize(("size", "index"), [(2**31 - 1, 0), (2**64 - 1, 0), (1001, 1), (2, 2), (1, 2**64 - 1)])
def test_numbers_of_a_batch_that_make_no_sense_are_not_counted_through(size, index):
    batch = migration.parse(raw(entry(), protobuf.encode(3, size), protobuf.encode(4, index)))
    assert (batch.size, batch.index) == (1, 0)
    assert codes(batch) == ["W_BATCH_NUMBERS"]
    assert migration.missing([batch]) == []


def test_codes_of_two_exports_are_not_mixed():
    one, two = (migration.parse(migration.build([ALICE], batch_id=number)[0]) for number in (1, 2))
    with pytest.raises(UriError, match="different exports"):
        migration.missing([one, two])


def test_several_codes_at_once_say_what_is_missing():
    first, second, third = migration.build([ALICE, BOB, ALICE], per_code=1)
    whole = intake.take("\n".join([third, first, second]))
    assert whole.accounts == (ALICE, BOB)
    assert [note.code for note in whole.notes] == ["W_SEVERAL"]
    part = intake.take(f"{first}\n{third}")
    assert [note.code for note in part.notes] == ["W_SEVERAL", "W_BATCH_INCOMPLETE"]
    assert "Of the 3 codes of an export, number 2 is not scanned yet." in part.notes[1].text
    assert "numbers 2, 3 are not scanned yet" in migration.missing_notes([migration.parse(first)])[0].text


def test_doubles_are_merged():
    batch = migration.parse(raw(entry(), entry(), entry(name=b"bob")))
    assert [each.name for each in batch.accounts] == ["alice", "bob"]
    assert codes(batch) == ["W_DUPLICATE"]


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (entry(algorithm=4), "E_ALGORITHM"),  # MD5
        (entry(algorithm=9), "E_ALGORITHM"),
        (entry(digits=3), "E_DIGITS"),
        (entry(type_=7), "E_TYPE"),
        (entry(secret=b""), "E_NO_SECRET"),
    ],
)
def test_an_entry_that_cannot_be_used_is_left_out_and_the_others_stay(bad, code):
    batch = migration.parse(raw(bad, entry()))
    assert batch.accounts == (ALICE,)
    assert codes(batch) == ["W_ENTRY_SKIPPED"]
    assert "Entry 1" in batch.notes[0].text
    with pytest.raises((UriError, ValueError)) as caught:
        migration.parse(raw(bad))
    assert caught.value.code == code


def test_issuer_inside_the_name():
    for name, issuer in ((b"Acme:alice", b""), (b"Acme: alice", b"Acme"), (b"alice", b"Acme")):
        assert migration.parse(raw(entry(name=name, issuer=issuer))).accounts == (ALICE,)


def test_unspecified_settings_are_the_usual_ones_with_a_note():
    batch = migration.parse(raw(entry(algorithm=0, digits=0, type_=0)))
    assert batch.accounts == (ALICE,)
    assert codes(batch) == ["W_UNSPECIFIED"]


def test_ways_of_writing_the_data():
    odd = Account("Acme", "alice", Totp(Secret(bytes(range(0xF0, 0x100)) + b"\xfb\xef\xbe")))
    data = unquote(migration.build([odd])[0].removeprefix(START))
    assert {"+", "/"} <= set(data)
    for text, notes in (
        (data, []),
        (data.rstrip("="), []),
        (data.replace("+", " "), []),
        (data.replace("+", "-").replace("/", "_"), ["W_BASE64URL"]),
        (quote(quote(data, safe=""), safe=""), ["W_DOUBLE_ENCODED"]),
    ):
        batch = migration.parse(START + text)
        assert (batch.accounts, codes(batch)) == ((odd,), notes)


def test_every_cut_is_noticed():
    payload = base64.b64decode(unquote(migration.build([ALICE])[0].removeprefix(START)))
    inside = len(entry()) - 1
    for length in range(1, inside):
        with pytest.raises(UriError) as caught:
            migration.parse(raw(payload[:length]))
        assert caught.value.code == "E_MIGRATION_TRUNCATED"


@pytest.mark.parametrize(
    ("uri", "code"),
    [
        ("otpauth-migration://offline", "E_MIGRATION_NO_DATA"),
        ("otpauth-migration://offline?data=", "E_MIGRATION_NO_DATA"),
        (START + "&x=1", "E_MIGRATION_NO_DATA"),
        (raw(protobuf.encode(2, 1)), "E_MIGRATION_NO_DATA"),
        (START + "AAAAA", "E_MIGRATION_TRUNCATED"),
        (START + "no*base64", "E_MIGRATION_DATA"),
        (raw(b"\x0f\x0f"), "E_MIGRATION_DATA"),
        (raw(b"\xff" * 12), "E_MIGRATION_DATA"),
        ("otpauth://totp/a?secret=AAAA", "E_SCHEME"),
    ],
)
def test_refusals(uri, code):
    with pytest.raises(UriError) as caught:
        migration.parse(uri)
    assert caught.value.code == code
    assert caught.value.hint


@given(st.binary(max_size=80))
def test_any_bytes_are_read_or_refused_in_words(data):
    try:
        batch = migration.parse(raw(data))
    except ValueError as error:
        code = error.code
    else:
        code = "E_" if batch.accounts else ""
    assert code.startswith("E_")


@pytest.mark.parametrize(
    "otp",
    [Motp(KEY), Totp(KEY, step=60), Totp(KEY, digits=7), Totp(KEY, digits=5, encoder=Encoder.STEAM)],
)
def test_what_an_export_cannot_hold_is_said(otp):
    with pytest.raises(UriError, match="Acme: x does not fit"):
        migration.build([ALICE, Account("Acme", "x", otp)])


def test_nothing_to_export():
    with pytest.raises(UriError, match="nothing to export"):
        migration.build([])


def test_a_batch_prints_no_secret():
    batch = migration.parse(migration.build([ALICE])[0])
    assert KEY.reveal_base32() not in repr(batch)
    assert repr(KEY.reveal()) not in repr(batch)


def test_large_varints():
    assert protobuf.decode(protobuf.encode(7, 2**64 - 1)) == {7: [2**64 - 1]}
    with pytest.raises(UriError):  # a negative counter, as 64 bits hold it
        migration.parse(raw(protobuf.encode(1, entry(type_=1)[2:] + protobuf.encode(7, 2**64 - 1))))
