"""The matcher: codes by the hundred thousand, with the HMAC's key worked in once.

HMAC (RFC 2104) hashes the key first and the message after it, twice. The state after the key is the same for
every counter, so it is made once and copied: two short hashes are left for a code, and nothing is formatted.
"""

from __future__ import annotations

import hashlib
import math
import struct
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass
from enum import StrEnum

from mfatools.totp import STEAM_ALPHABET, STEAM_DIGITS, Algorithm

_CHUNK = 1 << 15  # counters between two looks at `stop`


class Quirk(StrEnum):
    """Arithmetic that real apps got wrong; each has its issue in `mfatools.diagnose.apps`."""

    NONE = "none"
    MODULUS_NINES = "modulo 999999 instead of a million"
    BYTE_19 = "truncation at byte 19 whatever the hash"
    UNSIGNED = "the top bit not masked"
    LITTLE_ENDIAN = "the counter with its bytes reversed"
    SHORT_COUNTER = "the counter as four bytes"
    SHIFTED_COUNTER = "the counter's zeros on the wrong side"
    SIGNED = "the top bit taken for a sign"
    SHORT_TIME = "the time as 32 bits with a sign, which overflowed in January 2038"


@dataclass(frozen=True, slots=True)
class Shape:
    """How a number becomes a code: its length, and Steam's letters or decimal digits."""

    digits: int = 6
    steam: bool = False
    quirk: Quirk = Quirk.NONE

    @property
    def modulus(self) -> int:
        """A code says the 31-bit number modulo this."""
        base = len(STEAM_ALPHABET) if self.steam else 10
        return math.prod([base] * self.digits) - (self.quirk is Quirk.MODULUS_NINES)

    def value(self, code: str) -> int | None:
        """The number modulo `modulus` that ``code`` stands for; None if no such code looks like it."""
        if self.steam:
            return _steam_value(code)
        if len(code) != self.digits or not (code.isascii() and code.isdigit()):
            return None
        return int(code)


def _steam_value(code: str) -> int | None:
    if len(code) != STEAM_DIGITS or any(letter not in STEAM_ALPHABET for letter in code):
        return None
    value = 0
    for letter in reversed(code):  # least significant first
        value = value * len(STEAM_ALPHABET) + STEAM_ALPHABET.index(letter)
    return value


class Stream:
    """The 31-bit numbers of one key, counter by counter. It holds key material and prints nothing of it."""

    __slots__ = ("_inner", "_mask", "_outer", "_pack", "_signed", "_tail")

    def __init__(self, key: bytes, algorithm: Algorithm = Algorithm.SHA1, quirk: Quirk = Quirk.NONE) -> None:
        new = getattr(hashlib, algorithm.lower())
        block = algorithm.block
        padded = (new(key).digest() if len(key) > block else key).ljust(block, b"\0")
        self._inner = new(padded.translate(_INNER))
        self._outer = new(padded.translate(_OUTER))
        self._tail = 19 if quirk is Quirk.BYTE_19 else self._inner.digest_size - 1
        self._signed = quirk is Quirk.SIGNED
        self._mask = 0xFFFF_FFFF if quirk in (Quirk.UNSIGNED, Quirk.SIGNED) else 0x7FFF_FFFF
        self._pack: Callable[[int], bytes] = _PACKERS.get(quirk, struct.Struct(">Q").pack)

    def numbers(self, low: int, high: int) -> Iterator[tuple[int, int]]:
        """``(counter, number)`` for every counter in ``low <= counter < high``."""
        inner, outer, pack, tail, mask = self._inner.copy, self._outer.copy, self._pack, self._tail, self._mask
        read = int.from_bytes
        for counter in range(low, high):
            first = inner()
            first.update(pack(counter))
            second = outer()
            second.update(first.digest())
            digest = second.digest()
            at = digest[tail] & 15  # RFC 4226 section 5.3
            number = read(digest[at : at + 4], "big") & mask
            yield counter, 2**32 - number if self._signed and number >= 2**31 else number

    def hits(self, low: int, high: int, modulus: int, wanted: Container[int]) -> list[tuple[int, int]]:
        """``(counter, value)`` wherever the number modulo ``modulus`` is in ``wanted``."""
        if self._signed:
            codes = ((counter, number % modulus) for counter, number in self.numbers(max(low, 0), high))
            return [(counter, value) for counter, value in codes if value in wanted]
        # The loop of `numbers` again, without a generator's cost per code: this is where the time goes.
        inner, outer, pack, tail, mask = self._inner.copy, self._outer.copy, self._pack, self._tail, self._mask
        read, found = int.from_bytes, []
        for counter in range(max(low, 0), high):
            first = inner()
            first.update(pack(counter))
            second = outer()
            second.update(first.digest())
            digest = second.digest()
            at = digest[tail] & 15
            value = (read(digest[at : at + 4], "big") & mask) % modulus
            if value in wanted:
                found.append((counter, value))
        return found


_INNER = bytes(byte ^ 0x36 for byte in range(256))  # RFC 2104 section 2: ipad, opad
_OUTER = bytes(byte ^ 0x5C for byte in range(256))


def _short(counter: int) -> bytes:
    return (counter & 0xFFFF_FFFF).to_bytes(4, "big")


def _shifted(counter: int) -> bytes:
    return bytes.fromhex(f"{counter:x}".ljust(16, "0"))


# Steps of 30 s in 2**32 s, rounded up: an overflowed time is that much earlier, give or take half a step.
_TURN = 143_165_577


def _overflowed(counter: int) -> bytes:
    return (counter - _TURN).to_bytes(8, "big", signed=True)


_PACKERS: dict[Quirk, Callable[[int], bytes]] = {
    Quirk.SHORT_TIME: _overflowed,
    Quirk.LITTLE_ENDIAN: struct.Struct("<Q").pack,
    Quirk.SHORT_COUNTER: _short,
    Quirk.SHIFTED_COUNTER: _shifted,
}


def sweep(
    stream: Stream,
    low: int,
    high: int,
    modulus: int,
    wanted: Container[int],
    *,
    progress: Callable[[float], None] | None = None,
    stop: Callable[[], bool] | None = None,
) -> Iterator[tuple[int, int]]:
    """`Stream.hits` over a long range, in pieces.

    Args:
        stream: the key's numbers.
        low, high: counters, half-open.
        modulus, wanted: as for `Stream.hits`.
        progress: told the share that is done, 0 to 1, every so often.
        stop: asked as often; when it says True the sweep ends.
    """
    for start in range(low, high, _CHUNK):
        if stop and stop():
            return
        yield from stream.hits(start, min(start + _CHUNK, high), modulus, wanted)
        if progress:
            progress(min(1.0, (start + _CHUNK - low) / (high - low)))
