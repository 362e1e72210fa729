"""Recovery codes: shown once, kept only as hashes, each good for one use."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterator

ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # no 0 o 1 i l: these codes are copied by hand
GROUP, GROUPS = 5, 2  # abcde-fghjk: ten letters of 31 are 49 bits
_ROUNDS = 500  # a real service takes more; a code of 49 random bits needs less than a password does


class Sheet:
    """The recovery codes as they are shown, once. Iterate over it to write them down; it prints a mask."""

    def __init__(self, codes: tuple[str, ...]) -> None:
        self._codes = codes

    def __iter__(self) -> Iterator[str]:
        return iter(self._codes)

    def __len__(self) -> int:
        return len(self._codes)

    def __repr__(self) -> str:
        return f"Sheet({len(self)} recovery codes, shown once)"


class Recovery:
    """What the service keeps: salted hashes only.

    Args:
        token: a source of random bytes, ``token(n) -> bytes``.
    """

    def __init__(self, token: Callable[[int], bytes]) -> None:
        self._token = token
        self._salt = b""
        self._hashes: list[bytes] = []

    @property
    def left(self) -> int:
        """How many codes are still good."""
        return len(self._hashes)

    def renew(self, count: int = 10) -> Sheet:
        """A new sheet. The old one is void from this moment."""
        codes = tuple(self._draw() for _ in range(count))
        self._salt = self._token(16)
        self._hashes = [self._hash(code) for code in codes]
        return Sheet(codes)

    def use(self, typed: str) -> bool:
        """Is it one of the codes? Then it is used up."""
        wanted = self._hash(typed)
        for index, kept in enumerate(self._hashes):
            if hmac.compare_digest(kept, wanted):
                del self._hashes[index]
                return True
        return False

    def _draw(self) -> str:
        number, letters = int.from_bytes(self._token(16), "big"), ""
        for _ in range(GROUP * GROUPS):
            number, index = divmod(number, len(ALPHABET))
            letters += ALPHABET[index]
        return "-".join(letters[place * GROUP : (place + 1) * GROUP] for place in range(GROUPS))

    def _hash(self, typed: str) -> bytes:
        clean = "".join(typed.lower().split()).replace("-", "")
        return hashlib.pbkdf2_hmac("sha256", clean.encode(), self._salt, _ROUNDS)
