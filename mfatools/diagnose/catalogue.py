"""The catalogue of causes: for each its title, what it says, what it rules out, what to do, and where to read on.

All words that a person reads about a cause stand here, so that they can be translated in one place. Gaps in
braces are filled by `mfatools.diagnose.words`: {offset} an offset in words, {detail}, {app}, {zone}, {rate}.
"""

from __future__ import annotations

from mfatools.diagnose.phrases import CLOCK, ISSUE, PROBE, Words
from mfatools.diagnose.phrases_clock import CLOCKS
from mfatools.diagnose.phrases_key import KEYS
from mfatools.diagnose.phrases_service import SERVICES

__all__ = ["ALIKE", "CATALOGUE", "CLOCK", "ISSUE", "PROBE", "READINGS", "SCHEMES", "Words"]

CATALOGUE: dict[str, Words] = {**CLOCKS, **SERVICES, **KEYS}

# Causes that share their words.
ALIKE = {
    "unsigned": "arithmetic",
    "little_endian": "arithmetic",
    "short_counter": "arithmetic",
    "shifted_counter": "arithmetic",
    "signed": "arithmetic",
    "short_time": "arithmetic",
    "bits_first": "bits_padded",
    **dict.fromkeys(
        ("key_lookalike", "key_swapped", "key_missing", "key_doubled", "key_cut", "key_groups", "key_replaced",
         "key_extra", "key_two_slips", "key_twice", "key_alien", "key_printed"),
        "key_slip",
    ),
}  # fmt: skip

# What a program did with the key instead of decoding it, by cause: fills {reading}.
READINGS = {
    "text_as_key": "uses the text of the key ({detail}) instead of decoding it from base32, or got a key that was "
    "encoded twice",
    "hex_as_key": "uses the key's hexadecimal text as the key",
    "base64_as_key": "uses the key's base64 text as the key",
    "base64_read": "decodes the key as base64 instead of base32",
    "hex_read": "decodes the key as hexadecimal instead of base32",
    "base32hex_read": "decodes the key with the other base32 alphabet (0-9, A-V)",
    "letters_lost": "keeps only the digits of the key and drops its letters",
    "digits_lost": "keeps only the letters of the key and drops its digits",
    "decoded_twice": "decodes the key twice",
    "key_utf8": "passes the key's bytes through a text encoding",
    "key_reversed": "takes the key's bytes in reverse order",
    "text_reversed": "takes the key's characters in reverse order",
    "key_cut_bytes": "cuts the key ({detail})",
    "key_repeated": "repeats a short key to the length of the hash ({detail}), as otplib 12 does",
    "key_hashed": "hashes the key before using it, which is right only for keys longer than the hash's block",
}

SCHEMES = {
    "motp": "This is an mOTP entry: six characters of 0-9 and a-f, made with MD5 from the time, the key and a PIN. "
    "It cannot be checked without the PIN, and no TOTP app can show it.",
    "yandex": "This is a Yandex entry: eight letters, made from the key and a PIN. No TOTP app can show it.",
    "steam": "This is a Steam entry: five letters and digits.",
    "push_app": "This QR code belongs to an app that asks for a tap in a push message; it makes no codes that an "
    "authenticator could show.",
    "passkey": "This QR code signs in with a passkey of another device; no code belongs to it.",
    "push": "A code of this length is no TOTP code: it looks like a number to be confirmed in a push message, "
    "a recovery code, or a code sent by text message or mail.",
    "letters": "A code with letters is no TOTP code: it looks like one of another scheme (Steam: five, Yandex: "
    "eight letters, mOTP: six characters of 0-9 and a-f), or like a recovery code.",
}
