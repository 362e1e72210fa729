"""Numbers as people say them."""

from __future__ import annotations


def percent(share: float) -> str:
    """A share of 1: ``0.0015 %``, ``42 %``, ``over 99.9 %``."""
    return "over 99.9 %" if 0.999 < share < 1 else f"{100 * share:.3g} %"


def count(number: int, noun: str) -> str:
    """``1 step``, ``2 steps``."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def duration(seconds: float) -> str:
    """Seconds, without their sign: ``42 s``, ``120 s``, ``2.5 min``, ``3 h``, ``12 ms``."""
    size = abs(seconds)
    for unit, length in (("days", 86_400), ("h", 3600), ("min", 121)):
        if size >= length:
            return f"{size / (60 if unit == 'min' else length):.3g} {unit}"
    return f"{size:.3g} s" if size >= 1 or size == 0 else f"{1000 * size:.3g} ms"


def fast_or_slow(offset: float) -> str:
    """A clock's error; ``offset`` is the clock minus true time, in seconds."""
    return "right" if offset == 0 else f"{duration(offset)} {'fast' if offset > 0 else 'slow'}"
