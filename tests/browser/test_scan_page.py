"""The page's half of the scan in a bare page: a fake model plays the kernel, the test holds the clock."""

from __future__ import annotations

import base64
import io
import re

import pytest
from browser.harness import BarePage, axe
from PIL import Image
from playwright.sync_api import expect

from mfatools.widgets.scan import Scan

PICTURE = b"\x89PNG not really, but nobody looks before the kernel does"
CARD = {"id": "c1", "kind": "account", "title": "GitHub", "subtitle": "alice", "source": "from a.png"}
MORE = [
    {
        "id": "c2",
        "kind": "error",
        "title": "This could not be read",
        "text": "The key is empty.",
        "hint": "Scan again.",
    },
    {
        **CARD,
        "id": "c3",
        "title": "A bank with a name that is far too long for a narrow page",
        "subtitle": "customer-0012345678@a-very-long-domain-name.example.org",
        "facts": ["8 digits", "a new code every 60 seconds"],
        "notes": [
            {"code": "W_ALG_COMPAT", "text": "This entry asks for SHA256.", "severity": "warn"},
            {"code": "W_SECRET_LOWER", "text": "The key is in small letters.", "severity": "info"},
        ],
    },
    {"id": "c4", "kind": "batch", "title": "1 of 3 codes of this export still missing", "hint": "Scan it too."},
    {"id": "c5", "kind": "nothing", "title": "No QR code was read", "text": "It is cut off.", "source": "pasted"},
    {"id": "c6", "kind": "other", "title": "Not a two-factor code", "text": "A Wi-Fi network."},
    {"id": "c7", "kind": "duplicate", "title": "GitHub is here already", "subtitle": "alice"},
]
# A paste or a drop as the browser would make it; returns whether the page took it.
EVENT = """([kind, selector, files, text]) => {
  const transfer = new DataTransfer();
  for (const [name, type, bytes] of files) transfer.items.add(new File([new Uint8Array(bytes)], name, { type }));
  if (text) transfer.setData('text/plain', text);
  const init = { bubbles: true, cancelable: true, composed: true };
  const event = kind === 'paste'
    ? new ClipboardEvent('paste', { ...init, clipboardData: transfer })
    : new DragEvent(kind, { ...init, dataTransfer: transfer });
  window.bubbled = false;
  document.addEventListener(kind, () => { window.bubbled = true; }, { once: true });
  document.querySelector(selector).dispatchEvent(event);
  return event.defaultPrevented;
}"""
# A camera that shows a drawing: no device, no permission, but a real stream.
CAMERA = """() => {
  const canvas = document.createElement('canvas');
  Object.assign(canvas, { width: 640, height: 480 });
  window.paint = () => { canvas.getContext('2d').fillRect(0, 0, 640 * Math.random(), 480); };
  window.tracks = [];
  const getUserMedia = async () => {
    window.paint();
    const stream = canvas.captureStream(30);
    window.tracks.push(...stream.getTracks());
    window.painting = setInterval(window.paint, 30);
    return stream;
  };
  const enumerateDevices = async () => [];
  Object.defineProperty(navigator, 'mediaDevices', { value: { getUserMedia, enumerateDevices } });
}"""


def shot(name="a.png", content=PICTURE, kind="image/png"):
    return [name, kind, list(content)]


def give(page, kind, selector=".mfa-scan-zone", files=(), text=""):
    return page.page.evaluate(EVENT, [kind, selector, list(files), text])


def choose(page, *names, content=PICTURE, kind="image/png"):
    files = [{"name": name, "mimeType": kind, "buffer": content} for name in names]
    page.page.locator(".mfa-scan-input").set_input_files(files)


def arrived(page, count, kind="picture"):
    """Wait until that many messages of a kind were sent; return them."""
    page.page.wait_for_function(
        "([kind, count]) => window.fake.sent.filter(m => m.type === kind).length >= count", arg=[kind, count]
    )
    sent = page.sent(kind)
    assert len(sent) == count
    return sent


def bytes_of(page, nonce):
    """The buffer that went with a message."""
    text = page.page.evaluate(
        """nonce => new Promise(done => {
            const { sent, buffers } = window.fake;
            const reader = new FileReader();
            reader.onload = () => done(reader.result.split(',')[1]);
            reader.readAsDataURL(new Blob(buffers[sent.findIndex(m => m.nonce === nonce)]));
        })""",
        nonce,
    )
    return base64.b64decode(text)


def status(page):
    return page.page.locator(".mfa-scan-status")


def test_it_says_hello_and_is_empty(bare):
    page = bare(Scan)
    (hello,) = page.sent()
    assert hello["type"] == "hello"
    page.emit(type="cards", cards=[])
    expect(page.page.locator(".mfa-scan")).to_have_class(re.compile("is-empty"))
    expect(page.page.get_by_text("the notebook would save it")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("cards", [[], [CARD], [*MORE, CARD]], ids=["empty", "one", "many"])
def test_anybody_can_use_it(bare, scheme, cards):
    page = bare(Scan, title="A heading", lead="A sentence.")
    page.page.emulate_media(color_scheme=scheme)
    page.page.add_style_tag(content=":root { color-scheme: light dark; background: light-dark(#fff, #111) }")
    page.emit(type="cards", cards=cards)
    choose(page, "a.png", "b.png")
    arrived(page, 1)
    assert axe(page.page, ".mfa-scan") == []


def test_it_fits_a_phone(bare):
    page = bare(Scan)
    page.page.set_viewport_size({"width": 360, "height": 740})
    page.emit(type="cards", cards=[*MORE, CARD])
    choose(page, "a-name-without-any-blank-" * 8 + ".png")
    assert page.page.evaluate("() => document.documentElement.scrollWidth") == 360


def test_a_page_without_https_says_what_works(chrome):
    tab = chrome.page()
    for name in ("mediaDevices", "clipboard"):
        tab.add_init_script(f"Object.defineProperty(navigator, '{name}', {{ value: undefined }})")
    page = BarePage(tab, Scan)
    expect(page.page.get_by_text("only on https and localhost pages")).to_be_visible()
    expect(page.page.locator("[data-act=camera]")).to_have_count(0)
    page.page.locator("[data-act=paste]").click()
    expect(status(page)).to_contain_text("Press Ctrl+V now")
    expect(page.page.locator(".mfa-scan-zone")).to_be_focused()
    tab.close()


def test_a_file_travels_as_bytes_beside_the_message(bare):
    page = bare(Scan)
    choose(page, "a.png")
    (sent,) = arrived(page, 1)
    assert {key: sent[key] for key in ("name", "via")} == {"name": "a.png", "via": "file"}
    assert set(sent) == {"type", "nonce", "name", "via", "lot"}
    assert bytes_of(page, sent["nonce"]) == PICTURE
    page.emit(type="done", nonce=sent["nonce"], say="Found: GitHub.", level="info")
    expect(status(page)).to_have_attribute("data-level", "info")


def test_several_files_wait_for_each_other(bare):
    page = bare(Scan)
    choose(page, "a.png", "b.png", "c.png")
    (first,) = arrived(page, 1)
    lines = page.page.locator(".mfa-scan-job")
    expect(lines).to_have_count(3)
    expect(lines.nth(0)).to_contain_text("looking for QR codes")
    expect(lines.nth(2)).to_contain_text("waiting its turn")
    page.emit(type="done", nonce="of another page")
    expect(lines).to_have_count(3)
    page.emit(type="done", nonce=first["nonce"], say="Found: GitHub.", level="info")
    _, second = arrived(page, 2)
    assert second["name"] == "b.png"
    expect(lines).to_have_count(2)
    expect(status(page)).to_have_text("Found: GitHub.")
    expect(status(page)).to_have_attribute("data-level", "quiet")  # one of three, and more to come


def test_one_is_stopped_and_the_next_begins(bare):
    page = bare(Scan)
    choose(page, "a.png", "b.png")
    (first,) = arrived(page, 1)
    page.page.get_by_role("button", name="Stop a.png").click()
    assert page.sent("stop") == [{"type": "stop", "nonce": first["nonce"]}]
    assert arrived(page, 2)[1]["name"] == "b.png"
    page.emit(type="done", nonce=first["nonce"], say="late")
    expect(status(page)).to_have_text("Stopped.")


def test_a_slow_kernel_is_spoken_of(bare):
    page = bare(Scan)
    choose(page, "a.png")
    arrived(page, 1)
    page.run_for(7)
    expect(page.page.locator(".mfa-scan-job")).to_contain_text("the kernel has not answered yet")


def test_an_error_of_the_kernel_is_shown(bare):
    page = bare(Scan)
    choose(page, "a.png")
    (sent,) = arrived(page, 1)
    page.emit(type="error", nonce=sent["nonce"], what="Something went wrong.", hint="Report it.")
    expect(status(page)).to_have_text("Something went wrong. Report it.")
    expect(page.page.locator(".mfa-scan-job")).to_have_count(0)


def test_a_dead_kernel_is_told_and_nothing_hangs(bare):
    page = bare(Scan)
    page.die()
    choose(page, "a.png")
    expect(status(page)).to_contain_text("run this cell again")
    expect(page.page.locator(".mfa-scan-job")).to_have_count(0)


def test_a_kernel_that_never_says_hello_is_told(bare):
    page = bare(Scan)
    page.run_for(4)
    expect(status(page)).to_contain_text("Waiting for the kernel")
    page.emit(type="cards", cards=[])
    expect(status(page)).to_have_text("")


def test_a_drop_is_ours_and_goes_no_further(bare):
    page = bare(Scan)
    assert give(page, "dragover")
    expect(page.page.locator(".mfa-scan-zone")).to_have_class(re.compile("is-over"))
    assert give(page, "drop", files=[shot()])
    assert page.page.evaluate("() => window.bubbled") is False  # the notebook would take it otherwise
    (sent,) = arrived(page, 1)
    assert sent["via"] == "drop"
    expect(page.page.locator(".mfa-scan-zone")).not_to_have_class(re.compile("is-over"))


def test_a_paste_inside_is_ours(bare):
    page = bare(Scan)
    assert give(page, "paste", files=[shot("image.png")])
    (sent,) = arrived(page, 1)
    assert (sent["via"], sent["name"]) == ("paste", "")
    assert page.page.evaluate("() => window.bubbled") is False


def test_a_paste_anywhere_on_the_page_is_ours_but_never_from_an_editor(bare):
    page = bare(Scan)
    page.page.evaluate("""() => document.body.insertAdjacentHTML('beforeend',
        '<textarea id="cell"></textarea><div class="cm-editor"><i id="code">x</i></div>')""")
    assert not give(page, "paste", "#cell", files=[shot()])
    assert not give(page, "paste", "#code", files=[shot()])
    assert not give(page, "paste", "body", text="print(1)")
    assert page.sent("picture") == []
    assert give(page, "paste", "body", files=[shot()])
    arrived(page, 1)


def test_of_two_scans_on_a_page_one_takes_the_paste(bare):
    page = bare(Scan)
    page.page.evaluate("""async () => {
        const el = document.body.appendChild(document.createElement('div'));
        window.second = [];
        const model = { get() {}, on() {}, off() {}, send(content) { window.second.push(content.type); } };
        await window.fake.module.default.render({ model, el });
    }""")
    give(page, "paste", "body", files=[shot()])
    arrived(page, 1)
    assert page.page.evaluate("() => window.second") == ["hello"]


def test_a_picture_on_a_markdown_cell_is_warned_of_and_left_alone(bare):
    page = bare(Scan)
    page.page.evaluate("""() => document.body.insertAdjacentHTML('beforeend',
        '<div class="jp-MarkdownCell"><div class="cm-content" id="md">x</div></div>')""")
    assert not give(page, "paste", "#md", files=[shot()])
    expect(status(page)).to_contain_text("the notebook will save it")
    assert page.sent("picture") == []


def test_a_pasted_key_uri_is_taken_as_text(bare):
    page = bare(Scan)
    assert give(page, "paste", text="otpauth://totp/a?secret=ABC")
    (sent,) = arrived(page, 1, "text")
    assert sent["text"] == "otpauth://totp/a?secret=ABC"
    assert "otpauth://totp" not in page.page.content()


def test_an_address_and_an_empty_clipboard_get_words(bare):
    page = bare(Scan)
    give(page, "drop", text="https://example.org/a.png")
    expect(status(page)).to_contain_text("nothing is downloaded here")
    give(page, "paste")
    expect(status(page)).to_contain_text("no picture in the clipboard")
    assert page.sent("picture") == []


def test_a_picture_that_is_too_big_is_made_smaller_in_the_page(bare):
    page = bare(Scan)
    noise = io.BytesIO()
    Image.effect_noise((3000, 3000), 90).convert("RGB").save(noise, "png")  # 9 million grey levels: no PNG is small
    content = noise.getvalue()
    assert len(content) > 8_000_000
    choose(page, "big.png", content=content)
    (sent,) = arrived(page, 1)
    small = bytes_of(page, sent["nonce"])
    assert len(small) <= 8_000_000
    assert min(Image.open(io.BytesIO(small)).size) >= 1500


def test_a_big_file_that_no_browser_can_open_is_refused_in_words(bare):
    page = bare(Scan)
    choose(page, "IMG_1.HEIC", content=b"\0" * 8_000_001, kind="image/heic")
    (refused,) = arrived(page, 1, "refused")
    assert (refused["name"], refused["via"]) == ("IMG_1.HEIC", "file")
    assert "8.0 MB" in refused["what"]
    assert "screenshot" in refused["hint"]
    expect(page.page.locator(".mfa-scan-job")).to_have_count(0)


def test_an_empty_file_among_others_is_not_lost(bare):
    page = bare(Scan)
    files = [
        {"name": name, "mimeType": "image/png", "buffer": raw} for name, raw in (("e.png", b""), ("a.png", PICTURE))
    ]
    page.page.locator(".mfa-scan-input").set_input_files(files)
    (refused,) = arrived(page, 1, "refused")
    assert (refused["name"], refused["what"]) == ("e.png", "This file is empty.")
    (sent,) = arrived(page, 1)
    assert sent["name"] == "a.png"
    assert sent["lot"] == refused["lot"]  # an account that is found does not sweep away what failed beside it
    page.emit(type="done", nonce=sent["nonce"])
    give(page, "paste", text="otpauth://totp/x")
    (pasted,) = arrived(page, 1, "text")
    assert pasted["lot"] not in (None, sent["lot"])


def test_a_new_code_is_in_sight_whatever_failed_beside_it(bare):
    page = bare(Scan, board="the codes")
    page.page.set_viewport_size({"width": 360, "height": 300})
    board = page.page.locator(".mfa-scan-board")
    choose(page, "a.png", "b.png")
    for name in ("a.png", "b.png"):
        (sent,) = [one for one in arrived(page, 1 + (name == "b.png")) if one["name"] == name]
        page.emit(type="cards", cards=[*MORE[:1] * (name == "b.png"), *MORE[3:5], CARD])
        expect(board).not_to_be_in_viewport()  # others of the lot are still on their way
        page.emit(type="done", nonce=sent["nonce"])
    expect(board).to_be_in_viewport()
    page.page.evaluate("() => window.scrollTo(0, 0)")
    give(page, "paste", text="otpauth://totp/x")
    (pasted,) = arrived(page, 1, "text")
    page.emit(type="done", nonce=pasted["nonce"])
    assert page.page.evaluate("() => window.scrollY") == 0  # nothing new


def test_accounts_stand_on_the_board_alone(bare):
    page = bare(Scan, board="the board")
    page.emit(type="cards", cards=[*MORE, CARD])
    shown = page.page.evaluate("() => [...document.querySelectorAll('[data-card]')].map(n => n.dataset.card)")
    assert shown == ["c2", "c4", "c5", "c6", "c7"]
    expect(page.page.get_by_role("button", name="the board")).to_be_visible()
    assert axe(page.page, ".mfa-scan") == []


def test_with_the_last_account_the_board_goes_and_the_focus_stays(bare):
    page = bare(Scan, board="the board")
    page.emit(type="cards", cards=[CARD])
    page.page.get_by_role("button", name="the board").focus()
    page.emit(type="cards", cards=[])
    expect(page.page.get_by_role("button", name="the board")).to_be_hidden()
    expect(page.page.locator(".mfa-scan-zone")).to_be_focused()


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_the_drop_zone_opens_the_file_picker_by_key(bare, key):
    page = bare(Scan)
    page.page.locator(".mfa-scan-zone").focus()
    page.page.on("filechooser", lambda _: None)  # the browser must know before the key comes that nobody sees it
    page.page.evaluate("() => 0")  # and has heard of it once it answers this
    with page.page.expect_file_chooser():
        page.page.keyboard.press(key)


@pytest.mark.parametrize("action", ["choose", "paste", "screen", "drop"])
def test_what_was_said_goes_with_the_next_action(bare, action):
    page = bare(Scan)
    page.emit(type="notice", text="An old word.", level="warn")
    expect(status(page)).to_have_text("An old word.")
    if action == "drop":
        give(page, "drop", files=[shot()])
    elif action == "choose":
        with page.page.expect_file_chooser():
            page.page.locator("[data-act=choose]").click()
    else:
        page.page.evaluate("""() => {
            navigator.clipboard.read = () => new Promise(() => {});
            navigator.mediaDevices.getDisplayMedia = () => new Promise(() => {});
        }""")
        page.page.locator(f"[data-act={action}]").click()
    expect(status(page)).to_have_text("")


def test_labels_are_text_and_never_markup(bare):
    page = bare(Scan)
    page.emit(type="cards", cards=[{**CARD, "title": "<img src=x onerror='window.bad = 1'>"}])
    expect(page.page.locator(".mfa-scan-title strong")).to_have_text("<img src=x onerror='window.bad = 1'>")
    assert page.page.evaluate("() => window.bad") is None


def test_problems_stand_above_the_codes_and_accounts_below(bare):
    page = bare(Scan)
    page.emit(type="cards", cards=[*MORE, CARD])
    order = page.page.evaluate(
        "() => [...document.querySelectorAll('[data-card], .mfa-scan-board')].map(n => n.dataset.card ?? 'codes')"
    )
    assert order == ["c2", "c4", "c5", "c6", "c7", "codes", "c3", "c1"]


def test_a_card_is_removed_and_the_focus_stays(bare):
    page = bare(Scan)
    page.emit(type="cards", cards=[CARD, MORE[1]])
    page.page.get_by_role("button", name="Remove GitHub").click()
    assert page.sent("remove")[0]["card"] == "c1"
    page.emit(type="cards", cards=[MORE[1]])
    expect(page.page.get_by_role("button", name=re.compile("Remove A bank"))).to_be_focused()
    page.page.keyboard.press("Enter")
    page.emit(type="cards", cards=[])
    expect(page.page.locator(".mfa-scan-zone")).to_be_focused()


def test_everything_is_reached_by_the_tab_key(bare):
    page = bare(Scan)
    page.emit(type="cards", cards=[CARD, MORE[0]])
    seen = []
    for _ in range(8):
        page.page.keyboard.press("Tab")
        seen.append(
            page.page.evaluate("() => document.activeElement.ariaLabel ?? document.activeElement.innerText")
        )
    assert [word.split(".")[0] for word in seen] == [
        "Drop zone",
        "Choose files",
        "Paste",
        "Camera",
        "Capture screen",
        "Remove This could not be read",
        "Remove GitHub",
        "Remove all",
    ]


def film(chrome):
    tab = chrome.page()
    tab.add_init_script(f"({CAMERA})()")
    page = BarePage(tab, Scan)
    page.page.locator("[data-act=camera]").click()
    page.page.wait_for_selector(".mfa-scan-view")
    return page


def live_tracks(page):
    return page.page.evaluate("() => window.tracks.filter(t => t.readyState === 'live').length")


def test_the_camera_sends_one_frame_at_a_time_and_frames_what_it_found(chrome):
    page = film(chrome)
    (frame,) = arrived(page, 1, "frame")
    picture = Image.open(io.BytesIO(bytes_of(page, frame["nonce"])))
    assert (picture.format, picture.size) == ("JPEG", (640, 480))
    page.run_for(1)
    assert len(page.sent("frame")) == 1  # the answer is still out
    assert axe(page.page, ".mfa-scan") == []
    corners = [[10, 10], [110, 12], [108, 112], [9, 110]]
    page.emit(
        type="frame",
        nonce=frame["nonce"],
        done=False,
        found=[{"corners": corners, "account": False}],
        say="A link.",
    )
    expect(page.page.locator("polygon.is-other")).to_have_attribute("points", "10,10 110,12 108,112 9,110")
    expect(status(page)).to_have_text("A link.")
    page.run_for(1)
    second = arrived(page, 2, "frame")[1]
    page.emit(
        type="frame", nonce=second["nonce"], done=True, found=[{"corners": corners, "account": True}], say="Found."
    )
    expect(page.page.locator("polygon.is-account")).to_have_count(1)
    assert live_tracks(page) == 0
    page.run_for(2)
    expect(page.page.locator(".mfa-scan-view")).to_have_count(0)
    page.page.close()


@pytest.mark.parametrize("way", ["button", "escape", "hidden", "cleanup", "dead"])
def test_the_camera_ends_when_nobody_needs_it(chrome, way):
    page = film(chrome)
    (frame,) = arrived(page, 1, "frame")
    assert live_tracks(page) == 1
    if way == "button":
        page.page.get_by_role("button", name="Close camera").click()
    elif way == "escape":
        page.page.keyboard.press("Escape")
    elif way == "hidden":
        page.page.evaluate("""() => { Object.defineProperty(document, 'hidden', { value: true });
            document.dispatchEvent(new Event('visibilitychange')); }""")
    elif way == "cleanup":
        page.cleanup()
    else:
        page.die()
        page.emit(type="frame", nonce=frame["nonce"], found=[], done=False)
        page.run_for(1)
    page.page.wait_for_function("() => window.tracks.every(t => t.readyState === 'ended')")
    expect(page.page.locator(".mfa-scan-view")).to_have_count(0)
    if way in ("button", "escape"):
        expect(page.page.locator("[data-act=camera]")).to_be_focused()
    page.page.close()


def test_after_it_is_gone_it_takes_nothing(bare):
    page = bare(Scan)
    page.cleanup()
    assert not give(page, "paste", "body", files=[shot()])
    assert page.page.locator(".mfa-scan").count() == 0
