"""The small picture of a finding: for which moment the code was made, and which moments the site took just then.

Numbers only, POSIX seconds of true time; the page draws them in its own colours and words them in its own time
zone. No code is in them. A finding about keys, settings or digits has no picture: time shows nothing of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mfatools.diagnose import Case, Family, Finding, Look
from mfatools.totp import Totp

_STRICT = ("edge", "clock_edge")  # causes in which the service takes the code of the moment only
_WIDTHS = ((1, 1), (1, 0), (0, 1), (0, 0))  # windows in steps (behind, ahead), the usual one first
_TIMED = (Family.PHONE_CLOCK, Family.LATE, Family.WINDOW_EDGE, Family.STALE_DISPLAY, Family.APP_BUG)
_UNTIMED = (Family.OK, Family.LOCAL_CLOCK, Family.REPLAY, Family.LOCKOUT, Family.MULTI_NODE, Family.SERVICE_SIDE)
_SHOWN = (*_TIMED, *_UNTIMED, Family.SERVICE_CLOCK)
_LONG_AGO = 240  # steps back in which a code on a screen that stood still is looked for
_MOST = 2000  # steps; an interval of clocks wider than that proves no moment


def of_finding(case: Case, finding: Finding) -> dict[str, Any] | None:
    """What to draw: ``code`` and ``takes`` are intervals, ``sent`` a moment, ``fits`` whether they meet.

    ``accepted`` is the site's answer to the code that is drawn, None if it was not tried. ``before`` is the moment
    at which the same code was taken already. ``theirs``: ``takes`` is what a site with a right clock takes,
    and this one's was wrong. The whole is None where a picture shows nothing or would contradict
    what happened.
    """
    look = _telling(case)
    account = case.entry.account
    if look is None or account is None or not isinstance(account.otp, Totp) or finding.family not in _SHOWN:
        return None
    otp = account.otp
    read = look.read_at_local - (case.local_offset_s or 0.0)
    counter = next(_made(otp, look, read, finding), None)
    if counter is None:
        return None
    sent = read + look.typed_after_s
    now = otp.counter(sent)
    window = _window(case, finding, look, counter - now)
    if window is None:
        return None
    behind, ahead = window
    return {
        "code": _span(otp, counter, counter + 1),
        "takes": _span(otp, now - behind, now + ahead + 1),
        "sent": sent,
        "fits": _holds(window, counter - now),
        "accepted": look.accepted,
        "before": _before(case, look) if finding.family is Family.REPLAY else None,
        "theirs": finding.family is Family.SERVICE_CLOCK,
    }


def _telling(case: Case) -> Look | None:
    """The code to draw: the last that was refused, else the last."""
    refused = [look for look in case.looks if look.accepted is False]
    return max(refused or case.looks, key=lambda look: look.read_at_local, default=None)


def _made(otp: Totp, look: Look, read: float, finding: Finding) -> Iterator[int]:
    """The counters that make this code on the clocks that the finding speaks of, the middle one first."""
    if finding.offset_s is None:
        return
    low, high = (otp.counter(read + offset) for offset in finding.offset_s)
    if finding.family is Family.STALE_DISPLAY:
        low -= _LONG_AGO
    if high - low > _MOST:
        return
    middle = otp.counter(read + sum(finding.offset_s) / 2)
    for counter in sorted(range(max(0, low), high + 1), key=lambda one: abs(one - middle)):
        if otp.code_of(counter) == look.shown:
            yield counter


def _window(case: Case, finding: Finding, look: Look, steps: int) -> tuple[int, int] | None:
    """The service's window that goes with what it said; None if none does."""
    known = case.service
    usual = ((known.behind, known.ahead),) if known else _WIDTHS
    if finding.cause in _STRICT:
        usual = ((0, 0),)
    if finding.family in _TIMED and look.accepted is not None:
        return next((one for one in usual if _holds(one, steps) is look.accepted), None)
    # Time is not the reason, so the picture must show that it was kept; not tried yet, it tells what would happen.
    return usual[0] if look.accepted is None or _holds(usual[0], steps) else None


def _holds(window: tuple[int, int], steps: int) -> bool:
    return -window[0] <= steps <= window[1]


def _before(case: Case, look: Look) -> float | None:
    """When the same code was taken before, true time."""
    same = (one for one in case.looks if one.shown == look.shown and one.accepted)
    moments = [one.read_at_local + one.typed_after_s - (case.local_offset_s or 0.0) for one in same]
    return min(moments, default=None)


def _span(otp: Totp, first: int, last: int) -> list[float]:
    return [float(otp.t0 + counter * otp.step) for counter in (first, last)]
