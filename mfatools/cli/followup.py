"""After a diagnosis in a terminal: one more observation, then the next diagnosis, until it is solved."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from mfatools.casework import rivals, tap_words
from mfatools.cli import interview, when
from mfatools.cli.desk import Desk
from mfatools.cli.probing import offers
from mfatools.cli.screen import grouped, indented
from mfatools.diagnose import Case, Diagnosis, Entry, Sent
from mfatools.errors import MfaError
from mfatools.totp import Totp

_SLOW = 40.0  # s after which it is asked when a code was sent
_TAPS = 5
_DONE = ("s", "q", "solved", "stop", "quit", "exit")
# Which step answers which question of the diagnosis, where it is not answered in a word.
_ANSWERS = {
    **dict.fromkeys(("first_code", "second_code", "try_code", "fresh_code", "many_tries", "reopen"), "code"),
    **dict.fromkeys(("wait_and_try", "sync_here"), "code"),
    "probe_codes": "probe",
    "network_time": "clock",
    "other_qr": "picture",
    "flip": "tap",
}


@dataclass(frozen=True, slots=True)
class _Step:
    name: str
    words: str
    take: Callable[[Desk, Case, Diagnosis, Callable[[], float]], Case]


def further(desk: Desk, case: Case, diagnosis: Diagnosis, now: Callable[[], float]) -> Case | None:
    """The case with one more observation of the person's choice; None when they are done.

    What the diagnosis asks for next stands first in the list, and Enter takes it; else Enter stops.
    """
    steps = _steps(case, diagnosis)
    desk.say("\nWhat now?", bold=True)
    desk.offer([step.words for step in steps])
    first = 0 if steps[0].name == _best(diagnosis) else None
    prompt = f"Number (Enter: {'stop' if first is None else '1'}; s: solved; q: stop)"
    place = desk.ask(prompt, lambda answer: _chosen(answer, [step.name for step in steps], first))
    if place is None:
        return None
    seen = case.looks
    case = steps[place].take(desk, case, diagnosis, now)
    fresh = case.looks[len(seen) :]
    if any(look.accepted for look in fresh) and desk.yes("The site took it. Is your trouble solved? (y, n)"):
        return None
    return case


def _steps(case: Case, diagnosis: Diagnosis) -> list[_Step]:
    account = case.entry.account
    steps = [_Step("code", "add a code that the phone shows", _more_codes)]
    if diagnosis.next_question and diagnosis.next_question.options:
        steps.append(_Step("answer", "answer the question above", _answer))
    if diagnosis.probes:
        steps.append(_Step("probe", "send a probe code and tell me what the site did", _probe))
    if case.local_offset_s is None and not (account and account.counter is not None):
        steps.append(_Step("clock", "check this computer's clock", _clock))
    steps.append(_Step("picture", "add a picture: the page as it is now, or other entries", _picture))
    if case.looks and not case.app:
        steps.append(_Step("app", "say which app it is", _app))
    if account is not None and isinstance(account.otp, Totp) and not case.changes:
        steps.append(_Step("tap", "tap when the phone's code changes", _tap))
    return sorted(steps, key=lambda step: step.name != _best(diagnosis))


def _best(diagnosis: Diagnosis) -> str:
    """The name of the step that answers the next question; empty if none does."""
    asked = diagnosis.next_question
    if asked is None:
        return ""
    return "answer" if asked.options else _ANSWERS.get(asked.name, "")


def _chosen(answer: str, names: Sequence[str], first: int | None) -> int | None:
    told = answer.lower()
    if told in _DONE:
        return None
    if not told:
        return first
    if told in names:
        return names.index(told)
    if told.isdecimal() and 1 <= int(told) <= len(names):
        return int(told) - 1
    raise MfaError("That is none of them.", f"Write a number from 1 to {len(names)}, or q to stop.")


def _more_codes(desk: Desk, case: Case, _diagnosis: Diagnosis, now: Callable[[], float]) -> Case:
    return interview.codes(desk, case, now, most=len(case.looks) + 6)


def _answer(desk: Desk, case: Case, diagnosis: Diagnosis, _now: Callable[[], float]) -> Case:
    asked = diagnosis.next_question
    assert asked is not None
    place = desk.choose("Number, or the word (Enter: not known)", asked.options)
    return case if place is None else replace(case, answers=(*case.answers, (asked.name, asked.options[place])))


def _app(desk: Desk, case: Case, _diagnosis: Diagnosis, _now: Callable[[], float]) -> Case:
    return interview.device(desk, case)


def _clock(desk: Desk, case: Case, _diagnosis: Diagnosis, _now: Callable[[], float]) -> Case:
    return interview.clock(desk, case)


def _probe(desk: Desk, case: Case, diagnosis: Diagnosis, now: Callable[[], float]) -> Case:
    """Offer the probes one by one, each with its code of that moment, until one is taken or the person stops."""
    for probe in diagnosis.probes:
        start = now()
        (offer,) = offers(case, [probe], start)
        desk.say(f"\n  {grouped(offer.code)}   {probe.name}", bold=True)
        indented(desk.screen, f"{offer.until(start)} {probe.proves}")
        accepted = desk.yes("Did the site take it? (y, n; Enter: not sent)")
        if accepted is None:
            break
        case = replace(
            case, sent=(*case.sent, Sent(offer.code, _sent_at(desk, max(start, offer.start), now()), accepted))
        )
        if accepted:
            break
    return case


def _sent_at(desk: Desk, shown: float, answered: float) -> float:
    """When a code was sent: midway between its showing and the answer, or as the person says if that is long."""
    if answered - shown <= _SLOW:
        return (shown + answered) / 2
    return desk.ask(
        "When did you send it? (Enter: just now; or 14:31:05; or 30 s ago)", lambda t: when.moment(t, answered)
    ).at


def _picture(desk: Desk, case: Case, _diagnosis: Diagnosis, _now: Callable[[], float]) -> Case:
    known = [case.entry, *case.others]
    for entry in interview.entries(desk, back=True):
        if entry in known:
            desk.say(f"  {entry.label}: that is known already.")
        elif rival(case.entry, entry):
            desk.say(f"  {entry.label}: the same account with another key. The page made a new one.")
            case = replace(case, second=entry)
        else:
            desk.say(f"  {entry.label}: taken as another entry on the phone.")
            case = replace(case, others=(*case.others, entry))
    return case


def rival(one: Entry, other: Entry) -> bool:
    """The same issuer and name with another key: a set-up page that was opened again."""
    return one.account is not None and other.account is not None and rivals(one.account, other.account)


def _tap(desk: Desk, case: Case, _diagnosis: Diagnosis, now: Callable[[], float]) -> Case:
    desk.say(
        f"Watch the code, and press Enter at the moment it changes, up to {_TAPS} times. Write q when you are done."
    )
    taps: list[float] = []
    while len(taps) < _TAPS:
        if desk.line(f"Change {len(taps) + 1}"):
            break
        taps.append(now())
    case = replace(case, changes=tuple(taps))
    if words := tap_words(case):
        desk.say(f"  {words}")
    return case
