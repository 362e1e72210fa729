"""What the leak tests share: a whole notebook session, and a search of everything that it wrote for canaries.

A canary is searched for as it is, as UTF-16 (Chromium's session files) and as base64 at each of the three
alignments (a value inside a larger base64 text), in file contents and, for archives of gzip kind, unpacked.
"""

from __future__ import annotations

import base64
import gzip
import io
import subprocess
import sys
import time
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyotp
import segno
from browser.harness import Chrome, Notebook, Server
from numpy.typing import NDArray
from playwright.sync_api import Page

_WORD = 8  # bytes; no form of a canary is shorter


@dataclass(frozen=True)
class Traces:
    """What a session left behind: where a canary was found, which ones were, and the saved notebook."""

    hits: list[str]
    found: set[int]
    notebook: str


def session(
    *cells: str,
    use: Callable[[Page], object],
    back: Callable[[Page], object],
    canaries: Callable[[float, float], list[bytes]],
    kind: str = "lab",
    whole: bool = True,
) -> Traces:
    """Do all that a person does, then search the server's files and the browser's profile.

    Run the cells, ``use`` the page, save, make a checkpoint, reload until it is ``back``, save, execute by
    nbconvert, close notebook and browser. "Save widget state" is on. ``canaries`` is asked for the time between two
    moments, POSIX seconds. Without ``whole`` it ends with the first save, which is enough to catch a planted leak.
    """
    start = time.time()
    with Server(kind) as server, Chrome() as chrome:
        book = Notebook(server, chrome.page(), server.write(cells)).open().run()
        use(book.page)
        book.save()
        book.checkpoint()
        if whole:
            book.open()
            back(book.page)
            book.save()
            _execute(server, book)
        book.close()
        chrome.context.close()  # the browser writes its session files when it ends
        text = book.path.read_text()
        # The careless setting was on, and there was something to search, or this would prove nothing.
        assert "widget-state+json" in text
        assert list(server.base.rglob("history.sqlite"))
        assert list(server.base.rglob("*checkpoint*.ipynb"))
        hits = search([server.base, chrome.profile], canaries(start, time.time()))
    return Traces(hits, {int(hit.rsplit(" ", 1)[1]) for hit in hits}, text)


def _execute(server: Server, book: Notebook) -> None:
    command = ["nbconvert", "--to", "notebook", "--execute", book.path.name, "--output", "executed.ipynb"]
    subprocess.run(
        [sys.executable, "-m", *command], cwd=server.root, env=server.environment, check=True, capture_output=True
    )


def text_of(key: bytes) -> str:
    """A key as people see it."""
    return base64.b32encode(key).decode().rstrip("=")


def code_of(key: bytes, counter: int) -> str:
    """A code of ten digits: in a file it is no accident."""
    handler = pyotp.HOTP(text_of(key))
    handler.digits = 10
    return str(handler.generate_otp(counter))


def codes_of(key: bytes, start: float, end: float, step: int = 30) -> list[bytes]:
    """Every code that a page may have got between two moments, POSIX seconds."""
    counters = range(int(start - 200) // step, int(end + 1000) // step + 1)
    return [code_of(key, counter).encode() for counter in counters]


def picture(key: bytes, name: str = "x") -> bytes:
    """The QR code of a canary's entry as a PNG."""
    out = io.BytesIO()
    segno.make(uri(key, name), micro=False).save(out, kind="png", scale=5, border=4)
    return out.getvalue()


def uri(key: bytes, name: str = "x") -> str:
    """A canary's entry."""
    return f"otpauth://totp/Canary:{name}?secret={text_of(key)}&issuer=Canary&digits=10"


def choose(page: Page, content: bytes) -> None:
    """Give a picture through the file input."""
    with page.expect_file_chooser() as chooser:
        page.locator("[data-act=choose]").click()
    chooser.value.set_files([{"name": "a.png", "mimeType": "image/png", "buffer": content}])


def forms(canary: bytes) -> set[bytes]:
    """How ``canary`` may stand in a file."""
    found = {canary}
    if canary.isascii():
        text = canary.decode()
        found |= {text.encode("utf-16-le"), text.encode("utf-16-be"), text.lower().encode(), text.upper().encode()}
        found.add(canary.hex().encode())
    for shift in range(3):
        # The characters that also depend on the neighbours are cut off at both ends.
        whole = base64.b64encode(b"\0" * shift + canary)
        start = -(-shift * 8 // 6)
        found.add(whole[start : (shift + len(canary)) * 8 // 6])
    return found


def search(folders: Iterable[Path], canaries: Iterable[bytes]) -> list[str]:
    """Every file below ``folders`` that holds a canary in one of its forms: ``path: which canary``."""
    wanted = [(number, form) for number, canary in enumerate(canaries) for form in forms(canary)]
    starts = np.unique(np.array([int.from_bytes(form[:_WORD], "little") for _, form in wanted], "<u8"))
    hits = set()
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            for content in _contents(path):
                if _may_hold(content, starts):
                    hits |= {
                        f"{path.relative_to(folder)}: canary {number}" for number, form in wanted if form in content
                    }
    return sorted(hits)


def _may_hold(content: bytes, starts: NDArray[np.uint64]) -> bool:
    """Whether the first eight bytes of any form stand in ``content``: one pass for thousands of forms."""
    for shift in range(_WORD):
        words = np.frombuffer(content, "<u8", max(0, len(content) - shift) // _WORD, min(shift, len(content)))
        if (starts[np.searchsorted(starts, words).clip(max=len(starts) - 1)] == words).any():
            return True
    return False


def _contents(path: Path) -> list[bytes]:
    if path.is_symlink() or not path.is_file():
        return []
    try:
        content = path.read_bytes()
    except OSError:  # gone meanwhile, or a socket
        return []
    if content[:2] != b"\x1f\x8b":
        return [content]
    try:
        return [content, gzip.decompress(content)]
    except (OSError, EOFError, zlib.error):
        return [content]
