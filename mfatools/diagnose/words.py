"""Numbers into sentences: fills the gaps of the catalogue, and gives the evidence of each finding."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime

from mfatools.diagnose import apps, offsets
from mfatools.diagnose.case import Case
from mfatools.diagnose.catalogue import ALIKE, CATALOGUE, CLOCK, ISSUE, READINGS, SCHEMES, Words
from mfatools.diagnose.engine import MOST_CODES, Outcome
from mfatools.diagnose.judge import Part
from mfatools.diagnose.model import Explanation, Family, Mode, Seen
from mfatools.diagnose.platforms import clock_step
from mfatools.diagnose.result import Finding
from mfatools.diagnose.slips import Slip

_SHOWN = 0.0005  # findings less likely than this are not told
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
        shares = _shares(parts)
        cause = cause if shares[cause] > 0.6 * sum(shares.values()) else "service_dead"
    words = _words(cause)
    gaps = _gaps(case, part, outcome)
    return Finding(
        family=part.family,
        cause=cause,
        probability=probability,
        title=words.title,
        says=words.says.format_map(gaps),
        evidence=_evidence(part, parts, outcome),
        remedy=tuple(_step(step, case, cause, gaps) for step in words.remedy),
        rules_out=words.rules_out,
        link=words.link,
        offset_s=_offset(part.story),
    )


def _shares(parts: Sequence[Part]) -> dict[str, float]:
    shares: dict[str, float] = defaultdict(float)
    for part in parts:
        shares[part.cause] += part.weight
    return shares


def _leading(parts: Sequence[Part]) -> str:
    shares = _shares(parts)
    return max(shares, key=shares.__getitem__)


def _words(cause: str) -> Words:
    if cause.startswith(("slip_", "typed_")) and cause != "typed_late":
        slip = cause.partition("_")[2]
        cause = "zero" if slip == "zero_lost" else "dress" if slip in ("spaced", "foreign") else "slip"
    elif cause in READINGS and cause not in CATALOGUE:
        cause = "key_reading"
    elif cause.startswith("service_settings"):
        cause = "service_settings_ignored"
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
        detail = str(max(fit.counter for fit in story.fits) - (outcome.world.hotp or 0))
    slip = part.cause.partition("_")[2].upper()
    app = apps.known(case.app)
    local = case.local_offset_s
    span = (story.low, story.high) if local is None else (local, local)
    return {
        "offset": spoken(story.low, story.high),
        "detail": detail or "another one",
        "zone": offsets.zone_text(story.low, story.high),
        "rate": f"{abs(story.rate):.1f} s",
        "local": spoken(*span),
        "service": spoken(*verdict.offset) if verdict.offset else "fast or slow",
        "workaround": _workaround(verdict.offset),
        "correction": apps.correction(_labels(case)) or "Renew the time correction in the app's settings.",
        "app": f"{app.name} is known for it ({app.source})." if app else "",
        "cause": wrong[0].shape.quirk.value if wrong else "",
        "reading": READINGS.get(part.cause, "").format(detail=detail),
        "slip": Slip[slip].value if slip in Slip.__members__ else "",
        "scheme": SCHEMES.get(verdict.detail, SCHEMES["letters"]),
    }


def _labels(case: Case) -> str:
    return " ".join([case.app, *(look.entry_label or "" for look in case.looks)])


def _workaround(span: tuple[float, float] | None) -> str:
    if span is None or span[0] < 0 < span[1]:
        return "try a code a minute or two old."
    wait = round(abs(span[0] + span[1]) / 2 / 10) * 10
    return f"keep a code for about {wait} s before you send it." if span[1] <= 0 else "no code of now will do."


def _step(step: str, case: Case, cause: str, gaps: dict[str, str]) -> str:
    if step == CLOCK:
        return clock_step(case, here=cause in ("local_clock", "checked_here"))
    return step.format_map(gaps)


def _offset(story: Explanation) -> tuple[float, float] | None:
    source = story.source
    if source is None or source.hotp:
        return None
    return (-5.0, 5.0) if story.local else (story.low, story.high)


def spoken(low: float, high: float) -> str:
    """An offset interval in words: ``"75 to 105 s slow"``, ``"right within 12 s"``."""
    if low >= -_PLAIN and high <= _PLAIN:
        return f"right within {_PLAIN:.0f} s"
    if low < 0 < high:
        if min(-low, high) <= _PLAIN:
            return f"up to {_amount(max(-low, high))} {'slow' if -low > high else 'fast'}"
        return f"between {_amount(-low)} slow and {_amount(high)} fast"
    way = "fast" if high > 0 else "slow"
    near, far = sorted((abs(low), abs(high)))
    near_text, far_text = _amount(near), _amount(far)
    if near_text == far_text:
        return f"{far_text} {way}"
    if near_text.endswith(" s") and far_text.endswith(" s") and far < 120:
        near_text = near_text.removesuffix(" s")
    return f"{near_text} to {far_text} {way}"


def _amount(seconds: float) -> str:
    for limit, unit, name in ((120, 1, "s"), (7200, 60, "min"), (48 * 3600, 3600, "h"), (1e12, 86400, "days")):
        if seconds < limit:
            if unit == 1 or unit == 86400:
                return f"{seconds / unit:.0f} {name}"
            whole, rest = divmod(round(seconds) if unit == 60 else round(seconds / 60) * 60, unit)
            small = {60: (rest, "s"), 3600: (rest // 60, "min")}[unit]
            return f"{whole} {name}" + (f" {small[0]} {small[1]}" if small[0] else "")
    return "very long"


def _evidence(part: Part, parts: Sequence[Part], outcome: Outcome) -> str:
    told = [_sight(one, part) for one in outcome.seen[:3]]
    told = [sentence for sentence in told if sentence]
    if part.family is Family.SERVICE_SIDE:
        told.append(_inside(parts))
    if part.family in (Family.SECRET_DIFFERENT, Family.UNKNOWN) and part.story.source is None:
        told = ["None of the codes fits this key at any clock, setting or slip that was tried."]
    told.append(luck_text(outcome))
    return " ".join(filter(None, told))


def _sight(one: Seen, part: Part) -> str:
    """When this code was shown by a right clock, and when it was read."""
    fit = part.story.fits[one.index]
    source = fit.source
    answer = {True: ", accepted", False: ", refused", None: ""}[one.accepted]
    if source is None:
        return f"Code {one.index + 1}, read at {clock_text(one.t)}, does not fit{answer}."
    if source.hotp:
        return f"Code {one.index + 1} is that of counter {fit.counter}{answer}."
    start = fit.counter * source.step
    what = "differs by a slip from the code" if fit.mode is Mode.SLIP else "is the code"
    if source.step < 1:
        return f"Code {one.index + 1} fits the time in milliseconds{answer}."
    window = f"{clock_text(start)} to {clock_text(start + source.step, date=False)} UTC"
    return f"Code {one.index + 1} {what} for {window}; it was read at {clock_text(one.t, date=False)}{answer}."


def clock_text(t: float, *, date: bool = True) -> str:
    """A moment in UTC: ``"2025-10-02 12:00:07"``."""
    if not -62e9 < t < 253e9:
        return "a time beyond the calendar"
    return datetime.fromtimestamp(t, UTC).strftime("%Y-%m-%d %H:%M:%S" if date else "%H:%M:%S")


def _inside(parts: Sequence[Part]) -> str:
    """How the service's own troubles share the blame."""
    names = {
        "service_clock": "its clock",
        "service_dead": "another secret or other settings there, or another account",
        "service_died": "a secret that was changed",
        "lockout": "a lock",
        "nodes": "several servers",
    }
    shares = _shares(parts)
    total = sum(shares.values())
    ranked = sorted(((share / total, names[c]) for c, share in shares.items() if c in names), reverse=True)
    told = [f"{name} {share:.0%}" for share, name in ranked if share >= 0.03]
    return f"On the service's side: {', '.join(told)}." if len(told) > 1 else ""


def luck(outcome: Outcome) -> float:
    """Probability that one of the hypotheses fits all codes by accident: about K * 10^-d * (3 * 10^-d)^(n-1).

    The three is for the neighbouring steps, in which a further code may lie (figures: the case collection).
    """
    if not outcome.codes:
        return 1.0
    chances = [1 / 10 ** len(one.code) for one in outcome.seen]
    worst = max(chances, default=1.0)
    single = worst * (3 * worst) ** (outcome.codes - 1)
    return -math.expm1(-outcome.tested * single)


def luck_text(outcome: Outcome) -> str:
    """The number of hypotheses, and how likely it is that one fits by accident."""
    if not outcome.codes:
        return ""
    chance = luck(outcome)
    odds = "less than one in a billion" if chance < 1e-9 else f"about 1 in {_round(1 / chance):,}"
    codes = "one code" if outcome.codes == 1 else f"{outcome.codes} different codes"
    return f"{outcome.tested:,} possibilities were compared with {codes}; by accident one fits in {odds} cases."


def _round(value: float) -> int:
    unit: int = 10 ** max(0, int(math.log10(value)) - 1)
    return max(1, round(value / unit) * unit)


def notes(case: Case, outcome: Outcome) -> tuple[str, ...]:
    """What else the person should know."""
    told = []
    local = case.local_offset_s
    if local is None and case.looks:
        told.append("This computer's clock was not measured: phone and computer are only compared with each other.")
    elif local is not None and abs(local) >= 5:
        told.append(f"This computer is {spoken(local, local)}; that was taken into account.")
    if outcome.codes == 1:
        told.append("There is one code only. A second one, of another step, makes the answer much firmer.")
    app = apps.known(case.app)
    if app and "#" in app.source and _unusual(case):
        told.append(f"{app.name} is known to ignore {', '.join(sorted(app.ignores))}: {ISSUE}{_thread(app.source)}")
    if len(case.looks) > MOST_CODES:
        told.append(f"Only the last {MOST_CODES} codes were looked at.")
    if outcome.stopped:
        told.append("The search was stopped before its end.")
    return tuple(told)


def _unusual(case: Case) -> bool:
    entry = case.entry.account
    return entry is not None and (entry.algorithm, entry.digits, entry.step) != ("SHA1", 6, 30)


def _thread(source: str) -> str:
    first = source.partition(",")[0]
    repository, _, number = first.partition("#")
    return f"{repository}/issues/{number}" if number else repository
