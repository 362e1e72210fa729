import sys

import numpy as np
import pytest
from qr_pictures import URI, code, page

from mfatools import qr
from mfatools.errors import EngineError
from mfatools.qr import engines


@pytest.fixture
def fresh():
    """Engines are looked for once and remembered: forget, before and after."""

    def forget():
        engines.zxing.cache_clear()
        engines.zbar.cache_clear()
        engines._TOLD.clear()

    forget()
    yield
    forget()


def without(monkeypatch, *modules):
    for module in modules:
        monkeypatch.setitem(sys.modules, module, None)


def test_both_engines_are_used():
    assert [engine.name for engine in qr.installed()] == ["zxing-cpp", "pyzbar"]


@pytest.mark.parametrize("name", ["zxing-cpp", "pyzbar"])
def test_each_engine_alone_reads_and_tells_the_corners_in_the_same_order(name):
    sheet = page(code(border=0))
    reading = qr.read(sheet, engines=[name])
    assert reading.texts == [URI]
    assert reading[0].engine == name
    side = code(border=0).width
    wanted = [(40, 60), (40 + side, 60), (40 + side, 60 + side), (40, 60 + side)]
    assert np.allclose(reading[0].corners, wanted, atol=4)


def test_a_machine_without_libzbar_works_and_says_so_once(monkeypatch, fresh):
    without(monkeypatch, "pyzbar", "pyzbar.wrapper")
    assert [engine.name for engine in qr.installed()] == ["zxing-cpp"]
    assert qr.read(code()).texts == [URI]
    blank = np.tile(np.arange(200, dtype=np.uint8), (200, 1))
    first, second = (qr.read(blank, budget=0).advice for _ in range(2))
    lack = [piece.hint for piece in first if piece.code == "E_NO_ZBAR"]
    assert len(lack) == 1
    assert engines.zbar_install_command() in lack[0]
    assert "E_NO_ZBAR" not in [piece.code for piece in second]


def test_a_broken_libzbar_is_a_lack_and_no_traceback(monkeypatch, fresh):
    class Broken:
        def find_spec(self, name, path=None, target=None):
            if name.startswith("pyzbar"):
                raise OSError("libzbar.so.0: cannot open shared object file")

    for name in [name for name in sys.modules if name.startswith("pyzbar")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "meta_path", [Broken(), *sys.meta_path])
    assert [engine.name for engine in qr.installed()] == ["zxing-cpp"]


def test_without_zxing_zbar_does_the_whole_cascade(monkeypatch, fresh):
    without(monkeypatch, "zxingcpp")
    inverted = 255 - np.asarray(page(code()))
    assert qr.read(inverted).texts == [URI]


def test_with_neither_engine_the_cure_is_said(monkeypatch, fresh):
    without(monkeypatch, "zxingcpp", "pyzbar", "pyzbar.wrapper")
    with pytest.raises(EngineError) as caught:
        qr.read(code())
    assert "pip install zxing-cpp" in caught.value.hint


def test_unknown_engines_are_refused():
    with pytest.raises(EngineError, match="zxing-cpp, pyzbar"):
        qr.read(code(), engines=["opencv"])
    with pytest.raises(EngineError):
        qr.read(code(), engines=[])


def test_an_engine_of_ones_own():
    seen = []

    def read(grey):
        seen.append(grey.shape)
        return [qr.Hit(b"otpauth://x", "otpauth://x", ((20, 20), (185, 20), (185, 185), (20, 185)))]

    reading = qr.read(code(), engines=[qr.Engine("mine", read)])
    assert reading.texts == ["otpauth://x"]
    assert len(seen) == 1


@pytest.mark.parametrize(
    ("system", "release", "command"),
    [
        ("Linux", {"ID": "ubuntu", "ID_LIKE": "debian"}, "apt-get install libzbar0"),
        ("Linux", {"ID": "debian"}, "apt-get install libzbar0"),
        ("Linux", {"ID": "linuxmint", "ID_LIKE": "ubuntu debian"}, "apt-get install libzbar0"),
        ("Linux", {"ID": "fedora"}, "dnf install zbar"),
        ("Linux", {"ID": "rocky", "ID_LIKE": "rhel centos fedora"}, "dnf install zbar"),
        ("Linux", {"ID": "arch"}, "pacman -S zbar"),
        ("Linux", {"ID": "weird"}, "package manager"),
        ("Darwin", {}, "brew install zbar"),
        ("Windows", {}, "pip install"),
    ],
)
def test_the_install_command_fits_the_system(system, release, command):
    assert command in engines.zbar_install_command(system, release)


def test_zbar_is_silent_on_stderr(capfd):
    noise = np.random.default_rng(1).integers(0, 255, (300, 300), dtype=np.uint8)
    stripes = np.tile(np.repeat(np.array([0, 255, 0, 0, 255, 0, 255, 255] * 20, np.uint8), 2), (200, 1))
    for picture in (noise, stripes):
        qr.read(picture, engines=["pyzbar"], budget=0.3)
    assert capfd.readouterr() == ("", "")


def test_a_micro_qr_is_not_taken_for_a_code():
    import segno

    matrix = np.array([list(row) for row in segno.make_micro("12345").matrix], bool)
    sheet = np.kron(np.pad(~matrix, 6, constant_values=True), np.ones((6, 6))).astype(np.uint8) * np.uint8(255)
    assert qr.read(sheet, budget=0).texts == []
