"""`start`: what a person in trouble opens. One page: scan a QR code, see its code, check the clock, ask why."""

from __future__ import annotations

import sys
from typing import Any
from weakref import WeakKeyDictionary

from mfatools.widgets.clock import Clock
from mfatools.widgets.doctor import Doctor
from mfatools.widgets.live import Live
from mfatools.widgets.scan import Scan

TITLE = "See your code, or find out why it was refused"
LEAD = (
    "Show a picture of the QR code from your two-factor set-up page: the account appears here with its live code. "
    "Nothing is uploaded, and nothing secret is saved with this notebook."
)
KEPT = "If this page gets lost, run its cell again: the accounts are kept as long as the notebook runs."
_pages: WeakKeyDictionary[Any, Scan] = WeakKeyDictionary()  # the page of each IPython shell


def start(*, fresh: bool = False) -> Scan:
    """The scan with its live board and, each folded to a line, the clock and the doctor, under a heading.

    ``start().accounts`` holds what was found, ``start().clock.report`` what the clock check said, and
    ``start().doctor.diagnosis`` why a code was refused. Nothing is sent to the network before somebody asks for the
    clock, or gives the doctor a code: it names the servers before, and can be told not to ask.

    Called again in the same kernel it hands back the page that is there, with its accounts.

    Args:
        fresh: close that page, forget its accounts, and begin with an empty one.
    """
    shell = _shell()
    page = None if shell is None else _pages.get(shell)
    if page is not None and fresh:
        page.clear()
        page.close()
    if page is None or page.comm is None:
        page = _page(LEAD if shell is None else f"{LEAD} {KEPT}")
    if shell is not None:
        _pages[shell] = page
    return page


def _page(lead: str) -> Scan:
    live = Live()
    clock = Clock(live, compact=True)
    page = Scan(live=live, clock=clock, title=TITLE, lead=lead)
    page.doctor = Doctor(scan=page)  # it takes this page's accounts, and its check of the clock if there is one
    clock.on_report(page.doctor.use_report)
    return page


def _shell() -> object | None:
    """The IPython shell of this kernel.

    A page is kept for one of those only: where several people share a process (an app that marimo runs), nobody may
    be handed the accounts of somebody else.
    """
    ipython = sys.modules.get("IPython")
    return None if ipython is None else ipython.get_ipython()
