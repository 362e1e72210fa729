"""The base of all widgets: messages find their method, errors reach the page, nothing secret does."""

from __future__ import annotations

import sys

from mfatools.errors import UriError
from mfatools.widgets.base import Message, MfaWidget, load

CANARY = "CANARYCANARYCANARY"


class Echo(MfaWidget):
    _esm = "export default { render() {} }"

    def __init__(self) -> None:
        self.sent: list[dict[str, object]] = []
        super().__init__()

    def send(self, content, buffers=None):  # the fake comm: what would go to the page
        self.sent.append(content)

    def on_echo(self, message: Message) -> None:
        self.answer(message, "echo", text=message.content["text"], size=len(message.buffers))

    def on_refuse(self, message: Message) -> None:
        raise UriError("That is no key.", "Scan another.", code="E_NO_KEY")

    def on_fail(self, message: Message) -> None:
        raise ValueError(f"cannot handle {CANARY}")


def told(**content: object) -> list[dict[str, object]]:
    widget = Echo()
    widget._handle_custom_msg(content, [memoryview(b"x")])
    return widget.sent


def test_an_answer_carries_the_nonce_of_its_request():
    assert told(type="echo", text="hi", nonce="a.1") == [{"type": "echo", "nonce": "a.1", "text": "hi", "size": 1}]


def test_an_error_of_ours_reaches_the_page_in_words():
    (answer,) = told(type="refuse", nonce="a.2")
    expected = {
        "type": "error",
        "nonce": "a.2",
        "what": "That is no key.",
        "hint": "Scan another.",
        "code": "E_NO_KEY",
    }
    assert answer == expected


def test_an_unforeseen_error_is_told_without_its_own_words():
    (answer,) = told(type="fail", nonce="a.3")
    assert "ValueError in test_widgets_base.py" in str(answer["what"])
    assert CANARY not in str(answer)


def test_a_message_that_nobody_understands_is_left_alone():
    assert told(type="sing") == told(type="msg") == told(type="trait_change") == told(type=3) == told() == []


def test_reprs_show_no_content():
    assert repr(Message("scan", {"text": CANARY})) == "Message(scan)"
    bundle, _ = Echo()._repr_mimebundle_()
    assert bundle["text/plain"] == repr(Echo()) == "Echo"


def test_heavy_modules_are_loaded_one_at_a_time(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "heavy_one.py").write_text(
        "import sys, threading\n"
        "from mfatools.widgets.base import load\n"
        "other = threading.Thread(target=load, args=('heavy_two',))\n"
        "other.start()\n"
        "other.join(0.1)\n"
        "early = 'heavy_two' in sys.modules\n"
    )
    (tmp_path / "heavy_two.py").write_text("")
    load("heavy_one")
    first = sys.modules.pop("heavy_one")
    first.other.join()
    assert not first.early
    assert sys.modules.pop("heavy_two")
