"""From the secret and the time to six digits, byte by byte."""

from __future__ import annotations

from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch, Rectangle

from mfatools.checks import whole
from mfatools.plots._style import Inks, bare, canvas, describe, entry
from mfatools.totp import Anatomy, Encoder, Hotp, Totp
from mfatools.totp import anatomy as dissect

_ROW = 20  # digest bytes in a line; SHA-1 has just as many
_CELL = 1.0


@dataclass(slots=True)
class _Page:
    """The paper, with a pen that moves down."""

    ax: Axes
    ink: Inks
    y: float = 0.0

    def heading(self, number: int, text: str) -> None:
        self.y -= 1.05
        self.ax.text(0, self.y, f"{number}", color=self.ink.quiet, fontsize=11, fontweight="bold", va="center")
        self.ax.text(0.7, self.y, text, color=self.ink.text, fontsize=10, va="center")
        self.y -= 1.0

    def cell(self, x: float, text: str, face: str = "none", *, width: float = _CELL, gid: str = "") -> None:
        self.ax.add_patch(
            Rectangle(
                (x, self.y - 0.45),
                width,
                0.9,
                facecolor=face,
                edgecolor=self.ink.quiet,
                linewidth=0.9 if face == "none" else 1.8,
                gid=gid,
            )
        )
        colour = self.ink.text if face == "none" else "#000000"
        self.ax.text(
            x + width / 2, self.y, text, color=colour, family="monospace", fontsize=10, ha="center", va="center"
        )

    def places(self, count: int) -> None:
        """Number the places of a row of cells, above it; room is made for that."""
        self.y -= 0.3
        for place in range(count):
            x = (place + 0.5) * _CELL
            self.ax.text(x, self.y + 0.63, f"{place}", color=self.ink.quiet, fontsize=8, ha="center", va="center")

    def note(self, x: float, text: str) -> None:
        self.ax.text(x, self.y, text, color=self.ink.text, fontsize=10, va="center")


def anatomy(otp: Hotp | Totp, counter: int, *, ax: Axes | None = None) -> Axes:
    """How one code is made: counter bytes, HMAC, the nibble and the four bytes it points at, number, code.

    The secret itself is not drawn, but the code is, and so is the digest: take a lesson's secret.

    Args:
        otp: the entry.
        counter: HOTP's counter, or a step such as ``totp.counter(t)``.
        ax: where to draw.

    Raises:
        MfaError: no entry, or no whole counter.

    Example:
        >>> from mfatools import plots
        >>> from mfatools.secret import Secret
        >>> from mfatools.totp import Totp
        >>> ax = plots.anatomy(Totp(Secret(b"12345678901234567890"), digits=8), 1)  # RFC 6238, 59 s
    """
    parts = dissect(entry(otp), whole(counter, "counter", 0, 2**64 - 1))
    lines = -(-len(parts.digest) // _ROW)
    ax, ink = canvas(ax, height=4.55 + 0.45 * (lines - 1))
    page = _Page(ax, ink)
    _counter(page, otp, parts)
    _digest(page, otp, parts)
    _four_bytes(page, parts)
    _number(page, otp, parts)
    bare(ax)
    ax.set_xlim(-0.1, _ROW * _CELL + 0.1)
    ax.set_ylim(page.y - 0.6, -0.5)
    return describe(ax, _words(otp, parts))


def _counter(page: _Page, otp: Hotp | Totp, parts: Anatomy) -> None:
    what = "the counter" if isinstance(otp, Hotp) else f"whole steps of {otp.step} s since {_begin(otp)}"
    page.heading(1, f"The moving part: {what}, {parts.counter}, as 8 bytes")
    for place, byte in enumerate(parts.message):
        page.cell(place, f"{byte:02x}", page.ink.phone if byte else "none", gid=f"message:{place}")


def _begin(otp: Totp) -> str:
    return "1970" if otp.t0 == 0 else f"second {otp.t0}"


def _digest(page: _Page, otp: Hotp | Totp, parts: Anatomy) -> None:
    size = len(parts.digest)
    page.heading(
        2, f"HMAC-{parts.algorithm} of these bytes, keyed with the secret ({len(otp.secret)} bytes): {size} bytes"
    )
    picked = range(parts.offset, parts.offset + 4)
    page.places(_ROW)
    for place, byte in enumerate(parts.digest):
        face = page.ink.service if place in picked else page.ink.good if place == size - 1 else "none"
        page.cell(place % _ROW * _CELL, f"{byte:02x}", face, gid=f"digest:{place}")
        if place % _ROW == _ROW - 1 and place < size - 1:
            page.y -= 0.9
    _pointer(page, parts)


def _pointer(page: _Page, parts: Anatomy) -> None:
    """An arrow from the last byte, whose low half is the address, to the first byte that is taken."""
    size = len(parts.digest)
    lines = (size - 1) // _ROW
    start = ((size - 1) % _ROW + 0.5, page.y - 0.45)
    end = (parts.offset + 0.5, page.y - 0.45 + 0.9 * lines)
    if lines == 0:
        page.ax.add_patch(
            FancyArrowPatch(
                start,
                end,
                connectionstyle="arc3,rad=-0.12",
                arrowstyle="-|>",
                mutation_scale=12,
                color=page.ink.good,
                linewidth=1.4,
            )
        )
    page.y -= 0.35 if lines else 0.75


def _four_bytes(page: _Page, parts: Anatomy) -> None:
    page.heading(
        3,
        f"The last byte, {parts.digest[-1]:02x}, ends in {parts.offset:x}: "
        f"take four bytes from place {parts.offset}, drop the top bit",
    )
    for place, byte in enumerate(parts.four):
        page.cell(place, f"{byte:02x}", page.ink.service, gid=f"four:{place}")
    page.note(4.4, "→  with the top bit off  →")
    for place, byte in enumerate(parts.number.to_bytes(4, "big")):
        page.cell(9.2 + place, f"{byte:02x}", page.ink.service, gid=f"masked:{place}")
    page.note(13.5, f"= {parts.number:,}".replace(",", "\u2009"))


def _number(page: _Page, otp: Hotp | Totp, parts: Anatomy) -> None:
    steam = isinstance(otp, Totp) and otp.encoder is Encoder.STEAM
    how = "written with Steam's 26 signs" if steam else f"its last {parts.digits} digits"
    page.heading(4, f"The code: {how}")
    for place, sign in enumerate(parts.code):
        page.cell(place, sign, page.ink.phone, gid=f"code:{place}")


def _words(otp: Hotp | Totp, parts: Anatomy) -> str:
    return (
        f"How a code is made, in four rows of bytes. The counter as 8 bytes; the HMAC-{parts.algorithm} of it, "
        f"{len(parts.digest)} bytes, under a secret of {len(otp.secret)} bytes; the last byte's low half points at "
        f"place {parts.offset}, from where four bytes are taken; without their top bit they are a number, from "
        f"which the code of {parts.digits} signs is made."
    )
