"""Where the codes that were seen turn up in a source's stream."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from mfatools.diagnose import offsets, slips
from mfatools.diagnose.matcher import sweep
from mfatools.diagnose.model import Seen, Source
from mfatools.diagnose.slips import Slip

HOTP_REACH = 1000  # counters ahead that are tried; a button pressed more often than that is rare
HOTP_BACK = 100
HOTP_FULL = 900.0  # sources with at least this reach are likely enough for the whole look ahead
Area = tuple[int, int]  # counters, half-open
Wanted = dict[int, list[tuple[int, Slip | None, float]]]  # value -> codes it may be, with slip and share
_SLACK = 900.0  # s; a time of reading known no better than that is worth a long search for likely sources only
_CHANGING = 4  # steps either way in which a code may have been noted while it changed
_FUZZ = 5.0  # standard deviations of reading that still count


@dataclass(frozen=True, slots=True)
class Hit:
    """A seen code found at ``counter``: as it stands, or by a slip of that share of all slips."""

    counter: int
    slip: Slip | None = None
    share: float = 1.0


@dataclass(slots=True)
class Found:
    """What one source's stream holds of the codes that were seen: hits by the seen code's index."""

    source: Source
    hits: list[list[Hit]]
    tested: int = 0

    def __bool__(self) -> bool:
        return any(self.hits)


@dataclass(frozen=True, slots=True)
class Plan:
    """What to look for beyond the near past and future: zone steps and dates, a span either way, resets."""

    zones: bool = False
    span: float = 0.0  # s either way
    past: float = 0.0  # s back: clocks that stop fall behind
    resets: float = 0.0  # s after each reset
    slips: bool = False
    foot: float = 120.0  # s either way of each zone step
    presses: int = 0  # HOTP: counters either way


class Frame:
    """The codes that were seen, and what follows from them for whole groups of sources, worked out once."""

    def __init__(self, seen: list[Seen]) -> None:
        self.seen = seen
        self._areas: dict[object, tuple[list[list[Area]], list[Area]]] = {}
        self._wanted: dict[object, Wanted] = {}

    def areas(self, source: Source, plan: Plan) -> tuple[list[list[Area]], list[Area]]:
        """The counters to look at for each code, and all together."""
        key = (source.step, source.reach, source.counter, plan)
        if key not in self._areas:
            own = [_areas(source, one, plan) for one in self.seen]
            self._areas[key] = own, _merged(area for areas in own for area in areas)
        return self._areas[key]

    def wanted(self, source: Source, with_slips: bool) -> Wanted:
        """The values to look for."""
        key = (source.shape, with_slips)
        if key not in self._wanted:
            self._wanted[key] = _wanted(source, self.seen, with_slips)
        return self._wanted[key]


def look(source: Source, frame: Frame, plan: Plan) -> Found:
    """Search one source's stream for all codes.

    Hits of one code count only in the stretches planned for that code, whatever the others need.
    """
    wanted = frame.wanted(source, plan.slips)
    found = Found(source, [[] for _ in frame.seen])
    if not wanted:
        return found
    own, ranges = frame.areas(source, plan)
    stream = source.stream()
    for low, high in ranges:
        found.tested += high - low
        for counter, value in stream.hits(low, high, source.shape.modulus, wanted):
            for i, slip, share in wanted[value]:
                if any(start <= counter < end for start, end in own[i]):
                    found.hits[i].append(Hit(counter, slip, share))
    if plan.slips and source.right and not source.hotp and not source.shape.steam:
        _changing(found, frame.seen)
    return found


def _changing(found: Found, seen: list[Seen]) -> None:
    """Codes that were noted while they changed: the first digits of one and the last of the next."""
    source, size = found.source, found.source.shape.digits
    share = slips.SHARES[Slip.MIXED] / max(1, size - 1)
    for one, hits in zip(seen, found.hits, strict=True):
        now = int(one.t // source.step)
        near = range(max(0, now - _CHANGING), now + _CHANGING + 1)
        codes = [source.code(counter) for counter in (*near, near.stop)]
        found.tested += len(near) * (size - 1)
        hits += [
            Hit(counter, Slip.MIXED, share)
            for counter, code, following in zip(near, codes, codes[1:], strict=False)
            if slips.mixed(one.code, code, following)
        ]


def everywhere(
    source: Source,
    seen: list[Seen],
    low: float,
    high: float,
    *,
    progress: Callable[[float], None] | None = None,
    stop: Callable[[], bool] | None = None,
) -> Found:
    """Search all clock readings from ``low`` to ``high`` (POSIX seconds); keep what fits two codes at least.

    A hit of one code is kept only if another code, of another step, turns up where the same clock would show it.
    """
    wanted = _wanted(source, seen, with_slips=False)
    found = Found(source, [[] for _ in seen])
    start, end = int(low // source.step), int(high // source.step)
    raw: list[dict[int, None]] = [{} for _ in seen]

    def tell(share: float) -> None:
        found.tested = round(share * (end - start))
        if progress:
            progress(share)

    modulus = source.shape.modulus
    for counter, value in sweep(source.stream(), start, end, modulus, wanted, progress=tell, stop=stop):
        for i, _slip, _share in wanted[value]:
            raw[i][counter] = None
    for i, counters in enumerate(raw):
        found.hits[i] = [Hit(c) for c in counters if _supported(c, seen[i], seen, raw, source.step)]
    return found


def distinct(seen: Iterable[Seen]) -> int:
    """How many different codes there are; two readings of one step count once."""
    return len({one.code for one in seen})


def _supported(counter: int, one: Seen, seen: list[Seen], raw: list[dict[int, None]], step: float) -> bool:
    for j, other in enumerate(seen):
        apart = (other.t - one.t) / step
        fuzz = 1 + _FUZZ * (one.sd + other.sd) / step
        near = range(math.floor(counter + apart - fuzz), math.ceil(counter + apart + fuzz) + 1)
        if other.code != one.code and any(c in raw[j] for c in near):
            return True
    return False


def _wanted(source: Source, seen: list[Seen], with_slips: bool) -> Wanted:
    wanted: Wanted = {}
    for i, one in enumerate(seen):
        value = source.shape.value(one.code)
        if value is not None:
            wanted.setdefault(value, []).append((i, None, 1.0))
        if with_slips and not source.shape.steam:
            for code, (slip, share) in slips.sources(one.code, source.shape.digits).items():
                wanted.setdefault(int(code), []).append((i, slip, share))
    return wanted


def _areas(source: Source, one: Seen, plan: Plan) -> list[Area]:
    if source.counter is not None:
        scale = 1 if source.reach >= HOTP_FULL else 20
        back, ahead = max(HOTP_BACK // scale, plan.presses), max(HOTP_REACH // scale, plan.presses)
        return [(max(0, source.counter - back), source.counter + ahead)]
    reach = max(source.reach, plan.span)
    stretches = [offsets.Scan(-max(reach, plan.past), reach)]
    if plan.zones:
        stretches += offsets.spikes(plan.foot)
    if plan.resets:
        stretches += offsets.resets(one.t, plan.resets)
    slack = _FUZZ * one.sd if plan.zones else min(2 * one.sd, _SLACK)
    counters = []
    for scan in stretches:
        low = (one.t + scan.low - slack) // source.step
        high = (one.t + scan.high + slack) // source.step + 1
        if high > 0:
            counters.append((max(0, int(low)), int(high)))
    return _merged(counters)


def _merged(areas: Iterable[Area]) -> list[Area]:
    merged: list[Area] = []
    for low, high in sorted(areas):
        if merged and low <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
        else:
            merged.append((low, high))
    return merged
