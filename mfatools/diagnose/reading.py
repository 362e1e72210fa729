"""One field of a case at a time: is it there, is it of its kind, and what to do if not. Knows no case.

Every reader takes a value and the field's name as a person would look for it (``codes[0].shown``), and raises
`CaseError` with that name and, from `HOW`, what the field should hold.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from mfatools.diagnose.presets import Verifier, verifier
from mfatools.errors import CaseError, MfaError
from mfatools.secret import Secret

T = TypeVar("T")
# Questions that are answered in a word, and the words.
ANSWERS = {"others_fail": ("yes", "no"), "wall_clock": ("right", "wrong")}
VAGUE = 86400.0  # s
LATEST = 4e9  # POSIX seconds, year 2096: what is later was meant as milliseconds
_EXAMPLE = "See the example in `mfatools why --help`."
_QR = 'Paste the text of the QR code in quotes; it begins with "otpauth://". A bare key will do.'
_CODE = 'Write the code as text in quotes, zeros included: "012345".'

# What each field should hold, by the last part of its name.
HOW = {
    "The case": "Put all fields into one pair of braces { }. " + _EXAMPLE,
    "uri": _QR,
    "second_uri": _QR + " Leave the field out if the page was not loaded again.",
    "codes": 'Write a list: [{"shown": "012345", "read_at_local": 1700000000}].',
    "sent": 'Write a list: [{"code": "012345", "at": 1700000000, "accepted": false}].',
    "other_entries": 'Write a list: [{"label": "the old one", "uri": "otpauth://..."}].',
    "shown": _CODE,
    "typed": _CODE + " Leave the field out if what was typed is what was shown.",
    "code": _CODE,
    "service_expected_code": _CODE,
    "The expected code": "Copy it from the service's log, zeros included.",
    "read_at_local": "Give the moment of reading as POSIX seconds by this computer's clock (`date +%s`).",
    "at": "Give the moment of sending as POSIX seconds by this computer's clock (`date +%s`).",
    "read_sd_s": "Give the seconds by which the moment of reading may be wrong, for example 2.",
    "typed_after_s": "Give the seconds from reading to sending, for example 6.",
    "accepted": "Say true if the service took the code, false if it refused it, null if it was not tried.",
    "entry_label": 'Give the name the code stood under on the phone, in quotes: "Example, old phone".',
    "label": 'Give the name of the entry in quotes: "Example, old phone".',
    "ntp_offset_s": "Give this computer's clock minus true time in seconds (see `mfatools clock`), or null.",
    "ntp_bound_s": "Give the seconds by which that measurement may be wrong, for example 0.5.",
    "app": 'Give the name of the authenticator in quotes: "Aegis".',
    "platform": 'Give the device that makes the codes in quotes: "android", "ios", "windows", "wsl".',
    "key_as_shown": "Give the key as the page prints it beside the QR code, in quotes.",
    "answers": 'Write the answers to questions by name: {"others_fail": "yes", "wall_clock": "right"}.',
    "change_observed_at_local": "Give the moments at which the code was seen to change, as POSIX seconds.",
}


def problem(name: str, rule: str, hint: str = "") -> CaseError:
    """The error of a field: which, what is wrong with it, and what to do."""
    last = re.sub(r"\[\d+\]$", "", name).rpartition(".")[2]
    hint = hint or HOW.get(last, "Correct this field and try again.")
    return CaseError(f"{name} {rule}.", hint, code="E_CASE_FIELD")


def mapping(value: object, name: str) -> Mapping[str, Any]:
    """An object of JSON."""
    if not isinstance(value, Mapping):
        raise problem(name, "must be a JSON object", "" if name in HOW else f"Write it in braces {{ }}. {_EXAMPLE}")
    return value


def required(fields: Mapping[str, Any], name: str, within: str = "") -> object:
    """The value of a field that must be there; ``within`` is the place of the object, for errors."""
    full = f"{within}.{name}".lstrip(".")
    if fields.get(name) in (None, ""):
        raise problem(full, "is missing", f"{HOW[name]} {_EXAMPLE}" if name in HOW else "")
    return fields[name]


def optional(fields: Mapping[str, Any], name: str, read: Callable[[object, str], T], said: str = "") -> T | None:
    """The value of a field as ``read`` takes it; None where it is missing or empty."""
    value = fields.get(name)
    return None if value is None or value == "" else read(value, said or name)


def items(fields: Mapping[str, Any], name: str) -> list[Any]:
    """A list; a missing one is empty."""
    value = fields.get(name)
    if value is None:
        return []
    if not isinstance(value, list):
        raise problem(name, "must be a list")
    return value


def text(value: object, name: str) -> str:
    """Text; a number in its place has lost its leading zero."""
    if isinstance(value, str):
        return value
    digits = isinstance(value, int) and name.endswith(("shown", "typed", "code"))
    raise problem(name, "must be text in quotes", "As a number it would lose its leading zero." if digits else "")


def number(value: object, name: str) -> float:
    """A number of seconds, of either sign."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise problem(name, "must be a number", "Write it without quotes." if isinstance(value, str) else "")
    if not abs(value) <= LATEST:  # NaN neither
        raise problem(name, "must be seconds, and less than 127 years")
    return float(value)


def positive(value: object, name: str) -> float:
    """A number of seconds that is not negative."""
    read = number(value, name)
    if read < 0:
        raise problem(name, "must not be negative")
    return read


def spread(value: object, name: str) -> float:
    """Seconds of doubt, a day at most."""
    read = positive(value, name)
    if read > VAGUE:
        raise problem(name, "must not be more than 86400, a day", "Without its time a code says too little.")
    return read


def moment(value: object, name: str) -> float:
    """POSIX seconds from 1970 to 2096."""
    if isinstance(value, int | float) and not 0 <= value <= LATEST:
        raise problem(name, "must be POSIX seconds between 1970 and 2096", "Divide milliseconds by 1000.")
    if isinstance(value, str):
        written = "without quotes, such as 1760000000; a date and time is not read"
        raise problem(name, "must be POSIX seconds", f"Write a number {written} (`date +%s` prints it for now).")
    return number(value, name)


def flag(value: object, name: str) -> bool:
    """True or false."""
    if isinstance(value, bool):
        return value
    raise problem(name, "must be true, false or null")


def answer(value: object, name: str) -> bool:
    """What the service said to a code: true or false, never null."""
    if isinstance(value, bool):
        return value
    raise problem(name, "must be true or false", "Only codes that the service has answered belong here.")


def answers(value: object, name: str) -> tuple[tuple[str, str], ...]:
    """The answers to questions that are answered in a word, in the order of `ANSWERS`."""
    given = mapping(value, name)
    for asked, told in given.items():
        if asked not in ANSWERS:
            known = " and ".join(ANSWERS)
            place = f"{name}.{str(asked)[:40]}"
            raise problem(place, "is no question", f"Questions answered in a word: {known}.")
        if told is not None and told not in ANSWERS[asked]:
            words = " or ".join(f'"{word}"' for word in ANSWERS[asked])
            place = f"{name}.{asked}"
            raise problem(place, f"must be {words}", "Leave it out if you do not know.")
    return tuple((asked, given[asked]) for asked in ANSWERS if given.get(asked))


def hidden(value: object, name: str) -> Secret:
    """A key as it was printed, kept from every print."""
    return Secret(text(value, name).encode("utf-8", "replace"))


def window(value: object, name: str) -> Verifier:
    """A service by the name of its preset, or its window."""
    try:
        return verifier(value)
    except MfaError as error:
        raise problem(name, "is not a known service preset or window", error.hint) from None


def moments(value: object, name: str) -> tuple[float, ...]:
    """One moment, or a list of them."""
    if value is None:
        return ()
    listed = value if isinstance(value, list) else [value]
    return tuple(moment(item, f"{name}[{i}]") for i, item in enumerate(listed))
