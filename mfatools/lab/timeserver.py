"""Time servers in packets, honest and otherwise: RFC 5905 section 7.3, without a socket."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Mapping
from enum import StrEnum

from mfatools.lab.clocks import Clock, Time, Wire

_EPOCH = 2_208_988_800  # seconds from 1900, where NTP counts from, to 1970
_HEADER = struct.Struct("!BBbbII4sQQQQ")  # RFC 5905 figure 8


class Behaviour(StrEnum):
    """What a time server does with a request. A liar is an honest server with a wrong clock."""

    HONEST = "honest"
    SILENT = "silent"
    KISS = "kiss-o'-death"  # stratum 0 and the code RATE: stop asking
    UNSYNCHRONISED = "unsynchronised"  # leap indicator 3: it does not know the time itself
    STRATUM_16 = "stratum 16"
    OTHER_ORIGIN = "other origin"  # answers a question that was not asked, as a forger must
    NO_TRANSMIT = "no transmit time"
    CLIENT_MODE = "client mode"  # sends the request back
    FAR_FROM_ROOT = "far from the root"  # honest, and says that it may be 8 s wrong
    TRUNCATED = "truncated"


class TimeServer:
    """A time server.

    Args:
        clock: its clock; a wrong one makes a falseticker.
        behaviour: what it does with a request.
        works: seconds it takes from receiving to sending.
        stratum: how many servers it is away from a reference clock.
    """

    def __init__(
        self,
        clock: Clock | None = None,
        behaviour: Behaviour | str = Behaviour.HONEST,
        *,
        works: float = 50e-6,
        stratum: int = 2,
    ) -> None:
        self.clock = Clock() if clock is None else clock
        self.behaviour = Behaviour(behaviour)
        self.works = works
        self.stratum = stratum
        self.asked = 0

    def answer(self, request: bytes, t: float) -> bytes | None:
        """The reply to a request of 48 bytes or more that arrives at true time ``t``; None is silence."""
        self.asked += 1
        if self.behaviour is Behaviour.SILENT or len(request) < _HEADER.size:
            return None
        reply = _HEADER.pack(*self._fields(request, t))
        return reply[:20] if self.behaviour is Behaviour.TRUNCATED else reply

    def _fields(self, request: bytes, t: float) -> tuple[int | bytes, ...]:
        does, local = self.behaviour, self.clock.at(t)
        leap = 3 if does in (Behaviour.UNSYNCHRONISED, Behaviour.KISS) else 0
        mode = 3 if does is Behaviour.CLIENT_MODE else 4
        version = request[0] >> 3 & 7
        stratum = {Behaviour.KISS: 0, Behaviour.STRATUM_16: 16}.get(does, self.stratum)
        root = _short(8.0 if does is Behaviour.FAR_FROM_ROOT else 0.01)
        refid = b"RATE" if does is Behaviour.KISS else bytes((127, 0, 0, 9))
        origin = int.from_bytes(request[40:48], "big") ^ (does is Behaviour.OTHER_ORIGIN)
        transmit = 0 if does is Behaviour.NO_TRANSMIT else _stamp(local + self.works)
        first = leap << 6 | version << 3 | mode
        return first, stratum, 6, -20, root, root, refid, _stamp(local - 16), origin, _stamp(local), transmit

    def __repr__(self) -> str:
        return f"TimeServer({self.clock}, {self.behaviour.value!r})"


class Network:
    """Time servers behind wires: its `exchange` serves wherever one is handed in. True time goes on meanwhile.

    Args:
        time: the bench's true time.
        servers: by name.
        out: the wire from here to each server.
        back: the wire from each server to here.
    """

    def __init__(
        self, time: Time, servers: Mapping[str, TimeServer], out: Wire | None = None, back: Wire | None = None
    ) -> None:
        self._time = time
        self.servers = dict(servers)
        self.out = Wire(0.01, seed=1) if out is None else out
        self.back = Wire(0.01, seed=2) if back is None else back

    def exchange(self, server: str, packet: bytes, timeout: float) -> bytes:
        """Send ``packet`` and wait up to ``timeout`` seconds of the bench's time for the reply.

        Raises:
            TimeoutError: no reply came in time.
            OSError: there is no such server.
        """
        if server not in self.servers:
            msg = f"no such server: {server}"
            raise OSError(msg)
        deadline = self._time() + timeout
        reply, arrives = self._trip(self.servers[server], packet)
        if reply is None or arrives > deadline:
            self._time.until(deadline)
            msg = f"{server} did not answer"
            raise TimeoutError(msg)
        self._time.until(arrives)
        return reply

    def _trip(self, server: TimeServer, packet: bytes) -> tuple[bytes | None, float]:
        there = self.out.send(self._time())
        reply = None if there is None else server.answer(packet, there)
        back = None if there is None or reply is None else self.back.send(there + server.works)
        return (None, math.inf) if back is None else (reply, back)

    def clock(self, clock: Clock) -> Callable[[], float]:
        """A ``now`` function of this network's place: ``clock`` driven by its true time."""
        return clock.reads(self._time)


def _stamp(t: float) -> int:
    """POSIX seconds as an NTP timestamp: 32 bits of seconds since 1900, era dropped, 32 bits of fraction."""
    seconds = math.floor(t)
    return (seconds + _EPOCH) % 2**32 << 32 | int((t - seconds) * 2**32)


def _short(seconds: float) -> int:
    """Seconds in NTP's short format: 16 bits and 16 bits."""
    return int(seconds * 65536)
