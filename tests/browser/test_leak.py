"""Nothing secret reaches the disk: a canary key and its codes, and a search of everything that was written.

Saved with "save widget state" on, checkpointed, reloaded, executed by nbconvert, closed; then the notebook files,
checkpoints, IPython's history, the servers' logs, temporary files and the browser's profile are searched.
"""

from __future__ import annotations

import base64
import re
import subprocess
import sys
import time

import pyotp
import pytest
from browser.harness import Chrome, Notebook, Server
from browser.leak import forms, search
from playwright.sync_api import expect

# The key comes into the kernel by an environment-free way that leaves it in no cell: computed from a short seed.
MAKE_KEY = """
import hashlib
from mfatools.account import Account
from mfatools.secret import Secret
from mfatools.totp import Hotp, Totp
from mfatools.widgets.live import Live
key = Secret(hashlib.sha256(b"canary seed").digest()[:20])
"""
BOARD = (
    MAKE_KEY
    + """
long = [Account("Canary", str(place), Totp(key, digits=10, step=step)) for place, step in enumerate((30, 60))]
live = Live(*long, Account("Counter", "x", Hotp(key, digits=10)))
live
"""
)
PLANT = """
import ipywidgets
from IPython.display import display
display(ipywidgets.Text(value=key.reveal_base32()))
print(key.reveal())
print(live.accounts[0].otp.code(__import__("time").time()))
"""
TEN = re.compile(r"^\d{5} \d{5}$")


def canaries(start: float, end: float) -> list[bytes]:
    """The key as text and as bytes, and every code that was sent: ten digits are no accident in a file."""
    import hashlib

    key = hashlib.sha256(b"canary seed").digest()[:20]
    text = base64.b32encode(key).decode()
    handler = pyotp.HOTP(text)
    handler.digits = 10
    counters = {int(t // step) for step in (30, 60) for t in range(int(start) - 60, int(end) + 1000, 30)}
    return [text.encode(), key] + [handler.generate_otp(counter).encode() for counter in sorted(counters | {0})]


def session(server: Server, chrome: Chrome, *cells: str) -> Notebook:
    """Run, use, save, reload, execute by nbconvert and close: all that a person does."""
    book = Notebook(server, chrome.page(), server.write(cells)).open().run()
    page = book.page
    expect(page.locator(".live .digits").first).to_have_text(TEN)
    page.locator(".live .code").first.click()
    page.get_by_role("button", name="Next code of Canary").first.click()
    page.get_by_role("button", name="Next code of Counter").click()
    expect(page.locator(".live .digits").nth(2)).to_have_text(TEN)
    book.save()
    book.checkpoint()
    book.open()
    expect(page.locator(".live .digits").first).to_have_text(TEN)
    book.save()
    assert "widget-state+json" in book.path.read_text()  # the careless setting is on, or this test proves nothing
    command = ["nbconvert", "--to", "notebook", "--execute", book.path.name, "--output", "executed.ipynb"]
    subprocess.run(
        [sys.executable, "-m", *command], cwd=server.root, env=server.environment, check=True, capture_output=True
    )
    book.close()
    return book


@pytest.mark.parametrize("kind", ["lab", "notebook"])
def test_no_key_and_no_code_reaches_the_disk(kind):
    start = time.time()
    with Server(kind) as server:
        with Chrome() as chrome:
            book = session(server, chrome, BOARD)
            profile = chrome.profile
            chrome.context.close()  # the browser writes its session files when it ends
            hits = search([server.base, profile], canaries(start, time.time()))
        assert hits == []
        assert "Live board of 3 accounts" in book.path.read_text()
        assert list(server.base.rglob("history.sqlite")), "no history was kept: the search had nothing to look at"
        assert list(server.base.rglob("*checkpoint*.ipynb"))


def test_the_search_finds_what_is_planted():
    start = time.time()
    with Server("lab") as server:
        with Chrome() as chrome:
            session(server, chrome, BOARD, PLANT)
        hits = search([server.base], canaries(start, time.time()))
    places = {hit.split(":")[0].split("/")[-1] for hit in hits}
    assert "executed.ipynb" in places
    assert any(place.startswith("notebook1") for place in places)
    assert any(hit.endswith("canary 0") for hit in hits)
    assert any(int(hit.rsplit(" ", 1)[1]) >= 2 for hit in hits)  # a code too


@pytest.mark.parametrize("shift", range(6))
def test_a_canary_is_found_in_any_dress(tmp_path, shift):
    canary = b"ABCDEFGHJKLMNPQR2345"
    dress = [
        b"x" * shift + canary,
        base64.b64encode(b"x" * shift + canary + b"yz"),
        canary.decode().encode("utf-16-le"),
        canary.hex().encode(),
        canary.lower(),
    ]
    for number, content in enumerate(dress):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "file").write_bytes(b"before " + content + b" after")
        assert search([folder], [canary]) == ["file: canary 0"], number
    assert b"" not in forms(canary)
    assert min(map(len, forms(canary))) >= len(canary)
