"""Probe codes made ready to send: the code, from when until when, and what the site's answer is worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from mfatools.diagnose import Case, Diagnosis, Probe

_ENOUGH = 8.0  # s that a person needs to read, type and send a code


@dataclass(frozen=True, slots=True)
class Offer:
    """A probe with its code. It is to be sent in ``start <= t < end``, POSIX seconds by this computer's clock."""

    probe: Probe
    code: str = field(repr=False)
    start: float
    end: float

    def until(self, now: float) -> str:
        """When to send it, in words."""
        if self.start > now:
            return f"Send it between {_clock(self.start)} and {_clock(self.end)}."
        return f"Send it before {_clock(self.end)}, in the next {self.end - now:.0f} s."

    def to_json(self) -> dict[str, Any]:
        """As ``--json`` prints it. The name and what it proves stand in the diagnosis already."""
        return {"steps": self.probe.steps, "code": self.code, "send_from": self.start, "send_until": self.end}


def offers(case: Case, probes: Sequence[Probe], now: float) -> list[Offer]:
    """The codes to send now; where the step is nearly over, those of the next one.

    Args:
        case: its account makes the codes; its clock, if that was measured, tells true time.
        probes: what the diagnosis offers.
        now: POSIX seconds by this computer's clock.
    """
    account, fast = case.entry.account, case.local_offset_s or 0.0
    if account is None:
        return []
    made = []
    for probe in probes:
        t = now - fast
        if probe.when(account, t)[1] - t < _ENOUGH:
            t = probe.when(account, t)[1]
        start, end = probe.when(account, t)
        made.append(Offer(probe, probe.code(account, t), start + fast, end + fast))
    return made


def as_json(case: Case, diagnosis: Diagnosis, now: float) -> dict[str, Any]:
    """The diagnosis as JSON data, with the codes of its probes."""
    told = diagnosis.to_json()
    ready = offers(case, diagnosis.probes, now)
    told["probes"] = [{**said, **offer.to_json()} for said, offer in zip(told["probes"], ready, strict=True)]
    return told


def _clock(t: float) -> str:
    return datetime.fromtimestamp(t, UTC).astimezone().strftime("%H:%M:%S")
