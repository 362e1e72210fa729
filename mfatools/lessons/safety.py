"""Questions of notebook 07, how safe are six digits?"""

from __future__ import annotations

from mfatools import odds, windows
from mfatools.lessons.question import Question, asker

QUESTIONS: list[Question] = []
ask = asker(QUESTIONS)


@ask("07.1", "`odds.tries_for` takes the chance, or try `odds.guess(k)` with growing k.", within=1000)
def even_chance() -> int:
    """`odds.tries_for(0.5)`. Not 500 000 / 3 = 166 667: guesses that are thrown anew each time repeat each
    other."""
    return odds.tries_for(0.5)


@ask("07.2", "How many codes are taken at a time: the older ones, the newer ones, and the one of now?")
def times_easier() -> float:
    """40 + 40 + 1 codes are taken in place of 1 + 1 + 1."""
    return (40 + 40 + 1) / (1 + 1 + 1)


@ask("07.3", "There are ten times as many codes as with three digits, and as many are taken.", within=0.1)
def hits_of_four() -> float:
    """10 000 guesses, each with three chances in 10 000."""
    return 10_000 * odds.guess(1, digits=4)


@ask("07.4", "How many tries are that in a year? `odds.guess` does the rest.", within=1e-5)
def in_a_year() -> float:
    """`odds.guess(365)`: one in a thousand, for each account that somebody tries. A lock that opens by itself slows
    a guesser down and does not stop him."""
    return odds.guess(365)


@ask("07.5", "Look at the bars: does the first one differ from the others by more than chance?")
def zeros() -> str:
    """Nobody chooses codes, so none is anybody's favourite. A code only looks special to people."""
    return "the same"


@ask("07.6", "Each number of 31 bits is a code of its own, once there are ten digits.")
def ten_digits() -> int:
    """`2**31`, of 10 000 000 000 that could be written down: four of five never come."""
    return 2**31


@ask("07.7", "Until when does the service take that code? `windows.accepted(counter, behind=1, ahead=1)` knows.")
def time_for_the_thief() -> float:
    """The code is shown for its own step and taken for one step more: 30 + 30 seconds after it appeared."""
    return windows.accepted(0, behind=1, ahead=1).end - windows.shown(0).start
