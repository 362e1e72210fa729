"""From many answers to one: whom to believe, and how far.

Each honest server says "the truth lies in this interval". Its answers are narrowed to one interval (the clock
filter, RFC 5905 section 10); then a strict majority of servers must have a point in common (the intersection of
RFC 5905 section 11.2.1, after Marzullo), and the offset is the weighted mean of those that share it (11.2.3).

The bound is a promise, not a spread: as long as fewer than half of the servers asked lie, and fewer than half of
those heard, the truth is inside. So it spans all points where it can be under these terms, not only those that most
intervals cover: a liar that is only a little off must not pull the truth out of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from mfatools.ntp import Sample, Why

WANDER = 0.002  # s; how far one server's answers may part within a check before it contradicts itself
UNCLEAR = 0.5  # s; a majority torn into parts that lie further apart than this either way is none


class Confidence(StrEnum):
    """How well founded an offset is.

    A majority is one of those that were heard, as in RFC 5905 section 11.2, not of those that were asked: where a
    network lets two of five through, the two are all there is, and silence speaks for no other time. What it costs
    is in the bound (one of the two may lie a little), and the verdict says how many were asked and not heard.
    """

    CONFIRMED = "confirmed"  # a majority of those heard, at least two, agrees
    SINGLE_SOURCE = "single_source"  # one voice, nobody to check it
    NO_MAJORITY = "no_majority"  # those heard contradict each other
    NO_ANSWER = "no_answer"  # nobody was heard


@dataclass(frozen=True, slots=True)
class Voice:
    """One server as it is heard: the truth lies within ``error`` seconds of ``offset``, says it.

    Args:
        server: the name the user knows it by.
        offset: seconds to add to the local clock; None if it was not heard.
        error: half the interval's width in seconds; None if it was not heard.
        samples: how many answers it rests on.
        why: why it does not count, for falsetickers and the unheard.
        detail: more of that, such as the kiss code.
        kiss: the code of a Kiss-o'-Death, also if good answers came before it: it is not to be asked again.
        kind: ``"ntp"`` or ``"https"``, where both were asked.
    """

    server: str
    offset: float | None = None
    error: float | None = None
    samples: int = 0
    why: Why | None = None
    detail: str = ""
    kiss: str = ""
    kind: str = ""

    @property
    def low(self) -> float:
        """The interval's lower end, seconds."""
        return _number(self.offset) - _number(self.error)

    @property
    def high(self) -> float:
        """The interval's upper end, seconds."""
        return _number(self.offset) + _number(self.error)


@dataclass(frozen=True, slots=True)
class Agreement:
    """What the voices together say. ``offset`` and ``bound`` are None when there is no answer to give."""

    confidence: Confidence
    offset: float | None = None
    bound: float | None = None
    truechimers: tuple[Voice, ...] = ()
    falsetickers: tuple[Voice, ...] = ()


def narrow(samples: Sequence[Sample]) -> Voice:
    """One server's samples as one voice: RFC 5905 section 10, and more than it.

    Not only the sample of least delay counts: each one bounds the truth on both sides, and the shortest way out
    and the shortest way back may come from two. What the server says of itself (``root``) is not narrowed.
    Samples that exclude each other are the mark of a clock that wanders: such a voice does not count.
    """
    server, count = samples[0].server, len(samples)
    low = max(sample.offset - sample.path for sample in samples)
    high = min(sample.offset + sample.path for sample in samples)
    root = max(sample.root for sample in samples) + _coarse(samples)
    middle, half = (low + high) / 2, (high - low) / 2
    if half < -root - WANDER:
        return Voice(server, middle, root - half, count, Why.INCONSISTENT)
    return Voice(server, middle, abs(half) + root, count)


def _coarse(samples: Sequence[Sample]) -> float:
    """The resolution that a server does not own up to: once may be chance, always is none."""
    return min(sample.grain for sample in samples) if len(samples) > 1 else 0.0


def agree(voices: Iterable[Voice], asked: int = 0) -> Agreement:
    """Whom to believe. The order of the voices does not matter.

    Args:
        voices: those heard. One that carries a ``why`` already is counted out at once.
        asked: how many were asked, when that is more. Of seven asked three may lie, and they may be the first
            that are heard: the bound allows for it.
    """
    heard = sorted(voices, key=lambda voice: (voice.low, voice.high, voice.server))
    sound = [voice for voice in heard if voice.why is None]
    broken = tuple(voice for voice in heard if voice.why is not None)
    if len(sound) < 2:
        return _alone(sound, broken)
    majority = len(sound) // 2 + 1
    regions = covered(sound, majority)
    if not regions or (len(regions) > 1 and regions[-1][1] - regions[0][0] > 2 * UNCLEAR):
        return Agreement(Confidence.NO_MAJORITY, falsetickers=(*_differing(sound), *broken))
    liars = (max(asked, len(sound)) - 1) // 2
    hull = _stretch(sound, max(1, min(majority, len(sound) - liars)), (regions[0][0], regions[-1][1]))
    return _combine(sound, broken, hull)


def covered(voices: Sequence[Voice], times: int) -> list[tuple[float, float]]:
    """The stretches of the offset axis that at least ``times`` intervals cover, closed, in order."""
    ends = sorted([(voice.low, -1) for voice in voices] + [(voice.high, +1) for voice in voices])
    stretches, depth, start = [], 0, 0.0
    for place, end in ends:
        depth -= end
        if end < 0 and depth == times:
            start = place
        elif end > 0 and depth == times - 1:
            stretches.append((start, place))
    return stretches


def _stretch(voices: Sequence[Voice], times: int, core: tuple[float, float]) -> tuple[float, float]:
    """The core, and all that ``times`` intervals cover without a gap from it."""
    touching = [ends for ends in covered(voices, times) if ends[0] <= core[1] and core[0] <= ends[1]]
    return min(ends[0] for ends in touching), max(ends[1] for ends in touching)


def _alone(sound: Sequence[Voice], broken: tuple[Voice, ...]) -> Agreement:
    if sound:
        only = sound[0]
        return Agreement(Confidence.SINGLE_SOURCE, only.offset, only.error, (only,), broken)
    return Agreement(Confidence.NO_MAJORITY if broken else Confidence.NO_ANSWER, falsetickers=broken)


def _combine(sound: Sequence[Voice], broken: tuple[Voice, ...], hull: tuple[float, float]) -> Agreement:
    """The weighted mean of those that share the best-covered stretch, and how far the hull reaches from it."""
    low, high = _best(sound, len(sound))
    middle = (low + high) / 2
    true = tuple(voice for voice in sound if voice.low <= middle <= voice.high)
    false = tuple(replace(voice, why=Why.DISAGREES) for voice in sound if voice not in true)
    offset = min(max(_weighted_mean(true), low), high)
    bound = max(hull[1] - offset, offset - hull[0])
    return Agreement(Confidence.CONFIRMED, offset, bound, true, (*false, *broken))


def _best(voices: Sequence[Voice], at_most: int) -> tuple[float, float]:
    """The stretch that most intervals cover; of equals, the narrowest, then the lowest."""
    for times in range(at_most, 0, -1):
        if stretches := covered(voices, times):
            return min(stretches, key=lambda ends: (ends[1] - ends[0], ends[0]))
    raise AssertionError  # any interval covers itself


def _weighted_mean(voices: Sequence[Voice]) -> float:
    """RFC 5905 section 11.2.3 weighs by the inverse of the root distance; squared, as for a variance."""
    base = _number(voices[0].offset)  # offsets may be decades: sum small differences
    weights = [1 / max(_number(voice.error), 1e-6) ** 2 for voice in voices]
    total = sum(weight * (_number(voice.offset) - base) for weight, voice in zip(weights, voices, strict=True))
    return base + total / sum(weights)


def _differing(voices: Sequence[Voice]) -> tuple[Voice, ...]:
    return tuple(replace(voice, why=Why.DISAGREES) for voice in voices)


def _number(value: float | None) -> float:
    return 0.0 if value is None else value
