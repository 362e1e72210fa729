"""What the three explorers have in common: files in front of their own, and settings that come from a page."""

from __future__ import annotations

from typing import Any

from mfatools.widgets.base import MfaWidget


class Explorer(MfaWidget):
    """A widget with sliders. Nothing that a page sends is taken without a look at it."""

    shared = (*MfaWidget.shared, "explore")

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
