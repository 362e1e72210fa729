"""Codes: every published vector, and three ways of making one that must agree."""

from __future__ import annotations

import hashlib
import hmac
import json
from pathlib import Path

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import hotps, totps
from support import shared

from mfatools.errors import MfaError, SecretError
from mfatools.nonstandard import Motp, yandex_code
from mfatools.secret import Secret
from mfatools.totp import STEAM_ALPHABET, Algorithm, Encoder, Hotp, Totp, anatomy

VECTORS = Path(__file__).parent / "vectors"
SEEDS = {name: Secret((b"1234567890" * 7)[:size]) for name, size in (("SHA1", 20), ("SHA256", 32), ("SHA512", 64))}


def table(name: str) -> list[list[str]]:
    lines = (VECTORS / f"{name}.txt").read_text("utf-8").splitlines()
    return [line.split() for line in lines if line and not line.startswith("#")]


@pytest.mark.parametrize(("counter", "digest", "number", "code"), table("rfc4226"))
def test_rfc_4226_appendix_d(counter, digest, number, code):
    hotp = Hotp(SEEDS["SHA1"])
    steps = anatomy(hotp, int(counter))
    assert hotp.code(int(counter)) == code
    assert (steps.digest.hex(), steps.number, steps.code) == (digest, int(number), code)
    assert Hotp(SEEDS["SHA1"], int(counter)).code() == code


@pytest.mark.parametrize(("time", "algorithm", "code"), table("rfc6238"))
def test_rfc_6238_appendix_b_with_its_erratum(time, algorithm, code):
    totp = Totp(SEEDS[algorithm], digits=8, algorithm=Algorithm(algorithm))
    assert totp.code(int(time)) == code
    assert anatomy(totp, totp.counter(int(time))).code == code


@pytest.mark.parametrize(("algorithm", "wrong"), [("SHA256", "32247374"), ("SHA512", "69342147")])
def test_the_seed_that_the_rfc_prints_gives_other_codes(algorithm, wrong):
    # Erratum 2866: with the printed 20 bytes these come out, and they are not in Appendix B.
    assert Totp(SEEDS["SHA1"], digits=8, algorithm=Algorithm(algorithm)).code(59) == wrong


@pytest.mark.parametrize(("time", "key", "code"), table("leading_zeros"))
def test_leading_zeros_are_kept(time, key, code):
    assert Totp(Secret.from_base32(key)).code(int(time)) == code


@pytest.mark.parametrize(("time", "key", "code"), table("steam"))
def test_steam(time, key, code):
    totp = Totp(Secret.from_base32(key), digits=5, encoder=Encoder.STEAM)
    assert totp.code(int(time)) == code
    assert anatomy(totp, totp.counter(int(time))).code == code
    assert set(code) <= set(STEAM_ALPHABET)


@pytest.mark.parametrize(("time", "key", "pin", "code"), table("motp"))
def test_motp(time, key, pin, code):
    assert Motp.from_hex(key).code(float(time), pin) == code
    assert Motp.from_hex(key.upper()).code(float(time) // 10 * 10 + 9.99, pin) == code


@pytest.mark.parametrize(("time", "key", "pin", "code"), table("yandex"))
def test_yandex(time, key, pin, code):
    secret = Secret.from_base32(key)
    assert yandex_code(secret, pin, float(time)) == code
    assert yandex_code(Secret(secret.reveal()[:16]), pin, float(time)) == code  # the checksum plays no part


def test_yandex_drops_one_leading_zero_byte():
    # No published vector has one: looked for here, and made by hand.
    key = b"0123456789abcdef"
    pin = next(str(pin) for pin in range(1000, 9999) if hashlib.sha256(f"{pin}".encode() + key).digest()[0] == 0)
    mixed = hashlib.sha256(pin.encode() + key).digest()[1:]
    digest = hmac.digest(mixed, (100).to_bytes(8, "big"), "sha256")
    number = int.from_bytes(digest[digest[-1] & 15 :][:8], "big") % 2**63 % 26**8
    letters = "".join(chr(97 + number // 26**place % 26) for place in range(7, -1, -1))
    assert yandex_code(Secret(key), pin, 3000.0) == letters


def test_refusals_of_the_nonstandard_ones():
    with pytest.raises(MfaError, match="16 bytes"):
        yandex_code(Secret(b"short"), "1234", 0.0)
    with pytest.raises(MfaError, match="before"):
        yandex_code(Secret(b"x" * 16), "1234", -1.0)
    for text, code in (
        ("", "E_NO_SECRET"),
        ("0", "E_SECRET_CHAR"),
        ("xy", "E_SECRET_CHAR"),
        ("\uff11\uff11", "E_SECRET_CHAR"),
    ):
        with pytest.raises(SecretError) as caught:
            Motp.from_hex(text)
        assert caught.value.code == code


@given(totps | hotps, st.integers(0, 2**40))
def test_anatomy_and_pyotp_and_code_agree(otp, counter):
    code = otp.code_of(counter) if isinstance(otp, Totp) else otp.code(counter)
    steps = anatomy(otp, counter)
    assert steps.code == code == otp.pyotp().generate_otp(counter)
    assert len(code) == otp.digits
    # And once more, straight from RFC 4226 section 5.3.
    digest = hmac.digest(otp.secret.reveal(), counter.to_bytes(8, "big"), otp.algorithm.lower())
    number = int.from_bytes(digest[digest[-1] & 15 :][:4], "big") & 0x7FFFFFFF
    assert (steps.digest, steps.number, steps.four) == (digest, number, digest[steps.offset : steps.offset + 4])
    if otp.digits <= 10 and getattr(otp, "encoder", Encoder.DECIMAL) is Encoder.DECIMAL:
        assert int(code) == number % 10**otp.digits


def test_a_short_key_gives_the_codes_of_pyotp_with_zero_bytes_appended():
    short = Secret.from_base32("JBSWY3DPEHPK3PXP")  # 80 bits, which pyotp itself refuses
    assert Totp(short).code(59) == pyotp.TOTP(Secret(short.reveal() + b"\0" * 4).reveal_base32()).at(59)
    assert Totp(short).code(59) == anatomy(Totp(short), 1).code


@given(st.integers(1, 10**6), st.integers(0, 10**10), st.integers(0, 10**6))
def test_a_window_is_half_open(step, t, t0):
    totp = Totp(Secret(b"k" * 20), step=step, t0=t0)
    start, end = totp.window(t)
    assert start <= t < end
    assert end - start == step
    assert totp.counter(start) == totp.counter(t) == totp.counter(end) - 1


def test_the_edge_of_a_step():
    totp = Totp(SEEDS["SHA1"])
    assert totp.code(59.999999) == totp.code(30)
    assert totp.code(60) != totp.code(59.999999)
    assert totp.counter(-0.001) == -1


def test_t0_moves_the_steps():
    assert Totp(SEEDS["SHA1"], t0=1_000_000).code(1_000_059) == Totp(SEEDS["SHA1"]).code(59)


def test_digits_are_taken_from_one_number():
    long = Totp(SEEDS["SHA1"], digits=10).code(59)
    assert [Totp(SEEDS["SHA1"], digits=digits).code(59) for digits in range(1, 11)] == [
        long[-n:] for n in range(1, 11)
    ]
    assert long[0] in "012"  # 31 bits


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda key: Totp(key, digits=0), "E_DIGITS"),
        (lambda key: Totp(key, digits=11), "E_DIGITS"),
        (lambda key: Totp(key, step=0), "E_PERIOD"),
        (lambda key: Totp(key, encoder=Encoder.STEAM), "E_DIGITS"),
        (lambda key: Hotp(key, digits=0), "E_DIGITS"),
        (lambda key: Hotp(key, counter=-1), "E_COUNTER"),
        (lambda key: Hotp(key, counter=2**63), "E_COUNTER"),
        (lambda key: Hotp(key).code(-1), "E_COUNTER"),
        (lambda key: Hotp(key).code(2**64), "E_COUNTER"),
        (lambda key: Totp(key).code(-1), "E_TIME"),
        (lambda key: anatomy(Totp(key), -1), "E_COUNTER"),
        (lambda key: anatomy(Hotp(key), 2**64), "E_COUNTER"),
    ],
)
def test_settings_outside_their_range_are_refused(make, code):
    with pytest.raises(MfaError) as caught:
        make(SEEDS["SHA1"])
    assert caught.value.code == code
    assert caught.value.hint


def test_the_largest_counter():
    assert Hotp(SEEDS["SHA1"]).code(2**64 - 1) == anatomy(Hotp(SEEDS["SHA1"]), 2**64 - 1).code


def test_anatomy_prints_neither_code_nor_digest():
    steps = anatomy(Totp(SEEDS["SHA1"]), 1)
    assert steps.code not in repr(steps)
    assert steps.digest.hex() not in repr(steps)
    assert str(steps.number) not in repr(steps)


def shared_code(vector: dict) -> str:
    """The code that one row of the shared vectors asks for."""
    if vector["kind"] == "motp":
        return Motp.from_hex(vector["secret_hex"]).code(vector["time"], vector["pin"])
    key = vector.get("key_hex")
    secret = Secret(bytes.fromhex(key)) if key else Secret.from_base32(vector["secret"])
    if vector["kind"] == "yaotp":
        return yandex_code(secret, vector["pin"], vector["time"])
    if vector["kind"] == "steam":
        return Totp(secret, digits=5, encoder=Encoder.STEAM).code(vector["time"])
    if "counter" in vector:
        return Hotp(secret, digits=vector["digits"]).code(vector["counter"])
    settings = (vector["period"], vector["digits"], Algorithm(vector["algorithm"]))
    return Totp(secret, *settings).code(vector["time"])


def test_all_shared_vectors():
    vectors = json.loads(shared("uris", "vectors.json").read_text("utf-8"))
    assert len(vectors) >= 46
    wrong = [vector["source"] for vector in vectors if shared_code(vector) != vector["code"]]
    assert wrong == []


@pytest.mark.parametrize(
    ("algorithm", "block", "size"), [("SHA1", 64, 20), ("SHA256", 64, 32), ("SHA512", 128, 64)]
)  # RFC 4634 section 1
def test_the_sizes_of_the_hashes(algorithm, block, size):
    assert (Algorithm(algorithm).block, Algorithm(algorithm).size) == (block, size)
