"""HOTP and TOTP from the counter up: the file to learn from.

Glossary (RFC 4226, RFC 6238):

- *secret*: the HMAC key that the phone and the service share.
- *counter*: an 8-byte number; HOTP counts button presses, TOTP counts *steps* of time.
- *step*: seconds that one code lasts (the key URI calls it ``period``).
- *t0*: POSIX time at which the counting of steps begins, 0 nearly everywhere.
- *truncation*: how a hash of 20 to 64 bytes becomes a few digits.

The codes that people see come from pyotp; `anatomy` shows, byte by byte, how one is made. Both agree on every
published vector and, by Hypothesis, on any key.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import pyotp
import pyotp.contrib

from mfatools.errors import MfaError
from mfatools.secret import Secret, require_secret

STEAM_ALPHABET = "23456789BCDFGHJKMNPQRTVWXY"
STEAM_DIGITS = 5
_PYOTP_MIN_KEY = 14  # bytes; pyotp 2.12 refuses keys under 112 bits


class Algorithm(StrEnum):
    """The hash inside the HMAC: RFC 6238 section 1.2."""

    SHA1 = "SHA1"
    SHA256 = "SHA256"
    SHA512 = "SHA512"

    @property
    def block(self) -> int:
        """Bytes that the hash takes at a time: HMAC fills a key up to that (RFC 2104 section 2)."""
        return hashlib.new(self.lower()).block_size

    @property
    def size(self) -> int:
        """Bytes of the digest."""
        return hashlib.new(self.lower()).digest_size


class Encoder(StrEnum):
    """How the 31-bit number is written down."""

    DECIMAL = "decimal"
    STEAM = "steam"  # five characters of STEAM_ALPHABET, least significant first


@dataclass(frozen=True, slots=True)
class Hotp:
    """Counter-based codes, RFC 4226.

    Args:
        secret: the shared key.
        counter: the counter of the next code, 0 or more.
        digits: length of a code, 1 to 10 (a 31-bit number has at most ten digits).
        algorithm: the hash; RFC 4226 knows SHA1 only.

    Raises:
        MfaError: a setting outside its range, or a key that is no `Secret`.
    """

    secret: Secret
    counter: int = 0
    digits: int = 6
    algorithm: Algorithm = Algorithm.SHA1

    def __post_init__(self) -> None:
        require_secret(self.secret)
        _check_digits(self.digits)
        if not 0 <= self.counter < 2**63:
            raise MfaError(
                "The counter must be from 0 to 2**63 - 1.", "Use the service's counter.", code="E_COUNTER"
            )

    def code(self, counter: int | None = None) -> str:
        """The code for ``counter`` (the entry's own if left out), with its leading zeros.

        Raises:
            MfaError: the counter is negative or needs more than 8 bytes.
        """
        wanted = self.counter if counter is None else counter
        if not 0 <= wanted < 2**64:
            raise MfaError("A counter is a number of 8 bytes.", "Give one from 0 to 2**64 - 1.", code="E_COUNTER")
        return str(self.pyotp().generate_otp(wanted))

    def pyotp(self) -> pyotp.HOTP:
        """The equivalent pyotp object. It prints its secret on request: keep it out of sight."""
        handler = pyotp.HOTP(
            _padded_base32(self.secret), digest=_digest(self.algorithm), initial_count=self.counter
        )
        handler.digits = self.digits  # set afterwards: pyotp's constructor takes 6 to 10 only
        return handler


@dataclass(frozen=True, slots=True)
class Totp:
    """Time-based codes, RFC 6238.

    Args:
        secret: the shared key.
        step: seconds that a code lasts, 1 or more.
        digits: length of a code, 1 to 10; Steam has 5.
        algorithm: the hash inside the HMAC.
        t0: POSIX second at which the steps begin.
        encoder: decimal digits, or Steam's letters.

    Raises:
        MfaError: a setting outside its range, or a key that is no `Secret`.
    """

    secret: Secret
    step: int = 30
    digits: int = 6
    algorithm: Algorithm = Algorithm.SHA1
    t0: int = 0
    encoder: Encoder = Encoder.DECIMAL

    def __post_init__(self) -> None:
        require_secret(self.secret)
        _check_digits(self.digits)
        if self.step < 1:
            raise MfaError("A step must be at least 1 second.", "Most services use 30.", code="E_PERIOD")
        if self.encoder is Encoder.STEAM and self.digits != STEAM_DIGITS:
            raise MfaError("A Steam code has 5 characters.", "Set digits to 5.", code="E_DIGITS")

    def counter(self, t: float) -> int:
        """Steps from ``t0`` to POSIX time ``t``: RFC 6238 section 4.2, floor((t - t0) / step)."""
        return int((t - self.t0) // self.step)

    def window(self, t: float) -> tuple[float, float]:
        """``(start, end)`` in POSIX seconds of the step that holds ``t``: ``start <= t < end``."""
        start = self.t0 + self.counter(t) * self.step
        return float(start), float(start + self.step)

    def code(self, t: float) -> str:
        """The code shown at POSIX time ``t`` seconds.

        Raises:
            MfaError: ``t`` lies before ``t0``, where no counter exists.
        """
        return self.code_of(self.counter(t))

    def code_of(self, counter: int) -> str:
        """The code of one step, by its counter.

        Raises:
            MfaError: the counter is negative.
        """
        if counter < 0:
            raise MfaError("This time lies before the first step.", "Give a time after t0 (1970).", code="E_TIME")
        return str(self.pyotp().generate_otp(counter))

    def pyotp(self) -> pyotp.TOTP:
        """The equivalent pyotp object (``pyotp.contrib.Steam`` for Steam); it counts steps from 1970."""
        key = _padded_base32(self.secret)
        if self.encoder is Encoder.STEAM:
            handler: pyotp.TOTP = pyotp.contrib.Steam(key)
        else:
            handler = pyotp.TOTP(key)
            handler.digits = self.digits  # set afterwards: pyotp's constructor takes 6 to 10 only ...
        handler.digest = _digest(self.algorithm)
        handler.interval = self.step  # ... and steps of 120 s at most, though services with 300 s exist
        return handler


@dataclass(frozen=True, slots=True)
class Anatomy:
    """How one code came to be: every intermediate value of RFC 4226 section 5.3.

    ``message`` is the counter as 8 bytes, big end first; ``digest`` the HMAC; ``offset`` the low nibble of the
    digest's last byte; ``four`` the bytes from there on; ``number`` those bytes without their top bit (31 bits);
    ``code`` the number modulo 10**digits with leading zeros, or Steam's letters. No secret is in it, but the
    code is: ``repr`` hides it together with the digest it can be computed from.
    """

    counter: int
    message: bytes
    algorithm: Algorithm
    digest: bytes
    offset: int
    four: bytes
    number: int
    digits: int
    code: str

    def __repr__(self) -> str:
        return f"Anatomy(counter={self.counter}, {self.algorithm}, {self.digits} digits, values not printed)"


def anatomy(otp: Hotp | Totp, counter: int) -> Anatomy:
    """Make one code by hand.

    Args:
        otp: the entry.
        counter: HOTP's counter, or a TOTP step such as ``totp.counter(t)``.

    Raises:
        MfaError: the counter is negative or needs more than 8 bytes.
    """
    if not 0 <= counter < 2**64:
        raise MfaError("A counter is a number of 8 bytes.", "Give one from 0 to 2**64 - 1.", code="E_COUNTER")
    # RFC 4226 section 5.2: the moving factor is 8 bytes, high-order byte first.
    message = counter.to_bytes(8, "big")
    # Step 1, "generate an HMAC value": the key and the counter go through the hash.
    digest = hmac.new(otp.secret.reveal(), message, otp.algorithm.lower()).digest()
    # Step 2, dynamic truncation: the last byte's low nibble says where to read four bytes ...
    offset = digest[-1] & 0x0F
    four = digest[offset : offset + 4]
    # ... and the top bit is masked, so that signed and unsigned machines agree.
    number = int.from_bytes(four, "big") & 0x7FFF_FFFF
    # Step 3: as many decimal digits as wanted (or Steam's letters).
    encoder = otp.encoder if isinstance(otp, Totp) else Encoder.DECIMAL
    code = _steam(number, otp.digits) if encoder is Encoder.STEAM else _decimal(number, otp.digits)
    return Anatomy(counter, message, otp.algorithm, digest, offset, four, number, otp.digits, code)


def _decimal(number: int, digits: int) -> str:
    return str(number % 10**digits).zfill(digits)


def _steam(number: int, digits: int) -> str:
    letters = []
    for _ in range(digits):
        number, index = divmod(number, len(STEAM_ALPHABET))
        letters.append(STEAM_ALPHABET[index])
    return "".join(letters)


def _check_digits(digits: int) -> None:
    if not 1 <= digits <= 10:
        raise MfaError("A code has 1 to 10 digits.", "Most services use 6; some use 8.", code="E_DIGITS")


def _digest(algorithm: Algorithm) -> Callable[..., Any]:
    constructor: Callable[..., Any] = getattr(hashlib, algorithm.lower())
    return constructor


def _padded_base32(secret: Secret) -> str:
    # pyotp refuses keys under 112 bits, though many services issue 80. HMAC itself fills a key up to its block
    # with zero bytes (RFC 2104 section 2), so the key with zero bytes appended gives the same codes.
    key = secret.reveal()
    return Secret(key.ljust(_PYOTP_MIN_KEY, b"\0")).reveal_base32()
