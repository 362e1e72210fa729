"""Are codes evenly spread, and how easily are they guessed?"""

from __future__ import annotations

import math
import string
from bisect import bisect_right
from collections import Counter
from itertools import product, takewhile
from typing import Literal

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from mfatools import odds
from mfatools.checks import whole
from mfatools.errors import MfaError
from mfatools.lab import GuardRule, Policy, tries
from mfatools.plots._style import HANDLE, canvas, describe, entry, heading, percent
from mfatools.plots._style import count as counted
from mfatools.totp import STEAM_ALPHABET, Encoder, Hotp, Totp

_GUARDS = ("google_pam", "gitlab", "pypi", "okta")
_DAY = 86_400.0
_TIMES = ((60.0, "1 min"), (3600.0, "1 h"), (_DAY, "1 day"), (30 * _DAY, "30 days"), (365 * _DAY, "1 year"))
View = Literal["codes", "bias", "guessing"]


def distribution(
    view: View = "bias",
    *,
    otp: Hotp | Totp | None = None,
    count: int = 20_000,
    digits: int = 6,
    accepted: int = 3,
    ax: Axes | None = None,
) -> Axes:
    """How evenly codes are spread, and what that means for somebody who guesses.

    Args:
        view: ``"codes"`` counts many codes of one secret by how they begin; ``"bias"`` shows how much
            likelier than fair the likelier codes are, for 6 to 10 digits; ``"guessing"`` shows the chance to hit a
            code against the time spent trying, without and with the guards of real services.
        otp: for ``"codes"``: whose codes (a lesson's secret).
        count: for ``"codes"``: how many, from counter 0.
        digits, accepted: for ``"guessing"``: length of a code, and how many codes the service takes at a time.
        ax: where to draw.

    Raises:
        MfaError: an unknown view, a number out of its range, or no entry for ``"codes"``.

    Example:
        >>> from mfatools import plots
        >>> ax = plots.distribution("bias")
    """
    if view == "codes":
        if otp is None:
            raise MfaError("There is nothing to count.", "Give otp=, an entry for a lesson.", code="E_VIEW")
        return _codes(entry(otp), whole(count, "count", 1, 1_000_000), ax)
    if view == "bias":
        return _bias(ax)
    if view == "guessing":
        digits = whole(digits, "digits", 1, 10)
        return _guessing(digits, whole(accepted, "accepted", 1, 10**digits), ax)
    what = f"There is no view {view!r}."
    raise MfaError(what, 'Take "codes", "bias" or "guessing".', code="E_VIEW")


def _codes(otp: Hotp | Totp, count: int, ax: Axes | None) -> Axes:
    handler = otp.pyotp()
    classes, begin = _beginnings(otp)
    long = len(classes[0])
    starts = Counter(str(handler.generate_otp(counter))[:long] for counter in range(count))
    heights = [starts[start] for start in classes]
    ax, ink = canvas(ax, height=3.2)
    ax.bar(range(len(classes)), heights, width=1.0, color=ink.service, edgecolor=ink.paper, linewidth=0.4)
    mean = count / len(classes)
    spread = 2 * math.sqrt(mean * (1 - 1 / len(classes)))
    ax.axhline(mean, color=ink.text, lw=1)
    for edge in (max(0.0, mean - spread), mean + spread):
        ax.axhline(edge, color=ink.text, lw=1, ls=(0, (4, 3)))
    inside = sum(abs(height - mean) <= spread for height in heights)
    ax.set_xlim(-0.5, len(classes) - 0.5)
    marked = range(0, len(classes), 10 if long == 2 else 1)
    ax.set_xticks(marked, [classes[place] for place in marked])
    ax.set_xlabel(f"{begin} of the code")
    ax.set_ylabel("how often")
    number = f"{count:,}".replace(",", "\u2009") + (" code" if count == 1 else " codes")
    title = f"{number}: {inside} of {len(classes)} bars lie between the lines, where chance puts 95%"
    heading(ax, ink, title)
    return describe(ax, f"Bars that count codes by their {begin}. {title}.")


def _beginnings(otp: Hotp | Totp) -> tuple[list[str], str]:
    """All ways in which a code can begin, and what they are called."""
    if isinstance(otp, Totp) and otp.encoder is Encoder.STEAM:
        return sorted(STEAM_ALPHABET), "first sign"  # pairs of them would be bars as thin as hairs
    long = min(2, otp.digits)
    return [
        "".join(pair) for pair in product(string.digits, repeat=long)
    ], f"first {('digit', 'two digits')[long - 1]}"


def _bias(ax: Axes | None) -> Axes:
    facts = [odds.bias(digits) for digits in range(6, 11)]
    gains = [100 * fact.gain for fact in facts]
    ax, ink = canvas(ax, height=3.2)
    bars = ax.bar([str(fact.digits) for fact in facts], gains, color=ink.service, width=0.6)
    ax.bar_label(bars, [f"+{gain:.3g}%" for gain in gains], color=ink.text, padding=2)
    ax.set_yscale("log")
    ax.set_ylim(0.01, 3000)
    ax.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{y:g}%"))
    ax.set_xlabel("digits of the code")
    ax.set_ylabel("likelier than fair")
    title = "The bias of the last step: next to nothing at 6 digits, plain at 9"
    heading(ax, ink, title)
    listed = ", ".join(f"{fact.digits} digits {gain:.3g}%" for fact, gain in zip(facts, gains, strict=True))
    return describe(ax, f"Bars of how much likelier the likelier codes are than fair ones: {listed}.")


def _guessing(digits: int, accepted: int, ax: Axes | None) -> Axes:
    rules = [("no guard, one try a second", GuardRule())]
    rules += [(policy.name, policy.guard) for policy in map(Policy.preset, _GUARDS)]
    spans = [10 ** (1 + n * (math.log10(365 * _DAY) - 1) / 120) for n in range(121)]
    ax, ink = canvas(ax, height=4.2)
    dashes = ("-", (0, (6, 2)), (0, (2, 1.5)), "-.", (0, (1, 1)))
    ends = []
    for place, (name, rule) in enumerate(rules):
        chances = [odds.guess(n, accepted=accepted, digits=digits) for n in _counts(rule, spans)]
        ax.plot(spans, chances, color=ink.series[place], ls=dashes[place], lw=2, label=name)
        ends.append(f"{name}: {percent(chances[-1])}")
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.set_xticks([t for t, _ in _TIMES], [name for _, name in _TIMES])
    ax.set_xticks([], minor=True)
    ax.set_xlim(10, 365 * _DAY)
    ax.set_ylim(top=2)
    ax.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{100 * y:.9f}".rstrip("0").rstrip(".") + "%"))
    ax.set_xlabel("time spent trying")
    ax.set_ylabel("chance of a hit")
    are = "is" if accepted == 1 else "are"
    title = f"Guessing {counted(digits, 'digit')} where {counted(accepted, 'code')} {are} taken"
    heading(ax, ink, title)
    ax.legend(frameon=False, fontsize=9, labelcolor=ink.text, handlelength=HANDLE)
    return describe(ax, f"{title}: the chance against time. After a year: {'; '.join(ends)}.")


def _counts(rule: GuardRule, spans: list[float]) -> list[int]:
    """Tries possible within each span. Two days are played, and what follows goes on like the second."""
    if rule == GuardRule():
        return [int(span) + 1 for span in spans]
    moments = list(takewhile(lambda t: t <= 2 * _DAY, tries(rule)))
    first, both = bisect_right(moments, _DAY), len(moments)
    return [
        bisect_right(moments, span) if span <= 2 * _DAY else int(both + (both - first) * (span / _DAY - 2))
        for span in spans
    ]
