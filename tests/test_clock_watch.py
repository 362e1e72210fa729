"""Looking at the clock again and again, with clocks that we set and nobody who sleeps."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from mfatools.clock import ClockReport, Confidence, Server, Voice, Watch
from mfatools.errors import TimeSourceError
from mfatools.ntp import Why


@dataclass
class World:
    """True time, a wall clock that errs, and a machine that may sleep."""

    true: float = 0.0
    wrong: float = 0.0
    asleep: float = 0.0
    ppm: float = 0.0

    def wall(self):
        return 1.8e9 + self.true + self.wrong + self.ppm * 1e-6 * self.true

    def check(self, servers, https):
        offset = 1.8e9 + self.true - self.wall()
        return ClockReport(offset, 0.01, Confidence.CONFIRMED, "ntp", (Voice("a", offset, 0.01),))

    def watch(self, happens=None, **more):
        def sleep(seconds):
            self.true += seconds
            if happens:
                happens()
            return False

        return Watch(
            ["a", "b"],
            check=more.pop("check", self.check),
            now=self.wall,
            monotonic=lambda: self.true - self.asleep,
            uptime=lambda: self.true,
            sleep=sleep,
            **more,
        )


def take(watch, count):
    looks = iter(watch)
    return [next(looks) for _ in range(count)]


def test_the_drift_is_found_with_its_sign():
    looks = take(World(ppm=50).watch(), 6)
    assert looks[0].drift is None
    assert looks[-1].drift == pytest.approx(50, abs=0.01)
    assert looks[-1].doubt == pytest.approx(1e6 * 0.02 / 1500)
    assert "gains 50.0 millionths, give or take 13.3 (4.32 s a day, give or take 1.15 s)" in str(looks[-1])
    assert "loses 50.0 millionths" in str(take(World(ppm=-50).watch(), 6)[-1])


def test_a_drift_smaller_than_its_doubt_is_not_told():
    looks = take(World(ppm=-3).watch(), 4)
    assert abs(looks[-1].drift) < looks[-1].doubt
    assert "No drift is to be seen yet (it is less than 25 millionths" in str(looks[-1])
    assert "loses" not in str(looks[-1])


def test_no_number_is_told_that_no_clock_could_drift_by():
    looks = take(World(ppm=3).watch(every=15), 2)
    assert looks[-1].doubt > 500
    assert "too early" in str(looks[-1])
    assert "millionths" not in str(looks[-1])


@pytest.mark.parametrize("by", [0.4, -0.4])
def test_a_small_step_is_no_drift(by):
    world = World()
    watch = iter(world.watch())
    next(watch), next(watch)
    world.wrong += by
    look = next(watch)
    assert look.jumped == pytest.approx(by, abs=1e-6)
    assert look.drift is None
    assert f"jumped by {by:+.1f} s" in str(look)


def test_slewing_is_no_step():
    world = World()
    watch = iter(world.watch())
    next(watch)
    world.wrong += 0.14  # 300 s at 467 millionths
    assert next(watch).jumped == 0


def test_a_clock_that_is_set_is_noticed_and_the_drift_starts_anew():
    world = World(ppm=50)
    watch = iter(world.watch())
    next(watch), next(watch)
    world.wrong += 7.0
    look = next(watch)
    assert look.jumped == pytest.approx(7.0, abs=0.1)
    assert look.drift is None
    assert "jumped by +7.0 s" in str(look)
    assert next(watch).jumped == 0


def test_a_clock_that_stood_still_in_sleep_is_told_from_one_that_was_set():
    world = World()
    watch = iter(world.watch())
    next(watch)
    world.true += 3600
    world.asleep += 3600
    world.wrong -= 3600
    look = next(watch)
    assert look.slept == pytest.approx(3600)
    assert look.stood_still
    assert "stood still for 1 h" in str(look)


def test_sleep_with_a_clock_that_went_on_is_no_jump():
    world = World()
    watch = iter(world.watch())
    next(watch)
    world.true += 3600
    world.asleep += 3600
    look = next(watch)
    assert (look.jumped, look.stood_still) == (0.0, False)


def test_a_server_that_said_go_away_is_not_asked_again():
    asked = []

    def check(servers, https):
        asked.append(list(servers))
        return ClockReport(
            None, None, Confidence.NO_ANSWER, "ntp", unheard=(Voice("b", why=Why.KISS, detail="DENY"),)
        )

    assert len(take(World().watch(check=check), 2)) == 2
    assert asked == [[Server("a"), Server("b")], [Server("a")]]


def test_it_ends_when_nobody_is_left_when_told_and_when_woken():
    def check(servers, https):
        gone = tuple(Voice(name, why=Why.KISS) for name in ("a", "b"))
        return ClockReport(None, None, Confidence.NO_ANSWER, "ntp", unheard=gone)

    waits = []
    deserted = World().watch(lambda: waits.append(1), check=check)
    assert len(list(deserted)) == 1
    assert deserted.deserted
    assert waits == []  # it does not sleep first
    watch = World().watch()
    looks = iter(watch)
    next(looks)
    watch.stop()
    assert list(looks) == []
    assert len(list(Watch(["a"], check=World().check, sleep=lambda s: True))) == 1


@pytest.mark.parametrize("every", [0, 14.9, -1, float("nan")])
def test_looks_are_not_too_close(every):
    with pytest.raises(TimeSourceError, match="burden"):
        Watch(["a"], every=every)


@pytest.mark.parametrize("every", [86401, 1e300, float("inf")])
def test_nor_too_far_apart(every):
    with pytest.raises(TimeSourceError, match="once a day"):
        Watch(["a"], every=every)


def test_a_step_during_a_check_is_told_once():
    world = World()
    steps = iter([0.0, 5.0])

    def check(servers, https):
        offset, step = -world.wrong, next(steps, 0.0)
        world.wrong += step
        return ClockReport(offset, 0.01, Confidence.CONFIRMED, "ntp", stepped=step)

    looks = take(world.watch(check=check), 3)
    assert [look.jumped for look in looks] == pytest.approx([0.0, 5.0, 0.0])
