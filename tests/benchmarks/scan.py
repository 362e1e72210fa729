"""Drop to result shown, in real JupyterLab and chromium: our Scan beside the plain way, FileUpload and pyzbar.

    uv run python tests/benchmarks/scan.py [--rounds 7]

Each round gives the same picture to both by turns, so that the ratio holds on a busy machine. Time runs inside the
page, from the event that hands over the file to the frame after the result stands in the document.
"""

from __future__ import annotations

import argparse
import base64
import io
import random
import statistics
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import segno
from browser.harness import Chrome, Notebook, Server
from PIL import Image, ImageDraw

CELL = """
import io, ipywidgets
import mfatools.qr.cascade  # both ways start with their libraries loaded
from PIL import Image
from pyzbar import pyzbar
from mfatools.widgets.scan import Scan

scan = Scan()
upload, said = ipywidgets.FileUpload(), ipywidgets.Label("-")
def plain(change):
    found = pyzbar.decode(Image.open(io.BytesIO(upload.value[0].content)))
    said.value = f"found {len(found)} round {upload.tooltip}"
upload.observe(plain, "value")
ipywidgets.VBox([scan, upload, said])
"""
READY = """() => {
  // FileUpload keeps its input out of the document: catch it when it is clicked.
  const click = HTMLInputElement.prototype.click;
  HTMLInputElement.prototype.click = function () {
    if (this.type === 'file') window.input = this; else click.call(this);
  };
  document.querySelector('.widget-upload').click();
}"""
GIVE = """([way, text, type]) => new Promise(done => {
  const raw = Uint8Array.from(atob(text), c => c.charCodeAt(0));
  const transfer = new DataTransfer();
  transfer.items.add(new File([raw], 'shot', { type }));
  const place = document.querySelector(way === 'scan' ? '.mfa-scan' : '.widget-label');
  let begun;
  const watch = new MutationObserver(() => {
    const card = document.querySelector('.mfa-scan-card, .mfa-scan .live .card');
    if (way === 'scan' ? !card : !place.textContent.startsWith('found 1')) return;
    watch.disconnect();
    requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - begun)));
  });
  watch.observe(place, { childList: true, subtree: true, characterData: true });
  begun = performance.now();
  if (way === 'scan') {
    const event = new DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer: transfer });
    document.querySelector('.mfa-scan-zone').dispatchEvent(event);
  } else {
    window.input.files = transfer.files;
    window.input.dispatchEvent(new Event('change'));
  }
})"""


def picture(width: int, height: int, kind: str) -> bytes:
    """A page of a web site with a QR code on it, as a screenshot (png) or a photograph (jpeg) would hold it."""
    dice = random.Random(width)
    page = Image.new("RGB", (width, height), (250, 250, 252))
    pen = ImageDraw.Draw(page)
    for _ in range(width // 4):
        x, y, tone = dice.randrange(width), dice.randrange(height), dice.randrange(60, 230)
        pen.rectangle((x, y, x + dice.randrange(4, 90), y + dice.randrange(2, 14)), fill=(tone, tone, tone + 20))
    out = io.BytesIO()
    uri = "otpauth://totp/Bench:alice?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Bench"
    segno.make(uri, micro=False).save(out, kind="png", scale=height // 180, border=4)
    page.paste(Image.open(io.BytesIO(out.getvalue())).convert("RGB"), (width // 3, height // 4))
    if kind == "jpeg":
        grain = Image.effect_noise((width, height), 25).convert("RGB")
        page = Image.blend(page, grain, 0.15)
    out = io.BytesIO()
    page.save(out, kind, quality=90)
    return out.getvalue()


def measure(book: Notebook, content: bytes, kind: str, rounds: int) -> dict[str, list[float]]:
    """Milliseconds of each round, by way. The first round warms up and is left out."""
    times: dict[str, list[float]] = {"scan": [], "plain": []}
    text = base64.b64encode(content).decode()
    for _ in range(rounds + 1):
        for way, kept in times.items():
            kept.append(book.page.evaluate(GIVE, [way, text, f"image/{kind}"]))
        book.python("scan.clear(); said.value = '-'")
        book.page.locator(".mfa-scan.is-empty").wait_for()
    return {way: kept[1:] for way, kept in times.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args().rounds
    print(f"{'picture':26}{'Scan: median':>14}{'worst':>9}{'plain: median':>16}{'worst':>9}{'ratio':>8}")
    with Server("lab") as server, Chrome() as chrome:
        book = Notebook(server, chrome.page(), server.write([CELL])).open().run()
        book.page.locator(".mfa-scan.is-empty").wait_for()
        book.page.evaluate(READY)
        for width, height in ((1920, 1080), (3840, 2160)):
            for kind in ("png", "jpeg"):
                content = picture(width, height, kind)
                times = measure(book, content, kind, rounds)
                print(row(f"{width} x {height} {kind}, {len(content) / 1e6:.1f} MB", times))


def row(name: str, times: dict[str, list[float]]) -> str:
    """One line of the table."""
    ours, plain = (statistics.median(times[way]) for way in ("scan", "plain"))
    slowest, slowest_plain = (max(times[way]) for way in ("scan", "plain"))
    left = f"{name:26}{ours:11.0f} ms{slowest:6.0f} ms"
    return f"{left}{plain:13.0f} ms{slowest_plain:6.0f} ms{ours / plain:8.2f}"


if __name__ == "__main__":
    main()
