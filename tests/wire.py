"""Time servers and a network that exist in memory only: a `Poll` runs against them in virtual time, at once."""

from __future__ import annotations

import contextlib
import heapq
import math
import random
import socket
import struct
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from mfatools.clock.poll import Plan, Poll
from mfatools.ntp import TO_POSIX

START = 1_800_000_000.123457  # true POSIX time at which every conversation starts


def stamp(posix: float) -> int:
    """POSIX seconds as a 64-bit NTP stamp, RFC 5905 section 6."""
    return (math.floor(posix * (1 << 32)) + (TO_POSIX << 32)) % (1 << 64)


def reply(
    org: bytes,
    rec: float,
    xmt: float,
    *,
    leap: int = 0,
    version: int = 4,
    mode: int = 4,
    stratum: int = 2,
    precision: int = -23,
    root_delay: float = 0.005,
    root_dispersion: float = 0.01,
    refid: bytes = b"\x7f\x09\x09\x09",
    ref_age: float = 17.0,
    raw: dict[str, int] | None = None,
) -> bytes:
    """A server's packet, written down by RFC 5905 section 7.3 and not by the code under test."""
    stamps = {"ref": stamp(rec - ref_age), "rec": stamp(rec), "xmt": stamp(xmt), **(raw or {})}
    return struct.pack(
        "!BBBbII4s Q8sQQ",
        leap << 6 | version << 3 | mode,
        stratum,
        6,
        precision,
        round(root_delay * 65536),
        round(root_dispersion * 65536),
        refid,
        stamps["ref"],
        org,
        stamps["rec"],
        stamps["xmt"],
    )


@dataclass
class FakeServer:
    """A server and the path to it. Delays in seconds, one way; ``offset`` is what an ideal client would report."""

    offset: float = 0.0
    out: float = 0.005
    back: float = 0.005
    jitter: float = 0.0
    loss: float = 0.0
    silent: bool = False
    fields: dict[str, object] = field(default_factory=dict)
    kiss: bytes = b""
    forged: int = 0
    asked: int = 0

    def answers(self, packet: bytes, at: float, rng: random.Random) -> list[tuple[float, bytes]]:
        """What comes back for a packet sent at true time ``at``: arrival times and datagrams."""
        self.asked += 1
        if self.silent or rng.random() < self.loss:
            return []
        there = at + self.out + rng.uniform(0, self.jitter)
        home = there + self.back + rng.uniform(0, self.jitter)
        clock = there + self.offset
        lies = [(there, reply(rng.randbytes(8), clock + 1000, clock + 1000)) for _ in range(self.forged)]
        if self.kiss:
            return [*lies, (home, reply(packet[40:], clock, clock, stratum=0, leap=3, refid=self.kiss))]
        return [*lies, (home, reply(packet[40:], clock, clock, **self.fields))]  # type: ignore[arg-type]


@dataclass
class Outcome:
    """How a conversation ended: the poll, its length in seconds, and the packets sent."""

    poll: Poll
    elapsed: float
    sent: list[tuple[str, bytes]]


def converse(
    servers: Sequence[FakeServer], *, seed: int = 0, plan: Plan | None = None, local: float = START
) -> Outcome:
    """Let a `Poll` speak with these servers.

    Args:
        local: POSIX seconds that the local clock shows at true time START: the client is off by the difference.
    """
    rng = random.Random(seed)
    names = {f"s{n}": server for n, server in enumerate(servers)}
    poll = Poll(list(names), plan or Plan(), token=rng.randbytes, wall=local, mono=0.0)
    for name in names:
        poll.ready(name, 0.0)
    mono, sent = 0.0, []
    coming: list[tuple[float, int, str, bytes]] = []
    while not poll.finished(mono):
        for name in poll.due(mono):
            packet = poll.packet(name, mono)
            sent.append((name, packet))
            for arrival, data in names[name].answers(packet, START + mono, rng):
                heapq.heappush(coming, (arrival - START, len(sent) * 1000 + len(coming), name, data))
        mono = max(mono, min(poll.wake(mono), coming[0][0] if coming else float("inf")))
        while coming and coming[0][0] <= mono:
            _, _, name, data = heapq.heappop(coming)
            poll.heard(name, data, mono)
    return Outcome(poll, mono, sent)


def farm(rng: random.Random, make: Callable[..., FakeServer] = FakeServer) -> list[FakeServer]:
    """A random set of servers with an honest majority that can be heard; the truth is offset 0."""
    count = rng.choice((3, 4, 5, 6, 7))
    liars = rng.randint(0, (count - 1) // 2)
    servers = []
    for n in range(count):
        lie = rng.choice((0.08, -0.2, 0.5, 2.0, -30.0, 300.0, 3600.0)) if n < liars else rng.uniform(-0.004, 0.004)
        servers.append(
            make(
                offset=lie,
                out=rng.uniform(0.001, 0.06),
                back=rng.uniform(0.001, 0.06),
                jitter=rng.uniform(0.0, 0.04),
                loss=rng.choice((0.0, 0.0, 0.1, 0.3)),
            )
        )
    rng.shuffle(servers)
    return servers


class Loopback:
    """A context manager: a real UDP socket on 127.0.0.1 (or ::1) that answers as a `FakeServer` says, at once."""

    def __init__(self, server: FakeServer | None = None, host: str = "127.0.0.1") -> None:
        self.server = server or FakeServer()
        self._socket = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((host, 0))
        self.address: tuple[str, int] = self._socket.getsockname()[:2]
        self.requests: list[tuple[bytes, tuple[str, int]]] = []
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Loopback:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        with contextlib.suppress(OSError):
            self._socket.sendto(b"", self.address)
        self._thread.join(2)
        self._socket.close()

    def _serve(self) -> None:
        rng = random.Random(1)
        while True:
            packet, source = self._socket.recvfrom(2048)
            if not packet:
                return
            self.requests.append((packet, source))
            now = time.time()
            for _, data in self.server.answers(packet, now - self.server.out, rng):
                self._socket.sendto(data, source)
