"""The clock widget in real JupyterLab and Notebook 7, with the time bench behind it: a liar, a silent server."""

from __future__ import annotations

import re

import pytest
from browser.harness import axe
from farm import Farm
from playwright.sync_api import expect

TRUE = 47.0  # seconds to add to this computer's clock: the bench's honest servers say so
SERVERS = [
    {"behaviour": "honest", "offset": TRUE},
    {"behaviour": "honest", "offset": TRUE},
    {"behaviour": "honest", "offset": TRUE},
    {"behaviour": "honest", "offset": TRUE - 3600},  # the liar
    {"behaviour": "silent"},
]
CELL = """
import time
from mfatools.account import Account
from mfatools.secret import Secret
from mfatools.totp import Totp
from mfatools.widgets.clock import Clock
from mfatools.widgets.live import Live
otp = Totp(Secret(b"12345678901234567890"), step=5)
live = Live(Account("Quick", "", otp))
clock = Clock(live, servers={servers})
clock
"""


@pytest.fixture(scope="module")
def farm():
    with Farm(SERVERS) as running:
        yield running


@pytest.fixture
def book(notebook, farm):
    return notebook(CELL.format(servers=[tuple(one) for one in farm.addresses]), "live")


def test_the_lie_is_found_and_codes_flip_at_true_time(book, farm):
    page, before = book.page, sum(server["requests"] for server in farm.stats())
    face = page.locator(".clockw")
    expect(face.locator(".whom")).to_contain_text(str(farm.addresses[0][1]))
    assert sum(server["requests"] for server in farm.stats()) == before
    expect(page.locator(".live .clock")).to_contain_text("own clock")
    face.get_by_role("button", name="Check now").click()
    expect(face.locator(".verdict strong")).to_contain_text("agreed by 3 of 5 time servers", timeout=15_000)
    expect(face.locator(".verdict")).to_contain_text("contradicts the others")
    offset, bound = map(float, book.python("print(clock.report.offset, clock.report.bound)").split())
    assert abs(offset - TRUE) <= bound < 0.1
    expect(page.locator(".live .clock")).to_contain_text("47 s slow")
    flips = recorded(page, 3)
    for at, text in flips:
        # The browser and the kernel are on one machine here; a code begins where true time is a multiple of 5 s.
        early = (at + TRUE) % 5
        assert early < 0.6, f"changed {early:.2f} s after a boundary of true time"
        assert text.replace(" ", "") == book.python(f"print(otp.code({at + TRUE}))")
    face.get_by_role("switch").click()
    expect(page.locator(".live .clock")).to_contain_text("own clock")
    assert book.python("print(live.offset)") == "None"


def recorded(page, count):
    """The next moments (POSIX s by the browser) at which the code on the board changed, and to what."""
    page.evaluate(
        """() => { window.flips = [];
        const node = document.querySelector('.live .digits');
        new MutationObserver(() => window.flips.push([Date.now() / 1000, node.textContent]))
          .observe(node, { childList: true, characterData: true, subtree: true }); }"""
    )
    page.wait_for_function(f"() => window.flips.length >= {count}", timeout=60_000)
    return page.evaluate("() => window.flips")


def test_the_three_clocks_show_what_they_should(book):
    page = book.page
    page.get_by_role("button", name="Check now").click()
    expect(page.locator(".face[data-name='network'] .note")).to_contain_text("±", timeout=15_000)
    expect(page.locator(".face[data-name='kernel'] .note")).to_contain_text("47 s slow")
    read = "name => document.querySelector(`.face[data-name='${name}'] .time`).textContent.split(':').map(Number)"
    both = page.evaluate(f"() => {{ const read = {read}; return [read('network'), read('browser')]; }}")
    network, browser = (h * 3600 + m * 60 + s for h, m, s in both)
    assert (network - browser) % 86400 in (46, 47, 48)


def test_details_show_the_figure_and_all_servers(book):
    page = book.page
    page.get_by_role("button", name="Check now").click()
    page.locator(".clockw summary").click(timeout=15_000)
    picture = page.get_by_role("img", name=re.compile("Intervals of time servers"))
    expect(picture).to_be_visible(timeout=30_000)
    assert picture.evaluate("async node => { await node.decode(); return node.naturalWidth; }") > 500
    expect(page.locator(".clockw tbody tr")).to_have_count(5)
    expect(page.locator(".clockw tbody")).to_contain_text(
        re.compile("not waited for|no answer")
    )  # as fast as the others were


def test_after_a_reload_everything_is_there_and_nobody_is_asked_again(book, farm):
    book.page.get_by_role("button", name="Check now").click()
    expect(book.page.locator(".verdict")).to_be_visible(timeout=15_000)
    heard = sum(server["requests"] for server in farm.stats())
    book.save()
    book.open()
    expect(book.page.locator(".verdict")).to_contain_text("47", timeout=15_000)
    assert sum(server["requests"] for server in farm.stats()) == heard
    text = book.path.read_text()
    assert "47.0" not in text  # the report is in no notebook file
    assert "Not believed" not in text


def test_the_kernel_answers_while_it_measures(notebook, farm):
    slow = [tuple(farm.addresses[4]), tuple(farm.addresses[0])]
    book = notebook(CELL.format(servers=[*slow, *[tuple(one) for one in farm.addresses[3:4]]]))
    book.page.get_by_role("button", name="Check now").click()
    expect(book.page.get_by_role("button", name="Stop")).to_be_visible()
    assert book.python("print(6 * 7)") == "42"
    book.page.get_by_role("button", name="Stop").click()
    expect(book.page.locator(".clockw .status")).to_contain_text("Stopped")
    assert book.python("print(clock.report)") == "None"


def test_no_key_typed_here_touches_a_cell(book):
    cells = book.page.locator(".jp-Cell").count()
    book.page.get_by_role("button", name="Check now").focus()
    for key in "abdxymzlo":
        book.page.keyboard.press(key)
    assert book.page.locator(".jp-Cell").count() == cells


def test_start_holds_the_clock_folded_and_its_board_follows(notebook, farm):
    book = notebook("from mfatools.widgets.start import start\npage = start()\npage")
    line = book.page.locator(".mfa-scan .clockw")
    expect(line.locator(".brief")).to_have_text("Is this computer’s clock right?")
    expect(line.get_by_role("button", name="Check now")).to_be_hidden()
    line.get_by_role("button", name="Check the clock").click()
    expect(line.get_by_role("button", name="Check now")).to_be_visible()
    expect(line.locator(".whom")).to_contain_text("time.cloudflare.com")
    assert axe(book.page, ".mfa-scan") == []
    assert book.python("print(page.clock.report, page.clock._helm._boards[0] is page.live)") == "None True"
