"""What a story of the codes and a model of the service mean together: the family and the cause to name.

If two things are wrong, the one nearer to the key is named: it must be mended first, and hides the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mfatools.diagnose import apps, counters, offsets
from mfatools.diagnose.answers import Kind, Verdict, World, due, everything, probes, tries
from mfatools.diagnose.model import HARMLESS, Explanation, Family, Fit, Mode, Seen, Source
from mfatools.diagnose.service import family_of_source, only_used
from mfatools.diagnose.slips import Slip
from mfatools.diagnose.ways import aged

_EDGE = 4.0  # s; less cannot be told from a slow reader
_COMPUTER = 12.0  # s; a measured error of this computer that is worth a word
_SLOW = 20.0  # s from reading to sending
_PICTURE = (
    0.85  # share of displays that stand still because the app does not renew them, not because its clock stands
)
_ONE_DEVICE = ("same", "other app", "second app")  # words of a label that say so

Named = tuple[Family, str]


@dataclass(frozen=True, slots=True)
class Part:
    """One way the whole may have come about, with its weight and its name."""

    family: Family
    cause: str
    weight: float
    story: Explanation
    verdict: Verdict


def name(story: Explanation, verdict: Verdict, seen: Sequence[Seen], world: World) -> Named:
    """Family and cause of one story under one model of the service."""
    if verdict.kind is Kind.FOLLOWS:
        return _followed(story, verdict, seen)
    wrong = _wrong_source(story.fits)
    if wrong is not None:
        return wrong.family, wrong.cause
    if all(fit.source is None for fit in story.fits):
        return Family.SECRET_DIFFERENT, "secret_different"
    if story.source and story.source.hotp:
        return _dress(story, seen, verdict) or counters.named(story, verdict, seen, world)
    if verdict.kind is Kind.REPLAY and only_used(tries(story, seen, world)):
        return Family.REPLAY, "replay"
    if _probed(story, verdict, seen) or _sent_elsewhere(story, verdict, world):
        return _service(story, verdict, seen, world)
    if story.still and not story.apart:
        return _stood(story)
    return (
        _clocks(story, seen, world) or _modes(story, seen, verdict, world) or _service(story, verdict, seen, world)
    )


def names(
    story: Explanation, verdict: Verdict, seen: Sequence[Seen], world: World
) -> list[tuple[float, Family, str]]:
    """Every family and cause that a story may mean under one model of the service, with shares that add up to 1."""
    family, cause = name(story, verdict, seen, world)
    if cause in ("stale", "read_late"):
        old = _left_over(story, seen)
        return [(old, Family.STALE_DISPLAY, "stale"), (1 - old, Family.LATE, "read_late")]
    twins = {"own_correction": ("one_device_off", _own(story, seen)), "frozen": ("clock_stands", _PICTURE)}
    if cause not in twins or (cause == "frozen" and _running(story)):
        return [(1.0, family, cause)]
    other, share = twins[cause]
    return [(share, family, cause), (1 - share, Family.PHONE_CLOCK, other)]


def _left_over(story: Explanation, seen: Sequence[Seen]) -> float:
    """How likely it is that a code came too late because the display was old, and not because the note was."""
    offset = 0.0 if story.local else story.mean
    for one, fit in zip(seen, story.fits, strict=True):
        if fit.source is not None and fit.mode in (Mode.OLD, Mode.LATE) and one.accepted is not True:
            behind = max(1, int((one.t + offset) // fit.source.step) - fit.counter)
            old, late = aged(behind)
            return old / (old + late)
    return 1.0


def _wrong_source(fits: Sequence[Fit]) -> Source | None:
    wrong = [fit.source for fit in fits if fit.source and not fit.source.right]
    return max(wrong, key=wrong.count) if wrong else None


def _followed(story: Explanation, verdict: Verdict, seen: Sequence[Seen]) -> Named:
    source = verdict.source
    if source is None:
        return Family.SECRET_DIFFERENT, "second_qr_after" if verdict.detail else "other_key_accepted"
    if all(one.accepted is not False for one in seen) and source.family is Family.PARAM_IGNORED:
        return Family.OK, "works_with_other_settings"
    if source.family is Family.NONSTANDARD:
        return Family.NONSTANDARD, source.cause
    return family_of_source(source), "service_" + source.cause


def _probed(story: Explanation, verdict: Verdict, seen: Sequence[Seen]) -> bool:
    """Whether codes of another time were accepted and those of now refused: then it is the service's clock."""
    if any(fit.mode is Mode.PROBE for fit in story.fits):
        return abs(story.mean) < HARMLESS
    if verdict.kind is not Kind.CLOCK:
        return False
    answers = {True: set[bool | None](), False: set[bool | None]()}
    for one, fit in zip(seen, story.fits, strict=True):
        if fit.source is not None:
            away = abs((fit.counter + 0.5) * fit.source.step - one.t) > 1.5 * fit.source.step
            answers[away].add(one.accepted)
    return answers[True] == {True} and False in answers[False]


def _sent_elsewhere(story: Explanation, verdict: Verdict, world: World) -> bool:
    """Whether the service took a code that was sent for another time than now, and the phone's clock is right."""
    away = any(one.good and one.accepted and not due(one, world) for one in probes(story, world))
    return verdict.kind is Kind.CLOCK and away and abs(story.mean) < HARMLESS


def _clocks(story: Explanation, seen: Sequence[Seen], world: World) -> Named | None:
    """A clock that is off by more than a step, in whatever way."""
    if story.common:
        return Family.PHONE_CLOCK, "common_clock"
    if story.apart:
        return _apart(story, seen)
    if any(fit.mode is Mode.MOVED for fit in story.fits):
        return Family.PHONE_CLOCK, "clock_moved"
    if _plainly_off(story) and _refused(story, seen, world) and _skewed(story, seen):
        return Family.PHONE_CLOCK, "clock_edge"
    if abs(story.mean) < HARMLESS and not _was_off(story, seen):
        return None
    if story.local:
        return Family.LOCAL_CLOCK, "local_clock"
    if story.rate and abs(story.rate) * _days(seen) > HARMLESS / 2:
        return Family.PHONE_CLOCK, "clock_drifts"
    if world.local_offset is not None and abs(world.local_offset) >= _COMPUTER:
        low, high = story.low - 10, story.high + 10
        if low <= world.local_offset <= high:
            return Family.PHONE_CLOCK, "common_clock"
    return Family.PHONE_CLOCK, _clock_cause(story, seen)


def _clock_cause(story: Explanation, seen: Sequence[Seen]) -> str:
    why = offsets.reason(story.low, story.high, seen[0].t)
    return {
        offsets.Reason.ZONE: "clock_zone",
        offsets.Reason.DATE: "clock_date",
        offsets.Reason.STOPPED: "clock_stopped",
        offsets.Reason.GPS: "clock_gps",
        offsets.Reason.RESET: "clock_reset",
        offsets.Reason.FAR: "clock_far",
    }.get(why, "clock_off")


def _apart(story: Explanation, seen: Sequence[Seen]) -> Named:
    if offsets.reason(story.low, story.high, seen[0].t) is not offsets.Reason.ZONE and _own(story, seen) > 0.0:
        return Family.APP_BUG, "own_correction"
    return Family.PHONE_CLOCK, "one_device_off"


def _own(story: Explanation, seen: Sequence[Seen]) -> float:
    """How likely it is that of two clocks one is an app's own: it keeps a correction gone stale. If the app that
    is right is the one that keeps a correction, it hides a device that is wrong."""
    off, right = set[str](), set[str]()
    for one, fit in zip(seen, story.fits, strict=True):
        if fit.source is not None:
            away = (fit.counter + 0.5) * fit.source.step - one.t
            (off if abs(away - story.mean) < abs(away) else right).add(one.label)
    one_device = any(word in label for label in off | right for word in _ONE_DEVICE)
    keeps, hides = (any(apps.correction(label) for label in labels) for labels in (off, right))
    if keeps != hides:
        return (0.9 if keeps else 0.15) if one_device else (0.5 if keeps else 0.05)
    return 0.85 if one_device else 0.05


def _running(story: Explanation) -> bool:
    """Whether some code shows that the clock behind a display that stood still goes on."""
    return any(fit.source is not None and fit.mode is not Mode.OLD for fit in story.fits)


def _stood(story: Explanation) -> Named:
    if _running(story) and abs(story.mean) >= HARMLESS:
        return Family.PHONE_CLOCK, "clock_stands"
    return Family.STALE_DISPLAY, "frozen"


def _modes(story: Explanation, seen: Sequence[Seen], verdict: Verdict, world: World) -> Named | None:
    """Something happened to a code between the clock and the service."""
    for one, fit in zip(seen, story.fits, strict=True):
        if one.accepted is True:
            continue
        if fit.mode is Mode.SLIP:
            return Family.CODE_ENTRY, "slip_" + (fit.slip or Slip.DIFFERENT).name.lower()
        if fit.mode is Mode.OLD:
            return Family.STALE_DISPLAY, "stale"
        if fit.mode is Mode.LATE:
            return Family.LATE, "read_late"
    if verdict.kind not in (Kind.FAIR, Kind.REPLAY) and _refused(story, seen, world):
        return None
    return _dress(story, seen, verdict)


def _dress(story: Explanation, seen: Sequence[Seen], verdict: Verdict) -> Named | None:
    for one in seen:
        if one.typed and one.typed not in (Slip.SPACED, Slip.FOREIGN) and one.accepted is not True:
            return Family.CODE_ENTRY, "typed_" + one.typed.name.lower()
    for one in seen:
        if (one.spaced or one.foreign) and one.accepted is False and verdict.detail == "strict":
            return Family.CODE_ENTRY, "typed_" + (Slip.FOREIGN if one.foreign else Slip.SPACED).name.lower()
    return None


def _service(story: Explanation, verdict: Verdict, seen: Sequence[Seen], world: World) -> Named:
    accepted = any(one.accepted for one in everything(story, seen, world) if one.good)
    if not (_refused(story, seen, world) or _sent_elsewhere(story, verdict, world)):
        return _fair(story, seen, world)
    told = world.expected is not None and world.expected.source is not None
    named: dict[Kind, Named] = {
        Kind.REPLAY: (Family.REPLAY, "replay"),
        Kind.DEAD: (Family.SERVICE_SIDE, "service_dead"),
        Kind.DIED: (Family.SERVICE_SIDE, "service_died"),
        Kind.LOCAL: (Family.LOCAL_CLOCK, "checked_here"),
        Kind.CLOCK: (
            Family.SERVICE_CLOCK if accepted or told else Family.SERVICE_SIDE,
            "service_clock",
        ),
        Kind.LOCKED: (
            Family.LOCKOUT if verdict.detail else Family.SERVICE_SIDE,
            "lockout",
        ),
        Kind.NODES: (Family.MULTI_NODE if accepted else Family.SERVICE_SIDE, "nodes"),
    }
    return named.get(verdict.kind) or _fair(story, seen, world)


def _fair(story: Explanation, seen: Sequence[Seen], world: World) -> Named:
    """All is right, or the code just missed its window."""
    refused = [i for i, one in enumerate(tries(story, seen, world)) if one.good and one.accepted is False]
    if refused:
        if any(seen[i].delay >= _SLOW for i in refused):
            return Family.LATE, "typed_late"
        return (Family.PHONE_CLOCK, "clock_edge") if _skewed(story, seen) else (Family.WINDOW_EDGE, "edge")
    if world.local_offset is not None and abs(world.local_offset) >= _COMPUTER:
        return Family.LOCAL_CLOCK, "local_clock"
    return Family.OK, "ok"


def _was_off(story: Explanation, seen: Sequence[Seen]) -> bool:
    """Whether a clock that drifts was off by more than is harmless when a code was refused."""
    last = max(one.t for one in seen)
    return any(
        one.accepted is False and abs(story.mean + story.rate * (one.t - last) / 86400) >= HARMLESS
        for one in seen
        if story.rate
    )


def _plainly_off(story: Explanation) -> bool:
    """A clock that is off for sure, if by less than a step."""
    return (
        not story.local
        and abs(story.mean) < HARMLESS
        and min(abs(story.low), abs(story.high)) >= _EDGE
        and (story.low > 0 or story.high < 0)
    )


def _skewed(story: Explanation, seen: Sequence[Seen]) -> bool:
    """Whether a clock that is right would have shown another code in one of the refused tries."""
    return abs(story.mean) > _EDGE and any(
        fit.source is not None and fit.counter != int(one.t // fit.source.step)
        for one, fit in zip(seen, story.fits, strict=True)
        if one.accepted is False
    )


def _refused(story: Explanation, seen: Sequence[Seen], world: World) -> bool:
    """Whether the service refused a code that it should have taken."""
    return any(due(one, world) and one.accepted is False for one in everything(story, seen, world))


def _days(seen: Sequence[Seen]) -> float:
    return (max(one.t for one in seen) - min(one.t for one in seen)) / 86400
