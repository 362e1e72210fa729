"""From hits to stories: which offset, and which mode for each code, explain what was seen, and how well.

For a source and an offset every code has a few ways to have come about (`ways`), each with its probability; a code
that stays on the screen is a hypothesis of its own (`still`). The offset is summed over its prior on a fine grid;
the stories are told apart by the mode and counter of each code.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, product

from mfatools.diagnose import offsets, still, tap, wander
from mfatools.diagnose.model import Explanation, Fit, Mode, Seen, Source
from mfatools.diagnose.search import Found, Hit
from mfatools.diagnose.ways import CHANCE, FRESH, Told, shown, space, whole

_COMPUTERS = 0.35  # wrong clocks of the computers people sit at, beside those that make the codes (judged)
_KEPT = 1e-9  # stories that weigh less than this share of the best are dropped
_BAD_SOURCES = {sign * offset: 0.003 for offset in (45.0, 75.0, 120.0, 240.0, 3600.0) for sign in (1, -1)}
_GRID = 1.0  # s
_POINTS = 2000  # of a grid at most: only codes whose time is hardly known need as many
_SLICES = 100  # steps in a stretch at most that are looked at more closely for the taps
_STRAYED = 0.003  # taps that say nothing of this clock: of another entry, or of a clock that was set since


Ways = Callable[[Found, Sequence[Seen], float], Told]  # at an offset in seconds
# Offset, weight by the phone's prior, by the computer's, likelihood, width of the grid there.
_Point = tuple[float, float, float, float, float]


@dataclass(frozen=True, slots=True)
class Setting:
    """What holds for all codes of a case: whether true time is known, and when the display was seen to change."""

    timed: bool  # this computer's clock was measured
    changes: tuple[float, ...] = ()  # on the same scale as Seen.t
    clock_sd: float = 0.0  # s, of that measurement

    def flip(self, step: float, least: float) -> tuple[float, float] | None:
        """The generator's offset by the taps, modulo ``step``, and its standard deviation, ``least`` at least;
        None without taps."""
        flip = tap.agreed(self.changes, step)
        return (flip.offset, max(least, math.hypot(flip.bound / 1.96, self.clock_sd))) if flip else None


def stories(found: Found, seen: Sequence[Seen], setting: Setting) -> list[Explanation]:
    """Every story that one source has to tell, with its weight (prior times likelihood)."""
    if not found:
        return []
    if found.source.hotp:
        return list(_pressed(found, seen))
    told = [*_steady(found, seen, setting), *_standing(found, seen, setting)]
    if _span(seen) > 3 * 3600 and all(found.hits):
        told += wander.stories(found, seen, lambda part, own: _steady(part, own, setting))
    if not setting.timed:
        told += [twin for story in told for twin in _together(story)]
    best = max((story.weight for story in told), default=0.0)
    return [story for story in told if story.weight > best * _KEPT]


def _together(story: Explanation) -> Iterator[Explanation]:
    """Phone and computer agree, but nobody measured either: both may have a wrong time from one bad source."""
    if story.local or story.rate or story.still or story.low > 0 or story.high < 0:
        return
    for both, share in _BAD_SOURCES.items():
        low, high = story.low + both, story.high + both
        yield replace(story, weight=story.weight * share, low=low, high=high, mean=story.mean + both, common=both)


def _standing(found: Found, seen: Sequence[Seen], setting: Setting) -> Iterator[Explanation]:
    """Stories of a display that stood still at several readings."""
    rows = still.rows(seen, found.source.step)
    if not rows:
        return
    for story in _steady(found, seen, setting, still.ways(rows)):
        if all(story.fits[i].source for row in rows for i in row):
            yield replace(story, weight=story.weight * still.STILL, still=True)


def strangers(seen: Sequence[Seen], prior: float) -> Explanation:
    """The codes come from a key that nobody has shown us: each different code is pure luck, and a code that stays
    is as odd there."""
    weight = prior * math.prod(1 / space(code) for code in {one.code for one in seen})
    weight *= still.STRANGE if still.rows(seen, still.USUAL) else 1.0
    return Explanation(tuple(Fit(None, Mode.CHANCE) for _ in seen), weight)


def _span(seen: Sequence[Seen]) -> float:
    return max(one.t for one in seen) - min(one.t for one in seen)


def _steady(found: Found, seen: Sequence[Seen], setting: Setting, ways: Ways = whole) -> Iterator[Explanation]:
    """Stories with one offset for all codes (but for those in a mode of their own)."""
    sums: dict[tuple[int, tuple[Fit, ...]], list[_Point]] = defaultdict(list)
    step = found.source.step
    t = seen[0].t
    for part, (low, high) in enumerate(_segments(found, seen)):
        grid = max(min(_GRID, step / 4), (high - low) / _POINTS)
        flip = setting.flip(step, grid if (high - low) / step > _SLICES else 0.0)
        for offset, width in _grid(low, high, grid, step, flip):
            fits, likelihood = ways(found, seen, offset)
            likelihood *= _tapped(offset, step, flip)
            phone = offsets.density(offset, t) * width
            local = 0.0 if setting.timed else _COMPUTERS * _wrong(-offset, t) * width
            sums[part, fits].append((offset, likelihood * phone, likelihood * local, likelihood, width))
    for (_, fits), points in sums.items():
        if any(fit.source for fit in fits):
            yield from _summed(found.source, fits, points)


def _wrong(offset: float, t: float) -> float:
    return sum(part for why, part in offsets.parts(offset, t) if why is not offsets.Reason.FINE)


def _summed(source: Source, fits: tuple[Fit, ...], points: Sequence[_Point]) -> Iterator[Explanation]:
    for column, local in ((1, False), (2, True)):
        weights = [point[column] for point in points]
        total = sum(weights)
        if total <= 0:
            continue
        places = [-point[0] if local else point[0] for point in points]
        low, mean, high = _interval(places, weights)
        possible = _possible(places, [point[3] for point in points])
        low, high = min(low, possible[0]), max(high, possible[1])
        widths = dict(zip(places, (min(_GRID, source.step / 4, point[4]) for point in points), strict=True))
        low, high = low - widths[low] / 2, high + widths[high] / 2
        yield Explanation(fits, source.prior * total, low, high, mean, local)


def _possible(places: Sequence[float], likelihoods: Sequence[float]) -> tuple[float, float]:
    """The places that the codes alone allow, whatever is usual: within a tenth of the likeliest."""
    best = max(likelihoods)
    kept = [place for place, one in zip(places, likelihoods, strict=True) if one >= 0.1 * best]
    return min(kept), max(kept)


def _interval(places: Sequence[float], weights: Sequence[float]) -> tuple[float, float, float]:
    """Lower end, mean and upper end of the middle 98% of a weighted row of places."""
    total = sum(weights)
    mean = sum(p * w for p, w in zip(places, weights, strict=True)) / total
    ordered = sorted(zip(places, weights, strict=True))
    low = high = ordered[0][0]
    run = 0.0
    for place, weight in ordered:
        if run <= 0.01 * total:
            low = place
        high = place
        run += weight
        if run >= 0.99 * total:
            break
    return low, mean, high


def _segments(found: Found, seen: Sequence[Seen]) -> list[tuple[float, float]]:
    """Stretches of offsets worth a look: where a hit would be fresh, and a clock that is right."""
    step = found.source.step
    edges = [(-6.0, 6.0)] if step >= 1 else []
    for one, hits in zip(seen, found.hits, strict=True):
        for hit in hits:
            low = hit.counter * step - one.t
            edges.append((low - 4 * one.sd, low + step + 4 * one.sd))
    merged: list[tuple[float, float]] = []
    for low, high in sorted(edges):
        if merged and low <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
        else:
            merged.append((low, high))
    return merged


def _grid(
    low: float, high: float, grid: float, step: float, flip: tuple[float, float] | None
) -> list[tuple[float, float]]:
    """Offsets from ``low`` to ``high``, each with the width it stands for; closer together where the taps lie."""
    even = [low + i * grid for i in range(int((high - low) / grid) + 1)]
    if flip is None or flip[1] >= grid:
        return [(offset, grid) for offset in even]
    middle, sd = flip
    fine = set(even)
    for k in range(math.floor((low - middle) / step), math.ceil((high - middle) / step) + 1):
        fine.update(middle + k * step + i * sd / 3 for i in range(-12, 13))
    kept = sorted(offset for offset in fine if low <= offset <= high)
    ends = [low - grid / 2, *((a + b) / 2 for a, b in pairwise(kept)), kept[-1] + grid / 2]
    return [(offset, b - a) for offset, (a, b) in zip(kept, pairwise(ends), strict=True)]


def _tapped(offset: float, step: float, flip: tuple[float, float] | None) -> float:
    """Likelihood ratio of the moments at which the display was seen to change, against no knowledge at all."""
    if flip is None:
        return 1.0
    middle, sd = flip
    away = ((offset - middle + step / 2) % step - step / 2) / sd
    return max(_STRAYED, math.exp(-0.5 * away * away) * step / (sd * math.sqrt(2 * math.pi)))


def _pressed(found: Found, seen: Sequence[Seen]) -> Iterator[Explanation]:
    """Counter-based stories: counters that hardly ever go back, from one code to the next."""
    order = sorted(range(len(seen)), key=lambda i: seen[i].t)
    source = found.source
    start = source.counter or 0
    choices = [_plain(found.hits[i]) for i in order]
    for chosen in product(*choices):
        counters = [hit.counter for hit in chosen if hit]
        if not counters:
            continue
        weight = source.prior * _first(counters[0] - start)
        weight *= math.prod(_pace(b - a) for a, b in pairwise(counters))
        fits: list[Fit] = [Fit(None, Mode.CHANCE)] * len(seen)
        for i, hit in zip(order, chosen, strict=True):
            weight *= FRESH if hit else CHANCE / space(seen[i].code)
            fits[i] = Fit(source, Mode.FRESH, hit.counter) if hit else fits[i]
        yield Explanation(tuple(fits), weight)


def _plain(hits: Sequence[Hit]) -> list[Hit | None]:
    return [*[hit for hit in hits if not hit.slip][:4]] or [None]


def _first(ahead: int) -> float:
    return 0.44 * math.pow(ahead + 1, -1.6) if ahead >= 0 else 0.02 * math.pow(1 - ahead, -1.2)


def _pace(presses: int) -> float:
    if presses < 0:  # restored from a backup, or read on another device
        return 0.004 * math.pow(1 - presses, -1.2)
    return 0.2 if presses == 0 else 0.5 * math.pow(0.4, presses - 1)


def mixed(stories_told: Iterable[Explanation], finds: Sequence[Found], seen: Sequence[Seen]) -> list[Explanation]:
    """Stories whose unexplained codes come from another source at about the same time: a look at another entry,
    a code computed with other settings to try it out."""
    made = []
    for story in stories_told:
        holes = [i for i, fit in enumerate(story.fits) if fit.source is None]
        if holes and len(holes) < len(story.fits):
            made += [better for found in finds if (better := _patched(story, found, seen, holes))]
    return made


def _patched(story: Explanation, found: Found, seen: Sequence[Seen], holes: Sequence[int]) -> Explanation | None:
    source, fits, weight = found.source, list(story.fits), story.weight
    if source is story.source or source.hotp:
        return None
    offset = -story.mean if story.local else story.mean
    for i in holes:
        now = (seen[i].t + offset) / source.step
        near = [h for h in found.hits[i] if not h.slip and shown(h.counter, now, seen[i].sd / source.step) > 0.01]
        if not near:
            return None
        fits[i] = Fit(source, Mode.FRESH, near[0].counter)
        weight *= space(seen[i].code) / CHANCE * FRESH
    return replace(story, fits=tuple(fits), weight=weight * 0.03 * min(1.0, 10 * source.prior))
