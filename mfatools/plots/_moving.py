"""The timeline of code windows as a picture that follows a slider.

A new figure for every move of a slider takes a quarter of a second. Here matplotlib draws the still parts once
and keeps them as pixels; a move redraws only what moves on top of that ("blitting"), which takes a tenth.
"""

from __future__ import annotations

import struct
import zlib
from typing import Any, cast

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from mfatools.plots._parts import PER_INCH, Accepted, Lane, Moments, Odds, Part
from mfatools.plots._setting import Setting
from mfatools.plots._style import DARK, LIGHT, Inks
from mfatools.totp import Totp

TALL = 474  # height of the picture in CSS pixels
WIDE = 620  # CSS pixels from which on there is room for a longer span of time


class WindowsPicture:
    """One size and theme of the picture; `png` gives it for any setting.

    Args:
        width: CSS pixels.
        ratio: device pixels to a CSS pixel.
        theme: ``"light"`` or ``"dark"``; the ground is transparent.
        key: whose codes are written into the windows; its step is replaced. A lesson's, for they can be read.
    """

    def __init__(self, width: int, *, ratio: float = 1.0, theme: str = "light", key: Totp | None = None) -> None:
        ink = DARK if theme == "dark" else LIGHT
        reach = 200.0 if width >= WIDE else 110.0
        figure = Figure(figsize=(width / PER_INCH, TALL / PER_INCH), dpi=PER_INCH * ratio, facecolor="none")
        self.canvas = cast("Any", FigureCanvasAgg(figure))  # its drawing functions have no types
        lanes = _panel(figure, width, (28, 258), reach, "seconds from the moment of reading", ink)
        odds = _panel(figure, width, (338, TALL - 42), reach, "phone minus service, in seconds", ink)
        self.lanes = [Lane(lanes, ink, lane, key) for lane in range(3)]
        self.parts: list[Part] = [*self.lanes, Accepted(lanes, ink), Moments(lanes, ink), Odds(odds, ink)]
        self.canvas.draw()
        self.ground = self.canvas.copy_from_bbox(figure.bbox)

    def png(self, setting: Setting) -> bytes:
        """The picture as a PNG file."""
        scene = setting.scene
        self.canvas.restore_region(self.ground)
        pixels = np.asarray(self.canvas.buffer_rgba())
        for lane in self.lanes:
            lane.lay(pixels, setting, scene)
        for part in self.parts:
            part.move(setting, scene)
            for artist in part.artists:
                if artist.get_visible():
                    part.ax.draw_artist(artist)
        return png(pixels)


def png(pixels: Any) -> bytes:  # noqa: ANN401
    """A PNG file of an array of rows, columns and four bytes: red, green, blue, opacity.

    Each row is written as its difference from the one above (filter 2 of RFC 2083 section 6), because rows here
    are mostly alike. Image libraries try all filters on every row, which takes five times as long.
    """
    rows, columns, _ = pixels.shape
    lines = np.empty((rows, 1 + 4 * columns), np.uint8)
    lines[:, 0] = 2
    flat = pixels.reshape(rows, -1)
    lines[0, 1:] = flat[0]
    np.subtract(flat[1:], flat[:-1], out=lines[1:, 1:])
    head = struct.pack(">IIBBBBB", columns, rows, 8, 6, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(lines.tobytes(), 1)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


def _panel(figure: Figure, width: int, rows: tuple[int, int], reach: float, xlabel: str, ink: Inks) -> Axes:
    """Axes between two rows of CSS pixels from the top, with the margins that the writing needs."""
    left, right = (84, 14) if width >= WIDE else (64, 8)
    top, bottom = rows
    box = (left / width, 1 - bottom / TALL, (width - left - right) / width, (bottom - top) / TALL)
    ax = figure.add_axes(box, facecolor="none")
    ax.set_xlim(-reach, reach)
    ax.set_xlabel(xlabel, color=ink.quiet, fontsize=9)
    ax.tick_params(colors=ink.quiet, labelsize=8.5)
    ax.spines[["top", "right", "left"]].set_visible(False)
    ax.spines["bottom"].set_color(ink.quiet)
    return ax
