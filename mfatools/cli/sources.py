"""From what is named on the command line to accounts: a picture, a text file with URIs, or standard input.

A secret itself is never taken from the command line: it would stay in the shell's history.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from mfatools import intake, qr
from mfatools.account import Account, Note
from mfatools.errors import MfaError, PictureError, UriError

_URI_START = re.compile(r"\s*[A-Za-z-]+:/")
_MARKUP = ("<", "%!PS", "%PDF")
_MAX_BYTES = 100 * 2**20


@dataclass(frozen=True, slots=True)
class Unread:
    """Something in a source that gave no account, and why. ``bad`` is False where merely nothing was found."""

    source: str
    code: str
    text: str
    hint: str
    bad: bool


@dataclass(slots=True)
class Haul:
    """What the sources held."""

    accounts: list[Account] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)

    @property
    def bad(self) -> bool:
        return any(unread.bad for unread in self.unread)


def gather(sources: Iterable[str]) -> Haul:
    """Read every source; what is wrong with one does not lose the others."""
    haul = Haul()
    for source in sources:
        try:
            _read_one(source, haul)
        except MfaError as error:
            haul.unread.append(_unread(source, error, bad=True))
    haul.accounts = list(_once(haul.accounts))
    return haul


def _read_one(source: str, haul: Haul) -> None:
    data = _bytes_of(source)
    texts = _texts(data)
    if texts is None:
        reading = qr.read(data)
        texts = [found.text for found in reading]
        if not texts:
            for note in reading.advice:
                haul.unread.append(Unread(source, note.code, note.text, "", bad=False))
    for text in texts:
        _take(source, text, haul)


def _take(source: str, text: str, haul: Haul) -> None:
    try:
        taken = intake.take(text)
    except MfaError as error:
        # A web link in a QR is no mistake of the person's: nothing was found. A broken key URI is bad input.
        haul.unread.append(_unread(source, error, bad=error.code != "E_SCHEME"))
        return
    haul.accounts.extend(taken.accounts)
    haul.notes.extend(taken.notes)


def _bytes_of(source: str) -> bytes:
    if source == "-":
        return _limited(sys.stdin.buffer.read(_MAX_BYTES + 1))
    if "://" in source:
        raise UriError(
            "A URI was given on the command line, where the shell's history keeps it.",
            "Give a picture or a text file, or pipe the URI into standard input with '-'.",
            code="E_SECRET_ON_COMMAND_LINE",
        )
    try:
        with Path(source).open("rb") as file:
            return _limited(file.read(_MAX_BYTES + 1))
    except OSError as error:
        what = f"{source} cannot be opened: {error.strerror or type(error).__name__}."
        raise PictureError(what, "Check the name and the folder.", code="E_FILE") from None


def _limited(data: bytes) -> bytes:
    if len(data) > _MAX_BYTES:
        raise PictureError(
            "The file is over 100 MiB.", "Take a screenshot of the QR code alone.", code="E_PICTURE_LARGE"
        )
    return data


def _texts(data: bytes) -> list[str] | None:
    """The entries of a text; None when the bytes are to be taken for a picture (or for something posing as one).

    One entry a line where every line begins like a URI, so that a bad line is named by itself; else all of it in
    one, because a URI may have been broken over several lines.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    if not text.strip() or "\0" in text or text.lstrip().startswith(_MARKUP):
        return None
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    return lines if all(_URI_START.match(line) for line in lines) else ["\n".join(lines)]


def _unread(source: str, error: MfaError, *, bad: bool) -> Unread:
    return Unread(source, error.code, error.what, error.hint, bad)


def _once(accounts: Iterable[Account]) -> Iterator[Account]:
    """Each account once, in the order of its first sight: the same QR is often on two pictures."""
    seen: list[Account] = []
    for account in accounts:
        if account not in seen:
            seen.append(account)
            yield account
