"""When to ask whom, when to stop: the conversation with all servers, without a socket or a clock in it.

`Poll` is told what happened and at which monotonic second, and says what to send and when to wake it again. The
real network (``udp.py``) and the tests' fake wire drive the same object.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from mfatools.consensus import WANDER, Agreement, Confidence, Voice, agree, narrow
from mfatools.ntp import NONCE, Rejected, Sample, Why, read_reply, request

SPACING = 0.25  # s between two questions to one server
PRECISE = 0.05  # s; a bound that leaves nothing to wish for when codes last 30 s
GRACE = 0.05  # s that stragglers get once a majority agrees, beyond the time it took so far


@dataclass(frozen=True, slots=True)
class Plan:
    """How a check proceeds.

    Args:
        samples: questions to each server, at most.
        timeout: seconds after which it ends whatever has come.
        patience: seconds after which two servers that agree are enough when none differs.
        spacing: seconds between two questions to one server.
        hopeless: seconds after which it ends when nothing usable was heard at all; None is the time-out.
    """

    samples: int = 4
    timeout: float = 2.0
    patience: float = 1.0
    spacing: float = SPACING
    hopeless: float | None = None


@dataclass(slots=True)
class Peer:
    """What is known of one server."""

    name: str
    addresses: int = 1  # to try in turn; each is asked once at least until one answers
    ready_at: float | None = None  # monotonic second from which it may be asked; None until its address is known
    asked: int = 0
    open: dict[bytes, float] = field(default_factory=dict)  # nonce -> monotonic second of sending
    closed: dict[bytes, tuple[float, Sample]] = field(default_factory=dict)  # those answered: sent when, the answer
    newest: bytes = b""  # nonce of the last question
    newest_at: float = 0.0  # monotonic second of sending it
    samples: list[Sample] = field(default_factory=list)
    late: list[Sample] = field(default_factory=list)  # answers to older questions, believed for the time being
    behind: bool = False  # a question that late answers left time for was not answered: see `take`
    rejected: Rejected | None = None
    bad: dict[bytes, float] = field(default_factory=dict)  # nonce -> monotonic second of its last bad answer
    strange: int = 0  # datagrams that answered no open question: forged, torn or come twice
    ended: Why | None = None  # refused, kissed, nameless: not to be asked again
    detail: str = ""

    @property
    def kiss(self) -> str:
        """The code of the Kiss-o'-Death that it sent, before or after good answers; empty if it sent none."""
        return self.detail if self.ended is Why.KISS else ""

    def take(self, nonce: bytes, sample: Sample, spacing: float) -> None:
        """Count a sample, for good once the server has answered a question before it was asked the next.

        RFC 5905 section 8 knows only the last origin stamp. On a long path an answer comes after the next question
        has gone out, and must not be lost: it holds a number that only we and the path know, and its delay widens
        its own interval, so whoever delays it wins nothing. But a server that always sends back the stamp *before*
        the last is broken, and shows itself by never answering the last one. So the next question waits until a
        timely answer can arrive, and late answers are believed only while the last question may still be answered.
        """
        self.late.append(sample)
        self.ready_at = self.newest_at + max(spacing, 1.25 * 2 * sample.path)
        if nonce == self.newest or self.samples:
            self.samples += self.late
            self.late.clear()

    def believed(self, mono: float) -> list[Sample]:
        """The answers that count by now."""
        return self.samples or ([] if self.behind or self.overdue(mono) else self.late)

    def overdue(self, mono: float) -> bool:
        """True if the last question is open for longer than any answer took, and all came late."""
        return not self.samples and bool(self.late) and mono - self.newest_at > self.slowest()

    def slowest(self) -> float:
        """Seconds of the longest round trip, 0 if there was none."""
        return max((2 * sample.path for sample in (*self.samples, *self.late)), default=0.0)

    def most(self, samples: int) -> int:
        """How often it may be asked: once at each address, even if one question is all that is wanted."""
        return samples if self.samples or self.late else max(samples, self.addresses)

    def done_at(self, samples: int) -> float:
        """The monotonic second from which nothing more is waited for.

        A server that was asked often enough and answered some gets three of its round trips for the rest: what
        is not back by then was lost. After a bad answer the true one gets as long as lies between two questions.
        """
        most = self.most(samples)
        if self.ended or (self.asked >= most and not self.open):
            return float("-inf")
        if self.asked >= most and self.open.keys() <= self.bad.keys():
            return max(self.bad.values()) + SPACING
        if self.asked < most or not self.samples:
            return float("inf")
        return max(self.open.values()) + 3 * self.slowest() + GRACE


class Poll:
    """A conversation with several time servers.

    Args:
        names: the servers, as the user knows them.
        plan: numbers of questions and times.
        token: ``token(n)`` gives n random bytes.
        wall: POSIX seconds by the local clock at the monotonic second ``mono``.
    """

    def __init__(
        self, names: Sequence[str], plan: Plan, *, token: Callable[[int], bytes], wall: float, mono: float
    ) -> None:
        self.plan = plan
        self.peers = {name: Peer(name) for name in names}
        self._token = token
        self._wall = wall
        self._start = mono
        self._now = mono
        self._agreed_at: float | None = None
        self._agreement: Agreement | None = None

    # what happened

    def ready(self, name: str, mono: float, addresses: int = 1) -> None:
        """The server's address is known, or its several addresses: it may be asked from now on."""
        peer = self.peers[name]
        peer.ready_at, peer.addresses = mono, max(peer.addresses, addresses)

    def packet(self, name: str, mono: float) -> bytes:
        """The next question to this server, to be sent at once."""
        peer = self.peers[name]
        nonce = self._token(NONCE)
        peer.behind = peer.behind or peer.overdue(mono)
        peer.open[nonce] = mono
        peer.asked += 1
        peer.newest, peer.newest_at = nonce, mono
        peer.ready_at = mono + max(self.plan.spacing, 1.25 * peer.slowest())
        return request(nonce)

    def heard(self, name: str, data: bytes, mono: float) -> Sample | Rejected | None:
        """A datagram came from this server. None when it answers no open question."""
        peer = self.peers[name]
        nonce = data[24:32]
        sent = peer.open.get(nonce)
        if peer.ended:
            return None
        if sent is None:
            peer.strange += 1
            self._heed_second(peer, nonce, data, mono)
            return None
        answer = self._read(name, nonce, data, sent, mono)
        self._note(peer, nonce, answer, mono)
        return answer

    def fail(self, name: str, why: Why, detail: str = "") -> None:
        """This server cannot be asked: no such name, refused, no route."""
        peer = self.peers[name]
        if not peer.ended:
            peer.ended, peer.detail = why, detail

    # what to do

    def due(self, mono: float) -> list[str]:
        """The servers to ask now: fetch a `packet` for each."""
        return [peer.name for peer in self.peers.values() if self._next(peer) <= mono]

    def wake(self, mono: float) -> float:
        """The monotonic second at which to look again if nothing comes before."""
        moments = [self._start + self.plan.timeout, *(self._next(peer) for peer in self.peers.values())]
        moments.append(max(self._waits()))
        stages = (self._start + self.plan.patience, self._start + (self.plan.hopeless or self.plan.timeout))
        moments.extend(stage for stage in stages if stage > mono)
        if self._agreed_at is not None:
            moments.append(self._grace_ends(self._agreed_at))
        return min(moments)

    def finished(self, mono: float) -> bool:
        """True when waiting longer cannot change the answer, or time is up."""
        self._now, self._agreement = mono, None  # what is believed changes with time
        elapsed = mono - self._start
        if elapsed >= self.plan.timeout or mono >= max(self._waits()):
            return True
        found = self.agreement()
        if found.confidence is Confidence.NO_ANSWER and elapsed >= (self.plan.hopeless or self.plan.timeout):
            return True
        if found.confidence is not Confidence.CONFIRMED:
            return False
        if elapsed >= self.plan.patience and not found.falsetickers and not self._outvotable():
            return True
        return self._decided(found, mono)

    # what came out

    def voices(self) -> list[Voice]:
        """The servers with at least one believable answer, narrowed."""
        heard = ((peer, peer.believed(self._now)) for peer in self.peers.values())
        return [replace(narrow(samples), kiss=peer.kiss) for peer, samples in heard if samples]

    def agreement(self) -> Agreement:
        """What the servers heard so far say together."""
        if self._agreement is None:
            self._agreement = agree(self.voices(), len(self.peers))
        return self._agreement

    def unheard(self) -> tuple[Voice, ...]:
        """The servers without a believable answer, and why."""
        patient = self._now - self._start >= self.plan.patience or self._agreed_at is None
        return tuple(_unheard(peer, patient) for peer in self.peers.values() if not peer.believed(self._now))

    def _read(self, name: str, nonce: bytes, data: bytes, sent: float, mono: float) -> Sample | Rejected:
        return read_reply(
            data, server=name, nonce=nonce, sent=self._at(sent), received=self._at(sent) + (mono - sent)
        )

    def _heed_second(self, peer: Peer, nonce: bytes, data: bytes, mono: float) -> None:
        """Another answer to the same question: a copy counts for nothing, a contradiction speaks against both.

        Whoever reads our packets on the way can be faster than the server, but cannot keep its answer back.
        """
        if nonce not in peer.closed:
            return
        sent, first = peer.closed[nonce]
        second = self._read(peer.name, nonce, data, sent, mono)
        self._heed_kiss(peer, second)
        if isinstance(second, Sample) and abs(second.offset - first.offset) > first.error + second.error + WANDER:
            (peer.samples or peer.late).append(second)
            self._agreement = None

    def _note(self, peer: Peer, nonce: bytes, answer: Sample | Rejected, mono: float) -> None:
        if isinstance(answer, Rejected) and not answer.ours:
            peer.strange += 1
            return
        if isinstance(answer, Sample):
            peer.closed[nonce] = peer.open.pop(nonce), answer
            self._agreement = None
            peer.take(nonce, answer, self.plan.spacing)
            return
        # The question stays open: who reads our packets can be faster than the server, but only with what is bad.
        peer.rejected, peer.bad[nonce] = answer, mono
        self._heed_kiss(peer, answer)

    def _heed_kiss(self, peer: Peer, answer: Sample | Rejected) -> None:
        if isinstance(answer, Rejected) and answer.final:
            peer.ended, peer.detail = answer.why, answer.kiss

    def _at(self, mono: float) -> float:
        """The local wall clock at a monotonic second, as it stood at the start: a step in between is not seen."""
        return self._wall + (mono - self._start)

    def _waits(self) -> list[float]:
        return [peer.done_at(self.plan.samples) for peer in self.peers.values()]

    def _outvotable(self) -> bool:
        """True while most servers neither spoke nor refused: they may be slow, and those heard may all lie."""
        waiting = sum(not peer.ended and not peer.believed(self._now) for peer in self.peers.values())
        return 2 * waiting > len(self.peers)

    def _next(self, peer: Peer) -> float:
        if peer.ended or peer.ready_at is None or peer.asked >= peer.most(self.plan.samples):
            return float("inf")
        return peer.ready_at

    def _decided(self, found: Agreement, mono: float) -> bool:
        """A majority of all servers asked, close together; stragglers get a moment more to be counted."""
        enough = 2 * len(found.truechimers) > len(self.peers) and (found.bound or 0.0) <= PRECISE
        if not enough:
            self._agreed_at = None
            return False
        if self._agreed_at is None:
            self._agreed_at = mono
        everyone = all(peer.samples or peer.ended for peer in self.peers.values())
        return everyone or mono >= self._grace_ends(self._agreed_at)

    def _grace_ends(self, agreed: float) -> float:
        return agreed + (agreed - self._start) + GRACE


def _unheard(peer: Peer, patient: bool) -> Voice:
    if peer.ended:
        return Voice(peer.name, why=peer.ended, detail=peer.detail, kiss=peer.kiss)
    if peer.rejected:
        return Voice(peer.name, why=peer.rejected.why, detail=peer.rejected.kiss)
    if peer.strange or peer.late:
        return Voice(peer.name, why=Why.NOT_OURS)
    return Voice(peer.name, why=Why.SILENT if patient else Why.NOT_AWAITED)
