"""Counter-based codes: how far the phone is from the counter that the service expects (RFC 4226 section 7)."""

from __future__ import annotations

from collections.abc import Sequence

from mfatools.diagnose.answers import Kind, Verdict, World
from mfatools.diagnose.model import Explanation, Family, Seen

_NEVER_BELOW = 3  # unused codes that any service forgives
_FORGIVEN = 11  # so far ahead few services look; not tried, such codes are a trouble to come


def named(story: Explanation, verdict: Verdict, seen: Sequence[Seen], world: World) -> tuple[Family, str]:
    """Family and cause of a story whose codes are those of the right counter-based entry."""
    refused = {fit.counter for one, fit in zip(seen, story.fits, strict=True) if fit.source and not one.accepted}
    taken = {fit.counter for one, fit in zip(seen, story.fits, strict=True) if fit.source and one.accepted}
    if not refused:
        return Family.OK, "ok"
    if refused <= taken:
        return Family.REPLAY, "replay"
    away = ahead(story, seen, world)
    if verdict.kind is not Kind.FAIR and 0 < away <= _NEVER_BELOW + 1:
        causes = {Kind.LOCKED: "lockout", Kind.DIED: "service_died"}
        return Family.SERVICE_SIDE, causes.get(verdict.kind, "service_dead")
    if any(one.accepted is False for one in seen) or away < 1 or away > _FORGIVEN:
        return Family.HOTP_DESYNC, "counter_behind" if away < 1 else "counter_ahead"
    return Family.OK, "ok"


def ahead(story: Explanation, seen: Sequence[Seen], world: World) -> int:
    """By how many codes the phone is ahead of the counter that the service expects, as far as is known: one for
    the code that is due next, less than one if codes from before it were shown."""
    fits = [(fit.counter, one.accepted) for one, fit in zip(seen, story.fits, strict=True) if fit.source]
    due_next = max([world.hotp or 0, *(counter + 1 for counter, accepted in fits if accepted)])
    counters = [counter for counter, accepted in fits if not accepted] or [due_next]
    return (min(counters) if min(counters) < due_next else max(counters)) - due_next + 1
