"""Questions of notebook 03, why was it refused?"""

from __future__ import annotations

from mfatools.lessons.question import Question, asker

QUESTIONS: list[Question] = []
ask = asker(QUESTIONS)


@ask("03.1", "Where does -88 lie, compared with the two ends of `slow.best.offset_s`?")
def inside() -> bool:
    """The interval reaches from about 100 s slow to about 65 s slow, and 88 s slow lies between."""
    return True


@ask("03.2", "By the service's clock the probe is 15 s old at the beginning of a step. Count on from there.")
def always_taken() -> bool:
    """The probe is made 90 s before the current step, and the service is 75 s behind: it sees a code whose step
    began 15 s before its own now, or up to 15 s later. That is this step or a neighbour, at every second."""
    steps = [-3 - (second - 75) // 30 for second in range(30)]
    return all(-1 <= step <= 1 for step in steps)


@ask("03.3", "A fresh code comes with the next step.")
def longest_wait() -> int:
    """A code that was used in the first moment of its step stays on the display for one whole step."""
    return 30


@ask("03.4", "Each try fits by accident with a chance of one in a million. How many tries are there?", within=1e-6)
def by_accident() -> float:
    """20 000 tries, each with a chance of 1 in 1 000 000: 0.02, one case in fifty. Two codes in a row: 0.000 000
    02."""
    return 20_000 / 10**6


@ask("03.5", "Which key does the phone hold, and by which key does the service check?")
def clock_helps() -> bool:
    """The phone holds the first key, the service checks by the second. No time makes their codes equal."""
    return False
