"""Probe codes: what to send next when the codes are right and the service refuses them.

With a window of one step either way, one code of three steps ago and one of three steps ahead find a service's
clock that is up to four steps (120 s) off: 24 of the 26 offsets in the case book. Never so many that a lock-out
threatens.
"""

from __future__ import annotations

from mfatools.diagnose.case import Case
from mfatools.diagnose.engine import Outcome
from mfatools.diagnose.model import Family
from mfatools.diagnose.result import Finding, Probe
from mfatools.totp import Algorithm, Totp

_LIMIT = 5  # failed tries in a row after which many services lock (presets: 3 to 10)
_WORTH = 0.2  # probability that the fault lies with the service
_FAMILIES = (Family.SERVICE_SIDE, Family.SERVICE_CLOCK, Family.SERVICE_PARAM, Family.LOCKOUT)

OLD = Probe("a code of three steps ago", "If it is accepted, the service's clock is 60 to 120 s behind.", -3)
EARLY = Probe("a code of three steps ahead", "If it is accepted, the service's clock is 60 to 120 s ahead.", 3)
SHA1 = Probe(
    "the code made with SHA-1",
    "If it is accepted, the service checks with SHA-1 whatever its QR code says.",
    algorithm=Algorithm.SHA1,
)


def probes(case: Case, outcome: Outcome, findings: tuple[Finding, ...]) -> tuple[Probe, ...]:
    """The probe codes worth sending, the most telling first."""
    account = case.entry.account
    if account is None or not isinstance(account.otp, Totp):
        return ()
    suspect = sum(finding.probability for finding in findings if finding.family in _FAMILIES)
    if suspect < _WORTH or any(finding.family is Family.LOCKOUT for finding in findings[:1]):
        return ()
    wanted = [OLD, EARLY]
    if account.otp.algorithm is not Algorithm.SHA1:
        wanted.insert(0, SHA1)
    return tuple(wanted[: max(0, _LIMIT - 1 - _failures(case))])


def _failures(case: Case) -> int:
    """Refusals in a row up to the last try."""
    count = 0
    for look in sorted(case.looks, key=lambda look: -look.read_at_local):
        if look.accepted:
            break
        count += look.accepted is False
    return count
