"""What the clock widget says: a report, a browser's clock and the boards' state as plain values for the page.

No widget is known here and nothing is asked. Times are in seconds; an offset is what one adds to a clock to
get true time.
"""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mfatools.clock import ClockReport, Risk, Sources, State
from mfatools.clock.ask import unusable
from mfatools.clock.machine import remedy
from mfatools.clock.verdict import near, seconds
from mfatools.errors import TimeSourceError
from mfatools.ntp import least_delay
from mfatools.widgets.base import load

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from mfatools.plots._style import Inks

GRAIN = 0.001  # s; how finely a browser tells the time
SAME = 0.02  # s; clocks that differ by less are said to agree
NARROW = 6.0  # inches of 96 CSS pixels; below, server names leave no room for their intervals
MOST_EXCHANGES = 12
Exchange = tuple[float, float, float, float]

BRIEF = {
    State.FINE: "This computer's clock is right.",
    State.SLOW: "This computer's clock is {amount} slow.",
    State.FAST: "This computer's clock is {amount} fast.",
    State.UNKNOWN: "This computer's clock could not be checked.",
}
CLOSE = "This computer's clock is {amount} {sign}: close enough for most services."
DIFFERS = "This browser's clock is {amount} {side} the notebook's, give or take {bound}. They cannot both be right."
BROWSER_RIGHT = "This browser's device has a clock of its own, right within {bound}."
BROWSER_CLOSE = "This browser's device has a clock of its own, {amount} {sign}: close enough for most services."
BROWSER_OFF = (
    "The clock of the device with this browser is {amount} {sign}, give or take {bound}. Boards of codes in this "
    "notebook allow for it; an authenticator on that device does not."
)
BOTH = "The notebook's computer is fine, but the device with this browser is {amount} {sign}."
WAS_SET = "This computer's clock was set {way} by {amount} since it was measured. Check again to be sure."


@dataclass(frozen=True, slots=True)
class BrowserClock:
    """A browser's clock against the kernel's.

    Args:
        offset: seconds to add to the browser's clock to get the kernel's: positive means the browser is behind.
        bound: how far that can be off, seconds.
    """

    offset: float
    bound: float


def of_sources(whom: Sources) -> dict[str, list[str]]:
    """Whom a check will contact, for the page."""
    return {"servers": [str(server) for server in whom.servers], "https": list(whom.https)}


def without_unwanted(whom: Sources, report: ClockReport) -> Sources:
    """The sources without those that asked us to go away (Kiss-o'-Death): they are not asked again."""
    gone = {voice.server for voice in unusable(report)}
    return Sources(tuple(server for server in whom.servers if str(server) not in gone), whom.https)


def of_report(report: ClockReport) -> dict[str, Any]:
    """A report for the page: numbers and finished sentences."""
    verdict = report.verdict
    return {
        "offset": report.offset,
        "bound": report.bound,
        "state": verdict.state.value,
        "brief": _brief(report, verdict.state),
        "headline": verdict.headline,
        "meaning": verdict.meaning,
        "notes": list(verdict.notes),
        "remedy": list(report.remedy),
        "hint": report.hint,
        "table": [list(row) for row in report.table()],
        "elapsed": report.elapsed,
        "answered": bool(report.truechimers or report.falsetickers),
    }


def _brief(report: ClockReport, state: State) -> str:
    offset = report.present or 0.0
    form = CLOSE if state is State.FINE and not near(offset) else BRIEF[state]
    return form.format(amount=seconds(offset, 0.1), sign="slow" if offset > 0 else "fast")


def was_set(stepped: float) -> str:
    """A sentence about a clock that was set after it was measured; ``""`` if it was not."""
    return WAS_SET.format(way="forward" if stepped > 0 else "back", amount=seconds(stepped, 0.1)) if stepped else ""


def read_exchanges(given: object) -> list[Exchange]:
    """The page's exchanges of four stamps; whatever is none is left out."""
    rows = given[-MOST_EXCHANGES:] if isinstance(given, list) else []
    return [tuple(row) for row in rows if isinstance(row, list) and len(row) == 4 and all(map(_is_time, row))]


def browser_clock(exchanges: Sequence[Exchange]) -> BrowserClock | None:
    """What the exchanges say; None if there is none that makes sense."""
    try:
        offset, bound = least_delay(exchanges)
    except TimeSourceError:
        return None
    return BrowserClock(offset, bound + GRAIN)


def of_browser(
    browser: BrowserClock, report: ClockReport | None, stepped: float = 0.0, platform: str = "other"
) -> dict[str, Any]:
    """A browser's clock for the page; ``words`` is empty where it is the kernel's own, as on one computer.

    Args:
        browser: as measured. If it is off and the computer is not, ``headline`` speaks of both clocks: the page
            shows it in place of the report's, and the browser's remedy in place of "nothing to do".
        report: this computer's clock against network time, if known.
        stepped: seconds that this computer's clock was set forward since the report.
        platform: the browser's system, a key of the remedies.
    """
    shown: dict[str, Any] = {
        "offset": browser.offset,
        "bound": browser.bound,
        "words": "",
        "headline": "",
        "remedy": [],
    }
    if abs(browser.offset) <= browser.bound + SAME:
        return shown  # one clock, or as good as one: all is said already
    if report is None or report.offset is None or report.bound is None:
        return shown | {"words": _against_kernel(browser)}
    offset, bound = browser.offset + report.offset - stepped, browser.bound + report.bound
    amount, sign = seconds(offset, bound / 10), "slow" if offset > 0 else "fast"
    if near(offset):
        return shown | {"words": BROWSER_RIGHT.format(bound=_rough(abs(offset) + bound))}
    if not Risk.at(offset).high:
        return shown | {"words": BROWSER_CLOSE.format(amount=amount, sign=sign)}
    words = BROWSER_OFF.format(amount=amount, sign=sign, bound=_rough(bound))
    headline = BOTH.format(amount=amount, sign=sign) if report.fine else ""
    return shown | {"words": words, "headline": headline, "remedy": list(remedy(platform))}


def picture(report: ClockReport, dark: bool, width: float) -> tuple[bytes, str]:
    """The servers' intervals as a PNG, and in words.

    Args:
        report: what is drawn.
        dark: for a dark page.
        width: of the place on the page, CSS pixels; the figure is drawn at twice that.
    """
    load("mfatools.plots")
    from matplotlib.figure import Figure

    from mfatools import plots
    from mfatools.plots._style import DARK, LIGHT

    rows = len(report.truechimers) + len(report.falsetickers) + len(report.unheard)
    inches = min(max(width, 320.0), 860.0) / 96
    figure = Figure(
        figsize=(inches, 1.6 + (0.34 if inches >= NARROW else 0.5) * max(3, rows)), dpi=192, layout="constrained"
    )
    # No pyplot and no rc settings: this runs in a thread of its own, and those belong to the person's cells.
    ink = DARK if dark else LIGHT
    ax = figure.add_subplot(facecolor=ink.paper)
    plots.clock(report, ax=ax)
    figure.set_facecolor(ink.paper)
    ax.tick_params(colors=ink.text)
    for side in (ax.xaxis.label, ax.yaxis.label):
        side.set_color(ink.text)
    for spine in ax.spines.values():
        spine.set_edgecolor(ink.quiet)
    if inches < NARROW:
        _narrow(ax, ink)
    png = io.BytesIO()
    figure.savefig(png, format="png")
    return png.getvalue(), plots.alt(ax)


def _narrow(ax: Axes, ink: Inks) -> None:
    """For a telephone: names above their intervals, which keep the width; the heading stands on the page."""
    from mfatools.plots._style import halo

    ax.set_title("", loc="left")
    ax.set_xlabel(ax.get_xlabel().replace("  (", "\n("), fontsize=10)
    names = [label.get_text() for label in ax.get_yticklabels()]
    ax.set_yticks([])
    look: dict[str, Any] = {"color": ink.text, "fontsize": 10, "va": "center", "path_effects": halo(ink.paper)}
    for place, name in enumerate(names):
        ax.text(0.02, place - 0.38, name, transform=ax.get_yaxis_transform(), **look)
    bottom, top = ax.get_ylim()
    ax.set_ylim(bottom, top - 0.2)
    ax.tick_params(labelsize=10)
    ax.locator_params(axis="x", nbins=4)


def _against_kernel(browser: BrowserClock) -> str:
    side = "behind" if browser.offset > 0 else "ahead of"
    amount = seconds(browser.offset, browser.bound / 10)
    return DIFFERS.format(amount=amount, side=side, bound=_rough(browser.bound))


def _rough(bound: float) -> str:
    """A bound, rounded up so that it stays true."""
    return seconds(math.ceil(bound * 1000) / 1000, bound / 10)


def _is_time(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
