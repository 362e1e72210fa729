"""What an offset means for codes, in words: pure, from numbers to sentences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from mfatools.clock import words
from mfatools.consensus import Agreement, Confidence, Voice
from mfatools.ntp import Why
from mfatools.phrases import length, percent
from mfatools.windows import refusal

STEP = 30.0  # s
RISK = 0.02  # share of refused codes from which a clock counts as wrong
NEAR = 1.5  # s; a twentieth of a step: strict services refuse five codes in a hundred more than they must
WIDE = 1.0  # s; half a second decides every verdict for codes, a bound wider than this may not
TINY = 0.0005  # s; no sign is told below this

_SHUT_IN = {Why.SILENT, Why.REFUSED, Why.UNREACHABLE, Why.NO_NAME}  # nobody was reached


class State(StrEnum):
    """The verdict in one word."""

    FINE = "fine"
    SLOW = "slow"
    FAST = "fast"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Risk:
    """The chance, 0 to 1, that a code made by this clock is refused: `mfatools.windows.refusal`.

    Args:
        either: by a service that takes one step either way, as most do.
        behind: by one that takes one late step only, which is what RFC 6238 section 5.2 asks for.
        strict: by one that takes the present step only.
    """

    either: float
    behind: float
    strict: float

    @classmethod
    def at(cls, offset: float) -> Risk:
        """At this offset: seconds to add to the clock to get true time."""
        fast = -offset  # windows.refusal counts the client minus the service
        return cls(refusal(fast), refusal(fast, ahead=0), refusal(fast, behind=0, ahead=0))

    @property
    def high(self) -> bool:
        """True if services with either of the two usual windows refuse noticeably many codes."""
        return max(self.either, self.behind) > RISK


@dataclass(frozen=True, slots=True)
class Verdict:
    """A check in words.

    Args:
        state: fine, slow, fast or unknown.
        headline: one sentence.
        meaning: what it means for codes, one to three sentences; empty if nothing can be said.
        notes: further remarks, a sentence or two each.
    """

    state: State
    headline: str
    meaning: str
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        return " ".join((self.headline, self.meaning, *self.notes)).strip()


def near(offset: float) -> bool:
    """True if a clock is so near to true time that mending it would gain next to nothing with any service."""
    return abs(offset) <= NEAR


def judge(found: Agreement, unheard: Sequence[Voice], method: str, notes: Sequence[str] = ()) -> Verdict:
    """Put an agreement into words.

    Args:
        found: what those heard say.
        unheard: the others.
        method: ``"ntp"`` or ``"https"``.
        notes: further sentences to end with.
    """
    if found.offset is None or found.bound is None:
        headline = _nothing(found, unheard)
        return Verdict(State.UNKNOWN, headline, "", (*_notes(found, unheard, method), *notes))
    state = _state(found.offset, found.bound)
    headline = _headline(state, found, found.offset, found.bound, _agreed(found, unheard, method))
    said = (*_notes(found, unheard, method), *_hints(found.offset), *notes)
    return Verdict(state, headline, meaning(found.offset), said)


def meaning(offset: float) -> str:
    """What an offset does to codes of 30 s steps, in sentences."""
    risk = Risk.at(offset)
    steps = abs(offset) / STEP
    if steps < 0.5:
        place = words.ON_STEP.format(step=STEP)
    else:
        shown = f"{steps:,.0f}" if steps >= 10 else f"{steps:.1f}".removesuffix(".0")
        unit, when = (words.STEP if shown == "1" else words.STEPS), (words.LATE if offset > 0 else words.EARLY)
        place = words.OFF_STEP.format(steps=shown, unit=unit, step=STEP, when=when)
    shares = {name: roughly(getattr(risk, name)) for name in ("behind", "strict")}
    refused = words.REFUSED.format(usual=roughly(risk.either), floor=roughly(Risk.at(0.0).strict), **shares)
    return " ".join(filter(None, (place, refused, _hurt(offset, risk))))


def _hurt(offset: float, risk: Risk) -> str:
    """Whom a slow clock hurts; "" for one that is fast, or as good as right."""
    if offset < 0 or near(offset):
        return ""
    if risk.high:
        return words.SLOW_HURTS
    return words.STRICT_HURTS.format(times=f"{risk.strict / Risk.at(0.0).strict:.1f}")


def seconds(value: float, doubt: float = 0.0) -> str:
    """A length of time for people, no finer than its doubt: ``42.0 s``, ``3 min 20 s``, ``1 h``."""
    value = abs(value)
    return f"{value:.{decimals(max(doubt, value / 1000))}f} s" if value < 120 else length(value)


def roughly(share: float) -> str:
    """A share of codes for people: ``about 0.1%``, ``about 37%``, ``hardly any``, ``all``."""
    if share < 0.0005:
        return "hardly any"
    return "all" if share > 0.995 else f"about {percent(share, 1 if share < 0.02 else 0)}"


def why(voice: Voice, *, split: bool = False) -> str:
    """Why a server does not count, in words.

    Args:
        voice: the server.
        split: True if no majority agreed: then nobody knows which of them errs, and none is blamed.
    """
    said = words.WHY[voice.why] if voice.why else ""
    if voice.why is Why.DISAGREES and split:
        said = words.NO_SIDE
    if voice.why is Why.DISAGREES and voice.offset is not None:
        said += f" (by its time this clock is {_amount(voice.offset)})"
    return f"{said}: {voice.detail}" if voice.detail else said


def _state(offset: float, bound: float) -> State:
    high = Risk.at(offset).high
    ends = {Risk.at(end).high for end in (offset - bound, offset + bound)}
    if bound > WIDE and ends != {high}:
        return State.UNKNOWN
    if not high:
        return State.FINE
    return State.SLOW if offset > 0 else State.FAST


def _nothing(found: Agreement, unheard: Sequence[Voice]) -> str:
    """Why there is no answer, in a sentence."""
    if found.confidence is Confidence.NO_ANSWER:
        return words.NO_ANSWER if _shut_in(unheard) else words.NO_USE
    return words.NO_MAJORITY if _sides(found) else words.NO_SENSE


def _sides(found: Agreement) -> list[Voice]:
    """Those that contradict each other while no majority agrees; the rest contradict themselves."""
    split = found.confidence is Confidence.NO_MAJORITY
    return [voice for voice in found.falsetickers if split and voice.why is Why.DISAGREES]


def _headline(state: State, found: Agreement, offset: float, bound: float, agreed: str) -> str:
    form = {State.FINE: words.FINE, State.UNKNOWN: words.UNSURE}.get(state, words.WRONG)
    if state is State.FINE and not near(offset):
        form = words.CLOSE
    elif state is State.FINE and abs(offset) < TINY:
        form = words.FINE_ZERO
    return form.format(
        amount=seconds(offset, bound / 10), sign=_sign(offset), bound=seconds(bound, bound / 10), agreed=agreed
    )


def _agreed(found: Agreement, unheard: Sequence[Voice], method: str) -> str:
    true, total = len(found.truechimers), _asked(found, unheard, method)
    if total == 1:
        return words.ONE_KIND[method]
    if found.confidence is Confidence.SINGLE_SOURCE:
        return words.ALONE.format(all=total, kind=words.KINDS[method])
    said = words.AGREED.format(true=true, all=total, kind=words.KINDS[method])
    return said + (words.UNUSED.format(parts=parts) if (parts := _unused(found, unheard, method)) else "")


def _of_kind(unheard: Sequence[Voice], method: str) -> list[Voice]:
    """The unheard without those asked in the other way before, and without second names of one machine."""
    return [voice for voice in unheard if voice.kind in ("", method) and voice.why is not Why.SAME]


def _asked(found: Agreement, unheard: Sequence[Voice], method: str) -> int:
    return len(found.truechimers) + len(found.falsetickers) + len(_of_kind(unheard, method))


def _unused(found: Agreement, unheard: Sequence[Voice], method: str) -> str:
    """What became of those that are not among the agreeing, so that the numbers add up."""
    late = sum(voice.why is Why.NOT_AWAITED for voice in _of_kind(unheard, method))
    silent = len(_of_kind(unheard, method)) - late
    false = words.UNUSED_FALSE if len(found.falsetickers) == 1 else words.UNUSED_FALSES
    counted = ((len(found.falsetickers), false), (silent, words.UNUSED_SILENT), (late, words.UNUSED_LATE))
    return ", ".join(form.format(n=count) for count, form in counted if count)


def _notes(found: Agreement, unheard: Sequence[Voice], method: str) -> tuple[str, ...]:
    notes = []
    true, asked = len(found.truechimers), _asked(found, unheard, method)
    if found.confidence is Confidence.SINGLE_SOURCE:
        notes.append(words.NOTE_ALONE)
    if found.confidence is Confidence.CONFIRMED and 2 * true <= asked:
        notes.append(words.NOTE_FEW.format(true=true, all=asked))
    if sides := _sides(found):
        said = (f"according to {voice.server} this clock is {_amount(voice.offset)}" for voice in sides)
        notes.append(words.NOTE_SPLIT.format(names="; ".join(said)))
    if liars := [voice for voice in found.falsetickers if voice not in sides]:
        names = "; ".join(f"{voice.server} {why(voice)}" for voice in liars)
        notes.append(words.NOTE_LIARS.format(names=names))
    if any(voice.why is Why.TLS_DATE for voice in unheard):
        notes.append(words.NOTE_TLS)
    if found.confidence is Confidence.NO_ANSWER and unheard:
        notes.extend(_unreached(unheard))
    return tuple(notes)


def _unreached(unheard: Sequence[Voice]) -> list[str]:
    """What to make of it that nobody was reached."""
    if all(voice.why is Why.NO_NAME for voice in unheard):
        return [words.NOTE_NO_NETWORK if len(unheard) > 1 else words.NOTE_NO_SUCH_NAME]
    if all(voice.why is Why.REFUSED for voice in unheard):
        return [words.NOTE_REFUSED]
    return [words.NOTE_SHUT_IN] if _shut_in(unheard) else []


def _shut_in(unheard: Sequence[Voice]) -> bool:
    return {voice.why for voice in unheard} <= _SHUT_IN


def _amount(offset: float | None) -> str:
    return "" if offset is None else "right" if abs(offset) < TINY else f"{seconds(offset)} {_sign(offset)}"


def _hints(offset: float) -> tuple[str, ...]:
    """What the size of an offset tells of its cause."""
    away = abs(offset)
    if away > 300 * 86400:
        return (words.NOTE_YEARS,)
    half_hours = round(away / 1800)
    near = half_hours and away < 27 * 3600 and abs(away - half_hours * 1800) < 60
    return (words.NOTE_ZONE,) if near else ()


def _sign(offset: float) -> str:
    return words.SLOW if offset > 0 else words.FAST


def decimals(doubt: float) -> int:
    """How many decimals show a number that has this doubt, four at most."""
    return next((places for places, least in ((0, 1.0), (1, 0.1), (2, 0.01), (3, 0.001)) if doubt >= least / 2), 4)
