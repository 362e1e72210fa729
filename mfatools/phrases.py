"""Numbers as people say them."""

from __future__ import annotations

import math


def percent(share: float, decimals: int | None = None) -> str:
    """A share of 1: ``0.0015%``, ``42%``, ``over 99.9%``; or with so many decimals, whatever it is: ``0.4%``."""
    if decimals is not None:
        return f"{100 * share:.{decimals}f}%"
    return "over 99.9%" if 0.999 < share < 1 else f"{plain(100 * share)}%"


def surety(probability: float) -> str:
    """How sure a finding is, for people: ``42%``, ``over 99%``; nothing is ever quite sure."""
    return "over 99%" if probability > 0.99 else percent(probability, 0)


def plain(value: float) -> str:
    """A number of three good digits without an exponent, in groups of three: ``0.0015``, ``42``, ``59 000 000``."""
    size = abs(value)
    if size >= 1000:
        return f"{float(f'{value:.3g}'):,.0f}".replace(",", "\u202f")
    text = f"{value:.3g}"
    return text if "e" not in text else f"{value:.{2 - math.floor(math.log10(size))}f}".rstrip("0")


def count(number: int, noun: str) -> str:
    """``1 step``, ``2 steps``."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


# A length of time is told in two units: seconds of the larger, its name; of the smaller, its name.
_UNITS = (
    (365.25 * 86_400, "year", 86_400, "day"),
    (86_400, "day", 3600, "h"),
    (3600, "h", 60, "min"),
    (60, "min", 1, "s"),
)
_ENDLESS = 1e12  # s


def length(seconds: float) -> str:
    """A length of time in a sentence, without its sign: ``42 s``, ``3 min 20 s``, ``1 h``, ``57 years 14 days``.

    A unit serves from two of it on, or where it says all: ``62 min 5 s`` tells more than an hour and two minutes.
    """
    if not abs(seconds) < _ENDLESS:
        return "very long"
    size = round(abs(seconds))
    for unit, name, part, small in _UNITS:
        if size >= 2 * unit or size == unit > 60:
            whole, rest = divmod(size, unit)
            rest = round(rest / part)
            if rest * part >= unit:
                whole, rest = whole + 1, 0
            return _units(round(whole), name) + (f" {_units(rest, small)}" if rest else "")
    return f"{size} s"


def _units(number: int, name: str) -> str:
    return f"{number:,} {name}{'s' if number != 1 and name in ('year', 'day') else ''}"


def duration(seconds: float) -> str:
    """Seconds in one unit, for figures, without their sign: ``42 s``, ``200 s``, ``5 min``, ``12 ms``."""
    size = abs(seconds)
    for name, unit in (("years", 365.25 * 86_400), ("days", 86_400), ("h", 3600)):
        if size >= (2 if name == "years" else 1) * unit:
            said = f"{plain(size / unit)} {name}"
            return "1 day" if said == "1 days" else said
    if size >= 600 or (size > 120 and size % 60 == 0):
        return f"{size / 60:.3g} min"
    return f"{size:.3g} s" if size >= 1 or size == 0 else f"{plain(1000 * size)} ms"


def long(seconds: float) -> str:
    """Seconds with the unit written out: ``1 second``, ``90 seconds``, ``3 minutes``, ``2.5 hours``."""
    for name, unit, least in (("hour", 3600, 7200), ("minute", 60, 600)):
        if seconds >= least or (seconds > 120 and seconds % unit == 0):
            return f"{seconds / unit:.3g} {name}{'' if seconds == unit else 's'}"
    return f"{seconds:.3g} second{'' if seconds == 1 else 's'}"


def fast_or_slow(offset: float) -> str:
    """A clock's error; ``offset`` is the clock minus true time, in seconds."""
    return "right" if offset == 0 else f"{duration(offset)} {'fast' if offset > 0 else 'slow'}"
