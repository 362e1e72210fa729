"""One sign-in on three clocks: the code that the phone shows, when it is read, and whether the service takes it.

A *code window* is the span in which a clock shows one code; the *acceptance window* is the span in which the
service takes it. Both come from `mfatools.windows`; here they meet in one picture, as numbers and in words.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from mfatools import windows as geometry
from mfatools.checks import number, whole
from mfatools.errors import MfaError
from mfatools.phrases import count, fast_or_slow
from mfatools.windows import Window

LANES = ("phone", "true time", "service")
MOST_STEPS = 240  # of a span that can still be looked at
_MOST = 10**6  # steps of a window: more than anybody means


@dataclass(frozen=True, slots=True)
class Scene:
    """What there is to see. All times in POSIX seconds of true time; offsets in the order of `LANES`."""

    now: float
    arrives: float
    offsets: tuple[float, float, float]
    step: float
    t0: int
    behind: int
    ahead: int
    code: Window  # the window in which the phone shows the code that was read
    accepted: Window

    @property
    def steps(self) -> int:
        """How many steps the code is from the service's own when it arrives: + is ahead, - is behind."""
        phone, _, service = self.offsets
        return geometry.steps_apart(
            self.now, self.arrives, phone=phone, service=service, step=self.step, t0=self.t0
        )

    @property
    def taken(self) -> bool:
        """The service takes the code when it arrives."""
        return -self.behind <= self.steps <= self.ahead

    @property
    def span(self) -> tuple[float, float]:
        """From when to when one must look to see all of it."""
        low = min(self.code.start, self.accepted.start, self.now - self.step)
        high = max(self.code.end, self.accepted.end, self.arrives + self.step)
        return low - self.step / 3, high + self.step / 3

    @property
    def verdict(self) -> str:
        """What becomes of the code."""
        side = "ahead" if self.steps > 0 else "behind"
        place = f"{count(abs(self.steps), 'step')} {side}" if self.steps else "of this very step"
        return f"{'Accepted' if self.taken else 'Refused'}: the code is {place}"

    @property
    def words(self) -> str:
        """The scene for those who cannot see it."""
        phone, _, service = self.offsets
        opens, closes = self.accepted.start - self.now, self.accepted.end - self.now
        return (
            f"Timeline of code windows. The phone is {fast_or_slow(phone)}, the service {fast_or_slow(service)}. "
            f"The service takes {count(self.behind, 'step')} behind and {self.ahead} ahead: this code from "
            f"{opens:+.0f} s to {closes:+.0f} s after it was read. It arrives after "
            f"{self.arrives - self.now:.0f} s. {self.verdict}."
        )


def scene(
    now: float,
    *,
    phone: float = 0.0,
    service: float = 0.0,
    behind: int = 1,
    ahead: int = 1,
    step: float = 30.0,
    t0: int = 0,
    typing: float = 0.0,
) -> Scene:
    """One sign-in, laid out.

    Args:
        now: true time, POSIX seconds, at which the code is read.
        phone: the phone's clock minus true time, in seconds.
        service: the service's clock minus true time, in seconds.
        behind, ahead: how many older codes, and codes from ahead, the service takes.
        step: seconds that a code lasts.
        t0: POSIX second at which the steps begin.
        typing: seconds from reading to arrival.

    Raises:
        MfaError: an argument that is no number or out of its range, or clocks so far apart that no timeline can
            show both (`MOST_STEPS` steps).
    """
    now, phone, service = number(now, "now"), number(phone, "phone"), number(service, "service")
    step, typing = number(step, "step", 0), number(typing, "typing", 0)
    behind, ahead = whole(behind, "behind", 0, _MOST), whole(ahead, "ahead", 0, _MOST)
    geometry.shown(0, step=step)  # refuses a step of 0
    if max(abs(phone - service), abs(phone), abs(service), typing, (behind + ahead) * step) > MOST_STEPS * step:
        what = "A timeline cannot show clocks or windows so far apart."
        raise MfaError(what, f"It has room for {MOST_STEPS} steps; give smaller numbers.", code="E_SPAN")
    counter = math.floor((now + phone - t0) / step)
    return Scene(
        now,
        now + typing,
        (phone, 0.0, service),
        step,
        t0,
        behind,
        ahead,
        geometry.shown(counter, offset=phone, step=step, t0=t0),
        geometry.accepted(counter, offset=service, behind=behind, ahead=ahead, step=step, t0=t0),
    )
