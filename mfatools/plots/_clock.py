"""What the time servers said: one interval each, who is believed, and the span that they agree on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from matplotlib.axes import Axes

from mfatools.checks import number
from mfatools.errors import MfaError
from mfatools.plots._style import Inks, canvas, describe, duration, halo, heading, literal, percent, plain
from mfatools.windows import refusal


class _Voice(Protocol):
    @property
    def server(self) -> str: ...
    @property
    def offset(self) -> float | None: ...
    @property
    def error(self) -> float | None: ...


class _Report(Protocol):
    @property
    def offset(self) -> float | None: ...
    @property
    def bound(self) -> float | None: ...
    @property
    def truechimers(self) -> Sequence[_Voice]: ...
    @property
    def falsetickers(self) -> Sequence[_Voice]: ...
    @property
    def unheard(self) -> Sequence[_Voice]: ...


_PARTS = ("offset", "bound", "truechimers", "falsetickers", "unheard")


@dataclass(frozen=True, slots=True)
class _Scale:
    """The shown span, in seconds, and the unit of the axis, which counts from ``origin``."""

    low: float
    high: float
    origin: float = 0.0

    @property
    def unit(self) -> str:
        """What the axis counts."""
        return "ms" if max(abs(self.low - self.origin), abs(self.high - self.origin)) < 2 else "s"

    def of(self, offset: float) -> float:
        """An offset's place on the axis."""
        return (offset - self.origin) * (1000.0 if self.unit == "ms" else 1.0)


def clock(report: _Report, *, step: float = 30.0, ax: Axes | None = None) -> Axes:
    """Each server's interval for "add this to the clock", the agreed span, and what it means for codes.

    Args:
        report: a `ClockReport`, or anything with its ``offset``, ``bound``, ``truechimers``, ``falsetickers`` and
            ``unheard``. With ``stepped``, the seconds that the clock was set by meanwhile, all is drawn as it holds
            for the clock as it is now.
        step: seconds that a code lasts.
        ax: where to draw.

    Raises:
        MfaError: something else than such a report.

    Example:
        >>> from types import SimpleNamespace as Some
        >>> from mfatools import plots
        >>> good = [Some(server=f"time{n}", offset=42.0 + n / 1000, error=0.02) for n in range(3)]
        >>> ax = plots.clock(Some(offset=42.001, bound=0.02, truechimers=good, falsetickers=(), unheard=()))
    """
    report = _as_of_now(_checked(report))
    step = number(step, "The step", 1e-3)
    rows = [*report.truechimers, *report.falsetickers, *report.unheard]
    scale = _scale(report)
    ax, ink = canvas(ax, height=1.5 + 0.36 * max(3, len(rows)))
    if report.offset is not None and report.bound is not None:
        low, high = (scale.of(report.offset + sign * report.bound) for sign in (-1, 1))
        ax.axvspan(low, high, facecolor=ink.good, alpha=0.25, gid="agreed")
        ax.axvline(scale.of(report.offset), color=ink.good, lw=1.5, gid="offset")
    for place, voice in enumerate(rows):
        believed = place < len(report.truechimers)
        _voice(ax, ink, scale, place, voice, believed)
    _dress(ax, ink, scale, rows, report, step)
    return describe(ax, _words(report, step))


@dataclass(frozen=True, slots=True)
class _MovedVoice:
    server: str
    offset: float | None
    error: float | None


@dataclass(frozen=True, slots=True)
class _MovedReport:
    offset: float | None
    bound: float | None
    truechimers: Sequence[_Voice]
    falsetickers: Sequence[_Voice]
    unheard: Sequence[_Voice]


def _checked(report: _Report) -> _Report:
    """Refuses what is no report, and numbers that cannot be drawn."""
    if missing := [name for name in _PARTS if not hasattr(report, name)]:
        what = f"This is no report of a clock check: it has no {missing[0]}."
        raise MfaError(what, "Give what mfatools.check_clock() returned.", code="E_REPORT")
    voices = (*report.truechimers, *report.falsetickers)
    for value in (report.offset, report.bound, *(v.offset for v in voices), *(v.error for v in voices)):
        if value is not None:
            number(value, "What a server said, and how sure it is,")
    return report


def _as_of_now(report: _Report) -> _Report:
    """The report for the clock as it stands after the check: all offsets moved by what it was set meanwhile."""
    stepped = getattr(report, "stepped", 0.0)
    if not stepped:
        return report

    def moved(voices: Sequence[_Voice]) -> list[_MovedVoice]:
        return [_MovedVoice(one.server, less(one.offset), one.error) for one in voices]

    def less(offset: float | None) -> float | None:
        return None if offset is None else offset - stepped

    true, false = moved(report.truechimers), moved(report.falsetickers)
    return _MovedReport(less(report.offset), report.bound, true, false, report.unheard)


def _scale(report: _Report) -> _Scale:
    """Wide enough for those who are believed; liars far away stand at the edge with an arrow."""
    voices = list(report.truechimers) or list(report.falsetickers)
    ends = [
        v.offset + sign * v.error
        for v in voices
        for sign in (-1, 1)
        if v.offset is not None and v.error is not None
    ]
    if report.offset is not None and report.bound is not None:
        ends += [report.offset - report.bound, report.offset + report.bound]
    low, high = (min(ends), max(ends)) if ends else (-1.0, 1.0)
    room = 0.6 * (high - low) or 0.1
    low, high = low - room, high + room
    middle = round((low + high) / 2)
    far = abs(middle) >= 1e4 and abs(middle) > 100 * (high - low)  # numbers with too many digits for an axis
    return _Scale(low, high, middle if far else 0.0)


def _voice(ax: Axes, ink: Inks, scale: _Scale, place: int, voice: _Voice, believed: bool) -> None:
    middle = scale.of((scale.low + scale.high) / 2)
    if voice.offset is None or voice.error is None:
        ax.text(
            middle,
            place,
            "not waited for" if getattr(voice, "why", None) == "not_awaited" else "no usable answer",
            color=ink.quiet,
            ha="center",
            va="center",
            fontsize=9.5,
            path_effects=halo(ink.paper),
        )
        return
    colour, mark = (ink.series[0], "o") if believed else (ink.bad, "X")
    if not scale.low <= voice.offset <= scale.high:
        _far_away(ax, ink, scale, place, voice.offset)
        return
    x, error = scale.of(voice.offset), scale.of(scale.origin + voice.error)
    ax.errorbar(x, place, xerr=error, fmt=mark, ms=7, lw=2, capsize=4, color=colour, gid=f"voice:{voice.server}")


def _far_away(ax: Axes, ink: Inks, scale: _Scale, place: int, offset: float) -> None:
    right = offset > scale.high
    edge, beyond = scale.of(scale.high if right else scale.low), offset - scale.origin
    ax.annotate(
        f"{'+' if beyond > 0 else '-'}{duration(beyond)} ",
        (edge, place),
        xytext=(-46 if right else 46, 0),
        textcoords="offset points",
        color=ink.text,
        fontsize=9.5,
        ha="right" if right else "left",
        va="center",
        arrowprops={"arrowstyle": "-|>", "color": ink.bad, "lw": 1.6},
    )


def _dress(ax: Axes, ink: Inks, scale: _Scale, rows: list[_Voice], report: _Report, step: float) -> None:
    ax.set_xlim(scale.of(scale.low), scale.of(scale.high))
    ax.set_ylim(max(2.6, len(rows) - 0.4), -0.6)
    ax.set_yticks(range(len(rows)), [literal(voice.server) for voice in rows])
    ax.tick_params(axis="y", length=0)
    ax.ticklabel_format(axis="x", useOffset=False)
    ax.set_xlabel(_label(scale))
    if not rows:
        ax.text(0.5, 0.5, "no server was asked", color=ink.quiet, ha="center", va="center", transform=ax.transAxes)
    heading(ax, ink, "\n".join(_meaning(report, step)), size=10)


def _label(scale: _Scale) -> str:
    if not scale.origin:
        return f"add this to the clock to get true time, {scale.unit}  (left: it is fast, right: it is slow)"
    much = f"{scale.origin:,.0f}".replace(",", "\u202f")
    return f"add {much} s and this to the clock to get true time, {scale.unit}"


def _meaning(report: _Report, step: float) -> tuple[str, str]:
    if (report.offset is None or report.bound is None) and len(report.falsetickers) > 1:
        return "The servers contradict each other", "No majority agrees, so nobody can tell the time"
    if report.offset is None or report.bound is None:
        return "Nobody could tell the time", "Check again, or from another network"
    error = -report.offset  # the clock minus true time
    side = "fast" if error > 0 else "slow"
    clock = f"This clock is {duration(error)} {side}, give or take {duration(report.bound)}"
    if abs(error) <= report.bound:
        clock = f"This clock is right, within {duration(abs(error) + report.bound)}"
    chance = refusal(error, step=step)
    share = "under 1%" if chance < 0.01 else percent(chance, 0)
    return clock, f"Codes come {_late(error / step)}: {share} are refused (one step either way)"


def _late(steps: float) -> str:
    size = abs(steps)
    if size < 0.05:
        return "in time"
    return f"{f'{size:.1f}' if size < 100 else plain(size)} steps {'early' if steps > 0 else 'late'}"


def _words(report: _Report, step: float) -> str:
    def names(voices: Sequence[_Voice]) -> str:
        return ", ".join(voice.server for voice in voices) or "none"

    clock, meaning = _meaning(report, step)
    return (
        f"Intervals of time servers. {clock}. {meaning}. Believed: {names(report.truechimers)}. "
        f"Not believed: {names(report.falsetickers)}. Without a usable answer: {names(report.unheard)}."
    )
