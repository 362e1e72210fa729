"""Whom to believe: majority, bound, and what a lie may change."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mfatools.consensus import Confidence, Voice, agree, covered, narrow
from mfatools.ntp import Sample, Why

EPS = 1e-9


def voices(*pairs):
    return [Voice(f"s{n}", offset, error, 1) for n, (offset, error) in enumerate(pairs)]


def test_a_majority_is_believed_and_the_liar_named():
    found = agree(voices((17.3, 0.02), (17.31, 0.02), (300.0, 0.01), (17.29, 0.02)))
    assert found.confidence is Confidence.CONFIRMED
    assert found.offset == pytest.approx(17.3, abs=0.01)
    assert [voice.server for voice in found.falsetickers] == ["s2"]
    assert found.falsetickers[0].why is Why.DISAGREES


def test_two_against_two_is_no_majority():
    found = agree(voices((0.0, 0.1), (0.01, 0.1), (300.0, 0.1), (300.0, 0.1)))
    assert found.confidence is Confidence.NO_MAJORITY
    assert found.offset is None


def test_one_against_one_is_no_majority():
    assert agree(voices((0.0, 0.1), (5.0, 0.1))).confidence is Confidence.NO_MAJORITY


def test_a_single_voice_is_said_to_be_single():
    found = agree(voices((1.0, 0.1)))
    assert (found.confidence, found.offset, found.bound) == (Confidence.SINGLE_SOURCE, 1.0, 0.1)


def test_nobody_is_no_answer():
    assert agree([]).confidence is Confidence.NO_ANSWER


def test_a_wide_interval_between_two_truths_decides_nothing():
    # the wide one overlaps both: either pair could be the majority
    found = agree(voices((0.0, 0.02), (1.0, 1.0), (2.0, 0.02)))
    assert found.confidence is Confidence.NO_MAJORITY


def test_a_liar_that_is_only_a_little_off_cannot_pull_the_truth_out_of_the_bound():
    found = agree(voices((0.0, 0.05), (0.0, 0.05), (0.08, 0.05)))
    assert found.confidence is Confidence.CONFIRMED
    assert abs(found.offset) <= found.bound


def test_when_few_of_many_are_heard_the_bound_allows_for_it():
    pair = voices((0.0, 0.05), (0.08, 0.05))
    assert agree(pair).bound < agree(pair, asked=5).bound
    assert agree(pair, asked=5).bound >= 0.08


def test_one_that_contradicts_itself_does_not_vote():
    broken = narrow([Sample("s", 0.0, 0.01, 0.01), Sample("s", 0.2, 0.01, 0.01)])
    assert broken.why is Why.INCONSISTENT
    found = agree([*voices((0.0, 0.02), (0.01, 0.02)), broken])
    assert found.confidence is Confidence.CONFIRMED
    assert broken in found.falsetickers
    assert agree([broken]).confidence is Confidence.NO_MAJORITY


def test_samples_narrow_each_other():
    # short way out in one, short way back in the other; the truth is 0
    one, two = Sample("s", 0.02, 0.025, 0.001), Sample("s", -0.02, 0.025, 0.001)
    voice = narrow([one, two])
    assert voice.error == pytest.approx(0.005 + 0.001)
    assert abs(voice.offset) <= voice.error
    assert voice.samples == 2


def test_covered_stretches_are_closed():
    pair = voices((0.0, 1.0), (2.0, 1.0))
    assert covered(pair, 2) == [(1.0, 1.0)]
    assert covered(pair, 1) == [(-1.0, 3.0)]
    assert covered(pair, 3) == []


offsets = st.floats(-100, 100, allow_nan=False)
errors = st.floats(0.001, 5.0)
any_voices = st.lists(st.tuples(offsets, errors), max_size=7).map(lambda pairs: voices(*pairs))


@given(any_voices, st.randoms())
def test_the_order_of_the_voices_does_not_matter(heard, random):
    mixed = list(heard)
    random.shuffle(mixed)
    assert agree(mixed) == agree(heard)


@st.composite
def honest_majority(draw):
    """Voices of which fewer than half lie, in any way; the truth is 0."""
    count = draw(st.integers(2, 7))
    lies = draw(st.integers(0, (count - 1) // 2))
    honest = [
        (draw(st.floats(-1, 1)) * error, error)
        for error in draw(st.lists(errors, min_size=count - lies, max_size=count - lies))
    ]
    return voices(*honest, *draw(st.lists(st.tuples(offsets, errors), min_size=lies, max_size=lies)))


@given(honest_majority())
def test_with_an_honest_majority_the_truth_is_inside_the_bound(heard):
    found = agree(heard)
    assert found.confidence in (Confidence.CONFIRMED, Confidence.NO_MAJORITY)
    if found.offset is not None:
        assert abs(found.offset) <= found.bound + EPS
    if found.confidence is Confidence.NO_MAJORITY:  # only where liars leave two stretches far apart
        majority = covered(heard, len(heard) // 2 + 1)
        assert len(majority) > 1


@given(honest_majority(), st.data())
def test_with_only_some_heard_of_an_honest_majority_the_truth_is_inside(heard, data):
    kept = data.draw(st.lists(st.sampled_from(heard), unique=True, min_size=2))
    lying = sum(not voice.low <= 0 <= voice.high for voice in kept)
    assume(2 * lying < len(kept))
    found = agree(kept, asked=len(heard))
    if found.offset is not None:
        assert abs(found.offset) <= found.bound + EPS


@given(
    st.lists(st.tuples(st.floats(-0.01, 0.01), st.floats(0.011, 0.05)), min_size=3, max_size=3),
    st.floats(0.2, 1e9).flatmap(lambda size: st.sampled_from([size, -size])),
    st.floats(0.001, 0.05),
)
def test_one_falseticker_more_changes_nothing(pairs, lie, error):
    three = agree(voices(*pairs))
    four = agree([*voices(*pairs), Voice("liar", lie, error, 1)])
    assert four.confidence is three.confidence is Confidence.CONFIRMED
    assert four.truechimers == three.truechimers
    assert abs(four.offset - three.offset) <= three.bound
    assert [voice.server for voice in four.falsetickers] == ["liar"]
