"""Services with a fault: a wrong clock, a lost secret, a lock, several servers, a check on this computer."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from mfatools.diagnose import offsets
from mfatools.diagnose.answers import (
    LUCK,
    NEVER,
    PRIOR,
    Kind,
    Try,
    Verdict,
    World,
    due,
    likelihood,
    taken,
)

_WINDOWS = {(1, 1): 0.7, (0, 0): 0.1, (1, 0): 0.1, (4, 4): 0.1}
_PAGE = {(0, 0): 0.5, (1, 1): 0.5}  # libraries for browsers: otplib takes no other step, hectorm/otpauth one
_FINE, _NEAR = 10.0, 900.0  # s: between two places of a service's clock, and how far they are looked at one by one
_MANY = 3  # wrong codes in a row after which services begin to lock (presets: 3 to 10)
_SENTENCE = 600.0  # s; few failures do not lock anybody out for a shorter time than that (judged)
_RARE = 3.0  # a service's clock that is far off, beside a phone's: only wrong clocks are weighed there


def stubborn(made: Sequence[Try], world: World) -> Iterator[Verdict]:
    """Services that refuse right codes whatever the time: broken, broken meanwhile, locked, or one of several."""
    good = [one for one in sorted(made, key=lambda one: one.t) if due(one, world) and one.accepted is not None]
    bad = math.prod(likelihood(NEVER, one.accepted) for one in made if not one.good)
    bad *= math.prod(
        likelihood(taken(one, (1, 1), world.step), one.accepted) for one in made if one.good and not due(one, world)
    )
    answers = [bool(one.accepted) for one in good]
    if False not in answers:
        return
    bad *= _welcome(good, world)
    yield Verdict(Kind.DEAD, PRIOR[Kind.DEAD] * bad * LUCK ** sum(answers))
    if answers == sorted(answers, reverse=True) and answers[0]:
        yield Verdict(Kind.DIED, PRIOR[Kind.DIED] * bad / max(1, len(answers) - 1))
    yield from _locked(made, good, bad)
    yield Verdict(Kind.NODES, PRIOR[Kind.NODES] * bad * 0.5 ** len(answers))


def _welcome(good: Sequence[Try], world: World) -> float:
    """Likelihood that the accepted codes lay in the window of a service whose clock is right."""
    if world.hotp is not None:
        return 1.0
    welcome = [one for one in good if one.accepted]
    return sum(
        share * math.prod(taken(one, window, world.step) for one in welcome)
        for window, share in world.windows.items()
    )


def _locked(made: Sequence[Try], good: Sequence[Try], bad: float) -> Iterator[Verdict]:
    """A lock-out: right codes refused in one row, after failures or from the start, and taken again later."""
    answers = [bool(one.accepted) for one in good]
    first = answers.index(False)
    failures = sum(1 for one in made if one not in good and one.accepted is False and one.t < good[first].t)
    row = answers[first:]
    freed = True in row
    if freed and False in row[row.index(True) :]:
        return
    wait = good[first + row.index(True)].t - good[first].t if freed else 0.0
    if freed and wait < 45:
        return
    many = 4.0 if freed else 12.0
    weight = PRIOR[Kind.LOCKED] * (many if failures >= _MANY else 1.0 if failures or first == 0 else 0.05)
    weight *= 0.4 * (1.0 if failures >= _MANY else min(1.0, wait / _SENTENCE)) if freed else 0.6
    detail = f"{failures} failures before" if failures and (freed or failures >= _MANY) else ""
    yield Verdict(Kind.LOCKED, weight * bad, detail=detail)


def clock(made: Sequence[Try], world: World) -> Iterator[Verdict]:
    """A service whose own clock is wrong: summed over its offset, which is told as an interval."""
    if not any(one.good and one.accepted is not None for one in made):
        return
    points = places(made, world)
    total = sum(part for _, part in points)
    yield Verdict(Kind.CLOCK, PRIOR[Kind.CLOCK] * total, _middle(points))


def places(made: Sequence[Try], world: World) -> list[tuple[float, float]]:
    """Where the service's clock may stand, seconds fast, each with its prior times the answers' likelihood."""
    windows = dict(world.windows) if len(world.windows) == 1 else _WINDOWS
    return [
        (offset, prior * _answered(made, windows, world.step, offset))
        for offset, prior in [*_OFFSETS, *_where_taken(made, world.step)]
    ]


def _answered(made: Sequence[Try], windows: Mapping[tuple[int, int], float], step: float, offset: float) -> float:
    """Likelihood of the answers of a service whose clock is ``offset`` seconds fast, over its windows."""
    return sum(
        share * math.prod(likelihood(taken(one, window, step, offset), one.accepted) for one in made)
        for window, share in windows.items()
    )


def _where_taken(made: Sequence[Try], step: float) -> list[tuple[float, float]]:
    """Offsets farther than the usual ones, at which a code that was accepted would be in time."""
    found: dict[float, float] = {}
    for one in made:
        away = round((one.counter * step - one.t) / _FINE) * _FINE
        if one.good and one.accepted and abs(away) > _NEAR:
            for n in range(-9, 10):
                place = away + n * step / 6
                found[place] = _RARE * offsets.density(place, one.t) * step / 6
    return list(found.items())


def _service_offsets() -> list[tuple[float, float]]:
    near = [_FINE * n for n in range(-90, 91) if abs(n) >= 2]
    weights = [(o, sum(p for why, p in offsets.parts(o, 0) if why is offsets.Reason.MANUAL) * 10) for o in near]
    weights += [(o, 0.06 * share) for o, share in offsets.ZONES.items() if o % 3600 == 0]
    total = sum(weight for _, weight in weights)
    return [(offset, weight / total) for offset, weight in weights]


def _middle(points: Sequence[tuple[float, float]]) -> tuple[float, float] | None:
    total, run, inside = sum(p for _, p in points), 0.0, []
    for offset, part in sorted(points):
        if run <= 0.97 * total and run + part >= 0.03 * total:
            inside.append(offset)
        run += part
    return (inside[0] - 5, inside[-1] + 5) if inside else None


def local(made: Sequence[Try], world: World) -> Iterator[Verdict]:
    """A set-up page that checks in the browser, by this computer's clock (case book: Firefox accounts)."""
    offset = world.local_offset
    if offset is None or abs(offset) < 10:
        return
    windows = dict(world.windows) if len(world.windows) == 1 else _PAGE
    total = _answered(made, windows, world.step, offset)
    yield Verdict(Kind.LOCAL, PRIOR[Kind.LOCAL] * total, (offset, offset))


_OFFSETS = _service_offsets()
