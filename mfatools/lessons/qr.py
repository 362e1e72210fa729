"""Questions of notebook 01, from a QR code to a live code."""

from __future__ import annotations

from mfatools import account
from mfatools.lessons.question import Question, asker

QUESTIONS: list[Question] = []
ask = asker(QUESTIONS)

_URI = "otpauth://totp/Example%20Bank:alice?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Example%20Bank"


@ask("01.3", "Compare `account.parse` of the two texts: what differs, and does the code use it?")
def renamed() -> bool:
    """The name is only a label for people. Secret, time, step, digits and hash are all that a code is made of."""
    before, after = account.parse(_URI), account.parse(_URI.replace("Example%20Bank", "Another"))
    return before.otp != after.otp


@ask("01.4", "What does a phone need to make a code? Does it fetch any of it?")
def offline() -> bool:
    """Both phones have the secret from the picture and a clock of their own. Nothing else goes into a code."""
    return True


@ask("01.5", "How long is each of the two good for?")
def worse() -> str:
    """The picture holds the secret, and the secret makes every code, today and next year. A code lasts 30
    seconds."""
    return "picture"
