"""A key that does not print.

`Secret` holds the bytes of an HMAC key and shows them to nobody by accident: not by ``repr``, ``str``,
``format``, ``pickle``, ``json``, ``hash``, ``vars`` or a dataclass's ``asdict``. The ways out are called
:meth:`Secret.reveal` and :meth:`Secret.reveal_base32`, so that ``git grep reveal`` lists every use.
"""

from __future__ import annotations

import base64
import hmac
import re
from typing import NoReturn, Self

from mfatools.errors import SecretError

BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"  # RFC 4648 section 6
_LOOKALIKES = {"0": "O", "1": "I or L", "8": "B", "9": "G"}
_FILLERS = frozenset("-\u00ad\u200b\u200c\u200d\u2010\u2011\u2012\u2013\u2014\u2060\u2212\ufeff")
_BASE64, _BASE64_LEAST = re.compile(r"[A-Za-z0-9+/ ]+={0,2}"), 12
_UPPER = str.maketrans("abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_MASK = "••••"


class Secret:
    """Key bytes with no accidental way out.

    Two secrets are equal when their key bytes are (compared in constant time). A secret cannot be hashed,
    pickled, turned into JSON or iterated.

    Args:
        key: the HMAC key, at least one byte.
        text: the base32 text the key came from, when it came from one: upper case, no padding. Kept because
            left-over bits of an odd text are read differently by different apps (RFC 4648 section 3.5).

    Raises:
        SecretError: the key is empty, or no bytes.
    """

    __slots__ = ("__key", "__text")

    def __init__(self, key: bytes, text: str | None = None) -> None:
        if not isinstance(key, bytes | bytearray | memoryview):  # bytes(20) would be twenty zeros
            what = f"A key is made of bytes; this is of type '{type(key).__name__}'."
            raise SecretError(what, "Read a text with Secret.from_base32(text).", code="E_SECRET_TYPE")
        if not key:
            raise SecretError(
                "The secret is empty.", "Show the QR code again and scan all of it.", code="E_NO_SECRET"
            )
        self.__key = bytes(key)
        self.__text = text

    @classmethod
    def from_base32(cls, text: str) -> Self:
        """Read a key as it is written beside a QR code: base32, RFC 4648 section 6.

        Blanks, hyphens, lower case and padding at the end are forgiven. Left-over bits are dropped, as Google
        Authenticator does.

        Raises:
            SecretError: empty, or a character outside ``A-Z2-7`` (its position is told, not the text).
        """
        clean = normal_base32(text)
        if not clean:
            raise SecretError(
                "The secret is empty.", "Copy the whole key from the set-up page.", code="E_NO_SECRET"
            )
        for place, char in enumerate(clean, start=1):
            if char not in BASE32:
                raise _looks_otherwise(text, clean) or _bad_character(clean, place, char)
        key = _decode(clean)
        if not key:
            raise SecretError(
                "The secret has one character, which is less than a byte.",
                "Copy the whole key from the set-up page.",
                code="E_NO_SECRET",
            )
        return cls(key, clean)

    def reveal(self) -> bytes:
        """The key bytes. One of the two ways out."""
        return self.__key

    def reveal_base32(self) -> str:
        """The key as base32 without padding: the text it came from if there was one. The other way out."""
        return self.__text if self.__text is not None else base64.b32encode(self.__key).decode().rstrip("=")

    @property
    def bits(self) -> int:
        """Length of the key in bits. RFC 4226 section 4, R6: at least 128, better 160."""
        return 8 * len(self.__key)

    def __len__(self) -> int:
        return len(self.__key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(self.__key, other.__key)

    __hash__ = None  # type: ignore[assignment]  # a hash could be compared against guesses

    def __repr__(self) -> str:
        return f"Secret({_MASK}, {self.bits} bits)"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return format(repr(self), spec)

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self  # immutable; dataclasses.asdict copies deeply and so keeps the mask on

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        msg = "a Secret is not pickled: it would stand readable on the disk"
        raise TypeError(msg)

    def __getstate__(self) -> NoReturn:
        self.__reduce_ex__(2)


def require_secret(value: object) -> None:
    """Refuse what is no `Secret`, in words that do not quote it: a bare text would stand in every ``repr``.

    Raises:
        SecretError: anything else.
    """
    if not isinstance(value, Secret):
        what = f"The key must be a Secret; this is of type '{type(value).__name__}'."
        raise SecretError(what, "Write Secret.from_base32(text), or Secret(key_bytes).", code="E_SECRET_TYPE")


def normal_base32(text: str) -> str:
    """``text`` without blanks, hyphens and the padding at its end, in upper case. Nothing is checked."""
    clean = "".join(char for char in text if not is_filler(char)).rstrip("=")
    # Only a-z: str.upper would also turn look-alikes such as the dotless i into letters of the alphabet.
    return clean.translate(_UPPER)


def is_filler(char: str) -> bool:
    """Whether services put this character between the groups of a key: a blank, a hyphen, an invisible sign."""
    return char.isspace() or char in _FILLERS


def left_over_bits(clean: str) -> int:
    """The number in the bits of a base32 text that fill no byte: 0 when an encoder wrote it (RFC 4648, 3.5)."""
    return BASE32.index(clean[-1]) & ((1 << 5 * len(clean) % 8) - 1)


def _decode(clean: str) -> bytes:
    # Filled up with A (zero bits) to a whole block of 8 characters; then only the whole bytes of the text count.
    block = base64.b32decode(clean + "A" * (-len(clean) % 8))
    return block[: 5 * len(clean) // 8]


def _looks_otherwise(text: str, clean: str) -> SecretError | None:
    """Whether the whole key is written in another way: hexadecimal, or base64."""
    if len(clean) % 2 == 0 and all(c in "0123456789ABCDEF" for c in clean.removeprefix("0X")):
        name, call = "hexadecimal", "bytes.fromhex"
    elif len(text) % 4 == 0 and len(text) >= _BASE64_LEAST and _BASE64.fullmatch(text) and _is_mixed(text):
        name, call = "base64", "base64.b64decode"
    else:
        return None
    what = f"The secret looks like {name}, but a key URI holds base32 (letters A-Z and digits 2-7)."
    hint = f"Ask the service for the base32 form of the key, or read it with Secret({call}(...))."
    return SecretError(what, hint, code="E_SECRET_CHAR")


def _is_mixed(text: str) -> bool:
    return not text.isalnum() and text.lower() != text and text.upper() != text


def _bad_character(clean: str, place: int, char: str) -> SecretError:
    """Say where the alien character stands and what it probably was, and nothing of its neighbours."""
    if char in _LOOKALIKES:
        what = f"Character {place} of {len(clean)} of the secret is the digit {char}, which base32 does not have."
        hint = f"It was probably meant as {_LOOKALIKES[char]}: compare it with the set-up page."
    elif char.isalpha():
        what = f"Character {place} of {len(clean)} of the secret is a letter of another alphabet."
        hint = "It may look like a Latin letter; type the key anew with a Latin keyboard."
    else:
        what = f"Character {place} of {len(clean)} of the secret is not in base32 (letters A-Z, digits 2-7)."
        hint = "Copy the key again from the set-up page."
    return SecretError(what, hint, code="E_SECRET_CHAR")
