"""Nothing that a person tells the doctor reaches the disk: no key, no code that the phone showed, no probe code.

A whole talk: a picture, a code, the key typed by hand, a diagnosis, a probe code.
"""

from __future__ import annotations

import re
import time

from browser.leak import choose, code_of, codes_of, picture, session, text_of
from playwright.sync_api import Page, expect

KEYS = [b"canary of the doctor", b"canary typed by hand"]
CELL = "from mfatools.widgets.doctor import Doctor\ndoctor = Doctor(clock=False)\ndoctor"
LEAKY = """
import traitlets
from mfatools.widgets.doctor import Doctor
class Leaky(Doctor):
    said = traitlets.Unicode("").tag(sync=True)
    def on_look(self, message):
        super().on_look(message)
        self.said = message.content["shown"]
    def on_details(self, message):
        super().on_details(message)
        self.said += message.content.get("key", "")
doctor = Leaky(clock=False)
doctor
"""


def canaries(start: float, end: float) -> list[bytes]:
    """Both keys as text and bytes, and every code that was sent, typed or offered."""
    return [form for key in KEYS for form in (text_of(key).encode(), key)] + codes_of(KEYS[0], start, end)


def talk(page: Page) -> None:
    """Picture, code, answer, key by hand, diagnosis, probe code."""
    choose(page, picture(KEYS[0]))
    expect(page.locator(".d-code .live .digits")).to_be_visible(timeout=30_000)
    page.locator(".d-big").press_sequentially(code_of(KEYS[0], int(time.time()) // 30))
    page.get_by_role("button", name="Continue").click()
    page.locator(".d-said", has_text="No, refused").click()
    page.get_by_text("The key was typed by hand").click()
    page.get_by_label("The key beside the QR code").fill(text_of(KEYS[1]))
    page.get_by_label("Which app shows the codes?").fill("Aegis")
    page.get_by_role("button", name="Why was it refused?").click()
    page.get_by_role("button", name="Show the code").click(timeout=60_000)
    for pattern in (r"\d{3} \d{3}", r"\d{5} \d{5}"):  # the usual settings first, then the QR code's own
        expect(page.locator(".d-probe-code")).to_have_text(re.compile(pattern))
        page.get_by_role("button", name="Copy", exact=True).click()
        page.get_by_role("button", name="Refused", exact=True).click()
    expect(page.locator(".d-probe-results li")).to_have_count(2)


def found_anew(page: Page) -> None:
    expect(page.locator(".d-best h4")).not_to_be_empty(timeout=30_000)


def test_no_key_and_no_code_that_was_told_reaches_the_disk():
    traces = session(CELL, use=talk, back=found_anew, canaries=canaries)
    assert traces.hits == []
    assert "Doctor, no diagnosis yet" in traces.notebook


def test_a_doctor_that_leaks_is_caught():
    found = session(LEAKY, use=talk, back=found_anew, canaries=canaries, whole=False).found
    assert 2 in found  # the key typed by hand
    assert any(number >= 4 for number in found)  # a code that was typed
