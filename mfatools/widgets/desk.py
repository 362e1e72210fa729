"""Where pictures are read: one at a time, each in a thread of its own, so that a "stop" is heard meanwhile."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from mfatools.errors import MfaError
from mfatools.widgets.base import INTERNAL_HINT, Message, in_thread, load, where

if TYPE_CHECKING:
    from mfatools.qr.result import Reading

Work = Callable[[Message, threading.Event], None]


class Reader(Protocol):
    """What reads a picture: `mfatools.qr.read`, or a stand-in with the same face."""

    def __call__(self, picture: bytes, *, budget: float, stop: Callable[[], bool]) -> Reading: ...


class Desk:
    """Takes messages with work to do, one after the other.

    Args:
        answer: answers one message (`MfaWidget.answer`); errors go that way, which would vanish in a thread.
    """

    def __init__(self, answer: Callable[..., None]) -> None:
        self._answer = answer
        self._turn = threading.Lock()
        self._stops: dict[str, threading.Event] = {}

    def take(self, message: Message, work: Work) -> None:
        """Do it when its turn comes; ``work`` gets the message and an event that says "stop"."""
        stop = self._stops[_nonce(message)] = threading.Event()
        in_thread(lambda: self._run(message, work, stop), "mfatools-scan")

    def stop(self, message: Message) -> None:
        """Give up the work with the nonce of this message, under way or waiting."""
        if stop := self._stops.get(_nonce(message)):
            stop.set()

    def stop_all(self) -> None:
        """Give up everything."""
        for stop in list(self._stops.values()):
            stop.set()

    def _run(self, message: Message, work: Work, stop: threading.Event) -> None:
        try:
            with self._turn:
                if not stop.is_set():
                    work(message, stop)
        except MfaError as error:
            self._answer(message, "error", what=error.what, hint=error.hint, code=error.code)
        except Exception as error:
            self._answer(message, "error", what=where(error), hint=INTERNAL_HINT)
        finally:
            self._stops.pop(_nonce(message), None)


def read(picture: bytes, *, budget: float, stop: Callable[[], bool]) -> Reading:
    """`mfatools.qr.read`; the image libraries are loaded when the first picture comes."""
    from mfatools import qr

    load("mfatools.qr.cascade")
    return qr.read(picture, budget=budget, stop=stop)


def warm_up() -> None:
    """Load the image libraries, in a thread, while the person still looks for the picture."""
    thread = threading.Thread(target=load, args=("mfatools.qr.cascade",), name="mfatools-warm-up", daemon=True)
    with contextlib.suppress(RuntimeError):  # a Python inside the browser has no threads, and can wait
        thread.start()


def picture_of(message: Message) -> bytes:
    """The bytes that a message brought.

    Raises:
        MfaError: it brought none.
    """
    if not message.buffers:
        raise MfaError("The picture did not arrive.", "Drop it again.", code="E_NO_PICTURE")
    return bytes(message.buffers[0])


def _nonce(message: Message) -> str:
    return str(message.content.get("nonce"))
