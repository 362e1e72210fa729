"""The keys that a person or an app may have made of the one in the QR: slips of hand, and misreadings.

Every function yields ``(cause, detail, key bytes, share)``; the shares of one cause add up to 1. ``detail`` tells
places and kinds, never characters of the key beyond the ones that were confused.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterable, Iterator
from itertools import product

from mfatools.secret import BASE32
from mfatools.totp import Algorithm

Variant = tuple[str, str, bytes, float]

# Look-alikes inside the base32 alphabet are the silent ones: no app can refuse them.
_LOOKALIKES = ("S5", "Z2", "IL", "OQ", "G6", "T7", "UV", "VY", "MN", "EF", "CG", "B3", "DO", "VW", "XK", "PR")
_BASE32HEX = "0123456789ABCDEFGHIJKLMNOPQRSTUV"  # RFC 4648 section 7


class _Only(dict[int, str | None]):
    """A translation that drops what it does not have."""

    def __missing__(self, char: int) -> None:
        return None


# Base32 to Python's digits of base 32, so that `int` does the work: thousands of keys are made in one diagnosis.
_DIGITS = _Only({ord(char): _BASE32HEX[i] for i, char in enumerate(BASE32)})
# What a person or a lenient program makes of a character that base32 does not have.
_ALIEN = {"0": "OD", "1": "IL", "8": "B", "9": "G"}


def typed(text: str) -> Iterator[Variant]:
    """One slip while the key was typed by hand."""
    yield from _shared("key_lookalike", _lookalikes(text))
    yield from _shared("key_swapped", _swaps(text))
    yield from _shared("key_missing", _missing(text))
    yield from _shared("key_doubled", _doubled(text))
    yield from _shared("key_cut", _cuts(text))
    yield from _shared("key_groups", _groups(text))
    yield "key_twice", "the whole key stands there twice", decode(text + text), 1.0


def typed_badly(text: str) -> Iterator[Variant]:
    """One character replaced by any other, or one too many: many keys, so for two codes at least."""
    yield from _shared("key_replaced", _replaced(text))
    yield from _shared("key_extra", _extra(text))


def twice(text: str) -> Iterator[Variant]:
    """Two slips of the commoner kinds in one key."""
    first = [*_lookalikes(text), *_swaps(text), *_missing(text), *_doubled(text)]
    both = ((f"{a}; {b}", c) for a, t in first for b, c in [*_lookalikes(t), *_swaps(t), *_missing(t)])
    yield from _shared("key_two_slips", both)


def misread(text: str, key: bytes, algorithm: Algorithm) -> Iterator[Variant]:
    """Ways in which programs are known to have read a base32 key wrongly, most with an issue in the case book."""
    for cause, detail, made in _readings(text, key):
        if made and made != key:
            yield cause, detail, made, 1.0
    size = algorithm.size
    if len(key) < size:
        yield "key_repeated", f"to {size} bytes", (key * (size // len(key) + 1))[:size], 1.0
    if len(key) > size:
        yield "key_cut_bytes", f"to {size} bytes", key[:size], 0.5
    for short in (10, 16, 20, 32):
        if short < len(key) and short != size:
            yield "key_cut_bytes", f"to {short} bytes", key[:short], 0.5
    yield "key_hashed", algorithm.value, hashlib.new(algorithm.lower(), key).digest(), 1.0


def decode(text: str) -> bytes:
    """Base32 with left-over bits dropped; characters outside the alphabet are skipped."""
    digits = text.upper().translate(_DIGITS)
    bits = 5 * len(digits)
    return (int(digits or "0", 32) >> bits % 8).to_bytes(bits // 8, "big")


def printed(text: str) -> Iterator[Variant]:
    """Readings of a key as it is printed beside the QR, which may hold 0, 1, 8 and 9."""
    bare = "".join(char for char in text if char.isalnum()).upper()
    yield from _shared("key_alien", _aliens(bare))
    yield "key_printed", "what base32 does not have was left out of the printed key", decode(bare), 0.4
    for made in (text.encode(), bare.encode(), bare.lower().encode(), _hex(bare), _base64(text.strip())):
        if made:
            yield "key_printed", "the printed key was read as something else than base32", made, 0.1


def _aliens(text: str) -> Iterator[tuple[str, str]]:
    """What 0, 1, 8 and 9 may have been taken for: one meaning each throughout, or left out."""
    present = [char for char in _ALIEN if char in text]
    for meanings in product(*((*_ALIEN[char], "") for char in present)) if present else ():
        chosen = dict(zip(present, meanings, strict=True))
        detail = " and ".join(f"{char} {f'taken for {to}' if to else 'left out'}" for char, to in chosen.items())
        yield f"{detail} in the printed key", text.translate(str.maketrans(chosen))


def _shared(cause: str, made: Iterable[tuple[str, str]]) -> Iterator[Variant]:
    keys: dict[bytes, str] = {}
    for detail, text in made:
        keys.setdefault(decode(text), detail)
    for key, detail in keys.items():
        if key:
            yield cause, detail, key, 1 / len(keys)


def _lookalikes(text: str) -> Iterator[tuple[str, str]]:
    for i, char in enumerate(text):
        for pair in _LOOKALIKES:
            if char in pair:
                other = pair.replace(char, "")
                yield f"character {i + 1}: {char} taken for {other}", text[:i] + other + text[i + 1 :]


def _swaps(text: str) -> Iterator[tuple[str, str]]:
    for i in range(len(text) - 1):
        if text[i] != text[i + 1]:
            swapped = text[:i] + text[i + 1] + text[i] + text[i + 2 :]
            yield f"characters {i + 1} and {i + 2} swapped", swapped


def _missing(text: str) -> Iterator[tuple[str, str]]:
    for i in range(len(text)):
        yield f"character {i + 1} missing", text[:i] + text[i + 1 :]
    for char in sorted({char for char in text if text.count(char) > 1}):
        yield f"every {char} missing", text.replace(char, "")


def _doubled(text: str) -> Iterator[tuple[str, str]]:
    for i in range(len(text)):
        yield f"character {i + 1} twice", text[: i + 1] + text[i:]


def _cuts(text: str) -> Iterator[tuple[str, str]]:
    for n in range(2, max(2, len(text) - 3)):  # a shell cuts a key in groups at its first blank: four stay
        yield f"the last {n} characters missing", text[:-n]
        yield f"the first {n} characters missing", text[n:]


def _groups(text: str) -> Iterator[tuple[str, str]]:
    """Slips with a whole group of four, as keys are printed and read; the end groups left out are `_cuts`."""
    groups = [text[i : i + 4] for i in range(0, len(text), 4)]
    for i, group in enumerate(groups):
        before, after = groups[:i], groups[i + 1 :]
        place = f"group {i + 1} of four characters"
        yield f"{place} twice", "".join([*before, group, group, *after])
        if before and after:
            yield f"{place} missing", "".join(before + after)
        if after:
            yield f"{place} and the next one swapped", "".join([*before, after[0], group, *after[1:]])


def _replaced(text: str) -> Iterator[tuple[str, str]]:
    for i, char in enumerate(text):
        for other in BASE32:
            if other != char:
                yield f"character {i + 1} is another one", text[:i] + other + text[i + 1 :]


def _extra(text: str) -> Iterator[tuple[str, str]]:
    for i in range(len(text) + 1):
        for other in BASE32:
            yield f"one character too many at place {i + 1}", text[:i] + other + text[i:]


def _readings(text: str, key: bytes) -> Iterator[tuple[str, str, bytes]]:
    yield "text_as_key", "upper case", text.encode()
    yield "text_as_key", "lower case", text.lower().encode()
    yield "text_as_key", "with its padding", text.ljust(-(-len(text) // 8) * 8, "=").encode()
    yield "text_as_key", "with the end of the line", f"{text}\n".encode()
    groups = " ".join(text[i : i + 4] for i in range(0, len(text), 4))
    yield "text_as_key", "upper case in groups of four", groups.encode()
    yield "text_as_key", "lower case in groups of four", groups.lower().encode()
    yield "hex_as_key", "lower case", key.hex().encode()
    yield "hex_as_key", "upper case", key.hex().upper().encode()
    yield "base64_as_key", "", base64.b64encode(key)
    yield "base64_read", "", _base64(text)
    yield "base64_read", "lower case", _base64(text.lower())
    yield "hex_read", "", _hex(text)
    yield "base32hex_read", "", decode("".join(BASE32[_BASE32HEX.index(c)] for c in text if c in _BASE32HEX))
    yield "letters_lost", "", decode("".join(c for c in text if c.isdigit()))
    yield "digits_lost", "", decode("".join(c for c in text if c.isalpha()))
    yield "bits_padded", "", _padded(text)
    yield "bits_padded", "half bytes", _half_bytes(text)
    yield "bits_first", "", _bits_first(text)
    yield "key_reversed", "", key[::-1]
    yield "text_reversed", "", decode(text[::-1])
    if all(chr(byte) in BASE32 + "=" for byte in key.upper()):
        yield "decoded_twice", "", decode(key.decode())
    yield "key_utf8", "", key.decode("latin-1").encode()


def _base64(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        return b""


def _hex(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        return b""


def _padded(text: str) -> bytes:
    """Left-over bits filled up to a byte, where RFC 4648 section 6 has them dropped."""
    return decode(text + "A" * (1 if 5 * len(text) % 8 >= 3 else 2)) if 5 * len(text) % 8 else b""


def _half_bytes(text: str) -> bytes:
    """The bits cut into fours, an odd four kept with a zero before the end."""
    bits = "".join(f"{BASE32.index(c):05b}" for c in text if c in BASE32)
    nibbles = [bits[i : i + 4].ljust(4, "0") for i in range(0, len(bits), 4)]
    digits = "".join(f"{int(n, 2):x}" for n in nibbles)
    return _hex(digits + "0" * (len(digits) % 2)) if 5 * len(text) % 8 else b""


def _bits_first(text: str) -> bytes:
    """Left-over bits kept as if they stood at the front: the whole as one big number."""
    value = 0
    for char in text:
        value = value << 5 | BASE32.index(char)
    return value.to_bytes(-(-5 * len(text) // 8), "big") if 5 * len(text) % 8 else b""
