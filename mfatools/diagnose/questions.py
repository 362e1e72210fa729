"""The next best question: of all observations one could ask for, the one expected to tell most.

For each question there is a small model of its answers under each cause. Its worth is the mutual information
between answer and cause, in bits, under the probabilities that hold now.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from mfatools.diagnose import replies
from mfatools.diagnose.case import Case
from mfatools.diagnose.engine import Outcome
from mfatools.diagnose.judge import Part
from mfatools.diagnose.model import Family
from mfatools.diagnose.reading import ANSWERS
from mfatools.diagnose.result import Probe, Question
from mfatools.diagnose.still import rows

_WORTH = 0.08  # bits; a question that tells less is not asked
_HINT = 0.002  # bits; the same of what happens inside the service, which codes and answers never prove
_INSIDE = (Family.SERVICE_SIDE, Family.LOCKOUT, Family.MULTI_NODE)
_ANSWER = " Whether the service accepts a code would show it too."
_MANY = 6  # tries that tell what many tries can tell
_LOCKS = ("lockout", "service_dead", "service_died")


@dataclass(frozen=True, slots=True)
class _Asked:
    name: str
    text: str
    answers: Callable[[Part], replies.Answers]
    fits: Callable[[Case, Outcome], bool] = lambda case, outcome: True
    ease: float = 1.0  # what costs more tries or time counts less, what ought to be done anyway more


def next_question(case: Case, outcome: Outcome, probes: Sequence[Probe] = ()) -> Question | None:
    """The question whose answer is expected to tell most, or None when nothing is open.

    ``probes`` are the probe codes on offer; without any they are not asked for.
    """
    states = _states(outcome.parts)
    best: Question | None = None
    best_part = max(outcome.parts, key=lambda part: part.weight)
    untold = True not in _told(case)
    least = _HINT if best_part.family in _INSIDE else _WORTH
    for asked in _QUESTIONS:
        if asked.name in dict(case.answers) or not asked.fits(case, outcome):
            continue
        if asked.name == "probe_codes" and not probes:
            continue
        bits = _information(states, asked.answers) * asked.ease
        if bits > (best.bits if best else least):
            names = ", then ".join(probe.name for probe in probes)
            best = Question(
                asked.name,
                asked.text.format(probes=names, answer=_ANSWER * untold),
                bits,
                ANSWERS.get(asked.name, ()),
            )
    return best or _confirming(case, outcome, best_part)


def _confirming(case: Case, outcome: Outcome, best: Part) -> Question | None:
    """What a further look can confirm where codes and answers alone never prove it, however well they fit: a slip
    that nobody saw, and the strictness of a service."""
    if best.cause.startswith("slip_") and outcome.codes == 1:
        name = "second_code"
    elif best.cause in ("edge", "clock_edge"):
        name = "many_tries" if _by_turns(case, outcome) else "flip"
    else:
        return None
    asked = next(one for one in _QUESTIONS if one.name == name)
    return Question(name, asked.text, 0.0) if asked.fits(case, outcome) else None


def heard(case: Case, outcome: Outcome) -> Outcome:
    """The outcome in the light of the questions that were answered in a word."""
    models = {asked.name: asked.answers for asked in _QUESTIONS}
    parts = outcome.parts
    for name, answer in case.answers:
        parts = [replace(part, weight=part.weight * models[name](part).get(answer, 0.0)) for part in parts]
    return replace(outcome, parts=parts)


def _states(parts: Sequence[Part]) -> list[tuple[float, Part]]:
    """The causes with their probabilities, each with its heaviest part to speak for it."""
    total = sum(part.weight for part in parts)
    weights: dict[tuple[Family, str], float] = defaultdict(float)
    speaker: dict[tuple[Family, str], Part] = {}
    for part in parts:
        key = (part.family, part.cause)
        weights[key] += part.weight
        if key not in speaker or part.weight > speaker[key].weight:
            speaker[key] = part
    return [(weight / total, speaker[key]) for key, weight in weights.items() if weight > 1e-4 * total]


def _information(states: Sequence[tuple[float, Part]], answers: Callable[[Part], replies.Answers]) -> float:
    overall: dict[str, float] = defaultdict(float)
    inside = 0.0
    for probability, part in states:
        given = answers(part)
        inside += probability * _entropy(given.values())
        for answer, p in given.items():
            overall[answer] += probability * p
    return _entropy(overall.values()) - inside


def _entropy(values: Iterable[float]) -> float:
    return -sum(p * math.log2(p) for p in values if p > 0)


def _told(case: Case) -> set[bool | None]:
    """What the service has said so far, to the phone's codes and to those sent besides."""
    return {look.accepted for look in case.looks} | {sent.accepted for sent in case.sent}


def _refused_last(case: Case, _outcome: Outcome) -> bool:
    """Whether the last answer of the service was no."""
    answers = [(look.read_at_local + look.typed_after_s, look.accepted) for look in case.looks]
    answers += [(sent.at, sent.accepted) for sent in case.sent]
    told = [(t, accepted) for t, accepted in answers if accepted is not None]
    return bool(told) and max(told)[1] is False


def _may_be_locked(case: Case, outcome: Outcome) -> bool:
    """Whether a lock-out is likely enough to wait for its end, be it now or the next time."""
    total = sum(part.weight for part in outcome.parts)
    names = _LOCKS if _refused_last(case, outcome) else _LOCKS[:1]
    return False in _told(case) and sum(part.weight for part in outcome.parts if part.cause in names) > 0.02 * total


def _by_turns(case: Case, outcome: Outcome) -> bool:
    """Whether codes were accepted and refused, and more tries do no harm: not where they may have locked it."""
    best = max(outcome.parts, key=lambda part: part.weight)
    few = len(case.looks) < _MANY or best.cause == "nodes"  # of servers their names are still to be noted
    return best.cause != "lockout" and _refused_after_accepted(case, outcome) and few


def _refused_after_accepted(case: Case, _outcome: Outcome) -> bool:
    return {True, False} <= _told(case)


def _refused_only(case: Case, _outcome: Outcome) -> bool:
    return False in _told(case) and True not in _told(case)


def _agree_unmeasured(case: Case, outcome: Outcome) -> bool:
    """Whether right codes are refused while nobody knows whether phone and computer are right together."""
    best = max(outcome.parts, key=lambda part: part.weight)
    return case.local_offset_s is None and best.family is Family.SERVICE_SIDE and _refused_only(case, outcome)


def _may_be_old(_case: Case, outcome: Outcome) -> bool:
    """Whether the display may not have been renewed: a code that stayed, or, among several, one that was old."""
    best = max(outcome.parts, key=lambda part: part.weight)
    return bool(rows(outcome.seen, outcome.world.step)) or (
        outcome.codes > 1 and best.cause in ("stale", "read_late")
    )


_QUESTIONS = (
    _Asked(
        "second_code",
        "Read a second code right after it has changed, and add it with its time: two codes in a row tell a wrong "
        "clock from an old display, a slip or another key, and make a search over weeks possible.",
        replies.second_code,
        lambda case, outcome: outcome.codes < 3,
    ),
    _Asked(
        "network_time",
        "Let this computer ask a time server (or compare it with time.is): is this computer wrong, or the "
        "phone?{answer}",
        replies.network,
        lambda case, outcome: case.local_offset_s is None,
    ),
    _Asked(
        "network_time",
        "Before you spend more tries, let this computer ask a time server (or compare it with time.is): phone and "
        "computer agree, but both may be wrong.",
        replies.network,
        _agree_unmeasured,
        3.0,
    ),
    _Asked(
        "try_code",
        "Send a fresh code to the service: is it accepted?",
        replies.try_it,
        lambda case, outcome: all(look.accepted is None for look in case.looks),
        0.9,
    ),
    _Asked(
        "fresh_code",
        "Wait for the code to change, then send the new one at once, typed with care: is it accepted?",
        replies.fresh,
        _refused_last,
    ),
    _Asked(
        "probe_codes",
        "Send the probe codes one after another, within the limit of tries: {probes}. What is accepted tells where "
        "the fault lies: an old one means that the service's clock is behind, an early one that it is ahead. If "
        "none is, the service holds another secret, or it has locked you out.",
        replies.probe,
        _refused_only,
    ),
    _Asked(
        "others_fail",
        "Do other people's codes fail at this service too? If all do, its clock is wrong; if only yours, it is the "
        "secret that it holds for you, or a lock.",
        replies.others_fail,
        _refused_only,
    ),
    _Asked(
        "wait_and_try",
        "Wait a quarter of an hour without trying, then send one fresh code: has a lock-out passed?",
        replies.wait,
        _may_be_locked,
        0.7,
    ),
    _Asked(
        "other_qr",
        "Add a second picture of the set-up page as it is now, and the other entries on the phone: the code may "
        "belong to one of them, or the page may have made a new key.",
        replies.other_qr,
        lambda case, outcome: case.second is None,
    ),
    _Asked(
        "many_tries",
        "Try six to ten fresh codes. Note for each the second at which the phone changed its code, the second at "
        "which you sent it, and the server's name if the page shows one: refusals at the same second mean a "
        "window, refusals at random several servers.",
        replies.many,
        _by_turns,
        0.5,
    ),
    _Asked(
        "sync_here",
        "Synchronise this computer's clock, reload the page and try again: is the code accepted now?",
        replies.sync_here,
        lambda case, outcome: abs(case.local_offset_s or 0.0) >= 10 and _refused_only(case, outcome),
        1.5,
    ),
    _Asked(
        "wall_clock",
        "Look at the phone's own clock: are its time, its date and its time zone right?",
        replies.wall_clock,
        lambda case, outcome: True,
        0.8,
    ),
    _Asked(
        "reopen",
        "Close the app, open it again and read the code once more: another code now means that the app had not "
        "refreshed its display; the same code, that its clock has stopped.",
        replies.reopen,
        _may_be_old,
        1.5,
    ),
    _Asked(
        "flip",
        "Tap when the code changes, a few times: that tells the phone's clock to a fraction of a second.",
        replies.flip,
        lambda case, outcome: not case.changes,
        0.8,
    ),
)
