"""What a person hands in, checked: an error of ours in words instead of a traceback from deep inside."""

from __future__ import annotations

import math
from numbers import Real
from typing import TypeVar

from mfatools.errors import MfaError

Kind = TypeVar("Kind")
FAR = 1e12  # s, 30 000 years: beyond, a float no longer tells milliseconds apart


def number(value: object, name: str, low: float = -FAR, high: float = FAR, *, code: str = "E_NUMBER") -> float:
    """A finite number, numpy's too, from ``low`` to ``high``, both included.

    Raises:
        MfaError: anything else, a date or a truth value among them.
    """
    hint = "Give a finite one, such as 30 or -42.5."
    if high < FAR:
        hint = f"Give one from {low:.10g} to {high:.10g}."
    elif low > -FAR:
        hint = f"Give {low:g} or more."
    if isinstance(value, bool) or not isinstance(value, Real):
        what = f"{name} must be a number."
        more = " A date becomes one by .timestamp()." if hasattr(value, "timestamp") else ""
        raise MfaError(what, hint + more, code=code)
    try:
        found = float(value)
    except OverflowError:  # an int of hundreds of digits
        found = math.inf
    if not low <= found <= high:  # a NaN neither
        what = f"{name} cannot be {found:g}."
        raise MfaError(what, hint, code=code)
    return found


def whole(value: object, name: str, low: int, high: int, *, code: str = "E_NUMBER") -> int:
    """A whole number from ``low`` to ``high``, both included; 3.0 is one, 1.5 is not.

    Raises:
        MfaError: anything else.
    """
    if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
        return value  # exactly: a float would round a large one
    found = number(value, name, low, high, code=code)
    if not found.is_integer():
        what = f"{name} must be a whole number."
        raise MfaError(what, f"Give {math.floor(found)} or {math.ceil(found)}.", code=code)
    return int(found)


def made(value: object, kind: type[Kind], name: str) -> Kind:
    """An object of that class.

    Raises:
        MfaError: anything else.
    """
    if isinstance(value, kind):
        return value
    what = f"{name} must be a {kind.__name__}, not of type {type(value).__name__}."
    raise MfaError(what, f"Give {kind.__name__}(...).", code="E_TYPE")
