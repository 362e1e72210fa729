"""Why was the code refused? From a case to ranked findings, and the next best question.

>>> from mfatools.diagnose import Case, diagnose
>>> case = Case.from_json({"uri": "otpauth://totp/Lesson:ada?secret=JBSWY3DPEHPK3PXP", "codes": []})
>>> diagnose(case).best.family
<Family.UNKNOWN: 'UNKNOWN'>

A cause is a hypothesis about how a code came to be: which key and settings, which clock, what happened to the
digits, what the service did. `causes` and `keys` list the sources of codes, `offsets` how wrong clocks are,
`slips` what happens to digits, `service` what services do; `search` finds the codes, `explain` makes stories of
them, `judge` names them and Bayes' rule weighs them. Luck is one of the hypotheses.
"""

from __future__ import annotations

from collections.abc import Callable

from mfatools.diagnose import causes, engine, evidence, foreign, questions, words
from mfatools.diagnose.case import Case, Look, Sent
from mfatools.diagnose.entries import Entry
from mfatools.diagnose.model import Family
from mfatools.diagnose.presets import Verifier, presets, verifier
from mfatools.diagnose.probes import probes
from mfatools.diagnose.result import Diagnosis, Finding, Probe, Question
from mfatools.diagnose.tap import Flip, estimate

__all__ = [
    "Case",
    "Diagnosis",
    "Entry",
    "Family",
    "Finding",
    "Flip",
    "Look",
    "Probe",
    "Question",
    "Sent",
    "Verifier",
    "diagnose",
    "estimate",
    "presets",
    "verifier",
]


def diagnose(
    case: Case,
    *,
    span: float = engine.WEEK,
    full: bool = False,
    progress: Callable[[float], None] | None = None,
    stop: Callable[[], bool] | None = None,
) -> Diagnosis:
    """Say why the codes of a case were refused, or that all is well.

    Args:
        case: everything that is known.
        span: how far off a clock may be that is searched step by step, seconds either way; zone steps, wrong
            dates and known resets are looked at besides.
        full: search every clock from 1970 to 2038 if nothing nearer fits. It needs two different codes and takes
            a minute or more.
        progress: told the share of the full search that is done, 0 to 1.
        stop: asked now and then; when it says True the full search ends.
    """
    if not case.looks and case.sent:
        case = foreign.sent_only(case)
    base = causes.right(case.entry)
    if base is None:
        outcome = foreign.other_scheme(case)
    elif not case.looks:
        outcome = foreign.no_codes(case)
    else:
        outcome = engine.weigh(case, base, span=span, full=full, progress=progress, stop=stop)
        outcome = questions.heard(case, foreign.with_strange(case, outcome))
    found = words.findings(case, outcome)
    offered = probes(case, outcome, found)
    return Diagnosis(
        findings=found if offered else words.without_probes(found),
        next_question=foreign.first_question(case) or questions.next_question(case, outcome, offered),
        probes=offered,
        hypotheses_tested=outcome.tested,
        luck=evidence.luck(outcome),
        notes=words.notes(case, outcome, found),
        stopped=outcome.stopped,
    )
