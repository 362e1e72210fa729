"""Nothing secret reaches the disk: a canary key and its codes, and a search of everything that was written.

Saved with "save widget state" on, checkpointed, reloaded, executed by nbconvert, closed; then the notebook files,
checkpoints, IPython's history, the servers' logs, temporary files and the browser's profile are searched.
"""

from __future__ import annotations

import base64
import hashlib
import re

import pytest
from browser.leak import code_of, codes_of, forms, search, session, text_of
from playwright.sync_api import Page, expect

KEY = hashlib.sha256(b"canary seed").digest()[:20]
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
    """The key as text and as bytes, and every code that was sent."""
    codes = codes_of(KEY, start, end) + codes_of(KEY, start, end, step=60)
    return [text_of(KEY).encode(), KEY, *codes, code_of(KEY, 0).encode()]


def use(page: Page) -> None:
    """Copy a code, see the next one, count one on."""
    back(page)
    page.locator(".live .code").first.click()
    page.get_by_role("button", name="Next code of Canary").first.click()
    page.get_by_role("button", name="Next code of Counter").click()
    expect(page.locator(".live .digits").nth(2)).to_have_text(TEN)


def back(page: Page) -> None:
    expect(page.locator(".live .digits").first).to_have_text(TEN)


@pytest.mark.parametrize("kind", ["lab", "notebook"])
def test_no_key_and_no_code_reaches_the_disk(kind):
    traces = session(BOARD, use=use, back=back, canaries=canaries, kind=kind)
    assert traces.hits == []
    assert "Live board of 3 accounts" in traces.notebook


def test_the_search_finds_what_is_planted():
    traces = session(BOARD, PLANT, use=use, back=back, canaries=canaries)
    places = {hit.split(":")[0].split("/")[-1] for hit in traces.hits}
    assert "executed.ipynb" in places
    assert any(place.startswith("notebook1") for place in places)
    assert 0 in traces.found
    assert max(traces.found) >= 2  # a code too


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
