"""Nothing that was scanned reaches the disk: not the picture's bytes, not the key, not a code of it.

The same search as for the live board (test_leak.py), after a session in which a picture was chosen, one was dropped
and a key URI was pasted.
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

KEYS = [b"canary of a chosen file", b"canary that was dropped", b"canary that was pasted!"]
CELL = "from mfatools.widgets.scan import Scan\nscan = Scan()\nscan"
LEAKY = """
import base64
from mfatools import qr
from mfatools.widgets.scan import Scan
def reader(picture, **options):
    found = qr.read(picture, **options)
    scan.lead = base64.b64encode(picture).decode()
    scan.title = found[0].text
    return found
scan = Scan(reader=reader)
scan
"""
GIVE = """([kind, text, bytes]) => {
  const transfer = new DataTransfer();
  const raw = Uint8Array.from(atob(bytes), c => c.charCodeAt(0));
  if (text) transfer.setData('text/plain', text);
  else transfer.items.add(new File([raw], 'b.png', { type: 'image/png' }));
  const init = { bubbles: true, cancelable: true };
  document.querySelector('.mfa-scan-zone').dispatchEvent(kind === 'drop'
    ? new DragEvent('drop', { ...init, dataTransfer: transfer })
    : new ClipboardEvent('paste', { ...init, clipboardData: transfer }));
}"""


def text_of(key):
    return base64.b32encode(key).decode().rstrip("=")


def uri(key):
    return f"otpauth://totp/Canary:{KEYS.index(key)}?secret={text_of(key)}&issuer=Canary&digits=10"


def picture(key):
    out = io.BytesIO()
    segno.make(uri(key), micro=False).save(out, kind="png", scale=5, border=4)
    return out.getvalue()


def canaries(start, end):
    """Keys as text and bytes, the middle of each picture, and every code of ten digits that was sent."""
    found = []
    for key in KEYS:
        middle = len(picture(key)) // 2
        handler = pyotp.HOTP(text_of(key))
        handler.digits = 10
        counters = range(int(start) // 30 - 2, int(end) // 30 + 25)
        found += [text_of(key).encode(), key, picture(key)[middle : middle + 40]]
        found += [handler.generate_otp(counter).encode() for counter in counters]
    return found


def session(server, chrome, cell):
    """Give a picture by file, one by drop, a text by paste; save, reload, execute, close."""
    book = Notebook(server, chrome.page(), server.write([cell])).open().run()
    page = book.page
    with page.expect_file_chooser() as chooser:
        page.locator("[data-act=choose]").click()
    chooser.value.set_files([{"name": "a.png", "mimeType": "image/png", "buffer": picture(KEYS[0])}])
    page.evaluate(GIVE, ["drop", "", base64.b64encode(picture(KEYS[1])).decode()])
    page.evaluate(GIVE, ["paste", uri(KEYS[2]), ""])
    expect(page.locator(".mfa-scan .live .digits")).to_have_count(3, timeout=30_000)
    book.save()
    book.checkpoint()
    book.open()
    expect(page.locator(".mfa-scan .live .digits")).to_have_count(3, timeout=30_000)
    book.save()
    assert "widget-state+json" in book.path.read_text()  # the careless setting is on, or this test proves nothing
    command = ["nbconvert", "--to", "notebook", "--execute", book.path.name, "--output", "executed.ipynb"]
    subprocess.run(
        [sys.executable, "-m", *command], cwd=server.root, env=server.environment, check=True, capture_output=True
    )
    book.close()
    return book


def test_no_picture_no_key_and_no_code_reaches_the_disk():
    start = time.time()
    with Server("lab") as server:
        with Chrome() as chrome:
            book = session(server, chrome, CELL)
            chrome.context.close()  # the browser writes its session files when it ends
            hits = search([server.base, chrome.profile], canaries(start, time.time()))
        assert hits == []
        assert "Scan of 0 accounts" in book.path.read_text()
        assert list(server.base.rglob("history.sqlite"))
        assert list(server.base.rglob("*checkpoint*.ipynb"))


def test_a_reader_that_leaks_is_caught():
    start = time.time()
    with Server("lab") as server:
        with Chrome() as chrome:
            session(server, chrome, LEAKY)
        hits = search([server.base], canaries(start, time.time()))
    found = {int(hit.rsplit(" ", 1)[1]) for hit in hits}
    codes = (len(canaries(start, time.time())) - 9) // 3
    assert codes + 3 in found  # the text of the dropped picture's key, which the title kept
    assert codes + 5 in found  # that picture's bytes, which the lead kept
