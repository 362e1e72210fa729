"""What a person answers in their own words, as far as a case can take it in: "123456 refused", "Aegis on Android".

Values in, cases out; the text itself is kept nowhere. A time of day in it is the moment at which the code was read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from mfatools import casework
from mfatools.diagnose import Case
from mfatools.errors import MfaError

_TIME = re.compile(r"(?<!\d)([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?(?!\d)")
_CODE = re.compile(r"(?<!\w)\d(?:[ -]?\d){3,9}(?!\w)")
_NO = r"no|not|nope|refused|rejected|denied|invalid|wrong|incorrect|failed|fails|false"
_YES = r"yes|yep|accepted|taken|took|works|worked|ok|okay|true|let me in|logged in|signed in"
_DEVICES = {
    "android": "android|pixel|samsung|galaxy",
    "ios": "ios|iphone|ipad",
    "windows": "windows",
    "macos": "mac|macos|macbook|imac",
    "linux": "linux|ubuntu|debian|fedora",
    "wsl": "wsl",
    "docker": "docker|container|podman",
    "vm": "vm|virtual machine|virtualbox|vmware",
    "token": "hardware token|key fob|token",
}
_SD = (17.0, 5.0)  # s: how well a time is known that was noted to the minute, and to the second
_DAY = 86400.0  # s
_WHICH = "Write the code as well, for example: 123456 refused."
_HINT = "Write for example: 123456 refused. Or: Aegis on Android. Or use the buttons."


def heard(case: Case, content: Mapping[str, Any]) -> tuple[Case, list[str]]:
    """The case with what was understood, and what that was: "code", "answer", "app", "device".

    Args:
        case: the case so far.
        content: ``text``, what was written; ``at``, when its first letter was, and ``midnight``, when the day began
            where the person sits (both by the kernel's clock, POSIX s); ``sd``, how well ``at`` is known (s).

    Raises:
        MfaError: nothing in it is of use, or an answer belongs to no code.
    """
    text = str(content.get("text") or "")[:300]
    case, noted = _about(case, text)
    code = _CODE.search(_TIME.sub(" ", text))
    accepted = _answer(text)
    if code:
        case = casework.with_look(case, {"shown": code.group(), **_moment(text, content)})
        noted = ["code", *noted]
    if accepted is not None and case.looks and (code or case.looks[-1].accepted is None):
        # The answer goes to the code in the same text, or to the last one if nothing was said of it yet.
        case = casework.with_answer(case, {"index": len(case.looks) - 1, "accepted": accepted})
        noted = [*noted, "answer"]
    if noted:
        return case, noted
    if accepted is not None:
        raise MfaError("Which code was that?", _WHICH, code="E_REPLY")
    raise MfaError("Nothing in this could be used.", _HINT, code="E_REPLY")


def _about(case: Case, text: str) -> tuple[Case, list[str]]:
    device = next((name for name, words in _DEVICES.items() if _says(words, text)), "")
    app = _app(text, device)
    given = {name: value for name, value in (("app", app), ("platform", device)) if value}
    if given:
        case = casework.with_details(case, given)
    return case, [word for word, value in (("app", app), ("device", device)) if value]


def _app(text: str, device: str) -> str:
    """The app that is named, as it is offered on the page; of two kinds the one for this device."""
    named = [app for app in casework.APPS[:-1] if app.partition(" (")[0].lower() in text.lower()]
    label = casework.PLATFORMS.get(device, "")
    return next((app for app in named if label and app.partition("(")[2][:6] == label[:6]), next(iter(named), ""))


def _answer(text: str) -> bool | None:
    if _says(_NO, text):
        return False
    return True if _says(_YES, text) else None


def _says(words: str, text: str) -> bool:
    plain = text.lower().replace("n't", " not").replace("n’t", " not")  # noqa: RUF001
    return re.search(rf"(?<![a-z])(?:{words})(?![a-z])", plain) is not None


def _moment(text: str, content: Mapping[str, Any]) -> dict[str, Any]:
    """When the code was read: the time of day that is in the text, today or yesterday; else when it was written."""
    named, midnight, at = _TIME.search(text), content.get("midnight"), content.get("at")
    if named is None or not isinstance(midnight, int | float) or not isinstance(at, int | float):
        return {"at": at, "sd": content.get("sd")}
    hours, minutes, seconds = named.groups()
    exact = seconds is not None
    moment = midnight + int(hours) * 3600 + int(minutes) * 60 + (int(seconds) + 0.5 if exact else 30)
    return {"at": moment - _DAY if moment > at + 60 else moment, "sd": _SD[exact]}
