"""The scan in real JupyterLab, Notebook 7, Voila and marimo: every way from a picture to a live code."""

from __future__ import annotations

import base64
import io
import re
import tempfile
import time
from pathlib import Path

import pyotp
import pytest
import segno
from browser.harness import Chrome, Notebook, Server, axe
from PIL import Image
from playwright.sync_api import expect

CELL = "from mfatools.widgets.scan import Scan\nscan = Scan()\nscan"
START = "from mfatools.widgets.start import start\nscan = start()\nscan"
SLEEP = """() => {
  const { kernel } = window.jupyterapp.shell.currentWidget.context.sessionContext.session;
  const code = 'import time; time.sleep(8)';
  window.busy = kernel.requestExecute({ code, store_history: false }).done.then(() => { window.free = true; });
}"""
KEY = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # RFC 6238's key: no secret at all
SIX = re.compile(r"^\d{3} \d{3}$")


def uri(name="alice", extra=""):
    return f"otpauth://totp/GitHub:{name}?secret={KEY}&issuer=GitHub{extra}"


def picture(text=None, scale=6):
    """A PNG of a QR code."""
    out = io.BytesIO()
    segno.make(text or uri(), micro=False).save(out, kind="png", scale=scale, border=4)
    return out.getvalue()


def file(name="shot.png", content=None):
    return {"name": name, "mimeType": "image/png", "buffer": content or picture()}


def choose(page, *files):
    with page.expect_file_chooser() as chooser:
        page.locator("[data-act=choose]").click()
    chooser.value.set_files(list(files))


def cards(page):
    """Accounts on the board and, above it, what is none."""
    return page.locator(".mfa-scan-card, .mfa-scan .live .card")


def code(page):
    return page.locator(".mfa-scan .live .digits").first


def shows_the_right_code(book):
    expect(code(book.page)).to_have_text(SIX, timeout=20_000)
    ask = "import time; print(scan.accounts[0].otp.code(time.time()))"
    before = book.python(ask)
    shown = code(book.page).inner_text().replace(" ", "")
    assert shown in {before, book.python(ask)}


def drop(page, path, selector=".mfa-scan-zone"):
    """Drop a file as the system does, through the browser's own drag and drop."""
    box = page.locator(selector).bounding_box()
    session = page.context.new_cdp_session(page)
    for kind in ("dragEnter", "dragOver", "drop"):
        data = {"items": [], "files": [str(path)], "dragOperationsMask": 1}
        place = {"x": box["x"] + 20, "y": box["y"] + 15}
        session.send("Input.dispatchDragEvent", {"type": kind, **place, "data": data})


def copy_picture(page, content):
    """Put a picture on the clipboard."""
    page.bring_to_front()
    page.evaluate(
        """async text => {
            const bytes = Uint8Array.from(atob(text), c => c.charCodeAt(0));
            const item = new ClipboardItem({ 'image/png': new Blob([bytes], { type: 'image/png' }) });
            await navigator.clipboard.write([item]);
        }""",
        base64.b64encode(content).decode(),
    )


def test_a_chosen_file_becomes_a_live_code(notebook):
    book = notebook(CELL)
    choose(book.page, file())
    expect(cards(book.page)).to_contain_text("GitHub")
    shows_the_right_code(book)
    assert book.python("print(scan, len(scan.accounts))") == "Scan of 1 account 1"


def test_several_files_with_notes_errors_and_other_codes(notebook):
    book = notebook(CELL)
    wifi, bad = picture("WIFI:S:home;T:WPA;P:secret;;"), picture("otpauth://totp/a?secret=A1A1A1A1&issuer=x")
    long = picture(uri("bob", "&algorithm=SHA256&digits=8"))
    blank = io.BytesIO()
    Image.new("L", (300, 300), 255).save(blank, "png")
    others = file("w.png", wifi), file("e.png", bad), file("n.png", blank.getvalue())
    choose(book.page, file("a.png"), file("b.png", long), *others, file("again.png"))
    expect(cards(book.page)).to_have_count(6, timeout=30_000)
    kinds = book.python("print(*sorted(card.sort for card in scan._cards))")
    assert kinds == "account account duplicate error nothing other"
    expect(book.page.locator(".live .warning")).to_have_count(2)
    expect(book.page.locator(".mfa-scan .live .digits")).to_have_count(2)
    assert axe(book.page, ".mfa-scan") == []


def test_a_dropped_file(notebook, tmp_path):
    book = notebook(CELL)
    path = tmp_path / "dropped.png"
    path.write_bytes(picture())
    drop(book.page, path)
    expect(cards(book.page)).to_contain_text("from dropped.png")
    shows_the_right_code(book)


@pytest.mark.parametrize("way", ["keys in the zone", "keys on the page", "button"])
def test_a_picture_from_the_clipboard(notebook, way):
    book = notebook(CELL)
    page = book.page
    page.locator(".mfa-scan-zone").wait_for()
    before = page.locator(".jp-Cell").count()
    copy_picture(page, picture())
    if way == "button":
        page.locator("[data-act=paste]").click()
    else:
        if way == "keys in the zone":
            page.locator(".mfa-scan-zone").focus()
        else:
            page.evaluate("() => document.activeElement.blur()")  # no cell is being edited
        page.keyboard.press("ControlOrMeta+V")
    expect(cards(page)).to_contain_text("pasted")
    expect(cards(page)).to_have_count(1)
    assert page.locator(".jp-Cell").count() == before  # the notebook's own paste-a-cell did not run


def test_a_paste_into_a_cell_stays_there(notebook):
    book = notebook(CELL, "x = 1")
    page = book.page
    page.locator(".mfa-scan-zone").wait_for()
    page.evaluate("text => navigator.clipboard.writeText(text)", "y = 'otpauth://'")
    page.locator(".jp-CodeCell .cm-content").nth(1).click()
    page.keyboard.press("ControlOrMeta+V")
    expect(page.locator(".jp-CodeCell .cm-content").nth(1)).to_contain_text("y = 'otpauth://'")
    expect(cards(page)).to_have_count(0)


def test_no_key_typed_in_it_touches_a_cell(notebook):
    book = notebook(CELL)
    page = book.page
    choose(page, file())
    expect(cards(page)).to_have_count(1)
    before = page.locator(".jp-Cell").count()
    for control in (".mfa-scan-zone", "[data-act=camera]", ".live .remove"):
        page.locator(f".mfa-scan {control}").first.focus()
        for key in "abdxymzlov":
            page.keyboard.press(key)
    assert page.locator(".jp-Cell").count() == before
    assert "Scan()" in page.locator(".jp-CodeCell").first.inner_text()
    expect(cards(page)).to_have_count(1)


def test_a_drop_while_a_cell_runs_is_not_lost(notebook):
    """With subshells it is often read at once, but JupyterLab does not always use one; else afterwards."""
    book = notebook(CELL, "pass")
    page = book.page
    page.locator(".mfa-scan.is-empty").wait_for()
    book.python("import mfatools.qr.cascade")
    page.evaluate(SLEEP)
    choose(page, file())
    page.evaluate("() => window.busy")
    expect(cards(page)).to_have_count(1, timeout=30_000)


def test_after_a_reload_cards_and_codes_are_back(notebook):
    book = notebook(CELL)
    choose(book.page, file())
    expect(cards(book.page)).to_have_count(1)
    book.save()
    book.open()
    expect(cards(book.page)).to_contain_text("GitHub")
    shows_the_right_code(book)
    choose(book.page, file("b.png", picture(uri("bob"))))
    expect(cards(book.page)).to_have_count(2)


def test_after_a_kernel_restart_it_says_so(notebook):
    book = notebook(CELL)
    book.page.locator(".mfa-scan.is-empty").wait_for()
    book.restart()
    choose(book.page, file())
    status = book.page.locator(".mfa-scan-status, .mfa-scan-job-state")
    expect(status.filter(has_text=re.compile("run this cell again|may be busy"))).to_have_count(1, timeout=15_000)


def test_a_card_and_its_code_are_removed(notebook):
    book = notebook(CELL)
    choose(book.page, file(), file("b.png", picture(uri("bob"))))
    expect(book.page.locator(".mfa-scan .live .digits")).to_have_count(2)
    book.page.get_by_role("button", name="Remove GitHub, alice").click()
    expect(cards(book.page)).to_have_count(1)
    expect(book.page.get_by_role("button", name="Remove GitHub, bob")).to_be_focused()
    expect(book.page.locator(".mfa-scan .live .digits")).to_have_count(1)
    assert book.python("print(len(scan.accounts), scan.found)") == "1 1"
    book.page.keyboard.press("Enter")
    expect(book.page.locator(".mfa-scan.is-empty .mfa-scan-zone")).to_be_focused()
    book.page.on("filechooser", lambda _: None)  # the browser must know before the key comes that nobody sees it
    book.page.evaluate("() => 0")  # and has heard of it once it answers this
    with book.page.expect_file_chooser():
        book.page.keyboard.press("Enter")


def test_start_shows_one_page(notebook):
    book = notebook(START)
    expect(book.page.get_by_role("heading", name="See your code, or find out why it was refused")).to_be_visible()
    choose(book.page, file())
    shows_the_right_code(book)
    book.run()
    shows_the_right_code(book)
    expect(cards(book.page)).to_have_count(1)
    expect(book.page.locator(".live .clock")).to_contain_text("Check the clock below.")
    assert book.python("print(scan is start(), len(scan.accounts))") == "True 1"
    assert axe(book.page, ".mfa-scan") == []


def from_the_picture_to_the_code(chrome, address):
    page = chrome.page()
    page.goto(address, timeout=90_000)
    page.locator(".mfa-scan.is-empty").wait_for(timeout=60_000)
    choose(page, file())
    expect(code(page)).to_have_text(SIX, timeout=20_000)
    return page


def on_to_the_finding(page):
    """Unfold the doctor and tell it of a code from five minutes ago, which the site refused."""
    page.locator(".mfa-scan-doctor summary").first.click()
    expect(page.locator(".d-code .live .digits")).to_have_text(SIX, timeout=20_000)
    page.get_by_role("button", name="Do not ask").click()  # the time servers: no test needs the internet
    expect(page.locator(".d-clock")).to_contain_text("No time server is asked")
    page.locator(".d-big").press_sequentially(pyotp.TOTP(KEY).at(int(time.time()) - 300))
    page.get_by_role("button", name="Continue").click()
    page.locator(".d-said", has_text="No, refused").click()
    page.get_by_role("button", name="Why was it refused?").click()
    expect(page.locator(".d-best h4")).to_have_text("The phone's clock is wrong", timeout=60_000)
    expect(page.locator(".d-best .d-figure [role=img]")).to_be_visible()


def test_voila_shows_it(servers, chrome):
    server = servers("voila")
    address = f"{server.url}/voila/render/"
    from_the_picture_to_the_code(chrome, address + server.write([CELL]).name).close()
    page = from_the_picture_to_the_code(chrome, address + server.write([START]).name)
    on_to_the_finding(page)
    page.close()


def test_marimo_shows_it(chrome):
    app = "import marimo\napp = marimo.App()\n\n@app.cell\ndef _():\n{}\n    return\n"
    files = {
        name: app.format("\n".join(f"    {line}" for line in cell.splitlines()))
        for name, cell in {"scan.py": CELL, "start.py": START}.items()
    }
    with Server("marimo", files=files) as server:
        from_the_picture_to_the_code(chrome, f"{server.url}/?file=scan.py").close()
        page = from_the_picture_to_the_code(chrome, f"{server.url}/?file=start.py")
        on_to_the_finding(page)
        page.close()


# --- camera and screen need a browser that is told what they show


@pytest.fixture(scope="module")
def filming():
    """Chromium with a camera that films a QR code."""
    with tempfile.TemporaryDirectory() as folder:
        code = Image.open(io.BytesIO(picture(scale=5))).convert("RGB")
        frame = Image.new("RGB", (640, 480), (188, 186, 180))
        frame.paste(code.rotate(7, expand=True, fillcolor=(188, 186, 180)), (150, 90))
        video = Path(folder) / "camera.mjpeg"
        out = io.BytesIO()
        frame.save(out, "jpeg", quality=88)
        video.write_bytes(out.getvalue() * 20)
        flags = (
            "--use-fake-ui-for-media-stream",
            "--use-fake-device-for-media-stream",
            f"--use-file-for-fake-video-capture={video}",
        )
        with Chrome(*flags, permissions=["camera"]) as running:
            yield running


@pytest.fixture
def filmed(filming, servers):
    """A notebook with a scan in that browser."""
    server = servers("lab")
    book = Notebook(server, filming.page(), server.write([CELL])).open().run()
    book.page.locator(".mfa-scan.is-empty").wait_for()
    yield book
    book.close()


def test_the_camera_finds_the_code_and_goes_off(filmed):
    page = filmed.page
    page.locator("[data-act=camera]").click()
    page.locator("polygon.is-account").wait_for(timeout=20_000)
    expect(cards(page)).to_contain_text("seen by the camera")
    shows_the_right_code(filmed)
    expect(page.locator(".mfa-scan-view")).to_have_count(0)


def test_a_captured_screen_is_read(filmed):
    # Headless there is no screen to choose: the page gets a real stream of a drawing in its place.
    filmed.page.evaluate(
        """async text => {
            const picture = new Image();
            picture.src = 'data:image/png;base64,' + text;
            await picture.decode();
            const canvas = Object.assign(document.createElement('canvas'), { width: 1280, height: 720 });
            const draw = () => canvas.getContext('2d').drawImage(picture, 200, 100);
            navigator.mediaDevices.getDisplayMedia = async () => {
                draw();
                setInterval(draw, 50);
                return (window.captured = canvas.captureStream(20));
            };
        }""",
        base64.b64encode(picture()).decode(),
    )
    filmed.page.locator("[data-act=screen]").click()
    expect(cards(filmed.page)).to_contain_text("captured from the screen", timeout=20_000)
    shows_the_right_code(filmed)
    assert filmed.page.evaluate("() => window.captured.getTracks().every(t => t.readyState === 'ended')")


def test_the_key_for_saving_saves_the_notebook_and_not_the_page(notebook):
    book = notebook(START)
    choose(book.page, file())
    expect(code(book.page)).to_have_text(SIX, timeout=20_000)
    before = book.path.stat().st_mtime_ns
    book.page.locator(".mfa-scan .live .code").first.focus()
    book.page.keyboard.press("Control+s")
    end = time.monotonic() + 10
    while book.path.stat().st_mtime_ns == before and time.monotonic() < end:
        book.page.wait_for_timeout(50)
    assert book.path.stat().st_mtime_ns > before
