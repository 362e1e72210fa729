"""What the doctor shows of a diagnosis: cards in words, and one small picture. No code and no key is in them."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mfatools.diagnose import Case, Diagnosis, Family, Finding, Look
from mfatools.diagnose.result import percent
from mfatools.errors import MfaError
from mfatools.totp import Totp
from mfatools.widgets.base import load

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SHOWN = 0.01  # findings less likely than this have no card
MOST = 6
FARTHEST = 12  # steps; a clock farther off does not fit into a timeline that can be read
_TIMED = (Family.OK, Family.PHONE_CLOCK, Family.LOCAL_CLOCK, Family.LATE, Family.WINDOW_EDGE)
_LIKELY = ((0.95, "almost certain"), (0.8, "very likely"), (0.5, "likely"), (0.2, "possible"), (0.0, "less likely"))


def likely(probability: float) -> str:
    """A probability (0 to 1) in words."""
    return next(word for limit, word in _LIKELY if probability >= limit)


def of_diagnosis(case: Case, diagnosis: Diagnosis) -> dict[str, Any]:
    """A diagnosis for the page."""
    shown = [finding for finding in diagnosis.findings if finding.probability >= SHOWN][:MOST]
    question = diagnosis.next_question
    return {
        "findings": [_of_finding(finding) for finding in shown or diagnosis.findings[:1]],
        "question": question and {"name": question.name, "text": question.text},
        "probes": [{"name": probe.name, "proves": probe.proves} for probe in diagnosis.probes],
        "notes": list(diagnosis.notes),
        "tested": diagnosis.hypotheses_tested,
        "stopped": diagnosis.stopped,
        "far": _may_be_far(case, diagnosis),
    }


def _of_finding(finding: Finding) -> dict[str, Any]:
    names = ("cause", "title", "says", "evidence", "rules_out", "link")
    return {
        **{name: getattr(finding, name) for name in names},
        "family": str(finding.family),
        "remedy": list(finding.remedy),
        "percent": percent(finding.probability),
        "likely": likely(finding.probability),
        "share": round(finding.probability, 4),
    }


def probe_code(case: Case, diagnosis: Diagnosis | None, name: object, t: float) -> tuple[str, float]:
    """A probe code for true time ``t`` (POSIX s), and until when it is the one to send.

    Raises:
        MfaError: there is no such probe.
    """
    probe = next((one for one in diagnosis.probes if one.name == name), None) if diagnosis else None
    account = case.entry.account
    if probe is None or account is None:
        raise MfaError("This probe code is no longer on offer.", "Look at the list again.")
    step = float(account.step or 30)
    return probe.code(account, t), t + step - t % step


def _may_be_far(case: Case, diagnosis: Diagnosis) -> bool:
    """Whether a search of all dates makes sense: nothing fits so far, and there are two codes to go by."""
    nothing = diagnosis.best.family in (Family.UNKNOWN, Family.SECRET_DIFFERENT, Family.STALE_DISPLAY)
    account = case.entry.account
    timed = account is not None and isinstance(account.otp, Totp)
    return nothing and timed and len({look.shown for look in case.looks}) > 1


def drawn(
    case: Case | None, diagnosis: Diagnosis | None, content: Mapping[str, Any]
) -> tuple[tuple[bytes, ...], str]:
    """The picture that a page asked for, as buffers of a message; none where it cannot be drawn.

    ``content`` holds ``dark`` and ``width``, see `picture`. A picture is an extra: the words say the same.
    """
    width = content.get("width")
    if case is None or diagnosis is None:
        return (), ""
    try:
        load("mfatools.plots")
        made = picture(case, diagnosis, dark=bool(content.get("dark")), width=_pixels(width))
    except Exception:  # as for one that cannot be drawn
        return (), ""
    return ((made[0],), made[1]) if made else ((), "")


def _pixels(width: object) -> float:
    return float(width) if isinstance(width, int | float) and not isinstance(width, bool) else 640.0


def picture(case: Case, diagnosis: Diagnosis, *, dark: bool, width: float) -> tuple[bytes, str] | None:
    """A picture for the best finding as a PNG, and in words: a timeline of windows where it shows the trouble,
    else the shares of the causes; none where one cause stands alone and words say it all.

    Args:
        case: the case.
        diagnosis: its diagnosis.
        dark: for a dark page.
        width: of the place on the page, CSS pixels; the figure is drawn at twice that.
    """
    inches = min(max(width, 300.0), 760.0) / 96
    made = _timeline(case, diagnosis.best, inches, dark) or _shares(diagnosis, inches, dark)
    if made is None:
        return None
    figure, ax, words = made
    if inches < 5:
        ax.tick_params(labelsize=8)
    png = io.BytesIO()
    figure.savefig(png, format="png")
    return png.getvalue(), words


def _timeline(case: Case, best: Finding, inches: float, dark: bool) -> tuple[Figure, Axes, str] | None:
    """The phone, true time and the service at the code that was refused last; None where that shows nothing."""
    from mfatools import plots

    account, look = case.entry.account, _telling(case)
    if look is None or best.offset_s is None or best.family not in _TIMED or account is None:
        return None
    phone = float(round(sum(best.offset_s) / 2))
    if best.family is Family.OK or abs(phone) <= 2:
        phone = 0.0
    step = float(account.step or 30)
    if abs(phone) > FARTHEST * step:
        return None
    figure, ax = _canvas(inches, 2.9 if inches > 5 else 2.6, dark)
    window = case.service
    plots.windows(
        look.read_at_local - (case.local_offset_s or 0.0),
        phone=phone,
        behind=window.behind if window else 1,
        ahead=window.ahead if window else 1,
        step=step,
        typing=look.typed_after_s,
        ax=ax,
    )
    if ax.get_title(loc="left").startswith("Accepted") is not bool(look.accepted) and look.accepted is not None:
        return None  # the picture would contradict what happened
    if inches < 5:
        _without_overlap(ax)
    _dress(figure, ax, dark)
    return figure, ax, plots.alt(ax)


def _shares(diagnosis: Diagnosis, inches: float, dark: bool) -> tuple[Figure, Axes, str] | None:
    from mfatools import plots

    rows = min(MOST, sum(finding.probability >= SHOWN for finding in diagnosis.findings))
    if rows < 2:
        return None
    figure, ax = _canvas(inches, 1.2 + 0.5 * rows, dark)
    plots.posterior(diagnosis, most=rows, ax=ax)
    ax.set_title("How likely each cause is", loc="left", fontweight="bold", fontsize=11)
    _dress(figure, ax, dark)
    return figure, ax, plots.alt(ax)


def _telling(case: Case) -> Look | None:
    """The code to draw: the last that was refused, else the last."""
    refused = [look for look in case.looks if look.accepted is False]
    return max(refused or case.looks, key=lambda look: look.read_at_local, default=None)


def _canvas(inches: float, height: float, dark: bool) -> tuple[Figure, Axes]:
    # No pyplot and no rc settings: this runs in a thread of its own, and those belong to the person's cells.
    from matplotlib.figure import Figure

    from mfatools.plots._style import DARK, LIGHT

    figure = Figure(figsize=(inches, height), dpi=192, layout="constrained")
    return figure, figure.add_subplot(facecolor=(DARK if dark else LIGHT).paper)


def _dress(figure: Figure, ax: Axes, dark: bool) -> None:
    from mfatools.plots._style import DARK, LIGHT

    ink = DARK if dark else LIGHT
    figure.set_facecolor(ink.paper)
    ax.tick_params(colors=ink.text)
    for label in (ax.xaxis.label, ax.yaxis.label):
        label.set_color(ink.text)
    for spine in ax.spines.values():
        spine.set_edgecolor(ink.quiet)


def _without_overlap(ax: Axes) -> None:
    """For a telephone: smaller letters, and shorter ones in the window, whose name stands beside it."""
    for text in ax.texts:
        text.set_fontsize(7.5)
        if "the service takes" in text.get_text():
            text.set_text("taken here")
    verdict = ax.get_title(loc="left").replace(": ", ":\n", 1)
    ax.set_title(verdict, loc="left", fontsize=9.5, fontweight="bold")
    ax.xaxis.label.set_fontsize(8)


def warm_up() -> None:
    """Load the drawing library while the person is still telling: it takes seconds on a busy machine."""
    load("mfatools.plots")
