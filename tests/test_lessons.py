"""The questions of the notebooks: unanswered, wrong and right; and no hint says the answer."""

from __future__ import annotations

import doctest
import re

import pytest

from mfatools import lessons
from mfatools.errors import MfaError
from mfatools.lessons import question
from mfatools.lessons.question import Question, judge

QUESTIONS = list(lessons.QUESTIONS.values())
ALL = pytest.mark.parametrize("asked", QUESTIONS, ids=[asked.name for asked in QUESTIONS])


def choices(asked: Question) -> list[object]:
    right = asked.solve()
    return list(right) if isinstance(right, frozenset) else [right]


def wrong(asked: Question) -> object:
    """An answer of the right kind that is not right."""
    some = choices(asked)[0]
    if isinstance(some, bool):
        return not some
    if isinstance(some, str):
        return "nonsense"
    return max(choices(asked)) + 10 * asked.within + 1


@ALL
@pytest.mark.parametrize("nothing", [..., None], ids=["dots", "None"])
def test_no_answer_is_no_mistake(asked: Question, nothing: object) -> None:
    reply = lessons.check(asked.name, nothing)
    assert not reply
    assert repr(reply).startswith("Not answered yet")


@ALL
def test_right_is_right(asked: Question) -> None:
    assert all(lessons.check(asked.name, answer) for answer in choices(asked))
    assert not asked.within or lessons.check(asked.name, choices(asked)[0] + 0.9 * asked.within)


@ALL
def test_wrong_is_wrong_and_the_hint_keeps_the_answer(asked: Question) -> None:
    for answer in (wrong(asked), [], object()):
        reply = lessons.check(asked.name, answer)
        assert not reply
        assert repr(reply).startswith("Not yet")
    words = set(re.findall(r"[\w.-]+", asked.hint))
    assert not words & {str(answer) for answer in choices(asked) if not isinstance(answer, bool)}


@ALL
def test_the_worked_answer_is_given_on_demand(asked: Question) -> None:
    shown = " ".join(repr(lessons.answer(asked.name)).split())
    assert len(shown.split()) >= 2
    if len(choices(asked)) == 1:
        (right,) = choices(asked)
        assert shown.startswith(f"{right:.6g}." if isinstance(right, float) else f"{right}.")


@pytest.mark.parametrize(
    ("answer", "right", "within"),
    [(3, 3, 0), (0.101, 0.1, 0.01), (3.0, 3, 0), (" 28 7082", "287082", 0), ("Ab", "aB", 0), (True, True, 0)],
)
def test_how_alike_is_alike_enough(answer: object, right: object, within: float) -> None:
    assert judge(Question("x", "", lambda: right, within), answer)


@pytest.mark.parametrize(
    ("answer", "right", "says"),
    [
        (287082, "287082", "in quotes"),  # a number would have lost a leading zero
        ("18", 18, "without quotes"),
        ("True", True, "without quotes"),
        (1, True, "without quotes"),
        (True, 1, "Write a number"),
        (float("nan"), 1, "the hint"),
    ],
)
def test_an_answer_of_the_wrong_kind_is_told_so(answer: object, right: object, says: str) -> None:
    reply = judge(Question("x", "the hint", lambda: right), answer)
    assert not reply
    assert says in reply.says


def test_a_question_that_is_none() -> None:
    with pytest.raises(MfaError, match=r"no question '9\.9'") as raised:
        lessons.check("9.9", 1)
    assert raised.value.code == "E_QUESTION"
    assert "04.1" in raised.value.hint


def test_the_examples_run() -> None:
    assert all(doctest.testmod(room).failed == 0 for room in (lessons, question))
