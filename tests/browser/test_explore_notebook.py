"""The explorers in real JupyterLab and Notebook 7, in chromium."""

from __future__ import annotations

import re

from browser.harness import axe
from playwright.sync_api import expect

IMPORT = "from mfatools import explore\n"
SLIDE = "(node, value) => { node.value = value; node.dispatchEvent(new Event('input', { bubbles: true })); }"


def axe_in_both_themes(page):
    change = "theme => window.jupyterapp.commands.execute('apputils:change-theme', { theme })"
    found = []
    for theme, light in (("JupyterLab Dark", "false"), ("JupyterLab Light", "true")):
        page.evaluate(change, theme)
        page.locator(f"body[data-jp-theme-light='{light}']").wait_for(state="attached")
        found += [f"{theme}: {line}" for line in axe(page, ".explore")]
    return found


def test_windows_follow_the_slider(notebook):
    page = notebook(IMPORT + "shown = explore.windows()\nshown").page
    expect(page.locator(".verdict")).to_have_text("Accepted: the code is 1 step behind", timeout=30_000)
    page.locator("input[data-name=phone]").evaluate(SLIDE, -110)
    expect(page.locator(".verdict")).to_contain_text("Refused")
    expect(page.locator(".windows .frame")).to_have_attribute("aria-label", re.compile("110 s slow"))
    assert axe_in_both_themes(page) == []


def test_anatomy_takes_a_standards_example(notebook):
    page = notebook(IMPORT + "explore.anatomy()").page
    page.locator(".anatomy select").select_option("SHA256:3", timeout=30_000)
    expect(page.locator(".match")).to_have_text("✓ as the standard prints it")
    page.locator("button[data-row=digest]").first.focus()
    cells = page.locator(".jp-Cell").count()
    for key in "abdxymz":
        page.keyboard.press(key)
    assert page.locator(".jp-Cell").count() == cells
    assert axe_in_both_themes(page) == []


def test_anatomy_takes_what_ends_with_enter(notebook):
    page = notebook(IMPORT + "explore.anatomy()").page
    page.locator(".anatomy input.time").fill("59", timeout=30_000)
    page.keyboard.press("Enter")
    expect(page.locator(".stage").nth(1)).to_contain_text("The moving part: step 1")
    page.locator(".anatomy summary").click()
    page.get_by_label("A key in base32").fill("JBSWY3DPEHPK3PXP")
    page.keyboard.press("Enter")
    expect(page.locator(".stage").first).to_contain_text("A key of your own")


def test_lab_signs_in(notebook):
    page = notebook(IMPORT + "bench = explore.lab(seed=3)\nbench").page
    page.locator("[data-speed='300']").click(timeout=30_000)
    page.get_by_role("button", name="Log in").click()
    expect(page.locator(".log li.yes")).to_have_count(1, timeout=15_000)
    assert axe_in_both_themes(page) == []


def test_nothing_of_it_is_stored(notebook):
    book = notebook(IMPORT + "shown = explore.anatomy()\nshown")
    expect(book.page.locator(".stage")).to_have_count(6, timeout=30_000)
    key = book.python("print(shown.otp.secret.reveal_base32(), shown.otp.secret.reveal().hex())").split()
    book.save()
    stored = book.path.read_text()
    assert "Explorer of a code" in stored
    assert not any(form in stored for form in key)
