"""What a finding must say besides its own cause: a second fault of the clock, and what nobody has measured.

A key that was misread hides a clock that is wrong: once the key is mended, the clock is the next trouble.
"""

from __future__ import annotations

from dataclasses import dataclass

from mfatools.diagnose import apps
from mfatools.diagnose.case import Case
from mfatools.diagnose.judge import Part
from mfatools.diagnose.model import HARMLESS
from mfatools.diagnose.phrases import CLOCK, CLOCK_FINE
from mfatools.diagnose.platforms import device

_UNMEASURED = "The clock that makes the codes agrees with this computer's; whether both are right was not measured."
_CLOCKS = ("clock is right", "clock and the key are right", "key and the clock are right")  # all that is said of it


@dataclass(frozen=True, slots=True)
class Aside:
    """Text to add to a finding: a sentence, a step of the remedy, and what is ruled out."""

    sentence: str
    steps: tuple[str, ...]
    rules_out: str


def aside(part: Part, case: Case, rules_out: str, offset: str) -> Aside:
    """What to add to the finding of ``part``; ``offset`` is its clock in words."""
    if _two_faults(part) and any(words in rules_out for words in _CLOCKS):
        return Aside(f" Besides, the clock that makes the codes is {offset}.", (CLOCK,), "")
    if case.local_offset_s is None and all(look.accepted is not True for look in case.looks):
        rules_out = rules_out.replace(CLOCK_FINE, _UNMEASURED)
    if device(case) != "phone":
        rules_out = rules_out.replace("The phone's clock", "The clock that makes the codes")
        rules_out = rules_out.replace(": leave the phone alone", "")
    return Aside("", (), rules_out)


def named(case: Case, title: str) -> str:
    """The title with the device called what it is: phone, computer or token."""
    return title.replace("The phone's", f"The {device(case)}'s")


def correction(case: Case, cause: str) -> tuple[str, ...]:
    """The further step for an app that keeps a time correction of its own, which may be what is wrong."""
    where = apps.correction(case.app)
    if not where or cause not in ("clock_off", "clock_drifts", "clock_edge"):
        return ()
    return (f"If that clock is right already, renew the app's own correction. {where}",)


def _two_faults(part: Part) -> bool:
    """Whether the codes fit another source, at a clock that is wrong for sure."""
    story = part.story
    source = story.source
    if source is None or source.right or source.hotp or source.step < 1 or story.local:
        return False
    return abs(story.mean) >= HARMLESS and (story.low > 0 or story.high < 0)
