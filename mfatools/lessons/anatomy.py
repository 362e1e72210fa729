"""Questions of notebook 05, the anatomy of a code."""

from __future__ import annotations

import hashlib

from mfatools.lessons.question import Question, asker
from mfatools.secret import Secret
from mfatools.totp import STEAM_ALPHABET, STEAM_DIGITS, Hotp, Totp, anatomy

QUESTIONS: list[Question] = []
ask = asker(QUESTIONS)

_KEY = Secret(b"12345678901234567890")  # the RFCs' test key


@ask("05.1", "Each sign of base32 stands for five bits.")
def key_bits() -> int:
    """16 * 5. Many services give keys as short as that, although RFC 4226 asks for 128 bits."""
    return Secret.from_base32("A" * 16).bits


@ask("05.2", "Divide by 30 and drop the rest: `//` does it.")
def step_number() -> int:
    """`1111111109 // 30`."""
    return Totp(_KEY).counter(1_111_111_109)


@ask("05.3", "The name says it, in bits.")
def digest_size() -> int:
    """256 bits, eight to a byte."""
    return hashlib.sha256().digest_size


@ask("05.4", "Begin at the largest offset and count four places, the first included.")
def last_place() -> int:
    """The offset is 15 at most, and the places 15, 16, 17 and 18 are four. The digest's last byte, at place 19, is
    the address and never becomes part of the number."""
    return 15 + 4 - 1


@ask("05.5", "Only the division changes: `10**8` in place of `10**6`. Write the digits as a text, in quotes.")
def eight_digits() -> str:
    """`str(number % 10**8).zfill(8)`. Its last six digits are the six-digit code: same number, longer rest."""
    return Totp(_KEY, digits=8).code(59)


@ask("05.6a", "Try `totp.anatomy(entry, c).offset` for c = 0, 1, 2, ... until it is 15.")
def farthest() -> int:
    """`next(c for c in range(1000) if totp.anatomy(entry, c).offset == 15)`. About one counter in sixteen has
    it."""
    return next(counter for counter in range(1000) if anatomy(Totp(_KEY), counter).offset == 15)


@ask("05.6b", "Switch the digits from 6 to 8 and back, and look at each of the six cards.")
def stages_that_change() -> int:
    """Only the last one, the division. Secret, counter, HMAC, the four bytes and the number stay as they are."""
    return 1


@ask("05.7", "Each of the five signs is one of 26, whatever the others are.")
def steam_codes() -> int:
    """26 * 26 * 26 * 26 * 26, `26**5`: about twelve times as many as six digits give."""
    return int(len(STEAM_ALPHABET) ** STEAM_DIGITS)


@ask("05.8", "Call `my_code` with the key and the next counter after the table's last. Keep the quotes.")
def after_the_table() -> str:
    """`my_code(key, 10)`."""
    return Hotp(_KEY).code(10)
