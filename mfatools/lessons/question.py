"""What a question is, how an answer is judged, and how the reply reads."""

from __future__ import annotations

import inspect
import math
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from numbers import Real

Right = float | str | bool | frozenset[str] | frozenset[int]


@dataclass(frozen=True, slots=True)
class Question:
    """One question. ``solve`` computes the right answer, or the set of all right ones; its docstring explains it.

    ``within`` is how far off a number may be.
    """

    name: str
    hint: str
    solve: Callable[[], Right]
    within: float = 0.0


@dataclass(frozen=True, slots=True)
class Reply:
    """What is said to a student: the judgement and what goes with it. It is true when the answer was right."""

    head: str
    says: str = ""
    right: bool = False

    def __bool__(self) -> bool:
        return self.right

    def __repr__(self) -> str:
        return textwrap.fill(f"{self.head} {self.says}".strip(), 79)

    def _repr_markdown_(self) -> str:
        return f"**{self.head}** {self.says}"


def asker(questions: list[Question]) -> Callable[..., Callable[[Callable[[], Right]], Callable[[], Right]]]:
    """The decorator that adds to ``questions``: ``@ask("04.1", "the hint", within=0.5)``."""

    def ask(name: str, hint: str, *, within: float = 0.0) -> Callable[[Callable[[], Right]], Callable[[], Right]]:
        def keep(solve: Callable[[], Right]) -> Callable[[], Right]:
            questions.append(Question(name, hint, solve, within))
            return solve

        return keep

    return ask


def judge(question: Question, answer: object) -> Reply:
    """Compare a student's answer with the right one."""
    if answer is None or answer is ...:
        return Reply("Not answered yet.", "Write your answer in place of the three dots, and run the cell again.")
    right = question.solve()
    choices = right if isinstance(right, frozenset) else (right,)
    if any(_same(answer, choice, question.within) for choice in choices):
        return Reply("Right!", right=True)
    hint = _kind(answer, next(iter(choices))) or question.hint
    return Reply("Not yet.", f'{hint} (To see how it is done: `lessons.answer("{question.name}")`.)')


def show(question: Question) -> Reply:
    """The right answer and the way to it."""
    return Reply(_written(question.solve()), inspect.getdoc(question.solve) or "", right=True)


def _same(answer: object, right: object, within: float) -> bool:
    if isinstance(answer, bool) or isinstance(right, bool):
        return answer is right
    if isinstance(answer, Real) and isinstance(right, Real):
        return math.isclose(answer, right, rel_tol=1e-12, abs_tol=within)
    if isinstance(answer, str) and isinstance(right, str):
        return _plain(answer) == _plain(right)
    return False


def _plain(text: str) -> str:
    return "".join(text.split()).lower()


def _kind(answer: object, right: object) -> str:
    """What to say to an answer of the wrong kind, which may be right all the same; else nothing."""
    if isinstance(right, bool):
        return "" if isinstance(answer, bool) else "Answer `True` or `False`, without quotes."
    if isinstance(right, str):
        return "" if isinstance(answer, str) else "Write it as a text, in quotes."
    return "" if isinstance(answer, Real) and not isinstance(answer, bool) else "Write a number, without quotes."


def _written(right: Right) -> str:
    if isinstance(right, frozenset):
        some = sorted(right)
        return f"{some[0]} to {some[-1]}." if isinstance(some[0], int) else f"{', '.join(map(str, some))}."
    return f"{right:.6g}." if isinstance(right, float) else f"{right}."
