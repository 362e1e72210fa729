"""The real network under a `Poll`: one connected UDP socket for each address, names looked up aside.

A connected socket hears of an ICMP refusal at once and hears nobody but the address asked. Name look-ups cannot be
interrupted, so each runs in a thread of its own that nobody waits for: not the check, not the interpreter's exit.
"""

from __future__ import annotations

import contextlib
import itertools
import queue
import selectors
import socket
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from mfatools.clock.poll import Poll
from mfatools.clock.servers import Server
from mfatools.ntp import Rejected, Sample, Why

Address = tuple[int, tuple[str, int] | tuple[str, int, int, int]]  # family, sockaddr
Resolve = Callable[[str, int], Sequence[Address]]
Progress = Callable[[str, str], None]
_AT_ONCE = 64  # datagrams read from one socket before the others get a turn
_RECEIVE_BUFFER = 1 << 20
_ADDRESSES = 4  # of one name that are tried, at most


def resolve(host: str, port: int, *, kind: int = socket.SOCK_DGRAM) -> list[Address]:
    """A name's addresses, the system's favourite first, the families in turn (RFC 8305 section 4)."""
    found: dict[int, list[Address]] = {}
    for family, _, _, _, address in socket.getaddrinfo(host, port, type=kind):
        if family in (socket.AF_INET, socket.AF_INET6):
            found.setdefault(family, []).append((int(family), address))  # type: ignore[arg-type]
    turns = itertools.zip_longest(*found.values())
    return list(dict.fromkeys(address for turn in turns for address in turn if address))


@dataclass(slots=True)
class _Line:
    """The sockets to one server: one for each of its addresses, in the order to try them."""

    name: str
    server: Server
    sockets: list[socket.socket] = field(default_factory=list)
    answered: socket.socket | None = None
    asked: int = 0


class Network:
    """Sockets and look-ups of one check; a context manager that closes them.

    Args:
        poll: the conversation to drive.
        servers: by the names that the poll knows.
        monotonic: seconds that never step.
        lookup: ``lookup(host, port)`` gives addresses or raises OSError; it may block.
        progress: called with a server's name and ``"asked"``, ``"answered"`` or why not, as it happens.
    """

    def __init__(
        self,
        poll: Poll,
        servers: dict[str, Server],
        *,
        monotonic: Callable[[], float],
        lookup: Resolve = resolve,
        progress: Progress = lambda name, state: None,
    ) -> None:
        self._poll = poll
        self._monotonic = monotonic
        self._lookup = lookup
        self._progress = progress
        self._lines = {name: _Line(name, server) for name, server in servers.items()}
        self._owner: dict[tuple[str, int], str] = {}  # address and port -> the server's name
        self._found: queue.SimpleQueue[tuple[str, Sequence[Address] | None]] = queue.SimpleQueue()
        self._selector = selectors.DefaultSelector()
        self._bell, self._ringer = socket.socketpair()
        self._bell.setblocking(False)
        self._selector.register(self._bell, selectors.EVENT_READ, None)

    def __enter__(self) -> Network:
        for line in self._lines.values():
            self._find(line)
        return self

    def __exit__(self, *exc: object) -> None:
        for line in self._lines.values():
            for one in line.sockets:
                one.close()
        self._selector.close()
        self._bell.close()
        self._ringer.close()

    def run(self) -> None:
        """Ask and listen until the poll has finished. Never longer than its time-out."""
        while not self._poll.finished(now := self._monotonic()):
            for name in self._poll.due(now):
                self._ask(self._lines[name])
            wait = max(0.0, self._poll.wake(self._monotonic()) - self._monotonic())
            for key, _ in self._selector.select(wait):
                if key.data is None:
                    self._take_addresses()
                else:
                    self._listen(key.data, key.fileobj)  # type: ignore[arg-type]

    def _find(self, line: _Line) -> None:
        """Look a name up in a thread that may outlive us; an address in digits needs none."""
        with contextlib.suppress(OSError, ValueError):
            family = socket.AF_INET6 if ":" in line.server.host else socket.AF_INET
            if "%" not in line.server.host:
                socket.inet_pton(family, line.server.host)
                self._connect(line, [(int(family), (line.server.host, line.server.port))])
                return
        threading.Thread(target=self._look_up, args=(line,), daemon=True).start()

    def _look_up(self, line: _Line) -> None:
        try:
            addresses: Sequence[Address] | None = self._lookup(line.server.host, line.server.port)
        except (OSError, UnicodeError):
            addresses = None
        self._found.put((line.name, addresses))
        with contextlib.suppress(OSError, ValueError):  # the check may be over, the sockets closed
            self._ringer.send(b".")

    def _take_addresses(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self._bell.recv(64)
        while not self._found.empty():
            name, addresses = self._found.get()
            if not addresses:
                self._fail(name, Why.NO_NAME)
            else:
                self._connect(self._lines[name], addresses)

    def _connect(self, line: _Line, addresses: Sequence[Address]) -> None:
        sockets = [one for family, address in addresses[:_ADDRESSES] if (one := _connected(family, address))]
        places = [_place(one) for one in sockets]
        if twin := next((self._owner[place] for place in places if place in self._owner), ""):
            for one in sockets:  # a machine named twice must not have two votes
                one.close()
            self._fail(line.name, Why.SAME, twin)
        elif sockets:
            self._owner.update(dict.fromkeys(places, line.name))
            line.sockets = sockets
            for one in sockets:
                self._selector.register(one, selectors.EVENT_READ, line)
            self._poll.ready(line.name, self._monotonic(), len(sockets))
        else:
            self._fail(line.name, Why.UNREACHABLE)

    def _ask(self, line: _Line) -> None:
        """Send the next question: where it answered before, else to each address in turn."""
        one = line.answered or line.sockets[line.asked % len(line.sockets)]
        line.asked += 1
        self._progress(line.name, "asked")
        try:
            one.send(self._poll.packet(line.name, self._monotonic()))
        except BlockingIOError:
            return
        except OSError:
            self._lose(line, one)

    def _listen(self, line: _Line, one: socket.socket) -> None:
        for _ in range(_AT_ONCE):
            try:
                data = one.recv(2048)
            except BlockingIOError:
                return
            except OSError:
                self._lose(line, one)
                return
            self._take(line, one, self._poll.heard(line.name, data, self._monotonic()))

    def _take(self, line: _Line, one: socket.socket, answer: Sample | Rejected | None) -> None:
        if isinstance(answer, Sample):
            line.answered = one
            self._progress(line.name, "answered")
        elif answer and answer.ours:
            self._progress(line.name, answer.why.value)

    def _lose(self, line: _Line, one: socket.socket) -> None:
        """An address refused: try the next one at once, or give the server up."""
        if one not in line.sockets:
            return
        self._selector.unregister(one)
        one.close()
        line.sockets.remove(one)
        line.answered = None if line.answered is one else line.answered
        if line.sockets:
            self._poll.ready(line.name, self._monotonic())
        else:
            self._fail(line.name, Why.REFUSED)

    def _fail(self, name: str, why: Why, detail: str = "") -> None:
        self._poll.fail(name, why, detail)
        self._progress(name, why.value)


def _connected(family: int, address: tuple[str, int] | tuple[str, int, int, int]) -> socket.socket | None:
    """A socket that hears this address only; None if this machine has no such family, or no route for it."""
    try:
        one = socket.socket(family, socket.SOCK_DGRAM)
    except OSError:
        return None
    try:
        one.setblocking(False)
        with contextlib.suppress(OSError):  # a flood of forgeries must not push the true answer out
            one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER)
        one.connect(address)
    except OSError:
        one.close()
        return None
    return one


def _place(one: socket.socket) -> tuple[str, int]:
    """Address and port at the other end, an IPv4 address in IPv6's clothes undressed."""
    host, port = one.getpeername()[:2]
    return host.lower().removeprefix("::ffff:"), port
