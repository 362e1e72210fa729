"""Probe codes on the page: the codes of the next minutes, and what the site said to one.

They go to the page in custom messages, like every live code. What comes back is a moment, not a code: the kernel
makes the code of that moment again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mfatools.account import Account
from mfatools.diagnose import Diagnosis, Probe, Sent
from mfatools.errors import MfaError

STEPS = 20  # codes that go to the page at once: ten minutes, even while the kernel is busy
_EARLIEST = 900.0  # s: an answer to a code that was sent longer ago is taken for one of now


def named(diagnosis: Diagnosis | None, name: object) -> Probe:
    """The probe of this name.

    Raises:
        MfaError: there is none.
    """
    probe = next((one for one in diagnosis.probes if one.name == name), None) if diagnosis else None
    if probe is None:
        raise MfaError("This probe code is no longer on offer.", "Look at the list again.")
    return probe


def codes(account: Account, probe: Probe, now: float, offset: float) -> list[tuple[float, str]]:
    """The codes to send from now on: when each begins to be the one, and the code.

    Args:
        account: whose they are.
        probe: which.
        now: the kernel's clock, POSIX s; so are the moments that come back.
        offset: seconds to add to that clock to get true time.

    Raises:
        MfaError: the account is not time based.
    """
    t, listed = now + offset, []
    for _ in range(STEPS):
        start, end = probe.when(account, t)
        listed.append((start - offset, probe.code(account, start)))
        t = end
    return listed


def sent(account: Account, probe: Probe, content: Mapping[str, Any], now: float, offset: float) -> Sent:
    """What was sent, and the answer: ``at``, when the code was on the page, and ``accepted``. The rest as above."""
    at = content.get("at")
    known = isinstance(at, int | float) and not isinstance(at, bool) and now - _EARLIEST <= at <= now + 60
    moment = float(at) if known else now  # type: ignore[arg-type]
    return Sent(probe.code(account, moment + offset), moment, bool(content.get("accepted")))


def page(diagnosis: Diagnosis, answered: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The probes that are still to be sent; none once one was taken: then the fault is found."""
    if any(one["accepted"] for one in answered):
        return []
    names = {one["name"] for one in answered}
    return [said(one) for one in diagnosis.probes if one.name not in names]


def said(probe: Probe) -> dict[str, Any]:
    """What the page says of a probe."""
    return {"name": probe.name, "proves": probe.proves}
