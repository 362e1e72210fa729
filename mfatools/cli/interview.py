"""The questions of ``mfatools why`` in a terminal: from the picture to a case.

Nothing leaves the computer but the question for the time, and that after a yes.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from mfatools.casework import APPS, PLATFORMS, code_of
from mfatools.cli import sources, when
from mfatools.cli.desk import Desk
from mfatools.cli.screen import indented
from mfatools.diagnose import Case, Entry, Look
from mfatools.diagnose.platforms import platform
from mfatools.errors import MfaError
from mfatools.totp import Encoder, Hotp, Totp

_APPS = APPS[:9]
_LONGEST = 43_200  # s from reading a code to sending it
_INTRO = (
    "I find out why a code was refused. I ask step by step; Enter alone always means that you have or know nothing "
    "more to say, and Ctrl-C stops. Nothing leaves this computer, and nothing is kept."
)
_PICTURE = "Picture (Enter: paste the text instead)"
_TEXT = "Text of the QR code (not shown)"
_WHY_HIDDEN = (
    "Paste the otpauth:// text of the QR code, or the key that stands beside it, and press Enter. It is not shown "
    "while you do: it is the secret itself, and a terminal keeps what it shows."
)


def interview(desk: Desk, picture: str | None, now: Callable[[], float]) -> Case:
    """Ask for all that a person may know, the QR code first.

    Args:
        desk: where to ask.
        picture: the QR code's picture, if it was named already.
        now: POSIX seconds by this computer's clock.
    """
    desk.say(_INTRO)
    case = _enrolled(desk, picture)
    account = case.entry.account
    if account is None:  # a scheme that we know by name only: what its codes are nobody can tell
        return case
    case = codes(desk, case, now)
    if not case.looks:
        return case
    case = device(desk, case)
    return case if account.counter is not None else clock(desk, case)


def _enrolled(desk: Desk, picture: str | None) -> Case:
    desk.say("\nThe QR code", bold=True)
    found = entries(desk, picture)
    chosen = found[0]
    if len(found) > 1:
        desk.say("There are several entries in it. Which one is refused?")
        chosen = found[desk.choose("Number (Enter: the first)", [entry.label for entry in found]) or 0]
    desk.say(f"  {_described(chosen)}")
    for note in chosen.account.notes if chosen.account else ():
        indented(desk.screen, note.text)
    return Case(chosen, others=tuple(entry for entry in found if entry is not chosen))


def entries(desk: Desk, picture: str | None = None, *, back: bool = False) -> list[Entry]:
    """What a picture holds, or a text that is pasted; asked for until there is something, or (``back``) a q."""
    if picture is not None:
        try:
            return sources.entries(picture)
        except MfaError as error:
            desk.complain(error)
    desk.say(
        "Name the picture of the set-up page's QR code (a screenshot, a photo); most terminals take a dragged file."
    )
    prompt = _PICTURE.replace(")", "; q: back)") if back else _PICTURE
    return desk.ask(prompt, lambda typed: [] if back and typed == "q" else _answered(desk, prompt, typed))


def _answered(desk: Desk, prompt: str, typed: str) -> list[Entry]:
    if not typed:
        desk.say(_WHY_HIDDEN)
        return sources.understood(desk.line(_TEXT, hidden=True))
    if sources.may_be_a_key(typed) and not typed.lower().startswith("file:"):
        desk.erase(prompt, typed)
        desk.say("That was the text itself, which holds the secret: I took it off the screen.")
        return sources.understood(typed)
    return sources.entries(file_name(typed))


def file_name(typed: str) -> str:
    """The path that was meant: terminals quote or escape the name of a dragged file, desktops write file:///."""
    text = typed.strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        text = text[1:-1]
    elif os.name == "posix" and not sources.exists(text):
        text = re.sub(r"\\(.)", r"\1", text)
    if text.lower().startswith("file:/"):
        text = url2pathname(urlsplit(text).path)
    try:
        return str(Path(text).expanduser())
    except RuntimeError:  # a home that nobody has
        return text


def _described(entry: Entry) -> str:
    otp = entry.account.otp if entry.account else None
    if isinstance(otp, Hotp):
        return f"{entry.label}: {otp.digits} digits, a new code at each press of a button, {otp.algorithm}."
    if not isinstance(otp, Totp):
        return entry.label or f"An entry of the kind {entry.scheme}."
    return f"{entry.label}: {otp.digits} digits, a new code every {otp.step} s, {otp.algorithm}."


def codes(desk: Desk, case: Case, now: Callable[[], float], *, most: int = 6) -> Case:
    """The case with the codes that the phone shows, until there are no more."""
    desk.say("\nThe codes that the phone shows", bold=True)
    while len(case.looks) < most:
        if not case.looks:
            prompt = "Code that it shows (Enter: none at hand)"
        else:
            prompt = "The next code, when it has changed (Enter: no more)"
        look = _look(desk, case.entry, prompt, now)
        if look is None:
            break
        case = replace(case, looks=(*case.looks, look))
    return case


def _look(desk: Desk, entry: Entry, prompt: str, now: Callable[[], float]) -> Look | None:
    while True:
        shown = desk.ask(prompt, _code)
        read_at = now()
        if not shown:
            return None
        doubt = odd(shown, entry)
        if not doubt or desk.yes(f"  {doubt} Keep it as it is? (y, n)") is not False:
            break
    told = desk.ask(
        "When did you read it? (Enter: just now; or 14:31:05; or 30 s ago)", lambda t: when.moment(t, read_at)
    )
    accepted = desk.yes("Did the site take it? (y, n; Enter: not tried)")
    after = 6.0
    if accepted is False:
        after = desk.ask(
            "How long after reading was it sent? (Enter: within 10 s; or 40 s)", lambda t: _delay(t or "6")
        )
    return Look(shown, told.at, read_sd_s=told.sd, typed_after_s=after, accepted=accepted)


def _delay(typed: str) -> float:
    """The seconds from reading to sending; nobody waits half a day, so such a number is the next code."""
    seconds = when.length(typed)
    if seconds > _LONGEST:
        hint = "Write for example 40 s or 2 min; the next code is asked for afterwards."
        raise MfaError("That is more than half a day.", hint, code="E_TIME")
    return seconds


def _code(typed: str) -> str:
    return code_of(typed) if typed else ""


def odd(shown: str, entry: Entry) -> str:
    """What is unusual in a code for this entry, in a sentence, for it may be the reason; empty if nothing is."""
    otp = entry.account.otp if entry.account else None
    if not isinstance(otp, Totp | Hotp) or (isinstance(otp, Totp) and otp.encoder is Encoder.STEAM):
        return ""
    if not (shown.isascii() and shown.isdecimal()):
        return f"The QR code asks for {otp.digits} digits, and this has other characters in it."
    if len(shown) == otp.digits - 1:
        return (
            f"The QR code asks for {otp.digits} digits, and this has {len(shown)}: perhaps a leading zero was lost."
        )
    if len(shown) != otp.digits:
        return f"The QR code asks for {otp.digits} digits, and this has {len(shown)}."
    return ""


def device(desk: Desk, case: Case) -> Case:
    """The case with the app and where it runs, so that the remedies fit."""
    desk.say("\nThe app", bold=True)
    app = desk.choose_or_name("Number, or its name (Enter: not known)", _APPS)
    where = platform(app)
    if not where:
        desk.say("Where does it run?")
        place = desk.choose("Number (Enter: not known)", list(PLATFORMS.values()))
        where = "" if place is None else list(PLATFORMS)[place]
    return replace(case, app=app, platform=where)


def clock(desk: Desk, case: Case) -> Case:
    """The case with this computer's clock measured over the network, if the person agrees, or as they know it."""
    from mfatools.clock import check_clock
    from mfatools.clock import sources as servers

    desk.say("\nThis computer's clock", bold=True)
    if desk.yes("May I ask time servers on the internet whether it is right? Only the time is asked. (y, n)"):
        indented(desk.screen, f"Asking {servers()}")
        report = check_clock()
        indented(desk.screen, report.verdict.headline)
        if report.present is not None and report.bound is not None:
            return case.with_clock(report.present, report.bound)
    local = desk.ask("How wrong is it, if you know? (3 s fast; 40 s slow; 0; Enter: not known)", _fast)
    return case if local is None else replace(case, local_offset_s=local, local_bound_s=1.0)


def _fast(typed: str) -> float | None:
    return when.fast(typed) if typed else None


def pick(found: Sequence[Entry], source: str) -> Entry:
    """The only entry of a picture that nobody can be asked about.

    Raises:
        MfaError: there are several.
    """
    if len(found) == 1:
        return found[0]
    what = f"{source} holds {len(found)} entries."
    raise MfaError(what, "Give a picture of the one that is refused.", code="E_SEVERAL")
