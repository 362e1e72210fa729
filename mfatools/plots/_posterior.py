"""What a diagnosis holds for likely."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import fill
from typing import Protocol

from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from mfatools.checks import number, whole
from mfatools.errors import MfaError
from mfatools.plots._style import canvas, describe, heading, literal, percent


class _Finding(Protocol):
    @property
    def title(self) -> str: ...
    @property
    def probability(self) -> float: ...


class _Diagnosis(Protocol):
    @property
    def findings(self) -> Sequence[_Finding]: ...


def posterior(diagnosis: _Diagnosis, *, most: int = 6, ax: Axes | None = None) -> Axes:
    """The findings of a diagnosis as bars, the likeliest on top; what is left over stands as "something else".

    Args:
        diagnosis: anything with ``findings``, each with a ``title`` and a ``probability``.
        most: how many findings are shown.
        ax: where to draw.

    Raises:
        MfaError: no diagnosis, or a probability outside 0 to 1.

    Example:
        >>> from types import SimpleNamespace as Some
        >>> from mfatools import plots
        >>> slow = Some(title="The phone's clock is slow", probability=0.97)
        >>> ax = plots.posterior(Some(findings=[slow]))
    """
    if not hasattr(diagnosis, "findings"):
        raise MfaError("This is no diagnosis.", "Give what diagnose(case) hands back.", code="E_TYPE")
    most = whole(most, "most", 1, 100)
    for finding in diagnosis.findings:
        number(finding.probability, "A probability", 0, 1)
    found = sorted(diagnosis.findings, key=lambda finding: -finding.probability)[:most]
    names = [finding.title for finding in found]
    chances = [finding.probability for finding in found]
    if (rest := 1 - sum(chances)) > 0.0005:
        names, chances = [*names, "something else"], [*chances, rest]
    labels = [literal(fill(name, 38)) for name in names]
    lines = max(label.count("\n") + 1 for label in labels)
    ax, ink = canvas(ax, height=1.1 + max(0.5, 0.18 * lines) * len(names))
    colours = [ink.service if place == 0 else ink.true for place in range(len(names))]
    bars = ax.barh(range(len(names)), chances, color=colours, height=0.62)
    ax.bar_label(bars, [_percent(chance) for chance in chances], padding=4, color=ink.text, fontsize=9.5)
    ax.set_yticks(range(len(names)), labels)
    ax.tick_params(axis="y", length=0)
    ax.invert_yaxis()
    ax.set_xlim(0, 1.12)
    ax.set_xticks([0, 0.25, 0.5, 0.75, 1])
    ax.xaxis.set_major_formatter(PercentFormatter(1.0))
    heading(ax, ink, "Why was the code refused?")
    listed = "; ".join(f"{name}: {_percent(chance)}" for name, chance in zip(names, chances, strict=True))
    return describe(ax, f"Bars of the probability of each cause. {listed}.")


def _percent(chance: float) -> str:
    return "under 0.1%" if chance < 0.001 else percent(chance)
