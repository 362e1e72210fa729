"""Reading QR codes from any picture: ``qr.read(picture)``.

Light: the image libraries load with the first picture that is read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mfatools.qr.engines import Engine, Hit, installed, zbar_install_command
    from mfatools.qr.result import Advice, Found, Reading
    from mfatools.qr.texts import looks_like_account

__all__ = [
    "Advice",
    "Engine",
    "Found",
    "Hit",
    "Reading",
    "installed",
    "looks_like_account",
    "read",
    "zbar_install_command",
]
_ROOMS = {
    "Advice": "result",
    "Engine": "engines",
    "Found": "result",
    "Hit": "engines",
    "Reading": "result",
    "installed": "engines",
    "looks_like_account": "texts",
    "zbar_install_command": "engines",
}


def __getattr__(name: str) -> object:
    from importlib import import_module

    if name not in _ROOMS:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    return getattr(import_module(f"{__name__}.{_ROOMS[name]}"), name)


def read(
    picture: object,
    *,
    budget: float = 2.0,
    engines: Sequence[Engine | str] | None = None,
    stop: Callable[[], bool] | None = None,
) -> Reading:
    """Read every QR code in a picture: ``[found.text for found in qr.read("screenshot.png")]``.

    Args:
        picture: a path, bytes, a binary file, a Pillow image, a numpy array (RGB or grey), or a list of those.
        budget: seconds for each picture; no further try is begun when they are over. 0: the first try only.
        engines: engines or their names; by default all that are installed.
        stop: asked between tries; when it says true, what was found so far is given back.

    Returns:
        a sequence of `Found` with ``advice`` on what was seen when no account was found. In a list of pictures
        each `Found` has the ``source`` it came from, and a picture that cannot be opened is in ``errors``.

    Raises:
        PictureError: a file that is no picture, cannot be opened safely, or ends in the middle before any code.
        EngineError: no QR engine works on this machine.
    """
    from mfatools.qr.cascade import read as read_picture

    return read_picture(picture, budget=budget, engines=engines, stop=stop)
