"""The widgets' pure JavaScript functions, tested by node on the very files that ship."""

from __future__ import annotations

import subprocess

import pytest
import support

SUITES = sorted((support.REPO / "tests" / "node").glob("*.test.mjs"))


@pytest.mark.parametrize("suite", SUITES, ids=lambda path: path.stem)
def test_node(suite):
    done = subprocess.run([support.node(), "--test", str(suite)], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]


def test_there_is_something_to_test():
    assert SUITES
