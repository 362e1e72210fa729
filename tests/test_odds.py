"""Chances of guessing and the modulo bias, against published figures and against counting."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mfatools import drift, lab, odds
from mfatools.errors import MfaError

# The case book's stats: gain of the likelier codes in percent.
GAINS = {6: 0.0240, 8: 2.45, 9: 39.7}


@pytest.mark.parametrize("digits", GAINS)
def test_the_published_bias_comes_out(digits: int) -> None:
    assert 100 * odds.bias(digits).gain == pytest.approx(GAINS[digits], rel=0.005)
    if digits == 6:
        assert odds.bias(6).likelier == 483_648


@given(st.integers(1, 10))
def test_all_codes_together_are_certain(digits: int) -> None:
    bias = odds.bias(digits)
    assert bias.likelier + bias.rarer == 10**digits
    assert bias.likelier * bias.high + bias.rarer * bias.low == pytest.approx(1)
    assert bias.low <= bias.fair <= bias.high


@given(st.integers(0, 10**7), st.integers(0, 20), st.integers(1, 8))
def test_guessing_is_a_probability_and_more_tries_never_help_less(tries: int, accepted: int, digits: int) -> None:
    chance = odds.guess(tries, accepted=accepted, digits=digits)
    assert 0 <= chance <= odds.guess(tries + 1, accepted=accepted, digits=digits) <= 1


@given(st.floats(1e-6, 0.999), st.integers(1, 10))
def test_tries_for_is_the_inverse_of_guess(chance: float, accepted: int) -> None:
    tries = odds.tries_for(chance, accepted=accepted)
    assert odds.guess(tries, accepted=accepted) >= chance * (1 - 1e-9)
    assert odds.guess(tries - 1, accepted=accepted) < chance * (1 + 1e-9)


def test_guessing_agrees_with_a_simulation() -> None:
    rng, tries, rounds = random.Random(2), 60, 3000
    hits = sum(any(rng.randrange(1000) < 3 for _ in range(tries)) for _ in range(rounds))
    assert hits / rounds == pytest.approx(odds.guess(tries, accepted=3, digits=3), abs=0.02)


@pytest.mark.parametrize(
    "call",
    [
        lambda: odds.bias(11),
        lambda: odds.bias("6"),
        lambda: odds.guess(-1),
        lambda: odds.guess(float("nan")),
        lambda: odds.tries_for(1.0),
        lambda: odds.tries_for(0.5, accepted=0),
        lambda: odds.tries_for(0.5, digits=0),
    ],
)
def test_nonsense_is_refused_in_words(call) -> None:
    with pytest.raises(MfaError):
        call()


# What guards let through in an hour and a day: counted on the real service of the bench.
@pytest.mark.parametrize(("preset", "hour", "day"), [("pypi", 21, 51), ("django_otp", 12, 17), ("okta", 5, 5)])
def test_tries_possible_are_those_that_the_service_lets_through(preset: str, hour: int, day: int) -> None:
    rule = lab.Policy.preset(preset).guard
    assert (lab.tries_possible(rule, 3600), lab.tries_possible(rule, 86_400)) == (hour, day)
    service = lab.Service(policy=lab.Policy.preset(preset))
    bench = lab.Bench(service=service, phone=lab.Phone(), person=lab.Person(0, 0))
    bench.enrol()
    begin, judged = bench.time(), 0
    while bench.time() <= begin + 3600:
        answer = service.verify("alice", "000000", bench.time())
        judged += answer.reason is lab.Reason.WRONG
        bench.wait(min(7200.0, max(1.0, answer.wait)))
    assert judged == hour


def test_without_a_guard_the_pace_is_the_limit() -> None:
    assert lab.tries_possible(lab.GuardRule(), 100, pace=0.5) == 201


# ---- drift ----------------------------------------------------------------------------------------------------


@given(st.floats(-100, 100), st.floats(-1e-3, 1e-3), st.lists(st.integers(0, 10**6), min_size=3, unique=True))
def test_a_line_is_found_again(offset: float, rate: float, times: list[int]) -> None:
    line = drift.fit([float(t) for t in times], [offset + rate * t for t in times])
    assert line.rate == pytest.approx(rate, abs=1e-8 * max(1, abs(offset)))
    assert line.residual < 1e-6
    assert line.at(0) == pytest.approx(offset, abs=1e-2)


def test_a_good_measurement_counts_for_more() -> None:
    line = drift.fit([0, 10, 20], [0, 100, 2], bounds=[0.1, 1000, 0.1])
    assert line.rate == pytest.approx(0.1, abs=0.001)
    assert line.reaches(3) == pytest.approx(30, abs=1)
    assert line.per_day == pytest.approx(8640, rel=0.01)
    assert line.ppm == pytest.approx(1e5, rel=0.01)


def test_the_rates_error_is_honest() -> None:
    rng, inside = random.Random(8), 0
    for _ in range(300):
        times = [86_400.0 * day for day in range(12)]
        line = drift.fit(times, [2e-5 * t + rng.gauss(0, 0.2) for t in times])
        inside += abs(line.rate - 2e-5) < 2.228 * line.rate_error  # Student's t, 10 degrees of freedom, 95%
    assert 0.91 < inside / 300 < 0.985


def test_two_points_have_no_error_and_one_no_line() -> None:
    assert drift.fit([0, 1], [0, 1]).rate_error == float("inf")
    assert drift.fit([0, 1], [5, 5]).reaches(6) is None
    for bad in (([0], [0]), ([0, 0], [1, 2]), ([0, 1], [1])):
        with pytest.raises(MfaError, match="two offsets"):
            drift.fit(*bad)
    with pytest.raises(MfaError, match="bound"):
        drift.fit([0, 1], [1, 2], [0, 1])
