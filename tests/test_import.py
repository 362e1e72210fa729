"""``import mfatools`` is light: in a fresh interpreter, because this one has loaded much already."""

from __future__ import annotations

import subprocess
import sys

import pytest
from test_rooms import FLOOR, PACKAGE

HEAVY = "matplotlib ipywidgets anywidget IPython PIL numpy traitlets click rich pyzbar zxingcpp segno"


def loaded(statement: str) -> set[str]:
    script = f"{statement}\nimport sys\nprint(*sorted(set(sys.modules) & set({HEAVY.split()!r})))"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
    assert run.returncode == 0, run.stderr
    return set(run.stdout.split())


def test_the_probe_sees_a_heavy_import():
    assert "numpy" in loaded("import numpy")


def test_import_mfatools_is_light():
    assert loaded("import mfatools") == set()


def present(room: str) -> bool:
    return (PACKAGE / f"{room}.py").exists() or (PACKAGE / room / "__init__.py").exists()


@pytest.mark.parametrize("room", [room for room, floor in FLOOR.items() if floor <= 3 and present(room)])
def test_pure_rooms_are_light(room):
    assert loaded(f"import mfatools.{room}") == set()
