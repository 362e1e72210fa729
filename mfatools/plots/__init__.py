"""Pictures of codes and clocks, for teaching and for explaining a refusal.

Every function takes ``ax=None`` (a new figure is made if none is given) and returns the matplotlib Axes; the
numbers come from the pure rooms. Colours are Okabe and Ito's, which colour-blind people can tell apart; each
is doubled by a label, a shape or a hatch, so that grey paper will do. Dark figures: ``with plots.theme("dark")``
or an Axes with a dark face. Each picture has a text for those who cannot see it: `alt`.

Example:
    >>> import matplotlib; matplotlib.use("agg")
    >>> from mfatools import plots
    >>> ax = plots.windows(1_768_471_200, phone=-42)
    >>> print(plots.alt(ax)[:25])
    Timeline of code windows.
"""

from __future__ import annotations

from mfatools.plots._acceptance import acceptance
from mfatools.plots._anatomy import anatomy
from mfatools.plots._clock import clock
from mfatools.plots._distribution import distribution
from mfatools.plots._drift import drift
from mfatools.plots._posterior import posterior
from mfatools.plots._style import alt, theme
from mfatools.plots._windows import windows

__all__ = [
    "acceptance",
    "alt",
    "anatomy",
    "clock",
    "distribution",
    "drift",
    "posterior",
    "theme",
    "windows",
]
