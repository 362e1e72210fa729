"""Codes that were sent without coming from the phone: whose they are, and of which step."""

from __future__ import annotations

from collections.abc import Iterable

from mfatools.diagnose import causes, slips
from mfatools.diagnose.answers import Submitted
from mfatools.diagnose.case import Case
from mfatools.diagnose.model import Seen, Source
from mfatools.diagnose.search import Frame, Hit, Plan, look

_SD = 1.0  # s; the moment of sending is stamped by a program
_LIKELY = 1e-3  # sources that are rarer than this are nobody's choice of a code to send
_MOST = 20


def submitted(case: Case, base: Source) -> tuple[Submitted, ...]:
    """What was sent, each with the source that makes it; the last `_MOST` of them."""
    shift = case.local_offset_s or 0.0
    latest = sorted(case.sent, key=lambda one: one.at)[-_MOST:]
    seen = [Seen(i, one.at - shift, _SD, slips.undress(one.code).clean) for i, one in enumerate(latest)]
    if not seen:
        return ()
    found = _owners(seen, causes.candidates(case, base, 1))
    return tuple(
        Submitted(source, hit.counter, one.t, _SD, sent.accepted)
        for sent, one, (source, hit) in zip(latest, seen, found, strict=True)
    )


def _owners(seen: list[Seen], sources: Iterable[Source]) -> list[tuple[Source | None, Hit]]:
    """For each code the first source that makes it, and the counter nearest to its moment."""
    frame = Frame(seen)
    owners: list[tuple[Source | None, Hit]] = [(None, Hit(0)) for _ in seen]
    for source in sources:
        if source.prior < _LIKELY:
            continue
        for i, hits in enumerate(look(source, frame, Plan(zones=source.right)).hits):
            if hits and owners[i][0] is None:
                owners[i] = source, _nearest(hits, source, seen[i].t)
    return owners


def _nearest(hits: list[Hit], source: Source, t: float) -> Hit:
    start = source.counter if source.counter is not None else t / source.step
    return min(hits, key=lambda hit: abs(hit.counter - start))
