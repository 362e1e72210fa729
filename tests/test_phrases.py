"""Numbers as people say them."""

from __future__ import annotations

import math

import pytest

from mfatools import phrases


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 s"),
        (0.0004, "0.4 ms"),
        (-42, "42 s"),
        (200, "200 s"),  # not 3.33 min
        (-300, "5 min"),
        (605, "10.1 min"),
        (3600, "1 h"),
        (-86_400.02, "1 day"),
        (86_400 * 400, "400 days"),
        (1_768_471_200, "56 years"),
    ],
)
def test_a_duration_is_said_without_exponents_and_odd_fractions(seconds: float, said: str) -> None:
    assert phrases.duration(seconds) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.4, "0 s"),
        (-60, "60 s"),
        (119.6, "2 min"),
        (200, "3 min 20 s"),
        (3599.7, "1 h"),
        (3610, "60 min 10 s"),
        (7325, "2 h 2 min"),
        (86_400, "1 day"),
        (90_000, "25 h"),
        (-302_400, "3 days 12 h"),
        (172_790, "48 h"),
        (2 * 365.25 * 86_400, "2 years"),
        (1.8e9, "57 years 14 days"),
        (math.inf, "very long"),
    ],
)
def test_a_length_has_two_units_at_most(seconds: float, said: str) -> None:
    assert phrases.length(seconds) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (1, "1 second"),
        (90, "90 seconds"),
        (150, "150 seconds"),
        (180, "3 minutes"),
        (630, "10.5 minutes"),
        (3600, "1 hour"),
        (9000, "2.5 hours"),
    ],
)
def test_a_duration_is_written_out_where_it_is_a_name(seconds: float, said: str) -> None:
    assert phrases.long(seconds) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0, "0"),
        (0.0015, "0.0015"),
        (1.5e-7, "0.00000015"),
        (366.4, "366"),
        (-51_840, "-51\u202f800"),
        (5.9e7, "59\u202f000\u202f000"),
    ],
)
def test_plain_numbers_have_no_exponent(value: float, said: str) -> None:
    assert phrases.plain(value) == said


@pytest.mark.parametrize(
    ("share", "said"),
    [(0, "0%"), (1.5e-5, "0.0015%"), (0.754, "75.4%"), (0.9995, "over 99.9%"), (1, "100%")],
)
def test_a_share_is_said_in_percent_without_a_blank(share: float, said: str) -> None:
    assert phrases.percent(share) == said


def test_a_share_may_have_a_fixed_number_of_decimals() -> None:
    assert [phrases.percent(share, 0) for share in (0.004, 0.371, 0.9995)] == ["0%", "37%", "100%"]
    assert phrases.percent(0.0123, 1) == "1.2%"


def test_nobody_is_ever_quite_sure() -> None:
    assert [phrases.surety(share) for share in (0.82, 0.99, 0.991, 1)] == ["82%", "99%", "over 99%", "over 99%"]
