"""From the bytes inside a QR code to its text, whatever an engine guesses.

The standard's default is Latin-1, Japan writes Shift-JIS, everyone else writes UTF-8, and only few codes say
which (an ECI, ISO/IEC 18004 section 7.4.2). UTF-8 is recognised almost surely, so it is asked first.
"""

from __future__ import annotations

import re

_SCHEMES = re.compile(r"\s*(otpauth|otpauth-migration|motp):", re.IGNORECASE)
_SCRIPTS = (  # what Shift-JIS text is made of, as ranges of code points
    (0x2010, 0x203B),  # dashes, quotation marks, ellipsis
    (0x0391, 0x0451),  # Greek and Cyrillic
    (0x3000, 0x30FF),  # Japanese punctuation, hiragana, katakana
    (0x4E00, 0x9FFF),  # kanji
    (0xFF01, 0xFF9F),  # full-width Latin, half-width katakana
)


def looks_like_account(text: str) -> bool:
    """Whether the text has the scheme of a second factor: otpauth, otpauth-migration or motp."""
    return _SCHEMES.match(text) is not None


def text_of(raw: bytes) -> str:
    """The text of a QR code's bytes: UTF-8 if it is that, else Shift-JIS or Latin-1, whichever makes sense."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        pass
    latin = raw.decode("latin-1")
    try:
        japanese = raw.decode("cp932")
    except UnicodeDecodeError:
        return _western(raw)
    return japanese if _oddness_japanese(japanese) < _oddness_latin(latin) else _western(raw)


def _western(raw: bytes) -> str:
    """Latin-1, or its Windows relative when bytes are used that Latin-1 leaves to control characters."""
    try:
        return raw.decode("cp1252") if any(0x80 <= byte <= 0x9F for byte in raw) else raw.decode("latin-1")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _oddness_japanese(text: str) -> float:
    """How strange a text is as Japanese: foreign signs, and single kanji that stand inside a Latin word."""
    alien = sum(ord(c) > 0x7F and not any(low <= ord(c) <= high for low, high in _SCRIPTS) for c in text)
    lonely = re.findall(r"(?<=[A-Za-z])[\u4e00-\u9fff\uff61-\uff9f](?![\u3040-\u9fff\uff61-\uff9f])", text)
    return 2 * alien + 1.5 * len(lonely)


def _oddness_latin(text: str) -> float:
    """How strange a text is as Latin-1: control characters, signs, and several accented letters in a row."""
    control = sum(0x80 <= ord(c) <= 0x9F for c in text)
    signs = sum(0xA1 <= ord(c) <= 0xBF or c in "\xd7\xf7" for c in text)
    runs = re.findall(r"[\xa1-\xff]{3,}", text)
    return control + 0.7 * signs + sum(len(run) - 2 for run in runs)
