"""What happens to digits between the screen and the service: blanks, other alphabets, slips of the finger."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from enum import StrEnum


class Slip(StrEnum):
    """One way in which a code is changed on its way."""

    ZERO_LOST = "leading zero lost"
    SWAPPED = "two neighbouring digits swapped"
    HALVES = "the two halves in the wrong order"
    REVERSED = "the digits in reverse order"
    ONE_WRONG = "one digit wrong"
    MISSING = "one digit missing"
    EXTRA = "one digit too many"
    SPACED = "blanks or hyphens between the digits"
    FOREIGN = "digits of another alphabet"
    LETTER = "a letter in place of a digit"
    MIXED = "the first digits of one code and the last of the next"
    DIFFERENT = "another text altogether"


# How common each is among slips that a person cannot see any more (judged; the case book counts 15 typed-code
# cases, half of them lost zeros, which are kept apart by their length).
SHARES = {
    Slip.SWAPPED: 0.30,
    Slip.ONE_WRONG: 0.34,
    Slip.HALVES: 0.06,
    Slip.REVERSED: 0.01,
    Slip.MISSING: 0.10,
    Slip.EXTRA: 0.05,
    Slip.ZERO_LOST: 0.10,
    Slip.LETTER: 0.02,
    Slip.MIXED: 0.02,
}
_LETTERS = str.maketrans("OoQDIil|ZzSsGTB", "000011112255678")  # what they are taken for


@dataclass(frozen=True, slots=True)
class Text:
    """A code as it was written, without its dress. ``repr`` does not show it."""

    clean: str
    spaced: bool
    foreign: bool

    def __repr__(self) -> str:
        return f"Text({len(self.clean)} characters, spaced={self.spaced}, foreign={self.foreign})"


def undress(raw: str) -> Text:
    """The code without blanks, hyphens and invisible signs, its digits as ASCII whatever their alphabet."""
    kept = [char for char in raw if not _is_dress(char)]
    clean = "".join(_ascii(char) for char in kept)
    return Text(clean, len(kept) != len(raw), clean != "".join(kept))


def relation(shown: Text, typed: Text) -> Slip | None:
    """How the typed code differs from the shown one; None if it does not."""
    if shown.clean.casefold() == typed.clean.casefold():  # no service minds the case of Steam's letters
        return Slip.FOREIGN if typed.foreign else Slip.SPACED if typed.spaced else None
    if typed.clean and shown.clean == typed.clean.zfill(len(shown.clean)):
        return Slip.ZERO_LOST
    return sources(typed.clean, len(shown.clean)).get(shown.clean, (Slip.DIFFERENT, 0.0))[0]


def place(right: str, wrong: str, slip: Slip, *, digits: bool) -> str:
    """Where a slip struck, in words: ``"digits 2 and 3 were swapped"``.

    Args:
        right: the code as it should be.
        wrong: the code as it was typed or noted.
        slip: how they differ.
        digits: whether a wrong digit may be named with the one it should be. A code that still opens something
            must stay a secret; of such a one only the place is told.
    """
    at = next(
        (i for i, (a, b) in enumerate(zip(right, wrong, strict=False)) if a != b), min(len(right), len(wrong))
    )
    told = {
        Slip.SWAPPED: f"digits {at + 1} and {at + 2} were swapped",
        Slip.ONE_WRONG: f"digit {at + 1} is wrong",
        Slip.MISSING: f"digit {at + 1} is missing",
        Slip.EXTRA: f"digit {at + 1} is one too many",
    }.get(slip, slip.value)
    if slip is Slip.DIFFERENT and wrong.isdigit() and len(wrong) == len(right):
        return "several digits are wrong"
    if slip is Slip.ONE_WRONG and digits:
        told += f", a {wrong[at]} where a {right[at]} should be"
    return told


def sources(seen: str, digits: int) -> dict[str, tuple[Slip, float]]:
    """The codes of ``digits`` digits that one slip turns into ``seen``, each with its share of all slips."""
    if not (seen.isascii() and seen.isdigit()):
        plain = seen.translate(_LETTERS)
        fits = plain.isascii() and plain.isdigit() and len(plain) == digits
        return {plain: (Slip.LETTER, SHARES[Slip.LETTER])} if fits else {}
    found: dict[str, tuple[Slip, float]] = {}
    for slip, codes in _origins(seen, digits).items():
        fresh = [code for code in dict.fromkeys(codes) if code != seen and code not in found]
        for code in fresh:
            found[code] = (slip, SHARES[slip] / len(fresh))
    return found


def mixed(seen: str, code: str, following: str) -> bool:
    """Whether the first digits are those of a code and the last those of the one after it."""
    if seen in (code, following) or not len(seen) == len(code) == len(following):
        return False
    return any(seen == code[:i] + following[i:] for i in range(1, len(seen)))


def _origins(seen: str, digits: int) -> dict[Slip, list[str]]:
    size = len(seen)
    if size == digits:
        return _same_length(seen)
    if size == digits - 1:
        added = [seen[:i] + d + seen[i:] for i in range(size + 1) for d in "0123456789"]
        return {Slip.ZERO_LOST: ["0" + seen], Slip.MISSING: added}
    if size == digits + 1:
        return {Slip.EXTRA: [seen[:i] + seen[i + 1 :] for i in range(size)]}
    return {Slip.ZERO_LOST: [seen.zfill(digits)]} if digits - 3 <= size < digits else {}


def _same_length(seen: str) -> dict[Slip, list[str]]:
    size = len(seen)
    half = size // 2
    return {
        Slip.SWAPPED: [seen[:i] + seen[i + 1] + seen[i] + seen[i + 2 :] for i in range(size - 1)],
        # a program that keeps codes as numbers and fills up at the wrong end (jchambers/java-otp#19)
        Slip.ZERO_LOST: ["0" + seen[:-1]] if seen.endswith("0") else [],
        Slip.HALVES: [seen[half:] + seen[:half]],
        Slip.REVERSED: [seen[::-1]],
        Slip.ONE_WRONG: [seen[:i] + d + seen[i + 1 :] for i in range(size) for d in "0123456789"],
    }


def _is_dress(char: str) -> bool:
    return char.isspace() or char in "-.,_'" or unicodedata.category(char) in ("Cf", "Pd", "Cc")


def _ascii(char: str) -> str:
    digit = unicodedata.digit(char, None)
    if digit is not None:
        return str(digit)
    return unicodedata.normalize("NFKC", char)
