"""Two schemes beside the RFCs whose codes also change with time: mOTP and Yandex. Both need a PIN.

Checked against the vectors of Aegis (``MOTPTest.java``, ``YAOTPTest.java``).
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

from mfatools.errors import MfaError, SecretError
from mfatools.secret import Secret, require_secret

MOTP_STEP = 10
MOTP_DIGITS = 6
YANDEX_STEP = 30
YANDEX_LETTERS = 8
_YANDEX_KEY = 16  # bytes of the shared text that are the key; a PIN length and a checksum may follow


@dataclass(frozen=True, slots=True)
class Motp:
    """Mobile-OTP (motp.sourceforge.net): six hex digits of an MD5, a new one every 10 seconds.

    Args:
        secret: the key; written in hexadecimal, 16 or 32 digits as a rule.

    Raises:
        SecretError: a key that is no `Secret`.
    """

    secret: Secret

    def __post_init__(self) -> None:
        require_secret(self.secret)

    @classmethod
    def from_hex(cls, text: str) -> Motp:
        """Read the key as mOTP writes it.

        Raises:
            SecretError: empty, or not hexadecimal.
        """
        clean = "".join(char for char in text if not char.isspace() and char != "-")
        if not clean:
            raise SecretError("The secret is empty.", "Scan the whole QR code again.", code="E_NO_SECRET")
        if len(clean) % 2 or not set(clean) <= set("0123456789abcdefABCDEF"):
            raise SecretError(
                "The secret of an mOTP entry must be hexadecimal (digits 0-9 and a-f, an even number of them).",
                "Copy the key again from the set-up page.",
                code="E_SECRET_CHAR",
            )
        return cls(Secret(bytes.fromhex(clean)))

    def code(self, t: float, pin: str) -> str:
        """The six hex digits for POSIX time ``t`` (seconds) and the person's PIN."""
        # MD5 over three texts in a row: how many tens of seconds, the key in hex, the PIN.
        text = f"{int(t // MOTP_STEP)}{self.secret.reveal().hex()}{pin}"
        return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()[:MOTP_DIGITS]


def yandex_code(secret: Secret, pin: str, t: float) -> str:
    """The eight letters that Yandex.Key shows at POSIX time ``t`` (seconds).

    Args:
        secret: the key of the QR code (16 bytes, or 26 with a checksum that is not looked at).
        pin: the person's PIN, 4 to 16 digits.
        t: POSIX seconds, 0 or later.

    Raises:
        MfaError: the key is too short, or ``t`` lies before 1970.
    """
    key = secret.reveal()
    if len(key) < _YANDEX_KEY:
        raise MfaError("A Yandex key has at least 16 bytes.", "Scan the whole QR code again.", code="E_NO_SECRET")
    if t < 0:
        raise MfaError("This time lies before the first step.", "Give a time after 1970.", code="E_TIME")
    mixed = hashlib.sha256(pin.encode() + key[:_YANDEX_KEY]).digest()
    # One leading zero byte falls away: the first implementation held the hash as a number.
    mixed = mixed[1:] if mixed[0] == 0 else mixed
    digest = hmac.new(mixed, int(t // YANDEX_STEP).to_bytes(8, "big"), "sha256").digest()
    # Like RFC 4226 section 5.3, but with eight bytes (63 bits) and letters.
    offset = digest[-1] & 0x0F
    number = int.from_bytes(digest[offset : offset + 8], "big") & 0x7FFF_FFFF_FFFF_FFFF
    return _letters(number)


def _letters(number: int) -> str:
    letters = ""
    for _ in range(YANDEX_LETTERS):
        number, index = divmod(number, 26)
        letters = chr(ord("a") + index) + letters
    return letters
