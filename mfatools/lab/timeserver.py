"""Time servers in packets, honest and otherwise: RFC 5905 section 7.3, without a socket."""

from __future__ import annotations

import math
import struct
from enum import StrEnum

from mfatools.checks import made
from mfatools.errors import MfaError
from mfatools.lab.clocks import Clock

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

    Raises:
        MfaError: no clock, or a behaviour that is not known.
    """

    def __init__(
        self,
        clock: Clock | None = None,
        behaviour: Behaviour | str = Behaviour.HONEST,
        *,
        works: float = 50e-6,
        stratum: int = 2,
    ) -> None:
        self.clock = Clock() if clock is None else made(clock, Clock, "A time server's clock")
        if behaviour not in list(Behaviour):
            what = "This behaviour of a time server is not known."
            known = ", ".join(repr(str(each)) for each in Behaviour)
            raise MfaError(what, f"Give one of {known}.", code="E_BEHAVIOUR")
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


def _stamp(t: float) -> int:
    """POSIX seconds as an NTP timestamp: 32 bits of seconds since 1900, era dropped, 32 bits of fraction."""
    seconds = math.floor(t)
    return (seconds + _EPOCH) % 2**32 << 32 | int((t - seconds) * 2**32)


def _short(seconds: float) -> int:
    """Seconds in NTP's short format: 16 bits and 16 bits."""
    return int(seconds * 65536)
