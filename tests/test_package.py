"""What is handed out: the wheel and the sdist hold all that a user needs, and only that."""

from __future__ import annotations

import re
import subprocess
import tarfile
import zipfile
from pathlib import Path

import pytest
from support import REPO, tool

ALLOWED = {"pyproject.toml", "mfatools", "notebooks", "tests", "README.md", "LICENSE", "CHANGELOG.md"}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    run = subprocess.run(
        [tool("uv"), "build", "--quiet", "--out-dir", str(out)],
        cwd=REPO,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return out


def _shipped(suffixes: set[str]) -> set[str]:
    return {path.relative_to(REPO).as_posix() for path in (REPO / "mfatools").rglob("*") if path.suffix in suffixes}


def test_the_wheel_holds_code_types_static_files_and_notebooks(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    assert _shipped({".py", ".js", ".css", ".json"}) | {"mfatools/py.typed"} <= names
    assert {f"mfatools/notebooks/{path.name}" for path in (REPO / "notebooks").glob("*.ipynb")} <= names
    assert not [name for name in names if "tests/" in name or name.endswith(".pyc")]


def _sdist(built: Path) -> set[str]:
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        return {name.split("/", 1)[1] for name in archive.getnames() if "/" in name}


def test_the_sdist_builds_the_same_things(built: Path) -> None:
    code = _shipped({".py", ".js", ".css", ".json"})
    assert code | {"mfatools/py.typed", "notebooks/00_start_here.ipynb"} <= _sdist(built)


def test_the_sdist_holds_the_pictures_of_its_readme(built: Path) -> None:
    wanted = set(re.findall(r"!\[[^\]]*\]\(([^):]+)\)", (REPO / "README.md").read_text("utf-8")))
    assert wanted
    assert wanted <= _sdist(built)


def test_the_top_level_is_the_users_layout() -> None:
    tracked = subprocess.run(
        [tool("git"), "ls-files"], cwd=REPO, capture_output=True, text=True, check=False
    ).stdout.split("\n")
    top = {line.split("/")[0] for line in tracked if line}
    if not top:
        pytest.skip("not a git checkout")
    assert {name for name in top if not name.startswith(".")} <= ALLOWED
