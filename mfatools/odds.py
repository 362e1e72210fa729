"""How safe a few digits are: the bias of the last step that makes a code, and the chance of guessing one."""

from __future__ import annotations

import math
from dataclasses import dataclass

from mfatools.checks import whole
from mfatools.errors import MfaError

_MOST = 10**15  # tries, or codes: more than anybody means
_NUMBERS = 2**31  # RFC 4226 section 5.3: the truncated HMAC is a number of 31 bits


@dataclass(frozen=True, slots=True)
class Bias:
    """How much likelier some codes are than others, because 2**31 is no multiple of 10**digits.

    ``likelier`` codes, the lowest ones, come with probability ``high`` each, the other ``rarer`` with ``low``
    (0 for ten digits, where most codes never come at all). ``fair`` is 10**-digits.
    """

    digits: int
    likelier: int
    rarer: int
    high: float
    low: float

    @property
    def fair(self) -> float:
        """The probability that each code had if all were alike."""
        return 10.0**-self.digits

    @property
    def gain(self) -> float:
        """How much better than blind one guess is that picks a likelier code: 0.01 is one percent."""
        return self.high / self.fair - 1


def bias(digits: int = 6) -> Bias:
    """The modulo bias: a 31-bit number modulo 10**digits, RFC 4226 section 5.3.

    Args:
        digits: 1 to 10.

    Raises:
        MfaError: another number of digits.

    Example:
        >>> f"{bias(6).gain:.4%}", f"{bias(9).gain:.1%}"
        ('0.0240%', '39.7%')
    """
    digits = whole(digits, "The number of digits", 1, 10, code="E_DIGITS")
    codes = 10**digits
    rounds, likelier = divmod(_NUMBERS, codes)
    return Bias(digits, likelier, codes - likelier, (rounds + 1) / _NUMBERS, rounds / _NUMBERS)


def guess(tries: int, *, accepted: int = 3, digits: int = 6) -> float:
    """The chance that at least one of ``tries`` blind guesses is taken: 1 - (1 - accepted * 10**-digits)**tries.

    Each guess is made against fresh codes, so that all are alike and independent; the bias (see `bias`) is left
    out, and so is the chance that two accepted codes happen to be the same.

    Args:
        tries: how many guesses are made, 0 or more.
        accepted: how many codes the service takes at any moment: behind + ahead + 1.
        digits: length of a code.

    Raises:
        MfaError: a setting outside its range.

    Example:
        >>> f"{guess(10):.4%}"
        '0.0030%'
    """
    tries = whole(tries, "The number of tries", 0, _MOST, code="E_GUESS")
    single = _single(accepted, digits)
    if single == 1.0:
        return 1.0 if tries else 0.0
    return -math.expm1(tries * math.log1p(-single))


def tries_for(chance: float, *, accepted: int = 3, digits: int = 6) -> int:
    """How many blind guesses give at least ``chance`` (between 0 and 1) of one that is taken.

    Raises:
        MfaError: a setting outside its range.

    Example:
        >>> tries_for(0.5)
        231049
    """
    if not 0 < chance < 1:
        raise MfaError("The chance lies between 0 and 1.", "0.5 is one half.", code="E_GUESS")
    single = _single(accepted, digits)
    if single == 0:
        raise MfaError("No guess ever hits where no code is taken.", "Most services take 3 codes.", code="E_GUESS")
    return 1 if single == 1.0 else math.ceil(math.log1p(-chance) / math.log1p(-single))


def _single(accepted: int, digits: int) -> float:
    """The chance of one blind guess."""
    digits = whole(digits, "The number of digits", 1, 10, code="E_GUESS")
    accepted = whole(accepted, "The number of accepted codes", 0, _MOST, code="E_GUESS")
    return min(1.0, accepted * 10.0**-digits)
