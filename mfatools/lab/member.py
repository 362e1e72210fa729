"""What a service keeps about one user: the pages it opened, the way that codes come, the message it sent."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from enum import StrEnum

from mfatools.account import Account
from mfatools.errors import MfaError
from mfatools.lab.answer import Answer, Reason
from mfatools.lab.guard import Guard
from mfatools.lab.recovery import Recovery
from mfatools.lab.verifier import CounterVerifier, TimeVerifier
from mfatools.totp import Hotp, Totp

SMS_LASTS = 300.0  # s


class Channel(StrEnum):
    """The ways a code can come."""

    APP = "app"
    SMS = "sms"


@dataclass(frozen=True, slots=True)
class Page:
    """A set-up page: what its QR holds. Its number tells how often the page was opened; nothing secret prints."""

    account: Account
    number: int

    @property
    def uri(self) -> str:
        """The text in the QR code. It is a secret."""
        return self.account.uri()

    @property
    def key(self) -> str:
        """The key as it stands beside the QR, to be typed in groups of four. It is a secret."""
        text = self.account.secret.reveal_base32()
        return " ".join(text[place : place + 4] for place in range(0, len(text), 4))

    def __repr__(self) -> str:
        return f"Page(number {self.number}, QR not printed)"


@dataclass(slots=True)
class Member:
    """What the service keeps about a user."""

    guard: Guard
    recovery: Recovery
    number: str | None
    channel: Channel
    pages: list[tuple[Page, Hotp | Totp]] = field(default_factory=list, repr=False)
    verifier: TimeVerifier | CounterVerifier | None = None
    message: tuple[str, float] | None = field(default=None, repr=False)  # the SMS code and when it was sent

    def take(self, answer: Answer, t: float) -> Answer:
        """Count an answer given at ``t`` for throttling and lock-out; hands it back."""
        if answer.reason is not Reason.MALFORMED:  # an incomplete code is turned away by the form itself
            self.guard.note(t, ok=answer.ok)
        return answer

    def switch(self, channel: Channel | str) -> Channel:
        """Let codes come another way from now on.

        Raises:
            MfaError: no such way, or it is not set up for this user.
        """
        if channel not in list(Channel):
            raise MfaError("There is no such way.", 'Take "app" or "sms".', code="E_CHANNEL")
        wanted = Channel(channel)
        if (self.number if wanted is Channel.SMS else self.verifier) is None:
            what = f"The way by {wanted} is not set up for this user."
            raise MfaError(what, "Register a telephone number, or set up the app first.", code="E_CHANNEL")
        self.channel = wanted
        return wanted

    def check_message(self, code: str, t: float) -> Answer:
        """Judge a code that is said to have come by text message; each is taken once."""
        if self.message is None or not hmac.compare_digest(self.message[0].encode(), code.encode()):
            return Answer(Reason.WRONG)
        if t - self.message[1] >= SMS_LASTS:
            return Answer(Reason.EXPIRED)
        self.message = None
        return Answer(Reason.ACCEPTED, 0)
