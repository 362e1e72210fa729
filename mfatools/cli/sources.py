"""From what is named on the command line to accounts: a picture, a text file with URIs, or standard input.

A secret itself is never taken from the command line: it would stay in the shell's history.
"""

from __future__ import annotations

import codecs
import getpass
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from mfatools import intake, migration, qr
from mfatools.account import Account, Note
from mfatools.cli.base import NothingFoundError, say_error, terminal
from mfatools.diagnose import Case, Entry
from mfatools.errors import MfaError, PictureError, UriError
from mfatools.migration import Batch
from mfatools.qr.texts import text_of

STDIN = "-"
_URI_START = re.compile(r"\s*[A-Za-z-]+:/")
_CARRIES_ON = re.compile(r"\s*(?:[^\s#]*[&=%?][^\s#]*|[A-Za-z2-7]+=*)\s*")  # more of the URI on the line before
_MARKUP = ("<", "%!PS", "%PDF")
_URI_IN_BYTES = re.compile(rb"otpauth(?:-migration)?:/|motp:/", re.IGNORECASE)
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_MAX_BYTES = 100 * 2**20
_KEY_LIKE = 16  # characters without a dot or slash from which on a missing file may be a key


@dataclass(frozen=True, slots=True)
class Unread:
    """Something in a source that gave no account, and why. ``bad`` is False where merely nothing was found."""

    source: str
    code: str
    text: str
    hint: str
    bad: bool

    def as_dict(self) -> dict[str, str]:
        """As ``--json`` prints it."""
        return {"source": self.source, "code": self.code, "text": self.text, "hint": self.hint}

    @property
    def sentence(self) -> str:
        """The source and what is wrong with it, as stderr shows it."""
        return f"{'standard input' if self.source == STDIN else self.source}: {self.text}"


@dataclass(slots=True)
class Haul:
    """What the sources held."""

    accounts: list[Account] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)

    @property
    def bad(self) -> bool:
        return any(unread.bad for unread in self.unread)


def say_unread(haul: Haul) -> None:
    """On stderr: each thing that gave no account, and what to do."""
    for unread in haul.unread:
        say_error(unread.sentence, unread.hint)


def gather(sources: Iterable[str]) -> Haul:
    """Read every source; what is wrong with one does not lose the others."""
    haul, batches = Haul(), list[Batch]()
    for source in sources:
        try:
            for place, text in _texts(source, haul):
                _take(source, place, text, haul, batches)
        except MfaError as error:
            haul.unread.append(Unread(_shown(source), error.code, error.what, error.hint, bad=True))
    haul.accounts = list(_once(haul.accounts))
    haul.notes += migration.missing_notes(batches)
    return haul


def entries(source: str) -> list[Entry]:
    """The entries in one picture or text file.

    Raises:
        NothingFoundError: it holds none.
        MfaError: it cannot be opened, or what is in it is broken.
    """
    haul, found = Haul(), list[Entry]()
    try:
        listed = list(_texts(source, haul))
    except MfaError as error:
        listed, haul.unread = [], [Unread(_shown(source), error.code, error.what, error.hint, bad=True)]
    for place, text in listed:
        try:
            found += understood(text)
        except MfaError as error:
            haul.unread.append(_unread(source, place, error))
    for unread in [] if found else haul.unread:
        kind = PictureError if unread.bad else NothingFoundError
        raise kind(unread.sentence, unread.hint, code=unread.code)
    return found


def understood(text: str) -> list[Entry]:
    """The entries in one text: a key URI, a bare key, an export, or a scheme that is known by name only.

    Raises:
        MfaError: it holds none.
    """
    try:
        return [Case.from_json({"uri": text}).entry]
    except MfaError:
        return [Entry.of(account) for account in intake.take(text).accounts]


def _texts(source: str, haul: Haul) -> Iterator[tuple[str, str]]:
    """Each text in a source with its place in words: the lines of a text file, or the QR codes of a picture."""
    data = _bytes_of(source)
    text = _as_text(data)
    if text is not None and intake.kind(text) is intake.Kind.BACKUP:
        yield "", text
        return
    if text is not None:
        yield from _worth_reading(list(_entries(text)))
        return
    reading = qr.read(data)
    for found in reading:
        yield "", found.text
    if not reading:  # else each text is judged by itself
        haul.unread += [Unread(source, each.code, each.text, each.hint, bad=False) for each in reading.advice]


def _take(source: str, place: str, text: str, haul: Haul, batches: list[Batch]) -> None:
    try:
        taken = intake.take(text)
    except MfaError as error:
        haul.unread.append(_unread(source, place, error))
        return
    haul.accounts += taken.accounts
    batches += [taken.batch] if taken.batch else []
    # Whether codes of an export are missing is known when all sources were read.
    haul.notes += [note for note in taken.notes if not (taken.batch and note.code == "W_BATCH_INCOMPLETE")]


def _unread(source: str, place: str, error: MfaError) -> Unread:
    # A web link in a QR is no mistake of the person's: nothing was found. A broken key URI is bad input.
    return Unread(source, error.code, place + error.what, error.hint, bad=error.code != "E_SCHEME")


def _bytes_of(source: str) -> bytes:
    if source == STDIN:
        return _standard_input()
    if may_be_a_key(source):
        raise UriError(
            "A secret on the command line stays in the shell's history, so it is not taken from there.",
            "Give a picture or a text file, or pipe the text into standard input with '-'.",
            code="E_SECRET_ON_COMMAND_LINE",
        )
    try:
        with Path(source).open("rb") as file:
            data = file.read(_MAX_BYTES + 1)
    except FileNotFoundError:
        what, hint = "There is no such file.", "Check the name and the folder."
    except IsADirectoryError:
        what, hint = "This is a folder.", "Name a picture in it."
    except PermissionError:
        what, hint = "You may not read this file.", "Change its permissions, or copy it to a folder of yours."
    except (OSError, ValueError) as error:
        what, hint = f"It cannot be opened ({type(error).__name__}).", "Check the name."
    else:
        return _limited(data)
    raise PictureError(what, hint, code="E_FILE")


def _standard_input() -> bytes:
    if sys.stdin is None:
        raise PictureError("It is closed.", "Pipe a picture or a text into it.", code="E_FILE")
    data = _pasted() if terminal(sys.stdin) else _limited(sys.stdin.buffer.read(_MAX_BYTES + 1))
    if not data.strip():
        raise PictureError("It is empty.", "Pipe a picture or a text into it.", code="E_FILE")
    return data


def _pasted() -> bytes:
    """One line from the keyboard, which the terminal does not show: it may hold a secret."""
    try:
        return getpass.getpass("Paste the otpauth text and press Enter (it is not shown): ").encode()
    except EOFError:
        return b""


def may_be_a_key(source: str) -> bool:
    """Whether this is a key or a URI where a file's name is due."""
    return "://" in source or _bare_key(source)


def _bare_key(source: str) -> bool:
    return len(source) >= _KEY_LIKE and not set("./\\") & set(source) and not exists(source)


def exists(name: str) -> bool:
    """Whether there is such a file or folder; a text that can be no name, a long key say, is none."""
    try:
        return Path(name).exists()
    except (OSError, ValueError):
        return False


def _shown(source: str) -> str:
    """The source's name where it may be shown: what may be a secret is not repeated."""
    return "(not repeated)" if source != STDIN and may_be_a_key(source) else source


def _limited(data: bytes) -> bytes:
    if len(data) > _MAX_BYTES:
        raise PictureError("It is over 100 MiB.", "Take a screenshot of the QR code alone.", code="E_PICTURE_LARGE")
    return data


def _as_text(data: bytes) -> str | None:
    """The text; None when the bytes are to be taken for a picture (or for something posing as one)."""
    try:
        text = data.decode("utf-16" if data.startswith(_UTF_16) else "utf-8-sig")
    except UnicodeDecodeError:
        if not _URI_IN_BYTES.search(data):
            return None
        text = text_of(data)
    if not text.strip() or "\0" in text or text.lstrip().startswith(_MARKUP):
        return None
    return text


def _worth_reading(entries: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The entries, but of those that are some other text the first alone: one sentence is enough for a letter."""
    others = [entry for entry in entries if intake.kind(entry[1]) is intake.Kind.OTHER and "://" not in entry[1]]
    left_out = {id(entry) for entry in others[1:]}
    kept = [entry for entry in entries if id(entry) not in left_out]
    return [("", kept[0][1])] if len(kept) == 1 and others else kept


def _entries(text: str) -> Iterator[tuple[str, str]]:
    """The entries of a text with their lines; one may be broken over several. Comments begin with ``#``."""
    start, entry = 0, ""
    lines = [(n, line) for n, line in enumerate(text.splitlines(), 1) if line.strip() and line.lstrip()[0] != "#"]
    for number, line in lines:
        if entry and _URI_START.match(entry) and not _URI_START.match(line) and _CARRIES_ON.fullmatch(line):
            entry += f"\n{line}"
            continue
        if entry:
            yield f"Line {start}: ", entry
        start, entry = number, line
    if entry:
        yield (f"Line {start}: " if len(lines) > 1 else ""), entry


def _once(accounts: Iterable[Account]) -> Iterator[Account]:
    """Each account once, in the order of its first sight: the same QR is often on two pictures."""
    seen: list[Account] = []
    for account in accounts:
        if account not in seen:
            seen.append(account)
            yield account
