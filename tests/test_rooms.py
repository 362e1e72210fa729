"""The house: a room imports only rooms that stand before it here, and the rooms of floors 0 to 3 are pure."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import mfatools

PACKAGE = Path(mfatools.__file__).parent

# DESIGN, section 1. On one floor, too, a room may use only those to its left: so no circle can arise.
FLOORS = {
    0: "errors secret notes data phrases checks",
    1: "totp nonstandard ntp protobuf odds drift",
    2: "keyuri keyvalues account migration windows scene consensus",
    3: "intake lab lessons diagnose casework",
    4: "loopback qr clock",
    5: "plots",
    6: "widgets explore cli __init__ __main__",
}
ORDER = [room for floor in FLOORS.values() for room in floor.split()]
FLOOR = {room: floor for floor, rooms in FLOORS.items() for room in rooms.split()}

# A pure room reads no clock, opens no socket, touches no file, draws nothing and knows no browser.
NAMES = (
    "time socket ssl select selectors asyncio threading multiprocessing subprocess signal os io pathlib tempfile "
    "shutil glob logging http requests httpx urllib3 zoneinfo locale PIL numpy matplotlib ipywidgets anywidget "
    "IPython traitlets pyzbar zxingcpp segno pillow_heif click rich"
)
IMPURE = set(NAMES.split())
LAZY = {"diagnose": {"numpy"}}  # may be imported inside a function there
CALLS = {"open", "print", "input", "eval", "exec"}
CLOCKS = {"now", "utcnow", "today"}


def sources():
    return [path for path in sorted(PACKAGE.rglob("*.py")) if "notebooks" not in path.parts]


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(node: ast.AST, path: Path) -> list[str]:
    """Full names of what one import statement brings in; relative ones made absolute."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        parents = ["mfatools", *path.relative_to(PACKAGE).parts[:-1]]
        base = [*parents[: len(parents) - node.level + 1]] if node.level else []
        start = ".".join([*base, node.module or ""]).strip(".")
        return [f"{start}.{alias.name}" for alias in node.names]
    return []


def imports(path: Path) -> list[str]:
    tree = ast.parse(path.read_text("utf-8"))
    return [name for node in ast.walk(tree) for name in imported(node, path)]


def upward(room: str, names: list[str]) -> list[str]:
    """The rooms of this package among ``names`` that ``room`` must not import."""
    targets = {name.split(".")[1] for name in names if name.startswith("mfatools.")} & set(ORDER) - {room}
    return [target for target in targets if ORDER.index(target) >= ORDER.index(room)]


def impurities(source: str, room: str, path: Path) -> list[str]:
    tree = ast.parse(source)
    top = {id(node) for node in tree.body}
    found = []
    for node in ast.walk(tree):
        heads = {name.split(".")[0] for name in imported(node, path)}
        heads |= {"urllib.request"} & {".".join(name.split(".")[:2]) for name in imported(node, path)}
        allowed = set() if id(node) in top else LAZY.get(room, set())
        found += heads & (IMPURE | {"urllib.request"}) - allowed
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CALLS:
            found.append(f"{node.func.id}()")
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CLOCKS:
            found += [f"{node.func.attr}()"] if "date" in ast.unparse(node.func.value) else []
    return found


@pytest.mark.parametrize("path", sources(), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_imports_run_downward_only(path):
    room = room_of(path)
    assert room in ORDER, f"{room} stands on no floor: give it one in FLOORS"
    assert upward(room, imports(path)) == []


PURE = [path for path in sources() if FLOOR.get(room_of(path), 9) <= 3]


@pytest.mark.parametrize("path", PURE, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_floors_0_to_3_are_pure(path):
    assert impurities(path.read_text("utf-8"), room_of(path), path) == []


def test_a_breach_is_found():
    assert upward("totp", ["mfatools.account.parse"]) == ["account"]
    assert upward("errors", ["mfatools.secret"]) == ["secret"]
    assert upward("account", ["mfatools.totp.Totp", "json"]) == []
    path = PACKAGE / "lab" / "bench.py"
    assert imported(ast.parse("from ..qr import read").body[0], path) == ["mfatools.qr.read"]
    assert imported(ast.parse("from . import phone").body[0], path) == ["mfatools.lab.phone"]
    assert impurities("import time", "lab", path) == ["time"]
    assert impurities("import urllib.request", "lab", path) == ["urllib.request"]
    assert impurities("def f():\n    import numpy", "lab", path) == ["numpy"]
    assert impurities("def f():\n    import numpy", "diagnose", path) == []
    assert impurities("open('x')", "lab", path) == ["open()"]
    assert impurities("datetime.datetime.now(tz)", "lab", path) == ["now()"]
    assert impurities("clock.now()", "lab", path) == []
