"""One exchange with a time server: a packet out, a packet in, and whether to believe it.

Nothing here opens a socket or reads a clock: stamps and bytes are handed in. ntplib packs and unpacks the 48
bytes of RFC 5905 section 7.3; what it does not do is doubt them, and that is this module.

The four stamps (RFC 5905 section 8), ours and the server's:

- *org*, T1: we send, by our clock. On the wire stands a random number in its place, so that our clock is not
  disclosed and nobody who cannot read the packet can answer it (as draft-ietf-ntp-data-minimization advises).
- *rec*, T2: the server receives, by its clock.
- *xmt*, T3: the server sends, by its clock.
- *dst*, T4: we receive: T1 plus what a monotonic clock says went by, so that a clock set meanwhile does no harm.

*offset* is what one adds to our clock to get true time: positive means that our clock is slow.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

import ntplib

from mfatools.errors import TimeSourceError

HEADER = 48  # bytes; RFC 5905 section 7.3
NONCE = 8  # bytes of the transmit stamp
ERA = 2.0**32  # s; RFC 5905 section 6
TO_POSIX = 2_208_988_800  # s from 1900 to 1970
BUILT = 1_795_305_600.0  # POSIX second of 2026-11-22: no true clock is before it
FORESEEN = 40 * 365.25 * 86400  # s after BUILT that an era is placed around
MAX_DISTANCE = 3.0  # s; RFC 5905 has 1 s (MAXDIST), chrony 3 s: a wide interval is outvoted, not thrown away
MAX_AGE = 36 * 3600.0  # s since the server itself was last set
PHI = 15e-6  # s/s; how much any clock may drift, RFC 5905 section 7.2
FINAL_KISSES = frozenset({"DENY", "RSTR", "RATE"})  # RFC 5905 section 7.4: stop asking
# s; stamps that are all multiples of one of these come from so coarse a clock, the largest first
_GRAINS = (10.0, 5.0, 2.0, 1.0, 0.5, 0.25, 0.2, 0.1, 0.05, 0.04, 0.025, 0.02, 1 / 60, 1 / 64, 0.01)


class Why(StrEnum):
    """Why a server or one of its answers does not count. The words for people are in ``clock/words.py``."""

    MALFORMED = "malformed"
    NOT_OURS = "not_ours"
    MODE = "mode"
    VERSION = "version"
    KISS = "kiss"
    NO_TIME = "no_time"
    AUTH = "auth"
    ZERO_STAMP = "zero_stamp"
    ORDER = "order"
    DISTANCE = "distance"
    STALE = "stale"
    FUTURE = "future"
    # of a server as a whole
    SILENT = "silent"
    NOT_AWAITED = "not_awaited"
    REFUSED = "refused"
    NO_NAME = "no_name"
    SAME = "same"
    UNREACHABLE = "unreachable"
    DISAGREES = "disagrees"
    INCONSISTENT = "inconsistent"
    # of a web server's Date
    NO_DATE = "no_date"
    CACHED = "cached"
    REDIRECT = "redirect"
    STANDS_STILL = "stands_still"
    TLS = "tls"
    TLS_DATE = "tls_date"


@dataclass(frozen=True, slots=True)
class Sample:
    """One believable answer.

    Args:
        server: the name the user knows it by.
        offset: seconds to add to the local clock.
        path: seconds that the way out and back leaves open, either way.
        root: seconds that the server leaves open, either way: its own distance from true time, its resolution.
        grain: seconds by which its stamps look coarser than it says; in one answer that may be chance.
        delay: round trip without the server's own time, RFC 5905 section 8, seconds.
        stratum: steps from a reference clock, 1 to 15; 0 for a source that has none.
        leap: the leap indicator, 0 to 2.
    """

    server: str
    offset: float
    path: float
    root: float = 0.0
    grain: float = 0.0
    delay: float = 0.0
    stratum: int = 0
    leap: int = 0

    @property
    def error(self) -> float:
        """The truth lies within this many seconds of ``offset``, if the server is honest."""
        return self.path + self.root


@dataclass(frozen=True, slots=True)
class Rejected:
    """An answer that does not count. ``kiss`` is the code of a Kiss-o'-Death, e.g. ``"RATE"``."""

    why: Why
    kiss: str = ""

    @property
    def ours(self) -> bool:
        """True if it did answer our question (it held our random number)."""
        return self.why not in (Why.MALFORMED, Why.NOT_OURS)

    @property
    def final(self) -> bool:
        """True if this server must not be asked again."""
        return self.why is Why.KISS


def request(nonce: bytes) -> bytes:
    """A client packet of version 4 that says nothing about us: all zero but mode, version and the nonce.

    Args:
        nonce: eight random bytes in place of our transmit stamp. A float field could not carry 64 bits.

    Raises:
        TimeSourceError: a nonce of another length.
    """
    if len(nonce) != NONCE:
        what = f"The nonce of a request has {NONCE} bytes, not {len(nonce)}."
        raise TimeSourceError(what, f"Hand in secrets.token_bytes({NONCE}).", code="E_NONCE")
    head: bytes = ntplib.NTPPacket(version=4, mode=3).to_data()[: HEADER - NONCE]
    return head + nonce


def read_reply(data: bytes, *, server: str, nonce: bytes, sent: float, received: float) -> Sample | Rejected:
    """Judge a datagram: a `Sample`, or why it is none. Never raises, whatever the bytes.

    Args:
        data: the datagram.
        server: the name to put on the sample.
        nonce: the random number that we sent.
        sent: T1, POSIX seconds by the local clock.
        received: T4, which is T1 plus the monotonic time gone by.
    """
    if why := _not_an_answer(data, nonce):
        return Rejected(why)
    packet = ntplib.NTPStats()
    packet.from_data(data)
    round_trip = max(0.0, received - sent)
    grain = 2.0**packet.precision  # the resolution it owns up to
    for rejected in (_header(packet, data), _stamps(packet, round_trip, grain), _root(packet, grain)):
        if rejected:
            return rejected
    return _measure(packet, server, sent, round_trip, grain)


def _not_an_answer(data: bytes, nonce: bytes) -> Why | None:
    """RFC 4330 section 5, check 3, before all others: no forger who has not read our packet gets further."""
    if len(data) < HEADER or len(data) % 4:
        return Why.MALFORMED
    return None if data[24:32] == nonce else Why.NOT_OURS


def _header(packet: ntplib.NTPStats, data: bytes) -> Rejected | None:
    """RFC 4330 section 5, check 4; RFC 5905 section 7.4 for the kisses, section 7.3 for crypto-NAK."""
    if packet.mode != 4:
        return Rejected(Why.MODE)
    if packet.version not in (3, 4):
        return Rejected(Why.VERSION)
    if packet.stratum == 0:
        kiss = data[12:16].decode("ascii", "replace")
        return Rejected(Why.KISS, kiss) if kiss in FINAL_KISSES else Rejected(Why.NO_TIME)
    if packet.stratum > 15 or packet.leap == 3:
        return Rejected(Why.NO_TIME)
    if len(data) == HEADER + 4 and not any(data[HEADER:]):
        return Rejected(Why.AUTH)
    return None


def _stamps(packet: ntplib.NTPStats, round_trip: float, grain: float) -> Rejected | None:
    """Zero means "not known" (RFC 5905 section 6); a server holds no packet longer than the packet was away."""
    if 0 in (packet.recv_timestamp, packet.tx_timestamp, packet.ref_timestamp):
        return Rejected(Why.ZERO_STAMP)
    hold = seconds_between(packet.recv_timestamp, packet.tx_timestamp)
    if hold < 0 or hold > round_trip * (1 + PHI) + grain:
        return Rejected(Why.ORDER)
    return None


def _root(packet: ntplib.NTPStats, grain: float) -> Rejected | None:
    """RFC 4330 section 5, check 5; RFC 5905 section 11.1 and A.5.5.1: root distance and the age of its own time."""
    if packet.root_delay / 2 + packet.root_dispersion + grain > MAX_DISTANCE:
        return Rejected(Why.DISTANCE)
    age = seconds_between(packet.ref_timestamp, packet.tx_timestamp)
    if age < -grain:
        return Rejected(Why.FUTURE)
    return Rejected(Why.STALE) if age > MAX_AGE else None


def _measure(packet: ntplib.NTPStats, server: str, sent: float, round_trip: float, grain: float) -> Sample:
    """Offset and its doubt. The server's own holding time is not trusted to narrow the interval.

    RFC 5905 counts half the delay *without* the holding time; a server that overstates it would look nearer than
    it is and push the truth out of the interval. An honest one holds for microseconds, so this costs nothing.
    """
    hold = seconds_between(packet.recv_timestamp, packet.tx_timestamp)
    middle = to_posix(packet.recv_timestamp, near=sent) + hold / 2
    root = packet.root_delay / 2 + packet.root_dispersion + grain + PHI * round_trip
    return Sample(
        server=server,
        offset=middle - (sent + round_trip / 2),
        path=round_trip / 2,
        root=root,
        grain=max(0.0, _grain(packet) - grain),
        delay=max(0.0, round_trip - hold),
        stratum=packet.stratum,
        leap=packet.leap,
    )


def _grain(packet: ntplib.NTPStats) -> float:
    """The coarsest grain that both of its stamps fit, in seconds."""
    stamps = (packet.recv_timestamp, packet.tx_timestamp)
    return next((grain for grain in _GRAINS if all(_multiple(stamp, grain) for stamp in stamps)), 0.0)


def _multiple(stamp: float, grain: float) -> bool:
    return abs(math.remainder(stamp, grain)) < 2e-6  # a double of today's size resolves half a microsecond


def seconds_between(earlier: float, later: float) -> float:
    """``later - earlier`` for two NTP stamps (seconds, modulo one era), nearest to zero: RFC 5905 section 6."""
    return (later - earlier + ERA / 2) % ERA - ERA / 2


def to_posix(stamp: float, *, near: float) -> float:
    """An NTP stamp as POSIX seconds, in the era nearest to ``near``.

    A clock that stands at 1970 must not drag the answer to 1970: ``near`` is first brought between the day this
    was built and forty years later. Right for servers from 1958 to 2094 at least, whatever the local clock.
    """
    pivot = min(max(near, BUILT), BUILT + FORESEEN)
    return pivot + seconds_between((pivot + TO_POSIX) % ERA, stamp)


def least_delay(exchanges: Iterable[tuple[float, float, float, float]]) -> tuple[float, float]:
    """Offset and bound between two clocks that exchange messages, such as a browser's and its kernel's.

    Args:
        exchanges: ``(t1, t2, t3, t4)`` in seconds each: sent and received by the asking clock (t1, t4), received
            and sent by the answering one (t2, t3). RFC 5905 section 8.

    Returns:
        Seconds to add to the asking clock to get the answering one's time, and how far that can be off.
        The exchanges are narrowed together, so that a short way out and a short way back need not be the same one.

    Raises:
        TimeSourceError: no exchange whose stamps are in order.
    """
    spans = [(t3 - t4, t2 - t1) for t1, t2, t3, t4 in exchanges if t4 - t1 >= t3 - t2 >= 0]
    if not spans:
        what = "There is no exchange with its stamps in order."
        hint = "From t2 to t3 it must not take less than nothing, nor longer than from t1 to t4."
        raise TimeSourceError(what, hint, code="E_STAMPS")
    low, high = max(low for low, _ in spans), min(high for _, high in spans)
    return (low + high) / 2, abs(high - low) / 2
