"""The evidence of a finding in sentences: what each code says, what the service said, and how likely luck is."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime

from mfatools.diagnose.answers import Submitted, World
from mfatools.diagnose.engine import Outcome
from mfatools.diagnose.judge import Part
from mfatools.diagnose.model import Family, Mode, Seen
from mfatools.diagnose.slips import Slip
from mfatools.phrases import length, long, percent

_SLOW = 15.0  # s from reading to sending that are worth a word
_NOTHING = "None of the codes fits this key at any clock, setting or slip that was tried."

_COUNTED = " But this cause is a common one: that it fits is hardly chance."
_LUCKY = 1e-4  # rarer luck is not worth a word


def told(part: Part, parts: Sequence[Part], outcome: Outcome) -> str:
    """The numbers that prove a finding: when each code was right and when it was read, and how likely luck is."""
    if part.family in (Family.SECRET_DIFFERENT, Family.UNKNOWN) and part.story.source is None:
        sentences = [_nothing(outcome)]
    else:
        sentences = [_sight(one, part) for one in _telling(outcome.seen)]
    sentences += [_sending(one, outcome.world) for one in outcome.world.sent[-3:]]
    if part.family is Family.SERVICE_SIDE:
        sentences.append(_inside(parts))
    weight = sum(one.weight for one in parts) / (sum(one.weight for one in outcome.parts) or 1.0)
    sentences.append(luck_text(outcome, weight, fits=part.story.source is not None))
    return " ".join(filter(None, sentences))


def _telling(seen: Sequence[Seen]) -> list[Seen]:
    """The codes to tell of, in their order: three at most, of more first one of each kind that tells something."""
    if len(seen) <= 3:
        return list(seen)
    refused = [one for one in seen if one.accepted is False and not _otherwise(one)]
    mistyped = [one for one in seen if one.accepted is False and _otherwise(one)]
    others = [one for one in seen if one.accepted is not False]
    chosen = [*mistyped[:1], *refused[:1], *others[:1], *refused[1:], *others[1:], *mistyped[1:]][:3]
    return sorted(chosen, key=lambda one: one.index)


def _nothing(outcome: Outcome) -> str:
    """That no story fits; or, if one does, that it would be luck."""
    if not outcome.seen:
        return ""
    if not any(all(fit.source for fit in part.story.fits) for part in outcome.parts):
        return _NOTHING
    return f"If some possibility fits all the same, that would be chance, as happens in {_odds(outcome)} cases."


def _sending(one: Submitted, world: World) -> str:
    """What became of a code that was sent without coming from the phone."""
    answer = f"sent at {clock_text(one.t, date=False)} UTC, was {'accepted' if one.accepted else 'refused'}."
    source = one.source
    if source is None:
        return f"A code that does not fit this key, {answer}"
    if not source.right:
        return f"A code of {source.detail or 'the other QR code'}, {answer}"
    if source.hotp:
        return f"The code of counter {one.counter}, {answer}"
    steps = one.counter - math.floor(one.t / world.step)
    if not steps:
        return f"The code of that moment, {answer}"
    return f"The code of {long(abs(steps) * world.step)} {'later' if steps > 0 else 'before'}, {answer}"


def shares(parts: Sequence[Part]) -> dict[str, float]:
    """The weight of each cause among the parts of one family."""
    held: dict[str, float] = defaultdict(float)
    for part in parts:
        held[part.cause] += part.weight
    return held


def _sight(one: Seen, part: Part) -> str:
    """When this code was shown by a right clock, and when it was read."""
    fit = part.story.fits[one.index]
    source = fit.source
    answer = {True: ", accepted", False: ", refused", None: ""}[one.accepted]
    if source is None:
        return f"Code {one.index + 1}, read at {clock_text(one.t)}, does not fit{answer}."
    if source.hotp:
        return f"Code {one.index + 1} is that of counter {fit.counter}{answer}."
    start = fit.counter * source.step
    what = "differs by a slip from the code" if fit.mode is Mode.SLIP else "is the code"
    if source.step < 1:
        return f"Code {one.index + 1} fits the time in milliseconds{answer}."
    window = f"{clock_text(start)} to {clock_text(start + source.step, date=False)} UTC"
    read = f"it was read at {clock_text(one.t, date=False)}{_way(one, start + source.step)}"
    return f"Code {one.index + 1} {what} for {window}; {read}{answer}."


def _otherwise(one: Seen) -> bool:
    """Whether something else was typed than was shown."""
    return one.typed not in (None, Slip.SPACED, Slip.FOREIGN)


def _way(one: Seen, end: float) -> str:
    """What became of a code between reading and sending, if it is worth a word: late, or after its ``end``."""
    typed = ", typed otherwise" if _otherwise(one) else ""
    if one.repeats is not None:
        typed = f", but code {one.repeats + 1} was typed again"
    late = one.delay >= _SLOW or one.t < end <= one.t + one.delay
    if one.accepted is None or not late:
        return typed
    return f"{typed}, sent {length(one.delay)} later"


def clock_text(t: float, *, date: bool = True) -> str:
    """A moment in UTC: ``"2025-10-02 12:00:07"``."""
    if not -62e9 < t < 253e9:
        return "a time beyond the calendar"
    return datetime.fromtimestamp(t, UTC).strftime("%Y-%m-%d %H:%M:%S" if date else "%H:%M:%S")


def _inside(parts: Sequence[Part]) -> str:
    """How the service's own troubles share the blame."""
    names = {
        "service_clock": "its clock",
        "service_dead": "another secret or other settings there, or another account",
        "service_died": "a secret that was changed",
        "lockout": "a lock",
        "nodes": "several servers",
    }
    held = shares(parts)
    total = sum(held.values())
    ranked = sorted(((share / total, names[c]) for c, share in held.items() if c in names), reverse=True)
    told = [f"{name} {percent(share, 0)}" for share, name in ranked if share >= 0.03]
    return f"On the service's side: {', '.join(told)}." if len(told) > 1 else ""


def luck(outcome: Outcome) -> float:
    """Probability that one of the hypotheses fits all codes by accident: about K * 10^-d * (3 * 10^-d)^(n-1).

    The three is for the neighbouring steps, in which a further code may lie (figures: the case collection).
    """
    if not outcome.codes:
        return 1.0
    chances = [1 / 10 ** len(one.code) for one in outcome.seen]
    worst = max(chances, default=1.0)
    single = worst * (3 * worst) ** (outcome.codes - 1)
    return -math.expm1(-outcome.tested * single)


def luck_text(outcome: Outcome, probability: float, *, fits: bool) -> str:
    """The number of hypotheses, and how likely it is that some one of them fits by accident.

    That is no doubt of a finding as such: a rare cause that fits may well be luck where a common one is not. Where
    the two numbers seem to contradict each other, it is said.
    """
    if not outcome.codes:
        return ""
    codes = "one code" if outcome.codes == 1 else f"{outcome.codes} different codes"
    compared = f"{outcome.tested:,} possibilities were compared with {codes}"
    if not fits:
        return f"{compared}."
    told = f"{compared}; by chance one of them would fit in {_odds(outcome)} cases."
    chance = luck(outcome)
    return told + _COUNTED if chance >= _LUCKY and probability > 1 - chance else told


def _odds(outcome: Outcome) -> str:
    chance = luck(outcome)
    return "less than one in a billion" if chance < 1e-9 else f"about 1 in {_round(1 / chance):,}"


def _round(value: float) -> int:
    unit: int = 10 ** max(0, int(math.log10(value)) - 1)
    return max(1, round(value / unit) * unit)
