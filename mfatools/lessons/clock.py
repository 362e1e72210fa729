"""Questions of notebook 02, is my clock right?"""

from __future__ import annotations

import statistics

from mfatools import windows
from mfatools.lab import Clock
from mfatools.lessons.question import Question, asker

QUESTIONS: list[Question] = []
ask = asker(QUESTIONS)

_OFFSETS = (42, 42, 42, 42, 3642)  # four honest servers and Luke


@ask("02.2", "Write the four stamps down: t1 = 0, t2 = t3 = 0.050, t4 = 0.055. Then use the formula.", within=1e-6)
def uneven_ways() -> float:
    """The stamps are 0, 0.050, 0.050 and 0.055, so the offset is ((0.050 - 0) + (0.050 - 0.055)) / 2: 22.5 ms for
    clocks that do not differ at all. It is half of the difference between the two ways."""
    t1, t2, t3, t4 = 0.0, 0.050, 0.050, 0.055
    return ((t2 - t1) + (t3 - t4)) / 2


@ask("02.3", "The offset is what you add to your clock.")
def true_time() -> int:
    """10:00:10 and 42 s are 10:00:52."""
    return 10 + 42


@ask("02.4a", "Add the five offsets up and divide: four honest ones and Luke's.", within=0.5)
def mean() -> float:
    """(4 * 42 + 3642) / 5: one liar pulls the mean away by twelve minutes."""
    return statistics.mean(_OFFSETS)


@ask("02.4b", "Sort the five offsets. Which stands in the middle?", within=0.5)
def median() -> float:
    """Sorted they are 42, 42, 42, 42, 3642. The third of them is the median: the liar has no say."""
    return statistics.median(_OFFSETS)


@ask("02.5a", "More than half of them must be honest.")
def liars_of_five() -> int:
    """Three of five are more than half, so two may lie."""
    return (5 - 1) // 2


@ask("02.5b", "More than half of them must be honest.")
def liars_of_seven() -> int:
    """Four of seven are more than half, so three may lie. In general: of n, the largest number below n / 2."""
    return (7 - 1) // 2


@ask("02.6", "In the list above, look for the reason that says: this is not an answer to us.")
def forger() -> str:
    """Her answer is `not_ours`: NTP calls the number that must come back the *origin*, and hers was another."""
    return "Ida"


@ask("02.7", "Compare the two lines of 30 s, in the first column of shares.")
def worse_side() -> str:
    """A slow clock makes old codes, and typing makes them older still. A fast one makes up for the typing."""
    return "slow" if windows.refusal(-30) > windows.refusal(30) else "fast"


@ask("02.8", "`line.reaches(30)` is a moment in seconds. How many days is it after `times[0]`?", within=1)
def days_until_fast() -> float:
    """It begins 0.3 s fast and gains 20 millionths of 86 400 s, 1.73 s, each day: (30 - 0.3) / 1.73 days. In code:
    `(line.reaches(30) - times[0]) / 86_400`."""
    clock = Clock(offset=0.3, drift=20e-6)
    return (30 - clock.offset) / (clock.drift * 86_400)
