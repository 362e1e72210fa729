"""A display that stands still: one code at readings between which a clock that runs must have changed it.

Either the app shows a picture that it does not renew, or the clock that it goes by has stopped. The code was
right when the display froze, perhaps long before the first reading; how long is a guess that favours neither
minutes nor hours (its logarithm is even). The other codes of the case tell whether the clock itself is right.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Sequence

from mfatools.diagnose.model import Fit, Mode, Seen
from mfatools.diagnose.search import Found, Hit
from mfatools.diagnose.ways import FRESH, Told, likeliest, shown

STILL = 0.01  # share of cases (case book: 4 of 280 name a display that was not renewed)
STRANGE = 0.05  # the same of codes of an unknown kind, which may be meant to stay
USUAL = 30.0  # s, the step of a code whose source is not known
_WATCHED = 0.5  # it froze while its first reading was still right; else before that
_OLDEST = 20160  # steps, a week
_TOTAL = math.log(_OLDEST) + 0.5772  # sum of 1 / n to there
_HALTED = 0.1  # the clock was right before it stood, and has lagged behind since
_MORE = 0.3  # it froze once more, at another code


def rows(seen: Sequence[Seen], step: float) -> list[list[int]]:
    """The places of codes that stayed for longer than a step, each code's in order of time."""
    places: dict[str, list[int]] = defaultdict(list)
    for i in sorted(range(len(seen)), key=lambda i: seen[i].t):
        places[seen[i].code].append(i)
    return [row for row in places.values() if seen[row[-1]].t - seen[row[0]].t > step]


def ways(stayed: Sequence[Sequence[int]]) -> Callable[[Found, Sequence[Seen], float], Told]:
    """`mfatools.diagnose.ways.whole` for a display that stood still at these places."""
    held = {i for row in stayed for i in row}

    def best(found: Found, seen: Sequence[Seen], offset: float) -> Told:
        fits = [Fit(None, Mode.CHANCE)] * len(seen)
        likelihood = _MORE ** (len(stayed) - 1)
        for row in stayed:
            hit, weight = _frozen(found, seen[row[0]], found.hits[row[0]], offset)
            likelihood *= weight
            for i in row if hit else ():
                fits[i] = Fit(found.source, Mode.OLD, hit.counter if hit else 0)
        for i in set(range(len(seen))) - held:
            weight, fits[i] = likeliest(found.source, seen[i], found.hits[i], offset, len(seen))
            likelihood *= weight
        return tuple(fits), likelihood

    return best


def _frozen(found: Found, first: Seen, hits: Sequence[Hit], offset: float) -> tuple[Hit | None, float]:
    """The counter at which the display most likely froze, at or before its first reading."""
    chosen: tuple[Hit | None, float] = (None, 0.0)
    step, sd = found.source.step, first.sd / found.source.step
    for before, share in ((offset, 1.0), (0.0, _HALTED)):
        now = (first.t + before) / step
        for hit in hits:
            behind = math.floor(now) - hit.counter
            weight = _WATCHED * FRESH * shown(hit.counter, now, sd)
            if 1 <= behind <= _OLDEST:
                weight = max(weight, (1 - _WATCHED) / (_TOTAL * behind))
            if not hit.slip and share * weight > chosen[1]:
                chosen = hit, share * weight
    return chosen
