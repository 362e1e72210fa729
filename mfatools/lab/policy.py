"""What a service allows: its window, replay rule, lock-out; and the presets of real ones."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any, Self

from mfatools import data
from mfatools.checks import number, whole
from mfatools.errors import MfaError
from mfatools.totp import Algorithm


@dataclass(frozen=True, slots=True)
class GuardRule:
    """How a service slows down guessing: RFC 4226 section 7.3 (throttling), RFC 6238 section 5.2 leaves it open.

    Args:
        rates: ``(tries, seconds)`` pairs: no more failed tries than that in any such span.
        every_try: the rates count successful tries too.
        lock_after: failures in a row after which the account is locked; None is never.
        within: only failures of the last ``within`` seconds count for the lock.
        lock_for: seconds that the lock lasts; infinite means until somebody unlocks it.
        backoff: after n failures in a row one waits ``backoff * 2**(n - 1)`` seconds; 0 is no waiting.

    Raises:
        MfaError: a setting outside its range.
    """

    rates: tuple[tuple[int, float], ...] = ()
    every_try: bool = False
    lock_after: int | None = None
    within: float = math.inf
    lock_for: float = math.inf
    backoff: float = 0.0

    def __post_init__(self) -> None:
        for tries, span in self.rates:
            whole(tries, "The tries of a rate", 1, 10**9, code="E_GUARD")
            number(span, "The seconds of a rate", 0, code="E_GUARD")
        if self.lock_after is not None:
            whole(self.lock_after, "lock_after", 1, 10**9, code="E_GUARD")
        for name in ("within", "lock_for"):
            if getattr(self, name) != math.inf:
                number(getattr(self, name), name, 0, code="E_GUARD")
        number(self.backoff, "backoff", 0, code="E_GUARD")


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules of one service. The defaults are what most do: one step either way, no code twice.

    Args:
        name: the service, for people.
        type: ``"totp"`` or ``"hotp"``.
        step, digits, algorithm: the settings of the codes (seconds; 1 to 10; the hash).
        behind, ahead: steps of age and of earliness that are still taken.
        confirm_behind, confirm_ahead: the same for the first code of an enrolment; None is the same window.
        replay: a code that was taken, and any older one, is refused (RFC 6238 section 5.2).
        learns: the drift seen at a success moves the window (RFC 6238 section 6).
        auto_resync: so many failed codes in a row that agree on one drift set it; 0 is off.
        resync_reach: steps either way that a resynchronisation searches.
        detects: a code up to so many steps off is refused, but told apart as "clock out of step"; 0 is off.
        look_ahead: HOTP: counters tried beyond the next one (RFC 4226 section 7.4, its parameter s).
        guard: throttling and lock-out.
        source: where the figures come from.

    Raises:
        MfaError: a setting outside its range.
    """

    name: str = "a service with one step either way"
    type: str = "totp"
    step: int = 30
    digits: int = 6
    algorithm: Algorithm = Algorithm.SHA1
    behind: int = 1
    ahead: int = 1
    confirm_behind: int | None = None
    confirm_ahead: int | None = None
    replay: bool = True
    learns: bool = False
    auto_resync: int = 0
    resync_reach: int = 20
    detects: int = 0
    look_ahead: int = 10
    guard: GuardRule = GuardRule()
    source: str = ""

    def __post_init__(self) -> None:
        for name in ("behind", "ahead", "look_ahead", "resync_reach", "detects", "auto_resync"):
            whole(getattr(self, name), name, 0, 10**6, code="E_WINDOW")
        for name in ("confirm_behind", "confirm_ahead"):
            whole(getattr(self, name) or 0, name, 0, 10**6, code="E_WINDOW")
        whole(self.step, "step", 1, 86_400, code="E_PERIOD")
        whole(self.digits, "digits", 1, 10, code="E_DIGITS")
        if self.type not in ("totp", "hotp"):
            raise MfaError(
                "The bench's service knows totp and hotp.", 'Set type to "totp" or "hotp".', code="E_TYPE"
            )

    @classmethod
    def preset(cls, name: str) -> Self:
        """The rules of a real verifier by its short name, one of `presets`.

        Raises:
            MfaError: no such preset.
        """
        table = data.verifiers()
        if not isinstance(name, str) or name not in table:
            what = f"There is no preset {name!r}."
            raise MfaError(what, f"There are: {', '.join(table)}.", code="E_PRESET")
        return cls(**_fields(table[name]))

    def at_enrolment(self) -> Self:
        """These rules with the window that holds for the first code."""
        behind = self.behind if self.confirm_behind is None else self.confirm_behind
        ahead = self.ahead if self.confirm_ahead is None else self.confirm_ahead
        return replace(self, behind=behind, ahead=ahead)


def presets() -> dict[str, str]:
    """The short names of the real verifiers that are built in, each with its full name."""
    return {key: entry["name"] for key, entry in data.verifiers().items()}


def _fields(entry: dict[str, Any]) -> dict[str, Any]:
    """A line of the table as arguments of `Policy`; what the maker does not publish keeps the default."""
    given = {key: value for key, value in entry["policy"].items() if value is not None}
    guard = given.pop("guard", {})
    if "rates" in guard:
        guard = guard | {"rates": tuple((tries, float(span)) for tries, span in guard["rates"])}
    window = {"behind": entry["look_behind"], "ahead": entry["look_ahead"]}
    given |= {key: value for key, value in window.items() if value is not None}
    return given | {
        "name": entry["name"],
        "step": entry["step_s"],
        "guard": GuardRule(**guard),
        "source": entry["source"],
    }
