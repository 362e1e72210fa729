"""`check_clock`: ask the time sources, weigh them, report. Nothing is sent before it is called."""

from __future__ import annotations

import asyncio
import math
import secrets
import ssl
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from types import UnionType

from mfatools.clock import machine, words
from mfatools.clock.https import Sites
from mfatools.clock.poll import Plan, Poll
from mfatools.clock.report import ClockReport
from mfatools.clock.servers import HTTPS, SERVERS, Server, parse_servers, parse_urls, smears
from mfatools.clock.servers import Address as Address
from mfatools.clock.udp import Network, Progress, Resolve, resolve
from mfatools.clock.verdict import seconds
from mfatools.consensus import Agreement, Confidence, Voice
from mfatools.errors import TimeSourceError
from mfatools.ntp import Why

TIMEOUT = 2.0  # s
SAMPLES = 4
_LONGEST, _MOST = 60.0, 8  # a check is a question, not a load
_READINGS, _TOGETHER = 8, 0.001  # how often two clocks are read, until they were within so many seconds
_STEPPED = 0.05  # s; less is a clock being slewed, or two readings that lie apart


def _quiet(name: str, state: str) -> None:
    """Nobody watches."""


@dataclass(frozen=True, slots=True)
class Sources:
    """Whom a check will ask: names for people, before anything is sent.

    Args:
        servers: NTP servers.
        https: web servers whose ``Date`` is asked, only if no NTP server answers or by ``method="https"``.
    """

    servers: tuple[Server, ...]
    https: tuple[str, ...]

    def __str__(self) -> str:
        return ", ".join([str(server) for server in self.servers] + list(self.https))


@dataclass(frozen=True, slots=True)
class Tools:
    """The outside world, so that tests can bring their own.

    Args:
        now: POSIX seconds by the local clock.
        monotonic: seconds that never step.
        token: ``token(n)`` gives n random bytes.
        lookup: ``lookup(host, port)`` gives addresses or raises OSError; it may block.
        context: how TLS is verified; None is Python's default, which does.
        progress: called with a source's name and ``"asked"``, ``"answered"`` or why not, as it happens.
    """

    now: Callable[[], float] = time.time
    monotonic: Callable[[], float] = time.monotonic
    token: Callable[[int], bytes] = secrets.token_bytes
    lookup: Resolve = resolve
    context: ssl.SSLContext | None = None
    progress: Progress = _quiet

    def both(self) -> tuple[float, float]:
        """``now`` and ``monotonic`` at the same moment.

        A busy machine may stop this process between the two readings, and no bound would tell of it: it reads until
        they lie close together, or takes the closest.
        """
        found: list[tuple[float, float, float]] = []
        while len(found) < _READINGS and (not found or found[-1][0] > _TOGETHER):
            before, wall, after = self.monotonic(), self.now(), self.monotonic()
            found.append((after - before, wall, (before + after) / 2))
        return min(found)[1:]


def sources(
    servers: Iterable[Address] | Address | None = None,
    https: Iterable[str] | str | None = None,
    method: str = "auto",
) -> Sources:
    """Whom `check_clock` would ask with these arguments. Sends nothing.

    Named sources replace the defaults of both kinds: who names one server wants no other contacted.

    Raises:
        TimeSourceError: an address that cannot be read, a method that is not known, nobody left to ask.
    """
    if method not in ("auto", "ntp", "https"):
        what = "There is no such method."
        raise TimeSourceError(what, "Choose auto, ntp or https.", code="E_METHOD")
    named = servers is not None or https is not None
    ntp = parse_servers(servers if servers is not None else () if named else SERVERS)
    web = parse_urls(https if https is not None else () if named else HTTPS)
    found = Sources(tuple(ntp) if method != "https" else (), tuple(web) if method != "ntp" else ())
    if not found.servers and not found.https:
        raise TimeSourceError("No time source is named.", "Name at least one server.", code="E_NO_SOURCE")
    return found


def check_clock(
    servers: Iterable[Address] | Address | None = None,
    *,
    https: Iterable[str] | str | None = None,
    method: str = "auto",
    timeout: float = TIMEOUT,
    samples: int = SAMPLES,
    tools: Tools | None = None,
) -> ClockReport:
    """Is this computer's clock right, and does it matter for codes?

    Asks several time servers at once over NTP; if none answers, the ``Date`` of several web servers. Without
    arguments these are ``mfatools.clock.SERVERS`` and ``HTTPS``; named ones replace both.

    Args:
        servers: NTP servers, each ``"host"``, ``"host:port"``, ``"[ipv6]:port"`` or a pair; a single one
            needs no list.
        https: addresses of web servers; a single one needs no list.
        method: ``"auto"``, ``"ntp"`` only or ``"https"`` only.
        timeout: seconds that it takes at most.
        samples: questions to each NTP server at most, 1 to 8.
        tools: clocks, randomness, network and TLS, for tests.

    Raises:
        TimeSourceError: an argument that cannot be used. A network that fails is no error but a report.
    """
    whom, tools = sources(servers, https, method), tools or Tools()
    check_numbers(timeout, samples)
    return _Check(whom, timeout, samples, tools).run()


async def check_clock_async(
    servers: Iterable[Address] | Address | None = None,
    *,
    https: Iterable[str] | str | None = None,
    method: str = "auto",
    timeout: float = TIMEOUT,  # the whole check's, kept by the thread that does it
    samples: int = SAMPLES,
    tools: Tools | None = None,
) -> ClockReport:
    """`check_clock` for a running event loop, which it does not block: ``report = await check_clock_async()``."""
    return await asyncio.to_thread(
        check_clock, servers, https=https, method=method, timeout=timeout, samples=samples, tools=tools
    )


class _Check:
    """One check: the times at its start, and what each kind of source said."""

    def __init__(self, whom: Sources, timeout: float, samples: int, tools: Tools) -> None:
        self._whom, self._timeout, self._samples, self._tools = whom, timeout, samples, tools
        self._wall, self._mono = tools.both()
        self._unheard: tuple[Voice, ...] = ()

    def run(self) -> ClockReport:
        found, method = Agreement(Confidence.NO_ANSWER), "ntp"
        if self._whom.servers:
            found = self._ntp()
        if self._whom.https and found.confidence is Confidence.NO_ANSWER and self._left() > 0:
            found, method = self._https(), "https"
        return self._report(found, method)

    def _ntp(self) -> Agreement:
        names = {str(server): server for server in self._whom.servers}
        # Where web servers stand by, half of the time is left for them: nothing heard by then means blocked.
        hopeless = self._timeout / 2 if self._whom.https else None
        plan = Plan(self._samples, timeout=self._timeout, patience=self._patience(), hopeless=hopeless)
        poll = Poll(list(names), plan, token=self._tools.token, wall=self._wall, mono=self._mono)
        with Network(
            poll,
            names,
            monotonic=self._tools.monotonic,
            lookup=self._tools.lookup,
            progress=self._tools.progress,
        ) as network:
            network.run()
        self._unheard += _of("ntp", poll.unheard())
        return poll.agreement()

    def _https(self) -> Agreement:
        sites = Sites(
            self._whom.https,
            self._left(),
            min(self._patience(), self._left() / 2 if self._whom.servers else self._left()),
            self._wall,
            self._mono,
            self._tools.monotonic,
            self._tools.context,
            self._tools.progress,
        )
        sites.run()
        self._unheard += _of("https", sites.unheard())
        return sites.agreement()

    def _report(self, found: Agreement, method: str) -> ClockReport:
        wall, mono = self._tools.both()
        elapsed = mono - self._mono
        stepped = (wall - self._wall) - elapsed
        stepped = stepped if abs(stepped) > _STEPPED else 0.0
        return ClockReport(
            found.offset,
            found.bound,
            found.confidence,
            method,
            found.truechimers,
            found.falsetickers,
            self._unheard,
            elapsed,
            self._wall,
            stepped,
            self._notes(found, method, stepped, wall),
            machine.kind(),
        )

    def _notes(self, found: Agreement, method: str, stepped: float, wall: float) -> tuple[str, ...]:
        notes = []
        if stepped and abs(wall - self._wall) < _STEPPED / 10:
            notes.append(words.NOTE_STOPPED)
        elif stepped:
            notes.append(words.NOTE_STEPPED.format(amount=seconds(stepped)))
        if method == "https" and self._whom.servers and found.offset is not None:
            notes.append(words.NOTE_BLOCKED)
        smearing, plain = smears(self._whom.servers)
        if smearing and plain:
            notes.append(words.NOTE_SMEAR.format(smearing=", ".join(smearing), others=", ".join(plain)))
        if found.offset is not None and _slept(found.offset, machine.suspended()):
            notes.append(words.NOTE_SLEPT.format(amount=seconds(machine.suspended() or 0.0)))
        return tuple(notes)

    def _patience(self) -> float:
        return min(1.0, self._timeout / 2)

    def _left(self) -> float:
        return self._timeout - (self._tools.monotonic() - self._mono)


def _of(kind: str, voices: Iterable[Voice]) -> tuple[Voice, ...]:
    return tuple(replace(voice, kind=kind) for voice in voices)


def _slept(offset: float, asleep: float | None) -> bool:
    """A clock that is slow by just as long as the machine slept stood still meanwhile."""
    return asleep is not None and asleep > 5 and abs(offset - asleep) < max(2.0, asleep / 100)


def _is_number(value: object, kind: type | UnionType) -> bool:
    return isinstance(value, kind) and not isinstance(value, bool)


def check_numbers(timeout: float, samples: int) -> None:
    """Refuse numbers that no check can be made with, before anybody is told that one begins.

    Raises:
        TimeSourceError: a time-out (seconds) or a number of questions outside its range.
    """
    if not (_is_number(timeout, int | float) and math.isfinite(timeout) and 0 < timeout <= _LONGEST):
        what = f"A check takes a number of seconds, more than 0 and at most {_LONGEST:g}."
        raise TimeSourceError(what, "2 is usual.", code="E_TIMEOUT")
    if not (_is_number(samples, int) and 1 <= samples <= _MOST):
        what = f"A server is asked a whole number of times, 1 to {_MOST}."
        raise TimeSourceError(what, f"{SAMPLES} is usual.", code="E_SAMPLES")


def unusable(report: ClockReport) -> Sequence[Voice]:
    """The servers that asked us to go away: they are not to be asked again by whoever asks repeatedly."""
    voices = (*report.truechimers, *report.falsetickers, *report.unheard)
    return [voice for voice in voices if voice.kiss or voice.why is Why.KISS]
