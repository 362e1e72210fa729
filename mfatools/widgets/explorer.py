"""What the three explorers have in common: files in front of their own, and settings that come from a page."""

from __future__ import annotations

from typing import Any

from mfatools.widgets.base import MfaWidget, static_text


class Explorer(MfaWidget):
    """A widget with sliders. Nothing that a page sends is taken without a look at it."""

    def __init_subclass__(cls, page: str = "") -> None:
        super().__init_subclass__(page=page)
        if page:  # anywidget makes one more subclass for each widget, without a page
            cls._css = "".join(static_text(f"{name}.css") for name in ("base", "explore", page))
            cls._esm = "".join(static_text(f"{name}.js") for name in ("explore", page))

    def __init__(self) -> None:
        self.closed = False
        super().__init__()

    def close(self) -> None:
        """Take the explorer off every page; it draws nothing from now on."""
        self.closed = True
        super().close()


def mapping(value: object) -> dict[str, Any]:
    """A dictionary from a page; anything else is none at all."""
    return value if isinstance(value, dict) else {}
