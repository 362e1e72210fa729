"""The guard at the door: throttling and lock-out, RFC 4226 section 7.3.

Six digits are few. What keeps guessers out is that nobody may try often.
"""

from __future__ import annotations

from mfatools.lab.answer import Answer, Reason
from mfatools.lab.policy import GuardRule


class Guard:
    """Counts one user's tries and says when the next is allowed. Times are seconds of any one clock."""

    def __init__(self, rule: GuardRule) -> None:
        self.rule = rule
        self._counted: list[float] = []  # tries that the rates count
        self._failed: list[float] = []  # failures in a row
        self._locked_at: float | None = None

    def blocks(self, t: float) -> Answer | None:
        """The refusal that meets a try at ``t`` before its code is even looked at; None lets it through."""
        if (wait := self._lock_left(t)) > 0:
            return Answer(Reason.LOCKED, wait=wait)
        if (wait := max(self._backoff_left(t), self._rate_left(t))) > 0:
            return Answer(Reason.THROTTLED, wait=wait)
        return None

    def note(self, t: float, *, ok: bool) -> None:
        """Take down the outcome of a try that was let through."""
        if not ok or self.rule.every_try:
            self._counted.append(t)
        if ok:
            self._failed.clear()
            return
        self._failed.append(t)
        recent = [moment for moment in self._failed if moment > t - self.rule.within]
        if self.rule.lock_after is not None and len(recent) >= self.rule.lock_after:
            self._locked_at = t

    def unlock(self) -> None:
        """An administrator opens the account again."""
        self._counted.clear()
        self._failed.clear()
        self._locked_at = None

    def _lock_left(self, t: float) -> float:
        if self._locked_at is None:
            return 0.0
        left = self._locked_at + self.rule.lock_for - t
        if left <= 0:
            self._locked_at = None
            self._failed.clear()
        return max(0.0, left)

    def _backoff_left(self, t: float) -> float:
        if not self._failed or not self.rule.backoff:
            return 0.0
        return self._failed[-1] + self.rule.backoff * 2.0 ** (len(self._failed) - 1) - t

    def _rate_left(self, t: float) -> float:
        left = 0.0
        for tries, span in self.rule.rates:
            recent = [moment for moment in self._counted if moment > t - span]
            if len(recent) >= tries:
                left = max(left, recent[-tries] + span - t)
        return left
