"""Nothing that was scanned reaches the disk: not the picture's bytes, not the key, not a code of it.

A picture is chosen, one is dropped, and a key URI is pasted.
"""

from __future__ import annotations

import base64

from browser.leak import choose, codes_of, picture, session, text_of, uri
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


def canaries(start, end):
    """Keys as text and bytes and the middle of each picture, three to a key; then every code that was sent."""
    found = []
    for key in KEYS:
        content = picture(key, str(KEYS.index(key)))
        middle = len(content) // 2
        found += [text_of(key).encode(), key, content[middle : middle + 40]]
    return found + [code for key in KEYS for code in codes_of(key, start, end)]


def give(page):
    """Choose a picture, drop one, paste a text."""
    choose(page, picture(KEYS[0], "0"))
    page.evaluate(GIVE, ["drop", "", base64.b64encode(picture(KEYS[1], "1")).decode()])
    page.evaluate(GIVE, ["paste", uri(KEYS[2], "2"), ""])
    all_there(page)


def all_there(page):
    expect(page.locator(".mfa-scan .live .digits")).to_have_count(3, timeout=30_000)


def test_no_picture_no_key_and_no_code_reaches_the_disk():
    traces = session(CELL, use=give, back=all_there, canaries=canaries)
    assert traces.hits == []
    assert "Scan of 0 accounts" in traces.notebook


def test_a_reader_that_leaks_is_caught():
    found = session(LEAKY, use=give, back=all_there, canaries=canaries, whole=False).found
    assert 3 in found  # the text of the dropped picture's key, which the title kept
    assert 5 in found  # that picture's bytes, which the lead kept
