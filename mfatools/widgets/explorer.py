"""What the three explorers have in common: files in front of their own, and settings that come from a page."""

from __future__ import annotations

import math
from typing import Any

from mfatools.errors import MfaError
from mfatools.widgets.base import MfaWidget, _text


class Explorer(MfaWidget):
    """A widget with sliders. Nothing that a page sends is taken without a look at it."""

    def __init_subclass__(cls, page: str = "") -> None:
        super().__init_subclass__(page=page)
        if page:  # anywidget makes one more subclass for each widget, without a page
            cls._css = "".join(_text(f"{name}.css") for name in ("base", "explore", page))
            cls._esm = "".join(_text(f"{name}.js") for name in ("explore", page))

    def __init__(self) -> None:
        self.closed = False
        super().__init__()

    def close(self) -> None:
        """Take the explorer off every page; it draws nothing from now on."""
        self.closed = True
        super().close()


def number(value: object, name: str, low: float, high: float) -> float:
    """A number from a page or a caller, checked.

    Raises:
        MfaError: no number, or outside its range.
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        what = f"{name} must be a number."
        raise MfaError(what, f"Give one from {low:g} to {high:g}.", code="E_NUMBER")
    if not low <= value <= high:
        what = f"{name} cannot be {value:g}."
        raise MfaError(what, f"Give a number from {low:g} to {high:g}.", code="E_NUMBER")
    return float(value)


def mapping(value: object) -> dict[str, Any]:
    """A dictionary from a page; anything else is none at all."""
    return value if isinstance(value, dict) else {}
