"""The values of a key URI's parameters: from text to key, hash, numbers and manner of writing."""

from __future__ import annotations

import re
import unicodedata

from mfatools.errors import SecretError, UriError
from mfatools.notes import Pad
from mfatools.secret import Secret, is_filler, left_over_bits, normal_base32
from mfatools.totp import STEAM_DIGITS, Algorithm

_NOTHING = ("none", "null", "nil", "nan", "undefined", "false")  # what careless programs write for a missing key


def key(text: str, pad: Pad) -> Secret:
    """The key, from base32 as people and services write it.

    Raises:
        SecretError: not base32, or a word such as ``undefined``, which is base32 by its letters only.
    """
    if text.strip().lower() in _NOTHING:
        what = "Where the secret belongs stands only a program's word for 'nothing'."
        raise SecretError(
            what, "Ask the service for a new QR code: this one is the service's mistake.", code="E_NO_SECRET"
        )
    secret = Secret.from_base32(text)
    clean = normal_base32(text)
    if any(is_filler(char) for char in text):
        pad.add("W_SECRET_SPACES")
    if any("a" <= char <= "z" for char in text):
        pad.add("W_SECRET_LOWER")
    if "=" in text:
        pad.add("W_SECRET_PADDING")
    if len(clean) % 8 in (1, 3, 6):  # RFC 4648 section 6: an encoder leaves 2, 4, 5 or 7 characters
        pad.add("W_SECRET_LENGTH", length=len(clean))
    elif left_over_bits(clean):
        pad.add("W_SECRET_TRAILING_BITS")
    return secret


def algorithm(text: str, pad: Pad) -> Algorithm:
    """The hash; usual other spellings (``HmacSHA1``, ``SHA-256``) are understood with a note.

    Raises:
        UriError: any other, never taken for SHA1: RFC 6238 section 1.2 knows these three only.
    """
    plain = re.sub(r"[-_ /]", "", text.upper())
    name = re.sub(r"^SHA2(?=256$|512$)", "SHA", plain.removeprefix("HMAC"))
    if name not in list(Algorithm):
        raise UriError(
            "The parameter 'algorithm' must be SHA1, SHA256 or SHA512 (RFC 6238 section 1.2).",
            "Ask the service which of them it uses, and correct the URI.",
            code="E_ALGORITHM",
        )
    if text.strip().upper() != name:
        pad.add("W_ALG_ALIAS", algorithm=name)
    return Algorithm(name)


def number(values: dict[str, str], name: str, default: int, limits: tuple[int, int], pad: Pad) -> int:
    """A whole number within ``limits`` (both included); ``default`` if the parameter is missing.

    Raises:
        UriError: no whole number, or one outside the limits; ``code`` is ``E_`` and the parameter's name.
    """
    if name not in values:
        return default
    text = values[name]
    plain = unicodedata.normalize("NFKC", text).strip()
    low, high = limits
    value = int(plain) if re.fullmatch(r"[0-9]{1,30}", plain) else -1
    if not low <= value <= high:
        what = f"The parameter '{name}' must be a whole number from {low} to {high}, without sign or unit."
        hint = "Ask the service for the right number and correct it in the URI."
        raise UriError(what, hint, code=f"E_{name.upper()}")
    if text != str(value):
        pad.add("W_NUMBER", name=name, value=value)
    return value


def is_steam(kind: str, issuer: str, values: dict[str, str], pad: Pad) -> bool:
    """Whether codes are Steam's five letters: by type, by ``encoder=``, or by the issuer's name with a note.

    Raises:
        UriError: another way of writing codes is asked for.
    """
    encoder = values.get("encoder", "").strip().lower()
    if encoder not in ("", "steam", "decimal", "default"):
        raise UriError(
            "The parameter 'encoder' names a way of writing codes that we do not know.",
            "Use the app that the service recommends for it.",
            code="E_ENCODER",
        )
    if kind == "steam":
        pad.add("W_NONSTANDARD_TYPE")
        return True
    if encoder or issuer.lower() != "steam":
        return encoder == "steam"
    # Ente and 2FAuth go by the issuer's name alone; other apps show six digits.
    letters = values.get("digits", "5").strip() == str(STEAM_DIGITS)
    pad.add("W_STEAM_ISSUER", kept="5 letters and digits" if letters else "the digits that the code asks for")
    return letters
