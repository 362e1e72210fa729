"""The notebooks' questions: a check that tells right from wrong, and the worked answer for whoever asks for it.

A notebook holds the question in words and the line ``answer = ...``. The right answers are computed here, each by a
small function whose docstring is the worked answer; one module a notebook, one function a question.

Example:
    >>> from mfatools import lessons
    >>> lessons.check("04.1", ...)
    Not answered yet. Write your answer in place of the three dots, and run the
    cell again.
    >>> bool(lessons.check("04.1", 2))
    True
"""

from __future__ import annotations

from mfatools.errors import MfaError
from mfatools.lessons import anatomy, bench, clock, qr, refused, safety, windows
from mfatools.lessons.question import Question, Reply, judge, show

__all__ = ["QUESTIONS", "Question", "Reply", "answer", "check"]

QUESTIONS: dict[str, Question] = {
    one.name: one for room in (qr, clock, refused, windows, anatomy, bench, safety) for one in room.QUESTIONS
}


def check(name: str, answer: object) -> Reply:
    """Is this the answer to a question of the notebooks?

    Args:
        name: the question's number, as it stands in the notebook: ``"04.1"``.
        answer: what the student found; ``...`` and None are "not answered yet".

    Returns:
        a sentence, true when the answer is right; a wrong answer gets a hint, never the right one.

    Raises:
        MfaError: there is no such question.
    """
    return judge(_find(name), answer)


def answer(name: str) -> Reply:
    """The worked answer to a question, for whoever gives up or wants to compare.

    Raises:
        MfaError: there is no such question.
    """
    return show(_find(name))


def _find(name: str) -> Question:
    if name not in QUESTIONS:
        what = f"There is no question {name!r}."
        raise MfaError(what, f"There are: {', '.join(QUESTIONS)}.", code="E_QUESTION")
    return QUESTIONS[name]
