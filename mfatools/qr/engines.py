"""The decoders: zxing-cpp (its wheel needs nothing) and zbar through pyzbar (needs the system's libzbar).

An engine is a name and a function ``grey -> [Hit]``, where ``grey`` is a contiguous H x W array of uint8. Bring
your own with ``Engine("mine", read)``. Both engines are asked for QR codes only, and for bytes rather than text.
"""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from ctypes import string_at
from dataclasses import dataclass, field
from functools import cache
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfatools.errors import EngineError
from mfatools.qr.texts import text_of

Grey = NDArray[np.uint8]
Handle = Any  # a thing of an engine's own
Corners = tuple[tuple[float, float], ...]

_QR = 64  # ZBAR_QRCODE
_BINARY = 4  # ZBAR_CFG_BINARY of zbar.h, known to libzbar since 0.23.1: hand out bytes, do not guess a charset
_Y800 = int.from_bytes(b"Y800", "little")  # zbar's name for one byte of grey a pixel


@dataclass(frozen=True, slots=True)
class Hit:
    """One code as an engine read it, or saw it without being able to read it.

    Attributes:
        raw: its bytes; empty when it is broken.
        text: its text; empty when it is broken.
        corners: four (x, y) in pixels of the array that was read: top left, top right, bottom right, bottom left.
        broken: a code was seen, but its error correction does not come out even.
        version: of a broken code, 1 to 40 (17 + 4 * version modules a side); 0 when it is not known.
    """

    raw: bytes = field(repr=False)
    text: str = field(repr=False)
    corners: Corners = ()
    broken: bool = False
    version: int = 0


@dataclass(frozen=True, slots=True)
class Engine:
    """A decoder: ``read(grey)`` gives the hits.

    ``binarizers`` are other ways the same engine can be made to see black and white, by the name that a
    preparation asks for; an engine without them is simply not asked.
    """

    name: str
    read: Callable[[Grey], list[Hit]] = field(repr=False)
    binarizers: dict[str, Callable[[Grey], list[Hit]]] = field(default_factory=dict, repr=False, compare=False)


def installed() -> tuple[Engine, ...]:
    """The engines that work on this machine, fastest first.

    Raises:
        EngineError: neither of the two works.
    """
    engines = tuple(engine for engine in (zxing(), zbar()) if engine is not None)
    if not engines:
        raise EngineError(
            "No QR engine works on this machine.",
            f"Install one with: pip install zxing-cpp (or {zbar_install_command()}).",
            code="E_NO_ENGINE",
        )
    return engines


def named(engines: Sequence[Engine | str] | str | None) -> tuple[Engine, ...]:
    """Engines from engines and their names (``"zxing-cpp"``, ``"pyzbar"``); ``None`` means all installed.

    Raises:
        EngineError: no name, one that is unknown, or one that does not work here.
    """
    if engines is None:
        return installed()
    if isinstance(engines, str):
        engines = [engines]
    if not engines:
        raise EngineError("No QR engine was named.", "Known engines: zxing-cpp, pyzbar.", code="E_NO_ENGINE")
    return tuple(engine if isinstance(engine, Engine) else _one(engine) for engine in engines)


def _one(name: str) -> Engine:
    makers = {"zxing-cpp": zxing, "pyzbar": zbar}
    maker = makers.get(name)
    engine = maker() if maker else None
    if engine is None:
        what = f"The QR engine {name!r} does not work here." if maker else f"There is no QR engine {name!r}."
        hint = zbar_install_command() if name == "pyzbar" else "Known engines: zxing-cpp, pyzbar."
        raise EngineError(what, hint, code="E_NO_ENGINE")
    return engine


@cache
def zxing() -> Engine | None:
    """zxing-cpp, or ``None`` when it cannot be imported."""
    try:
        import zxingcpp
    except ImportError:
        return None

    qr = zxingcpp.barcode_formats_from_str("QRCode")

    def reader(binarizer: Handle) -> Callable[[Grey], list[Hit]]:
        def read(grey: Grey) -> list[Hit]:
            # Codes with errors cost nothing more; they tell where a second look is worth it.
            codes = zxingcpp.read_barcodes(
                grey, formats=qr, binarizer=binarizer, text_mode=zxingcpp.TextMode.Plain, return_errors=True
            )
            return [_zxing_hit(code) for code in codes if _is_wanted(code)]

        return read

    ways = zxingcpp.Binarizer
    others = {"global": reader(ways.GlobalHistogram), "fixed": reader(ways.FixedThreshold)}
    return Engine("zxing-cpp", reader(ways.LocalAverage), others)


def _is_wanted(code: Handle) -> bool:
    """No Micro QR: it has room for 15 letters, and a finder pattern with some dirt around it is taken for one."""
    if code.error is not None:
        return bool(code.format.name == "QRCode")
    return code.format.name not in ("MicroQRCode", "RMQRCode")


def _zxing_hit(code: Handle) -> Hit:
    place = code.position
    corners = tuple(
        (float(p.x), float(p.y)) for p in (place.top_left, place.top_right, place.bottom_right, place.bottom_left)
    )
    if code.error is not None:
        version = str((code.extra or {}).get("Version", ""))
        return Hit(b"", "", corners, broken=True, version=int(version) if version.isdecimal() else 0)
    return Hit(code.bytes, _text(code.bytes, code.text), corners)


def _text(raw: bytes, engines_guess: str) -> str:
    """UTF-8 when it is that; else as the engine says, which knows of ECI."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return engines_guess or text_of(raw)


@cache
def zbar() -> Engine | None:
    """zbar by way of pyzbar's wrapper, or ``None`` when the package or the system's library is missing."""
    try:
        from pyzbar import wrapper
    except (ImportError, OSError):
        return None
    return Engine("pyzbar", lambda grey: _zbar_read(wrapper, grey))


def _zbar_read(wrapper: ModuleType, grey: Grey) -> list[Hit]:
    height, width = grey.shape
    pixels = np.ascontiguousarray(grey)  # kept by name: zbar reads it in place
    with _made(wrapper, "image_scanner") as scanner, _made(wrapper, "image") as image:
        for symbol, config, value in ((0, 0, 0), (_QR, 0, 1), (_QR, _BINARY, 1)):
            wrapper.zbar_image_scanner_set_config(scanner, symbol, config, value)
        wrapper.zbar_image_set_format(image, _Y800)
        wrapper.zbar_image_set_size(image, width, height)
        wrapper.zbar_image_set_data(image, pixels.ctypes.data, pixels.size, None)
        wrapper.zbar_scan_image(scanner, image)
        return [_zbar_hit(wrapper, symbol) for symbol in _zbar_symbols(wrapper, image)]


@contextmanager
def _made(wrapper: ModuleType, kind: str) -> Iterator[Handle]:
    """Something that zbar makes and must be told to take back."""
    thing = getattr(wrapper, f"zbar_{kind}_create")()
    try:
        yield thing
    finally:
        getattr(wrapper, f"zbar_{kind}_destroy")(thing)


def _zbar_symbols(wrapper: ModuleType, image: Handle) -> Iterator[Handle]:
    symbol = wrapper.zbar_image_first_symbol(image)
    while symbol:
        yield symbol
        symbol = wrapper.zbar_symbol_next(symbol)


def _zbar_hit(wrapper: ModuleType, symbol: Handle) -> Hit:
    raw = string_at(wrapper.zbar_symbol_get_data(symbol), wrapper.zbar_symbol_get_data_length(symbol))
    places = [
        (float(wrapper.zbar_symbol_get_loc_x(symbol, i)), float(wrapper.zbar_symbol_get_loc_y(symbol, i)))
        for i in range(wrapper.zbar_symbol_get_loc_size(symbol))
    ]
    # zbar goes round the other way: top left, bottom left, bottom right, top right.
    return Hit(raw, text_of(raw), tuple(places[:1] + places[:0:-1]))


def told_of_lack() -> tuple[str, str] | None:
    """What to tell a user whose machine lacks zbar, and what to do: the first time; ``None`` from then on."""
    if zbar() is not None or _TOLD:
        return None
    _TOLD.append(True)
    return (
        "One of the two QR engines, zbar, is missing on this machine; a few hard pictures need it.",
        f"Everything else works without it. To add it: {zbar_install_command()}.",
    )


_TOLD: list[bool] = []


def zbar_install_command(system: str | None = None, release: dict[str, str] | None = None) -> str:
    """The command that installs libzbar on this operating system."""
    system = system or platform.system()
    if system == "Darwin":
        return "brew install zbar"
    if system == "Windows":
        return "pip install --force-reinstall pyzbar (its wheel brings the library; it needs Visual C++ 2013)"
    family = _linux_family(release)
    for names, command in _LINUX:
        if family & names:
            return command
    return "install the package of the zbar library (libzbar) with your system's package manager"


_LINUX = (
    ({"debian", "ubuntu"}, "sudo apt-get install libzbar0"),
    ({"fedora", "rhel", "centos"}, "sudo dnf install zbar"),
    ({"arch"}, "sudo pacman -S zbar"),
    ({"suse", "opensuse"}, "sudo zypper install libzbar0"),
    ({"alpine"}, "sudo apk add zbar"),
)


def _linux_family(release: dict[str, str] | None) -> set[str]:
    """The distribution and those it says it is like, from os-release(5)."""
    if release is None:
        try:
            release = platform.freedesktop_os_release()
        except OSError:
            return set()
    return set(f"{release.get('ID', '')} {release.get('ID_LIKE', '')}".lower().split())
