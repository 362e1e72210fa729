"""A case put together from what a person tells a page or a terminal, piece by piece. Values in, cases out.

Codes and keys come in here and stay in the `Case`; what goes back to the page (`of_case`) is words and times only.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from mfatools.account import Account
from mfatools.diagnose import Case, Entry, Look, Sent, estimate, presets, reading, verifier
from mfatools.diagnose.entries import expected
from mfatools.diagnose.words import spoken
from mfatools.errors import CaseError, MfaError
from mfatools.secret import Secret
from mfatools.totp import Totp

APPS = (
    "Google Authenticator (Android)",
    "Google Authenticator (iPhone)",
    "Microsoft Authenticator",
    "Authy",
    "2FAS",
    "Aegis",
    "Apple Passwords",
    "Bitwarden",
    "Duo Mobile",
    "Ente Auth",
    "FreeOTP",
    "KeePassXC",
    "1Password",
    "WinAuth",
    "Hardware token",
)
PLATFORMS = {
    "android": "Android phone",
    "ios": "iPhone or iPad",
    "windows": "Windows",
    "macos": "Mac",
    "linux": "Linux",
    "wsl": "Linux inside Windows (WSL)",
    "docker": "Container (Docker)",
    "vm": "Virtual machine",
    "token": "Hardware token",
}
_LONGEST = 24  # characters of a code, spaces and all
_CODE_HINT = "Type the digits that the phone shows, for example 123 456."
_LATEST = 4e9  # POSIX seconds, year 2096
_MOST_TAPS = 12


def begin(case: Case | None, account: Account, roster: Sequence[Account], second: Account | None) -> Case:
    """The case of one account; codes and answers that are there already stay."""
    others = tuple(Entry.of(one) for one in roster if one not in (account, second))
    newer = Entry.of(second) if second is not None else None
    entry = Entry.of(account)
    return Case(entry, others=others, second=newer) if case is None else replace(
        case, entry=entry, others=others, second=newer or case.second
    )  # fmt: skip


def rivals(one: Account, other: Account) -> bool:
    """The same issuer and name with another key: a set-up page that was opened again."""
    return (one.issuer, one.name) == (other.issuer, other.name) and one.secret != other.secret


def with_look(case: Case, content: Mapping[str, Any]) -> Case:
    """The case with one more code.

    Args:
        case: the case so far.
        content: ``shown``, the code; ``at``, when it was read by the kernel's clock (POSIX s); ``sd``, how well
            that is known (s).

    Raises:
        MfaError: no code, or no moment.
    """
    shown = code_of(content.get("shown"))
    at = _number(content.get("at"), 0.0, _LATEST)
    if at is None:
        raise MfaError("The moment of reading is missing.", "Give the time at which you read the code.")
    sd = _number(content.get("sd"), 0.0, 86400.0)
    return replace(case, looks=(*case.looks, Look(shown, at, read_sd_s=max(0.5, 2.0 if sd is None else sd))))


def with_answer(case: Case, content: Mapping[str, Any]) -> Case:
    """The case with what became of one code: ``accepted`` or None, ``after`` (s), ``typed`` if it differed.

    Raises:
        MfaError: there is no such code.
    """
    place = _place(case, content)
    accepted, typed = content.get("accepted"), content.get("typed")
    after = _number(content.get("after"), 0.0, 86400.0)
    look = replace(
        case.looks[place],
        accepted=accepted if isinstance(accepted, bool) else None,
        typed_after_s=6.0 if after is None else after,
        typed=_typed(typed) if typed else None,
    )
    return replace(case, looks=(*case.looks[:place], look, *case.looks[place + 1 :]))


def without_look(case: Case, content: Mapping[str, Any]) -> Case:
    """The case without one code.

    Raises:
        MfaError: there is no such code.
    """
    place = _place(case, content)
    return replace(case, looks=(*case.looks[:place], *case.looks[place + 1 :]))


def with_sent(case: Case, sent: Sent) -> Case:
    """The case with one more code that did not come from the phone, and the service's answer."""
    return replace(case, sent=(*case.sent, sent))


def with_details(case: Case, content: Mapping[str, Any]) -> Case:
    """The case with what else is known. Fields that are not in ``content`` stay; an empty text takes one away.

    Raises:
        MfaError: a service that is not known; a code that no service could expect.
    """
    given = {name: str(content[name])[:200].strip() for name in ("app", "platform") if name in content}
    changed: dict[str, Any] = dict(given)
    if "service" in content:
        changed["service"] = verifier(content["service"]) if content["service"] else None
    if "key" in content:
        changed["key_as_shown"] = Secret(str(content["key"])[:400].encode()) if content["key"] else None
    if "expected" in content:
        told = content["expected"]
        changed["expected_code"] = expected(code_of(told), "The expected code", case.entry) if told else None
    return replace(case, **changed)


def with_word(case: Case, content: Mapping[str, Any]) -> Case:
    """The case with the ``answer`` to the question of this ``name`` in a word; None takes it back.

    Raises:
        CaseError: a question that is not answered in a word, or another word.
    """
    given = {**dict(case.answers), str(content.get("name")): content.get("answer")}
    return replace(case, answers=reading.answers(given, "answers"))


def with_taps(case: Case, content: Mapping[str, Any]) -> Case:
    """The case with the moments at which the person saw the code change (kernel's clock, POSIX s)."""
    given = content.get("taps")
    taps = [_number(tap, 0.0, _LATEST) for tap in given[-_MOST_TAPS:]] if isinstance(given, list) else []
    return replace(case, changes=tuple(tap for tap in taps if tap is not None))


def opened(text: object) -> dict[str, Any]:
    """A saved case as JSON data.

    Raises:
        CaseError: it is none.
    """
    hint = "Choose the file that was saved here, or paste all of its text."
    try:
        data = json.loads(str(text))
    except (ValueError, RecursionError):
        raise CaseError("This is no saved case: it is not JSON.", hint, code="E_CASE_JSON") from None
    if not isinstance(data, dict) or not isinstance(data.get("codes"), list):
        raise CaseError("This is no saved case: it holds no list of codes.", hint, code="E_CASE_JSON")
    return data


def restored(data: Mapping[str, Any], account: Account, roster: Sequence[Account], second: Account | None) -> Case:
    """A saved case with the account, whose key was not in it.

    Raises:
        CaseError: a field that cannot be used, by its name.
    """
    return begin(Case.from_json(data, uri=account.uri()), account, roster, second)


def of_case(case: Case) -> dict[str, Any]:
    """What the page may show of a case: no code, no key."""
    service = next((name for name, known in presets().items() if known == case.service), "")
    return {
        "looks": [_of_look(look) for look in case.looks],
        "details": {
            "app": case.app,
            "platform": case.platform,
            "service": service,
            "key": case.key_as_shown is not None,
            "expected": case.expected_code is not None,
        },
        "second": case.second.label if case.second else None,
        "answers": [{"name": name, "answer": answer} for name, answer in case.answers],
        "taps": {"count": len(case.changes), "words": tap_words(case)},
    }


def tap_words(case: Case) -> str:
    """What the taps say of the phone's clock; empty without taps."""
    account = case.entry.account
    if not case.changes or account is None or not isinstance(account.otp, Totp):
        return ""
    try:
        flip = estimate(case.changes, step=float(account.otp.step))
    except MfaError as error:
        return f"{error.what} {error.hint}"
    local = case.local_offset_s or 0.0
    middle = (flip.offset + local + flip.step / 2) % flip.step - flip.step / 2
    bound = flip.bound + (case.local_bound_s if case.local_offset_s is not None else 0.0)
    against = "" if case.local_offset_s is not None else " against this computer"
    dropped = f" {flip.dropped} of the taps lay far from the others and do not count." if flip.dropped else ""
    return (
        f"The phone's clock is {spoken(middle - bound, middle + bound)}{against}, or that and whole steps of "
        f"{flip.step:.0f} s: which, its code tells.{dropped}"
    )


def options() -> dict[str, Any]:
    """What the page offers to choose from."""
    services = sorted(((name, known.name) for name, known in presets().items()), key=lambda pair: pair[1].lower())
    return {"apps": list(APPS), "platforms": list(PLATFORMS.items()), "services": services}


def _of_look(look: Look) -> dict[str, Any]:
    return {
        "at": look.read_at_local,
        "accepted": look.accepted,
        "after": look.typed_after_s,
        "differs": look.typed is not None,
    }


def _place(case: Case, content: Mapping[str, Any]) -> int:
    place = content.get("index")
    if isinstance(place, int) and 0 <= place < len(case.looks):
        return place
    raise MfaError("This code is no longer in the list.", "Look at the list of codes and try again.")


def code_of(value: object) -> str:
    """A code as it was shown, without the blanks and hyphens that make it legible.

    Raises:
        MfaError: no code could look like this.
    """
    text = "".join(str(value or "").split()).replace("-", "")
    if text and len(text) <= _LONGEST and text.isalnum():
        return text
    raise MfaError("This does not look like a code.", _CODE_HINT, code="E_CODE")  # it is not quoted


def _typed(value: object) -> str:
    text = str(value)
    if text.strip() and len(text) <= _LONGEST:
        return text
    raise MfaError("This does not look like a code.", "Type what was sent to the site.", code="E_CODE")


def _number(value: object, low: float, high: float) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value) if low <= value <= high else None
