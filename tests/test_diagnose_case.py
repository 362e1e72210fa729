"""Reading a case: every field by its name, and back to JSON with and without its secrets."""

from __future__ import annotations

import json
import math

import pytest

from mfatools.account import parse
from mfatools.diagnose import Case, Entry, Look, diagnose
from mfatools.errors import CaseError

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
URI = f"otpauth://totp/Example:ada?secret={SECRET}&issuer=Example"
LOOK = {"shown": "123456", "read_at_local": 1.76e9}
SENT = {"code": "123456", "at": 1.76e9, "accepted": False}


@pytest.mark.parametrize(
    ("data", "name"),
    [
        ([], "The case"),
        ({}, "uri"),
        ({"uri": ""}, "uri"),
        ({"uri": 5}, "uri"),
        ({"uri": "hello"}, "uri"),
        ({"uri": "otpauth://totp/x?secret=10"}, "uri"),
        ({"uri": URI, "codes": {}}, "codes"),
        ({"uri": URI, "codes": [5]}, "codes[0]"),
        ({"uri": URI, "codes": [LOOK, {}]}, "codes[1].shown"),
        ({"uri": URI, "codes": [{"shown": "123456"}]}, "codes[0].read_at_local"),
        ({"uri": URI, "codes": [{**LOOK, "shown": ""}]}, "codes[0].shown"),
        ({"uri": URI, "codes": [{**LOOK, "shown": 123456}]}, "codes[0].shown"),
        ({"uri": URI, "codes": [{**LOOK, "read_at_local": "noon"}]}, "codes[0].read_at_local"),
        ({"uri": URI, "codes": [{**LOOK, "read_at_local": 1.76e12}]}, "codes[0].read_at_local"),
        ({"uri": URI, "codes": [{**LOOK, "read_at_local": math.nan}]}, "codes[0].read_at_local"),
        ({"uri": URI, "codes": [{**LOOK, "read_at_local": -5}]}, "codes[0].read_at_local"),
        ({"uri": URI, "codes": [{**LOOK, "read_at_local": "2026-11-30T09:00:00Z"}]}, "must be POSIX seconds"),
        ({"uri": URI, "codes": [{**LOOK, "accepted": "yes"}]}, "codes[0].accepted"),
        ({"uri": URI, "codes": [{**LOOK, "read_sd_s": -1}]}, "codes[0].read_sd_s"),
        ({"uri": URI, "codes": [{**LOOK, "typed_after_s": True}]}, "codes[0].typed_after_s"),
        ({"uri": URI, "ntp_offset_s": "0"}, "ntp_offset_s"),
        ({"uri": URI, "ntp_offset_s": math.inf}, "ntp_offset_s"),
        ({"uri": URI, "app": 7}, "app"),
        ({"uri": URI, "other_entries": [{"label": "x"}]}, "other_entries[0].uri"),
        ({"uri": URI, "other_entries": [{"uri": "x"}]}, "other_entries[0].uri"),
        ({"uri": URI, "second_uri": "x"}, "second_uri"),
        ({"uri": URI, "change_observed_at_local": ["x"]}, "change_observed_at_local[0]"),
        ({"uri": URI, "verifier": "nobody"}, "verifier"),
        ({"uri": URI, "verifier": {"behind": -1}}, "verifier"),
        ({"uri": URI, "other_entries": [{"label": 5, "uri": URI}]}, "other_entries[0].label"),
        ({"uri": URI, "other_entries": [7]}, "other_entries[0]"),
        ({"uri": URI, "sent": {}}, "sent"),
        ({"uri": URI, "sent": ["123456"]}, "sent[0]"),
        ({"uri": URI, "sent": [SENT, {**SENT, "code": 123456}]}, "sent[1].code"),
        ({"uri": URI, "sent": [{**SENT, "code": ""}]}, "sent[0].code"),
        ({"uri": URI, "sent": [{**SENT, "at": "noon"}]}, "sent[0].at"),
        ({"uri": URI, "sent": [{"code": "123456", "accepted": True}]}, "sent[0].at"),
        ({"uri": URI, "sent": [{**SENT, "accepted": None}]}, "sent[0].accepted"),
        ({"uri": URI, "sent": [{**SENT, "accepted": 1}]}, "sent[0].accepted"),
        ({"uri": URI, "service_expected_code": "12"}, "service_expected_code"),
        ({"uri": URI, "service_expected_code": "12345a"}, "service_expected_code"),
        ({"uri": URI, "service_expected_code": " "}, "service_expected_code"),
        ({"uri": URI, "answers": ["yes"]}, "answers"),
        ({"uri": URI, "answers": {"mood": "good"}}, "answers.mood"),
        ({"uri": URI, "answers": {"others_fail": True}}, "answers.others_fail"),
    ],
)
def test_errors_name_the_field_and_what_to_do(data, name):
    with pytest.raises(CaseError) as caught:
        Case.from_json(data)
    assert name in caught.value.what
    assert len(caught.value.hint) > 12
    assert "Correct this field" not in caught.value.hint  # every field has advice of its own
    assert SECRET not in str(caught.value)


FULL = {
    "uri": URI,
    "codes": [
        {**LOOK, "typed": "12345", "accepted": False, "entry_label": "x", "typed_after_s": 3.0, "read_sd_s": 1.0}
    ],
    "ntp_offset_s": -3.5,
    "app": "Aegis",
    "platform": "android",
    "other_entries": [{"label": "old", "uri": URI.replace("ada", "bob")}],
    "second_uri": URI.replace("ada", "eve"),
    "key_as_shown": "jbsw y3dp",
    "service_expected_code": "654321",
    "change_observed_at_local": [1.76e9 + 10],
    "verifier": "keycloak",
    "sent": [{"code": "246802", "at": 1.76e9 + 60, "accepted": False}],
    "answers": {"others_fail": "no"},
}


def test_a_case_goes_to_json_and_back():
    case = Case.from_json(FULL)
    again = Case.from_json(json.loads(json.dumps(case.to_json(secrets=True))))
    assert again.to_json(secrets=True) == case.to_json(secrets=True)
    assert again.looks == case.looks
    assert again.entry == case.entry


def test_without_secrets_there_is_no_key_in_it_and_it_can_be_read_again():
    case = Case.from_json(FULL)
    saved = json.dumps(case.to_json())
    assert SECRET not in saved
    assert "jbsw" not in saved
    assert Case.from_json(json.loads(saved), uri=URI).looks == case.looks


def test_repr_shows_neither_keys_nor_codes():
    shown = repr(Case.from_json(FULL)) + repr(diagnose(Case.from_json(FULL)))
    for hidden in (SECRET, "123456", "12345", "654321", "jbsw", "y3dp", "246802"):
        assert hidden not in shown


def test_a_code_that_was_only_typed_counts_as_shown():
    case = Case.from_json({"uri": URI, "codes": [{"typed": "123456", "read_at_local": 1.76e9}]})
    assert case.looks[0].shown == "123456"


def test_the_order_of_the_codes_does_not_matter():
    looks = [{"shown": "111111", "read_at_local": 1.76e9}, {"shown": "222222", "read_at_local": 1.76e9 - 90}]
    one = diagnose(Case.from_json({"uri": URI, "codes": looks}))
    other = diagnose(Case.from_json({"uri": URI, "codes": looks[::-1]}))
    assert [f.family for f in one.findings] == [f.family for f in other.findings]


@pytest.mark.parametrize("code", [" ", "-", "0" * 200, "\u0660", "abc\x00", "\U0001d7d8" * 6, "1e5", "+12345"])
def test_odd_codes_do_no_harm(code):
    case = {"uri": URI, "codes": [{"shown": code, "read_at_local": 1.76e9, "accepted": False}] * 2}
    assert diagnose(Case.from_json(case)).findings


def test_a_clock_measured_by_ntp_has_the_other_sign():
    case = Case.from_json({"uri": URI}).with_clock(95.0, 0.2)
    assert case.local_offset_s == -95.0  # 95 s to add: this computer is 95 s slow
    assert case.local_bound_s == 0.2


def test_a_case_is_built_without_json_too():
    account = parse(URI)
    case = Case(Entry.of(account), (Look("123456", 1.76e9, accepted=False),), app="Aegis")
    assert case.entry == Entry("Example: ada", account, "totp")
    assert diagnose(case).best.family == "SECRET_DIFFERENT"


def test_very_many_codes_are_cut_down():
    looks = [{"shown": f"{n:08}", "read_at_local": 1.76e9 + 40 * n, "accepted": False} for n in range(80)]
    diagnosis = diagnose(Case.from_json({"uri": URI, "codes": looks}))
    assert diagnosis.findings
    assert any("last 16" in note for note in diagnosis.notes)


@pytest.mark.parametrize(
    ("uri", "scheme"),
    [
        (URI, "totp"),
        (SECRET, "totp"),  # a bare key
        (URI.replace("totp", "hotp") + "&counter=3", "hotp"),
        ("motp://X:a?secret=e3152afee62599c8", "motp"),
        (f"otpauth://yaotp/Yandex:a?secret={SECRET}", "yandex"),
        (f"steam://{SECRET}", "steam"),
        (f"otpauth://totp/Valve:a?secret={SECRET}&digits=s", "steam"),
        ("phonefactor://activate_account?code=1", "push_app"),
    ],
)
def test_schemes(uri, scheme):
    case = Case.from_json({"uri": uri, "codes": [{**LOOK, "shown": "MV9Y3"}]})
    assert case.entry.scheme == scheme
    if scheme not in ("totp", "hotp"):
        assert diagnose(case).best.family in ("NONSTANDARD", "SECRET_DIFFERENT")
