"""The explorers in real JupyterLab and Notebook 7, in chromium."""

from __future__ import annotations

import re

import pytest
from browser.harness import axe
from playwright.sync_api import expect

IMPORT = "from mfatools import explore\n"
SLIDE = "(node, value) => { node.value = value; node.dispatchEvent(new Event('input', { bubbles: true })); }"


def test_windows_follow_the_slider(notebook):
    page = notebook(IMPORT + "shown = explore.windows()\nshown").page
    expect(page.locator(".verdict")).to_have_text("Accepted: the code is 1 step behind", timeout=30_000)
    page.locator("input[data-name=phone]").evaluate(SLIDE, -110)
    expect(page.locator(".verdict")).to_contain_text("Refused")
    expect(page.locator(".windows canvas")).to_have_attribute("aria-label", re.compile("110 s slow"))


def test_anatomy_takes_a_standards_example(notebook):
    page = notebook(IMPORT + "explore.anatomy()").page
    page.locator(".anatomy select").select_option("SHA256:3", timeout=30_000)
    expect(page.locator(".match")).to_have_text("✓ as the standard prints it")
    page.locator("button[data-row=digest]").first.focus()
    cells = page.locator(".jp-Cell").count()
    for key in "abdxymz":
        page.keyboard.press(key)
    assert page.locator(".jp-Cell").count() == cells


def test_lab_signs_in(notebook):
    page = notebook(IMPORT + "bench = explore.lab(seed=3)\nbench").page
    page.locator("[data-speed='300']").click(timeout=30_000)
    page.get_by_role("button", name="Log in").click()
    expect(page.locator(".log li.yes")).to_have_count(1, timeout=15_000)


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
@pytest.mark.parametrize("name", ["windows", "anatomy", "lab"])
def test_axe_finds_nothing(notebook, name, theme):
    page = notebook(f"{IMPORT}explore.{name}()").page
    change = "theme => window.jupyterapp.commands.execute('apputils:change-theme', { theme })"
    page.evaluate(change, theme)
    page.locator(f"body[data-jp-theme-light='{str(theme.endswith('Light')).lower()}']").wait_for(state="attached")
    expect(page.locator(f".explore.{name} .card").first).to_be_visible(timeout=30_000)
    try:
        assert axe(page, ".explore") == []
    finally:
        page.evaluate(change, "JupyterLab Light")


def test_nothing_of_it_is_stored(notebook):
    book = notebook(IMPORT + "shown = explore.anatomy()\nshown")
    expect(book.page.locator(".stage")).to_have_count(6, timeout=30_000)
    key = book.python("print(shown.otp.secret.reveal_base32(), shown.otp.secret.reveal().hex())").split()
    book.save()
    stored = book.path.read_text()
    assert "Explorer of a code" in stored
    assert not any(form in stored for form in key)
