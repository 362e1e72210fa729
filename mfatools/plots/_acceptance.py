"""How often a right code is refused, against the clock's offset, by the windows of real services."""

from __future__ import annotations

from collections.abc import Iterable

from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from mfatools.checks import number
from mfatools.errors import MfaError
from mfatools.lab import Policy, presets
from mfatools.plots._style import HANDLE, canvas, describe, heading, literal
from mfatools.windows import TYPING_MEDIAN, TYPING_SIGMA, refusal, tolerance

Services = str | Policy | Iterable[str | Policy]
_DASHES = (
    "-",
    (0, (6, 2)),
    (0, (2, 1.5)),
    "-.",
    (0, (9, 2, 2, 2, 2, 2)),
    (0, (1, 1)),
    (0, (4, 1)),
    (0, (12, 2, 1, 2)),
)


def acceptance(
    policies: Services | None = None,
    *,
    reach: float | None = None,
    typing_median: float = TYPING_MEDIAN,
    typing_sigma: float = TYPING_SIGMA,
    ax: Axes | None = None,
) -> Axes:
    """The probability of refusal against the phone's offset, one line for each window that services have.

    Args:
        policies: short names of presets, or policies, one or several; all presets if left out. Equal windows
            share a line.
        reach: the offset in seconds up to which lines are drawn, either way; chosen to fit if left out.
        typing_median, typing_sigma: how long people take, as for `mfatools.windows.refusal`.
        ax: where to draw.

    Raises:
        MfaError: no such preset, or a number out of its range.

    Example:
        >>> from mfatools import plots
        >>> ax = plots.acceptance(["pyotp", "freeradius", "pquerna"])
    """
    groups = _grouped(presets() if policies is None else policies)
    typing_median = number(typing_median, "typing_median", 0, 1e6)
    typing_sigma = number(typing_sigma, "typing_sigma", 0, 10)
    limit = 1.25 * max((max(b, a) + 1) * step for b, a, step in groups)
    limit = limit if reach is None else number(reach, "reach", 1, 1e6)
    offsets = [limit * n / 240 for n in range(-240, 241)]
    ax, ink = canvas(ax, height=4.4)
    for place, ((behind, ahead, step), names) in enumerate(groups.items()):
        chances = [
            refusal(
                offset,
                step=step,
                behind=behind,
                ahead=ahead,
                typing_median=typing_median,
                typing_sigma=typing_sigma,
            )
            for offset in offsets
        ]
        colour, dash = ink.series[place % len(ink.series)], _DASHES[place % len(_DASHES)]
        ax.plot(offsets, chances, color=colour, ls=dash, lw=2, label=literal(_label(behind, ahead, step, names)))
    ax.axvline(0, color=ink.quiet, lw=0.8)
    ax.set_xlim(-limit, limit)
    ax.set_ylim(-0.01, 1.03)
    ax.yaxis.set_major_formatter(PercentFormatter(1.0))
    ax.set_xlabel("phone minus service in seconds  (left: slow, right: fast)")
    ax.set_ylabel("refused")
    heading(ax, ink, "How often a right code is refused")
    ax.legend(
        loc="upper center",
        bbox_to_anchor=(0.5, -0.17),
        ncols=2,
        frameon=False,
        fontsize=8.5,
        labelcolor=ink.text,
        handlelength=HANDLE,
        handletextpad=0.5,
        columnspacing=1.0,
    )
    return describe(ax, _words(groups, typing_median, typing_sigma))


def _grouped(policies: Services) -> dict[tuple[int, int, int], list[str]]:
    groups: dict[tuple[int, int, int], list[str]] = {}
    items = [policies] if isinstance(policies, str | Policy) else policies
    if not isinstance(items, Iterable) or not (items := list(items)):
        raise MfaError("There is no service to draw.", 'Give a list such as ["pyotp", "gitlab"].', code="E_PRESET")
    for item in items:
        policy = item if isinstance(item, Policy) else Policy.preset(item)
        groups.setdefault((policy.behind, policy.ahead, policy.step), []).append(policy.name)
    return dict(sorted(groups.items()))


def _label(behind: int, ahead: int, step: int, names: list[str]) -> str:
    """One line of the legend; the first name that is short enough for two to a line stands for the others."""
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    window = _window(behind, ahead, step)
    room = 52 - len(window) - len(more)
    name = next((name for name in names if len(name) <= room), names[0])
    return f"{window}: {name if len(name) <= room else name[: room - 1] + '…'}{more}"


def _window(behind: int, ahead: int, step: int) -> str:
    return f"{behind} behind, {ahead} ahead" + ("" if step == 30 else f" of {step} s")


def _words(groups: dict[tuple[int, int, int], list[str]], median: float, sigma: float) -> str:
    sentences = []
    for (behind, ahead, step), names in groups.items():
        span = tolerance(0.01, step=step, behind=behind, ahead=ahead, typing_median=median, typing_sigma=sigma)
        limits = "always above 1%" if span is None else f"under 1% from {span[0]:.0f} to {span[1]:.0f} s"
        sentences.append(f"{_window(behind, ahead, step)}: {limits} ({', '.join(names)}).")
    return (
        "Lines of the share of right codes that are refused, against the phone's offset from the service, "
        "for windows in steps. " + " ".join(sentences)
    )
