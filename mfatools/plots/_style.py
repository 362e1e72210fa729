"""What all figures share: colours for light and dark, the canvas, the text for those who cannot see it."""

from __future__ import annotations

import base64
import io
from contextlib import AbstractContextManager
from dataclasses import dataclass
from html import escape
from typing import Any
from weakref import WeakKeyDictionary

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patheffects import AbstractPathEffect, withStroke

from mfatools.errors import MfaError
from mfatools.phrases import count as count
from mfatools.phrases import duration as duration
from mfatools.phrases import fast_or_slow as fast_or_slow
from mfatools.phrases import percent as percent
from mfatools.phrases import plain as plain
from mfatools.totp import Hotp, Totp

# Okabe and Ito, "Color Universal Design" (2008).
ORANGE, SKY, GREEN, YELLOW = "#E69F00", "#56B4E9", "#009E73", "#F0E442"
BLUE, VERMILION, PURPLE, BLACK = "#0072B2", "#D55E00", "#CC79A7", "#000000"


@dataclass(frozen=True, slots=True)
class Inks:
    """The colours of one theme, by what they mean."""

    paper: str
    text: str
    quiet: str
    phone: str
    true: str
    service: str
    good: str
    bad: str
    series: tuple[str, ...]


LIGHT = Inks(
    "#ffffff", "#1a1a1a", "#5f5f5f", ORANGE, "#9a9a9a", SKY, GREEN, VERMILION,
    (BLUE, VERMILION, GREEN, "#a85a86", "#5e4000", "#2b7bab", "#1a1a1a", "#7a7a7a"),
)  # fmt: skip
DARK = Inks(
    "#111418", "#f2f2f2", "#b4b4b4", ORANGE, "#8f8f8f", SKY, "#2fc79b", "#ff8a45",
    (SKY, "#ff8a45", "#2fc79b", PURPLE, YELLOW, "#8fd0ff", "#f2f2f2", "#a0a0a0"),
)  # fmt: skip
HANDLE = 4.6  # of the letters' size: long enough for dashes that differ to be seen to differ in a legend
_THEMES = {"light": LIGHT, "dark": DARK}
_ALT: WeakKeyDictionary[Axes, str] = WeakKeyDictionary()


class DescribedFigure(Figure):
    """A figure that shows itself in a notebook with the alternative text of its axes."""

    def _repr_mimebundle_(
        self, include: object = None, exclude: object = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        words = " ".join(_ALT[ax] for ax in self.axes if ax in _ALT)
        png = io.BytesIO()
        self.savefig(png, format="png", bbox_inches="tight")
        data = base64.b64encode(png.getvalue()).decode()
        html = f'<img alt="{escape(words)}" style="max-width:100%" src="data:image/png;base64,{data}">'
        return {"text/html": html, "image/png": data, "text/plain": words}, {"image/png": {"alt": words}}


def theme(name: str) -> AbstractContextManager[None]:
    """``with plots.theme("dark"):`` - figures made inside are light or dark.

    Raises:
        MfaError: another name.
    """
    if not isinstance(name, str) or name not in _THEMES:
        what = f"There is no theme {name!r}."
        raise MfaError(what, 'Take "light" or "dark".', code="E_THEME")
    ink = _THEMES[name]
    settings: dict[Any, Any] = {"axes.edgecolor": ink.quiet}
    for face in ("figure.facecolor", "axes.facecolor", "savefig.facecolor"):
        settings[face] = ink.paper
    for line in ("text.color", "axes.labelcolor", "xtick.color", "ytick.color"):
        settings[line] = ink.text
    return mpl.rc_context(settings)


def alt(ax: Axes) -> str:
    """The picture in words, for a screen reader or a caption; ``""`` if ``ax`` was not drawn here."""
    return _ALT.get(ax, "") if isinstance(ax, Axes) else ""


def describe(ax: Axes, text: str) -> Axes:
    """Attach the picture's words; hands the axes back."""
    _ALT[ax] = text
    return ax


def canvas(ax: Axes | None, width: float = 8.0, height: float = 3.2) -> tuple[Axes, Inks]:
    """The axes to draw on, and the inks that can be seen there.

    Raises:
        MfaError: ``ax`` is something else.
    """
    if ax is None:
        import matplotlib.pyplot as plt  # here, because it chooses a backend

        figure = plt.figure(FigureClass=DescribedFigure, figsize=(width, height), layout="constrained")
        ax = figure.add_subplot()
    if not isinstance(ax, Axes):
        raise MfaError("ax must be matplotlib Axes.", "Leave it out for a new figure.", code="E_AX")
    ink = DARK if _is_dark(ax) else LIGHT
    ax.spines[["top", "right"]].set_visible(False)
    return ax, ink


def entry(otp: object, name: str = "otp") -> Hotp | Totp:
    """An entry whose codes can be drawn.

    Raises:
        MfaError: anything else, a key as text among it.
    """
    if not isinstance(otp, Hotp | Totp):
        what = f"{name} must be a Totp or a Hotp."
        raise MfaError(what, "Take account.otp, or Totp(Secret.from_base32(...)).", code="E_TYPE")
    return otp


def halo(colour: str) -> list[AbstractPathEffect]:
    """A rim in the colour behind, so that writing stays legible where a line crosses it."""
    return [withStroke(linewidth=3, foreground=colour)]


def heading(ax: Axes, ink: Inks, text: str, *, size: float = 11) -> None:
    """The picture's message, at its top left."""
    ax.set_title(text, loc="left", fontsize=size, fontweight="bold", color=ink.text)


def literal(name: str) -> str:
    """A name from outside, such that matplotlib takes no dollar sign in it for the beginning of a formula."""
    return name.replace("$", r"\$")


def bare(ax: Axes) -> None:
    """No axes at all: a picture of boxes."""
    ax.set_axis_off()


def _is_dark(ax: Axes) -> bool:
    red, green, blue = to_rgb(ax.get_facecolor())
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue < 0.4
