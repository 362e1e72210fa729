"""The guard at the door: throttling and lock-out, RFC 4226 section 7.3.

Six digits are few. What keeps guessers out is that nobody may try often.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import takewhile

from mfatools.checks import number
from mfatools.lab.answer import Answer, Reason
from mfatools.lab.policy import GuardRule


class Guard:
    """Counts one user's tries and says when the next is allowed. Times are seconds of any one clock."""

    def __init__(self, rule: GuardRule) -> None:
        self.rule = rule
        self._counted: list[float] = []  # tries that the rates count, as far back as they reach
        self._failed: list[float] = []  # failures that count for the lock
        self._in_a_row = 0
        self._locked_at: float | None = None
        self._longest = max((span for _, span in rule.rates), default=0.0)

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
            self._counted = [*_since(t - self._longest, self._counted), t]
        if ok:
            self._forgive()
            return
        self._in_a_row += 1
        if self.rule.lock_after is None:
            self._failed = [t]
            return
        self._failed = [*_since(t - self.rule.within, self._failed), t]
        if len(self._failed) >= self.rule.lock_after:
            self._locked_at = t

    def change(self, rule: GuardRule) -> None:
        """Another rule from now on; what was counted so far stays counted."""
        self.rule = rule
        self._longest = max((span for _, span in rule.rates), default=0.0)

    def unlock(self) -> None:
        """An administrator opens the account again."""
        self._counted.clear()
        self._forgive()
        self._locked_at = None

    def _forgive(self) -> None:
        self._failed.clear()
        self._in_a_row = 0

    def _lock_left(self, t: float) -> float:
        if self._locked_at is None:
            return 0.0
        left = self._locked_at + self.rule.lock_for - t
        if left <= 0:
            self._locked_at = None
            self._forgive()
        return max(0.0, left)

    def _backoff_left(self, t: float) -> float:
        if not self._failed or not self.rule.backoff:
            return 0.0
        return self._failed[-1] + self.rule.backoff * 2.0 ** min(self._in_a_row - 1, 60) - t

    def _rate_left(self, t: float) -> float:
        left = 0.0
        for tries, span in self.rule.rates:
            recent = _since(t - span, self._counted)
            if len(recent) >= tries:
                left = max(left, recent[-tries] + span - t)
        return left


def _since(start: float, moments: list[float]) -> list[float]:
    return [moment for moment in moments if moment > start]


def tries(rule: GuardRule, *, pace: float = 1.0) -> Iterator[float]:
    """The moments, in seconds from the first, at which one can send wrong codes as soon as the guard allows it.

    Args:
        rule: the service's guard.
        pace: seconds between tries where nothing slows them down; more than 0.

    Raises:
        MfaError: another pace.
    """
    pace = number(pace, "pace", 1e-6)
    guard, t = Guard(rule), 0.0
    while t < math.inf:
        if (refusal := guard.blocks(t)) is None:
            yield t
            guard.note(t, ok=False)
            t += pace
        else:
            t += max(refusal.wait, 1e-6)


def tries_possible(rule: GuardRule, span: float, *, pace: float = 1.0) -> int:
    """How many wrong codes can be sent within ``span`` seconds; other arguments as for `tries`.

    Raises:
        MfaError: a span or a pace that is no number or out of its range.
    """
    span = number(span, "span", 0)
    return sum(1 for _ in takewhile(lambda t: t <= span, tries(rule, pace=pace)))
