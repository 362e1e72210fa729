"""What several tests lean on: the shared data beside the repository, and tools that a machine may lack.

In CI (``CI=true``) whatever is missing is a failure; elsewhere it is a skip with its reason.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest

REPO = Path(__file__).resolve().parent.parent
IN_CI = os.environ.get("CI", "").lower() == "true"


def missing(what: str) -> NoReturn:
    """Skip with a reason, or fail when this is CI."""
    if IN_CI:
        pytest.fail(f"{what} is missing, and in CI nothing may be skipped")
    pytest.skip(f"{what} is missing on this machine")


def shared(*parts: str) -> Path:
    """A path in the shared data beside the repository; a missing one skips the test (in CI: fails it)."""
    path = REPO.parent.joinpath("shared", *parts)
    if not path.exists():
        missing("shared/" + "/".join(parts))
    return path


def tool(*names: str) -> str:
    """The path of the first of these programs that is installed; none skips the test (in CI: fails it)."""
    for name in names:
        if found := shutil.which(name):
            return found
    missing(" or ".join(names))


def node() -> str:
    """A node to run the widgets' pure functions: the recent one inside the playwright wheel, or the system's."""
    import playwright

    inside = Path(playwright.__file__).parent / "driver" / "node"
    return str(inside) if inside.exists() else tool("node")
