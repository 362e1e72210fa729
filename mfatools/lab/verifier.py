"""How a service judges one code: RFC 6238 sections 5.2 and 6 for time, RFC 4226 section 7 for counters."""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Iterator

from mfatools.lab.answer import Answer, Reason
from mfatools.lab.policy import Policy
from mfatools.totp import Encoder, Hotp, Totp


def make_verifier(otp: Hotp | Totp, policy: Policy) -> TimeVerifier | CounterVerifier:
    """The verifier that fits the kind of code."""
    return CounterVerifier(otp, policy) if isinstance(otp, Hotp) else TimeVerifier(otp, policy)


class _Codes:
    """The codes of one secret by their counter, with pyotp's object kept for speed."""

    def __init__(self, otp: Hotp | Totp) -> None:
        self.otp = otp
        self._handler = otp.pyotp()

    def fits(self, code: str, counter: int) -> bool:
        # As bytes: `compare_digest` takes no text with letters beyond ASCII, and people type what they like.
        if counter < 0:
            return False
        return hmac.compare_digest(str(self._handler.generate_otp(counter)).encode(), code.encode())

    def first(self, code: str, counters: Iterable[int]) -> int | None:
        return next((counter for counter in counters if self.fits(code, counter)), None)

    def well_formed(self, code: str) -> bool:
        steam = isinstance(self.otp, Totp) and self.otp.encoder is Encoder.STEAM
        return len(code) == self.otp.digits and code.isascii() and (code.isalnum() if steam else code.isdigit())


class TimeVerifier:
    """Judges TOTP codes of one secret.

    It remembers the last step that was taken (``last``), the steps taken of late, the recorded ``drift`` in steps,
    and the places of the latest failed codes, from which ``auto_resync`` learns.
    """

    def __init__(self, otp: Totp, policy: Policy) -> None:
        self._codes = _Codes(otp)
        self._otp = otp
        self.policy = policy
        self.drift = 0
        self.last: int | None = None
        self._strays: list[dict[int, int]] = []  # counter -> steps off, one for each failed code
        self._used: set[int] = set()

    def judge(self, code: str, t: float) -> Answer:
        """The answer to a code that arrives when the service's clock shows ``t`` (POSIX seconds)."""
        if not self._codes.well_formed(code):
            return Answer(Reason.MALFORMED)
        now = self._otp.counter(t)
        counter = self._codes.first(code, self._near(now))
        if counter is None:
            return self._stray(code, now)
        older = self.policy.replay and self.last is not None and counter <= self.last
        if older or self._replays(counter):
            return Answer(Reason.REPLAYED, counter - now)
        return self._take(Reason.ACCEPTED, counter, now)

    def resync(self, first: str, second: str, t: float) -> Answer:
        """Two codes one after the other set the drift anew, as far as ``resync_reach``.

        RFC 6238 section 6 asks for "additional authentication measures" there; that several codes in a row can be
        one is the idea of RFC 4226 section 7.4.
        """
        if not (self._codes.well_formed(first) and self._codes.well_formed(second)):
            return Answer(Reason.MALFORMED)
        now, reach = self._otp.counter(t), self.policy.resync_reach
        for counter in _nearest_first(now, reach, reach):
            if self._codes.fits(second, counter) and self._codes.fits(first, counter - 1):
                if self._replays(counter) or self._replays(counter - 1):
                    return Answer(Reason.REPLAYED, counter - now)
                self.drift = counter - now
                return self._take(Reason.RESYNCED, counter, now)
        return Answer(Reason.WRONG)

    def locate(self, code: str, t: float, reach: int) -> int | None:
        """For the teacher: the steps at which this code stands, searched ``reach`` either way; changes nothing."""
        now = self._otp.counter(t)
        counter = self._codes.first(code, _nearest_first(now, reach, reach))
        return None if counter is None else counter - now

    def at_enrolment(self, code: str, t: float) -> Answer:
        """Judge the first code, for which the window may be another one."""
        usual, self.policy = self.policy, self.policy.at_enrolment()
        try:
            return self.judge(code, t)
        finally:
            self.policy = usual

    def _near(self, now: int) -> Iterable[int]:
        # RFC 6238 section 6: the window lies around the drift recorded at the last success.
        return _nearest_first(now + self.drift, self.policy.behind, self.policy.ahead)

    def _replays(self, counter: int) -> bool:
        # RFC 6238 section 5.2: the verifier must not accept a second attempt of a code it has taken. That holds for
        # a resynchronisation too, or whoever saw two codes being typed could send them once more.
        return self.policy.replay and counter in self._used

    def _take(self, reason: Reason, counter: int, now: int) -> Answer:
        if self.last is None or reason is Reason.RESYNCED:
            self.last = counter  # the device's time was set anew, perhaps backwards: begin to count from here
        self.last = max(counter, self.last)
        self._strays.clear()
        oldest = now - 2 * self.policy.resync_reach - 2  # nothing older can come back, whatever machine judges it
        self._used = {*(used for used in self._used if used >= oldest), counter}
        if self.policy.learns:
            self.drift = counter - now
        return Answer(reason, counter - now)

    def _stray(self, code: str, now: int) -> Answer:
        """A code outside the window: perhaps it says by how much the clock is out of step."""
        if self.policy.auto_resync and (counter := self._agreed(code, now)) is not None:
            self.drift = counter - now
            return self._take(Reason.RESYNCED, counter, now)
        reach = self.policy.detects
        counter = self._codes.first(code, _nearest_first(now, reach, reach)) if reach else None
        return Answer(Reason.WRONG) if counter is None else Answer(Reason.OUT_OF_STEP, counter - now)

    def _agreed(self, code: str, now: int) -> int | None:
        """The counter of this code, when the latest failed codes stood (within a step) equally far off."""
        needed, reach = self.policy.auto_resync, self.policy.resync_reach
        around = range(now - reach, now + reach + 1)
        places = {c: c - now for c in around if self._codes.fits(code, c) and not self._replays(c)}
        # The same code typed again proves nothing: of each step only one try is kept.
        earlier = [old for old in self._strays if not old.keys() & places.keys()]
        self._strays = [*earlier, places][-needed:]
        if len(self._strays) < needed:
            return None
        agree = (c for c, off in places.items() if all(_has_near(off, old.values()) for old in self._strays))
        return next(agree, None)


class CounterVerifier:
    """Judges HOTP codes of one secret; ``counter`` is the one that is due."""

    def __init__(self, otp: Hotp, policy: Policy) -> None:
        self._codes = _Codes(otp)
        self.counter = otp.counter
        self.policy = policy

    def judge(self, code: str, t: float) -> Answer:
        """The answer to a code; the time plays no part. RFC 4226 section 7.2: look ahead, never back."""
        return self._search(Reason.ACCEPTED, (code,), self.policy.look_ahead)

    at_enrolment = judge

    def resync(self, first: str, second: str, t: float) -> Answer:
        """Two codes one after the other find a counter further ahead: RFC 4226 section 7.4."""
        return self._search(Reason.RESYNCED, (first, second), self.policy.resync_reach)

    def locate(self, code: str, t: float, reach: int) -> int | None:
        """For the teacher: how far from the due counter this code is; changes nothing."""
        counter = self._codes.first(code, _nearest_first(self.counter, reach, reach))
        return None if counter is None else counter - self.counter

    def _search(self, reason: Reason, codes: tuple[str, ...], reach: int) -> Answer:
        if not all(self._codes.well_formed(code) for code in codes):
            return Answer(Reason.MALFORMED)
        for counter in range(self.counter, self.counter + reach + 1):
            if all(self._codes.fits(code, counter + place) for place, code in enumerate(codes)):
                ahead = counter - self.counter
                self.counter = counter + len(codes)
                return Answer(reason, ahead)
        if self._codes.fits(codes[0], self.counter - 1):
            return Answer(Reason.REPLAYED, -1)
        return Answer(Reason.WRONG)


def _nearest_first(centre: int, behind: int, ahead: int) -> Iterator[int]:
    """0, -1, +1, -2, +2, ... around the centre, as far as the window goes."""
    yield centre
    for distance in range(1, max(behind, ahead) + 1):
        if distance <= behind:
            yield centre - distance
        if distance <= ahead:
            yield centre + distance


def _has_near(wanted: int, offsets: Iterable[int]) -> bool:
    return any(abs(wanted - offset) <= 1 for offset in offsets)
