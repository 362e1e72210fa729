"""How one code may have come about, given its source and its clock: each way with its probability."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from mfatools.diagnose import offsets
from mfatools.diagnose.model import Fit, Mode, Seen, Source
from mfatools.diagnose.search import Found, Hit

# How codes come about, given their source; together 1 but for the rare rest.
FRESH, OLD, LATE, SLIP, MOVED, CHANCE = 0.925, 0.035, 0.010, 0.022, 0.004, 0.004
PROBE, _PROBED = 0.02, 20  # a code of another step on purpose: for each step, and how many steps away
_OLDEST = 2880  # steps, a day
# How far back an old code reaches falls off like n ** -1.5: mostly a step or two, but an app that slept in the
# background may show a code of hours ago. Their sum:
_ZETA = 2.612
_STAYED = 0.5  # an old code that is read once more within a step
_LATEST = 6  # steps between a late note and its code
_SPACE = 1e12  # no code is taken for rarer: many long ones would be too rare for a float
_ROOT2 = math.sqrt(2)

Told = tuple[tuple[Fit, ...], float]  # how each code came about, and the likelihood of it all


def space(code: str) -> float:
    """How many codes there are of this look."""
    letters = 10 if code.isascii() and code.isdigit() else 26 if len(code) in (5, 8) else 36
    return min(_SPACE, math.pow(letters, min(40, max(1, len(code)))))


def whole(found: Found, seen: Sequence[Seen], offset: float) -> Told:
    """The likeliest ways of all codes at one offset (seconds)."""
    fits: list[Fit] = []
    likelihood = 1.0
    for one, hits in zip(seen, found.hits, strict=True):
        weight, fit = likeliest(found.source, one, hits, offset, len(seen))
        again = fit.mode is Mode.OLD and _just_seen(one, fit, seen, fits)
        fits.append(fit)
        likelihood *= _STAYED if again else weight
    return tuple(fits), likelihood


def _just_seen(one: Seen, fit: Fit, seen: Sequence[Seen], fits: Sequence[Fit]) -> bool:
    """Whether the same old code was read already within a step of this: one old display, not two."""
    return fit.source is not None and any(
        other == fit and abs(before.t - one.t) <= fit.source.step for before, other in zip(seen, fits, strict=False)
    )


def likeliest(source: Source, one: Seen, hits: Sequence[Hit], offset: float, codes: int) -> tuple[float, Fit]:
    """The likeliest way of one code, with its probability."""
    return max(_ways(source, one, hits, offset, codes), key=_weight)


def _weight(way: tuple[float, Fit]) -> float:
    return way[0]


def _ways(source: Source, one: Seen, hits: Sequence[Hit], offset: float, codes: int) -> Iterator[tuple[float, Fit]]:
    """How this code may have come from ``source`` at ``offset``, each way with its probability."""
    yield CHANCE / space(one.code), Fit(None, Mode.CHANCE)
    now = (one.t + offset) / source.step
    for hit in hits:
        behind = math.floor(now) - hit.counter
        p = shown(hit.counter, now, one.sd / source.step)
        if hit.slip:
            yield SLIP * hit.share * p, Fit(source, Mode.SLIP, hit.counter, hit.slip)
            continue
        yield FRESH * p, Fit(source, Mode.FRESH, hit.counter)
        if one.probe and abs(behind) <= _PROBED:
            yield PROBE, Fit(source, Mode.PROBE, hit.counter)
        old, late = aged(behind)
        if old:
            yield old, Fit(source, Mode.OLD, hit.counter)
        if late:
            yield late, Fit(source, Mode.LATE, hit.counter)
        if codes > 1:
            elsewhere = (hit.counter + 0.5) * source.step - one.t
            mass = min(1.0, offsets.density(elsewhere, one.t) * source.step)
            yield MOVED * mass, Fit(source, Mode.MOVED, hit.counter)


def aged(behind: int) -> tuple[float, float]:
    """Probability that a code ``behind`` steps old was left on the screen, and that it was noted late."""
    old = OLD / (_ZETA * behind**1.5) if 1 <= behind <= _OLDEST else 0.0
    return old, LATE * 0.5**behind if 1 <= behind <= _LATEST else 0.0


def shown(counter: int, now: float, sd: float) -> float:
    """Probability that a clock at ``now`` steps, known to ``sd`` steps, stands in step ``counter``."""
    spread = max(sd, 1e-6) * _ROOT2
    return 0.5 * (math.erf((counter + 1 - now) / spread) - math.erf((counter - now) / spread))
