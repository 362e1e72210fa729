"""A clock's offset against time, with the line through it."""

from __future__ import annotations

import math
from collections.abc import Sequence

from matplotlib.axes import Axes

from mfatools import drift as lines
from mfatools.plots._style import Inks, canvas, describe, duration, heading, plain

_UNITS = (("days", 86_400.0), ("hours", 3600.0), ("minutes", 60.0), ("seconds", 1.0))


def drift(
    times: Sequence[float],
    offsets: Sequence[float],
    bounds: Sequence[float] | None = None,
    *,
    ax: Axes | None = None,
) -> Axes:
    """Measured offsets of a clock against time, and the straight line that fits them best.

    Args:
        times: POSIX seconds, at least two different ones.
        offsets: the clock minus true time at each, in seconds: positive is fast.
        bounds: the doubt of each offset in seconds, drawn as bars and used as weights.
        ax: where to draw.

    Raises:
        MfaError: too few measurements.

    Example:
        >>> from mfatools import plots
        >>> ax = plots.drift([0, 86_400, 172_800], [1.0, 2.6, 4.4], [0.1, 0.1, 0.1])
    """
    line = lines.fit(times, offsets, bounds)
    start, end = min(times), max(times)
    unit, length = next(pair for pair in _UNITS if end - start >= 2 * pair[1] or pair[1] == 1.0)
    ax, ink = canvas(ax, height=3.4)
    since = [(t - start) / length for t in times]
    ax.errorbar(
        since,
        offsets,
        yerr=bounds,
        fmt="o",
        ms=5,
        color=ink.series[0],
        ecolor=ink.quiet,
        capsize=3,
        label="measured",
    )
    ends = [start - 0.04 * (end - start), end + 0.04 * (end - start)]
    ax.plot(
        [(t - start) / length for t in ends],
        [line.at(t) for t in ends],
        color=ink.series[1],
        lw=2,
        label=_rate(line),
    )
    low, high = min(offsets), max(offsets)
    _dress(ax, ink, unit, zero=low - (high - low) <= 0 <= high + (high - low))
    words = f"{len(times)} measured offsets over {duration(end - start)} and a straight line: {_rate(line)}."
    return describe(ax, words)


def _dress(ax: Axes, ink: Inks, unit: str, *, zero: bool) -> None:
    if zero:  # far away from the measurements it would flatten them
        ax.axhline(0, color=ink.quiet, lw=0.8)
    ax.ticklabel_format(useOffset=False, style="plain")
    ax.set_xlabel(f"{unit} from the first measurement")
    ax.set_ylabel("clock minus true time, s")
    heading(ax, ink, "Does the clock drift?")
    ax.legend(frameon=False, fontsize=9.5, labelcolor=ink.text)


def _rate(line: lines.Drift) -> str:
    error = 2 * line.rate_error * lines.DAY
    # What is smaller than the digits says nothing.
    doubt = f" ± {plain(float(f'{error:.1g}'))}" if 0.0005 <= error < math.inf else ""
    sign = "+" if line.ppm >= 0 else ""
    verb = "gains" if line.rate >= 0 else "loses"
    return f"{verb} {plain(abs(line.per_day))}{doubt} s a day ({sign}{plain(line.ppm)} ppm)"
