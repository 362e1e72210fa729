"""Probe codes: what to send next when the codes are right and the service refuses them.

A service takes the steps around the one its clock stands in. So codes of steps that lie one window's width apart
try one stretch of its clock after another, without a gap: with a window of one step either way, one code of three
steps ago and one of three steps ahead find a clock that is up to four steps (120 s) off: 24 of the 26 offsets in
the case book. What was sent already, and what the service's log tells, say which stretch comes next. Never so
many codes are offered that a lock-out threatens.
"""

from __future__ import annotations

import math
from collections.abc import Sequence, Set

from mfatools.diagnose import faults
from mfatools.diagnose.answers import Expected, Kind, Try, World, everything, within
from mfatools.diagnose.case import Case
from mfatools.diagnose.engine import Outcome
from mfatools.diagnose.judge import Part
from mfatools.diagnose.model import Family
from mfatools.diagnose.result import Finding, Probe
from mfatools.phrases import long
from mfatools.totp import Algorithm, Encoder, Totp

_LIMIT = 5  # failed tries in a row after which many services lock (presets: 3 to 10)
_WORTH = 0.2  # probability that the fault lies with the service
_CHANCE = 0.01  # a probe less likely than this to be accepted is not worth a try
_MOST = 2  # probes of the service's clock at a time; their answers tell which come next
_NIL = 1e-5  # places of the service's clock less likely than this are left out
_FARTHEST = 30  # steps that are tried one window after another; farther off only whole hours are likely
_MARGIN = 0.55  # of two probes alike but for this share the one that comes first is offered: an old code is safe
_FAMILIES = (Family.SERVICE_SIDE, Family.SERVICE_CLOCK, Family.SERVICE_PARAM, Family.LOCKOUT)

USUAL = "If it is accepted, the service checks with the usual settings whatever its QR code says."
SHA1 = Probe(
    "the code made with SHA-1",
    "If it is accepted, the service checks with SHA-1 whatever its QR code says.",
    algorithm=Algorithm.SHA1,
)
PLAIN = Probe("the code with SHA-1, 6 digits and 30 seconds", USUAL, algorithm=Algorithm.SHA1, digits=6, step=30)

Places = Sequence[tuple[float, float]]  # of the service's clock, seconds fast, each with its probability


def probes(case: Case, outcome: Outcome, findings: tuple[Finding, ...]) -> tuple[Probe, ...]:
    """The probe codes worth sending, the most telling first."""
    account = case.entry.account
    if account is None or not isinstance(account.otp, Totp) or _found(outcome):
        return ()
    suspect = sum(finding.probability for finding in findings if finding.family in _FAMILIES)
    if suspect < _WORTH or any(finding.family is Family.LOCKOUT for finding in findings[:1]):
        return ()
    wanted = [*_settings(account.otp, outcome.world), *_clocks(outcome)]
    return tuple(wanted[: max(0, _LIMIT - 1 - failures(case))])


def failures(case: Case) -> int:
    """Refusals in a row up to the last try, of the phone's codes and of those sent besides."""
    answers = [(look.read_at_local + look.typed_after_s, look.accepted) for look in case.looks]
    answers += [(one.at, one.accepted) for one in case.sent]
    count = 0
    for _, accepted in sorted(answers, key=lambda answer: -answer[0]):
        if accepted:
            break
        count += accepted is False
    return count


def _found(outcome: Outcome) -> bool:
    """Whether a code of another step, or of other settings, was accepted: then there is nothing left to probe."""
    return any(steps is None or abs(steps) > 1 for steps in _tried(outcome, accepted=True))


def _tried(outcome: Outcome, *, accepted: bool) -> set[int | None]:
    """How many steps from their moment the codes lay that were sent with this answer; None for other keys."""
    world, found = outcome.world, set[int | None]()
    for one in world.sent:
        if one.accepted is accepted:
            right = one.source is not None and one.source.right
            found.add(one.counter - math.floor(one.t / world.step) if right else None)
    best = max(outcome.parts, key=lambda part: part.weight).story
    for seen, fit in zip(outcome.seen, best.fits, strict=True):
        if seen.probe and seen.accepted is accepted and fit.source and fit.source.right:
            found.add(fit.counter - math.floor(seen.t / world.step))
    return found


def _settings(otp: Totp, world: World) -> list[Probe]:
    """The code with the usual settings, where the QR asks for others and nobody has tried it yet."""
    if otp.encoder is Encoder.STEAM:  # its five letters and digits are all that Steam takes
        return []
    if any(one.source and one.source.cause == "settings_ignored" for one in world.sent):
        return []
    if (otp.digits, otp.step) != (6, 30):
        return [PLAIN]
    return [] if otp.algorithm is Algorithm.SHA1 else [SHA1]


def _clocks(outcome: Outcome) -> list[Probe]:
    """Codes of other steps, each where the service's clock most likely stands once the ones before are refused."""
    part = _clock_part(outcome.parts)
    if part is None:
        return []
    world = outcome.world
    places = _places(part, outcome)
    share = _share(outcome)
    window = _window(world)
    offered: list[int] = []
    gone = _tried(outcome, accepted=False)
    while len(offered) < _MOST:
        steps, chance = _next(places, window, world, gone | set(offered))
        if chance * share < _CHANCE:
            break
        offered.append(steps)
        places = [(place, p * (1 - _taken(steps, place, window, world.step))) for place, p in places]
    return [of_steps(steps, world.step) for steps in offered]


def _clock_part(parts: Sequence[Part]) -> Part | None:
    clocks = [part for part in parts if part.verdict.kind is Kind.CLOCK and part.family in _FAMILIES]
    return max(clocks, key=lambda part: part.weight, default=None)


def _share(outcome: Outcome) -> float:
    """Probability that it is the service's clock."""
    total = sum(part.weight for part in outcome.parts)
    clock = sum(part.weight for part in outcome.parts if part.verdict.kind is Kind.CLOCK)
    return clock / total if total else 0.0


def _places(part: Part, outcome: Outcome) -> Places:
    """Where the service's clock may stand, as probabilities."""
    world = outcome.world
    made = [one for one in everything(part.story, outcome.seen, world) if one.accepted is not None]
    told = _told(faults.places(made, world), world.expected, world.step)
    total = sum(p for _, p in told)
    return [(place, p / total) for place, p in told if p > _NIL * total]


def _told(places: Places, expected: Expected | None, step: float) -> Places:
    """The places that agree with the code which the service says it expected."""
    if expected is None or expected.source is None or not expected.source.right:
        return places
    middle = expected.steps * step
    return [(place, p) for place, p in places if abs(place - middle) <= step] or [(middle, 1.0)]


def _window(world: World) -> tuple[int, int]:
    """The service's window; where it is not known, the usual one."""
    return next(iter(world.windows)) if len(world.windows) == 1 else (1, 1)


def _next(places: Places, window: tuple[int, int], world: World, gone: Set[int | None]) -> tuple[int, float]:
    """The steps from now with the best chance to be accepted, and that chance; of equals the nearer, old first."""
    width = sum(window) + 1
    far = sorted({round(place / world.step) for place, _ in places if abs(place) > _FARTHEST * world.step})
    tiles = [n * width for n in range(1, max(2, _FARTHEST // width + 1))]
    ranked = [steps for tile in tiles for steps in (-tile, tile)] + sorted(far, key=abs)
    if _narrow(places, width * world.step):
        ranked = [round(sum(place * p for place, p in places) / sum(p for _, p in places) / world.step)]
    best, most = 0, 0.0
    for steps in (steps for steps in ranked if steps not in gone):
        chance = sum(p * _taken(steps, place, window, world.step) for place, p in places)
        if chance * (1.0 if not best else _MARGIN) > most:
            best, most = steps, chance
    return best, most


def _narrow(places: Places, width: float) -> bool:
    """Whether nine tenths of the places lie within ``width`` seconds."""
    total, run, inside = sum(p for _, p in places), 0.0, []
    for place, p in sorted(places):
        run += p
        if 0.05 * total <= run <= 0.95 * total or p > 0.9 * total:
            inside.append(place)
    return bool(inside) and inside[-1] - inside[0] <= width


def _taken(steps: int, place: float, window: tuple[int, int], step: float) -> float:
    """Probability that a code of ``steps`` from now is taken by a clock that is ``place`` seconds fast."""
    if not -(window[1] + 3) * step < place - steps * step < (window[0] + 3) * step:
        return 0.0
    middle = 0.5 * step  # of the step now; the moment of sending is free
    one = Try(steps, middle, 0.3 * step, True, None)
    return within(one, window, step, place)


def of_steps(steps: int, step: float) -> Probe:
    """The probe of a code that lies ``steps`` steps from now."""
    away = long(abs(steps) * step)
    name, clock = (f"the code due in {away}", "ahead") if steps > 0 else (f"the code from {away} ago", "behind")
    proves = f"If it is accepted, the service's clock is {_span(steps, step)} {clock}."
    return Probe(name, proves, steps)


def _span(steps: int, step: float) -> str:
    """All clocks that may take it: a step either way by the window, and one more by where in a step both stand."""
    low, high = max(0, abs(steps) - 2) * step, (abs(steps) + 2) * step
    for limit, unit, name in ((240.0, 1.0, "s"), (7200.0, 60.0, "min"), (math.inf, 3600.0, "h")):
        if high < limit:
            ends = [f"{end / unit:.1f}".removesuffix(".0") for end in (low, high)]
            return f"{ends[0]} to {ends[1]} {name}"
    return ""
