"""What the case collection has as facts, each with its test (README there, "Facts worth a test each")."""

from __future__ import annotations

import pyotp
import pytest
from test_diagnose_causes import GOOD, KEY, OTHER, TEXT, T, clock, find, firm, key, unlikely, uri

from mfatools.diagnose import Case, diagnose
from mfatools.diagnose.keys import misread
from mfatools.secret import Secret
from mfatools.totp import Algorithm, Totp


def test_the_verifying_clock_can_be_this_computers():
    looks = [{"shown": GOOD.code(T + s), "read_at_local": T + s - 37.4, "accepted": False} for s in (6, 76)]
    diagnosis = diagnose(Case.from_json({"uri": uri(), "codes": looks, "ntp_offset_s": -37.4}))
    assert any("browser" in finding.says for finding in diagnosis.findings)
    unlikely(diagnosis, "PHONE_CLOCK", 0.05)


@pytest.mark.parametrize("minutes", [-3, 2, 5])
def test_corrections_in_whole_minutes_go_stale(minutes):
    looks = [
        {"shown": clock(60 * minutes)(T + 5), "read_at_local": T + 5, "accepted": False, "entry_label": "one app"},
        {
            "shown": clock(60 * minutes)(T + 75),
            "read_at_local": T + 75,
            "accepted": False,
            "entry_label": "one app",
        },
        {"shown": clock(0)(T + 85), "read_at_local": T + 85, "entry_label": "other app"},
    ]
    firm(diagnose(Case.from_json({"uri": uri(), "codes": looks, "ntp_offset_s": 0})), "APP_BUG", "own_correction")


@pytest.mark.parametrize("offset", [-44422, -43980])
def test_clocks_that_stop_are_no_zone_steps_and_need_two_codes(offset):
    """docker/for-win#5593: 12 h 20 min; microsoft/WSL#4677: 12 h 13 min."""
    two, one = find(clock(offset)), find(clock(offset), at=(7.0,))
    firm(two, "PHONE_CLOCK", "clock_stopped")
    assert "slept" in two.best.says
    assert one.best.probability < 0.9
    assert one.next_question.name == "second_code"


def test_left_over_bits_are_read_in_three_ways():
    text = TEXT[:19] + "V"  # 100 bits: 12 bytes and 4 bits
    dropped = Secret.from_base32(text).reveal()
    made = {(cause, detail): made for cause, detail, made, _ in misread(text, dropped, Algorithm.SHA1)}
    assert len(dropped) == 12
    assert made["bits_padded", ""][:12] == made["bits_padded", "half bytes"][:12] == dropped
    assert made["bits_padded", ""] != dropped
    assert len(made["bits_first", ""]) == 13


def test_the_hour_that_summer_times_end_repeats():
    """pyauth/pyotp#57: 2.3 to 2.10 are 3600 s behind for 120 steps; 2025-10-26 01:00 UTC in Berlin."""
    berlin = 1_761_440_400.0

    def naive(t: float) -> str:
        return GOOD.code(t - 3600)

    looks = [{"shown": naive(berlin + s), "read_at_local": berlin + s, "accepted": False} for s in (1300, 1360)]
    diagnosis = diagnose(Case.from_json({"uri": uri(), "codes": looks, "ntp_offset_s": 0}))
    firm(diagnosis, "PHONE_CLOCK", "clock_zone")
    assert any("pyotp" in step for step in diagnosis.best.remedy)


def test_keys_of_80_bits_are_issued_and_work():
    short = Totp(Secret(KEY[:10]))
    firm(find(short.code, qr=uri(short), accepted=True), "OK")
    padded = pyotp.TOTP(Secret(KEY[:10] + b"\0" * 4).reveal_base32())
    firm(find(lambda t: padded.at(int(t)), qr=uri(short), accepted=True), "OK")  # the same HMAC key


@pytest.mark.parametrize(("size", "algorithm"), [(10, Algorithm.SHA256), (20, Algorithm.SHA512)])
def test_otplib_12_repeats_short_keys(size, algorithm):
    asked = Totp(Secret(KEY[:size]), algorithm=algorithm)
    repeated = (KEY[:size] * 7)[: {Algorithm.SHA256: 32, Algorithm.SHA512: 64}[algorithm]]
    diagnosis = find(key(repeated, asked), qr=uri(asked))
    firm(diagnosis, "APP_BUG", "key_repeated")
    assert "otplib" in diagnosis.best.says


@pytest.mark.parametrize("pair", ["S5", "Z2", "IL", "OQ", "G6", "T7"])
def test_look_alikes_inside_the_alphabet_are_found(pair):
    text = "MZXW6YTB" + pair[0] + TEXT[9:]
    typed = text[:8] + pair[1] + text[9:]
    entry = Totp(Secret.from_base32(text))
    diagnosis = find(key(Secret.from_base32(typed).reveal()), qr=uri(entry))
    firm(diagnosis, "SECRET_VARIANT", "key_lookalike")
    assert f"character 9: {pair[0]} taken for {pair[1]}" in diagnosis.best.says


def test_a_zero_in_the_printed_key_is_taken_for_the_letter_by_some():
    printed = TEXT[:4] + "0" + TEXT[5:]
    typed = TEXT[:4] + "O" + TEXT[5:]
    diagnosis = find(key(Secret.from_base32(typed).reveal()), key_as_shown=printed)
    assert diagnosis.best.family == "SECRET_VARIANT"


def test_two_probe_codes_cover_120_seconds_either_way():
    offered = [probe.steps for probe in find(GOOD.code).probes]
    assert sorted(offered) == [-3, 3]
    for offset in range(-120, 121, 10):
        service = T + 20 + offset  # its clock, in the middle of the phone's step
        sent = [GOOD.counter(T + 20) + steps for steps in (*offered, 0)]
        assert any(abs(counter - GOOD.counter(service)) <= 1 for counter in sent), offset


def test_an_accepted_probe_tells_the_services_clock():
    looks = [
        {"shown": GOOD.code(T + 8), "read_at_local": T + 8, "accepted": False},
        {"shown": GOOD.code(T + 72 + 90), "read_at_local": T + 72, "accepted": True, "entry_label": "probe"},
    ]
    diagnosis = diagnose(Case.from_json({"uri": uri(), "codes": looks, "ntp_offset_s": 0}))
    assert diagnosis.best.family == "SERVICE_CLOCK"
    assert "fast" in diagnosis.best.says
    for look in looks:
        look["accepted"] = False
    diagnosis = diagnose(Case.from_json({"uri": uri(), "codes": looks, "ntp_offset_s": 0}))
    assert diagnosis.best.family == "SERVICE_SIDE"


def test_what_cannot_be_told_apart_is_open_and_asked_for():
    asked = {
        "service": (find(clock(0)), "probe_codes"),
        "one code": (find(clock(-90), at=(7.0,)), "second_code"),
        "no network": (find(clock(95), accepted=None, ntp_offset_s=None), "network_time"),
        "nothing fits": (find(key(OTHER), at=(7.0, 71.0, 140.0)), "other_qr"),
    }
    for name, (diagnosis, question) in asked.items():
        assert diagnosis.next_question is not None, name
        assert diagnosis.next_question.name == question, (name, diagnosis.next_question.name)


def test_phone_and_computer_may_agree_and_both_be_wrong():
    diagnosis = find(clock(0), ntp_offset_s=None)
    assert diagnosis.best.family == "SERVICE_SIDE"
    assert diagnosis.best.probability < 0.95
    told = [finding for finding in diagnosis.findings if finding.cause == "common_clock"]
    assert told
    unlikely(find(clock(0), ntp_offset_s=0.0), "PHONE_CLOCK", 0.01)
    assert find(clock(0), accepted=True, ntp_offset_s=None).best.family == "OK"
