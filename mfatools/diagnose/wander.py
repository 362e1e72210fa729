"""A clock that was right at one reading and is wrong at a later one: it drifts, or went wrong in between.

Each is a hypothesis of its own beside the steady clock (`explain`), for readings that lie hours or days apart.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from mfatools.diagnose.model import HARMLESS, Explanation, Fit, Mode, Seen
from mfatools.diagnose.search import Found

_DAY = 86400.0
_RATES = [sign * 0.15 * 1.25**n for n in range(22) for sign in (1, -1)]  # s a day, up to 16
_RATE_SCALE = 2.5  # s a day: what clocks without a time service lose or gain (case book: 1 to 3)
_DRIFTING = 0.3  # share of wrong clocks that drift noticeably over days
_FORGOTTEN = 30.0  # days after which an earlier reading hardly tells whether the clock is right now (judged)
_CHANGED = 0.5  # how much it tells even then: phones that keep time go on keeping it
_PLAUSIBLE = 5.0  # s a day; a clock that lost no more than this is likelier to drift than to have been set

Steady = Callable[[Found, Sequence[Seen]], Iterator[Explanation]]  # the stories with one offset for all codes


def stories(found: Found, seen: Sequence[Seen], steady: Steady) -> Iterator[Explanation]:
    """The stories of a clock that does not stay as it was; their offsets are given for the last code."""
    yield from _one_of_each(_drifting(found, seen, steady))
    yield from _changed(found, seen, steady)


def _changed(found: Found, seen: Sequence[Seen], steady: Steady) -> Iterator[Explanation]:
    """Stories in which the clock was right until some day, and wrong by one amount ever since."""
    order = sorted(range(len(seen)), key=lambda i: seen[i].t)
    for k in range(1, len(order)):
        early, late = order[:k], order[k:]
        days = (seen[late[0]].t - seen[early[-1]].t) / _DAY
        if days < 1:
            continue
        right = [story for story in _part(found, seen, early, steady) if abs(story.mean) < HARMLESS]
        share = (
            -_CHANGED * math.expm1(-days / _FORGOTTEN) * sum(story.weight for story in right) / found.source.prior
        )
        for story in _part(found, seen, late, steady) if right else ():
            if abs(story.mean) >= HARMLESS:
                fits = dict(zip(late, story.fits, strict=True)) | dict(zip(early, right[0].fits, strict=True))
                rate = story.mean / days
                yield replace(
                    story,
                    fits=tuple(fits[i] for i in range(len(seen))),
                    weight=story.weight * share,
                    rate=rate if abs(rate) <= _PLAUSIBLE else 0.0,
                )


def _part(found: Found, seen: Sequence[Seen], places: Sequence[int], steady: Steady) -> list[Explanation]:
    """The plain stories of some of the codes, with a clock of their own."""
    own = Found(found.source, [found.hits[i] for i in places], 0)
    told = steady(own, [seen[i] for i in places])
    return [story for story in told if not story.local and all(fit.mode is Mode.FRESH for fit in story.fits)]


def _drifting(found: Found, seen: Sequence[Seen], steady: Steady) -> Iterator[Explanation]:
    """Stories in which the clock gains or loses steadily; offsets are given for the last code."""
    last = max(one.t for one in seen)
    total = sum(math.exp(-abs(rate) / _RATE_SCALE) * abs(rate) for rate in _RATES)
    near = _near_hits(found, seen, 1800.0)
    if not all(near.hits):
        return
    for rate in _RATES:
        share = _DRIFTING * math.exp(-abs(rate) / _RATE_SCALE) * abs(rate) / total
        moved = [replace(one, t=one.t + rate * (one.t - last) / _DAY) for one in seen]
        if not _meet(near, moved):
            continue
        for story in steady(near, moved):
            if all(fit.mode is Mode.FRESH for fit in story.fits):
                yield replace(story, weight=story.weight * share, rate=-rate if story.local else rate)


def _one_of_each(drifting: Iterable[Explanation]) -> Iterator[Explanation]:
    """Stories that differ in the rate alone made one: nobody knows the rate, so its offset is known less well."""
    alike: dict[tuple[tuple[Fit, ...], bool], list[Explanation]] = defaultdict(list)
    for story in drifting:
        alike[story.fits, story.local].append(story)
    for own in alike.values():
        total = sum(story.weight for story in own)
        best = max(own, key=lambda story: story.weight)
        near = [story for story in own if story.weight >= 0.02 * best.weight]
        mean, rate = (
            sum(story.weight * x for story, x in zip(own, xs, strict=True)) / total
            for xs in ([story.mean for story in own], [story.rate for story in own])
        )
        low, high = min(story.low for story in near), max(story.high for story in near)
        yield replace(best, weight=total, low=low, high=high, mean=mean, rate=rate)


def _meet(found: Found, seen: Sequence[Seen]) -> bool:
    """Whether there is an offset at which every code has a fresh hit: else no steady clock tells this story."""
    step, common = found.source.step, [(-math.inf, math.inf)]
    for one, hits in zip(seen, found.hits, strict=True):
        own = [
            (hit.counter * step - one.t - 4 * one.sd, (hit.counter + 1) * step - one.t + 4 * one.sd) for hit in hits
        ]
        pairs = [(max(a, c), min(b, d)) for a, b in common for c, d in own]
        common = [(low, high) for low, high in pairs if low < high]
    return bool(common)


def _near_hits(found: Found, seen: Sequence[Seen], reach: float) -> Found:
    """The same find with the plain hits near the stated time only."""
    step = found.source.step
    kept = [
        [hit for hit in hits if not hit.slip and abs(hit.counter * step - one.t) < reach]
        for one, hits in zip(seen, found.hits, strict=True)
    ]
    return Found(found.source, kept, found.tested)
