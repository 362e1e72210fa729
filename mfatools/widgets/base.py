"""What every widget of this package has in common.

A widget here speaks with its page by *custom messages* only. They are in no notebook file, whatever the user
saves; synced traits are. A message is a dictionary with a ``type``; a request from the page carries a ``nonce``,
and the answer brings the same one back, because an answer reaches every browser that has the notebook open.

A subclass names its files and writes one method for each type of message it understands::

    class Live(MfaWidget, page="live"):
        def on_board(self, message: Message) -> None:
            self.answer(message, "board", cards=[...])

The page's files are ``static/live.js`` and ``static/live.css``; ``base.js`` and ``base.css`` go in front of them.
"""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import anywidget

from mfatools.errors import MfaError

STATIC = Path(__file__).parent / "static"
INTERNAL_HINT = "Please report this; the report needs no key and no code."
_loading = threading.Lock()


@dataclass(frozen=True, slots=True)
class Message:
    """One message from the page. Its repr shows the type only: the rest may be secret."""

    type: str
    content: dict[str, Any]
    buffers: Sequence[memoryview] = ()

    def __repr__(self) -> str:
        return f"Message({self.type})"


class MfaWidget(anywidget.AnyWidget):
    """A widget that keeps secrets out of everything that a notebook stores.

    ``lock`` guards the state that a subclass shares between threads: with ipykernel 7 a message may be handled
    in another thread than the cells. Take it where you read or write such state, not around slow work.
    """

    shared: tuple[str, ...] = ("base",)  # files that go in front of a page's own

    def __init_subclass__(cls, page: str = "") -> None:
        if page:  # anywidget makes one more subclass for each widget, without a page
            cls._esm = "".join(static_text(f"{name}.js") for name in (*cls.shared, page))
            cls._css = "".join(static_text(f"{name}.css") for name in (*cls.shared, page))
        super().__init_subclass__()

    def __init__(self) -> None:
        self.lock = threading.RLock()
        super().__init__()
        self.on_msg(self._receive)

    def tell(self, kind: str, *, buffers: Sequence[bytes] = (), **content: object) -> None:
        """Send a message to every open page; with no page open it is lost, and that is fine."""
        self.send({"type": kind, **content}, buffers=list(buffers))

    def answer(self, message: Message, kind: str, *, buffers: Sequence[bytes] = (), **content: object) -> None:
        """Send the answer to one request: only the page that asked heeds it."""
        self.tell(kind, buffers=buffers, nonce=message.content.get("nonce"), **content)

    def words(self) -> str:
        """What stands where no widget can be shown: a sentence without secrets and without codes."""
        return type(self).__name__

    def __repr__(self) -> str:
        return self.words()

    def _receive(self, _widget: object, content: object, buffers: Sequence[memoryview]) -> None:
        """Find the method for a message and run it. An error in it would vanish: the page is told instead."""
        kind = content.get("type") if isinstance(content, dict) else None
        handler = self._handler(kind)
        if handler is None or not isinstance(content, dict):
            return  # a page of a newer version may say more than this kernel understands
        message = Message(str(kind), content, buffers)
        try:
            handler(message)
        except MfaError as error:
            self.answer(message, "error", what=error.what, hint=error.hint, code=error.code)
        except Exception as error:
            self.answer(message, "error", what=where(error), hint=INTERNAL_HINT, code="E_INTERNAL")

    def _handler(self, kind: object) -> Callable[[Message], None] | None:
        if not isinstance(kind, str) or not kind.isidentifier():
            return None
        # Not every "on_..." is ours: ipywidgets has on_msg, traitlets on_trait_change.
        for cls in type(self).__mro__[: type(self).__mro__.index(MfaWidget)]:
            if f"on_{kind}" in vars(cls):
                return getattr(self, f"on_{kind}")  # type: ignore[no-any-return]
        return None


def load(name: str) -> None:
    """Import a heavy module in a thread, while other threads wait with theirs.

    Two threads that import matplotlib at the same time may find it half made: in marimo, which hangs an import of
    its own on it, they do.
    """
    with _loading:
        import_module(name)


def in_thread(work: Callable[[], object], name: str) -> None:
    """Do something beside the thread that talks with the pages; ``name`` is the thread's."""
    try:
        threading.Thread(target=work, name=name, daemon=True).start()
    except RuntimeError:  # a Python inside the browser has no threads: do it here and now
        work()


def static_text(name: str) -> str:
    """A page's file: its JavaScript or its style sheet."""
    return (STATIC / name).read_text(encoding="utf8")


def where(error: Exception) -> str:
    """An unforeseen error in words: its type and its place. Its own message may quote a secret."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{Path(frame.filename).name}:{frame.lineno}"
    return f"Something went wrong inside mfatools ({type(error).__name__} in {place})."
