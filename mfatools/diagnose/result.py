"""What a diagnosis says: findings, the next question, probes. Plain values that show no secret and no code."""

from __future__ import annotations

import html
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any

from mfatools.account import Account
from mfatools.diagnose.model import Family
from mfatools.errors import MfaError
from mfatools.phrases import surety
from mfatools.totp import Algorithm, Totp


@dataclass(frozen=True, slots=True)
class Finding:
    """One kind of trouble with its probability (0 to 1), the proof, and what to do.

    ``offset_s`` is the clock that makes the codes minus true time, an interval in seconds (positive is fast);
    None where the story says nothing about it. ``evidence`` are the numbers that prove it, ``rules_out`` what it
    makes needless, ``link`` where to read on.
    """

    family: Family
    cause: str
    probability: float
    title: str
    says: str
    evidence: str
    remedy: tuple[str, ...]
    rules_out: str
    link: str
    offset_s: tuple[float, float] | None = None

    def to_json(self) -> dict[str, Any]:
        """The finding as JSON data."""
        span = None if self.offset_s is None else [round(end, 2) for end in self.offset_s]
        return asdict(self) | {
            "family": str(self.family),
            "probability": round(self.probability, 4),
            "remedy": list(self.remedy),
            "offset_s": span,
        }


@dataclass(frozen=True, slots=True)
class Probe:
    """A code to send on purpose: what its acceptance would prove. The code itself is made on request only.

    ``steps`` counts from the current step: -3 is a code of three steps ago. ``algorithm``, ``digits`` and ``step``
    take the place of the QR code's where they are given.
    """

    name: str
    proves: str
    steps: int = 0
    algorithm: Algorithm | None = None
    digits: int | None = None
    step: int | None = None

    def code(self, account: Account, t: float) -> str:
        """The code to send at true time ``t`` (POSIX seconds).

        Raises:
            MfaError: the account is not time based.
        """
        otp = self._otp(account)
        return otp.code_of(otp.counter(t) + self.steps)

    def when(self, account: Account, t: float) -> tuple[float, float]:
        """From when until when (POSIX seconds of true time, half-open) the code of ``t`` is the one to send.

        Raises:
            MfaError: the account is not time based.
        """
        return self._otp(account).window(t)

    def _otp(self, account: Account) -> Totp:
        otp = account.otp
        if not isinstance(otp, Totp):
            raise MfaError("Probe codes exist for time-based accounts only.", "Use another code.", code="E_TYPE")
        return replace(
            otp,
            step=self.step or otp.step,
            digits=self.digits or otp.digits,
            algorithm=self.algorithm or otp.algorithm,
        )


@dataclass(frozen=True, slots=True)
class Question:
    """The one observation that would tell most: ``bits`` of expected information about the cause.

    ``options`` are the words to choose from where it is answered in a word, as `Case.answers`; other questions are
    answered by what they ask for: a code, a picture, a measurement.
    """

    name: str
    text: str
    bits: float = 0.0
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, repr=False)
class Diagnosis:
    """Ranked findings, the likeliest first; their probabilities add up to at most 1.

    ``hypotheses_tested`` counts the codes that were compared (key, settings and counter), ``luck`` is the
    probability that one of them fits all codes by accident.
    """

    findings: tuple[Finding, ...]
    next_question: Question | None
    probes: tuple[Probe, ...]
    hypotheses_tested: int
    luck: float
    notes: tuple[str, ...] = ()
    stopped: bool = False

    @property
    def best(self) -> Finding:
        """The likeliest finding."""
        return self.findings[0]

    def to_json(self) -> dict[str, Any]:
        """The whole as JSON data, without secrets and codes."""
        return {
            "findings": [finding.to_json() for finding in self.findings],
            "next_question": self.next_question.text if self.next_question else None,
            "probes": [{"name": probe.name, "proves": probe.proves} for probe in self.probes],
            "hypotheses_tested": self.hypotheses_tested,
            "notes": list(self.notes),
        }

    def __repr__(self) -> str:
        ranked = ", ".join(f"{finding.family} {surety(finding.probability)}" for finding in self.findings[:3])
        return f"Diagnosis({ranked}; {self.hypotheses_tested} hypotheses tested)"

    def _repr_html_(self) -> str:
        rows = "".join(_row(finding) for finding in self.findings if finding.probability >= 0.01)
        ask = _paragraph("Next", self.next_question.text) if self.next_question else ""
        notes = "".join(_paragraph("Note", note) for note in self.notes)
        return f"<div class='mfatools-diagnosis'>{rows}{ask}{notes}</div>"


def _row(finding: Finding) -> str:
    steps = "".join(f"<li>{_safe(step)}</li>" for step in finding.remedy)
    return (
        f"<details{' open' if finding.probability >= 0.5 else ''}><summary><b>{_safe(finding.title)}</b> "
        f"({surety(finding.probability)})</summary><p>{_safe(finding.says)}</p><p>{_safe(finding.evidence)}</p>"
        f"<ol>{steps}</ol><p>{_safe(finding.rules_out)} "
        f"<a href='{_safe(finding.link)}'>{_safe(finding.link)}</a></p></details>"
    )


def _paragraph(head: str, text: str) -> str:
    return f"<p><b>{head}:</b> {_safe(text)}</p>"


_safe: Callable[[str], str] = html.escape
