"""A widget's page and its kernel side, wired to each other without a server: fast, and with a clock that is set."""

from __future__ import annotations

import base64
from typing import Any

from browser.harness import BarePage

_EMIT = """([content, buffers]) => window.fake.emit(content, buffers.map(text => {
  const bytes = Uint8Array.from(atob(text), sign => sign.charCodeAt(0));
  return new DataView(bytes.buffer);
}))"""


class Wired:
    """One page and one widget. `pump` carries messages to and fro until neither has more to say."""

    def __init__(self, bare: Any, widget: Any, **options: Any) -> None:
        self.widget = widget
        # anywidget makes a class of its own for each widget; the files hang on the one below.
        cls = next(cls for cls in type(widget).__mro__ if isinstance(vars(cls).get("_esm"), str))
        self.bare: BarePage = bare(cls, **options)
        self.page = self.bare.page
        self.heard: list[dict[str, Any]] = []
        self._taken = 0
        self._out: list[tuple[dict[str, Any], list[bytes]]] = []
        widget.send = lambda content, buffers=None: self._out.append((content, list(buffers or ())))
        self.pump()

    def pump(self) -> Wired:
        """Deliver everything that is under way."""
        while True:
            sent = self.bare.sent()
            fresh, self._taken = sent[self._taken :], len(sent)
            for message in fresh:
                self.widget._handle_custom_msg(message, [])
            out, self._out = self._out, []
            if not out and not fresh:
                return self
            for content, buffers in out:
                self.heard.append(content)
                self.page.evaluate(_EMIT, [content, [base64.b64encode(bytes(part)).decode() for part in buffers]])
