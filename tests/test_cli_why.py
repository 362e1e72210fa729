"""``mfatools why``: JSON in, findings out, and errors that name the field."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from mfatools.cli.why import why
from mfatools.secret import Secret
from mfatools.totp import Totp

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


def test_a_whole_scenario_is_understood():
    assert run({"id": "S1", "given": case(), "truth": {}}, "--json").exit_code == 0


def test_nothing_found():
    assert run({"uri": URI, "codes": []}).exit_code == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "not valid JSON"),
        ("{", "line 1"),
        (b"\xff\xfe", "UTF-8"),
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


def test_it_asks_step_by_step_in_a_terminal(monkeypatch):
    monkeypatch.setattr("mfatools.cli.why._is_terminal", lambda: True)
    monkeypatch.setattr("mfatools.cli.why.time.time", lambda: T + 7)
    answers = "\n".join([URI, OTP.code(T + 7 - 75), "n", "", "Aegis", "0", ""])
    result = CliRunner().invoke(why, [], input=answers)
    assert result.exit_code == 0, result.output
    assert "PHONE_CLOCK" in result.stdout
    assert SECRET not in result.output


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
