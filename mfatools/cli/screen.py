"""How the commands draw: one kind of console and of table, plain where there is no terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import NoReturn

from rich import box
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from mfatools.cli.base import harmless, leave_closed_pipe


class _Console(Console):
    """A console that lets no text steer the terminal; rich itself takes out a few signs only, not the escape."""

    def on_broken_pipe(self) -> NoReturn:
        """End without a word."""
        leave_closed_pipe()

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterator[Segment]:
        """What is to be drawn: rich's own signs (``control``) as they are, all texts without such signs."""
        for text, style, control in super().render(renderable, options):
            yield Segment(text if control else harmless(text, lines=True), style, control)


def console(*, err: bool = False) -> Console:
    """A console that takes every text as it is; letters that its encoding lacks are written as ``\\x..``."""
    stream = sys.stderr if err else sys.stdout
    if hasattr(stream, "reconfigure"):
        stream.reconfigure(errors="backslashreplace")
    return _Console(stderr=err, highlight=False, markup=False)


def table(*headings: str) -> Table:
    """An empty table in the commands' style, whose cells are broken rather than cut."""
    made = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for heading in headings:
        made.add_column(heading, overflow="fold")
    return made


def head(screen: Console, text: str) -> None:
    """A heading with a free line above it."""
    screen.print()
    screen.print(Text(text, style="bold"))


def indented(screen: Console, text: str, *, first: str = "  ") -> None:
    """A paragraph set in by the width of ``first``, which stands before its first line.

    Lines end where their text does: no blanks are copied with them. An address is kept whole, so that it can be
    clicked and copied.
    """
    lead = first
    for line in lines(text, screen.width - len(first)):
        screen.print(f"{lead}{line}", soft_wrap=True)
        lead = " " * len(first)


def lines(text: str, width: int) -> Iterator[str]:
    """The lines of a text, broken between words only; a longer word stands on a line of its own."""
    for paragraph in text.splitlines():
        line = ""
        for word in paragraph.split(" "):
            if line and cell_len(f"{line} {word}") > width:
                yield line
                line = word
            else:
                line = f"{line} {word}" if line else word
        yield line


def numbered(screen: Console, texts: Iterable[str]) -> None:
    """Steps with hanging numbers."""
    for number, text in enumerate(texts, start=1):
        indented(screen, text, first=f"{number:3d}. ")


def grouped(text: str) -> str:
    """``123 456``: a code of six digits or more in two halves."""
    return f"{text[: len(text) // 2]} {text[len(text) // 2 :]}" if len(text) >= 6 else text
