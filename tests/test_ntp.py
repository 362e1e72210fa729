"""One exchange with a time server: every rule of RFC 4330 section 5 and RFC 5905 that a reply can break."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wire import START, reply, stamp

from mfatools.consensus import narrow
from mfatools.errors import TimeSourceError
from mfatools.ntp import (
    BUILT,
    Rejected,
    Sample,
    Why,
    least_delay,
    read_reply,
    request,
    seconds_between,
    to_posix,
)

NONCE = bytes(range(1, 9))
OUT, BACK = 0.010, 0.030


def judged(data=None, *, offset=0.0, nonce=NONCE, local=START, round_trip=OUT + BACK, **fields):
    """Ask at true time START with a clock that shows ``local``; the server is ``offset`` ahead of that clock."""
    if data is None:
        clock = local + OUT + offset
        data = reply(nonce, clock, clock, **fields)
    return read_reply(data, server="s", nonce=NONCE, sent=local, received=local + round_trip)


def test_a_request_tells_nothing_but_the_nonce():
    packet = request(NONCE)
    assert len(packet) == 48
    assert packet[0] == 4 << 3 | 3  # version 4, client
    assert not any(packet[1:40])
    assert packet[40:] == NONCE


def test_a_nonce_has_eight_bytes():
    with pytest.raises(TimeSourceError, match="8 bytes") as caught:
        request(b"short")
    assert "token_bytes(8)" in caught.value.hint


def test_the_formulas_of_rfc_5905_section_8():
    sample = judged(offset=17.3)
    assert isinstance(sample, Sample)
    # ten out and thirty back look like twenty and twenty: ten milliseconds of bias, inside the bound
    assert sample.offset == pytest.approx(17.3 - 0.010, abs=2e-6)
    assert sample.delay == pytest.approx(0.040, abs=2e-6)
    assert sample.path == pytest.approx(0.020, abs=1e-6)
    assert sample.root == pytest.approx(0.0025 + 0.010, abs=2e-5)
    assert abs(sample.offset - 17.3) < sample.error


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"mode": 3}, Why.MODE),
        ({"mode": 5}, Why.MODE),
        ({"mode": 6}, Why.MODE),
        ({"mode": 0}, Why.MODE),
        ({"version": 7}, Why.VERSION),
        ({"version": 0}, Why.VERSION),
        ({"version": 2}, Why.VERSION),
        ({"stratum": 0}, Why.NO_TIME),
        ({"stratum": 0, "refid": b"INIT"}, Why.NO_TIME),
        ({"stratum": 0, "refid": b"RATE"}, Why.KISS),
        ({"stratum": 16}, Why.NO_TIME),
        ({"stratum": 255}, Why.NO_TIME),
        ({"leap": 3}, Why.NO_TIME),
        ({"raw": {"xmt": 0}}, Why.ZERO_STAMP),
        ({"raw": {"rec": 0}}, Why.ZERO_STAMP),
        ({"raw": {"ref": 0}}, Why.ZERO_STAMP),
        ({"raw": {"xmt": stamp(START - 1)}}, Why.ORDER),
        ({"raw": {"xmt": stamp(START + 1)}}, Why.ORDER),  # held for longer than the packet was away
        ({"root_dispersion": 20.0}, Why.DISTANCE),
        ({"root_delay": 10.0}, Why.DISTANCE),
        ({"root_delay": 65535.99}, Why.DISTANCE),  # a negative one, as it looks unsigned
        ({"precision": 4}, Why.DISTANCE),
        ({"precision": 127}, Why.DISTANCE),
        ({"ref_age": 5 * 86400.0}, Why.STALE),
        ({"ref_age": -1.0}, Why.FUTURE),
    ],
)
def test_a_reply_that_breaks_a_rule_is_dropped(fields, why):
    answer = judged(**fields)
    assert isinstance(answer, Rejected)
    assert answer.why is why


@pytest.mark.parametrize(
    "fields",
    [
        {"version": 3},
        {"stratum": 1, "refid": b"GPS\0"},
        {"stratum": 15},
        {"leap": 1},
        {"leap": 2},
        {"ref_age": 0.0},
        {"ref_age": 35 * 3600.0},
        {"root_dispersion": 2.9},
    ],
)
def test_a_reply_within_the_rules_is_taken(fields):
    assert isinstance(judged(**fields), Sample)


@pytest.mark.parametrize("nonce", [bytes(8), NONCE[::-1], NONCE[:7] + b"\x09"])
def test_another_origin_stamp_is_not_ours(nonce):
    answer = judged(nonce=nonce, mode=3, stratum=0, refid=b"DENY")
    assert isinstance(answer, Rejected)
    assert answer.why is Why.NOT_OURS
    assert not answer.ours
    assert not answer.final  # a forged kiss stops nobody


@pytest.mark.parametrize("kiss", [b"RATE", b"DENY", b"RSTR"])
def test_a_kiss_with_our_nonce_is_final(kiss):
    answer = judged(stratum=0, leap=3, refid=kiss)
    assert isinstance(answer, Rejected)
    assert answer.final
    assert answer.kiss == kiss.decode()


def test_a_crypto_nak_is_no_answer_but_a_mac_is():
    whole = reply(NONCE, START, START)
    assert judged(whole + bytes(4)).why is Why.AUTH
    assert isinstance(judged(whole + b"\0\0\0\1" + bytes(16)), Sample)


@given(st.binary(max_size=1500))
def test_any_bytes_are_judged_and_none_raise(data):
    assert isinstance(judged(data), Rejected)


@given(st.binary(min_size=48, max_size=48))
def test_any_header_with_our_nonce_is_judged(data):
    answer = judged(data[:24] + NONCE + data[32:])
    assert isinstance(answer, Sample | Rejected)
    if isinstance(answer, Sample):
        assert math.isfinite(answer.offset)
        assert answer.error > 0


@given(out=st.floats(0, 1), back=st.floats(0, 1), hold=st.floats(0, 0.5), lie=st.floats(0, 0.5))
def test_the_truth_is_inside_whatever_the_path_and_the_claimed_holding_time(out, back, hold, lie):
    arrives, leaves = START + out, START + out + hold
    round_trip = out + hold + back
    lie = min(lie, round_trip - hold)  # more than the whole round trip is refused
    data = reply(NONCE, arrives - lie / 2, leaves + lie / 2)
    answer = read_reply(data, server="s", nonce=NONCE, sent=START, received=START + round_trip)
    if isinstance(answer, Sample):  # rounding may make it just too long
        assert abs(answer.offset) <= answer.error


@pytest.mark.parametrize("quantum", [1.0, 0.1, 0.01])
def test_a_coarse_clock_is_seen_though_it_claims_to_be_fine(quantum):
    samples = []
    for truth in (START + 0.987, START + 1.2371, START + 1.4872):
        floored = truth // quantum * quantum
        data = reply(NONCE, floored, floored)
        samples.append(read_reply(data, server="s", nonce=NONCE, sent=truth - 0.001, received=truth + 0.001))
    voice = narrow(samples)
    assert abs(voice.offset) <= voice.error
    assert voice.error >= quantum


ERA_1 = 2_085_978_496.0  # POSIX second of 2036-02-07 06:28:16, where the NTP seconds begin again at 0
MOMENTS = {"1970": 0.0, "1999": 935_280_000.0, "2026": BUILT + 5e6, "2036-": ERA_1 - 0.5, "2036+": ERA_1 + 86400}


@pytest.mark.parametrize("client", [*MOMENTS.values(), ERA_1 + 4 * 365 * 86400.0])
@pytest.mark.parametrize("server", [BUILT + 5e6, ERA_1 - 0.03, ERA_1 + 0.03, ERA_1 + 86400, 2_208_988_800.0])
def test_eras_are_placed_right_for_any_local_clock(client, server):
    answer = judged(local=client, offset=server - client)
    assert isinstance(answer, Sample)
    assert answer.offset == pytest.approx(server - client, abs=0.011)


@given(st.floats(BUILT - 60 * 365 * 86400, BUILT + 60 * 365 * 86400))
def test_a_stamp_comes_back_in_its_era(moment):
    assert to_posix(stamp(moment) / 2**32, near=BUILT) == pytest.approx(moment, abs=1e-5)


@given(st.floats(0, 2**32 - 1), st.floats(-1e9, 1e9))
def test_differences_are_nearest_to_zero_across_an_era(stamp_, difference):
    later = (stamp_ + difference) % 2**32
    assert seconds_between(stamp_, later) == pytest.approx(difference, abs=1e-5)


def test_least_delay_narrows_over_several_exchanges():
    rng = random.Random(5)
    exchanges = []
    for n in range(6):
        t1 = 1000.0 + n
        there = t1 + rng.uniform(0.001, 0.08)
        home = there + 0.002 + rng.uniform(0.001, 0.08)
        exchanges.append((t1, there + 3.0, there + 3.002, home))
    offset, bound = least_delay(exchanges)
    assert abs(offset - 3.0) <= bound
    assert bound < min((t4 - t1 - (t3 - t2)) / 2 for t1, t2, t3, t4 in exchanges)


def test_least_delay_wants_stamps_in_order():
    for exchanges in ([(10.0, 20.0, 19.0, 11.0)], []):
        with pytest.raises(TimeSourceError, match="in order") as caught:
            least_delay(exchanges)
        assert caught.value.hint
