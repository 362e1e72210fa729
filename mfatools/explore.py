"""Explorers: move a slider, see what becomes of a code.

    from mfatools import explore
    explore.windows()  # when is a code taken, and how often is a right one refused?
    explore.anatomy()  # from a secret to six digits, every byte explained
    explore.lab()      # a phone, a wire and a service, running; break one thing and find it

Each hands back a widget; as the last line of a cell it shows itself. Nothing of it is stored in the notebook.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mfatools.checks import whole

if TYPE_CHECKING:
    from mfatools.account import Account
    from mfatools.totp import Hotp, Totp
    from mfatools.widgets.explore_anatomy import ExploreAnatomy
    from mfatools.widgets.explore_lab import ExploreLab
    from mfatools.widgets.explore_windows import ExploreWindows

__all__ = ["anatomy", "lab", "windows"]


def windows(**values: float) -> ExploreWindows:
    """Two clocks, a service's window and a hand that types: is the code taken, and how often is it not?

    Args:
        values: where the sliders stand at first: ``phone`` and ``service`` (a clock minus true time, in seconds:
            positive is fast), ``typing`` (seconds), ``behind`` and ``ahead`` (steps), ``step`` (15, 30 or 60 s),
            ``read_at`` (seconds into the step at which the code is read).

    Returns:
        a widget; its ``setting`` is what the sliders say, ``set(phone=-42)`` moves them.

    Raises:
        MfaError: no such slider, or a value outside its range.
    """
    from mfatools.widgets.explore_windows import ExploreWindows

    return ExploreWindows(**values)


def anatomy(entry: Account | Totp | Hotp | None = None) -> ExploreAnatomy:
    """How a code is made: change secret, time, hash and digits, and every value in between changes.

    Args:
        entry: an entry of your own. Its key is not shown and leaves the kernel in no way, but the HMAC and the
            code are on the page. Left out, a fresh lesson secret is made, which belongs to nothing.

    Raises:
        MfaError: an entry whose codes are made in another way (mOTP).
    """
    from mfatools.widgets.explore_anatomy import ExploreAnatomy

    return ExploreAnatomy(entry)


def lab(*, seed: int | None = None) -> ExploreLab:
    """A phone, a wire and a service side by side, on clocks that you set; time runs at 1x, 30x or 300x.

    Args:
        seed: the same seed gives the same secret, delays and faults; left out, each bench differs.

    Raises:
        MfaError: a seed that is no whole number.
    """
    from mfatools.widgets.explore_lab import ExploreLab

    return ExploreLab(seed=None if seed is None else whole(seed, "seed", -(2**63), 2**63))
