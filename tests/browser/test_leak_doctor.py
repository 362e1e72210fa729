"""Nothing that a person tells the doctor reaches the disk: no key, no code that the phone showed, no probe code.

The same search as for the live board (test_leak.py), after a whole talk: a picture, codes, the key typed by hand, a
diagnosis, a probe code. Codes have ten digits here: in a file they are no accident.
"""

from __future__ import annotations

import base64
import io
import subprocess
import sys
import time

import pyotp
import segno
from browser.harness import Chrome, Notebook, Server
from browser.leak import search
from playwright.sync_api import expect

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


def text_of(key: bytes) -> str:
    return base64.b32encode(key).decode().rstrip("=")


def code_of(t: float) -> str:
    handler = pyotp.HOTP(text_of(KEYS[0]))
    handler.digits = 10
    return str(handler.generate_otp(int(t // 30)))


def picture() -> bytes:
    out = io.BytesIO()
    uri = f"otpauth://totp/Canary:x?secret={text_of(KEYS[0])}&issuer=Canary&digits=10"
    segno.make(uri, micro=False).save(out, kind="png", scale=5, border=4)
    return out.getvalue()


def canaries(start: float, end: float) -> list[bytes]:
    """Both keys as text and bytes, and every code that was sent, typed or offered."""
    keys = [form for key in KEYS for form in (text_of(key).encode(), key)]
    return keys + [code_of(t).encode() for t in range(int(start) - 200, int(end) + 800, 30)]


def talk(server: Server, chrome: Chrome, cell: str) -> Notebook:
    """Picture, code, answer, key by hand, diagnosis, probe code; save, reload, execute, close."""
    book = Notebook(server, chrome.page(), server.write([cell])).open().run()
    page = book.page
    with page.expect_file_chooser() as chooser:
        page.locator("[data-act=choose]").click()
    chooser.value.set_files([{"name": "a.png", "mimeType": "image/png", "buffer": picture()}])
    expect(page.locator(".d-code .live .digits")).to_be_visible(timeout=30_000)
    page.locator(".d-big").press_sequentially(code_of(time.time()))
    page.get_by_role("button", name="That is it").click()
    page.locator(".d-said", has_text="No, refused").click()
    page.get_by_label("Was the key typed by hand?").fill(text_of(KEYS[1]))
    page.get_by_label("Which app shows the codes?").fill("Aegis")
    page.get_by_role("button", name="Why was it refused?").click()
    page.get_by_role("button", name="Show and copy").first.click(timeout=60_000)
    expect(page.locator(".d-probe-code").first).not_to_be_empty()
    book.save()
    book.checkpoint()
    book.open()
    expect(page.locator(".d-best h4")).not_to_be_empty(timeout=30_000)
    book.save()
    assert "widget-state+json" in book.path.read_text()  # the careless setting is on, or this test proves nothing
    command = ["nbconvert", "--to", "notebook", "--execute", book.path.name, "--output", "executed.ipynb"]
    subprocess.run(
        [sys.executable, "-m", *command], cwd=server.root, env=server.environment, check=True, capture_output=True
    )
    book.close()
    return book


def test_no_key_and_no_code_that_was_told_reaches_the_disk():
    start = time.time()
    with Server("lab") as server:
        with Chrome() as chrome:
            book = talk(server, chrome, CELL)
            chrome.context.close()  # the browser writes its session files when it ends
            hits = search([server.base, chrome.profile], canaries(start, time.time()))
        assert hits == []
        assert "Doctor, no diagnosis yet" in book.path.read_text()
        assert list(server.base.rglob("history.sqlite"))
        assert list(server.base.rglob("*checkpoint*.ipynb"))


def test_a_doctor_that_leaks_is_caught():
    start = time.time()
    with Server("lab") as server:
        with Chrome() as chrome:
            talk(server, chrome, LEAKY)
        hits = search([server.base], canaries(start, time.time()))
    found = {int(hit.rsplit(" ", 1)[1]) for hit in hits}
    assert 2 in found  # the key typed by hand
    assert any(number >= 4 for number in found)  # a code that was typed
