"""The whole bench: a phone, a wire, a service, a person, a computer, and true time between them."""

from __future__ import annotations

import random
from dataclasses import dataclass

from mfatools.checks import made, number, whole
from mfatools.lab.answer import Answer
from mfatools.lab.ceremony import Enrolment, enrol
from mfatools.lab.clocks import START, Clock, Person, Time, Wire
from mfatools.lab.phone import Entry, Message, Phone
from mfatools.lab.policy import Policy
from mfatools.lab.service import Service


@dataclass(frozen=True, slots=True)
class Attempt:
    """One sign-in. Times (``read``, ``sent``, ``arrived``) are true time in POSIX seconds; ``arrived`` is None when
    the wire lost the code.

    ``shown`` is the code on the phone, ``typed`` what arrived in the box: both are kept out of ``repr``.
    ``read_local`` is what the computer's clock showed at the moment of reading.
    """

    read: float
    read_local: float
    arrived: float | None
    answer: Answer | None
    shown: str
    typed: str
    sent: float

    @property
    def ok(self) -> bool:
        """The service let the person in."""
        return self.answer is not None and self.answer.ok

    def __repr__(self) -> str:
        outcome = "lost on the way" if self.answer is None else f"{self.answer.reason}, steps {self.answer.steps}"
        return f"Attempt({outcome})"


class Bench:
    """Everything at once, with defaults that work, so that a lesson can break one thing.

    Args:
        phone: the phone; a good one unless given.
        service: the service; one with a window of one step either way unless given.
        wire: the way of a code from the keyboard to the service.
        person: who reads and types.
        computer: the clock of the computer that stands beside.
        start: true time at the beginning, POSIX seconds.
        user: the user's name.
        seed: the same seed gives the same run.

    Example:
        >>> bench = Bench(phone=Phone(Clock(offset=-88)))
        >>> bench.enrol().answer.says
        'Invalid code. Please try again.'
        >>> bench = Bench()
        >>> bench.enrol().ok, bench.wait(60).sign_in().ok
        (True, True)
    """

    def __init__(
        self,
        *,
        phone: Phone | None = None,
        service: Service | None = None,
        wire: Wire | None = None,
        person: Person | None = None,
        computer: Clock | None = None,
        start: float = START,
        user: str = "alice",
        seed: int = 0,
    ) -> None:
        self.time = Time(start)
        self.phone = Phone() if phone is None else made(phone, Phone, "A bench's phone")
        self.service = (
            Service(policy=Policy(), seed=seed) if service is None else made(service, Service, "A bench's service")
        )
        self.wire = Wire(seed=seed) if wire is None else made(wire, Wire, "A bench's wire")
        self.person = Person(seed=seed) if person is None else made(person, Person, "A bench's person")
        self.computer = Clock() if computer is None else made(computer, Clock, "A bench's computer")
        self.user = user
        self.attempts: list[Attempt] = []
        self._random = random.Random(seed)

    def wait(self, seconds: float) -> Bench:
        """Let time go by; the bench again, so that a line reads as a story."""
        self.time.wait(seconds)
        return self

    def enrol(self, *, refresh: bool = False, rest: float = 0.0) -> Enrolment:
        """Set the app up by the whole ceremony; see `mfatools.lab.enrol`."""
        return enrol(
            self.service,
            self.phone,
            self.user,
            time=self.time,
            wire=self.wire,
            person=self.person,
            refresh=refresh,
            rest=rest,
        )

    def sign_in(self, entry: Entry | None = None) -> Attempt:
        """Read the code that the phone shows now, type it, send it, and let the service judge it."""
        read, shown = self.time(), self.phone.code(self.time(), entry)
        typed = self.person.hands(shown)
        self.time.wait(self.person.takes())
        return self._send(read, shown, typed)

    def send(self, code: str) -> Attempt:
        """Type any code and send it: an old one, a neighbour's, a guess."""
        read = self.time()
        self.time.wait(self.person.takes())
        return self._send(read, code, code)

    def text(self) -> Message:
        """Ask for a code by text message; it lands in the phone's inbox, and voids the one before.

        Raises:
            MfaError: the service knows no telephone number of this user.
        """
        message = self.service.send_sms(self.user, self.time())
        self.phone.inbox.append(message)
        return message

    def repeat(self, times: int, *, every: float = 97.0) -> float:
        """Sign in ``times`` times, ``every`` seconds apart on average; the share that was refused.

        The pauses are drawn at random so that every phase of the step comes up. Lock-out and replay count: set
        the policy so that they do not, when it is the window alone that matters.

        Raises:
            MfaError: no whole number of times, or a pause that is no number.
        """
        times, every = whole(times, "times", 1, 10**9), number(every, "every", 0)
        refused = 0
        for _ in range(times):
            self.time.wait(self._random.uniform(0.0, 2 * every))
            refused += not self.sign_in().ok
        return refused / times

    def _send(self, read: float, shown: str, typed: str) -> Attempt:
        sent = self.time()
        arrived = self.wire.send(sent)
        answer = None
        if arrived is not None:
            self.time.until(arrived)
            answer = self.service.verify(self.user, typed, self.time())
        attempt = Attempt(read, self.computer.at(read), arrived, answer, shown, typed, sent)
        self.attempts.append(attempt)
        return attempt

    def __repr__(self) -> str:
        return f"Bench({self.phone}, {self.wire}, {self.service}, {len(self.attempts)} attempts)"
