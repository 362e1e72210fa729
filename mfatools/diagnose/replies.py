"""How a question would be answered under each cause: for every answer its probability. Judged, not counted."""

from __future__ import annotations

from collections.abc import Mapping

from mfatools.diagnose.judge import Part
from mfatools.diagnose.model import Family

Answers = Mapping[str, float]  # answer -> probability, given a cause


def even(favoured: str, p: float, *others: str) -> Answers:
    """One answer with probability ``p``; the others share the rest evenly."""
    rest = (1 - p) / len(others)
    return {favoured: p, **dict.fromkeys(others, rest)}


def second_code(part: Part) -> Answers:
    """What a second code will show: that nothing fits it, the same offset again, or a good one."""
    if part.story.source is None:
        return even("nothing fits", 0.98, "same", "fits now")
    if part.family in (Family.STALE_DISPLAY, Family.LATE, Family.CODE_ENTRY, Family.WINDOW_EDGE, Family.REPLAY):
        return even("fits now", 0.92, "same", "nothing fits")
    away = abs(part.story.mean) >= 28 or not part.story.source.right
    return even("same" if away else "fits now", 0.95, "fits now" if away else "same", "nothing fits")


def network(part: Part) -> Answers:
    """Whether the time servers will find this computer's clock right."""
    wrong = part.family is Family.LOCAL_CLOCK or part.cause == "common_clock"
    return even("wrong" if wrong else "right", 0.95, "other")


def try_it(part: Part) -> Answers:
    """What the service will say to the code that it was not given yet."""
    taken = part.family in (Family.OK, Family.LOCAL_CLOCK, Family.STALE_DISPLAY, Family.LATE, Family.WINDOW_EDGE)
    return even("accepted" if taken else "refused", 0.9, "other")


def probe(part: Part) -> Answers:
    """Which probe codes, right ones of another time, the service will take."""
    if part.cause == "service_clock":
        return {"old one accepted": 0.48, "early one accepted": 0.42, "none": 0.1}
    if part.cause == "checked_here":
        return {"old one accepted": 0.4, "early one accepted": 0.4, "none": 0.2}
    return {"none": 0.98, "old one accepted": 0.01, "early one accepted": 0.01}


def others_fail(part: Part) -> Answers:
    """Whether other people's codes fail there too."""
    shared = {"service_clock": 0.9, "nodes": 0.7, "service_settings_ignored": 0.9, "service_dead": 0.3}
    p = shared.get(part.cause, 0.05)
    return {"yes": p, "no": 1 - p}


def wait(part: Part) -> Answers:
    """What the service will say after a wait."""
    if part.cause == "lockout" or part.family in (Family.STALE_DISPLAY, Family.LATE, Family.REPLAY):
        return {"accepted": 0.9, "refused": 0.1}
    if part.family in (Family.WINDOW_EDGE, Family.MULTI_NODE) or part.cause in ("nodes", "clock_edge"):
        return {"accepted": 0.6, "refused": 0.4}
    return {"accepted": 0.05, "refused": 0.95}


def fresh(part: Part) -> Answers:
    """What the service will say to a code that is sent as soon as it stands on the phone."""
    passing = (Family.LATE, Family.STALE_DISPLAY, Family.WINDOW_EDGE, Family.CODE_ENTRY, Family.REPLAY, Family.OK)
    if part.family in passing:
        return even("accepted", 0.93, "refused")
    return even("refused", 0.5 if part.family is Family.MULTI_NODE else 0.93, "accepted")


def other_qr(part: Part) -> Answers:
    """Whether the key of another QR code fits."""
    if part.cause == "secret_different":
        return {"fits another": 0.6, "fits none": 0.4}
    return {"fits another": 0.03, "fits none": 0.97}


def many(part: Part) -> Answers:
    """When the service takes codes, if many are tried."""
    if part.cause == "nodes":
        return even("at random", 0.9, "by the second", "always", "never")
    if part.family in (Family.WINDOW_EDGE, Family.PHONE_CLOCK) and abs(part.story.mean) < 60:
        return even("by the second", 0.8, "at random", "always", "never")
    if part.family in (Family.OK, Family.LATE, Family.STALE_DISPLAY):
        return even("always", 0.9, "at random", "by the second", "never")
    return even("never", 0.9, "at random", "by the second", "always")


def wall_clock(part: Part) -> Answers:
    """Whether the phone's time, date and zone are right to the eye."""
    if part.cause == "one_device_off":
        return even("wrong", 0.7, "right")
    if part.cause in ("clock_zone", "clock_date", "clock_reset", "clock_stopped", "clock_far"):
        return even("wrong", 0.85, "right")
    return even("right", 0.9, "wrong")


def sync_here(part: Part) -> Answers:
    """What the service will say once the clock of this computer is set right."""
    return even("accepted" if part.cause == "checked_here" else "refused", 0.95, "other")


def reopen(part: Part) -> Answers:
    """Whether the app shows another code when it is opened anew."""
    if part.cause in ("frozen", "stale"):
        return even("another code", 0.92, "the same code")
    if part.cause == "clock_stands":
        return even("the same code", 0.9, "another code")
    return even("another code", 0.6, "the same code")


def flip(part: Part) -> Answers:
    """Whether the code on the phone changes when it should."""
    if part.cause in ("clock_edge", "clock_off", "own_correction", "one_device_off"):
        return even("off", 0.8, "on time")
    return even("on time", 0.9, "off")
