"""The geometry of windows, against the published table, against brute force, and against itself."""

from __future__ import annotations

import math
import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mfatools import windows
from mfatools.errors import MfaError

# Share refused in percent by (behind, ahead) at the given offsets (client minus server): the time bench's
# README, "What codes need".
OFFSETS = (-60, -30, -10, 0, 10, 30, 60)
PUBLISHED = {
    (0, 0): (100, 100, 69.3, 36.8, 12.8, 63.4, 99.9),
    (1, 0): (100, 36.8, 1.0, 0.1, 4.6, 63.2, 99.9),
    (1, 1): (100, 36.8, 1.0, 0.1, 0, 0, 63.2),
}
offsets = st.floats(-600, 600)
counters = st.integers(0, 2**40)
small = st.integers(0, 10)


@pytest.mark.parametrize("policy", PUBLISHED)
def test_the_published_table_comes_out(policy: tuple[int, int]) -> None:
    behind, ahead = policy
    ours = [100 * windows.refusal(d, behind=behind, ahead=ahead) for d in OFFSETS]
    assert ours == pytest.approx(PUBLISHED[policy], abs=0.25)


@pytest.mark.parametrize(
    ("offset", "step", "behind", "ahead", "median", "sigma"),
    [(7, 30, 1, 1, 10, 0.45), (-25, 30, 1, 0, 6, 0.8), (40, 60, 0, 1, 20, 0.3), (-3, 30, 0, 0, 10, 0.0)],
)
def test_the_integral_agrees_with_brute_force(
    offset: float, step: float, behind: int, ahead: int, median: float, sigma: float
) -> None:
    rng, n, refused = random.Random(5), 40_000, 0
    for _ in range(n):
        read = rng.uniform(0, 3000)
        arrives = read + median * math.exp(rng.gauss(0, sigma))
        apart = windows.steps_apart(read, arrives, phone=offset, step=step)
        refused += not -behind <= apart <= ahead
    exact = windows.refusal(offset, step=step, behind=behind, ahead=ahead, typing_median=median, typing_sigma=sigma)
    assert refused / n == pytest.approx(exact, abs=4 * math.sqrt(0.25 / n))


def test_a_slow_phone_hurts_sooner_than_a_fast_one() -> None:
    slowest, fastest = windows.tolerance(0.01) or (0.0, 0.0)
    assert (round(slowest), round(fastest)) == (-10, 37)
    assert windows.tolerance(0.01, behind=0, ahead=0) is None  # this verifier refuses even perfect clocks


@given(st.floats(0.002, 0.5), small, small)
def test_tolerance_is_where_refusal_reaches_the_limit(limit: float, behind: int, ahead: int) -> None:
    span = windows.tolerance(limit, behind=behind, ahead=ahead)
    if span is not None:
        for edge in span:
            assert windows.refusal(edge, behind=behind, ahead=ahead) == pytest.approx(limit, abs=1e-5)


@given(offsets, small, small)
def test_refusal_is_a_probability_and_a_wider_window_never_refuses_more(d: float, behind: int, ahead: int) -> None:
    narrow = windows.refusal(d, behind=behind, ahead=ahead)
    assert 0 <= windows.refusal(d, behind=behind + 1, ahead=ahead + 1) <= narrow + 1e-12 <= 1 + 1e-12


@given(st.floats(0, 1e9), st.floats(0, 400), offsets, st.integers(1, 120))
def test_a_timeline_has_no_gaps_and_covers_the_span(start: float, span: float, offset: float, step: int) -> None:
    line = windows.timeline(start, start + span + 1, offset=offset, step=step)
    assert line[0].start <= start + 1e-6
    assert line[-1].end >= start + span + 1 - 1e-6
    for one, following in pairwise(line):
        assert following.counter == one.counter + 1
        assert following.start == pytest.approx(one.end, abs=1e-6)


def test_windows_are_half_open() -> None:
    window = windows.shown(2)
    assert (window.start, window.end, window.length) == (60, 90, 30)
    assert 60 in window
    assert 89.999 in window
    assert 90 not in window
    assert "now" not in window


@given(counters, offsets, offsets, small, small)
def test_usable_is_the_overlap_of_shown_and_accepted(
    counter: int, phone: float, service: float, behind: int, ahead: int
) -> None:
    shown = windows.shown(counter, offset=phone)
    accepted = windows.accepted(counter, offset=service, behind=behind, ahead=ahead)
    both = windows.usable(counter, phone=phone, service=service, behind=behind, ahead=ahead)
    assert accepted.length == pytest.approx(30 * (behind + ahead + 1))
    assert both == shown.overlap(accepted)
    if both is not None:
        assert both.counter == counter
        assert max(shown.start, accepted.start) == both.start < both.end == min(shown.end, accepted.end)


def test_a_fast_phone_shows_a_code_early_and_a_fast_service_ends_it_early() -> None:
    assert windows.shown(10, offset=20).start == 280
    assert windows.accepted(10, offset=20, behind=1, ahead=0).end == 340
    assert windows.usable(10, phone=-75) is None
    assert windows.usable(10, phone=45).length == 15  # type: ignore[union-attr]


def test_steps_apart_has_the_sign_of_the_codes_place() -> None:
    assert windows.steps_apart(60, 60) == 0
    assert windows.steps_apart(89, 91) == -1  # typed over the edge: the code is behind
    assert windows.steps_apart(60, 60, phone=60) == 2
    assert windows.steps_apart(60, 60, service=60) == -2


@pytest.mark.parametrize(
    "wrong",
    [
        {"step": 0},
        {"step": math.nan},
        {"behind": -1},
        {"ahead": -1},
        {"typing_median": -1},
        {"typing_sigma": math.nan},
        {"typing_median": math.inf},
    ],
)
def test_settings_outside_their_range_are_refused_in_words(wrong: dict[str, float]) -> None:
    with pytest.raises(MfaError, match=r"steps|step|typing"):
        windows.refusal(0, **wrong)
    with pytest.raises(MfaError, match="limit"):
        windows.tolerance(2)


@pytest.mark.parametrize("offset", [math.nan, math.inf, -math.inf, "30"])
def test_an_offset_that_is_no_number_has_no_chance(offset) -> None:
    with pytest.raises(MfaError, match="offset"):
        windows.refusal(offset)


@pytest.mark.parametrize(("median", "sigma"), [(1e6, 3.0), (10.0, 10.0), (0.0, 0.0), (10.0, 0.0), (7.0, 1e-3)])
def test_tolerance_is_found_for_any_hand(median: float, sigma: float) -> None:
    for behind, ahead, step in ((0, 0, 1.0), (1, 1, 30.0), (40, 0, 300.0)):
        hand = {"behind": behind, "ahead": ahead, "step": step, "typing_median": median, "typing_sigma": sigma}
        span = windows.tolerance(0.05, **hand)  # never more than some hundreds of values
        if span is None:
            tried = (windows.refusal(place * step / 4, **hand) for place in range(-170, 2 * 10**5, 97))
            assert min(tried) > 0.05
        else:
            assert span[0] < span[1]
            for edge in span:
                assert windows.refusal(edge, **hand) == pytest.approx(0.05, abs=1e-4)
