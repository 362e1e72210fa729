"""The names of a case's fields, so that a misspelt one is told and not passed over in silence."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches

CASE = [
    "uri",
    "codes",
    "ntp_offset_s",
    "ntp_bound_s",
    "app",
    "platform",
    "other_entries",
    "second_uri",
    "key_as_shown",
    "service_expected_code",
    "change_observed_at_local",
    "verifier",
    "sent",
    "answers",
]
LOOK = ["shown", "typed", "read_at_local", "read_sd_s", "typed_after_s", "accepted", "entry_label"]
OTHER = ["uri", "label"]
SENT = ["code", "at", "accepted"]


def strangers(data: object) -> list[str]:
    """The fields of a case, as parsed JSON, that nobody reads: each with the name that was probably meant."""
    if not isinstance(data, Mapping):
        return []
    found = list(_odd(data, CASE, ""))
    for name, known in (("codes", LOOK), ("other_entries", OTHER), ("sent", SENT)):
        items = data.get(name)
        for place, item in enumerate(items if isinstance(items, list) else []):
            found += _odd(item, known, f"{name}[{place}].")
    return found


def _odd(fields: object, known: Collection[str], place: str) -> Iterator[str]:
    for name in fields if isinstance(fields, Mapping) else ():
        if name not in known:
            near = get_close_matches(str(name), known, 1, 0.6)
            yield f"{place}{str(name)[:40]}" + (f" (did you mean {near[0]}?)" if near else "")
