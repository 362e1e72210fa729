"""Asking at a terminal: a useless answer is asked for again with a hint, and what is secret is hidden."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import click
from rich.columns import Columns
from rich.text import Text

from mfatools.cli.screen import console, indented, lines
from mfatools.errors import MfaError

T = TypeVar("T")
_YES = {"y", "yes", "yeah", "yep", "true"}
_NO = {"n", "no", "nope", "false"}
_UNKNOWN = {"", "?", "don't know", "dont know", "do not know", "unknown", "not tried", "not sent", "no idea"}
_ANSWER = 12  # columns that are left for an answer


class Ended(Exception):  # noqa: N818 - no error: the person has had enough
    """The person closed the input (Ctrl-D)."""


class Desk:
    """A dialogue on stdout, or on stderr (``err``) where stdout is kept for what a program reads."""

    def __init__(self, *, err: bool = False) -> None:
        self.screen = console(err=err)
        self._err = err

    def say(self, text: str, *, bold: bool = False) -> None:
        """One paragraph."""
        self.screen.print(Text(text, style="bold" if bold else ""))

    def complain(self, error: MfaError) -> None:
        """What is wrong with an answer, and what to do."""
        indented(self.screen, f"{error.what} {error.hint}".rstrip())

    def line(self, prompt: str, *, hidden: bool = False) -> str:
        """One line from the keyboard; a hidden one is not shown.

        Raises:
            Ended: Ctrl-D.
            KeyboardInterrupt: Ctrl-C.
        """
        try:
            answer = click.prompt(
                self._last_line(prompt), default="", show_default=False, hide_input=hidden, err=self._err
            )
        except click.Abort as stop:  # click takes both for the same
            raise (Ended() if isinstance(stop.__context__, EOFError) else KeyboardInterrupt) from None
        return str(answer).strip()

    def _last_line(self, prompt: str) -> str:
        """What stands before the answer; the rest of a prompt too long for that goes on lines of its own."""
        if len(prompt) + _ANSWER <= self.screen.width:
            return prompt
        question, _, choices = prompt.rpartition(" (")
        for line in lines(question, self.screen.width):
            self.screen.print(line)
        return f"({choices}"

    def ask(self, prompt: str, read: Callable[[str], T], *, hidden: bool = False) -> T:
        """Ask until ``read`` makes something of the answer."""
        while True:
            try:
                return read(self.line(prompt, hidden=hidden))
            except MfaError as error:
                self.complain(error)

    def yes(self, prompt: str) -> bool | None:
        """Yes, no, or None where the person does not know or just presses Enter."""
        return self.ask(prompt, _yes_no)

    def choose(self, prompt: str, options: Sequence[str]) -> int | None:
        """The place of the option whose number was typed; None for Enter."""
        self.offer(options)
        return self.ask(prompt, lambda answer: _place(answer, options))

    def choose_or_name(self, prompt: str, options: Sequence[str]) -> str:
        """The option whose number was typed, or another answer as it is; empty for Enter."""
        self.offer(options)

        def read(answer: str) -> str:
            place = _place(answer, options) if answer.isdecimal() else None
            return answer[:200] if place is None else options[place]

        return self.ask(prompt, read)

    def offer(self, options: Sequence[str]) -> None:
        """The options with their numbers, in columns where there is room."""
        cells = [Text(f" {number:2d}  {option}") for number, option in enumerate(options, start=1)]
        self.screen.print(Columns(cells, column_first=True, padding=(0, 2)))

    def erase(self, prompt: str, typed: str) -> None:
        """Take an answer that should not have been shown off the screen, with its prompt."""
        if self.screen.is_terminal:
            rows = 1 + (len(prompt) + 2 + len(typed)) // max(1, self.screen.width)
            click.echo(f"\x1b[{rows}A\x1b[J", nl=False, err=self._err)


def _yes_no(answer: str) -> bool | None:
    told = answer.lower().rstrip(".!").replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    if told in _YES:
        return True
    if told in _NO:
        return False
    if told in _UNKNOWN:
        return None
    raise MfaError("That is neither yes nor no.", "Write y or n, or press Enter if you do not know.")


def _place(answer: str, options: Sequence[str]) -> int | None:
    if not answer:
        return None
    if answer.isdecimal() and 1 <= int(answer) <= len(options):
        return int(answer) - 1
    meant = [place for place, option in enumerate(options) if option.lower().startswith(answer.lower())]
    if len(meant) == 1:
        return meant[0]
    raise MfaError("That is none of them.", f"Write a number from 1 to {len(options)}, or press Enter.")
