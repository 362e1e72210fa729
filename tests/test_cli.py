"""The command line, run as a person runs it: a real process, real files, real pictures."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pyotp
import pytest
import segno
from click.testing import CliRunner, Result

from mfatools.cli import main

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
ALICE = f"otpauth://totp/Example:alice@example.com?secret={SECRET}&issuer=Example"
T = 1_111_111_109.0


def picture(text: str) -> bytes:
    out = io.BytesIO()
    segno.make(text, micro=False).save(out, kind="png", scale=5)
    return out.getvalue()


def run(*arguments: str, stdin: bytes | str | None = None) -> Result:
    return CliRunner().invoke(main, arguments, input=stdin, env={"COLUMNS": "120"})


@pytest.fixture
def alice_png(tmp_path: Path) -> str:
    path = tmp_path / "alice.png"
    path.write_bytes(picture(ALICE))
    return str(path)


def test_scan_prints_the_account_and_never_the_secret(alice_png: str) -> None:
    result = run("scan", alice_png)
    assert result.exit_code == 0
    assert "Example" in result.stdout
    assert "alice@example.com" in result.stdout
    assert SECRET not in result.output


def test_scan_json_has_the_agreed_shape(alice_png: str) -> None:
    result = run("scan", alice_png, "--json")
    body = json.loads(result.stdout)
    (account,) = body["accounts"]
    assert account["issuer"] == "Example"
    assert account["name"] == "alice@example.com"
    assert (account["type"], account["algorithm"], account["digits"], account["step"]) == ("totp", "SHA1", 6, 30)
    assert account["notes"] == []
    assert "secret" not in account
    assert body["unread"] == []


def test_reveal_adds_the_secret(alice_png: str) -> None:
    (account,) = json.loads(run("scan", alice_png, "--json", "--reveal").stdout)["accounts"]
    assert account["secret"] == SECRET
    assert f"Example: alice@example.com: {SECRET}\n" in run("scan", alice_png, "--reveal").stdout


def test_one_bad_picture_does_not_lose_the_others(alice_png: str, tmp_path: Path) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"")
    result = run("scan", str(broken), alice_png, "--json")
    assert result.exit_code == 2
    body = json.loads(result.stdout)
    assert len(body["accounts"]) == 1
    assert body["unread"][0]["source"] == str(broken)
    assert "broken.png" in result.stderr


def test_a_web_link_is_nothing_found_and_is_named(tmp_path: Path) -> None:
    path = tmp_path / "link.png"
    path.write_bytes(picture("https://example.org/app"))
    result = run("scan", str(path), "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["accounts"] == []
    assert "link" in result.stderr


def test_a_broken_key_is_bad_input_and_is_not_quoted(tmp_path: Path) -> None:
    path = tmp_path / "bad.png"
    path.write_bytes(picture("otpauth://totp/Example:alice?secret=JBSWY3DPEHPK0PXPJBSWY3DPEHPK3PXP"))
    result = run("scan", str(path), "--json")
    assert result.exit_code == 2
    assert json.loads(result.stdout)["unread"][0]["code"] == "E_SECRET_CHAR"
    assert "JBSWY3DP" not in result.output


def test_a_picture_without_a_qr_is_nothing_found(tmp_path: Path) -> None:
    from PIL import Image

    path = tmp_path / "grey.png"
    Image.new("L", (300, 300), 128).save(path)
    result = run("scan", str(path))
    assert result.exit_code == 1
    assert result.stderr.startswith("mfatools: ")


@pytest.mark.parametrize(
    "arguments", [("scan",), ("scan", "no-such-file.png"), ("code", "no-such-file.png"), ("nix",)]
)
def test_bad_arguments_are_one_sentence_and_status_2(arguments: tuple[str, ...]) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "Traceback" not in result.stderr


def test_code_agrees_with_pyotp_from_a_picture_a_text_and_standard_input(alice_png: str, tmp_path: Path) -> None:
    text = tmp_path / "keys.txt"
    text.write_text(f"# my keys\n\n{ALICE}\n", encoding="utf-8")
    expected = pyotp.TOTP(SECRET).at(int(T))
    for result in (
        run("code", alice_png, "--at", str(T), "--json"),
        run("code", str(text), "--at", "2005-03-18T02:58:29+01:00", "--json"),
        run("code", "-", "--at", "2005-03-18T01:58:29Z", "--json", stdin=ALICE),
        run("code", "-", "--at", str(T), "--json", stdin=picture(ALICE)),
    ):
        assert result.exit_code == 0, result.output
        (row,) = json.loads(result.stdout)["codes"]
        assert row["code"] == expected
        assert (row["valid_from"], row["valid_until"]) == (1_111_111_080, 1_111_111_110)
        assert "next" not in row


def test_next_code_and_table(alice_png: str) -> None:
    (row,) = json.loads(run("code", alice_png, "--at", str(T), "--next", "--json").stdout)["codes"]
    assert row["next"] == pyotp.TOTP(SECRET).at(int(T) + 30)
    table = run("code", alice_png, "--at", str(T), "--next").stdout
    assert f"{row['code'][:3]} {row['code'][3:]}" in table
    assert "01:58:00 to 01:58:30 UTC" in table
    assert "s left" in run("code", alice_png).stdout


def test_counter_based_entries_have_no_times() -> None:
    uri = f"otpauth://hotp/Example:bob?secret={SECRET}&issuer=Example&counter=42"
    (row,) = json.loads(run("code", "-", "--next", "--json", stdin=uri).stdout)["codes"]
    assert row["code"] == pyotp.HOTP(SECRET).at(42)
    assert row["next"] == pyotp.HOTP(SECRET).at(43)
    assert row["valid_from"] is row["valid_until"] is None


@pytest.mark.parametrize("at", ["soon", "2005-13-18T01:58:29Z", "-5", "1e400", "nan", "1760000000000"])
def test_a_bad_time_is_refused_in_words(alice_png: str, at: str) -> None:
    result = run("code", alice_png, f"--at={at}")
    assert result.exit_code == 2
    assert "hint" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.fixture
def berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("berlin")
def test_a_time_without_a_zone_is_by_this_computer_and_that_is_said(alice_png: str) -> None:
    result = run("code", alice_png, "--at", "2005-03-18T02:58:29", "--json")
    assert json.loads(result.stdout)["codes"][0]["code"] == pyotp.TOTP(SECRET).at(int(T))
    assert "UTC+01:00" in result.stderr


@pytest.mark.usefixtures("berlin")
@pytest.mark.parametrize("at", ["2026-10-25T02:30:00", "2026-03-29T02:30:00"])
def test_an_hour_that_comes_twice_or_never_needs_a_zone(alice_png: str, at: str) -> None:
    result = run("code", alice_png, "--at", at)
    assert result.exit_code == 2
    assert "changes its clock" in result.stderr


def test_a_uri_on_the_command_line_is_refused_and_not_repeated() -> None:
    result = run("code", ALICE)
    assert result.exit_code == 2
    assert SECRET not in result.output
    assert "history" in result.stderr


@pytest.mark.parametrize("command", ["scan", "code"])
def test_a_key_too_long_for_a_files_name_is_refused_as_a_key(command: str) -> None:
    result = run(command, "A2" * 200)
    assert result.exit_code == 2
    assert "history" in result.stderr
    assert "A2A2" not in result.stderr


def test_a_bare_key_on_the_command_line_is_refused_and_not_repeated() -> None:
    for command in ("code", "scan"):
        result = run(command, SECRET, "--json")
        assert result.exit_code == 2
        assert SECRET not in result.output


def test_a_whole_export_is_not_called_incomplete_and_half_of_it_is(tmp_path: Path) -> None:
    from mfatools import Account, migration

    phone = [Account.new("Example", name) for name in ("alice", "bob", "carol")]
    halves = []
    for number, uri in enumerate(migration.build(phone, per_code=2)):
        halves.append(str(tmp_path / f"{number}.png"))
        Path(halves[-1]).write_bytes(picture(uri))
    whole = run("scan", *halves, "--json")
    assert whole.exit_code == 0
    assert len(json.loads(whole.stdout)["accounts"]) == 3
    assert json.loads(whole.stdout)["notes"] == []
    (note,) = json.loads(run("scan", halves[0], "--json").stdout)["notes"]
    assert note["code"] == "W_BATCH_INCOMPLETE"
    assert "2" in note["text"]
    assert "2" in run("code", halves[0]).stderr  # the person who wants codes is told as well


def test_code_says_on_stderr_what_is_odd() -> None:
    result = run("code", "-", "--json", stdin=f"{ALICE}&algorithm=SHA256")
    assert result.exit_code == 0
    assert "SHA256" in result.stderr
    assert SECRET not in result.output
    assert set(json.loads(result.stdout)) == {"codes"}


def test_a_text_is_read_entry_by_entry_and_a_bad_line_is_named(tmp_path: Path) -> None:
    text = f"# keys\n{ALICE}\nrubbish here\notpauth://totp/Other:bob?secret=JBSWY0DP\notpauth://totp/X:y?\nsecret={SECRET}\n"
    result = run("scan", "-", "--json", stdin=text)
    assert result.exit_code == 2
    body = json.loads(result.stdout)
    assert [account["name"] for account in body["accounts"]] == ["alice@example.com", "y"]
    assert [unread["text"].split(":")[0] for unread in body["unread"]] == ["Line 3", "Line 4"]
    utf_16 = tmp_path / "windows.txt"
    utf_16.write_text(ALICE, encoding="utf-16")
    assert run("scan", str(utf_16)).exit_code == 0


def test_a_long_text_without_an_account_is_one_sentence(tmp_path: Path) -> None:
    letter = tmp_path / "letter.txt"
    letter.write_text("Dear Sir or Madam,\n" * 500, encoding="utf-8")
    result = run("scan", str(letter), "--json")
    assert result.exit_code == 1
    (unread,) = json.loads(result.stdout)["unread"]
    assert unread["text"].startswith("This is some other text")
    assert len(result.stderr.splitlines()) == 2


def test_a_text_in_an_old_encoding_is_read(tmp_path: Path) -> None:
    old = tmp_path / "old.txt"
    old.write_bytes(ALICE.replace("Example", "Müller").encode("latin-1") + b"\n# \xe9t\xe9\n")
    result = run("scan", str(old), "--json")
    assert [account["name"] for account in json.loads(result.stdout)["accounts"]] == ["alice@example.com"]


def test_a_file_that_is_too_large_says_so(tmp_path: Path) -> None:
    large = tmp_path / "large.bin"
    with large.open("wb") as file:
        file.truncate(200 << 20)  # sparse
    result = run("scan", str(large))
    assert result.exit_code == 2
    assert "100 MiB" in result.stderr
    assert "screenshot" in result.stderr


def test_what_cannot_be_opened_is_told_with_its_cure(tmp_path: Path) -> None:
    assert "folder" in run("scan", str(tmp_path)).stderr
    missing = run("scan", str(tmp_path / "nix.png")).stderr
    assert missing.count("nix.png") == 1
    assert run("code", "-", stdin="").exit_code == 2
    assert json.loads(run("code", "nix.png", "--json").stdout)["unread"][0]["code"] == "E_FILE"


def test_live_needs_a_terminal(alice_png: str) -> None:
    result = run("code", alice_png, "--live")
    assert result.exit_code == 2
    assert "terminal" in result.stderr


def test_a_reader_who_has_enough_ends_it_quietly(alice_png: str) -> None:
    for arguments in (["code", alice_png], ["scan", alice_png, "--json"]):
        command = [sys.executable, "-m", "mfatools", *arguments]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert process.stdout is not None
        process.stdout.close()
        _, said = process.communicate()
        assert said == ""
        assert process.returncode == 141


def test_letters_that_the_output_lacks_are_written_out(tmp_path: Path) -> None:
    path = tmp_path / "keys.txt"
    path.write_text(ALICE.replace("Example", "Ex%C3%A4mple"), encoding="utf-8")
    ascii_only = CliRunner(charset="ascii")
    assert "Ex\\xe4mple" in ascii_only.invoke(main, ["scan", str(path)]).stdout
    told = json.loads(ascii_only.invoke(main, ["scan", str(path), "--json"]).stdout)
    assert told["accounts"][0]["issuer"] == "Ex\xe4mple"


def test_a_wrong_command_line_is_one_sentence_and_a_hint(alice_png: str) -> None:
    for arguments, said in (
        (["sca", alice_png], "Did you mean 'scan'?"),
        ([alice_png], "The command comes first"),
        (["why", "--ful"], "--full"),
        (["code", alice_png, "--at"], "--at"),
        (["clock", "--samples", "many"], "--samples"),
    ):
        result = run(*arguments)
        assert result.exit_code == 2
        assert said in result.stderr
        first, second = result.stderr.splitlines()
        assert first.startswith("mfatools: ")
        assert second.startswith("  hint: ")
    for arguments in (
        [ALICE],
        ["code", alice_png, SECRET],
        ["why", alice_png, ALICE],
        ["scan", f"--json={SECRET}"],
    ):
        result = run(*arguments)
        assert result.exit_code == 2
        assert SECRET not in result.output


@pytest.mark.parametrize("command", ["scan", "code", "clock", "why", "lab"])
def test_every_help_has_examples_that_can_be_read(command: str) -> None:
    text = CliRunner().invoke(main, [command, "--help"], env={"COLUMNS": "80"}).stdout
    assert f"\n  mfatools {command} " in text.replace("\n    mfatools", "\n  mfatools")
    assert max(map(len, text.splitlines())) <= 80


def test_a_full_disk_behind_stdout_and_a_closed_stdin_are_no_tracebacks(alice_png: str) -> None:
    command = [sys.executable, "-m", "mfatools", "code"]
    with Path("/dev/full").open("w") as full:
        process = subprocess.run([*command, alice_png], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert process.returncode == 2
    assert "Traceback" not in process.stderr
    closed = "import sys; sys.stdin = None; from mfatools.cli import main; main(['code', '-'])"
    process = subprocess.run([sys.executable, "-c", closed], capture_output=True, text=True, check=False)
    assert process.returncode == 2
    assert "Traceback" not in process.stderr


def test_lab_copies_the_notebooks_once_and_keeps_what_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    called: list[list[str]] = []
    monkeypatch.setattr("mfatools.cli.lab._run", lambda command: called.append(command) or 0)
    folder = tmp_path / "mine"
    assert run("lab", "--folder", str(folder), "--no-browser").exit_code == 0
    start = folder / "00_start_here.ipynb"
    assert start.exists()
    assert called[0][1:3] == ["-m", "jupyterlab"]
    assert f"--ServerApp.root_dir={folder}" in called[0]
    assert "--LabApp.default_url=/lab/tree/00_start_here.ipynb" in called[0]
    assert "--no-browser" in called[0]
    start.write_text("my own work", encoding="utf-8")
    run("lab", "--folder", str(folder))
    assert start.read_text(encoding="utf-8") == "my own work"


def test_lab_says_when_the_folder_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    result = run("lab", "--folder", str(tmp_path / "file" / "below"))
    assert result.exit_code == 2
    assert "--folder" in result.stderr


def test_it_runs_as_a_module_and_is_quick_to_help() -> None:
    code = "import sys; from mfatools.cli import main; main(['--help'], standalone_mode=False); print(*sys.modules)"
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "scan" in process.stdout
    assert not {"PIL", "numpy", "ipywidgets", "matplotlib", "rich"} & set(process.stdout.split())
    process = subprocess.run(
        [sys.executable, "-m", "mfatools", "--version"], capture_output=True, text=True, check=True
    )
    assert process.stdout.startswith("mfatools, version ")
