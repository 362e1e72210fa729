"""A secret: read tolerantly, compared safely, printed never."""

from __future__ import annotations

import base64
import copy
import dataclasses
import json
import pickle
import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mfatools import account
from mfatools.account import Account
from mfatools.errors import SecretError
from mfatools.migration import Batch
from mfatools.nonstandard import Motp
from mfatools.secret import Secret, left_over_bits
from mfatools.totp import Hotp, Totp, anatomy

CANARY = "KNYWY5DZIZUXG2BVGI3TENJSG4ZTANRU"  # planted, and looked for in everything that is written
KEY = base64.b32decode(CANARY)
SHAPES = (CANARY, CANARY.lower(), KEY.hex(), repr(KEY)[2:-1], base64.b64encode(KEY).decode(), str(list(KEY))[1:-1])

HOLDERS = {
    "secret": Secret(KEY, CANARY),
    "totp": Totp(Secret(KEY)),
    "hotp": Hotp(Secret(KEY)),
    "motp": Motp(Secret(KEY)),
    "account": Account("Acme", "bo", Totp(Secret.from_base32(CANARY))),
    "batch": Batch((Account("Acme", "bo", Totp(Secret.from_base32(CANARY))),)),
    "anatomy": anatomy(Totp(Secret(KEY)), 1),
}


def assert_silent(written: str) -> None:
    assert not any(shape in written for shape in SHAPES), "the planted key was written"  # without quoting it


@pytest.mark.parametrize("holder", HOLDERS.values(), ids=HOLDERS)
def test_nothing_printed_shows_the_key(holder):
    error = ValueError(holder)
    for written in (repr(holder), str(holder), f"{holder}", f"{holder!r:>80}", f"{[holder]}", f"{ {1: holder} }"):
        assert_silent(written)
    assert_silent("".join(traceback.format_exception(error)))
    assert_silent(str(dir(holder)))


@pytest.mark.parametrize("make", [Totp, Hotp, Motp, Secret])
@pytest.mark.parametrize("key", [CANARY, KEY.hex(), 20, None])
def test_a_key_of_the_wrong_type_is_refused_and_not_quoted(make, key):
    with pytest.raises(SecretError) as caught:
        make(key)
    assert caught.value.code == "E_SECRET_TYPE"
    assert_silent(str(caught.value))


@pytest.mark.parametrize("make", [Totp, Hotp, Motp])
def test_bytes_without_their_mask_are_refused(make):
    with pytest.raises(SecretError, match="Secret") as caught:
        make(KEY)
    assert_silent(str(caught.value))


@pytest.mark.parametrize("holder", HOLDERS.values(), ids=HOLDERS)
def test_no_serialiser_takes_the_key(holder):
    with pytest.raises(TypeError):
        json.dumps(holder)
    assert_silent(json.dumps(holder, default=repr))
    with pytest.raises(TypeError):
        vars(holder)  # no __dict__ to look into
    if not hasattr(holder, "digest"):
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
            with pytest.raises(TypeError, match="not pickled"):
                pickle.dumps(holder, protocol)


@pytest.mark.parametrize("holder", [each for each in HOLDERS.values() if dataclasses.is_dataclass(each)])
def test_dataclass_tools_keep_the_mask_on(holder):
    if not hasattr(holder, "digest"):
        assert_silent(repr(dataclasses.asdict(holder)))
        assert_silent(repr(dataclasses.astuple(holder)))
        assert_silent(repr(dataclasses.replace(holder)))


def test_copies_are_the_secret_itself():
    secret = Secret(KEY)
    assert copy.copy(secret) is secret
    assert copy.deepcopy([secret])[0] is secret
    assert copy.deepcopy(HOLDERS["account"]) == HOLDERS["account"]


@pytest.mark.parametrize("holder", ["secret", "totp", "account"])
def test_no_hash_to_compare_guesses_with(holder):
    with pytest.raises(TypeError):
        hash(HOLDERS[holder])


def test_a_secret_is_no_sequence_and_has_no_readable_attribute():
    secret = Secret(KEY)
    with pytest.raises(TypeError):
        iter(secret)
    with pytest.raises(TypeError):
        bytes(secret)
    with pytest.raises(AttributeError):
        secret.key = b"x"
    assert [name for name in dir(secret) if "reveal" in name] == ["reveal", "reveal_base32"]


@pytest.mark.parametrize("spoil", ["1", "9", "é", "!", "=A", "_"])
def test_tracebacks_of_a_bad_key_are_silent(spoil):
    texts = (CANARY + spoil, spoil + CANARY, CANARY[:16] + spoil + CANARY[16:])
    for text in texts:
        for reader, given_text in ((Secret.from_base32, text), (account.parse, f"otpauth://totp/a?secret={text}")):
            with pytest.raises(SecretError) as caught:
                reader(given_text)
            written = "".join(traceback.format_exception(caught.value))
            assert not any(CANARY[at : at + 6] in written for at in range(len(CANARY) - 6)), (
                "part of the key was written"
            )
            assert caught.value.__cause__ is None
            assert caught.value.__context__ is None


def test_equality():
    assert Secret(b"abc") == Secret(b"abc", "MFRGG")
    assert Secret(b"abc") != Secret(b"abd")
    assert Secret(b"abc") != b"abc"


@given(st.binary(min_size=1, max_size=100))
def test_base32_round_trip(key):
    text = Secret(key).reveal_base32()
    assert text == base64.b32encode(key).decode().rstrip("=")
    assert Secret.from_base32(text).reveal() == key
    assert Secret.from_base32(text).reveal_base32() == text
    assert left_over_bits(text) == 0


@given(st.binary(min_size=1, max_size=40), st.data())
def test_ways_of_writing_a_key(key, data):
    text = base64.b32encode(key).decode()
    groups = data.draw(st.integers(1, 8))
    join = data.draw(st.sampled_from([" ", "-", "\u00a0", "\n", "\u2011", "\u200b", " - "]))
    bare = text.rstrip("=")
    written = join.join(bare[at : at + groups] for at in range(0, len(bare), groups)) + text[len(bare) :]
    assert Secret.from_base32(written).reveal() == key
    assert Secret.from_base32(written.lower()).reveal() == key


def test_left_over_bits_are_dropped():
    # RFC 4648 section 3.5; the row U043 of the shared table: 20 characters, of which the last carries 4 stray bits.
    assert Secret.from_base32("J3WWIV3PTGJPQV5QAICM").reveal().hex() == "4eed64576f9992f857b00204"
    assert left_over_bits("J3WWIV3PTGJPQV5QAICM") == 0b1100
    assert left_over_bits("JBSWY3DP") == 0


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty"),
        (" - ", "empty"),
        ("A", "less than a byte"),
        ("JBSW0Y3D", "Character 5 of 8 .* digit 0"),
        ("JBSW1Y3D", "I or L"),
        ("JBSW8Y3D", "meant as B"),
        ("48656c6c6f21deadbeef", "hexadecimal"),
        ("JBSWY3DP\u0420", "another alphabet"),  # Cyrillic Er
        ("JBSWY3DP\u0131", "another alphabet"),  # dotless i, which str.upper turns into I
        ("JBSWY3DP\u017f", "another alphabet"),  # long s, which str.upper turns into S
        ("\uff2a\uff22", "another alphabet"),  # full width
        ("JBSW=Y3D", "not in base32"),
        ("JBSW/Y3D", "not in base32"),
    ],
)
def test_refusals_say_where_and_why(text, says):
    with pytest.raises(SecretError, match=says) as caught:
        Secret.from_base32(text)
    assert caught.value.hint.endswith(".")


def test_an_empty_key_is_refused():
    with pytest.raises(SecretError, match="empty"):
        Secret(b"")


def test_size():
    assert (Secret(b"12345").bits, len(Secret(b"12345"))) == (40, 5)
    assert repr(Secret(b"12345")) == "Secret(••••, 40 bits)"
