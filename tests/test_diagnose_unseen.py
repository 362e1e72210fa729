"""Cases that nobody wrote the diagnosis for: what they showed to be missing, each with its near miss."""

from __future__ import annotations

from test_diagnose_causes import GOOD, KEY, OTHER, TEXT, T, clock, find, firm, key, uri

from mfatools.diagnose.words import spoken
from mfatools.secret import Secret
from mfatools.totp import Hotp

DAY = 86400.0
COUNTER = Hotp(Secret(KEY), 5)
BY_COUNTER = {"qr": uri(COUNTER)}


def presses(*counters: int):
    """Codes of these counters, one at each reading."""
    left = list(counters)
    return lambda _t: COUNTER.code(left.pop(0))


# ---- clocks ------------------------------------------------------------------------------------------------------


def test_days_are_told_with_their_hours():
    assert spoken(-302_430, -302_400) == "3 days 12 h slow"
    assert spoken(31_535_990, 31_536_010) == "365 days fast"


def test_a_clock_that_moved_is_told_where_it_was_wrong():
    first_right = find(lambda t: GOOD.code(t if t < T + 100 else t + 150), at=(7.0, 1000.0), accepted=(True, False))
    assert first_right.best.cause == "clock_moved"
    low, high = first_right.best.offset_s
    assert low <= 150 <= high
    assert spoken(low, high) in first_right.best.says


# ---- the service -------------------------------------------------------------------------------------------------


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
