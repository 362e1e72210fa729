"""The rules by which the lab's service judges: those of a real service as a whole, or what the sliders say."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

from mfatools.errors import MfaError
from mfatools.lab import GuardRule, Policy
from mfatools.phrases import count, duration
from mfatools.widgets.explore_windows import services

RULES = ("behind", "ahead", "lock_after", "replay", "learns")
LOCK = 300.0  # s that a lock-out by the slider lasts


def known() -> list[dict[str, str]]:
    """Real services whose codes are as the bench's: short name, name, and what their rules are, in words."""
    plain = _codes(Policy())
    policies = [(service["id"], Policy.preset(service["id"])) for service in services()]
    return [{"id": key, "name": one.name, "says": words(one)} for key, one in policies if _codes(one) == plain]


def preset(name: object) -> Policy:
    """The rules of a service by its short name.

    Raises:
        MfaError: no such service, or one whose codes are made in another way than the bench's.
    """
    if not isinstance(name, str) or name not in {service["id"] for service in known()}:
        raise MfaError("There is no such service on this bench.", "Choose one from the list.", code="E_PRESET")
    return Policy.preset(name)


def from_sliders(values: dict[str, float]) -> Policy:
    """The rules that the sliders and switches say."""
    return replace(
        Policy(name="the lab's service"),
        behind=int(values["behind"]),
        ahead=int(values["ahead"]),
        replay=bool(values["replay"]),
        learns=bool(values["learns"]),
        guard=GuardRule(lock_after=int(values["lock_after"]) or None, lock_for=LOCK),
    )


def to_sliders(policy: Policy) -> dict[str, float]:
    """Where the sliders and switches stand for these rules; they cannot say all of them."""
    lock = min(10, policy.guard.lock_after or 0)
    return {**{name: getattr(policy, name) for name in RULES if name != "lock_after"}, "lock_after": lock}


def words(policy: Policy) -> str:
    """What the sliders cannot say: throttling, lock-out, and where the figures come from."""
    said = [_rate(tries, span) for tries, span in policy.guard.rates]
    if policy.guard.backoff:
        said.append(f"after a wrong code one waits {duration(policy.guard.backoff)}, and twice as long each time")
    if policy.guard.lock_after:
        lasts = policy.guard.lock_for
        until = "until somebody unlocks it" if math.isinf(lasts) else f"for {duration(lasts)}"
        said.append(f"locks after {count(policy.guard.lock_after, 'wrong code')}, {until}")
    if policy.auto_resync:
        said.append(f"{policy.auto_resync} codes in a row that are off alike set the drift")
    if policy.detects:
        said.append("says so when the clock is out of step")
    rules = "; ".join(said) or "no limit on tries"
    return f"{rules[0].upper()}{rules[1:]}. Source: {policy.source}"


def _rate(tries: int, span: float) -> str:
    return f"at most {tries} tr{'y' if tries == 1 else 'ies'} in {duration(span)}"


def _codes(policy: Policy) -> tuple[Any, ...]:
    return policy.type, policy.step, policy.digits, policy.algorithm
