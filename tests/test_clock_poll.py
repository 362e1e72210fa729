"""The conversation with all servers, in virtual time: what it answers, when it stops, whom it leaves alone."""

from __future__ import annotations

import random
import statistics

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wire import START, FakeServer, converse, farm, reply

from mfatools.clock.poll import Plan, Poll
from mfatools.consensus import Confidence
from mfatools.ntp import Why

OFFSET = 17.3


def honest(**more):
    return FakeServer(offset=OFFSET, **more)


def jittery(**more):
    return FakeServer(offset=OFFSET, jitter=0.02, **more)


SILENT = FakeServer(silent=True)
LIES = {
    "far": FakeServer(offset=300.0),
    "near": FakeServer(offset=2.0 + OFFSET),
    "zone": FakeServer(offset=3600.0),
    "stratum 1": FakeServer(offset=300.0, fields={"stratum": 1, "root_delay": 0.0, "root_dispersion": 0.0}),
    "first": FakeServer(offset=300.0, out=0.0001, back=0.0001),
    "wide": FakeServer(offset=OFFSET + 1.0, fields={"root_dispersion": 2.0}),
}


def test_four_honest_servers_agree_at_once_on_one_packet_each():
    done = converse([jittery() for _ in range(4)], seed=1)
    found = done.poll.agreement()
    assert found.confidence is Confidence.CONFIRMED
    assert abs(found.offset - OFFSET) <= found.bound <= 0.05
    assert done.elapsed < 0.2
    assert len(done.sent) == 4


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES.keys())
@pytest.mark.parametrize("place", range(4))
def test_one_liar_of_four_fools_nobody(lie, place):
    servers = [jittery() for _ in range(3)]
    servers.insert(place, lie)
    for seed in range(12):
        found = converse(servers, seed=seed).poll.agreement()
        assert found.confidence is Confidence.CONFIRMED
        assert abs(found.offset - OFFSET) <= min(found.bound, 0.05)


def test_two_against_two_ends_without_a_majority_within_a_second():
    done = converse([jittery(), jittery(), LIES["far"], LIES["far"]])
    assert done.poll.agreement().confidence is Confidence.NO_MAJORITY
    assert done.elapsed <= 1.0


def test_two_silent_servers_cost_a_second():
    done = converse([jittery(), jittery(), SILENT, SILENT])
    assert done.poll.agreement().confidence is Confidence.CONFIRMED
    assert done.elapsed <= 1.1
    assert {voice.why for voice in done.poll.unheard()} == {Why.SILENT}


def test_all_silent_end_at_the_deadline_and_are_asked_four_times_each():
    servers = [FakeServer(silent=True) for _ in range(4)]
    done = converse(servers)
    assert done.poll.agreement().confidence is Confidence.NO_ANSWER
    assert done.elapsed == pytest.approx(2.0)
    assert [server.asked for server in servers] == [4, 4, 4, 4]


def test_nothing_heard_by_the_hopeless_moment_ends_it():
    assert converse([SILENT, SILENT], plan=Plan(hopeless=1.0)).elapsed == pytest.approx(1.0)


def test_asymmetric_paths_are_off_but_inside_the_bound():
    found = converse([honest(out=0.05, back=0.005) for _ in range(4)]).poll.agreement()
    assert found.offset - OFFSET == pytest.approx(0.0225, abs=1e-4)
    assert abs(found.offset - OFFSET) <= found.bound


def test_far_servers_are_measured_within_their_doubt():
    done = converse([honest(out=0.15, back=0.15) for _ in range(4)])
    found = done.poll.agreement()
    assert found.confidence is Confidence.CONFIRMED
    assert abs(found.offset - OFFSET) <= found.bound < 0.17
    assert done.elapsed <= 1.3


@pytest.mark.parametrize("kiss", [b"RATE", b"DENY", b"RSTR"])
def test_a_server_that_says_go_away_is_not_asked_again(kiss):
    servers = [FakeServer(kiss=kiss) for _ in range(3)]
    done = converse(servers)
    assert [server.asked for server in servers] == [1, 1, 1]
    assert done.elapsed < 0.1
    assert {(voice.why, voice.detail) for voice in done.poll.unheard()} == {(Why.KISS, kiss.decode())}


def test_forged_answers_before_the_true_one_change_nothing():
    found = converse([honest(forged=50) for _ in range(3)]).poll.agreement()
    assert found.confidence is Confidence.CONFIRMED
    assert abs(found.offset - OFFSET) < 0.01


class BadFirst(FakeServer):
    """Before each answer somebody on the way sends one that holds our number but must not count."""

    fault = None

    def answers(self, packet, at, rng):
        [(when, data)] = super().answers(packet, at, rng)
        return [(when - 0.001, self.fault(data)), (when, data)]


FAULTS = {
    "leap 3": lambda data: bytes([data[0] | 0xC0]) + data[1:],
    "mode 5": lambda data: bytes([data[0] & 0xF8 | 5]) + data[1:],
    "no stamp": lambda data: data[:40] + bytes(8),
    "stratum 16": lambda data: data[:1] + b"\x10" + data[2:],
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_a_bad_answer_does_not_keep_the_true_one_out(fault):
    server = BadFirst(offset=OFFSET, out=0.002, back=0.002)
    server.fault = fault
    found = converse([server]).poll.agreement()
    assert found.confidence is Confidence.SINGLE_SOURCE
    assert abs(found.offset - OFFSET) <= found.bound


def test_servers_with_bad_answers_only_are_given_up_before_the_deadline():
    done = converse([FakeServer(fields={"stratum": 16}) for _ in range(3)])
    assert done.poll.agreement().confidence is Confidence.NO_ANSWER
    assert {voice.why for voice in done.poll.unheard()} == {Why.NO_TIME}
    assert done.elapsed < 1.2


def test_forged_answers_alone_are_told_as_such():
    class Forger(FakeServer):
        def answers(self, packet, at, rng):
            return super().answers(packet, at, rng)[:-1]

    done = converse([Forger(forged=3)])
    assert done.poll.unheard()[0].why is Why.NOT_OURS


def test_a_server_that_answers_with_the_stamp_before_the_last_is_not_believed():
    class Behind(FakeServer):
        before = bytes(48)

        def answers(self, packet, at, rng):
            last, self.before = self.before, packet
            return super().answers(last, at, rng)

    done = converse([Behind(offset=300.0)])
    assert done.poll.agreement().confidence is Confidence.NO_ANSWER
    assert done.poll.unheard()[0].why is Why.NOT_OURS


@pytest.mark.parametrize("samples", [3, 4, 8])
def test_nor_is_it_when_it_is_asked_more_or_less_often(samples):
    class Behind(FakeServer):
        before = bytes(48)

        def answers(self, packet, at, rng):
            last, self.before = self.before, packet
            return super().answers(last, at, rng)

    found = converse([Behind(offset=300.0), Behind(offset=300.0)], plan=Plan(samples=samples)).poll.agreement()
    assert found.confidence is Confidence.NO_ANSWER


@pytest.mark.parametrize("way", [0.12, 0.15, 0.25, 0.4, 0.55])
def test_answers_that_come_after_the_next_question_still_count(way):
    found = converse([honest(out=way, back=way)]).poll.agreement()
    assert found.confidence is Confidence.SINGLE_SOURCE
    assert abs(found.offset - OFFSET) <= found.bound <= way + 0.02


@pytest.mark.parametrize("way", [0.1, 0.3, 0.45, 0.6, 0.65, 0.75, 0.9])
def test_long_paths_give_a_wide_answer_and_no_silence(way):
    done = converse([honest(out=way, back=way) for _ in range(4)])
    found = done.poll.agreement()
    assert found.confidence is Confidence.CONFIRMED
    assert abs(found.offset - OFFSET) <= found.bound <= way + 0.02


@pytest.mark.parametrize("way", [0.05, 0.15, 0.3, 0.5, 0.6, 0.65, 0.75, 0.9])
def test_fast_liars_do_not_win_before_the_slow_majority_is_heard(way):
    slow = [honest(out=way, back=way) for _ in range(3)]
    for liars in (1, 2):
        found = converse([LIES["first"]] * liars + slow).poll.agreement()
        assert found.confidence in (Confidence.CONFIRMED, Confidence.NO_MAJORITY)
        assert found.offset is None or abs(found.offset - OFFSET) <= found.bound


@pytest.mark.parametrize("out", [0.0, 0.3, 1.2])
@pytest.mark.parametrize("back", [0.3, 0.6, 1.2])
def test_whoever_delays_packets_only_widens_the_interval(out, back):
    found = converse([honest(out=out, back=back)]).poll.agreement()
    if found.offset is not None:
        assert abs(found.offset - OFFSET) <= found.bound


def test_a_server_that_was_not_waited_for_is_not_called_silent():
    done = converse([jittery(), jittery(), jittery(), SILENT])
    assert done.elapsed < 0.3
    assert [voice.why for voice in done.poll.unheard()] == [Why.NOT_AWAITED]


def test_a_kiss_after_good_answers_is_kept_in_mind():
    class Kisses(FakeServer):
        def answers(self, packet, at, rng):
            self.kiss = b"RATE" if self.asked else b""
            return super().answers(packet, at, rng)

    done = converse([Kisses(offset=OFFSET), SILENT])
    [voice] = done.poll.agreement().truechimers
    assert (voice.kiss, voice.why, len(done.sent)) == ("RATE", None, 2 + 4)


def test_a_kiss_is_heeded_that_comes_behind_a_good_answer_to_the_same_question():
    class Both(FakeServer):
        def answers(self, packet, at, rng):
            good, kiss = (FakeServer(OFFSET, kiss=kiss).answers(packet, at, rng)[0] for kiss in (b"", b"DENY"))
            return [good, (kiss[0] + 0.001, kiss[1])]

    done = converse([Both(), SILENT])
    [voice] = done.poll.agreement().truechimers
    assert (voice.kiss, voice.why, len(done.sent)) == ("DENY", None, 1 + 4)


def test_one_question_reaches_every_address_of_a_name_until_one_answers():
    poll = Poll(["s"], Plan(samples=1), token=random.Random(1).randbytes, wall=START, mono=0.0)
    poll.ready("s", 0.0, addresses=2)
    poll.packet("s", 0.0)
    assert poll.due(0.25) == ["s"]
    poll.packet("s", 0.25)
    assert poll.due(0.5) == []


def test_a_clock_that_wanders_from_answer_to_answer_is_not_believed_even_alone():
    class Wanderer(FakeServer):
        def answers(self, packet, at, rng):
            self.offset += 0.2
            return super().answers(packet, at, rng)

    found = converse([Wanderer()]).poll.agreement()
    assert found.confidence is Confidence.NO_MAJORITY
    assert found.falsetickers[0].why is Why.INCONSISTENT


def test_lost_packets_are_asked_for_again():
    found = converse([honest(loss=0.5) for _ in range(4)], seed=3).poll.agreement()
    assert found.confidence is Confidence.CONFIRMED


def test_questions_to_one_server_are_spaced_and_each_has_its_own_nonce():
    done = converse([SILENT])
    nonces = [packet[40:] for _, packet in done.sent]
    assert len(set(nonces)) == 4
    poll = Poll(["s"], Plan(), token=random.Random(1).randbytes, wall=START, mono=0.0)
    poll.ready("s", 0.0)
    assert poll.due(0.0) == ["s"]
    poll.packet("s", 0.0)
    assert poll.due(0.2) == []
    assert poll.due(0.25) == ["s"]


def test_an_answer_counts_once_however_often_it_arrives():
    poll = Poll(["s"], Plan(), token=random.Random(1).randbytes, wall=START, mono=0.0)
    poll.ready("s", 0.0)
    packet = poll.packet("s", 0.0)
    [(_, data)] = FakeServer().answers(packet, START, random.Random(1))
    assert poll.heard("s", data, 0.01) is not None
    assert poll.heard("s", data, 0.02) is None
    assert [voice.samples for voice in poll.voices()] == [1]


@pytest.mark.parametrize("forged_first", [True, False])
def test_two_answers_to_one_question_that_contradict_each_other_are_both_not_believed(forged_first):
    class Raced(FakeServer):
        """Somebody on the way reads our questions and answers them too."""

        def answers(self, packet, at, rng):
            [(when, data)] = super().answers(packet, at, rng)
            [(_, lie)] = FakeServer(offset=300.0).answers(packet, at, rng)
            return [(when, data), (when + (-0.001 if forged_first else 0.001), lie)]

    done = converse([Raced()])
    found = done.poll.agreement()
    assert found.confidence is Confidence.NO_MAJORITY
    assert found.falsetickers[0].why is Why.INCONSISTENT
    three = converse([Raced(), honest(), honest(), honest()]).poll.agreement()
    assert three.confidence is Confidence.CONFIRMED
    assert abs(three.offset - OFFSET) <= three.bound < 0.1


@pytest.mark.parametrize("grain", [2.0, 0.5, 0.1, 0.05, 1 / 64])
def test_a_clock_that_is_coarser_than_it_says_is_found_out(grain):
    class Coarse(FakeServer):
        def answers(self, packet, at, rng):
            clock = (at + self.out + self.offset) // grain * grain
            return [(at + self.out + self.back, reply(packet[40:], clock, clock))]

    found = converse([Coarse(offset=OFFSET)]).poll.agreement()
    assert abs(found.offset - OFFSET) <= found.bound


def test_the_same_servers_in_any_order_give_the_same_answer():
    servers = [honest(out=0.001 * n, back=0.002 * n) for n in range(1, 5)]
    there, back = (converse(order).poll.agreement() for order in (servers, servers[::-1]))
    assert there.offset == pytest.approx(back.offset, abs=1e-9)
    assert there.bound == pytest.approx(back.bound, abs=1e-9)


def test_truth_inside_the_bound_over_a_thousand_random_farms():
    """Coverage: an honest majority, liars near and far, jitter, asymmetry, loss. No hiding behind a wide bound."""
    answers = [converse(farm(random.Random(seed)), seed=seed).poll.agreement() for seed in range(1000)]
    told = [found for found in answers if found.offset is not None]
    inside = sum(abs(found.offset) <= found.bound for found in told)
    assert len(told) >= 990
    assert inside / len(told) >= 0.996
    assert statistics.median(found.bound for found in told) < 0.06


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from([0.0, -40.0, 1e6, -1.8e9 + START]))
def test_a_wrong_local_clock_is_measured_as_well_as_a_right_one(seed, wrong):
    servers = farm(random.Random(seed))
    right = converse(servers, seed=seed).poll.agreement()
    off = converse(servers, seed=seed, local=START - wrong).poll.agreement()
    assert off.confidence is right.confidence
    if right.offset is not None:
        assert off.offset - wrong == pytest.approx(right.offset, abs=1e-5)
