"""The live board in real JupyterLab, Notebook 7, Voila and marimo, in chromium."""

from __future__ import annotations

import re

import pytest
from browser.harness import Notebook, Server, axe
from playwright.sync_api import Page, expect

KEY = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
IMPORTS = """
import time
from mfatools.account import Account
from mfatools.secret import Secret
from mfatools.totp import Hotp, Totp
from mfatools.widgets.live import Live
key = Secret(b"12345678901234567890")
"""
BOARD = (
    IMPORTS
    + """
live = Live(Account("GitHub", "alice", Totp(key)), Account("Bank", "joe", Hotp(key, counter=3)))
live
"""
)
SIX = re.compile(r"^\d{3} \d{3}$")


def digits(page: Page, place: int = 0):
    return page.locator(".live .digits").nth(place)


def show_the_kernels_code(book: Notebook, *pages: Page) -> None:
    """The first code on every page is the kernel's own, of just before the page is read or just after."""
    ask = "print(live.accounts[0].otp.code(time.time()))"
    for page in pages:
        before = book.python(ask)
        shown = digits(page).inner_text().replace(" ", "")
        assert shown in {before, book.python(ask)}


def test_enter_sends_a_pin(notebook):
    more = "from mfatools.nonstandard import Motp\nlive = Live(Account('VPN', 'joe', Motp(key)))\nlive"
    page = notebook(IMPORTS + more).page
    page.get_by_label("PIN of VPN").fill("1234", timeout=30_000)
    page.keyboard.press("Enter")
    expect(digits(page)).to_have_text(re.compile(r"^[0-9a-f]{3} ?[0-9a-f]{3}$"))


def test_the_code_shown_is_the_kernels(notebook):
    book = notebook(BOARD)
    expect(digits(book.page)).to_have_text(SIX)
    show_the_kernels_code(book, book.page)
    assert book.python("print(live)") == "Live board of 2 accounts"
    book.python("live.add(Account('Mail', 'bob', Totp(key, digits=8)))")
    expect(digits(book.page, 2)).to_have_text(re.compile(r"^\d{4} \d{4}$"))


def test_the_board_needs_no_scroll_bar_of_its_own(notebook):
    book = notebook(BOARD)
    expect(digits(book.page)).to_have_text(SIX)
    boxes = book.page.evaluate(
        """() => {
        const found = [];
        const area = document.querySelector('.jp-OutputArea');
        for (let node = document.querySelector('.live'); node !== area; node = node.parentElement) {
          found.push([node.className, node.scrollHeight, node.clientHeight, node.scrollWidth, node.clientWidth]);
        }
        return found; }"""
    )
    assert len(boxes) >= 3
    assert [box for box in boxes if box[1] > box[2] or box[3] > box[4]] == []


def test_codes_flip_while_a_cell_runs(notebook):
    seconds = 8
    quick = IMPORTS + "live = Live(Account('Quick', 'x', Totp(key, step=2)))\nlive"
    book = notebook(quick, "print('ready')")
    expect(digits(book.page)).to_have_text(SIX)
    book.page.evaluate(
        """() => { window.flips = [];
        const node = document.querySelector('.live .digits');
        new MutationObserver(() => window.flips.push([Date.now() / 1000, node.textContent]))
          .observe(node, { childList: true, characterData: true, subtree: true }); }"""
    )
    began, ended = book.python(
        f"a = time.time()\nwhile time.time() < a + {seconds}: pass\nprint(a, time.time())"
    ).split()
    flips = [flip for flip in book.page.evaluate("() => window.flips") if float(began) < flip[0] < float(ended)]
    assert len(flips) >= seconds / 2 - 2
    otp = book.python(f"print([live.accounts[0].otp.code(t) for t in {[at for at, _ in flips]!r}])")
    assert [text.replace(" ", "") for _, text in flips] == re.findall(r"\d{6}", otp)


def test_after_a_reload_the_codes_are_back_without_running_a_cell(notebook):
    book = notebook(BOARD)
    book.page.get_by_role("button", name="Next code of Bank").click()
    expect(digits(book.page, 1)).to_have_text("969 429")  # RFC 4226 appendix D, counter 3
    book.save()
    book.open()
    expect(digits(book.page)).to_have_text(SIX)
    expect(digits(book.page, 1)).to_have_text("969 429")
    show_the_kernels_code(book, book.page)


def test_after_a_kernel_restart_stand_dashes_and_a_plain_message(notebook):
    book = notebook(BOARD)
    expect(digits(book.page)).to_have_text(SIX)
    book.restart()
    expect(book.page.locator(".live .banner")).to_contain_text("restarted or shut down", timeout=15_000)
    expect(digits(book.page)).to_have_text("––– –––")
    book.run()
    expect(digits(book.page)).to_have_text(SIX)


def test_two_tabs_whose_clocks_differ_show_the_same_code(notebook, chrome):
    book = notebook(BOARD)
    other = chrome.page()
    other.add_init_script("const real = Date.now.bind(Date); Date.now = () => real() + 90_000;")
    book.save()
    second = Notebook(book.server, other, book.path).open()
    expect(digits(other)).to_have_text(SIX)
    expect(other.locator(".live .clock")).to_contain_text("ahead of")
    show_the_kernels_code(book, book.page, second.page)
    other.close()


def test_no_key_typed_on_the_board_touches_a_cell(notebook):
    book = notebook(BOARD)
    expect(digits(book.page)).to_have_text(SIX)
    cells = book.page.locator(".jp-Cell").count()
    for control in (".code", "button.small"):  # in Notebook 7 the mark on the board's root is not enough
        book.page.locator(f".live {control}").first.focus()
        for key in "abdxymzlo":
            book.page.keyboard.press(key)
    assert book.page.locator(".jp-Cell").count() == cells
    assert "Live(" in book.page.locator(".jp-CodeCell").first.inner_text()


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_axe_finds_nothing_in_either_theme(notebook, theme):
    book = notebook(BOARD)
    book.page.evaluate("theme => window.jupyterapp.commands.execute('apputils:change-theme', { theme })", theme)
    light = str(theme.endswith("Light")).lower()
    book.page.locator(f"body[data-jp-theme-light='{light}']").wait_for(state="attached")
    expect(digits(book.page)).to_have_text(SIX)
    try:
        assert axe(book.page, ".live") == []
    finally:
        book.page.evaluate(
            "() => window.jupyterapp.commands.execute('apputils:change-theme', { theme: 'JupyterLab Light' })"
        )


def test_voila_shows_it(servers, chrome):
    server = servers("voila")
    page = chrome.page()
    page.goto(f"{server.url}/voila/render/{server.write([BOARD]).name}", timeout=90_000)
    expect(digits(page)).to_have_text(SIX, timeout=60_000)
    page.get_by_role("button", name="Next code of Bank").click()
    expect(digits(page, 1)).to_have_text("969 429")
    page.close()


def test_marimo_shows_it(chrome):
    body = "\n".join(f"    {line}" for line in BOARD.strip().splitlines())
    app = f"import marimo\napp = marimo.App()\n\n@app.cell\ndef _():\n{body}\n    return\n"
    with Server("marimo", files={"board.py": app}) as server:
        page = chrome.page()
        page.goto(f"{server.url}/?file=board.py", timeout=90_000)
        expect(digits(page)).to_have_text(SIX, timeout=60_000)
        page.get_by_role("button", name="Next code of Bank").click()
        expect(digits(page, 1)).to_have_text("969 429")
        page.close()
