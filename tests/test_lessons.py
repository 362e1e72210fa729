"""The check of the notebooks tells right from wrong, and never says the answer."""

from __future__ import annotations

import doctest

import pytest

from mfatools import lessons


@pytest.mark.parametrize(
    ("answer", "right", "within"),
    [(3, 3, 0), (0.101, 0.1, 0.01), (3.0, 3, 0), (" 28 7082", "287082", 0), ("Ab", "aB", 0), (True, True, 0)],
)
def test_right_answers_are_right(answer: object, right: object, within: float) -> None:
    assert lessons.check(answer, right, within=within)


@pytest.mark.parametrize(
    ("answer", "right", "within"),
    [
        (3, 4, 0),
        (0.2, 0.1, 0.01),
        ("287081", "287082", 0),
        (1, True, 0),
        (True, 1, 0),
        ("3", 3, 0),
        (None, None, 0),
    ],
)
def test_wrong_answers_are_wrong(answer: object, right: object, within: float) -> None:
    outcome = lessons.check(answer, right, "Look again.", within=within)
    assert not outcome
    assert str(right) not in repr(outcome) or right in (None, 1)


def test_the_examples_run() -> None:
    assert doctest.testmod(lessons).failed == 0
