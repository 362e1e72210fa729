"""What reached the service and what it answered: the values that its models share, and the window's probability."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from mfatools.diagnose.model import Explanation, Fit, Mode, Seen, Source
from mfatools.diagnose.slips import Slip

LUCK = 0.002  # an answer that the model does not foresee
NEVER = 1e-7  # a wrong code accepted
_WITNESSED = 0.01  # a program knows what it sent and when: such an answer is no slip of a person's
_ROOT2 = math.sqrt(2)


class Kind(StrEnum):
    """What is wrong with the service, if anything."""

    FAIR = "nothing"
    REPLAY = "the code was used before"
    CLOCK = "its clock"
    DEAD = "it refuses every code of this key"
    DIED = "it refuses every code from some moment on"
    LOCKED = "locked after failed tries"
    NODES = "several servers, one of them wrong"
    LOCAL = "it checks by this computer's clock"
    FOLLOWS = "it follows another key or other settings"


@dataclass(frozen=True, slots=True)
class Try:
    """One code as it reached the service. ``t`` is true time in POSIX seconds, ``good`` whether it is a code of
    the service's own key and settings; ``strict`` is the dress that a strict service refuses."""

    counter: int
    t: float
    sd: float
    good: bool
    accepted: bool | None
    strict: Slip | None = None
    probe: bool = False  # it was sent without coming from the phone


@dataclass(frozen=True, slots=True)
class Submitted:
    """A code that was sent without coming from the phone: whose it is (None: nobody's we know), of which counter,
    and when by the best clock there is (POSIX seconds)."""

    source: Source | None
    counter: int
    t: float
    sd: float
    accepted: bool


@dataclass(frozen=True, slots=True)
class World:
    """What is known of the service beside the answers."""

    windows: Mapping[tuple[int, int], float]
    step: float
    local_offset: float | None
    second: bool = False  # a refreshed page showed another QR
    expected: Expected | None = None
    hotp: int | None = None  # the QR's counter
    own: tuple[frozenset[int], ...] = ()  # per seen code: the counters at which the QR's own code is the same
    sent: tuple[Submitted, ...] = ()  # what reached the service by another way than the phone


@dataclass(frozen=True, slots=True)
class Expected:
    """The code that the service's log says it expected: whose it is, and by how many steps it lies ahead."""

    source: Source | None
    steps: int = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """One model of the service with the likelihood (times prior) of its answers."""

    kind: Kind
    weight: float
    offset: tuple[float, float] | None = None  # of the service's clock, seconds
    source: Source | None = None  # the one it follows
    detail: str = ""


def likelihood(p: float, accepted: bool | None) -> float:
    """Likelihood of an answer when a code is taken with probability ``p``."""
    if accepted is None:
        return 1.0
    return p if accepted else 1.0 - p


def within(one: Try, window: tuple[int, int], step: float, offset: float = 0.0) -> float:
    """Probability that a good code lies in the window of a service whose clock is ``offset`` seconds fast."""
    behind, ahead = window
    now, spread = one.t + offset, one.sd * _ROOT2
    start, end = (one.counter - ahead) * step, (one.counter + behind + 1) * step
    return 0.5 * (math.erf((end - now) / spread) - math.erf((start - now) / spread))


def taken(one: Try, window: tuple[int, int], step: float, offset: float = 0.0) -> float:
    if not one.good:
        return NEVER
    luck = LUCK * (_WITNESSED if one.probe else 1.0)
    return luck + (1 - 2 * luck) * within(one, window, step, offset)


def _own(one: Seen, fit: Fit, world: World) -> bool:
    """Whether the code that was seen is one of the QR's own key and settings (a bug need not show every time)."""
    if fit.source is None or fit.mode in (Mode.CHANCE, Mode.SLIP):
        return False
    same_step = fit.source.step == world.step and fit.source.hotp == (world.hotp is not None)
    return fit.source.right or (same_step and one.index < len(world.own) and fit.counter in world.own[one.index])


PRIOR = {
    Kind.FAIR: 0.80,
    Kind.CLOCK: 0.07,
    Kind.DEAD: 0.05,
    Kind.DIED: 0.015,
    Kind.LOCKED: 0.02,
    Kind.NODES: 0.012,
    Kind.LOCAL: 0.25,  # only weighed where this computer is known to be wrong: a known fault comes first
}


def everything(story: Explanation, seen: Sequence[Seen], world: World) -> list[Try]:
    """All codes as they reached the service, if this story is true: the phone's, then those sent besides."""
    return [*tries(story, seen, world), *probes(story, world)]


def probes(story: Explanation, world: World) -> list[Try]:
    """The codes that were sent without coming from the phone, as they reached the service."""
    shift = _shift(story)
    return [
        Try(one.counter, one.t + shift, one.sd, bool(one.source and one.source.right), one.accepted, probe=True)
        for one in world.sent
    ]


def due(one: Try, world: World) -> bool:
    """Whether a service whose clock is right should take this code, the usual window supposed."""
    return one.good and (world.hotp is not None or not one.probe or within(one, (1, 1), world.step) > 0.5)


def _read(one: Seen, fit: Fit, story: Explanation, shift: float) -> tuple[float, float]:
    """When a code was read in true time, and how well that is known: a fresh code was read while it stood there."""
    t, step = one.t + shift, fit.source.step if fit.source else math.inf
    if fit.mode is not Mode.FRESH or fit.source is None or fit.source.hotp or one.sd < step / 3:
        return t, one.sd
    start = fit.counter * step - (0.0 if story.local else story.mean)
    return min(max(t, start + step / 4), start + 3 * step / 4), step / 4


def _shift(story: Explanation) -> float:
    """Seconds to add to the stated times to get true time, if this story is true."""
    return -story.common - (story.mean if story.local else 0.0)


def tries(story: Explanation, seen: Sequence[Seen], world: World) -> list[Try]:
    """The phone's codes as they reached the service, if this story is true."""
    shift = _shift(story)
    made = []
    for one, fit in zip(seen, story.fits, strict=True):
        t, sd = _read(one, fit, story, shift)
        good = _own(one, fit, world) and one.typed in (None, Slip.SPACED, Slip.FOREIGN)
        counter = fit.counter
        if one.repeats is not None:
            earlier = story.fits[one.repeats]
            counter, good = earlier.counter, _own(seen[one.repeats], earlier, world)
        strict = Slip.FOREIGN if one.foreign else Slip.SPACED if one.spaced else None
        made.append(Try(counter, t + one.delay, math.hypot(sd, 1.0), good, one.accepted, strict))
    return made
