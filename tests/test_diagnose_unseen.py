"""Cases that nobody wrote the diagnosis for: what they showed to be missing, each with its near miss."""

from __future__ import annotations

import base64

import pytest
from test_diagnose_causes import GOOD, KEY, OTHER, TEXT, T, clock, find, firm, key, unlikely, uri

from mfatools.diagnose import Case, diagnose
from mfatools.diagnose.words import spoken
from mfatools.secret import Secret
from mfatools.totp import Encoder, Hotp, Totp

DAY = 86400.0
COUNTER = Hotp(Secret(KEY), 5)
BY_COUNTER = {"qr": uri(COUNTER)}


def presses(*counters: int):
    """Codes of these counters, one at each reading."""
    left = list(counters)
    return lambda _t: COUNTER.code(left.pop(0))


# ---- clocks ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("days", [3, -10, 14, -28, 29, -1095])
def test_any_day_of_the_month_may_have_been_set(days):
    firm(find(clock(days * DAY)), "PHONE_CLOCK", "clock_date")


def test_days_are_told_with_their_hours():
    assert spoken(-302_430, -302_400) == "3 days 12 h slow"
    assert spoken(31_535_990, 31_536_010) == "365 days fast"


@pytest.mark.parametrize("days", [9.3, 25.1])
def test_a_machine_that_slept_for_weeks_is_found_by_two_codes(days):
    firm(find(clock(-days * DAY)), "PHONE_CLOCK", "clock_stopped")
    unlikely(find(clock(-days * DAY), at=(7.0,)), "PHONE_CLOCK")


def test_two_minutes_beside_an_odd_quarter_of_an_hour_is_no_zone():
    firm(find(clock(-43_980)), "PHONE_CLOCK", "clock_stopped")  # 12 h 13 min: microsoft/WSL#4677
    firm(find(clock(45_900)), "PHONE_CLOCK", "clock_zone")  # 12 h 45 min
    assert "about 1 h" in find(clock(-3_695)).best.says
    assert "about" not in find(clock(-3_600)).best.says


def test_small_counters_may_be_a_clock_that_began_in_1970():
    begun = find(clock(3000 - T), at=(7.0, 71.0, 138.0))
    assert {finding.family for finding in begun.findings} >= {"PHONE_CLOCK", "HOTP_MIXUP"}
    assert begun.best.cause == "clock_reset"
    assert begun.next_question.name == "wall_clock"
    pressed = find(presses(23, 24, 25), at=(7.0, 17.0, 30.0))
    firm(pressed, "HOTP_MIXUP", "totp_as_hotp")


def test_a_clock_that_moved_is_told_where_it_was_wrong():
    first_right = find(lambda t: GOOD.code(t if t < T + 100 else t + 150), at=(7.0, 1000.0), accepted=(True, False))
    assert first_right.best.cause == "clock_moved"
    low, high = first_right.best.offset_s
    assert low <= 150 <= high
    assert spoken(low, high) in first_right.best.says


# ---- the display -------------------------------------------------------------------------------------------------


def test_an_old_code_that_is_read_twice_is_one_old_display():
    old = GOOD.code(T - 83)
    shows = {T + 7: old, T + 27: old, T + 95: GOOD.code(T + 95)}
    diagnosis = find(shows.__getitem__, at=(7.0, 27.0, 95.0), accepted=(False, False, True))
    assert diagnosis.best.cause == "stale"
    assert diagnosis.best.probability > 0.5


# ---- the service -------------------------------------------------------------------------------------------------


def test_right_codes_after_three_wrong_ones_mean_a_lock():
    at = (7.0, 38.0, 69.0, 130.0, 190.0)
    typed = iter(("111111", "222222", "333333", None, None))
    looks = [
        {"shown": GOOD.code(T + s), "typed": next(typed), "read_at_local": T + s, "accepted": False} for s in at
    ]
    diagnosis = diagnose(Case.from_json({"uri": uri(), "codes": looks, "ntp_offset_s": 0.0}))
    assert diagnosis.best.family == "LOCKOUT"
    assert diagnosis.best.probability < 0.9
    assert diagnosis.next_question is not None
    assert all("10 h" not in finding.says for finding in diagnosis.findings)
    looks.append({"shown": GOOD.code(T + 1100), "read_at_local": T + 1100, "accepted": True})
    freed = diagnose(Case.from_json({"uri": uri(), "codes": looks, "ntp_offset_s": 0.0}))
    assert freed.best.family == "LOCKOUT"
    assert freed.next_question.name == "wait_and_try"  # and not many tries more


def test_one_refusal_does_not_lock_anybody_out_for_a_minute():
    fresh = {"shown": GOOD.code(T + 5), "read_at_local": T + 5, "typed_after_s": 3, "accepted": False}
    kept = {"shown": GOOD.code(T + 65), "read_at_local": T + 65, "typed_after_s": 31, "accepted": True}
    diagnosis = diagnose(Case.from_json({"uri": uri(), "codes": [fresh, kept], "ntp_offset_s": 0.0}))
    assert diagnosis.best.family == "SERVICE_CLOCK"


def test_what_is_confirmed_by_more_tries_only_is_asked_for():
    nodes = find(clock(0), at=(7.0, 67.0, 127.0, 187.0, 247.0), accepted=(True, False, True, False, True))
    assert nodes.best.family == "MULTI_NODE"
    assert nodes.next_question.name == "many_tries"
    strict = find(clock(-20), at=(8.0, 72.0))
    assert strict.best.cause == "clock_edge"
    assert strict.next_question.name == "flip"
    assert find(clock(-75)).next_question is None


def test_a_drifting_clock_is_not_asked_to_wait_for_a_lock():
    at = (7.0, 40 * DAY + 7, 75 * DAY + 7)
    drift = find(lambda t: GOOD.code(t - 1.2 / DAY * (t - T)), at=at, accepted=(True, False, False))
    assert drift.best.cause == "clock_drifts"
    assert drift.next_question is None or drift.next_question.name != "wait_and_try"


def test_two_clocks_are_told_apart_by_a_look_at_them():
    shows = {T + 7: GOOD.code(T + 127), T + 71: GOOD.code(T + 191), T + 90: GOOD.code(T + 90)}
    labels, answers = {7.0: "WinAuth", 71.0: "WinAuth", 90.0: "phone"}, {"WinAuth": False, "phone": None}
    looks = [
        {
            "shown": shows[T + s],
            "read_at_local": T + s,
            "entry_label": label,
            "accepted": answers[label],
        }
        for s, label in labels.items()
    ]
    diagnosis = diagnose(Case.from_json({"uri": uri(), "codes": looks, "ntp_offset_s": 0.0, "app": "WinAuth"}))
    assert diagnosis.next_question.name == "wall_clock"


def test_the_code_that_the_service_expected_tells_its_fault():
    def expected(made: bytes):
        return find(clock(0), at=(8.0,), service_expected_code=key(made)(T + 14)).best

    text, other = expected(TEXT.encode()), expected(OTHER)
    assert text.family == other.family == "SERVICE_SIDE"
    assert "text of the key" in text.says
    assert "another key" in other.says
    assert "another key" not in find(clock(0), at=(8.0,)).best.says


# ---- counters ----------------------------------------------------------------------------------------------------


def test_a_counter_that_is_used_twice():
    again = find(presses(5, 5), at=(7.0, 27.0), accepted=(True, False), **BY_COUNTER)
    firm(again, "REPLAY", "replay")
    assert "clock is right" not in again.best.rules_out
    firm(find(presses(9, 7), at=(7.0, 47.0), accepted=(True, False), **BY_COUNTER), "HOTP_DESYNC", "counter_behind")


def test_a_counter_that_has_long_been_in_use():
    good = find(presses(205, 206), at=(7.0, 47.0), accepted=True, **BY_COUNTER)
    firm(good, "OK", "ok")
    assert "clock is right" not in good.best.says
    gone = find(presses(205, 240, 241), at=(7.0, 47.0, 60.0), accepted=(True, False, False), **BY_COUNTER)
    firm(gone, "HOTP_DESYNC", "counter_ahead")
    assert "35 codes ahead" in gone.best.says


def test_right_counters_that_are_refused():
    diagnosis = find(presses(5, 6), at=(7.0, 47.0), **BY_COUNTER)
    firm(diagnosis, "SERVICE_SIDE")
    assert diagnosis.next_question is not None


def test_a_counter_based_qr_that_both_read_by_time():
    diagnosis = find(clock(0), accepted=True, **BY_COUNTER)
    firm(diagnosis, "HOTP_MIXUP", "service_hotp_as_totp")
    assert "both go by time" in diagnosis.best.says


# ---- digits ------------------------------------------------------------------------------------------------------


def _moment(wanted: str) -> float:
    """Seconds after T, 7 s into a step, at which the right code has this digit."""
    return next(30.0 * n + 7 for n in range(1000) if wanted in GOOD.code(T + 30 * n))


def test_a_letter_noted_for_a_digit():
    diagnosis = find(lambda t: GOOD.code(t).replace("0", "O"), at=(_moment("0"),))
    firm(diagnosis, "CODE_ENTRY", "slip_letter")
    assert diagnosis.next_question is not None
    unlikely(find(lambda t: key(OTHER)(t).replace("0", "O"), at=(_moment("0"),)), "CODE_ENTRY")


@pytest.mark.parametrize("kept", [2, 3, 4])
def test_the_first_digits_of_one_code_and_the_last_of_the_next(kept):
    def mixed(t: float) -> str:
        return GOOD.code(t)[:kept] + GOOD.code(t + 30)[kept:]

    noted = find(mixed, at=(28.0,))
    firm(noted, "CODE_ENTRY", "slip_mixed")
    typed = find(clock(0), at=(28.0,), codes={"typed": mixed(T + 28)})
    assert typed.best.family == "CODE_ENTRY"
    assert "last of the next" in typed.best.says
    unlikely(find(lambda t: GOOD.code(t)[:kept] + GOOD.code(t + 90)[kept:], at=(28.0,)), "CODE_ENTRY")


def test_small_letters_for_steam_are_no_slip():
    steam = Totp(Secret(KEY), digits=5, encoder=Encoder.STEAM)
    code = steam.code(T + 7)
    qr = f"otpauth://totp/Steam:ada?secret={base64.b32encode(KEY).decode()}&issuer=Steam"
    small = find(steam.code, at=(7.0,), qr=qr, accepted=True, codes={"typed": code.lower()})
    firm(small, "OK")
