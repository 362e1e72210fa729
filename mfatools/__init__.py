"""mfatools: why was my two-factor code refused?

A Jupyter toolkit and diagnostic bench for TOTP and HOTP. In a notebook::

    import mfatools

    mfatools.start()  # drop the QR picture of a set-up page, get the live code

The names below load their rooms on first use (PEP 562), so that ``import mfatools`` stays light.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mfatools import (
        account,
        clock,
        consensus,
        data,
        diagnose,
        drift,
        errors,
        explore,
        intake,
        lab,
        lessons,
        loopback,
        migration,
        nonstandard,
        ntp,
        odds,
        plots,
        qr,
        secret,
        totp,
        windows,
    )
    from mfatools.account import Account
    from mfatools.clock import ClockReport, check_clock, check_clock_async
    from mfatools.diagnose import Case
    from mfatools.errors import MfaError
    from mfatools.secret import Secret
    from mfatools.totp import Algorithm, Hotp, Totp, anatomy
    from mfatools.widgets.clock import Clock
    from mfatools.widgets.doctor import Doctor
    from mfatools.widgets.live import Live
    from mfatools.widgets.scan import Scan
    from mfatools.widgets.start import start

__version__ = "0.1.0"

# Where the public names live that are something inside a room; the others in ``__all__`` are rooms themselves.
_HOMES = {
    "Account": "account",
    "Algorithm": "totp",
    "Case": "diagnose",
    "Clock": "widgets.clock",
    "ClockReport": "clock",
    "Doctor": "widgets.doctor",
    "Hotp": "totp",
    "Live": "widgets.live",
    "MfaError": "errors",
    "Scan": "widgets.scan",
    "Secret": "secret",
    "Totp": "totp",
    "anatomy": "totp",
    "check_clock": "clock",
    "check_clock_async": "clock",
    "start": "widgets.start",
}

__all__ = [
    "Account",
    "Algorithm",
    "Case",
    "Clock",
    "ClockReport",
    "Doctor",
    "Hotp",
    "Live",
    "MfaError",
    "Scan",
    "Secret",
    "Totp",
    "account",
    "anatomy",
    "check_clock",
    "check_clock_async",
    "clock",
    "consensus",
    "data",
    "diagnose",
    "drift",
    "errors",
    "explore",
    "intake",
    "lab",
    "lessons",
    "loopback",
    "migration",
    "nonstandard",
    "ntp",
    "odds",
    "plots",
    "qr",
    "secret",
    "start",
    "totp",
    "windows",
]


def __getattr__(name: str) -> object:
    if name not in __all__:
        msg = f"module 'mfatools' has no attribute {name!r}; it offers: {', '.join(__all__)}"
        raise AttributeError(msg)
    if name not in _HOMES:
        return importlib.import_module(f"mfatools.{name}")
    value = getattr(importlib.import_module(f"mfatools.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
