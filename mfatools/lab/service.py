"""A service with two-step sign-in, as real ones do it: enrolment, app and SMS, lock-out, recovery codes."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from mfatools.account import Account
from mfatools.errors import MfaError
from mfatools.lab.answer import Answer, Reason, where
from mfatools.lab.clocks import Clock
from mfatools.lab.guard import Guard
from mfatools.lab.member import Channel, Member, Page
from mfatools.lab.phone import Message
from mfatools.lab.policy import Policy
from mfatools.lab.recovery import Recovery, Sheet
from mfatools.lab.verifier import make_verifier
from mfatools.secret import Secret
from mfatools.totp import Hotp, Totp

SECRET_BYTES = 20  # RFC 4226 section 4, R6: 160 bits are recommended


class Service:
    """A service that checks codes.

    Args:
        clock: its clock, or the clocks of several machines that take turns at random.
        policy: its rules; `Policy.preset` has those of real ones.
        name: the issuer that its QR names.
        misprint: settings that the QR gives otherwise than the service computes, as some do: for example
            ``{"algorithm": Algorithm.SHA256}``.
        seed: the same seed gives the same secrets, text messages and turns.
        token: a source of random bytes, in place of the seed's.

    Raises:
        MfaError: something else than clocks or rules in their places.
    """

    def __init__(
        self,
        clock: Clock | Iterable[Clock] | None = None,
        policy: Policy | None = None,
        *,
        name: str = "Example",
        misprint: dict[str, Any] | None = None,
        seed: int = 0,
        token: Callable[[int], bytes] | None = None,
    ) -> None:
        self.policy = Policy() if policy is None else _policy(policy)
        self.clocks = _clocks(clock)
        self.name = name
        self.misprint = misprint or {}
        self._random = random.Random(seed)
        self._token = self._random.randbytes if token is None else token
        self._members: dict[str, Member] = {}

    def change(self, policy: Policy) -> None:
        """Other rules from now on, also for those who are enrolled; what is recorded about them stays.

        Raises:
            MfaError: other codes (type, step, digits or hash), for which everybody would have to enrol anew.
        """
        policy, names = _policy(policy), ("type", "step", "digits", "algorithm")
        if any(getattr(policy, name) != getattr(self.policy, name) for name in names):
            what = "The codes themselves cannot be changed for those who are enrolled."
            raise MfaError(what, "Make a new service, and enrol again.", code="E_POLICY")
        self.policy = policy
        for member in self._members.values():
            member.guard.change(policy.guard)
            if member.verifier is not None:
                member.verifier.policy = policy

    # ---- enrolment -----------------------------------------------------------------------------------------

    def sign_up(self, user: str, *, number: str | None = None, anew: bool = False) -> None:
        """A new user. With a telephone number the second step is by SMS until an app is set up.

        Args:
            user: the user's name.
            number: a telephone number.
            anew: forget the user of this name, if there is one, with secret, recovery codes and lock.

        Raises:
            MfaError: there is such a user, and ``anew`` is not given.
        """
        if self.has(user) and not anew:
            what = f"There is a user {user!r} already, and signing up again would wipe the account."
            raise MfaError(what, "Take another name, or say anew=True.", code="E_USER")
        channel = Channel.APP if number is None else Channel.SMS
        self._members[user] = Member(Guard(self.policy.guard), Recovery(self._token), number, channel)

    def has(self, user: str) -> bool:
        """Is there such a user?"""
        return user in self._members

    def page(self, user: str) -> Page:
        """Open, or refresh, the set-up page. Each time there is a new secret, and the page before is void.

        An app that is already set up goes on working until the new one is confirmed.
        """
        member = self._member(user)
        otp = self._new_otp()
        printed = replace(otp, **self.misprint)
        page = Page(Account(self.name, user, printed), len(member.pages) + 1)
        member.pages.append((page, otp))
        return page

    def confirm(self, user: str, code: str, t: float) -> Answer:
        """The first code, arriving at true time ``t``: it proves that the phone has the QR of the latest page."""
        member = self._member(user)
        if not member.pages:
            return Answer(Reason.NOT_ENROLLED)
        if (refusal := member.guard.blocks(t)) is not None:
            return refusal
        candidate = make_verifier(member.pages[-1][1], self.policy)
        answer = candidate.at_enrolment(_clean(code), self._now(t))
        if member.take(answer, t).ok:
            member.verifier, member.channel = candidate, Channel.APP
            member.pages.clear()
        return answer

    # ---- signing in ----------------------------------------------------------------------------------------

    def channel(self, user: str) -> Channel:
        """Which code the sign-in page asks for."""
        return self._member(user).channel

    def switch(self, user: str, channel: Channel | str) -> Channel:
        """ "Use another way": from the app to SMS or back.

        Raises:
            MfaError: that way is not set up for this user.
        """
        return self._member(user).switch(channel)

    def verify(self, user: str, code: str, t: float) -> Answer:
        """The answer to a code that arrives at true time ``t``, by the channel that the user has chosen."""
        member = self._member(user)
        if (refusal := member.guard.blocks(t)) is not None:
            return refusal
        if member.channel is Channel.SMS:
            answer = member.check_message(_clean(code), t)
        elif member.verifier is None:
            return Answer(Reason.NOT_ENROLLED)
        else:
            answer = member.verifier.judge(_clean(code), self._now(t))
        return member.take(answer, t)

    def send_sms(self, user: str, t: float) -> Message:
        """A new code by text message, which voids the one before; it lasts `member.SMS_LASTS` seconds.

        Raises:
            MfaError: no telephone number is registered.
        """
        member = self._member(user)
        if member.number is None:
            raise MfaError("No telephone number is registered.", "Give one when signing up.", code="E_CHANNEL")
        code = str(self._random.randrange(10**6)).zfill(6)
        member.message = (code, t)
        return Message(self.name, t, code)

    def resync(self, user: str, first: str, second: str, t: float) -> Answer:
        """Two codes, one after the other, set the recorded drift (or the HOTP counter) anew.

        ``t`` is the true time at which they arrive, while the second is shown.
        """
        member = self._member(user)
        if member.verifier is None:
            return Answer(Reason.NOT_ENROLLED)
        if (refusal := member.guard.blocks(t)) is not None:
            return refusal
        answer = member.verifier.resync(_clean(first), _clean(second), self._now(t))
        return member.take(answer, t)

    # ---- the ways back in ----------------------------------------------------------------------------------

    def recovery_codes(self, user: str, count: int = 10) -> Sheet:
        """Make new recovery codes, shown this once; those made before are void."""
        return self._member(user).recovery.renew(count)

    def recovery_left(self, user: str) -> int:
        """How many recovery codes are still good."""
        return self._member(user).recovery.left

    def recover(self, user: str, code: str, t: float) -> Answer:
        """Sign in by a recovery code; each works once. Wrong ones count for the lock-out like wrong codes."""
        member = self._member(user)
        if (refusal := member.guard.blocks(t)) is not None:
            return refusal
        answer = Answer(Reason.ACCEPTED if member.recovery.use(_clean(code)) else Reason.WRONG)
        return member.take(answer, t)

    def closed(self, user: str, t: float) -> Answer | None:
        """What would meet any code that arrives at true time ``t``, right or wrong; None while codes are taken."""
        return self._member(user).guard.blocks(t)

    def unlock(self, user: str) -> None:
        """An administrator opens a locked account."""
        self._member(user).guard.unlock()

    def turn_off(self, user: str) -> None:
        """Remove the app from the account, after signing in by another way; the secret is forgotten."""
        member = self._member(user)
        member.verifier = None
        member.channel = Channel.APP if member.number is None else Channel.SMS

    # ---- what only the bench can see -----------------------------------------------------------------------

    def drift(self, user: str) -> int:
        """The drift that is recorded for this user's device, in steps (0 for HOTP)."""
        return getattr(self._member(user).verifier, "drift", 0)

    def explain(self, user: str, code: str, t: float, *, reach: int = 2880) -> str:
        """The truth about a refused code, in words; a real service would not tell. Nothing is changed.

        Args:
            user: the user.
            code: what arrived.
            t: true time at which it arrived.
            reach: how many steps (or counters) either way are searched; 2880 steps of 30 s are a day.
        """
        member, typed = self._member(user), _clean(code)
        if member.pages and (number := self._voided(member, typed, t)):
            return f"The code fits the QR of page {number}, which a refresh has made void."
        if member.verifier is None:
            return "No app is set up for this user."
        steps = member.verifier.locate(typed, self._now(t), reach)
        return where(steps, self.policy.step, self.policy.type)

    # ---- inside --------------------------------------------------------------------------------------------

    def __repr__(self) -> str:
        return f"Service({self.name!r}, {self.policy.name!r}, {len(self._members)} users)"

    def _member(self, user: str) -> Member:
        if user not in self._members:
            what = f"There is no user {user!r}."
            raise MfaError(what, "Call sign_up first.", code="E_USER")
        return self._members[user]

    def _now(self, t: float) -> float:
        clock = self.clocks[0] if len(self.clocks) == 1 else self._random.choice(self.clocks)
        return clock.at(t)

    def _new_otp(self) -> Hotp | Totp:
        policy, secret = self.policy, Secret(self._token(SECRET_BYTES))
        if policy.type == "hotp":
            return Hotp(secret, 0, policy.digits, policy.algorithm)
        return Totp(secret, policy.step, policy.digits, policy.algorithm)

    def _voided(self, member: Member, code: str, t: float) -> int | None:
        for page, otp in member.pages[:-1]:
            if make_verifier(otp, self.policy).judge(code, self._now(t)).ok:
                return page.number
        return None


def _clean(code: str) -> str:
    if not isinstance(code, str):
        raise MfaError("A code is a text.", "Put it in quotes: a number has lost its leading zeros.", code="E_CODE")
    return "".join(code.split())


def _policy(policy: Policy) -> Policy:
    if not isinstance(policy, Policy):
        what = "These are no rules of a service."
        raise MfaError(what, 'Give lab.Policy(...) or lab.Policy.preset("gitlab").', code="E_POLICY")
    return policy


def _clocks(given: Clock | Iterable[Clock] | None) -> list[Clock]:
    clocks = [given] if isinstance(given, Clock) else list(given) if isinstance(given, Iterable) else []
    if given is not None and not (clocks and all(isinstance(each, Clock) for each in clocks)):
        what = "A service's first argument is its clock, or a list of clocks."
        raise MfaError(what, "Give lab.Clock(...); rules go in as policy=lab.Policy(...).", code="E_CLOCK")
    return clocks or [Clock()]
