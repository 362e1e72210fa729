"""A case: everything the person in trouble can tell, read from JSON and checked field by field.

The JSON is the ``given`` object of the case collection. Beware of its sign: ``ntp_offset_s`` is *this computer
minus true time* (positive means this computer is fast), the opposite of NTP's own offset.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self, TypeVar

from mfatools import account, intake
from mfatools.account import Account
from mfatools.diagnose.presets import Verifier, verifier
from mfatools.errors import CaseError, MfaError
from mfatools.secret import Secret

_FOREIGN_SCHEMES = {"motp": "motp", "steam": "steam", "yaotp": "yandex", "yandex": "yandex"}
T = TypeVar("T")
_STEAM_DIGITS = re.compile(r"([?&]digits=)s(?=&|$)", re.IGNORECASE)  # as Android Password Store writes Steam
_VAGUE = 86400.0  # s
_LATEST = 4e9  # POSIX seconds, year 2096: what is later was meant as milliseconds


@dataclass(frozen=True, slots=True)
class Entry:
    """One enrolled entry. ``account`` is None for schemes we know by name only; ``scheme`` says which."""

    label: str
    account: Account | None
    scheme: str = "totp"

    @classmethod
    def of(cls, read: Account, label: str = "") -> Self:
        """The entry of an account that was read already."""
        return cls(label or read.label, read, read.type)


@dataclass(frozen=True, slots=True)
class Look:
    """One code that was read off the phone, and what became of it.

    ``read_at_local`` is POSIX seconds by this computer's clock, ``read_sd_s`` how well that is known (standard
    deviation), ``typed_after_s`` the seconds from reading to sending. ``accepted`` is None if it was not tried.
    """

    shown: str = field(repr=False)
    read_at_local: float = 0.0
    typed: str | None = field(default=None, repr=False)
    read_sd_s: float = 2.0
    typed_after_s: float = 6.0
    accepted: bool | None = None
    entry_label: str | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """All that is known. Nothing in ``repr`` is secret.

    Args:
        entry: what the QR says.
        looks: the codes that were read, in any order; it may be empty.
        local_offset_s: this computer's clock minus true time in seconds; None if nobody measured it.
        local_bound_s: how well that is known, in seconds.
        app: the authenticator's name, as far as known.
        platform: where the app runs ("android", "wsl", ...), as far as known.
        others: the other entries on the phone.
        second: the QR of a refreshed page.
        key_as_shown: the key as the page prints it beside the QR.
        expected_code: the code that the service's log says it expected.
        changes: moments by this computer's clock at which the phone's code was seen to change, POSIX seconds.
        service: what is known of the verifier's window.
    """

    entry: Entry
    looks: tuple[Look, ...] = ()
    local_offset_s: float | None = None
    local_bound_s: float = 1.0
    app: str = ""
    platform: str = ""
    others: tuple[Entry, ...] = ()
    second: Entry | None = None
    key_as_shown: Secret | None = None
    expected_code: str | None = field(default=None, repr=False)
    changes: tuple[float, ...] = ()
    service: Verifier | None = None

    @classmethod
    def from_json(cls, data: object, *, uri: str | None = None) -> Self:
        """Read a case from parsed JSON.

        Args:
            data: the object.
            uri: the key URI, for a case that was saved without its secrets.

        Raises:
            CaseError: the first field that is missing or wrong, by its name.
        """
        fields = _mapping(data, "the case")
        local = _optional(fields, "ntp_offset_s", _number)
        return cls(
            entry=_entry(uri if uri is not None else _required(fields, "uri"), "uri"),
            looks=tuple(_looks(_list(fields, "codes"))),
            local_offset_s=local,
            local_bound_s=_optional(fields, "ntp_bound_s", _positive) or 1.0,
            app=_optional(fields, "app", _text) or "",
            platform=_optional(fields, "platform", _text) or "",
            others=tuple(_others(_list(fields, "other_entries"))),
            second=_optional(fields, "second_uri", _entry),
            key_as_shown=_optional(fields, "key_as_shown", _hidden),
            expected_code=_optional(fields, "service_expected_code", _text),
            changes=_changes(fields.get("change_observed_at_local")),
            service=_optional(fields, "verifier", _verifier),
        )

    def with_clock(self, offset: float, bound: float = 1.0) -> Self:
        """The case with this computer's clock measured.

        Args:
            offset: as NTP says it: seconds to add to this computer's clock to get true time. The case keeps the
                opposite, ``local_offset_s``.
            bound: how far wrong that may be, seconds.
        """
        return replace(self, local_offset_s=-offset, local_bound_s=bound)

    def to_json(self, *, secrets: bool = False) -> dict[str, Any]:
        """The case as plain JSON data.

        Without ``secrets`` the URIs and the printed key are left out (their names stay), so that the file can be
        sent to support; the codes stay, for without them there is no case, and a code of the past opens nothing.
        Read it again with ``from_json(data, uri=...)``.
        """
        return {
            "uri": _uri(self.entry, secrets),
            "codes": [_look_json(look) for look in self.looks],
            "ntp_offset_s": self.local_offset_s,
            "ntp_bound_s": self.local_bound_s,
            "app": self.app,
            "platform": self.platform,
            "other_entries": [{"label": e.label, "uri": _uri(e, True)} for e in self.others] if secrets else [],
            "second_uri": _uri(self.second, secrets) if self.second else None,
            "key_as_shown": self.key_as_shown.reveal().decode() if secrets and self.key_as_shown else None,
            "service_expected_code": self.expected_code,
            "change_observed_at_local": list(self.changes) or None,
            "verifier": self.service.to_json() if self.service else None,
        }


def _uri(entry: Entry, secrets: bool) -> str | None:
    return entry.account.uri() if secrets and entry.account else None


def _look_json(look: Look) -> dict[str, Any]:
    return {name: getattr(look, name) for name in Look.__slots__}


def _problem(name: str, rule: str, hint: str = "") -> CaseError:
    return CaseError(f"{name} {rule}.", hint or "Correct this field and try again.", code="E_CASE_FIELD")


def _mapping(value: object, name: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise _problem(name, "must be a JSON object", "Look at the example in `mfatools why --help`.")
    return value


def _required(fields: Mapping[str, Any], name: str, within: str = "") -> object:
    if fields.get(name) in (None, ""):
        raise _problem(
            f"{within}.{name}".lstrip("."),
            "is missing",
            "Every case needs it; see the example in `mfatools why --help`.",
        )
    return fields[name]


def _optional(fields: Mapping[str, Any], name: str, read: Callable[[object, str], T], said: str = "") -> T | None:
    value = fields.get(name)
    return None if value is None or value == "" else read(value, said or name)


def _list(fields: Mapping[str, Any], name: str) -> list[Any]:
    value = fields.get(name)
    if value is None:
        return []
    if not isinstance(value, list):
        raise _problem(name, "must be a list")
    return value


def _text(value: object, name: str) -> str:
    if isinstance(value, str):
        return value
    number = isinstance(value, int) and name.endswith(("shown", "typed", "_code"))
    raise _problem(name, "must be text in quotes", "As a number it would lose its leading zero." if number else "")


def _number(value: object, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _problem(name, "must be a number", "Write it without quotes." if isinstance(value, str) else "")
    if not abs(value) <= _LATEST:  # NaN neither
        raise _problem(name, "must be seconds, and less than 127 years")
    return float(value)


def _positive(value: object, name: str) -> float:
    number = _number(value, name)
    if number < 0:
        raise _problem(name, "must not be negative")
    return number


def _spread(value: object, name: str) -> float:
    number = _positive(value, name)
    if number > _VAGUE:
        raise _problem(name, "must not be more than 86400, a day", "Without its time a code says too little.")
    return number


def _moment(value: object, name: str) -> float:
    if isinstance(value, int | float) and not 0 <= value <= _LATEST:
        raise _problem(name, "must be POSIX seconds between 1970 and 2096", "Divide milliseconds by 1000.")
    return _number(value, name)


def _flag(value: object, name: str) -> bool:
    if isinstance(value, bool):
        return value
    raise _problem(name, "must be true, false or null")


def _hidden(value: object, name: str) -> Secret:
    return Secret(_text(value, name).encode("utf-8", "replace"))


def _verifier(value: object, name: str) -> Verifier:
    try:
        return verifier(value)
    except MfaError as error:
        raise _problem(name, "is not a known service preset or window", error.hint) from None


def _changes(value: object) -> tuple[float, ...]:
    if value is None:
        return ()
    listed = value if isinstance(value, list) else [value]
    return tuple(_moment(item, f"change_observed_at_local[{i}]") for i, item in enumerate(listed))


def _entry(value: object, name: str, label: str = "") -> Entry:
    text, letters = _STEAM_DIGITS.subn(r"\g<1>5", _text(value, name).strip())
    scheme, _, rest = text.partition("://")
    kind = (rest.partition("/")[0] if scheme.lower() == "otpauth" else scheme).lower()
    try:
        read = account.parse(text)
    except MfaError as error:
        return _foreign(text, kind, label) or _single(text, name, label, error)
    told = "steam" if letters else _FOREIGN_SCHEMES.get(kind, read.type)
    return Entry(label or read.label, read, told)


def _foreign(text: str, kind: str, label: str) -> Entry | None:
    """An entry of a scheme that we know by name only."""
    known = {intake.Kind.PUSH: "push_app", intake.Kind.PASSKEY: "passkey"}.get(intake.kind(text))
    scheme = _FOREIGN_SCHEMES.get(kind, known)
    return Entry(label, None, scheme) if scheme else None


def _single(text: str, name: str, label: str, error: MfaError) -> Entry:
    """The account in a text that is no plain key URI: a bare key, an export of one account."""
    try:
        found = intake.take(text).accounts
    except MfaError:
        found = ()
    if len(found) == 1:
        return Entry(label or found[0].label, found[0], found[0].type)
    if len(found) > 1:
        error = MfaError(
            f"it holds {len(found)} accounts.", "Give the one that the code belongs to.", code=error.code
        )
    what = f"{name} cannot be used: {error.what}"
    raise CaseError(what, error.hint, code=error.code) from None


def _others(items: list[Any]) -> list[Entry]:
    entries = []
    for i, item in enumerate(items):
        name = f"other_entries[{i}]"
        fields = {"uri": item} if isinstance(item, str) else _mapping(item, name)
        label = _optional(fields, "label", _text, f"{name}.label") or ""
        entries += _exported(fields.get("uri")) or [_entry(_required(fields, "uri", name), f"{name}.uri", label)]
    return entries


def _exported(text: object) -> list[Entry]:
    """The entries of an authenticator's export, which may hold many."""
    if not isinstance(text, str) or intake.kind(text) is not intake.Kind.MIGRATION:
        return []
    try:
        return [Entry.of(read) for read in intake.take(text).accounts]
    except MfaError:
        return []


def _looks(items: list[Any]) -> list[Look]:
    return [_look(_mapping(item, f"codes[{i}]"), f"codes[{i}].") for i, item in enumerate(items)]


def _look(fields: Mapping[str, Any], where: str) -> Look:
    def take(name: str, read: Callable[[object, str], T]) -> T | None:
        return _optional({where + name: fields.get(name)}, where + name, read)

    shown, typed = take("shown", _text), take("typed", _text)
    moment = take("read_at_local", _moment)
    if shown is None and typed is None:
        raise _problem(where + "shown", "is missing", "Give the code that the phone showed.")
    if moment is None:
        raise _problem(where + "read_at_local", "is missing", "Give the moment of reading in POSIX seconds.")
    spread, delay = take("read_sd_s", _spread), take("typed_after_s", _positive)
    return Look(
        shown=shown if shown is not None else typed or "",
        typed=typed,
        read_at_local=moment,
        read_sd_s=2.0 if spread is None else spread,
        typed_after_s=6.0 if delay is None else delay,
        accepted=take("accepted", _flag),
        entry_label=take("entry_label", _text),
    )
