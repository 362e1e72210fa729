"""The parts of the moving timeline: each knows its artists and brings them to where a setting wants them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from mfatools import windows as geometry
from mfatools.plots._setting import READ, Setting, curve
from mfatools.plots._style import Inks, fast_or_slow, percent
from mfatools.plots._windows import _Scene
from mfatools.totp import Totp

PER_INCH = 96  # CSS pixels
_HIGH = 0.74  # of a lane
_FAR = 440.0  # s of tape, either way from READ: the widest view, the most wrong clock, a minute


class Part:
    """Some artists of one panel that move together; matplotlib leaves them out of the still ground."""

    def __init__(self, ax: Axes, ink: Inks) -> None:
        self.ax, self.ink = ax, ink
        self.artists: list[Artist] = []

    def keep(self, artist: Any) -> Any:  # noqa: ANN401 - the artist's own type comes back
        artist.set_animated(True)
        self.artists.append(artist)
        return artist

    def move(self, setting: Setting, scene: _Scene) -> None:
        """Bring the artists to where the setting wants them."""
        raise NotImplementedError


class Lane(Part):
    """One clock's codes in a row: a tape, drawn once for each step, that slides. The code read is filled."""

    def __init__(self, ax: Axes, ink: Inks, lane: int, key: Totp | None) -> None:
        super().__init__(ax, ink)
        self.lane, self.y, self.key = lane, 3 - lane, key
        self.colour = (ink.phone, ink.true, ink.service)[lane]
        self.code = self.keep(ax.add_patch(Rectangle((0, self.y - _HIGH / 2), 1, _HIGH, color=self.colour)))
        bold: dict[str, Any] = {
            "ha": "center",
            "va": "center",
            "fontsize": 9,
            "fontweight": "bold",
            "clip_on": True,
        }
        self.sign = self.keep(ax.text(0, self.y, "", color="#000000", **bold))
        kind: dict[str, Any] = {"transform": ax.get_yaxis_transform(), "ha": "right", "va": "center"}
        name = ("phone", "true time", "service")[lane]
        ax.text(-0.012, self.y + (0 if lane == 1 else 0.16), name, fontsize=9, color=ink.text, **kind)
        self.error = self.keep(ax.text(-0.012, self.y - 0.2, "", fontsize=8.5, color=ink.quiet, **kind))
        self.tapes: dict[int, Any] = {}

    def move(self, setting: Setting, scene: _Scene) -> None:
        offset = scene.offsets[self.lane]
        start = scene.code.start + scene.offsets[0] - offset - scene.now
        self.code.set_x(start)
        self.code.set_width(scene.step)
        self.sign.set_x(start + scene.step / 2)
        self.sign.set_text(self._sign(scene.code.counter, setting.step) or "●")
        self.error.set_text("" if self.lane == 1 else fast_or_slow(offset))

    def lay(self, pixels: Any, setting: Setting, scene: _Scene) -> None:  # noqa: ANN401
        """Copy the stretch of tape that is to be seen into the canvas."""
        tape = self.tapes.get(setting.step)
        if tape is None:
            tape = self.tapes[setting.step] = self._tape(setting.step)
        box = self.ax.get_window_extent()
        middle = self.ax.transData.transform((0, self.y))[1]
        left, right = round(box.x0), round(box.x1)
        shift = setting.read_at + scene.offsets[self.lane] - self.ax.get_xlim()[1] + _FAR
        first = round(shift * box.width / _reach(self.ax) / 2)
        top = round(pixels.shape[0] - middle - tape.shape[0] / 2)
        pixels[top : top + tape.shape[0], left:right] = tape[:, first : first + right - left]

    def _tape(self, step: int) -> Any:  # noqa: ANN401
        """All windows within ``_FAR`` seconds of `READ`, as pixels."""
        figure = self.ax.figure
        box = self.ax.get_window_extent()
        scale = box.width / _reach(self.ax) / 2  # pixels in a second
        high = box.height * 0.92 / (self.ax.get_ylim()[1] - self.ax.get_ylim()[0])
        strip = Figure(figsize=(2 * _FAR * scale / figure.dpi, high / figure.dpi), dpi=figure.dpi, facecolor="none")
        ax = strip.add_axes((0, 0, 1, 1))
        ax.set_axis_off()
        ax.set(xlim=(-_FAR, _FAR), ylim=(-0.46, 0.46))
        for window in geometry.timeline(READ - _FAR, READ + _FAR, step=float(step)):
            ax.add_patch(
                Rectangle((window.start - READ, -_HIGH / 2), step, _HIGH, fc="none", ec=self.colour, lw=1.1)
            )
            text = self._sign(window.counter, step)
            ax.text(
                window.start - READ + step / 2, 0, text, ha="center", va="center", fontsize=9, color=self.ink.text
            )
        canvas: Any = FigureCanvasAgg(strip)
        canvas.draw()
        return np.array(canvas.buffer_rgba())

    def _sign(self, counter: int, step: int) -> str:
        """The code, or its last two digits, or nothing, as there is room."""
        if self.key is None:
            return ""
        room = step * self.ax.get_window_extent().width / self.ax.figure.dpi * PER_INCH / _reach(self.ax) / 2
        code = replace(self.key, step=step).code_of(counter)
        half = len(code) // 2
        return f"{code[:half]} {code[half:]}" if room >= 52 else f"…{code[-2:]}" if room >= 26 else ""


def _reach(ax: Axes) -> float:
    return float(ax.get_xlim()[1])


class Accepted(Part):
    """The bar at the bottom: from when to when the service takes the code that was read."""

    def __init__(self, ax: Axes, ink: Inks) -> None:
        super().__init__(ax, ink)
        ax.set_ylim(-0.55, 3.75)
        ax.set_yticks([])
        ax.text(-0.012, 0, "takes it", transform=ax.get_yaxis_transform(), ha="right", va="center",
                fontsize=9, color=ink.text)  # fmt: skip
        self.bar = self.keep(ax.add_patch(Rectangle((0, -_HIGH / 2), 1, _HIGH, linewidth=1.4)))

    def move(self, setting: Setting, scene: _Scene) -> None:
        colour = self.ink.good if scene.taken else self.ink.bad
        self.bar.set_x(scene.accepted.start - scene.now)
        self.bar.set_width(scene.accepted.length)
        self.bar.set_facecolor((*to_rgb(colour), 0.38))
        self.bar.set_edgecolor(colour)
        self.bar.set_hatch("" if scene.taken else "///")


class Moments(Part):
    """When the code is read, and when it arrives."""

    def __init__(self, ax: Axes, ink: Inks) -> None:
        super().__init__(ax, ink)
        self.keep(ax.plot([0, 0], [-0.5, 3.5], color=ink.text, lw=1.6)[0])
        self.line = self.keep(ax.plot([0, 0], [-0.5, 3.5], color=ink.text, lw=1.6, ls=(0, (3, 2)))[0])
        self.read = self.keep(ax.text(0, 3.55, "read", va="bottom", color=ink.text, fontsize=9))
        self.word = self.keep(ax.text(0, 3.55, "arrives", va="bottom", color=ink.text, fontsize=9))

    def move(self, setting: Setting, scene: _Scene) -> None:
        later = scene.arrives - scene.now
        self.line.set_xdata([later, later])
        self.word.set_x(later)
        self.word.set_text(" arrives" if later else "")
        self.word.set_ha("left")
        self.read.set_ha("right" if later else "center")


class Odds(Part):
    """The chance of a refusal against how far the phone is from the service, and where we stand on it."""

    def __init__(self, ax: Axes, ink: Inks) -> None:
        super().__init__(ax, ink)
        ax.set_ylim(-0.04, 1.12)
        ax.set_yticks([0, 0.5, 1], ["0 %", "50 %", "100 %"])
        ax.grid(axis="y", color=ink.quiet, alpha=0.25, lw=0.8)
        ax.text(0, 1.1, "refused, of all right codes", transform=ax.transAxes, color=ink.text, fontsize=9)
        self.safe = self.keep(ax.plot([], [], color=ink.good, lw=5, solid_capstyle="butt")[0])
        self.line = self.keep(ax.plot([], [], color=ink.series[0], lw=2)[0])
        self.here = self.keep(ax.plot([], [], ls=":", color=ink.text, lw=1.3)[0])
        self.dot = self.keep(ax.plot([], [], "o", ms=9, color=ink.series[1], mec=ink.paper)[0])
        self.word = self.keep(ax.text(0, 0, "", color=ink.text, fontsize=10, fontweight="bold", va="center"))

    def move(self, setting: Setting, scene: _Scene) -> None:
        reach = self.ax.get_xlim()[1]
        x, share = curve(setting.step, setting.behind, setting.ahead, setting.typing, reach)
        self.line.set_data(x, share)
        self.safe.set_data(x, np.where(share < 0.01, 0.0, np.nan))
        apart, chance = setting.phone - setting.service, setting.chance
        self.here.set_data([apart, apart], [-0.04, chance])
        self.dot.set_data([apart], [chance])
        self.word.set_text(f"  {percent(chance)}  ")
        self.word.set_position((apart, min(1.0, max(0.14, chance))))
        self.word.set_ha("left" if apart < reach * 0.75 else "right")
