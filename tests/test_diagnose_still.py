"""A display that stands still, two clocks on two devices, a misread key under a wrong zone; odd but legal input."""

from __future__ import annotations

import pytest
from test_diagnose_causes import GOOD, TEXT, T, clock, find, firm, uri

from mfatools.diagnose import Case, diagnose
from mfatools.errors import CaseError
from mfatools.secret import Secret
from mfatools.totp import Totp


@pytest.mark.parametrize("age", [0, 600, 6000])
def test_a_display_that_stands_still(age):
    diagnosis = find(lambda t: GOOD.code(T + 4 - age), at=(4.0, 72.0, 145.0))
    firm(diagnosis, "STALE_DISPLAY", "frozen")
    assert diagnosis.next_question.name == "reopen"


def test_a_slow_clock_that_runs_is_no_still_display():
    firm(find(clock(-600), at=(4.0, 72.0, 145.0)), "PHONE_CLOCK")
    firm(find(clock(0), at=(4.0, 14.0), accepted=(True, False)), "REPLAY")  # one code, within its step


def test_a_clock_that_stood_and_went_on_late():
    shows = {4.0: T + 4, 72.0: T + 4, 145.0: T + 4, 400.0: T + 240, 470.0: T + 310}
    diagnosis = find(lambda t: GOOD.code(shows[t - T]), at=tuple(shows))
    firm(diagnosis, "PHONE_CLOCK")


def told(labels: tuple[str, str], offset: float):
    looks = [
        {"shown": clock(off)(T + s), "read_at_local": T + s, "accepted": off == 0, "entry_label": label}
        for s, off, label in ((5, offset, labels[0]), (70, offset, labels[0]), (95, 0, labels[1]))
    ]
    return diagnose(Case.from_json({"uri": uri(), "codes": looks, "ntp_offset_s": 0}))


def test_two_devices_are_no_correction_of_an_app():
    firm(told(("new phone", "old phone"), -140), "PHONE_CLOCK", "one_device_off")
    firm(told(("Google Authenticator", "Aegis, same phone"), -140), "APP_BUG", "own_correction")
    hidden = told(("andOTP", "Google Authenticator, same phone"), -140)  # the app that is right corrects itself
    assert hidden.best.family == "PHONE_CLOCK"


def test_a_misread_key_under_a_wrong_zone():
    read = Totp(Secret(TEXT.encode()))
    firm(find(lambda t: read.code(t + 3600)), "SECRET_VARIANT", "text_as_key")
    assert find(lambda t: read.code(t + 5000)).best.family == "SECRET_DIFFERENT"  # no zone


LOOK = {"shown": "123456", "read_at_local": T}


@pytest.mark.parametrize(
    ("field", "value"), [("read_sd_s", 1e6), ("typed_after_s", 1e300), ("read_at_local", 10**400)]
)
def test_numbers_beyond_all_sense_are_named(field, value):
    with pytest.raises(CaseError, match=field):
        Case.from_json({"uri": uri(), "codes": [{**LOOK, field: value}]})


def test_a_printed_key_with_a_broken_character_does_no_harm():
    case = Case.from_json({"uri": uri(), "codes": [LOOK], "key_as_shown": "abc\ud800"})
    assert diagnose(case).findings
