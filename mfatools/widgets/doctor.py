"""`Doctor`: why was the code refused? One question at a time, from the QR code to the remedy.

The QR code comes through a `Scan`, the live codes through a `Live`; `casework` puts the case together, a thread
weighs it, `chart` words it. Everything crosses in custom messages only; no code and no key ever goes back to the
page, except a probe code that somebody asks for and the file of a case that somebody saves.

Messages from the page: ``hello``, ``ping``; ``choose``, ``role``; ``look``, ``answer``, ``drop``, ``details``,
``taps``, ``word``, ``reply``; ``diagnose``, ``stop``; ``clock``, ``probe``, ``probed``; ``save``, ``load``,
``solved``, ``restart``. To every page: ``state``, all there is to show. Answers to a nonce: ``done``, ``pong``,
``probe``, ``saved``, ``error``.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import anywidget
import traitlets

from mfatools import casework
from mfatools.account import Account
from mfatools.clock import ClockReport, Tools, check_clock
from mfatools.clock.ask import Address
from mfatools.diagnose import Case, Diagnosis
from mfatools.widgets import chart, probing, reply
from mfatools.widgets.background import Examiner, TimeCheck
from mfatools.widgets.base import Message, MfaWidget
from mfatools.widgets.live import Live
from mfatools.widgets.record import MAIN, SECOND, Record
from mfatools.widgets.scan import Scan

_CHECK_HINT = "The doctor compares it with network time."


def _edits(change: Callable[[Case, Mapping[str, Any]], Case]) -> Callable[[Doctor, Message], None]:
    """What to do with a message that makes one case of another."""

    def handle(doctor: Doctor, message: Message) -> None:
        with doctor.lock:
            doctor._record.edit(change, message.content)
        doctor._changed()
        doctor._finish(message)

    return handle


class Doctor(MfaWidget, page="doctor"):
    """Finds out why a code was refused: ``Doctor()`` as the last line of a cell shows it.

    Args:
        accounts: the account or accounts, if they are known already; else the page asks for the QR code.
        scan: a `Scan` that is on the page already, to take the accounts from; else the doctor brings its own.
        clock: ask time servers by itself once the person has started: with the QR code, or beside somebody else's
            scan with the first code. The page names them before.
        servers, https, tools: as for `mfatools.check_clock`.
        check: what measures the clock.

    `diagnosis` and `case` are its values. ``doctor.case.to_json()`` holds no key; `load` reads it again.

    Raises:
        TimeSourceError: a time source that cannot be used.
    """

    picker = anywidget.WidgetTrait().tag(sync=True)  # these cross as references: nothing of their state
    board = anywidget.WidgetTrait().tag(sync=True)
    answers = traitlets.Int(0).tag(sync=True)  # how many diagnoses were made: harmless, and can be observed
    _watching = False

    def __init__(
        self,
        *accounts: Account,
        scan: Scan | None = None,
        clock: bool = True,
        servers: Iterable[Address] | None = None,
        https: Iterable[str] | None = None,
        tools: Tools | None = None,
        check: Callable[..., ClockReport] = check_clock,
    ) -> None:
        self._now = tools.now if tools else time.time
        shown = {"changed": self._show}
        self._clock = TimeCheck(servers, https, on=clock, done=self._timed, tools=tools, check=check, **shown)
        self._examiner = Examiner(done=self._found, tell=self.tell, **shown)
        self._given, self._own = accounts, scan is None
        self._forget()
        super().__init__()
        self.scan = Scan() if scan is None else scan
        self.live = self.board = Live(now=self._now)
        self.live.check_hint = _CHECK_HINT
        if self._own:
            self.picker = self.scan
            self.scan.live.check_hint = _CHECK_HINT
        self.scan.observe(self._scanned, names="found")
        self._watching = True
        self._scanned()

    # --- what one can ask in Python

    @property
    def case(self) -> Case | None:
        """Everything that was told so far; None before there is an account."""
        return self._record.case

    @property
    def diagnosis(self) -> Diagnosis | None:
        """What came of it last; None before the first."""
        return self._examiner.found

    @property
    def report(self) -> ClockReport | None:
        """What the clock check found; None without one."""
        return self._clock.report

    def load(self, data: Mapping[str, Any]) -> None:
        """Take a case that ``case.to_json()`` gave; the key comes from the account that is here, or will be.

        Raises:
            CaseError: a field that cannot be used, by its name.
        """
        with self.lock:
            self._record.load(data)
        self._changed()

    def use_report(self, report: ClockReport) -> None:
        """Take a check of this computer's clock from somebody else, a clock widget: ``clock.on_report(...)``."""
        self._clock.take(report)
        self._timed(report)

    def close(self) -> None:
        """Forget the case and take everything off every page."""
        if self._watching:  # not so when an argument was refused, or the second time: Python tidies up too
            self._watching = False
            self.scan.unobserve(self._scanned, names="found")
            self._forget()
            self.live.close()
            if self._own:
                self.scan.close()
        super().close()

    def words(self) -> str:
        """For places that cannot show a widget."""
        best = self.diagnosis and self.diagnosis.best
        return f"Doctor: {best.title} ({chart.likely(best.probability)})" if best else "Doctor, no diagnosis yet"

    # --- messages from the page: what the person tells

    def on_hello(self, message: Message) -> None:
        """A page was opened or loaded again."""
        self._show()
        self.answer(message, "options", **casework.options())

    def on_ping(self, message: Message) -> None:
        """Answer with two stamps of the kernel's clock, from which the page learns how far its own is off."""
        received = self._now()
        self.answer(message, "pong", received=received, sent=self._now())

    def on_choose(self, message: Message) -> None:
        """The account that the code belongs to."""
        with self.lock:
            self._record.choose(message.content.get("account"))
        self._board()
        self._finish(message)

    def on_role(self, message: Message) -> None:
        """What the next QR code will be: that of the page opened again, or any other."""
        self._record.role = SECOND if message.content.get("role") == SECOND else MAIN
        self._finish(message)

    on_look = _edits(casework.with_look)  # a code that the phone showed
    on_answer = _edits(casework.with_answer)  # what the site said to it
    on_drop = _edits(casework.without_look)  # it was noted by mistake
    on_details = _edits(casework.with_details)  # the app, the service, the key beside the QR code
    on_word = _edits(casework.with_word)  # the answer to a question that is answered in a word
    on_taps = _edits(casework.with_taps)  # moments at which the code was seen to change

    def on_reply(self, message: Message) -> None:
        """An answer in the person's own words."""
        with self.lock:
            self._record.case, noted = reply.heard(self._record.need(), message.content)
        self._changed()
        self._show()
        self.answer(message, "done", noted=noted)

    def on_clock(self, message: Message) -> None:
        """The switch of the clock check, or "check again"."""
        self._clock.on = bool(message.content.get("on"))
        if self.case is not None:
            self._clock.begin(again=bool(message.content.get("again")))
        self._finish(message)

    def on_diagnose(self, message: Message) -> None:
        """The person wants to know; with ``full``, every date from 1970 to 2038 is tried too."""
        case = self._record.need()
        self._wanted, self._solved = True, False
        self._examiner.begin(case, full=bool(message.content.get("full")))
        self._finish(message)

    def on_stop(self, message: Message) -> None:
        """The person does not want to wait for the full search; what was found so far counts."""
        self._examiner.stop()
        self._finish(message)

    def on_probe(self, message: Message) -> None:
        """The codes to send on purpose. Like any code, they go to the page that asked, and are stored nowhere."""
        probe = probing.named(self.diagnosis, message.content.get("name"))
        codes = probing.codes(self._record.account(), probe, self._now(), self.live.offset or 0.0)
        self.answer(message, "probe", name=probe.name, codes=codes)

    def on_probed(self, message: Message) -> None:
        """What the site said to a probe code: more evidence."""
        with self.lock:
            probe = probing.named(self.diagnosis, message.content.get("name"))
            account, offset = self._record.account(), self.live.offset or 0.0
            sent = probing.sent(account, probe, message.content, self._now(), offset)
            self._record.probe(probing.said(probe), sent)
        self._changed()
        self._finish(message)

    def on_solved(self, message: Message) -> None:
        """It works now, or does not any more."""
        self._solved = bool(message.content.get("on"))
        self._finish(message)

    def on_restart(self, message: Message) -> None:
        """Begin anew."""
        with self.lock:
            self._forget()
        if self._own:
            self.scan.clear()
        self._scanned()
        self._finish(message)

    def on_save(self, message: Message) -> None:
        """The case as text, without keys: for support."""
        self.answer(message, "saved", text=json.dumps(self._record.need().to_json(), indent=1))

    def on_load(self, message: Message) -> None:
        """A saved case."""
        self.load(casework.opened(message.content.get("text")))
        self._finish(message)

    def _forget(self) -> None:
        self._examiner.forget()
        self._record = Record()
        self._wanted, self._solved = False, False

    def _finish(self, message: Message) -> None:
        self._show()
        self.answer(message, "done")

    def _changed(self) -> None:
        """The case is another one: what was found is found anew, if the person asked for it before."""
        if self.case is not None and self.case.looks:
            self._clock.begin()
        if self._wanted and self.case is not None:
            self._examiner.begin(self.case)
        else:
            self._show()

    def _timed(self, report: ClockReport) -> None:
        """The clock was checked: the case and the boards go by it."""
        with self.lock:
            self._record.time(report)
        if report.present is not None:  # of the clock as it is now: it may have been set during the check
            for board in (self.live, self.scan.live) if self._own else (self.live,):
                board.offset = report.present
        self._changed()

    def _scanned(self, _change: object = None) -> None:
        """The accounts in the scan are others than before."""
        with self.lock:
            fresh = self._record.meet([*self._given, *self.scan.accounts])
        self._board()
        if fresh and self._own and self.case is not None:
            self._clock.begin()
        self._changed()

    def _board(self) -> None:
        """The one account that is meant on the board of live codes."""
        chosen = self._record.chosen
        for account in self.live.accounts:
            if account != chosen:
                self.live.remove(account)
        if chosen is not None:
            self.live.add(chosen)

    def _found(self) -> None:
        self.answers += 1

    def _show(self) -> None:
        """Send everything to every open page: no code, no key."""
        with self.lock:
            case, found = self.case, self.diagnosis
            self.tell(
                "state",
                **self._record.page(),
                own=self._own,
                clock=self._clock.page(),
                busy=self._examiner.busy,
                share=self._examiner.share,
                diagnosis=chart.of_diagnosis(case, found, self._record.probed) if case and found else None,
                answers=self.answers,
                solved=self._solved,
            )
