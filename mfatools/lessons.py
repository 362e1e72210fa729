"""Small helps for the notebooks: a check that tells right from wrong without giving the answer away."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a check found. It is true when the answer is right, and prints as a sentence."""

    right: bool
    says: str

    def __bool__(self) -> bool:
        return self.right

    def __repr__(self) -> str:
        return self.says


def check(answer: object, right: object, hint: str = "", *, within: float = 0.0) -> Outcome:
    """Compare a student's answer with the right one.

    Args:
        answer: what the student found; None is "not answered yet".
        right: what it should be.
        hint: a sentence that helps whoever is wrong.
        within: how far a number may be off.

    Example:
        >>> check(None, 3)
        Not answered yet: put your answer in the line above and run the cell again.
        >>> check(3, 3)
        Right!
        >>> check(2.9, 3, "Count the fence posts, not the fields.")
        Not yet. Count the fence posts, not the fields.
    """
    if answer is None:
        return Outcome(False, "Not answered yet: put your answer in the line above and run the cell again.")
    if _same(answer, right, within):
        return Outcome(True, "Right!")
    return Outcome(False, f"Not yet. {hint}".strip())


def _same(answer: object, right: object, within: float) -> bool:
    if isinstance(answer, bool) or isinstance(right, bool):
        return answer is right
    if isinstance(answer, int | float) and isinstance(right, int | float):
        return math.isclose(answer, right, rel_tol=1e-9, abs_tol=within)
    if isinstance(answer, str) and isinstance(right, str):
        return "".join(answer.split()).lower() == "".join(right.split()).lower()
    return answer == right
