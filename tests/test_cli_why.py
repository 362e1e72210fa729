"""``mfatools why``: JSON in, findings out, and errors that name the field."""

from __future__ import annotations

import json
import time

import pytest
import segno
from click.testing import CliRunner

from mfatools.cli import when
from mfatools.cli.why import why
from mfatools.clock import ClockReport
from mfatools.consensus import Confidence
from mfatools.errors import MfaError
from mfatools.secret import Secret
from mfatools.totp import Hotp, Totp

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
URI = f"otpauth://totp/Example:ada?secret={SECRET}&issuer=Example"
T = 1_759_406_400.0
OTP = Totp(Secret.from_base32(SECRET))


def case(offset: float = -75.0, **more: object) -> dict:
    looks = [{"shown": OTP.code(T + s + offset), "read_at_local": T + s, "accepted": False} for s in (7, 71)]
    return {"uri": URI, "codes": looks, "ntp_offset_s": 0.0, **more}


def run(data: object, *options: str):
    text = data if isinstance(data, str | bytes) else json.dumps(data)
    return CliRunner().invoke(why, list(options), input=text)


def talk(*answers: str, arguments: tuple[str, ...] = ()):
    """A dialogue with these answers, a line each; where they run out the input ends."""
    return CliRunner().invoke(why, list(arguments), input="".join(f"{answer}\n" for answer in answers))


@pytest.fixture
def terminal(monkeypatch):
    """Standard input poses as a terminal, and time stands still, 7 s into a step."""
    monkeypatch.setattr("mfatools.cli.why._is_terminal", lambda: True)
    monkeypatch.setattr("mfatools.cli.why.time.time", lambda: T + 7)


@pytest.fixture
def picture(tmp_path):
    segno.make(URI, micro=False).save(str(tmp_path / "ada.png"), scale=5)
    return str(tmp_path / "ada.png")


def right(*further: str) -> list[str]:
    """Answers: two right codes, both refused; app and clock known; then ``further``."""
    first = [OTP.code(T + 7), "", "n", ""]
    second = [OTP.code(T - 53), "1 min ago", "n", "5", ""]
    return [*first, *second, "Aegis", "n", "0", *further]


def test_json():
    result = run(case(), "--json")
    assert result.exit_code == 0
    told = json.loads(result.stdout)
    assert told["findings"][0]["family"] == "PHONE_CLOCK"
    low, high = told["findings"][0]["offset_s"]
    assert low <= -75 <= high
    assert told["hypotheses_tested"] > 100
    assert isinstance(told["notes"], list)
    assert SECRET not in result.stdout
    assert OTP.code(T + 7 - 75) not in result.stdout


def test_table():
    result = run(case())
    assert result.exit_code == 0
    for text in ("PHONE_CLOCK", "slow", "rfc6238"):
        assert text in result.stdout
    assert SECRET not in result.output


def test_the_question_for_network_time_names_the_command():
    assert "`mfatools clock`" in run(case(-75.0, ntp_offset_s=None)).stdout


def test_a_whole_scenario_is_understood():
    assert run({"id": "S1", "given": case(), "truth": {}}, "--json").exit_code == 0


def test_nothing_found():
    assert run({"uri": URI, "codes": []}).exit_code == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        ("{", "line 1"),
        (b'{"\xff"}', "UTF-8"),
        ("[]", "JSON object"),
        ({"codes": []}, "uri"),
        ({"uri": URI, "codes": [{"shown": "1"}]}, "codes[0].read_at_local"),
        ("[" * 100_000, "not valid JSON"),
    ],
)
def test_bad_input(text, said):
    result = run(text)
    assert result.exit_code == 2
    assert said in result.stderr
    assert "Traceback" not in result.output
    assert result.stdout == ""


def test_it_asks_step_by_step_in_a_terminal(terminal):
    result = talk("", URI, OTP.code(T + 7 - 75), "", "n", "", "", "6", "n", "0", "q")
    assert result.exit_code == 0, result.output
    assert "PHONE_CLOCK" in result.output
    assert SECRET not in result.output


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_no_name_in_a_case_steers_the_terminal(options):
    other = OTP.__class__(Secret(b"another key, of 20 b"))
    looks = [{"shown": other.code(T + s), "read_at_local": T + s, "accepted": False} for s in (7, 71)]
    name = "old\x1b]0;gotcha\x07\x1b[2J\x9b5n one"
    uri = f"otpauth://totp/Old?secret={other.secret.reveal_base32()}"
    result = run({"uri": URI, "codes": looks, "other_entries": [{"label": name, "uri": uri}]}, *options)
    assert result.exit_code == 0
    assert "WRONG_ENTRY" in result.stdout
    assert not set("\x1b\x07\x9b") & set(result.output)
    if options:
        assert name in json.loads(result.stdout)["findings"][0]["says"]


def test_a_text_too_long_for_a_name_is_taken_for_what_it_is(terminal):
    result = talk("A2" * 2000, SECRET * 8, "")
    assert "cannot be written" not in result.output
    assert "took it off the screen" in result.output


def test_help_has_an_example():
    result = run("", "--help")
    assert "otpauth://totp/Example:alice" in result.stdout
    assert "Exit status" in result.stdout


def test_the_full_search_from_the_terminal(monkeypatch):
    monkeypatch.setattr("mfatools.diagnose.engine._END", 3_000_000)
    far = [{"shown": OTP.code(2_000_000 + s), "read_at_local": T + s, "accepted": False} for s in (7, 71)]
    given = {"uri": URI, "codes": far, "ntp_offset_s": 0.0}
    assert json.loads(run(given, "--json").stdout)["findings"][0]["family"] == "SECRET_DIFFERENT"
    found = json.loads(run(given, "--json", "--full").stdout)["findings"][0]
    assert found["family"] == "PHONE_CLOCK"
    assert found["offset_s"][0] <= 2_000_000 - T <= found["offset_s"][1]


def test_a_misspelt_field_is_told_and_the_right_name_offered():
    given = {
        "uri": "otpauth://totp/Lesson:ada?secret=JBSWY3DPEHPK3PXP",
        "ntp_offset": 0,
        "codes": [{"shown": "123456"}],
    }
    given["codes"][0] |= {"read_at_local": 1760000000, "acepted": False}
    done = CliRunner().invoke(why, ["--json"], input=json.dumps(given))
    assert "ntp_offset (did you mean ntp_offset_s?)" in done.stderr
    assert "codes[0].acepted (did you mean accepted?)" in done.stderr
    assert json.loads(done.stdout)["findings"]


def test_the_missing_uri_of_another_entry_is_named_there():
    given = {"uri": "otpauth://totp/Lesson:ada?secret=JBSWY3DPEHPK3PXP", "other_entries": [{"label": "x"}]}
    done = CliRunner().invoke(why, ["--json"], input=json.dumps(given))
    assert done.exit_code == 2
    assert "other_entries[0].uri is missing" in done.stderr


def test_wrong_answers_are_asked_again_with_a_hint(terminal, picture, tmp_path):
    result = talk(
        *("nix.png", str(tmp_path), f"'{picture}'"),
        *("hello!", "12345", "n", OTP.code(T + 7 - 75), "soon", "", "maybe", "n", "long", "728266", ""),
        *("", "99", "Aegis", "perhaps", "n", "2", "2 s slow", "77", "q"),
    )
    assert result.exit_code == 0, result.output
    for hint in (
        *("no such file", "This is a folder", "not look like a code", "leading zero", "no time that I can read"),
        *("neither yes nor no", "no length of time", "half a day", "from 1 to 9", "Fast or slow", "none of them"),
    ):
        assert hint in " ".join(result.output.split()), hint
    assert "PHONE_CLOCK" in result.output


def test_clocks_play_no_part_for_a_counter(terminal, tmp_path):
    (tmp_path / "bank.txt").write_text(f"otpauth://hotp/Bank:ada?secret={SECRET}&issuer=Bank&counter=3")
    codes = [answer for n in (17, 18) for answer in (Hotp(Secret.from_base32(SECRET), n).code(), "", "n", "")]
    result = talk(*codes, "", "Aegis", "q", arguments=(str(tmp_path / "bank.txt"),))
    assert result.exit_code == 0, result.output
    assert "HOTP_DESYNC" in result.output
    assert "computer's clock" not in result.output


def test_an_odd_code_is_kept_if_the_person_says_so(terminal, picture):
    lost = next(s for s in range(0, 90_000, 30) if OTP.code(T + s).startswith("0"))
    result = talk(OTP.code(T + lost)[1:], "y", "", "n", "", "", "Aegis", "n", "0", "q", arguments=(picture,))
    assert "5: perhaps a leading zero was lost" in " ".join(result.output.split())
    assert "as it is?" in result.output
    assert result.exit_code in (0, 1)


def test_the_answer_to_a_probe_is_evidence(terminal, picture):
    result = talk(*right("probe", "y", "q"), arguments=(picture,))
    assert result.exit_code == 0, result.output
    before, _, after = result.output.partition("What now?")
    old = OTP.code(T + 7 - 90)
    assert f"{old[:3]} {old[3:]}" in before
    assert "SERVICE_SIDE" in before
    assert "SERVICE_CLOCK" in after
    assert "behind" in after


def test_no_to_a_probe_leads_to_the_next_and_enter_sends_none(terminal, picture):
    ahead = OTP.code(T + 7 + 90)
    result = talk(*right("probe", "n", "", "q"), arguments=(picture,))
    assert result.output.count(f"{ahead[:3]} {ahead[3:]}") >= 2
    assert result.output.count("Did the site take it? (y, n; Enter: not sent)") == 2


def test_a_code_that_is_taken_ends_it_if_that_was_all(terminal, picture):
    result = talk(*right("code", OTP.code(T + 7), "", "y", "", "y"), arguments=(picture,))
    assert result.exit_code == 0, result.output
    assert "solved?" in result.output


def test_a_further_picture_is_another_key_or_another_entry(terminal, picture, tmp_path):
    newer = URI.replace("JBSWY3DPEHPK3PXPJBSWY3DP", "KRSXG5CTMVRXEZLUKN2XAZLS")
    other = "otpauth://totp/Other:bob?secret=KRSXG5CTMVRXEZLUKN2XAZLS"
    (tmp_path / "more.txt").write_text(f"{newer}\n{other}\n{URI}\n")
    result = talk(*right("picture", str(tmp_path / "more.txt"), "q"), arguments=(picture,))
    assert "the same account with another key" in result.output
    assert "Other: bob: taken as another entry" in result.output
    assert "Example: ada: that is known already" in result.output


def test_several_entries_in_one_picture_are_asked_about(terminal, tmp_path):
    (tmp_path / "keys.txt").write_text(f"otpauth://totp/Other:bob?secret=KRSXG5CTMVRXEZLUKN2XAZLS\n{URI}\n")
    result = talk("2", *right("q"), arguments=(str(tmp_path / "keys.txt"),))
    assert "Which one is refused?" in result.output
    assert "Example: ada: 6 digits" in result.output
    assert "SERVICE_SIDE" in result.output


def test_without_codes_or_for_push_it_asks_nothing_needless(terminal, picture, tmp_path):
    result = talk("", "q", arguments=(picture,))
    assert result.exit_code == 1
    assert "No code was given" in result.output
    assert "time servers" not in result.output
    (tmp_path / "push.txt").write_text("phonefactor://activate_account?code=123456789")
    result = talk("q", arguments=(str(tmp_path / "push.txt"),))
    assert "NONSTANDARD" in result.output
    assert "phone shows (" not in result.output


def test_the_report_is_not_told_again_when_nothing_new_came(terminal, picture):
    result = talk(*right("code", "", "tap", "q", "q"), arguments=(picture,))
    assert result.exit_code == 0, result.output
    assert result.output.count("Comparing with every cause") == 1
    assert result.output.count("Nothing new") == 2


@pytest.mark.parametrize(
    ("told", "ago"), [("30s", 30), ("1 min", 60), ("2m", 120), ("40", 40), ("1.5 min", 90), ("30 s ago", 30)]
)
def test_a_bare_length_is_that_long_ago(told, ago):
    assert when.moment(told, T).at == T - ago


@pytest.mark.parametrize("told", ["123456", "30 x", "min", "1 s later"])
def test_what_is_no_moment_is_refused(told):
    with pytest.raises(MfaError, match="no time"):
        when.moment(told, T)


def test_other_characters_in_a_code_are_called_so(terminal, picture):
    assert "other characters in it" in talk("12345!", "n", "", "q", arguments=(picture,)).output


def test_taps_are_taken(terminal, picture):
    result = talk(*right("picture", "nix.png", "q", "tap", "", "", "q", "q"), arguments=(picture,))
    assert "Change 3" in result.output
    assert "The phone's clock is" in result.output


def test_the_network_is_asked_after_a_yes_only(terminal, picture, monkeypatch):
    asked = []
    report = ClockReport(-75.0, 0.01, Confidence.CONFIRMED, "ntp")
    monkeypatch.setattr("mfatools.clock.check_clock", lambda: asked.append(1) or report)
    start = [OTP.code(T + 7), "", "n", "", "", "Aegis"]
    assert talk(*start, "n", "", "q", arguments=(picture,)).exit_code == 0
    assert not asked
    result = talk(*start, "y", "q", arguments=(picture,))
    assert asked
    assert report.verdict.headline[:20] in result.output


def test_json_of_a_dialogue_stands_alone_on_stdout(terminal, picture):
    result = talk(*right("q"), arguments=(picture, "--json"))
    assert json.loads(result.stdout)["findings"][0]["family"] == "SERVICE_SIDE"
    assert "What now?" in result.stderr


def test_the_end_of_the_input_is_polite(terminal):
    result = talk()
    assert result.exit_code == 1
    assert "stop here" in result.output


def test_probes_come_with_their_codes():
    given = case(0.0) | {"ntp_offset_s": 100.0}
    for look in given["codes"]:
        look["read_at_local"] += 100
    now = time.time()
    told = json.loads(run(given, "--json").stdout)["probes"]
    assert told
    for probe in told:
        assert set(probe) == {"name", "proves", "steps", "code", "send_from", "send_until"}
        assert probe["code"] == OTP.code(probe["send_from"] - 100 + 30 * probe["steps"] + 1)
        assert probe["send_until"] - probe["send_from"] == 30
        assert now + 7 < probe["send_until"] <= now + 60
    assert "Each costs one of the site's tries" in run(given).stdout


def test_a_saved_case_takes_its_key_from_a_picture(picture, tmp_path):
    saved = case() | {"uri": None}
    assert "PICTURE <" in run(saved).stderr
    result = CliRunner().invoke(why, [picture, "--json"], input=json.dumps(saved))
    assert json.loads(result.stdout)["findings"][0]["family"] == "PHONE_CLOCK"
    empty = tmp_path / "notes.txt"
    empty.write_text("nothing here")
    assert CliRunner().invoke(why, [str(empty)], input=json.dumps(saved)).exit_code == 1
    assert CliRunner().invoke(why, ["nix.png"], input=json.dumps(saved)).exit_code == 2


def test_narrow_and_wide_lines_end_in_time_and_links_stay_whole(monkeypatch):
    given = case(0.0) | {"app": "Google Authenticator (Android)", "uri": f"{URI}&algorithm=SHA256"}
    for width in (60, 80):
        result = CliRunner().invoke(why, input=json.dumps(given), env={"COLUMNS": str(width)})
        for line in result.stdout.splitlines():
            assert len(line) <= width or "://" in line
        assert "\n  More: https://" in result.stdout or "\n  https://" in result.stdout
        assert "\x1b" not in result.stdout


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"uri": URI, "codes": [], "ntp_offset_s": 0})[:-2] + "1" * 5000 + "}",
        b" " * (8 * 2**20 + 1),
        b"  \r\n",
    ],
)
def test_monstrous_input_is_refused_in_words(text):
    result = run(text)
    assert result.exit_code == 2
    assert "hint: " in result.stderr
    assert "Traceback" not in result.output


def test_a_name_from_outside_does_not_steer_the_terminal():
    result = run(case() | {"\x1b[2J": 1})
    assert "is not known and was left out" in result.stderr
    assert "\x1b" not in result.output


def test_windows_text_is_read():
    text = json.dumps(case(), indent=1).replace("\n", "\r\n")
    for encoded in (text.encode("utf-8-sig"), text.encode("utf-16")):
        assert json.loads(run(encoded, "--json").stdout)["findings"][0]["family"] == "PHONE_CLOCK"


def test_a_question_is_answered_in_a_word(terminal, picture):
    result = talk(*right("probe", "n", "n", "answer", "perhaps", "yes", "q"), arguments=(picture,))
    assert "Number, or the word" in result.output, result.output[-1500:]
    assert "That is none of them" in result.output
    before, _, after = result.output.rpartition("Comparing")
    assert "The service's clock is wrong" in after
    assert "The service's clock is wrong" not in before
