"""The diagnosis as a whole: prepare, search, explain, weigh, name."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from mfatools.diagnose import causes, judge, presets, slips
from mfatools.diagnose.answers import Expected, Kind, World
from mfatools.diagnose.case import Case
from mfatools.diagnose.explain import Setting, mixed, stories, strangers
from mfatools.diagnose.judge import Part
from mfatools.diagnose.model import HARMLESS, Explanation, Family, Seen, Source
from mfatools.diagnose.prepared import prepare
from mfatools.diagnose.search import HOTP_REACH, Found, Frame, Plan, distinct, everywhere, look
from mfatools.diagnose.sent import submitted
from mfatools.diagnose.service import verdicts

WEEK = 7 * 86400.0
_SLEPT = 30 * 86400.0  # s; machines that slept fall behind by so much, and two codes can prove it
_ENTRIES = 8  # with more entries than these each is searched less far
_FIRM = 1e-4  # once luck weighs less than this share beside the best story, the far corners are left alone
_TOLD = 60  # stories that are put before the service
_APART = 0.3  # prior of two clocks, when the codes come under two labels
_FOOT = 15.0  # s either way of a zone step, for keys that were typed or read wrongly besides
_PRESSES = 100_000  # of a button: a counter that is farther away was never pressed so far
_END = 2**31  # POSIX seconds, 2038


@dataclass(slots=True)
class Work:
    """What is gathered on the way."""

    case: Case
    frame: Frame
    base: Source
    setting: Setting
    finds: list[Found] = field(default_factory=list)
    tested: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """All parts with their weights, before they are put into words."""

    parts: list[Part]
    tested: int
    codes: int
    seen: list[Seen]
    world: World
    stopped: bool = False


def weigh(
    case: Case,
    base: Source,
    *,
    span: float = WEEK,
    full: bool = False,
    progress: Callable[[float], None] | None = None,
    stop: Callable[[], bool] | None = None,
) -> Outcome:
    """Every explanation of a case with its weight; the arguments are those of `mfatools.diagnose.diagnose`."""
    seen = prepare(case)
    shift = case.local_offset_s or 0.0
    timed = case.local_offset_s is not None
    setting = Setting(timed, tuple(t - shift for t in case.changes), case.local_bound_s / 2 if timed else 0.0)
    work = Work(case, Frame(seen), base, setting)
    _search(work, causes.candidates(case, base, distinct(seen)), Plan(slips=True, zones=True))
    _begun_anew(work)
    told = _stories(work)
    if not _settled(told, seen):
        told = _farther(work, span, told)
    if full and distinct(seen) > 1 and not _settled(told, seen):
        found = everywhere(base, seen, 0, _END, progress=progress, stop=stop)
        _keep(work, found)
        told = _stories(work)
    world = replace(_world(case, base, seen), own=_own_counters(work), sent=submitted(case, base))
    parts = _named(told, seen, world)
    return Outcome(parts, work.tested, distinct(seen), seen, world, bool(stop and stop()))


def _search(work: Work, sources: Iterable[Source], plan: Plan) -> None:
    narrow = replace(plan, slips=False, zones=False)
    for source in sources:
        own = plan if source.right else replace(plan, slips=False) if source.wide else narrow
        _keep(work, look(source, work.frame, own))


def _keep(work: Work, found: Found) -> None:
    work.tested += found.tested
    if found:
        work.finds = [f for f in work.finds if f.source is not found.source] + [found]


def _farther(work: Work, span: float, told: list[Explanation]) -> list[Explanation]:
    """The far corners: a week either way, clocks that began anew, keys with rarer slips."""
    codes = distinct(work.frame.seen)
    plan = Plan(zones=True, span=span)
    if codes > 1:
        plan = replace(plan, resets=2 * 86400.0, presses=_PRESSES, past=_SLEPT)
    wide = [s for s in causes.candidates(work.case, work.base, codes) if s.wide]
    narrow = replace(plan, resets=0.0, presses=0, past=0.0, span=span * min(1.0, _ENTRIES / len(wide)))
    for source in wide if codes > 1 else wide[:1]:
        _keep_new(work, look(source, work.frame, plan if source.right else narrow))
    told = _stories(work)
    if not _settled(told, work.frame.seen):
        _search(work, causes.last_resort(work.case, work.base, codes), Plan())
        told = _stories(work)
    if codes > 1 and not _settled(told, work.frame.seen):
        for source in causes.readings(work.case, work.base):
            _keep_new(work, look(source, work.frame, Plan(zones=True, foot=_FOOT)))
        told = _stories(work)
    return told


def _begun_anew(work: Work) -> None:
    """Codes of the first counters come from button presses, or from a clock that began anew in 1970."""
    if any(all(found.hits) and found.source.cause == "totp_as_hotp" for found in work.finds):
        plan = Plan(zones=True, resets=HOTP_REACH * work.base.step)
        _keep_new(work, look(work.base, work.frame, plan))


def _keep_new(work: Work, found: Found) -> None:
    for before in (f for f in work.finds if _alike(f.source, found.source)):
        for own, hits in zip(found.hits, before.hits, strict=True):
            own += [hit for hit in hits if hit.slip]  # slips are looked for once, near the stated time
    work.finds = [f for f in work.finds if not _alike(f.source, found.source)]
    _keep(work, found)


def _alike(one: Source, other: Source) -> bool:
    return (one.cause, one.detail, one.key, one.step, one.shape) == (
        other.cause,
        other.detail,
        other.key,
        other.step,
        other.shape,
    )


def _stories(work: Work) -> list[Explanation]:
    seen = work.frame.seen
    told = [story for found in work.finds for story in stories(found, seen, work.setting)]
    told.sort(key=lambda story: -story.weight)
    told += mixed(told[:8], [f for f in work.finds if f.source.prior > 1e-4], seen)
    if len({one.label for one in seen}) > 1:
        told += _apart(work)
    told.sort(key=lambda story: -story.weight)
    return told[:_TOLD]


def _apart(work: Work) -> list[Explanation]:
    """Stories in which each label's codes have a source and a clock of their own."""
    groups: dict[str, list[int]] = {}
    for i, one in enumerate(work.frame.seen):
        groups.setdefault(one.label, []).append(i)
    if len(groups) > 3:
        return []
    told = [Explanation(tuple(strangers(work.frame.seen, 1.0).fits), _APART)]
    for places in groups.values():
        own = _group(work, places)
        told = [_joined(a, b, places) for a in told for b in own]
    return [story for story in told if _differs(story, groups)]


def _group(work: Work, places: list[int]) -> list[Explanation]:
    seen = [work.frame.seen[i] for i in places]
    told = []
    for found in work.finds:
        part = Found(found.source, [found.hits[i] for i in places], 0)
        told += stories(part, seen, work.setting)
    told = [story for story in told if all(fit.source for fit in story.fits)]
    return sorted(told, key=lambda story: -story.weight)[:6]


def _joined(one: Explanation, other: Explanation, places: list[int]) -> Explanation:
    fits = list(one.fits)
    for i, fit in zip(places, other.fits, strict=True):
        fits[i] = fit
    chosen = other if abs(other.mean) > abs(one.mean) else one
    return replace(chosen, fits=tuple(fits), weight=one.weight * other.weight, apart=True)


def _differs(story: Explanation, groups: dict[str, list[int]]) -> bool:
    """Two groups with one source and one clock are the plain story over again; with two sources it is no clock."""
    return abs(story.mean) >= HARMLESS or len({id(fit.source) for fit in story.fits}) > 1


def _settled(told: Sequence[Explanation], seen: Sequence[Seen]) -> bool:
    """Whether a story stands that luck cannot have made up."""
    if not seen or not told:
        return not seen
    luck = strangers(seen, causes.SECRET_DIFFERENT).weight
    whole = [story for story in told if all(fit.source for fit in story.fits)]
    return bool(whole) and whole[0].weight * _FIRM > luck


def _world(case: Case, base: Source, seen: Sequence[Seen]) -> World:
    windows = presets.window_prior()
    if case.service:
        windows = {(case.service.behind, case.service.ahead): 1.0}
    return World(
        windows=windows,
        step=base.step,
        local_offset=case.local_offset_s,
        second=case.second is not None and not _same(case, base),
        expected=_expected(case, base, seen),
        hotp=base.counter,
    )


def _own_counters(work: Work) -> tuple[frozenset[int], ...]:
    right = next((found for found in work.finds if found.source.right), None)
    hits = right.hits if right else [[] for _ in work.frame.seen]
    return tuple(frozenset(hit.counter for hit in own if not hit.slip) for own in hits)


def _same(case: Case, base: Source) -> bool:
    second = causes.right(case.second) if case.second else None
    return second is not None and second.key == base.key


def _expected(case: Case, base: Source, seen: Sequence[Seen]) -> Expected | None:
    """Whose code the service said it expected, at the last refused try."""
    if not case.expected_code or not seen:
        return None
    code = slips.undress(case.expected_code).clean
    last = max((one for one in seen if one.accepted is not True), default=seen[-1], key=lambda one: one.t)
    asked = replace(last, t=last.t + last.delay, code=code)
    frame = Frame([asked])
    best: tuple[float, Expected] = (math.inf, Expected(None))
    for source in causes.candidates(case, base, 1):
        if source.hotp or source.prior < 1e-3:
            continue
        for hit in look(source, frame, Plan(zones=source.right)).hits[0]:
            steps = hit.counter - int(asked.t // source.step)
            rank = (abs(steps) + 1) * (1 if source.right else 5)
            if rank < best[0]:
                best = (rank, Expected(source, steps))
    return best[1]


def _named(told: Sequence[Explanation], seen: Sequence[Seen], world: World) -> list[Part]:
    parts = []
    for story in told:
        for verdict in verdicts(story, seen, world):
            weight = story.weight * verdict.weight
            parts += [
                Part(family, cause, share * weight, story, verdict)
                for share, family, cause in judge.names(story, verdict, seen, world)
            ]
    for prior, family, cause in (
        (causes.SECRET_DIFFERENT, Family.SECRET_DIFFERENT, "secret_different"),
        (causes.UNKNOWN, Family.UNKNOWN, "unknown"),
    ):
        story = strangers(seen, prior)
        for verdict in verdicts(story, seen, world):
            told_cause = "other_key_accepted" if verdict.kind is Kind.FOLLOWS and not verdict.detail else cause
            parts.append(Part(family, told_cause, story.weight * verdict.weight, story, verdict))
    return parts
