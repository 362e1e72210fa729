"""A case: everything the person in trouble can tell, and its JSON.

The JSON is the ``given`` object of the case collection. Beware of its sign: ``ntp_offset_s`` is *this computer
minus true time* (positive means this computer is fast), the opposite of NTP's own offset.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Self, TypeVar

from mfatools.diagnose import entries, reading
from mfatools.diagnose.entries import Entry
from mfatools.diagnose.presets import Verifier
from mfatools.secret import Secret

T = TypeVar("T")


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

    @classmethod
    def from_json(cls, fields: Mapping[str, Any], name: str) -> Self:
        """One of the ``codes`` of a case; ``name`` is its place, for errors.

        Raises:
            CaseError: a field that is missing or of another kind, by its name.
        """

        def take(key: str, read: Callable[[object, str], T]) -> T | None:
            return reading.optional(fields, key, read, f"{name}.{key}")

        shown, typed = take("shown", reading.text), take("typed", reading.text)
        if shown is None and typed is None:
            place = f"{name}.shown"
            raise reading.problem(place, "is missing", "Give the code that the phone showed, as text in quotes.")
        spread, delay = take("read_sd_s", reading.spread), take("typed_after_s", reading.positive)
        return cls(
            shown=shown if shown is not None else typed or "",
            typed=typed,
            read_at_local=reading.moment(reading.required(fields, "read_at_local", name), f"{name}.read_at_local"),
            read_sd_s=2.0 if spread is None else spread,
            typed_after_s=6.0 if delay is None else delay,
            accepted=take("accepted", reading.flag),
            entry_label=take("entry_label", reading.text),
        )


@dataclass(frozen=True, slots=True)
class Sent:
    """One code that went to the service without coming from the phone: a probe, or any code that was computed.

    ``at`` is the moment of sending, POSIX seconds by this computer's clock; ``accepted`` is the answer.
    """

    code: str = field(repr=False)
    at: float
    accepted: bool

    @classmethod
    def from_json(cls, fields: Mapping[str, Any], name: str) -> Self:
        """One of the ``sent`` codes of a case; ``name`` is its place, for errors."""
        taken = {key: reading.required(fields, key, name) for key in ("code", "at", "accepted")}
        return cls(
            reading.text(taken["code"], f"{name}.code"),
            reading.moment(taken["at"], f"{name}.at"),
            reading.answer(taken["accepted"], f"{name}.accepted"),
        )


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
        sent: codes that were sent to the service without coming from the phone, and its answers.
        answers: what was answered in a word: the question's name and one of its `Question.options`.
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
    sent: tuple[Sent, ...] = ()
    answers: tuple[tuple[str, str], ...] = ()

    @classmethod
    def from_json(cls, data: object, *, uri: str | None = None) -> Self:
        """Read a case from parsed JSON.

        Args:
            data: the object.
            uri: the key URI, for a case that was saved without its secrets.

        Raises:
            CaseError: the first field that is missing or wrong, by its name.
        """
        fields = reading.mapping(data, "The case")
        bound = reading.optional(fields, "ntp_bound_s", reading.positive)
        entry = entries.entry(uri if uri is not None else reading.required(fields, "uri"), "uri")
        return cls(
            entry=entry,
            looks=tuple(_each(fields, "codes", Look.from_json)),
            local_offset_s=reading.optional(fields, "ntp_offset_s", reading.number),
            local_bound_s=bound or 1.0,
            app=reading.optional(fields, "app", reading.text) or "",
            platform=reading.optional(fields, "platform", reading.text) or "",
            others=tuple(entries.others(reading.items(fields, "other_entries"))),
            second=reading.optional(fields, "second_uri", entries.entry),
            key_as_shown=reading.optional(fields, "key_as_shown", reading.hidden),
            expected_code=reading.optional(fields, "service_expected_code", partial(entries.expected, of=entry)),
            changes=reading.moments(fields.get("change_observed_at_local"), "change_observed_at_local"),
            service=reading.optional(fields, "verifier", reading.window),
            sent=tuple(_each(fields, "sent", Sent.from_json)),
            answers=reading.optional(fields, "answers", reading.answers) or (),
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
        sent to support; the codes stay, for without them there is no case, and a code of the past opens nothing
        (but one of a counter does, until the service has taken it or a later one).
        Read it again with ``from_json(data, uri=...)``.
        """
        return {
            "uri": _uri(self.entry, secrets),
            "codes": [_plain(look) for look in self.looks],
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
            "sent": [_plain(one) for one in self.sent],
            "answers": dict(self.answers) or None,
        }


def _uri(entry: Entry, secrets: bool) -> str | None:
    return entry.account.uri() if secrets and entry.account else None


def _plain(value: Look | Sent) -> dict[str, Any]:
    return {name: getattr(value, name) for name in type(value).__slots__}


def _each(fields: Mapping[str, Any], name: str, read: Callable[[Mapping[str, Any], str], T]) -> Iterator[T]:
    for i, item in enumerate(reading.items(fields, name)):
        place = f"{name}[{i}]"
        yield read(reading.mapping(item, place), place)
