"""What the doctor shows of a diagnosis: cards in words. No code and no key is in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mfatools.diagnose import Case, Diagnosis, Family, Finding
from mfatools.phrases import surety
from mfatools.totp import Totp
from mfatools.widgets import probing, timeline

SHOWN = 0.01  # findings less likely than this have no card
MOST = 6
_BY_DEVICE = (Family.PHONE_CLOCK, Family.LOCAL_CLOCK)  # what is done about it differs by device
_SERVICE = (Family.SERVICE_SIDE, Family.SERVICE_CLOCK, Family.SERVICE_PARAM)
_LIKELY = ((0.95, "almost certain"), (0.8, "very likely"), (0.5, "likely"), (0.2, "possible"), (0.0, "less likely"))


def likely(probability: float) -> str:
    """A probability (0 to 1) in words."""
    return next(word for limit, word in _LIKELY if probability >= limit)


def of_diagnosis(case: Case, diagnosis: Diagnosis, answered: Sequence[Mapping[str, Any]] = ()) -> dict[str, Any]:
    """A diagnosis for the page; ``answered`` are the probes of which the site has said something already."""
    shown = [finding for finding in diagnosis.findings if finding.probability >= SHOWN][:MOST]
    question = diagnosis.next_question
    return {
        "findings": [_of_finding(case, finding) for finding in shown or diagnosis.findings[:1]],
        "question": question
        and {
            "name": question.name,
            "text": question.text,
            "options": list(question.options),
        },
        "probes": probing.page(diagnosis, answered) if _asks_the_service(diagnosis, answered) else [],
        "notes": list(diagnosis.notes),
        "tested": diagnosis.hypotheses_tested,
        "stopped": diagnosis.stopped,
        "far": _may_be_far(case, diagnosis),
    }


def _of_finding(case: Case, finding: Finding) -> dict[str, Any]:
    names = ("cause", "title", "says", "evidence", "rules_out", "link")
    return {
        **{name: getattr(finding, name) for name in names},
        "family": str(finding.family),
        "remedy": list(finding.remedy),
        "percent": surety(finding.probability),
        "likely": likely(finding.probability),
        "share": round(finding.probability, 4),
        "by_device": finding.family in _BY_DEVICE,
        "picture": timeline.of_finding(case, finding),
    }


def _asks_the_service(diagnosis: Diagnosis, answered: Sequence[Mapping[str, Any]]) -> bool:
    """Whether probe codes are the thing to do, and not just one more: each one refused brings a lock nearer."""
    asked = diagnosis.next_question is not None and diagnosis.next_question.name == "probe_codes"
    return asked or bool(answered) or diagnosis.best.family in _SERVICE


def _may_be_far(case: Case, diagnosis: Diagnosis) -> bool:
    """Whether a search of all dates makes sense: nothing fits so far, and there are two codes to go by."""
    best = diagnosis.best
    other = best.family is Family.SECRET_DIFFERENT and best.offset_s is None  # not that of a QR code shown here
    nothing = other or best.family is Family.UNKNOWN
    account = case.entry.account
    timed = account is not None and isinstance(account.otp, Totp)
    return nothing and timed and len({look.shown for look in case.looks}) > 1
