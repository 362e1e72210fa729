"""`start`: what a person in trouble opens. One calm page: scan a QR code, see its live code, check the clock."""

from __future__ import annotations

from mfatools.widgets.clock import Clock
from mfatools.widgets.live import Live
from mfatools.widgets.scan import Scan

TITLE = "From a QR code to its code"
LEAD = (
    "Show the QR code of your two-factor set-up as a picture. You see the account and its code, which changes by "
    "itself. Nothing is uploaded to a web site, and nothing secret is saved with this notebook."
)


def start() -> Scan:
    """The scan with its live board and, folded to a line, the clock, under a heading.

    ``start().accounts`` holds what was found; ``start().clock.report`` what the clock check said. Nothing is sent
    to the network before somebody unfolds the clock and asks.
    """
    live = Live()
    return Scan(live=live, clock=Clock(live, compact=True), title=TITLE, lead=LEAD)
