"""Cases that cannot be computed: other schemes than HOTP and TOTP, codes of a strange look, no codes at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mfatools.diagnose import causes, slips
from mfatools.diagnose.answers import Kind, Verdict, World
from mfatools.diagnose.case import Case, Look
from mfatools.diagnose.engine import Outcome
from mfatools.diagnose.explain import strangers
from mfatools.diagnose.judge import Part
from mfatools.diagnose.model import Family, Seen
from mfatools.diagnose.prepared import prepare
from mfatools.diagnose.result import Question
from mfatools.totp import STEAM_ALPHABET, STEAM_DIGITS

_NOWHERE = World(windows={(1, 1): 1.0}, step=30, local_offset=None)
_LENGTHS = range(5, 9)  # digits that an authenticator may show


def other_scheme(case: Case) -> Outcome:
    """The entry itself is of another scheme."""
    seen = prepare(case)
    return _outcome(seen, [(0.96, Family.NONSTANDARD, "other_scheme", case.entry.scheme), (0.04, *_UNKNOWN)])


def no_codes(case: Case) -> Outcome:
    """Nothing was read yet."""
    return _outcome([], [(1.0, Family.UNKNOWN, "no_codes", "")])


def sent_only(case: Case) -> Case:
    """A case whose only codes were computed: they are the ones to look at."""
    looks = tuple(Look(one.code, one.at, None, 1.0, 0.0, one.accepted, "computed") for one in case.sent)
    return replace(case, looks=looks, sent=())


_UNKNOWN = (Family.UNKNOWN, "unknown", "")


def strange_look(seen: Sequence[Seen]) -> str:
    """The kind of scheme that codes of this look belong to, or an empty text if they may be HOTP or TOTP."""
    for one in seen:
        if not (one.code.isascii() and one.code.isdigit()):
            return "letters"
        if len(one.code) not in _LENGTHS and len(one.code) != 10:
            return "push"
    return ""


def looks_like_steam(case: Case) -> bool:
    """Whether the entry is Steam's and so are all its codes by their look, be they of this key or not."""
    base = causes.right(case.entry)
    if base is None or not base.shape.steam or not case.looks:
        return False
    codes = [slips.undress(look.shown).clean for look in case.looks]
    return all(len(code) == STEAM_DIGITS and set(code.upper()) <= set(STEAM_ALPHABET) for code in codes)


def with_strange(case: Case, outcome: Outcome) -> Outcome:
    """The outcome, and beside it: the codes are no HOTP or TOTP codes at all, if their look says so."""
    look = "" if looks_like_steam(case) else strange_look(outcome.seen)
    if not look:
        return _own_scheme(case, outcome)
    story = strangers(outcome.seen, 1.0)
    part = Part(Family.NONSTANDARD, "other_scheme", story.weight, story, _verdict(look))
    return replace(outcome, parts=[*outcome.parts, part])


def _own_scheme(case: Case, outcome: Outcome) -> Outcome:
    """A service known for a scheme of its own refuses plain codes of its key, right as they are."""
    issuer = case.entry.account.issuer.lower() if case.entry.account else ""
    refused = [part for part in outcome.parts if part.family is Family.SERVICE_SIDE]
    if "yandex" not in issuer or not refused:
        return outcome
    own = [
        replace(part, family=Family.NONSTANDARD, cause="other_scheme", weight=4 * part.weight) for part in refused
    ]
    told = [replace(part, verdict=_verdict("yandex")) for part in own]
    return replace(outcome, parts=[*outcome.parts, *told])


def first_question(case: Case) -> Question | None:
    """What to ask when there is nothing yet to go by."""
    if not case.looks:
        return Question("first_code", "Read the code that the phone shows now, and note the time.", 1.0)
    if case.entry.scheme == "motp":
        return Question("pin", "The PIN of this entry would be needed to check the codes; only its app can.", 0.1)
    return None


def _outcome(seen: list[Seen], weighed: list[tuple[float, Family, str, str]]) -> Outcome:
    parts = [
        Part(family, cause, weight, strangers(seen, 1.0), _verdict(detail))
        for weight, family, cause, detail in weighed
    ]
    return Outcome(parts, 0, len({one.code for one in seen}), seen, _NOWHERE)


def _verdict(detail: str) -> Verdict:
    return Verdict(Kind.FAIR, 1.0, detail=detail)
