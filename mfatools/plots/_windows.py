"""The timeline: three clocks, their code windows, and the span in which the service takes the phone's code."""

from __future__ import annotations

import math
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from mfatools import windows as geometry
from mfatools.plots._style import Inks, canvas, count, describe, fast_or_slow, halo, heading
from mfatools.totp import Totp
from mfatools.windows import Window

_LANES = ("phone", "true time", "service")
_HEIGHT = 0.72


@dataclass(frozen=True, slots=True)
class _Scene:
    """What there is to see. All times in POSIX seconds of true time."""

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
        phone, _, service = self.offsets
        return geometry.steps_apart(
            self.now, self.arrives, phone=phone, service=service, step=self.step, t0=self.t0
        )

    @property
    def taken(self) -> bool:
        return -self.behind <= self.steps <= self.ahead

    @property
    def span(self) -> tuple[float, float]:
        low = min(self.code.start, self.accepted.start, self.now - self.step)
        high = max(self.code.end, self.accepted.end, self.arrives + self.step)
        return low - self.step / 3, high + self.step / 3


def windows(
    now: float,
    *,
    otp: Totp | None = None,
    phone: float = 0.0,
    service: float = 0.0,
    behind: int = 1,
    ahead: int = 1,
    step: float = 30.0,
    typing: float = 0.0,
    ax: Axes | None = None,
) -> Axes:
    """Which code stands where: phone, true time and service, and how long the service takes the phone's code.

    Args:
        now: true time, POSIX seconds, at which the code is read.
        otp: the entry whose codes are written into the windows; steps are numbered if left out. The codes
            stand readable in the picture: take a lesson's secret.
        phone: the phone's clock minus true time, in seconds.
        service: the service's clock minus true time, in seconds.
        behind, ahead: the service's window in steps.
        step: seconds that a code lasts; ``otp`` has its own.
        typing: seconds from reading to arrival.
        ax: where to draw.

    Example:
        >>> from mfatools import plots
        >>> ax = plots.windows(1_768_471_212, phone=-42, typing=9)
    """
    length, t0 = (float(otp.step), otp.t0) if otp is not None else (step, 0)
    number = math.floor((now + phone - t0) / length)
    scene = _Scene(
        now,
        now + typing,
        (phone, 0.0, service),
        length,
        t0,
        behind,
        ahead,
        geometry.shown(number, offset=phone, step=length, t0=t0),
        geometry.accepted(number, offset=service, behind=behind, ahead=ahead, step=length, t0=t0),
    )
    ax, ink = canvas(ax, height=3.1)
    for lane, (name, offset) in enumerate(zip(_LANES, scene.offsets, strict=True)):
        _lane(ax, ink, scene, lane, name, offset, otp)
    _accepted(ax, ink, scene)
    _moments(ax, ink, scene)
    _dress(ax, ink, scene)
    return describe(ax, _words(scene))


def _lane(ax: Axes, ink: Inks, scene: _Scene, lane: int, name: str, offset: float, otp: Totp | None) -> None:
    colour = (ink.phone, ink.true, ink.service)[lane]
    y = len(_LANES) - lane
    low, high = scene.span
    for window in geometry.timeline(low, high, offset=offset, step=scene.step, t0=scene.t0):
        same = window.counter == scene.code.counter
        box = Rectangle(
            (window.start - scene.now, y - _HEIGHT / 2),
            window.length,
            _HEIGHT,
            facecolor=colour if same else "none",
            edgecolor=colour,
            linewidth=1.2,
            gid=f"{name}:{window.counter}",
        )
        ax.add_patch(box)
        _label(ax, ink, scene, window, y, colour, otp)


def _label(ax: Axes, ink: Inks, scene: _Scene, window: Window, y: float, colour: str, otp: Totp | None) -> None:
    same = window.counter == scene.code.counter
    low, high = scene.span
    if (high - low) / scene.step > 13:
        return  # too narrow to be read
    middle = (max(window.start, low) + min(window.end, high)) / 2
    if min(window.end, high) - max(window.start, low) < 0.75 * scene.step:
        return  # cut by the frame
    ax.text(
        middle - scene.now,
        y,
        _text(window.counter, scene.code.counter, otp),
        ha="center",
        va="center",
        color="#000000" if same else ink.text,
        fontweight="bold" if same else "normal",
        fontsize=9.5,
        clip_on=True,
        path_effects=halo(colour if same else ink.paper),
    )


def _text(counter: int, read: int, otp: Totp | None) -> str:
    if otp is None:
        return "code" if counter == read else f"{counter - read:+d}"
    code = otp.code_of(counter)
    half = len(code) // 2
    return f"{code[:half]} {code[half:]}" if len(code) > 5 else code


def _accepted(ax: Axes, ink: Inks, scene: _Scene) -> None:
    colour = ink.good if scene.taken else ink.bad
    window = scene.accepted
    span = Rectangle(
        (window.start - scene.now, -_HEIGHT / 2),
        window.length,
        _HEIGHT,
        facecolor=colour,
        alpha=0.35,
        hatch="" if scene.taken else "///",
        edgecolor=colour,
        gid="accepted",
    )
    ax.add_patch(span)
    middle = (window.start + window.end) / 2 - scene.now
    ax.text(
        middle,
        0,
        "the service takes the code",
        ha="center",
        va="center",
        color=ink.text,
        fontsize=9.5,
        path_effects=halo(ink.paper),
    )


def _moments(ax: Axes, ink: Inks, scene: _Scene) -> None:
    top = len(_LANES) + 0.5
    ax.plot([0, 0], [-0.5, top], color=ink.text, lw=1.6, gid="now")
    ax.text(0, top + 0.04, "read", ha="right" if scene.arrives > scene.now else "center", va="bottom",
            color=ink.text, fontsize=9.5)  # fmt: skip
    if scene.arrives > scene.now:
        later = scene.arrives - scene.now
        ax.plot([later, later], [-0.5, top], color=ink.text, lw=1.6, ls=(0, (3, 2)), gid="arrives")
        ax.text(later, top + 0.04, " arrives", ha="left", va="bottom", color=ink.text, fontsize=9.5)


def _dress(ax: Axes, ink: Inks, scene: _Scene) -> None:
    low, high = scene.span
    ax.set_xlim(low - scene.now, high - scene.now)
    ax.set_ylim(-0.6, len(_LANES) + 0.95)
    phone, _, service = scene.offsets
    names = [f"phone\n{fast_or_slow(phone)}", "true time", f"service\n{fast_or_slow(service)}", "window"]
    ax.set_yticks([3, 2, 1, 0], names)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.set_xlabel("seconds from the moment of reading")
    heading(ax, ink, _verdict(scene))


def _verdict(scene: _Scene) -> str:
    place = "of this very step" if scene.steps == 0 else _place(scene.steps)
    return f"{'Accepted' if scene.taken else 'Refused'}: the code is {place}"


def _place(steps: int) -> str:
    return f"{count(abs(steps), 'step')} {'ahead' if steps > 0 else 'behind'}"


def _words(scene: _Scene) -> str:
    phone, _, service = scene.offsets
    opens, closes = scene.accepted.start - scene.now, scene.accepted.end - scene.now
    return (
        f"Timeline of code windows. The phone is {fast_or_slow(phone)}, the service {fast_or_slow(service)}. "
        f"The service takes {count(scene.behind, 'step')} behind and {scene.ahead} ahead: this code from "
        f"{opens:+.0f} s to {closes:+.0f} s after it was read. It arrives after {scene.arrives - scene.now:.0f} s. "
        f"{_verdict(scene)}."
    )
