"""What all commands share: exit statuses, errors in words, JSON on stdout. It loads nothing heavy."""

from __future__ import annotations

import json
import re
import sys
from enum import IntEnum
from typing import NoReturn

import click

from mfatools.errors import MfaError

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_BUT_LINES = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")


class Status(IntEnum):
    """Every exit status of ``mfatools``.

    `clock` reads 0 and 1 as "right enough for codes" and "codes are at risk"; ``UNTOLD`` is its own.
    """

    DONE = 0
    NOTHING_FOUND = 1
    BAD_INPUT = 2
    UNTOLD = 3
    INTERRUPTED = 130  # 128 + SIGINT, as shells have it
    PIPE_CLOSED = 141  # 128 + SIGPIPE
    FINE = DONE
    AT_RISK = NOTHING_FOUND


class Verb(click.Command):
    """A command whose errors of ours become one sentence and a hint on stderr."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except MfaError as error:
            fail(error)
        except KeyboardInterrupt:
            raise SystemExit(Status.INTERRUPTED) from None
        except BrokenPipeError:
            leave_closed_pipe()
        except OSError as error:  # a full disk behind stdout; files are looked after where they are read
            fail(MfaError(f"The output cannot be written: {error.strerror}.", "Send it somewhere else."))


def say_error(what: str, hint: str = "") -> None:
    """One sentence and a hint on stderr."""
    click.echo(harmless(f"mfatools: {what}") + (f"\n  hint: {harmless(hint)}" if hint else ""), err=True)


def say_note(text: str) -> None:
    """A remark on stderr."""
    click.echo(harmless(f"note: {text}"), err=True)


def harmless(text: str, *, lines: bool = False) -> str:
    """Without what would steer the terminal: names of files, fields and entries come from outside.

    Ends of lines are left in with ``lines``.
    """
    return (_BUT_LINES if lines else _CONTROL).sub("\N{REPLACEMENT CHARACTER}", text)


class NothingFoundError(MfaError):
    """A source that can be read and holds nothing for us: a picture without a QR code, some other text."""


def fail(error: MfaError) -> NoReturn:
    """Say the error and leave with its status."""
    say_error(error.what, error.hint)
    raise SystemExit(Status.NOTHING_FOUND if isinstance(error, NothingFoundError) else Status.BAD_INPUT)


def leave_closed_pipe() -> NoReturn:
    """Leave without a word: whoever read stdout (``| head``) has enough."""
    # What is still in the buffer would be tried again, and complained about, when Python ends.
    sys.stdout = None
    raise SystemExit(Status.PIPE_CLOSED)


def print_json(value: object) -> None:
    """One line of JSON on stdout; letters that stdout's encoding lacks are written as ``\\u...``.

    So are the control characters that JSON would let through (U+007F to U+009F): some steer a terminal.
    """
    text = _CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(value, ensure_ascii=False))
    try:
        text.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        text = json.dumps(value)
    click.echo(text)


def terminal(stream: object) -> bool:
    """Whether ``sys.stdin`` or ``sys.stdout`` is a terminal; a closed one is None."""
    ask = getattr(stream, "isatty", None)
    return ask is not None and bool(ask())
