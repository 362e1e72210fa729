"""What a service answers to a code: how many steps off, and why not."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """Why a code was taken or refused."""

    ACCEPTED = "accepted"
    RESYNCED = "resynced"  # taken, and the recorded drift was set anew
    WRONG = "wrong"
    OUT_OF_STEP = "out of step"  # a right code of another time, and the service says so
    REPLAYED = "replayed"
    MALFORMED = "malformed"
    EXPIRED = "expired"  # an SMS code after its time
    THROTTLED = "throttled"
    LOCKED = "locked"
    NOT_ENROLLED = "not enrolled"
    NO_ANSWER = "no answer"  # the code never arrived


_SAYS = {
    Reason.ACCEPTED: "Signed in.",
    Reason.RESYNCED: "Signed in; the service has adjusted to this device's clock.",
    Reason.WRONG: "Invalid code. Please try again.",
    Reason.OUT_OF_STEP: "Invalid code: the clock of your device is out of step. Set it to automatic time.",
    Reason.REPLAYED: "This code was used already. Wait for the next one.",
    Reason.MALFORMED: "That is not a code: count the digits.",
    Reason.EXPIRED: "This code has expired. Ask for a new one.",
    Reason.THROTTLED: "Too many attempts. Please wait before you try again.",
    Reason.LOCKED: "This account is locked after too many wrong codes.",
    Reason.NOT_ENROLLED: "No authenticator is set up for this account.",
    Reason.NO_ANSWER: "The service does not answer.",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """A service's answer.

    ``steps`` is where the code stands against the service's own clock: 0 is this step, negative is behind, None
    is no match. (For HOTP it counts from the counter that was due.) A match may still be refused, for instance
    when it is a replay: ask ``ok``. ``wait`` is the number of seconds after which another try makes sense.
    """

    reason: Reason
    steps: int | None = None
    wait: float = 0.0

    @property
    def ok(self) -> bool:
        """The code was taken."""
        return self.reason in (Reason.ACCEPTED, Reason.RESYNCED)

    @property
    def says(self) -> str:
        """What stands on the page."""
        wait = f" ({self.wait:.0f} s)" if 0 < self.wait < math.inf else ""
        return _SAYS[self.reason] + wait

    def __bool__(self) -> bool:
        return self.ok


def where(steps: int | None, step: int, type: str) -> str:
    """A code's place in words: ``steps`` from the service's own, each of ``step`` seconds (HOTP: counters)."""
    if steps is None:
        return "The code belongs to another secret, or to another time than was searched."
    if type == "hotp":
        return f"The code's counter is {steps:+d} from the one that is due."
    if steps == 0:
        return "The code is right and of this very step."
    side = "ahead of" if steps > 0 else "behind"
    plural = "" if abs(steps) == 1 else "s"
    return f"The code is {abs(steps)} step{plural} ({abs(steps) * step} s) {side} the service's clock."
