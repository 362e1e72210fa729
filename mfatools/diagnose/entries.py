"""Enrolled entries, and the texts they are read from: a key URI, a bare key, an export, a scheme known by name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Self

from mfatools import account, intake
from mfatools.account import Account
from mfatools.diagnose import reading, slips
from mfatools.errors import CaseError, MfaError
from mfatools.totp import STEAM_ALPHABET, Hotp, Totp

_FOREIGN_SCHEMES = {"motp": "motp", "steam": "steam", "yaotp": "yandex", "yandex": "yandex"}
_STEAM_DIGITS = re.compile(r"([?&]digits=)s(?=&|$)", re.IGNORECASE)  # as Android Password Store writes Steam


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


def entry(value: object, name: str, label: str = "") -> Entry:
    """The entry in the text of a QR code.

    Raises:
        CaseError: no account is in it, or several are; ``name`` is the field.
    """
    text, letters = _STEAM_DIGITS.subn(r"\g<1>5", reading.text(value, name).strip())
    scheme, _, rest = text.partition("://")
    kind = (rest.partition("/")[0] if scheme.lower() == "otpauth" else scheme).lower()
    try:
        read = account.parse(text)
    except MfaError as error:
        return _foreign(text, kind, label) or _single(text, name, label, error)
    told = "steam" if letters else _FOREIGN_SCHEMES.get(kind, read.type)
    return Entry(label or read.label, read, told)


def expected(value: object, name: str, of: Entry) -> str:
    """The code that a service says it expected of this entry: digits, or letters as in Steam's.

    Raises:
        CaseError: no service could expect a code that looks like this; ``name`` is the field.
    """
    text = reading.text(value, name)
    otp = of.account.otp if of.account else None
    if isinstance(otp, Totp | Hotp):
        least, looks = min(6, otp.digits), rf"\d{{{min(6, otp.digits)},10}}|[{STEAM_ALPHABET}]{{5}}"
    else:
        least, looks = 5, r"[0-9a-z]{5,10}"  # schemes with letters of their own
    if not re.fullmatch(looks, slips.undress(text).clean, re.ASCII | re.IGNORECASE):
        raise reading.problem(name, f"must be a whole code, of {least} to 10 digits or the 5 characters of Steam")
    return text


def others(items: list[Any]) -> list[Entry]:
    """The other entries on the phone; an export may hold many.

    Raises:
        CaseError: the first field that is missing or wrong, by its name.
    """
    entries = []
    for i, item in enumerate(items):
        name = f"other_entries[{i}]"
        fields = {"uri": item} if isinstance(item, str) else reading.mapping(item, name)
        label = reading.optional(fields, "label", reading.text, f"{name}.label") or ""
        uri = reading.required(fields, "uri", name)
        entries += _exported(uri) or [entry(uri, f"{name}.uri", label)]
    return entries


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


def _exported(text: object) -> list[Entry]:
    """The entries of an authenticator's export, which may hold many."""
    if not isinstance(text, str) or intake.kind(text) is not intake.Kind.MIGRATION:
        return []
    try:
        return [Entry.of(read) for read in intake.take(text).accounts]
    except MfaError:
        return []
