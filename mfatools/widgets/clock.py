"""`Clock`: is this computer's clock right? Network time, this computer and this browser side by side.

Nothing is sent to the network before somebody asks: by the button, by `Clock.ask`, or by ``auto=True``. Whom it
will contact stands on the page before. It measures in a thread of its own; boards of live codes take its offset.

Messages from the page: ``hello``; ``ping`` with the exchanges of stamps so far; ``check``, ``stop``; ``steer`` with
``on``; ``figure`` with ``dark`` and ``width``. To every page: ``asking``, ``progress``, ``report``, ``stopped``,
``failed``, ``steering``, ``system``, ``notice``. Answers to a nonce: ``state``, ``pong``, ``figure``, ``error``.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import traitlets

from mfatools.clock import ClockReport, SystemClock, Tools, ask_system, check_clock, sources
from mfatools.clock.ask import SAMPLES, TIMEOUT, Address, check_numbers
from mfatools.clock.machine import uptime
from mfatools.errors import MfaError
from mfatools.widgets import clockface as face
from mfatools.widgets.base import INTERNAL_HINT, Message, MfaWidget, in_thread, where
from mfatools.widgets.helm import Helm

_THREAD = "mfatools-clock"
Callback = Callable[[ClockReport], object]


class StoppedError(ConnectionAbortedError):
    """The person does not want to wait: ends a check wherever it looks at the time."""


class Clock(MfaWidget, page="clock"):
    """Asks time servers whether this computer's clock is right, and lets boards of live codes follow true time.

    Args:
        boards: boards to steer: `Live`, or a `Scan` with the board in it.
        servers: NTP servers to ask, ``"host"`` or ``"host:port"``; named ones replace the built-in ones.
        https: web servers to ask for their ``Date``.
        method: ``"auto"``, ``"ntp"`` only or ``"https"`` only.
        timeout: seconds that a check takes at most.
        samples: questions to each server at most.
        auto: ask at once, without a click.
        compact: one line with a button that unfolds.
        check: what measures (default `mfatools.check_clock`).
        system: what asks the operating system for its own word.
        tools: clocks, randomness, network and TLS, for tests.
        up: seconds that go on while the machine sleeps and never step.

    Raises:
        TimeSourceError: an argument that cannot be used.
        MfaError: something that is no board.
    """

    compact = traitlets.Bool(False).tag(sync=True)

    def __init__(
        self,
        *boards: object,
        servers: Iterable[Address] | None = None,
        https: Iterable[str] | None = None,
        method: str = "auto",
        timeout: float = TIMEOUT,
        samples: int = SAMPLES,
        auto: bool = False,
        compact: bool = False,
        check: Callable[..., ClockReport] = check_clock,
        system: Callable[[], SystemClock] = ask_system,
        tools: Tools | None = None,
        up: Callable[[], float] = uptime,
    ) -> None:
        self._whom = sources(servers, https, method)
        check_numbers(timeout, samples)
        self._settings: dict[str, Any] = {"timeout": timeout, "samples": samples}
        self._check, self._system, self._tools = check, system, tools or Tools()
        self._helm = Helm(boards, self._tools.now, up)
        self._report: ClockReport | None = None
        self._said = ""  # by the operating system
        self._running: threading.Event | None = None
        self._progress: dict[str, str] = {}
        self._callbacks: list[Callback] = []
        self._browser: face.BrowserClock | None = None
        self._platform = "other"  # the browser's
        super().__init__()
        self.compact = compact
        if auto:
            self._start()

    @property
    def report(self) -> ClockReport | None:
        """What the last check found; None before the first."""
        return self._report

    @property
    def browser(self) -> face.BrowserClock | None:
        """The browser's clock against the kernel's, by the page that spoke last; None before it is known."""
        return self._browser

    @property
    def steering(self) -> bool:
        """True if boards are to follow the measured time; set it to switch that off or on."""
        return self._helm.on

    @steering.setter
    def steering(self, on: bool) -> None:
        self._helm.on = on
        self.tell("steering", **self._helm.page())

    def ask(self) -> ClockReport:
        """Check now and wait for the answer; every open page shows how it goes.

        Raises:
            MfaError: it was stopped, or an argument was not usable.
        """
        stop = self._begin()
        try:
            report = self._measure(stop)
        except BaseException:  # also Ctrl-C: the pages must not wait for ever
            self.stop()
            raise
        if report is None:
            raise MfaError("The check was stopped.", "Check again.", code="E_STOPPED")
        return report

    def stop(self) -> None:
        """Give up the check that is under way; without one, nothing happens."""
        with self.lock:
            running, self._running = self._running, None
        if running is not None:
            running.set()
            self.tell("stopped")

    def steer(self, *boards: object) -> None:
        """Let more boards follow the measured time: `Live`, or a `Scan` with the board in it.

        Raises:
            MfaError: something that is no board.
        """
        self._helm.add(*boards)
        self.tell("steering", **self._helm.page())

    def on_report(self, callback: Callback) -> Callback:
        """Call ``callback(report)`` after each check, in the thread that measured; also works as a decorator.

        Raises:
            MfaError: ``callback`` cannot be called.
        """
        if not callable(callback):
            raise MfaError("on_report needs a function.", "Write clock.on_report(print), for example.")
        self._callbacks.append(callback)
        return callback

    def close(self) -> None:
        """Give up what is under way and take the widget off every page."""
        if hasattr(self, "lock"):  # not so when an argument was refused: Python still tidies up
            self.stop()
        super().close()

    def words(self) -> str:
        """For places that cannot show a widget."""
        return "Clock, not asked yet" if self._report is None else f"Clock: {self._report.verdict.headline}"

    def on_hello(self, message: Message) -> None:
        """A page was opened or loaded again: it gets everything."""
        content: dict[str, Any] = {
            "whom": face.of_sources(self._whom),
            "report": self._report and face.of_report(self._report),
            "browser": self._of_browser(self._helm.hold()),
            "running": self._running is not None,
            "progress": dict(self._progress),
            "steering": self._helm.page(),
            "system": self._said,
        }
        self.answer(message, "state", **content)

    def on_ping(self, message: Message) -> None:
        """Answer with two stamps, and with what the stamps so far say of the browser's clock."""
        received = self._tools.now()
        stepped = self._helm.hold()
        content: dict[str, Any] = {"stepped": stepped, "was_set": face.was_set(stepped), "browser": None}
        if browser := face.browser_clock(face.read_exchanges(message.content.get("exchanges"))):
            self._browser = browser
            self._platform = str(message.content.get("platform"))
            content["browser"] = self._of_browser(stepped)
        self.answer(message, "pong", received=received, sent=self._tools.now(), **content)

    def on_check(self, message: Message) -> None:
        """The button. While a check is under way it does nothing: another page may have pressed it."""
        if self._running is None:
            self._start()

    def on_stop(self, message: Message) -> None:
        """The person does not want to wait."""
        self.stop()

    def on_steer(self, message: Message) -> None:
        """The switch."""
        self.steering = bool(message.content.get("on"))

    def on_figure(self, message: Message) -> None:
        """Draw the servers' intervals, in a thread: matplotlib takes a second to load."""
        in_thread(lambda: self._draw(message), _THREAD)

    def _start(self) -> None:
        stop = self._begin()
        in_thread(lambda: self._run(stop), _THREAD)

    def _begin(self) -> threading.Event:
        with self.lock:
            if self._running is not None:
                self._running.set()
            stop = self._running = threading.Event()
            self._progress = {}
        self.tell("asking", whom=face.of_sources(self._whom))
        return stop

    def _end(self, stop: threading.Event) -> None:
        with self.lock:
            if self._running is stop:
                self._running = None

    def _run(self, stop: threading.Event) -> None:
        try:
            self._measure(stop)
        except MfaError as error:
            self.tell("failed", what=error.what, hint=error.hint)
        except Exception as error:  # in a thread it would vanish
            self.tell("failed", what=where(error), hint=INTERNAL_HINT)
        finally:
            self._end(stop)

    def _measure(self, stop: threading.Event) -> ClockReport | None:
        if not self._said:
            in_thread(self._ask_system, _THREAD)
        (wall, up), whom = self._helm.read(), self._whom
        try:
            report = self._check(whom.servers, https=whom.https, tools=self._watched(stop), **self._settings)
        except StoppedError:
            return None
        if stop.is_set():
            return None
        self._end(stop)
        self._take(report, wall, up)
        return report

    def _watched(self, stop: threading.Event) -> Tools:
        """The tools, with an ear for progress, and a clock that ends the check once it is to stop."""
        monotonic = self._tools.monotonic

        def watch() -> float:
            if stop.is_set():
                raise StoppedError
            return monotonic()

        def progress(name: str, state: str) -> None:
            if not stop.is_set() and self._progress.get(name) != state:
                self._progress[name] = state
                self.tell("progress", name=name, state=state)

        return replace(self._tools, monotonic=watch, progress=progress)

    def _take(self, report: ClockReport, wall: float, up: float) -> None:
        with self.lock:
            self._report = report
            self._whom = face.without_unwanted(self._whom, report)
        self._helm.take(report, wall, up)
        # With the browser's clock, so that no page calls all well for the moment until its next ping.
        browser = self._of_browser(self._helm.hold())
        self.tell("report", report=face.of_report(report), whom=face.of_sources(self._whom), browser=browser)
        self.tell("steering", **self._helm.page())
        for callback in list(self._callbacks):
            self._call(callback, report)

    def _of_browser(self, stepped: float) -> dict[str, Any] | None:
        args = self._report, stepped, self._platform
        return face.of_browser(self._browser, *args) if self._browser else None

    def _call(self, callback: Callback, report: ClockReport) -> None:
        try:
            callback(report)
        except Exception as error:
            name = getattr(callback, "__name__", "callback")
            self.tell("notice", text=f"Your function {name} failed ({type(error).__name__}). The report stands.")

    def _ask_system(self) -> None:
        self._said = str(self._system())
        self.tell("system", text=self._said)

    def _draw(self, message: Message) -> None:
        try:
            if self._report is None:
                raise MfaError("There is nothing to draw yet.", "Ask first.")
            dark, width = bool(message.content.get("dark")), message.content.get("width")
            png, alt = face.picture(self._report, dark, width if isinstance(width, int) else 800)
            self.answer(message, "figure", alt=alt, buffers=[png])
        except Exception as error:  # a picture is an extra: the table says the same
            self.answer(message, "figure", alt="", what=where(error))
