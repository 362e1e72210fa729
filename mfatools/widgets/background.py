"""What the doctor does beside the kernel's own work: it asks the time, and it weighs the case."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Any

from mfatools.clock import ClockReport, Confidence, Tools, check_clock, sources
from mfatools.clock.ask import Address
from mfatools.clock.verdict import State
from mfatools.diagnose import Case, Diagnosis, diagnose
from mfatools.errors import MfaError
from mfatools.widgets.base import INTERNAL_HINT, in_thread, where

THREAD = "mfatools-doctor"  # every thread of the doctor has this name, so that tests can wait for them
_FAILED = "The clock check failed ({kind}). Go on without it: phone and computer are then compared with each other."
_RIGHT = "This computer's clock is right{agreed}. The codes are compared with true time."
_WRONG = "{headline} That is taken into account: the codes are compared with true time."
_NOBODY = (
    "No time server answered, so it is not known whether this computer's clock is right. You can go on all the "
    "same: the phone is then compared with this computer."
)
_SPLIT = (
    "The time servers contradict each other, so it is not known whether this computer's clock is right. You can "
    "go on all the same: the phone is then compared with this computer."
)
_GRAIN = 0.01  # of the full search: how often the page hears of it


def clock_words(report: ClockReport) -> str:
    """What a check of the clock means for somebody whose code was refused."""
    if report.present is None:
        return _SPLIT if report.confidence is Confidence.NO_MAJORITY else _NOBODY
    if report.verdict.state is not State.FINE:
        return _WRONG.format(headline=report.verdict.headline)
    believed, heard = len(report.truechimers), len(report.truechimers) + len(report.falsetickers)
    return _RIGHT.format(agreed=f": {believed} of {heard} time servers agree" if believed > 1 else "")


class TimeCheck:
    """Asks the time once when it is told to, and remembers what came of it.

    Args:
        servers, https, tools: as for `mfatools.check_clock`.
        on: whether it may ask at all.
        done: called with the report, in the thread that measured.
        changed: called whenever `page` says something new.
        check: what measures.

    Raises:
        TimeSourceError: an argument that cannot be used.
    """

    def __init__(
        self,
        servers: Iterable[Address] | None,
        https: Iterable[str] | None,
        *,
        on: bool,
        done: Callable[[ClockReport], object],
        changed: Callable[[], object],
        tools: Tools | None = None,
        check: Callable[..., ClockReport] = check_clock,
    ) -> None:
        self._whom = sources(servers, https)
        self._done, self._changed, self._check, self._tools = done, changed, check, tools
        self.on = on
        self.report: ClockReport | None = None
        self._lock = threading.Lock()
        self._state, self._said = "idle", ""

    def begin(self, *, again: bool = False) -> None:
        """Ask, in a thread of its own, unless that is switched off or has been done."""
        with self._lock:  # two pages may ask at the same time
            if not self.on or self._state == "asking" or (self._state != "idle" and not again):
                return
            self._state, self._said = "asking", ""
        self._changed()
        in_thread(self._run, THREAD)

    def take(self, report: ClockReport) -> None:
        """Go by this check, whoever made it."""
        self.report = report
        self._state, self._said = "done", clock_words(report)

    def page(self) -> dict[str, Any]:
        """For the page: whom it contacts (``first`` NTP, ``then`` the web if NTP is blocked), and how it stands."""
        return {
            "on": self.on,
            "state": self._state if self.on or self.report else "off",
            "first": [str(server) for server in self._whom.servers],
            "then": list(self._whom.https),
            "words": self._said,
            "fine": self.report.fine if self.report else None,
        }

    def _run(self) -> None:
        try:
            report = self._check(self._whom.servers, https=self._whom.https, tools=self._tools)
        except MfaError as error:
            self._state, self._said = "failed", str(error)
        except Exception as error:  # in a thread it would vanish
            self._state, self._said = "failed", _FAILED.format(kind=type(error).__name__)
        else:
            self.take(report)
            self._done(report)
        self._changed()


class Examiner:
    """Weighs one case at a time; a case that came later makes the answer to an earlier one worthless.

    ``found`` is the last answer, ``busy`` whether it weighs a case, ``share`` how much of a full search is done.

    Args:
        done: called when there is an answer, in the thread that made it.
        changed: called when it begins and when it ends.
        tell: sends a message to the page: ``progress`` with the ``share`` of a full search that is done (0 to 1),
            ``trouble`` with what went wrong and what to do.
    """

    def __init__(
        self,
        *,
        done: Callable[[], object],
        changed: Callable[[], object],
        tell: Callable[..., object],
    ) -> None:
        self._done, self._changed, self._tell = done, changed, tell
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._turn = 0
        self.found: Diagnosis | None = None
        self.busy = False
        self.share: float | None = None

    def begin(self, case: Case, *, full: bool = False) -> None:
        """Weigh this case from now on, and no other."""
        with self._lock:
            self._drop()
            self._stop = stop = threading.Event()
            turn, self.busy, self.share = self._turn, True, 0.0 if full else None
        self._changed()
        in_thread(lambda: self._run(case, turn, stop, full), THREAD)

    def stop(self) -> None:
        """End a full search here; what was found so far counts."""
        self._stop.set()

    def forget(self) -> None:
        """Give up what is under way, and the last answer too."""
        with self._lock:
            self._drop()
            self.found = None

    def _drop(self) -> None:
        self._stop.set()
        self._turn += 1
        self.busy, self.share = False, None

    def _run(self, case: Case, turn: int, stop: threading.Event, full: bool) -> None:
        found, trouble = None, {}
        try:
            found = diagnose(case, full=full, progress=lambda share: self._tick(turn, share), stop=stop.is_set)
        except MfaError as error:
            trouble = {"what": error.what, "hint": error.hint}
        except Exception as error:  # in a thread it would vanish
            trouble = {"what": where(error), "hint": INTERNAL_HINT}
        with self._lock:
            if turn != self._turn:
                return
            self.busy, self.share = False, None
            self.found = found or self.found  # under the lock: a case that begins now must not get this answer
        if found is None:
            self._tell("trouble", **trouble)
        else:
            self._done()
        self._changed()

    def _tick(self, turn: int, share: float) -> None:
        if turn == self._turn and (self.share is None or share - self.share >= _GRAIN):
            self.share = share
            self._tell("progress", share=share)
