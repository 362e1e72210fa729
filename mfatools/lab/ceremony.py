"""The enrolment ceremony that the vendors' guides describe, played from the first page to the recovery codes."""

from __future__ import annotations

from dataclasses import dataclass

from mfatools.checks import made, number
from mfatools.lab.answer import Answer, Reason
from mfatools.lab.clocks import Person, Time, Wire
from mfatools.lab.member import Channel, Page
from mfatools.lab.phone import Entry, Phone
from mfatools.lab.recovery import Sheet
from mfatools.lab.service import Service


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the ceremony: true time, who does it, what happens."""

    t: float
    who: str
    what: str

    def __str__(self) -> str:
        return f"{self.who:<8} {self.what}"


@dataclass(frozen=True, slots=True)
class Enrolment:
    """How an enrolment went. Printing it tells the story without secrets and codes."""

    answer: Answer
    steps: tuple[Step, ...]
    page: Page
    entry: Entry
    recovery: Sheet | None

    @property
    def ok(self) -> bool:
        """The app is set up."""
        return self.answer.ok

    def __repr__(self) -> str:
        start = self.steps[0].t
        return "\n".join(f"{step.t - start:6.1f} s  {step}" for step in self.steps)


def enrol(
    service: Service | None = None,
    phone: Phone | None = None,
    user: str = "alice",
    *,
    time: Time | None = None,
    wire: Wire | None = None,
    person: Person | None = None,
    refresh: bool = False,
    rest: float = 0.0,
) -> Enrolment:
    """Go through the whole ceremony: page, scan, first code, recovery codes.

    Args:
        service: where the account is, one step either way unless given; the user is signed up if unknown.
        phone: the phone that scans, a good one unless given.
        user: the user's name.
        time: the bench's true time; a new one unless given.
        wire: the way from the person's keyboard to the service.
        person: who reads and types.
        refresh: the page is loaded again *after* it was scanned: the usual mistake.
        rest: seconds that pass between the scan and reading the code.

    Raises:
        MfaError: something of another kind in one of these places.

    Example:
        >>> enrol().ok
        True
    """
    play = _Play(
        made(service or Service(), Service, "The service"),
        made(phone or Phone(), Phone, "The phone"),
        made(user, str, "The user's name"),
        made(time or Time(), Time, "The bench's time"),
        made(wire or Wire(), Wire, "The wire"),
        made(person or Person(), Person, "The person"),
    )
    return play.run(refresh=refresh, rest=number(rest, "rest", 0))


class _Play:
    """The ceremony under way: the actors and what has happened so far."""

    def __init__(self, service: Service, phone: Phone, user: str, time: Time, wire: Wire, person: Person) -> None:
        self.service, self.phone, self.user = service, phone, user
        self.time, self.wire, self.person = time, wire, person
        self.steps: list[Step] = []

    def run(self, *, refresh: bool, rest: float) -> Enrolment:
        page, entry = self._scan()
        if refresh:
            page = self._refresh()
        self.time.wait(rest)
        answer = self._first_code(entry)
        recovery = self._finish() if answer.ok else None
        return Enrolment(answer, tuple(self.steps), page, entry, recovery)

    def _scan(self) -> tuple[Page, Entry]:
        if not self.service.has(self.user):
            self.service.sign_up(self.user)
        self._tell("person", "signs in with the password and opens the security settings", 5)
        page = self.service.page(self.user)
        self._tell("service", f"makes a new secret and shows page {page.number} with its QR code and the key")
        entry = self.phone.scan(page.uri)
        self._tell("phone", "scans the QR code; the app has a new entry", 15)
        return page, entry

    def _refresh(self) -> Page:
        page = self.service.page(self.user)
        self._tell("person", "loads the page again", 5)
        self._tell("service", f"makes another secret and shows page {page.number}; the QR before is void")
        return page

    def _first_code(self, entry: Entry) -> Answer:
        self.phone.open_app(self.time())
        code = self.phone.code(self.time(), entry)
        self._tell("phone", "shows the first code")
        takes = self.person.takes()
        self._tell("person", f"types it, which takes {takes:.0f} s", takes)
        arrives = self.wire.send(self.time())
        if arrives is None:
            self._tell("wire", "loses it")
            return Answer(Reason.NO_ANSWER)
        self.time.until(arrives)
        answer = self.service.confirm(self.user, self.person.hands(code), self.time())
        self._tell("service", f"answers: {answer.says}")
        return answer

    def _finish(self) -> Sheet:
        recovery = self.service.recovery_codes(self.user)
        self._tell("service", f"shows {len(recovery)} recovery codes, this once")
        self._tell("person", "puts them away on paper", 60)
        if self.service.channel(self.user) is Channel.APP:
            self._tell("service", "asks for the app's code from now on")
        return recovery

    def _tell(self, who: str, what: str, takes: float = 0.0) -> None:
        self.steps.append(Step(self.time(), who, what))
        self.time.wait(takes)
