"""The timeline: three clocks, their code windows, and the span in which the service takes the phone's code."""

from __future__ import annotations

from itertools import pairwise

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from mfatools import windows as geometry
from mfatools.errors import MfaError
from mfatools.phrases import fast_or_slow
from mfatools.plots._style import Inks, canvas, describe, halo, heading
from mfatools.scene import LANES, Scene, scene
from mfatools.totp import Totp
from mfatools.windows import Window

_HEIGHT = 0.72
_LETTER = 0.62  # of its size is a letter wide


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

    Raises:
        MfaError: an argument that is no number or out of its range, or clocks too far apart for one timeline.

    Example:
        >>> from mfatools import plots
        >>> ax = plots.windows(1_768_471_212, phone=-42, typing=9)
    """
    if otp is not None and not isinstance(otp, Totp):
        what = "A timeline needs a code that changes with time."
        raise MfaError(what, "Give otp= a Totp, such as account.otp, or leave it out.", code="E_TYPE")
    seen = scene(
        now,
        phone=phone,
        service=service,
        behind=behind,
        ahead=ahead,
        step=float(otp.step) if otp is not None else step,
        t0=otp.t0 if otp is not None else 0,
        typing=typing,
    )
    ax, ink = canvas(ax, height=3.1)
    for lane, (name, offset) in enumerate(zip(LANES, seen.offsets, strict=True)):
        _lane(ax, ink, seen, lane, name, offset, otp)
    _accepted(ax, ink, seen)
    _moments(ax, ink, seen)
    _dress(ax, ink, seen)
    return describe(ax, seen.words)


def _lane(ax: Axes, ink: Inks, seen: Scene, lane: int, name: str, offset: float, otp: Totp | None) -> None:
    colour = (ink.phone, ink.true, ink.service)[lane]
    y = len(LANES) - lane
    low, high = seen.span
    for window in geometry.timeline(low, high, offset=offset, step=seen.step, t0=seen.t0):
        same = window.counter == seen.code.counter
        box = Rectangle(
            (window.start - seen.now, y - _HEIGHT / 2),
            window.length,
            _HEIGHT,
            facecolor=colour if same else "none",
            edgecolor=colour,
            linewidth=1.2,
            gid=f"{name}:{window.counter}",
        )
        ax.add_patch(box)
        _label(ax, ink, seen, window, y, colour if same else ink.paper, otp)


def _label(ax: Axes, ink: Inks, seen: Scene, window: Window, y: float, ground: str, otp: Totp | None) -> None:
    """Write a code into its window, beside the lines if there is room, else on a plate that interrupts them."""
    same = window.counter == seen.code.counter
    text = _text(window.counter, seen.code.counter, otp)
    low, high = seen.span
    left, right = max(window.start, low), min(window.end, high)
    wide = _wide(ax, seen, text)
    edges = [left, *sorted(t for t in {seen.now, seen.arrives} if left < t < right), right]
    start, end = max(pairwise(edges), key=lambda part: part[1] - part[0])
    if end - start < wide:
        start, end = left, right
    if end - start < wide:
        return  # too narrow to be read, or cut by the frame
    ax.text(
        (start + end) / 2 - seen.now,
        y,
        text,
        ha="center",
        va="center",
        color="#000000" if same else ink.text,
        fontweight="bold" if same else "normal",
        fontsize=9.5,
        clip_on=True,
        bbox={"facecolor": ground, "edgecolor": "none", "pad": 1.2},
    )


def _wide(ax: Axes, seen: Scene, text: str) -> float:
    """About how many seconds of the axis some writing takes."""
    low, high = seen.span
    inches = ax.bbox.width / ax.figure.dpi
    return (len(text) + 0.4) * 9.5 * _LETTER / 72 * (high - low) / inches


def _text(counter: int, read: int, otp: Totp | None) -> str:
    if otp is None:
        return "code" if counter == read else f"{counter - read:+d}"
    code = otp.code_of(counter)
    half = len(code) // 2
    return f"{code[:half]} {code[half:]}" if len(code) > 5 else code


def _accepted(ax: Axes, ink: Inks, seen: Scene) -> None:
    colour = ink.good if seen.taken else ink.bad
    window = seen.accepted
    span = Rectangle(
        (window.start - seen.now, -_HEIGHT / 2),
        window.length,
        _HEIGHT,
        facecolor=colour,
        alpha=0.35,
        hatch="" if seen.taken else "///",
        edgecolor=colour,
        gid="accepted",
    )
    ax.add_patch(span)
    low, high = seen.span
    middle, words = (window.start + window.end) / 2, "the service takes the code"
    x, side = middle, "center"
    if not low < middle - _wide(ax, seen, words) / 2 < middle + _wide(ax, seen, words) / 2 < high:
        x, side = (window.end, "left") if middle < (low + high) / 2 else (window.start, "right")
        words = f" {words} "
    ax.text(
        x - seen.now,
        0,
        words,
        ha=side,
        va="center",
        color=ink.text,
        fontsize=9.5,
        path_effects=halo(ink.paper),
    )


def _moments(ax: Axes, ink: Inks, seen: Scene) -> None:
    top = len(LANES) + 0.5
    ax.plot([0, 0], [-0.5, top], color=ink.text, lw=1.6, gid="now")
    ax.text(0, top + 0.04, "read", ha="right" if seen.arrives > seen.now else "center", va="bottom",
            color=ink.text, fontsize=9.5)  # fmt: skip
    if seen.arrives > seen.now:
        later = seen.arrives - seen.now
        ax.plot([later, later], [-0.5, top], color=ink.text, lw=1.6, ls=(0, (3, 2)), gid="arrives")
        ax.text(later, top + 0.04, " arrives", ha="left", va="bottom", color=ink.text, fontsize=9.5)


def _dress(ax: Axes, ink: Inks, seen: Scene) -> None:
    low, high = seen.span
    ax.set_xlim(low - seen.now, high - seen.now)
    ax.set_ylim(-0.6, len(LANES) + 0.95)
    phone, _, service = seen.offsets
    names = [f"phone\n{fast_or_slow(phone)}", "true time", f"service\n{fast_or_slow(service)}", "service\ntakes it"]
    ax.set_yticks([3, 2, 1, 0], names)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.set_xlabel("seconds from the moment of reading")
    heading(ax, ink, seen.verdict)
