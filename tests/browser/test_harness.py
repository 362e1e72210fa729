"""The harness itself: a widget of a few lines speaks with its kernel in a real notebook and in a bare page."""

from __future__ import annotations

from browser.harness import axe
from playwright.sync_api import expect

from mfatools.widgets.base import MfaWidget

ESM = """export default { render({ model, el }) {
  el.innerHTML = '<p class="mfa said">-</p>';
  model.on('msg:custom', message => { el.firstChild.textContent = message.what ?? message.text; });
  model.send({ type: 'hello', nonce: 'n1' });
} }"""
CELL = f"""
from mfatools.widgets.base import MfaWidget
class Parrot(MfaWidget):
    _esm = {ESM!r}
    def on_hello(self, message):
        self.answer(message, "hello", text="heard " + message.content["nonce"])
parrot = Parrot(); parrot
"""


class Silent(MfaWidget):
    _esm = ESM
    _css = ".said { color: #222 }"


def test_a_message_goes_to_the_kernel_and_back(notebook):
    book = notebook(CELL)
    expect(book.page.locator(".said")).to_have_text("heard n1")
    assert book.python("print(parrot)") == "Parrot"


def test_a_bare_page_plays_the_kernel(bare):
    shown = bare(Silent, now=1_800_000_000)
    assert shown.sent("hello") == [{"type": "hello", "nonce": "n1"}]
    shown.emit(type="hello", text="from the test")
    expect(shown.page.locator(".said")).to_have_text("from the test")
    before = shown.now()
    shown.run_for(25)
    assert shown.now() - before == 25


def test_axe_finds_a_picture_without_a_text(bare):
    shown = bare(Silent)
    assert axe(shown.page, "#host") == []
    shown.page.evaluate("() => document.querySelector('#host').insertAdjacentHTML('beforeend', '<img src=\"\">')")
    assert any(line.startswith("image-alt") for line in axe(shown.page, "#host"))
