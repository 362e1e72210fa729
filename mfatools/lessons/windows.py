"""Questions of notebook 04, code windows."""

from __future__ import annotations

from mfatools import windows
from mfatools.lab import Policy, presets
from mfatools.lessons.question import Question, asker

QUESTIONS: list[Question] = []
ask = asker(QUESTIONS)

NOW = 1_768_471_212  # the notebook's moment: 12 s into a step
_STEP = 30


@ask("04.1", "`now` is 12 s into its step. Where on the line of steps is it 50 s later?")
def steps_on() -> int:
    """12 + 50 are 62 seconds after the beginning of the step, and 62 // 30 is 2. (50 // 30 would be wrong: it does
    not matter how long one waits, but how many borders of steps one passes.)"""
    return (NOW + 50) // _STEP - NOW // _STEP


@ask("04.2", "Take the difference of two counters: lesson.counter(now - 100) and lesson.counter(now).")
def steps_behind() -> int:
    """The phone shows the code of `now - 100`, and that is 88 s before the step of `now` began: in the third step
    before it. (-100 // 30 would be -4: again it is the borders that count, not the seconds.)"""
    return windows.steps_apart(NOW, NOW, phone=-100)


@ask("04.3", "Where does the bar at the bottom end? Change `typing` in the picture until the code is refused.")
def typing_limit() -> float:
    """The phone shows the code of the step that held `now - 42`. The service takes it until one step after that
    step's end: `windows.accepted(lesson.counter(now - 42)).end - now`."""
    return windows.accepted((NOW - 42) // _STEP).end - NOW


@ask("04.4", "Try `windows.usable(1, phone=-80, behind=2, ahead=0)` with other numbers, until it is `None`.")
def hopeless() -> int:
    """With two steps behind the service takes a code for 90 s from the beginning of its step. A phone that slow
    begins to show the code in the moment when the service ceases to take it."""
    return next(slow for slow in range(600) if windows.usable(1, phone=-slow, behind=2, ahead=0) is None)


@ask("04.5a", "Compute `windows.refusal(x, behind=0, ahead=0)` for x from 0 to 20. It is not 0.", within=1)
def best_offset() -> int:
    """About as fast as the typing takes: then the code arrives in the middle of its own step more often than
    not."""
    return min(range(-30, 31), key=lambda offset: windows.refusal(offset, behind=0, ahead=0))


@ask("04.5b", "Move the phone's slider to the left until one service takes nearly all and the other nearly none.")
def between_two() -> frozenset[int]:
    """So slow that no code of its own step is left, and not yet so slow that three steps behind are too few. Any
    number between serves."""
    kind, strict = Policy.preset("nextcloud"), Policy.preset("pyotp")
    return frozenset(slow for slow in range(200) if _refused(kind, -slow) < 0.01 and _refused(strict, -slow) > 0.99)


@ask("04.6", "`windows.refusal` takes the offset with its sign: fast is positive.", within=0.02)
def share_fast() -> float:
    """`windows.refusal(50)`; the bench gives nearly the same: set `bench.phone.clock = lab.Clock(offset=50)`, then
    `bench.repeat(2000)`."""
    return windows.refusal(50)


@ask("04.7", "It needs enough steps behind. Which curves of the picture still lie at 0% where it says -75?")
def generous() -> frozenset[str]:
    """Four steps behind are enough, three are not quite."""
    return frozenset(name for name in presets() if _refused(Policy.preset(name), -75) < 0.01)


def _refused(policy: Policy, offset: float) -> float:
    return windows.refusal(offset, step=policy.step, behind=policy.behind, ahead=policy.ahead)
