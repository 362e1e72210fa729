"""The codes of a case made comparable: on one time, in one alphabet, each with what was typed in its place."""

from __future__ import annotations

import math
import re
from dataclasses import replace

from mfatools.diagnose import slips
from mfatools.diagnose.case import Case, Look
from mfatools.diagnose.model import Seen
from mfatools.diagnose.slips import Slip

MOST_CODES = 16  # more tell nothing new
_PROBE_WORDS = ("probe", "computed", "calculated", "on purpose", "step", "ahead", "variant", "due in")
_OF_THE_PAST = re.compile(r"code from [\d.]+ \w+ ago")


def prepare(case: Case) -> list[Seen]:
    """The codes of a case made comparable: on true time as far as it is known, as ASCII digits."""
    shift = case.local_offset_s or 0.0
    bound = case.local_bound_s / 2 if case.local_offset_s is not None else 0.0
    made = []
    for i, look_ in enumerate(latest(case)):
        shown = slips.undress(look_.shown)
        label = (look_.entry_label or "").lower()
        probe = any(word in label for word in _PROBE_WORDS) or bool(_OF_THE_PAST.search(label))
        typed = slips.undress(look_.typed) if look_.typed is not None else shown
        made.append(
            Seen(
                index=i,
                t=look_.read_at_local - shift,
                sd=math.hypot(look_.read_sd_s, bound, 0.3),
                code=shown.clean,
                delay=look_.typed_after_s,
                accepted=look_.accepted,
                label="" if probe else label,
                probe=probe,
                typed=slips.relation(shown, typed),
                spaced=typed.spaced,
                foreign=typed.foreign,
            )
        )
    return _repeated(case, made)


def _repeated(case: Case, seen: list[Seen]) -> list[Seen]:
    """The codes, those marked for which an earlier one, that had been accepted, was typed once more."""
    taken = [one for one in seen if one.accepted and one.typed in (None, Slip.SPACED, Slip.FOREIGN)]
    made = []
    for one, look_ in zip(seen, latest(case), strict=True):
        typed = slips.undress(look_.typed or look_.shown).clean
        before = [old.index for old in taken if old.code == typed and old.t < one.t]
        made.append(replace(one, repeats=before[-1]) if before and one.code != typed else one)
    return made


def latest(case: Case) -> list[Look]:
    """The codes that are looked at: the last by time, in the order given."""
    kept = sorted(range(len(case.looks)), key=lambda i: case.looks[i].read_at_local)[-MOST_CODES:]
    return [case.looks[i] for i in sorted(kept)]
