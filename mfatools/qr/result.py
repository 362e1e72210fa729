"""What a reading gives back. Texts are secrets: no repr shows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, overload

from mfatools.errors import PictureError
from mfatools.qr.engines import Corners
from mfatools.qr.texts import looks_like_account


class Advice(NamedTuple):
    """One thing that was seen (``text``) and what to do about it (``hint``), with a stable ``code``."""

    code: str
    text: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """One QR code.

    Attributes:
        text: what it says. Treat it as a secret.
        raw: the bytes it holds, before any charset was assumed.
        corners: top left, top right, bottom right, bottom left of the code (as the code is turned), as (x, y) in
            pixels of the upright picture.
        engine: which decoder read it.
        preparation: what was done to the picture before.
        ms: milliseconds from the start of the reading of this picture.
        source: the index of the picture in the list that was given (0 for a single one).
        frame: the index of the frame in an animation.
    """

    text: str = field(repr=False)
    raw: bytes = field(repr=False)
    corners: Corners
    engine: str
    preparation: str
    ms: float
    source: int = 0
    frame: int = 0

    @property
    def is_account(self) -> bool:
        """Whether the text has the scheme of a second factor."""
        return looks_like_account(self.text)

    @property
    def kind(self) -> str:
        """``"account"`` or ``"other"``: what may be said of the text without showing it."""
        return "account" if self.is_account else "other"


@dataclass(frozen=True, slots=True, repr=False)
class Reading(Sequence[Found]):
    """All codes found, in the order in which they were read, and words about what was not.

    Attributes:
        found: the codes.
        advice: what was seen and what to do, when no account was found.
        errors: (index of the picture, its error) for the pictures of a list that could not be opened.
        ms: milliseconds that it all took.
    """

    found: tuple[Found, ...] = ()
    advice: tuple[Advice, ...] = ()
    errors: tuple[tuple[int, PictureError], ...] = ()
    ms: float = 0.0

    @property
    def texts(self) -> list[str]:
        """The texts alone. Treat them as secrets."""
        return [found.text for found in self.found]

    def __len__(self) -> int:
        return len(self.found)

    @overload
    def __getitem__(self, index: int) -> Found: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Found, ...]: ...
    def __getitem__(self, index: int | slice) -> Found | tuple[Found, ...]:
        return self.found[index]

    def __repr__(self) -> str:
        accounts = sum(found.is_account for found in self.found)
        words = [_counted(len(self.found), "QR code"), _counted(accounts, "account")]
        if self.errors:
            words.append(f"{_counted(len(self.errors), 'picture')} not opened")
        words.append(f"{self.ms:.0f} ms")
        return f"Reading({', '.join(words)}{''.join(f'; {piece.text} {piece.hint}' for piece in self.advice)})"


def _counted(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"
