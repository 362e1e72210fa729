"""One chromium and one server of each kind for all browser tests; a fresh notebook, kernel and tab for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from browser.harness import BarePage, Chrome, Notebook, Server


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests run last: playwright's loop stays in this thread and would be in the way of others."""
    items.sort(key=lambda item: item.path.parent.name == "browser")
    for item in items:
        if item.path.parent.name == "browser" and not item.path.stem.endswith("_page"):
            # A real server, kernel and browser share two cores here: a start that takes too long is tried again. A
            # fault of ours fails every time. The bare pages, with a clock that is held, get one try.
            item.add_marker(pytest.mark.flaky(reruns=2))


@pytest.fixture(scope="session")
def chrome() -> Iterator[Chrome]:
    with Chrome() as running:
        yield running


@pytest.fixture(scope="session")
def still_chrome() -> Iterator[Chrome]:
    """A chromium of its own for bare pages: a held clock holds for the whole browser, notebooks included."""
    with Chrome() as running:
        yield running


@pytest.fixture(scope="session")
def servers() -> Iterator[Callable[[str], Server]]:
    """Servers by kind, each started when a test first asks for it."""
    running: dict[str, Server] = {}

    def get(kind: str) -> Server:
        if kind not in running:
            running[kind] = Server(kind).__enter__()
        return running[kind]

    yield get
    for server in running.values():
        server.__exit__()


@pytest.fixture(params=["lab", "notebook"])
def notebook(
    request: pytest.FixtureRequest, chrome: Chrome, servers: Callable[[str], Server]
) -> Iterator[Callable[..., Notebook]]:
    """``notebook(cell, cell, ...)`` writes, opens and runs one, in JupyterLab and again in Notebook 7."""
    server, opened = servers(request.param), []

    def run(*cells: str, wait: bool = True) -> Notebook:
        book = Notebook(server, chrome.page(), server.write(cells)).open()
        opened.append(book)
        return book.run(wait=wait)

    yield run
    for book in opened:
        book.close()


@pytest.fixture
def bare(still_chrome: Chrome) -> Iterator[Callable[..., BarePage]]:
    """``bare(Widget)`` shows a widget in an empty page with a fake model and a fake clock."""
    pages: list[BarePage] = []

    def show(widget: type, **options: object) -> BarePage:
        pages.append(BarePage(still_chrome.page(), widget, **options))  # type: ignore[arg-type]
        return pages[-1]

    yield show
    for shown in pages:
        assert not shown.page.errors, shown.page.errors  # type: ignore[attr-defined]
        shown.page.close()
