"""Numbers into sentences: fills the gaps of the catalogue, and gives the evidence of each finding."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from mfatools.diagnose import apps, aside, counters, evidence, foreign, offsets, slips
from mfatools.diagnose.answers import World, due, probes
from mfatools.diagnose.case import Case
from mfatools.diagnose.catalogue import ALIKE, CATALOGUE, CLOCK, ISSUE, PROBE, READINGS, SCHEMES, Words
from mfatools.diagnose.engine import Outcome
from mfatools.diagnose.judge import Part
from mfatools.diagnose.model import HARMLESS, THEIRS, Explanation, Family, Mode, Seen
from mfatools.diagnose.platforms import clock_step, device
from mfatools.diagnose.prepared import MOST_CODES, latest
from mfatools.diagnose.result import Finding
from mfatools.diagnose.slips import Slip
from mfatools.phrases import length

_SHOWN = 0.0005  # findings less likely than this are not told
_SPENT = 600.0  # s after its step no service takes a code: its digits are no secret any more
_OPEN = 300.0  # s: an interval of the service's clock that is wider, to both sides, tells nothing
_IGNORED = "settings_ignored"
_PLAIN = 2.0  # s: an offset interval that reaches so near to zero from both sides is "right"


def findings(case: Case, outcome: Outcome) -> tuple[Finding, ...]:
    """The families of an outcome as findings, the likeliest first."""
    total = sum(part.weight for part in outcome.parts)
    groups: dict[Family, list[Part]] = defaultdict(list)
    for part in outcome.parts:
        groups[part.family].append(part)
    told = []
    for parts in groups.values():
        probability = sum(part.weight for part in parts) / total if total else 0.0
        if probability >= _SHOWN:
            told.append(_finding(case, outcome, parts, probability))
    return tuple(sorted(told, key=lambda finding: -finding.probability))


def _finding(case: Case, outcome: Outcome, parts: Sequence[Part], probability: float) -> Finding:
    cause = _leading(parts)
    part = max((part for part in parts if part.cause == cause), key=lambda part: part.weight)
    if part.family is Family.SERVICE_SIDE and cause in ("service_clock", "lockout", "nodes"):
        shares = evidence.shares(parts)
        cause = cause if shares[cause] > 0.6 * sum(shares.values()) else "service_dead"
    key = _told_apart(cause, part, case, outcome.world)
    words = _words(key)
    gaps = _gaps(case, part, outcome)
    more = aside.aside(part, case, words.rules_out, gaps["offset"])
    steps = (*words.remedy, *aside.correction(case, cause), *more.steps)
    return Finding(
        family=part.family,
        cause=cause,
        probability=probability,
        title=aside.named(case, words.title),
        says=words.says.format_map(gaps).strip() + more.sentence,
        evidence=evidence.told(part, parts, outcome),
        remedy=tuple(_step(step, case, key, gaps) for step in steps),
        rules_out=more.rules_out,
        link=(_known_thread(case) if cause == _IGNORED else "") or words.link,
        offset_s=_offset(part.story, outcome.seen),
    )


def _told_apart(cause: str, part: Part, case: Case, world: World) -> str:
    """The words for a cause: others for counters, for a program that runs on this computer, for another key of
    Steam's, and where a service tells which code it expected."""
    if cause in ("common_clock", "one_device_off") and _runs_here(part, case):
        return "runs_here"
    if cause == "lockout" and world.hotp is None and _accepted_last(case):
        return "lockout_over"
    if cause == "secret_different" and foreign.looks_like_steam(case):
        return "secret_different_steam"
    if world.hotp is not None and cause + "_counter" in CATALOGUE:
        return cause + "_counter"
    if cause != "service_dead" or world.expected is None:
        return cause
    source = world.expected.source
    if source and source.right:
        return cause
    return "service_misreads" if source and source.cause in READINGS else "service_other_secret"


def _accepted_last(case: Case) -> bool:
    answers = [(look.read_at_local + look.typed_after_s, look.accepted) for look in case.looks]
    told = [(t, accepted) for t, accepted in answers if accepted is not None]
    return bool(told) and max(told)[1] is True


def _runs_here(part: Part, case: Case) -> bool:
    """Whether the codes are made by a computer program whose clock is wrong just as this computer's is."""
    local = case.local_offset_s
    if local is None or device(case) != "computer":
        return False
    return part.story.low - 10 <= local <= part.story.high + 10


def _leading(parts: Sequence[Part]) -> str:
    shares = evidence.shares(parts)
    return max(shares, key=shares.__getitem__)


def _words(cause: str) -> Words:
    if cause.startswith(("slip_", "typed_")) and cause != "typed_late":
        slip = cause.partition("_")[2]
        cause = "zero" if slip == "zero_lost" else "dress" if slip in ("spaced", "foreign") else "slip"
    elif cause in READINGS and cause not in CATALOGUE:
        cause = "key_reading"
    elif cause.startswith("service_settings"):
        cause = "service_settings_ignored"
    elif cause == "service_second_qr":
        cause = "second_qr_after"
    elif cause == "service_wrong_entry":
        cause = "wrong_entry"
    elif cause.startswith("service_") and cause not in CATALOGUE:
        cause = "other_key_accepted"
    return CATALOGUE[ALIKE.get(cause, cause)]


def _gaps(case: Case, part: Part, outcome: Outcome) -> dict[str, str]:
    story, verdict = part.story, part.verdict
    wrong = [fit.source for fit in story.fits if fit.source and not fit.source.right]
    source = verdict.source or (wrong[0] if wrong else story.source)
    detail = source.detail if source else ""
    if part.cause == "totp_as_hotp":
        detail = " and ".join(str(fit.counter) for fit in story.fits[:2])
    if part.cause == "counter_ahead":
        unused = counters.ahead(story, outcome.seen, outcome.world) - 1
        detail = f"{unused} code{'s' * (unused != 1)}"
    expected = outcome.world.expected.source if outcome.world.expected else None
    slip = part.cause.partition("_")[2].upper()
    app = apps.known(case.app)
    local = case.local_offset_s
    span = (story.low, story.high) if local is None else (local, local)
    return {
        "offset": spoken(*_off_span(story, outcome.seen)),
        "detail": detail or "another one",
        "zone": offsets.zone_text(story.low, story.high),
        "rate": f"{abs(story.rate):.1f} s",
        "local": spoken(*span),
        "service": _service(verdict.offset),
        "workaround": _workaround(verdict.offset),
        "correction": apps.correction(_labels(case)) or "Renew the time correction in the app's settings.",
        "app": f"{app.name} is known to do so." if app else "",
        "cause": wrong[0].shape.quirk.value if wrong else "",
        "reading": READINGS.get(part.cause, "").format(detail=detail),
        "misreading": READINGS.get(expected.cause, "").format(detail=expected.detail) if expected else "",
        "slip": _slip(case, part, Slip[slip], outcome) if slip in Slip.__members__ else "",
        "scheme": SCHEMES.get(verdict.detail, SCHEMES["letters"]),
    }


def _slip(case: Case, part: Part, slip: Slip, outcome: Outcome) -> str:
    """What happened to the first code that was changed by this slip, and at which digit."""
    for one, fit in zip(outcome.seen, part.story.fits, strict=True):
        source = fit.source
        typed = latest(case)[one.index].typed
        if source is None or slip not in (one.typed, fit.slip):
            continue
        wrong = slips.undress(typed).clean if slip is one.typed and typed else one.code
        right = one.code if slip is one.typed else source.code(fit.counter)
        if slip is Slip.DIFFERENT and not source.hotp and slips.mixed(wrong, right, source.code(fit.counter + 1)):
            return Slip.MIXED.value
        over = (fit.counter + 1) * source.step + _SPENT < max(other.t for other in outcome.seen)
        return slips.place(right, wrong, slip, digits=over and not source.hotp)
    return slip.value


def without_probes(found: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """The findings where no probe code is offered: nobody is told to send one."""
    return tuple(replace(one, remedy=tuple(step for step in one.remedy if step != PROBE)) for one in found)


def _labels(case: Case) -> str:
    return " ".join([case.app, *(look.entry_label or "" for look in case.looks)])


def _service(span: tuple[float, float] | None) -> str:
    """Where the service's clock seems to stand; where the answers leave it open, no numbers."""
    if span is None or (span[0] < 0 < span[1] and span[1] - span[0] > _OPEN):
        return "fast or slow, by how much the answers do not tell"
    return spoken(*span)


def _workaround(span: tuple[float, float] | None) -> str:
    if span is None or span[0] < 0 < span[1]:
        return "try a code a minute or two old."
    wait = round(abs(span[0] + span[1]) / 2 / 10) * 10
    return f"keep a code for about {wait} s before you send it." if span[1] <= 0 else "no current code will work."


def _step(step: str, case: Case, cause: str, gaps: dict[str, str]) -> str:
    if step == CLOCK:
        return clock_step(case, here=cause in ("local_clock", "checked_here", "runs_here"))
    return step.format_map(gaps)


def _offset(story: Explanation, seen: Sequence[Seen]) -> tuple[float, float] | None:
    source = story.source
    if source is None or source.hotp:
        return None
    return (-5.0, 5.0) if story.local else _off_span(story, seen)


def _off_span(story: Explanation, seen: Sequence[Seen]) -> tuple[float, float]:
    """The offset that a story is about, seconds: of a clock that was set meanwhile, where it was wrong."""
    moved = [
        (fit.counter * fit.source.step - one.t, one.sd, fit.source.step)
        for one, fit in zip(seen, story.fits, strict=True)
        if fit.source is not None and fit.mode is Mode.MOVED
    ]
    if not moved or abs(story.mean) >= HARMLESS:
        return story.low, story.high
    ends = [(start - 2 * sd, start + step + 2 * sd) for start, sd, step in moved]
    low, high = max(low for low, _ in ends), min(high for _, high in ends)
    return (low, high) if low < high else (min(low for low, _ in ends), max(high for _, high in ends))


def spoken(low: float, high: float) -> str:
    """An offset interval in words: ``"75 to 105 s slow"``, ``"right within 12 s"``."""
    if low >= -_PLAIN and high <= _PLAIN:
        return f"right within {_PLAIN:.0f} s"
    if low < 0 < high:
        if min(-low, high) <= _PLAIN:
            return f"up to {length(max(-low, high))} {'slow' if -low > high else 'fast'}"
        return f"between {length(-low)} slow and {length(high)} fast"
    way = "fast" if high > 0 else "slow"
    near, far = sorted((abs(low), abs(high)))
    near_text, far_text = length(near), length(far)
    if near_text == far_text:
        return f"{far_text} {way}"
    if near_text.endswith(" s") and far_text.endswith(" s") and far < 120:
        near_text = near_text.removesuffix(" s")
    return f"{near_text} to {far_text} {way}"


def notes(case: Case, outcome: Outcome, found: Sequence[Finding] = ()) -> tuple[str, ...]:
    """What else the person should know, besides what the best of the findings says already."""
    told = []
    local = case.local_offset_s
    counts = case.entry.account is not None and case.entry.account.counter is not None
    if local is None and case.looks and not counts:
        told.append("This computer's clock was not measured: phone and computer are only compared with each other.")
    elif local is not None and abs(local) >= 5:
        told.append(f"This computer is {spoken(local, local)}; that was taken into account.")
    if outcome.codes == 1:
        told.append(
            "There is only one code. A second one, read after it has changed, makes the answer much more certain."
        )
    if _used_twice(case) and not (found and found[0].family is Family.REPLAY):
        told.append("A code that had been accepted was sent again: no service should take one twice.")
    if _also_refused(outcome):
        told.append("A code that was right at the time was refused as well: the service has a fault of its own.")
    app = apps.known(case.app)
    thread = _known_thread(case)
    if app and thread and _unusual(case) and not (found and found[0].cause == _IGNORED):
        told.append(f"{app.name} is known to ignore {', '.join(sorted(app.ignores))}: {thread}")
    if len(case.looks) > MOST_CODES:
        told.append(f"Only the last {MOST_CODES} codes were looked at.")
    if outcome.stopped:
        told.append("The search was stopped before its end.")
    return tuple(told)


def _used_twice(case: Case) -> bool:
    """Whether a code was refused that the service had taken before."""
    taken = [(look.typed or look.shown, look.read_at_local) for look in case.looks if look.accepted]
    refused = [look for look in case.looks if look.accepted is False]
    return any(
        code == (look.typed or look.shown) and at < look.read_at_local for look in refused for code, at in taken
    )


def _also_refused(outcome: Outcome) -> bool:
    """Whether the service refuses what is right, though another fault comes first."""
    best = max(outcome.parts, key=lambda part: part.weight)
    right = [one for one in probes(best.story, outcome.world) if due(one, outcome.world)]
    return best.family not in THEIRS and any(one.accepted is False for one in right)


def _unusual(case: Case) -> bool:
    entry = case.entry.account
    return entry is not None and (entry.algorithm, entry.digits, entry.step) != ("SHA1", 6, 30)


def _known_thread(case: Case) -> str:
    """The address of the report that this app ignores settings; empty without one."""
    app = apps.known(case.app)
    repository, _, number = app.source.partition(",")[0].partition("#") if app else ("", "", "")
    return f"{ISSUE}{repository}/issues/{number}" if number else ""
