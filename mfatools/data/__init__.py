"""Tables that ship with the package, each line with its source. Read once, as part of the package itself."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def verifiers() -> dict[str, dict[str, Any]]:
    """Real verifiers of one-time codes by their short name, as in ``verifiers.json`` beside this file.

    Each is a dictionary with ``name``, ``step_s``, ``look_behind`` and ``look_ahead`` (steps; None where the
    maker does not say), ``learns_skew``, ``replay_protection``, ``throttle``, ``source``, ``evidence``, ``note``
    and ``policy``, the lab's reading of those. Treat it as read-only.
    """
    table = json.loads(files(__name__).joinpath("verifiers.json").read_text(encoding="utf-8"))
    return {entry["id"]: entry for entry in table["verifiers"]}
