"""How far real services look back and ahead: the windows of `mfatools.data`, and how common each is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any

from mfatools import data
from mfatools.errors import MfaError


@dataclass(frozen=True, slots=True)
class Verifier:
    """One service's rule: it takes codes up to ``behind`` steps old and ``ahead`` steps early.

    ``reuse`` is False when a code is taken once only (RFC 6238 section 5.2), None when nobody has told.
    """

    name: str
    behind: int
    ahead: int
    step: int = 30
    reuse: bool | None = None
    source: str = ""

    def to_json(self) -> dict[str, Any]:
        """The fields as JSON data, which `verifier` reads again."""
        return asdict(self)


@cache
def presets() -> dict[str, Verifier]:
    """Known services by their short name, those with a published window only."""
    rows = [row for row in data.verifiers().values() if row["look_behind"] is not None]
    return {
        row["id"]: Verifier(
            row["name"],
            row["look_behind"],
            row["look_ahead"],
            row["step_s"],
            reuse=False if str(row["replay_protection"]).lower().startswith(("yes", "must")) else None,
            source=row["source"],
        )
        for row in rows
    }


def verifier(value: object) -> Verifier:
    """A preset by its name, or a window given as ``{"behind": 1, "ahead": 1}``.

    Raises:
        MfaError: neither.
    """
    if isinstance(value, Verifier):
        return value
    if isinstance(value, Mapping):
        behind, ahead, step = value.get("behind", 1), value.get("ahead", 1), value.get("step", 30)
        if all(type(n) is int and 0 <= n <= 3000 for n in (behind, ahead)) and type(step) is int and step > 0:
            name, source = str(value.get("name", "given")), str(value.get("source", ""))
            return Verifier(name, behind, ahead, step, value.get("reuse"), source)
    elif isinstance(value, str) and value.lower() in presets():
        return presets()[value.lower()]
    known = ", ".join(sorted(presets()))
    raise MfaError(
        "This service window is not known.",
        f'Give {{"behind": 1, "ahead": 1}} in steps, or one of: {known}.',
        code="E_VERIFIER",
    )


@cache
def window_prior() -> dict[tuple[int, int], float]:
    """How likely each window ``(behind, ahead)`` is when the service is not known: counted from the presets.

    Two shapes are added that code of the case book has and the table has not: back only, by two steps (Firefox
    accounts, mozilla/fxa#9078), and a very wide one (older Magento).
    """
    counts = Counter((v.behind, v.ahead) for v in presets().values())
    counts.update({(2, 0): 1, (0, 1): 1, (30, 30): 1})
    total = sum(counts.values())
    return {window: n / total for window, n in counts.items()}
