"""`Helm`: boards of live codes follow a measured clock, also when this computer's clock is set afterwards."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from mfatools.clock import ClockReport, Confidence
from mfatools.errors import MfaError

STEPPED = 0.05  # s; less is two readings that lie apart
TRUE = "Codes on the board follow network time, not this computer's clock."
BEFORE = "Codes on the board still follow the time from the previous check."
WAIT = "Once network time is known, codes on the board will follow it."
OFF = "Codes on the board follow this computer's own clock."
UNSURE = "That answer is not sure enough, so codes on the board still follow this computer's clock."


class Board(Protocol):
    """What can be steered: `mfatools.widgets.live.Live`, or anything else with an ``offset`` that can be set."""

    offset: float | None


@dataclass(frozen=True, slots=True)
class _Fix:
    """A report that boards may follow, and this computer's two clocks when it was begun."""

    report: ClockReport
    offset: float
    wall: float
    up: float


class Helm:
    """Boards, and the offset that they are given.

    Args:
        boards: `Live`, or a `Scan` with the board in it.
        now: the wall clock, POSIX seconds.
        up: seconds that never step and go on while the machine sleeps.
    """

    def __init__(self, boards: tuple[object, ...], now: Callable[[], float], up: Callable[[], float]) -> None:
        self._boards = [_board(board) for board in boards]
        self._now, self._up = now, up
        self._fix: _Fix | None = None
        self._shown: _Fix | None = None  # the last report with an offset: what pages show, sure enough or not
        self._latest: ClockReport | None = None
        self._on = True
        self._touched = False  # boards are left alone until there is something to give them
        self._lock = threading.RLock()

    def read(self) -> tuple[float, float]:
        """The wall clock and the clock that never steps: read before a check, for `take`."""
        return self._now(), self._up()

    def take(self, report: ClockReport, wall: float, up: float) -> None:
        """A check was done that was begun at these readings. Boards follow it if it is sure enough."""
        with self._lock:
            self._latest = report
            if report.offset is not None:
                self._shown = _Fix(report, report.offset, wall, up)
                self._fix = self._shown if trusted(report) else self._fix
        self.hold()

    def add(self, *boards: object) -> None:
        """Steer these too."""
        fresh = [_board(board) for board in boards]
        with self._lock:
            self._boards += [board for board in fresh if all(board is not known for known in self._boards)]
        self.hold()

    @property
    def on(self) -> bool:
        """False leaves the boards to this computer's clock."""
        return self._on

    @on.setter
    def on(self, on: bool) -> None:
        self._on = bool(on)
        self.hold()

    def hold(self) -> float:
        """Give the boards the offset that holds now.

        Returns by how much this clock was set forward since the report that pages show was begun.
        """
        with self._lock:
            stepped = self._stepped(self._shown)
            wanted = self._fix.offset - self._stepped(self._fix) if self._fix and self._on else None
            self._touched = self._touched or wanted is not None
            boards = [board for board in self._boards if self._touched and _differ(board.offset, wanted)]
        for board in boards:
            board.offset = wanted
        return stepped

    def page(self) -> dict[str, Any]:
        """For the page: how many boards there are, whether they are steered, and that in words."""
        return {"boards": len(self._boards), "on": self._on, "words": self._words()}

    def _words(self) -> str:
        if not self._on:
            return OFF
        if self._fix is not None:
            return TRUE if self._fix.report is self._latest else BEFORE
        return WAIT if self._latest is None or self._latest.offset is None else UNSURE

    def _stepped(self, since: _Fix | None) -> float:
        if since is None:
            return 0.0
        wall, up = self.read()
        stepped = (wall - since.wall) - (up - since.up)
        return stepped if abs(stepped) > STEPPED else 0.0


def trusted(report: ClockReport) -> bool:
    """True if boards may follow this report: confirmed by a majority, or by the one source that was named."""
    named = len(report.truechimers) + len(report.falsetickers) + len(report.unheard)
    alone = report.confidence is Confidence.SINGLE_SOURCE and named == 1
    return report.fine is not None and (report.confidence is Confidence.CONFIRMED or alone)


def _differ(now: float | None, wanted: float | None) -> bool:
    """Boards are told at once of another report, but not of every millisecond by which two readings part."""
    if now is None or wanted is None:
        return now is not wanted
    return abs(now - wanted) > 0.005


def _board(given: object) -> Board:
    """The board itself; a `Scan` holds one as ``live``."""
    board = getattr(given, "live", given)
    if not hasattr(board, "offset"):
        what = f"A clock steers boards of live codes, and this is of type {type(given).__name__}."
        raise MfaError(what, "Give it a board: Clock(live), or Clock(scan).", code="E_NO_BOARD")
    return board
