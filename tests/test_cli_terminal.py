"""The commands in a real terminal (a pty): what is shown and hidden there, and how they end."""

from __future__ import annotations

import os
import select
import signal
import sys
import time
from pathlib import Path

import pytest
import segno

pty = pytest.importorskip("pty", reason="Windows has no pty")

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
URI = f"otpauth://totp/Example:ada?secret={SECRET}&issuer=Example"
CTRL_C, CTRL_D = "\x03", "\x04"
PATIENCE = 60.0  # s, for a machine that is busy with other tests


def drive(*arguments: str, script: list[tuple[str, str]]) -> tuple[str, int]:
    """Run ``mfatools`` in a terminal of 80 columns: wait for each text in turn, then type what goes with it.

    Returns:
        All that was on the screen, and the exit status.
    """
    pid, terminal = pty.fork()
    if pid == 0:
        for each in (signal.SIGINT, signal.SIGHUP):
            signal.signal(each, signal.SIG_DFL)  # a suite that runs in the background would hand down "ignored"
        os.environ.update({"TERM": "xterm", "COLUMNS": "80", "LINES": "40", "NO_COLOR": "1"})
        os.execv(sys.executable, [sys.executable, "-m", "mfatools", *arguments])
    shown, seen, end = b"", 0, time.monotonic() + PATIENCE
    todo = [(wanted.encode(), typed.encode()) for wanted, typed in script]
    typed, quiet = b"", 0
    try:
        while time.monotonic() < end:
            if todo and todo[0][0] in shown[seen:]:
                wanted, typed = todo.pop(0)
                seen = shown.index(wanted, seen) + len(wanted)
                os.write(terminal, typed)
            elif not select.select([terminal], [], [], 0.1)[0]:
                quiet += 1
                if typed == CTRL_C.encode() and quiet % 20 == 0:
                    os.write(terminal, typed)  # CPython misses one that comes just before it waits for a key
            else:
                shown += os.read(terminal, 65536)
    except OSError:  # Linux's way to say that the other end is closed
        pass
    finally:
        os.close(terminal)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    assert not todo, f"never asked for {todo[0][0].decode()!r}"
    return shown.decode().replace("\r\n", "\n"), status


@pytest.fixture
def picture(tmp_path: Path) -> str:
    path = tmp_path / "two words.png"
    segno.make(URI, micro=False).save(str(path), scale=5)
    return str(path)


def test_from_the_picture_to_the_reason(picture: str) -> None:
    from mfatools import Account  # a phone that is 300 s slow, and right to the second otherwise
    from mfatools.account import parse

    ada: Account = parse(URI)
    old = ada.otp.code(time.time() - 300)
    older = ada.otp.code(time.time() - 360)
    screen, status = drive(
        "why",
        script=[
            ("instead)", "nix.png\r"),
            ("no such file", picture.replace(" ", "\\ ") + "\r"),
            ("none at hand)", f"{old[:3]} {old[3:]}\r"),
            ("When did", "\r"),
            ("take it?", "n\r"),
            ("How long", "\r"),
            ("no more)", f"{older}\r"),
            ("When did", "1 min ago\r"),
            ("take it?", "don't know\r"),
            ("no more)", "\r"),
            ("its name", "Aegis\r"),
            ("internet", "n\r"),
            ("How wrong", "0\r"),
            ("What now?", "q\r"),
        ],
    )
    assert status == 0, screen
    assert "PHONE_CLOCK" in screen
    assert "slow" in screen
    assert "Set time automatically" in " ".join(screen.split())
    assert SECRET not in screen
    assert "\x1b[3" not in screen  # NO_COLOR


def test_a_pasted_text_is_hidden_and_one_in_the_wrong_place_wiped() -> None:
    screen, status = drive(
        "why", script=[("instead)", "\r"), ("not shown)", f"{URI}\r"), ("none at hand)", CTRL_C)]
    )
    assert status == 130
    assert "Example: ada: 6 digits" in screen
    assert SECRET not in screen
    assert screen.rstrip().endswith("Nothing was kept.")
    screen, status = drive("why", script=[("instead)", f"{URI}\r"), ("none at hand)", CTRL_D)])
    assert status == 1
    assert "\x1b[2A\x1b[J" in screen[screen.index(SECRET) :]  # two rows up, and clear
    assert "took it off the screen" in screen


def test_live_codes_redraw_in_place_and_end_with_ctrl_c(tmp_path: Path) -> None:
    (tmp_path / "keys.txt").write_text("\n".join(URI.replace("ada", f"ada{n}") for n in range(50)))
    screen, status = drive(
        "code", str(tmp_path / "keys.txt"), "--live", script=[("s left", ""), ("s left", ""), ("s left", CTRL_C)]
    )
    assert status == 0
    assert "\x1b[?1049h" in screen  # the alternate screen, which leaves no code behind
    after = screen.partition("\x1b[?1049l")[2]
    assert "\x1b[?25h" in screen  # the cursor is back
    assert after.strip("^C\n") == ""
    assert "16 more" in screen  # than the 40 lines have room for
    assert "Ctrl-C ends" in screen


def test_a_key_for_code_is_typed_without_being_shown() -> None:
    screen, status = drive("code", "-", script=[("not shown): ", f"{URI}\r")])
    assert status == 0
    assert "s left" in screen
    assert SECRET not in screen


def test_the_first_ctrl_c_leaves_jupyterlab_to_ask_whether_it_shall_stop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("CONFIG", "DATA", "RUNTIME"):
        monkeypatch.setenv(f"JUPYTER_{name}_DIR", str(tmp_path / name))
    screen, status = drive(
        "lab",
        f"--folder={tmp_path / 'mine'}",
        "--no-browser",
        "--ip=127.0.0.1",
        script=[("Use Control-C", CTRL_C), ("(y/[n])?", "y\n")],
    )
    assert "Shutting down" in screen
    assert status == 0
    assert not list((tmp_path / "RUNTIME").glob("jpserver-*"))
