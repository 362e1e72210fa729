"""The other side: what the service does with right and wrong codes, healthy or not.

Each model says how likely the answers (accepted, refused) are, given a story for the codes. A healthy service
takes codes within its window, each once; the others have a wrong clock, have lost the secret, are locked,
are several with different clocks, or follow another key or other settings than the QR says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import product

from mfatools.diagnose import faults
from mfatools.diagnose.answers import (
    LUCK,
    NEVER,
    PRIOR,
    Expected,
    Kind,
    Try,
    Verdict,
    World,
    everything,
    likelihood,
    taken,
    within,
)
from mfatools.diagnose.model import Explanation, Family, Mode, Seen, Source
from mfatools.diagnose.slips import Slip

_REPLAY_RULE = 0.8  # share of services that take a code once only (presets: nearly all that say)
_STRICT = {Slip.SPACED: 0.4, Slip.FOREIGN: 0.8}  # share of services that refuse a code dressed so
_EXCUSE = 0.25  # a code that was late or in foreign digits besides is a coincidence
_USED = 0.3  # share of counter-based entries that have been in use since their QR code was made
_COPIED = 0.1  # share of codes copied from a log that are of another moment or person, or have a slip (judged)
_HOTP_WINDOWS = {1: 0.15, 2: 0.1, 3: 0.2, 5: 0.15, 10: 0.3, 20: 0.05, 50: 0.05}


# How ready a service is to follow a source that is not the right one, by that source's cause.
_FOLLOWS = {"second_qr": 0.4, "wrong_entry": 0.05, "settings_ignored": 0.03, "settings_differ": 0.01}


def verdicts(story: Explanation, seen: Sequence[Seen], world: World) -> list[Verdict]:
    """All models of the service with their weights, for one story."""
    made = everything(story, seen, world)
    if all(one.accepted is None for one in made) and world.expected is None:
        return [Verdict(Kind.FAIR, 1.0)]
    if story.source is not None and story.source.right and story.source.hotp:
        told = [*_fair_hotp(made, world), *faults.stubborn(made, world)]
    else:
        told = [
            *_fair(made, world),
            *faults.stubborn(made, world),
            *faults.clock(made, world),
            *faults.local(made, world),
        ]
    told += _follows(story, seen, world)
    told = [_excused(verdict, made, world) for verdict in told if verdict.weight > 0]
    return [_informed(verdict, world) for verdict in told]


def _excused(verdict: Verdict, made: Sequence[Try], world: World) -> Verdict:
    """A refusal that has an everyday reason (late, foreign digits) speaks less for a broken service."""
    if verdict.kind in (Kind.FAIR, Kind.REPLAY, Kind.FOLLOWS) or world.hotp is not None:
        return verdict
    refused = [one for one in made if one.good and one.accepted is False and not one.probe]
    if refused and all(one.strict is Slip.FOREIGN or within(one, (1, 1), world.step) < 0.5 for one in refused):
        return replace(verdict, weight=verdict.weight * _EXCUSE)
    return verdict


def _fair(made: Sequence[Try], world: World) -> Iterator[Verdict]:
    """A healthy service: window, replay rule, and how it takes blanks and foreign digits."""
    used = _replays(made)
    for replay, strict in product((True, False), (True, False)):
        barred = late = 0.0  # weights: only the replay rule refused the used codes; they were too late besides
        for window, share in world.windows.items():
            part, inside = share, 1.0
            for one, again in zip(made, used, strict=True):
                p = taken(one, window, world.step)
                if replay and again:
                    inside *= p if one.accepted is False else 1.0
                if (replay and again) or (strict and one.strict):
                    p = LUCK
                part *= likelihood(p, one.accepted)
            barred += part * inside
            late += part * (1 - inside)
        own = (_REPLAY_RULE if replay else 1 - _REPLAY_RULE) * _strictness(made, strict) * PRIOR[Kind.FAIR]
        refused = any(one.accepted is False and again for one, again in zip(made, used, strict=True))
        detail = "strict" if strict and any(one.strict for one in made) else ""
        yield Verdict(Kind.REPLAY if replay and refused else Kind.FAIR, own * barred, detail=detail)
        if late:
            yield Verdict(Kind.FAIR, own * late, detail=detail)


def _strictness(made: Sequence[Try], strict: bool) -> float:
    odds = max((_STRICT[one.strict] for one in made if one.strict), default=0.5)
    return odds if strict else 1 - odds


def _replays(made: Sequence[Try]) -> list[bool]:
    """Which tries use a counter that an earlier, accepted try has used or passed: RFC 6238 section 5.2."""
    flags = []
    for i, one in enumerate(made):
        before = [o for j, o in enumerate(made) if o.accepted and (o.t, j) < (one.t, i) and o.good]
        flags.append(one.good and any(o.counter >= one.counter for o in before))
    return flags


def only_used(made: Sequence[Try]) -> bool:
    """Whether each refused code is one that the service had taken before: then that is the reason, however the
    person came to send it again (RFC 6238 section 5.2)."""
    refused = [one for one in made if one.accepted is False]
    before = [one for one in made if one.accepted and one.good]
    return bool(refused) and all(
        one.good and any(old.counter == one.counter and old.t <= one.t for old in before) for one in refused
    )


def _follows(story: Explanation, seen: Sequence[Seen], world: World) -> Iterator[Verdict]:
    """A service that holds another key, or uses other settings, than the QR says."""
    sources = [*(fit.source for fit in story.fits), *(sent.source for sent in world.sent)]
    others = {id(source): source for source in sources if not _right(source)}
    if world.second and not any(s and s.cause == "second_qr" for s in others.values()):
        yield Verdict(Kind.FOLLOWS, 0.3 * _since(seen), detail="second_qr")
    told = world.expected.source if world.expected else None
    if told and told.family is Family.PARAM_IGNORED and any(one.accepted is False for one in seen):
        yield Verdict(Kind.FOLLOWS, 0.1 * all(not one.accepted for one in seen), source=told)
    for source in others.values():
        weight = _FOLLOWS.get(source.cause, 0.003) if source else 0.3
        for one, fit in zip(seen, story.fits, strict=True):
            if one.accepted is not None:
                same = fit.source is source and fit.mode is not Mode.SLIP
                weight *= likelihood(0.93 if same else NEVER, one.accepted)
        for sent in world.sent:
            weight *= likelihood(0.93 if sent.source is source else NEVER, sent.accepted)
        if any(one.accepted for one in seen) or any(sent.accepted for sent in world.sent):
            yield Verdict(Kind.FOLLOWS, weight, source=source)


def _since(seen: Sequence[Seen]) -> float:
    """How well the answers fit a key that was replaced: refused from some moment on, or ever."""
    answers = [one.accepted for one in sorted(seen, key=lambda one: one.t) if one.accepted is not None]
    if answers != sorted(answers, reverse=True) or (answers and answers[-1]):
        return 0.0
    return 0.3 if True in answers else 1.0


def _right(source: Source | None) -> bool:
    return source is not None and source.right


def _fair_hotp(made: Sequence[Try], world: World) -> Iterator[Verdict]:
    """A healthy counter-based service: RFC 4226 section 7.2, the look-ahead window. Its counter is the QR's, or has
    kept up with the phone's since then."""
    weight = 0.0
    used = min((one.counter for one in made if one.good), default=0)
    starts = {world.hotp or 0: 1 - _USED, max(world.hotp or 0, used): _USED}
    for (ahead, share), (start, known) in product(_HOTP_WINDOWS.items(), starts.items()):
        expected, part = start, share * known
        for one in sorted(made, key=lambda one: one.t):
            inside = one.good and expected <= one.counter < expected + ahead
            part *= likelihood(1 - LUCK if inside else LUCK if one.good else NEVER, one.accepted)
            expected = one.counter + 1 if one.accepted and one.good else expected
        weight += part
    yield Verdict(Kind.FAIR, PRIOR[Kind.FAIR] * weight)


def _informed(verdict: Verdict, world: World) -> Verdict:
    """The weight in the light of the code that the service says it expected."""
    if world.expected is None:
        return verdict
    test = _EXPECTED.get(verdict.kind, _unmoved)
    factor = test(verdict, world.expected, world.step)
    steps = world.expected.steps * world.step
    span = (steps - world.step, steps + world.step) if verdict.kind is Kind.CLOCK else verdict.offset
    return Verdict(verdict.kind, verdict.weight * factor, span, verdict.source, verdict.detail)


def _unmoved(_verdict: Verdict, expected: Expected, _step: float) -> float:
    if expected.source is None:
        return _COPIED
    return 1.0 if expected.source.right and abs(expected.steps) <= 1 else 1e-4


def _clock_told(_verdict: Verdict, expected: Expected, step: float) -> float:
    if expected.source is None:
        return _COPIED
    right = expected.source.right and abs(expected.steps) >= 1
    return 10.0 if right else 1e-4


def _local_told(verdict: Verdict, expected: Expected, step: float) -> float:
    """Whether the code that was expected is that of this computer's clock."""
    if expected.source is None:
        return _COPIED
    right = expected.source.right
    here = verdict.offset[0] if verdict.offset else 0.0
    return 10.0 if right and abs(expected.steps * step - here) <= step else 1e-4


def _dead_told(_verdict: Verdict, expected: Expected, _step: float) -> float:
    if expected.source is None:
        return 1.0
    return 1e-2 if expected.source.right or expected.source.family is Family.PARAM_IGNORED else 1.0


def _follows_told(verdict: Verdict, expected: Expected, _step: float) -> float:
    if verdict.detail == "second_qr":
        return 10.0 if expected.source and expected.source.cause == "second_qr" else 1e-3
    return 1.0 if expected.source is verdict.source else 1e-3


_EXPECTED: dict[Kind, Callable[[Verdict, Expected, float], float]] = {
    Kind.CLOCK: _clock_told,
    Kind.LOCAL: _local_told,
    Kind.DEAD: _dead_told,
    Kind.DIED: _dead_told,
    Kind.FOLLOWS: _follows_told,
}


def family_of_source(source: Source) -> Family:
    """What it means for the service to follow this source."""
    if source.family is Family.PARAM_IGNORED:
        return Family.SERVICE_PARAM
    return source.family
