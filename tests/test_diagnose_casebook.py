"""Reports of the case book that no scenario was made of: what they showed to be missing, and near misses."""

from __future__ import annotations

import pytest
from test_diagnose_causes import GOOD, KEY, OTHER, TEXT, T, clock, find, firm, key, number, unlikely, uri

from mfatools.diagnose import Case, diagnose
from mfatools.diagnose.keys import decode
from mfatools.secret import Secret
from mfatools.totp import STEAM_ALPHABET, Algorithm, Totp

DAY = 86400.0
GROUPS = [TEXT[i : i + 4] for i in range(0, len(TEXT), 4)]


def of(*groups: str):
    return key(decode("".join(groups)))


# ---- keys --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shows", "told"),
    [
        (of(*GROUPS[:2], *GROUPS[3:]), "group 3 of four characters missing"),
        (of(*GROUPS[:4], GROUPS[5], GROUPS[4], *GROUPS[6:]), "group 5 of four characters and the next one swapped"),
        (of(*GROUPS[:2], GROUPS[1], *GROUPS[2:]), "group 2 of four characters twice"),
        (of(GROUPS[0]), "the last 28 characters missing"),
    ],
)
def test_slips_with_a_whole_group_of_a_key(shows, told):
    diagnosis = find(shows)
    firm(diagnosis, "SECRET_VARIANT")
    assert told in diagnosis.best.says


def test_groups_swapped_that_are_not_neighbours_are_another_key():
    unlikely(find(of(GROUPS[6], *GROUPS[1:6], GROUPS[0], GROUPS[7])), "SECRET_VARIANT")


def steam(made: bytes):
    def code(t: float) -> str:
        left, text = number(t, made), ""
        for _ in range(5):
            left, place = divmod(left, len(STEAM_ALPHABET))
            text += STEAM_ALPHABET[place]
        return text

    return code


def test_steams_codes_of_another_key_are_no_other_scheme():
    diagnosis = find(steam(OTHER), qr=uri(issuer="Steam"))
    assert diagnosis.best.family == "SECRET_DIFFERENT"
    assert "shared_secret" in diagnosis.best.says
    unlikely(diagnosis, "NONSTANDARD")
    assert find(steam(OTHER)).best.family == "NONSTANDARD"  # no account of Steam's


# ---- two faults --------------------------------------------------------------------------------------------------

SHA256 = Totp(Secret(KEY), algorithm=Algorithm.SHA256)


def test_a_second_fault_of_the_clock_is_told_and_mended():
    both = find(clock(-90), qr=uri(SHA256))
    firm(both, "PARAM_IGNORED")
    assert "Besides, the clock that makes the codes is" in both.best.says
    assert "clock" not in both.best.rules_out
    assert "time" in both.best.remedy[-1]
    one = find(clock(0), qr=uri(SHA256))
    assert "Besides" not in one.best.says
    assert one.best.rules_out == "The key and the clock are right."


def test_text_as_key_hours_off_does_not_say_that_the_clock_is_right():
    best = find(lambda t: key(TEXT.encode())(t + 10_800)).best
    assert best.family == "SECRET_VARIANT"
    assert "3 h fast" in best.says
    assert "clock is right" not in best.rules_out


# ---- clocks ------------------------------------------------------------------------------------------------------


def test_a_clock_that_went_wrong_in_months_is_likelier_than_an_old_display():
    later = find(
        lambda t: GOOD.code(t - (80 if t > T + DAY else 5)), at=(6.0, 60 * DAY + 6), accepted=(True, False)
    )
    assert later.best.family == "PHONE_CLOCK"
    soon = find(lambda t: GOOD.code(t - (80 if t > T + 60 else 5)), at=(6.0, 126.0), accepted=(True, False))
    assert soon.best.family in ("STALE_DISPLAY", "LATE")


def test_the_interval_of_a_drifting_clock_holds_what_the_last_codes_allow():
    shows = lambda t: GOOD.code(t + (70 if t > T + DAY else 0))  # noqa: E731
    best = find(shows, at=(6.0, 5 * DAY + 6, 5 * DAY + 76), accepted=(True, False, False)).best
    assert best.family == "PHONE_CLOCK"
    low, high = best.offset_s
    assert low <= 70 <= high


def test_a_right_clock_is_not_blamed_for_refusals_days_later():
    unlikely(
        find(clock(0), at=(6.0, 4 * DAY + 6, 4 * DAY + 80), accepted=(True, False, False)), "PHONE_CLOCK", 0.01
    )


def on_a_computer(offset: float, **given: object):
    return find(clock(offset), at=(7.0, 101.0), **given)


def test_a_program_on_a_computer_is_not_told_of_a_phone():
    best = on_a_computer(150, app="KeePassXC").best
    assert best.title == "The computer's clock is wrong"
    assert "On the computer" in best.remedy[0]
    assert "On the phone" in on_a_computer(150, app="KeePassDX").best.remedy[0]
    refused = on_a_computer(0, app="KeePassXC").best
    assert refused.family == "SERVICE_SIDE"
    assert refused.rules_out.endswith("The clock that makes the codes is right: do not change it.")


def test_a_program_on_this_computer_shares_its_clock():
    looks = [{"shown": GOOD.code(T + s - 95), "read_at_local": T + s - 95, "accepted": False} for s in (7, 71)]
    given = {"uri": uri(), "codes": looks, "ntp_offset_s": -95.0}
    here = diagnose(Case.from_json(given | {"app": "KeePassXC"})).best
    assert here.title == "This computer's clock is wrong"
    assert "On this computer" in here.remedy[0]
    assert diagnose(Case.from_json(given)).best.title == "The phone and the computer are both wrong"


def test_an_app_with_a_correction_of_its_own_is_told_where_to_renew_it():
    assert "Sync Clock with Google" in on_a_computer(70, app="Authenticator extension").best.remedy[-1]
    assert "renew" not in on_a_computer(70, app="Aegis").best.remedy[-1]


def test_the_expected_code_of_this_computers_clock_means_this_computer():
    looks = [{"shown": GOOD.code(T + 6), "read_at_local": T + 126, "accepted": False}]
    given = {"uri": uri(), "codes": looks, "ntp_offset_s": 120.0}
    here = diagnose(Case.from_json(given | {"service_expected_code": GOOD.code(T + 132)})).best
    assert here.family == "LOCAL_CLOCK"
    there = diagnose(Case.from_json(given | {"service_expected_code": GOOD.code(T - 288)})).best
    assert there.family == "SERVICE_CLOCK"


def test_where_no_clock_was_measured_none_is_called_right():
    unmeasured = find(clock(0), ntp_offset_s=None)
    assert unmeasured.best.family == "SERVICE_SIDE"
    assert "clock is right" not in unmeasured.best.rules_out
    assert unmeasured.next_question.name == "network_time"  # it costs no try
    assert "clock is right" in find(clock(0)).best.rules_out


def test_who_knows_the_answer_is_not_asked_for_it():
    looks = [{"shown": GOOD.code(T + s), "read_at_local": T + s - 95} for s in (7, 71)]
    told = [{**look, "accepted": True} for look in looks]
    asked = [
        diagnose(Case.from_json({"uri": uri(), "codes": codes, "ntp_offset_s": None})).next_question
        for codes in (looks, told)
    ]
    assert [question.name for question in asked] == ["network_time"] * 2
    assert ["Whether the service accepts" in question.text for question in asked] == [True, False]


# ---- the service -------------------------------------------------------------------------------------------------


def test_right_codes_refused_after_a_mistyped_one_are_the_services_fault():
    codes = [GOOD.code(T + s) for s in (6, 76, 140)]
    typed = [codes[0][1] + codes[0][0] + codes[0][2:], *codes[1:]]
    assert typed[0] != codes[0]
    looks = [
        {"shown": shown, "typed": sent, "read_at_local": T + s, "accepted": False}
        for shown, sent, s in zip(codes, typed, (6, 76, 140), strict=True)
    ]
    diagnosis = diagnose(Case.from_json({"uri": uri(), "codes": looks, "ntp_offset_s": 0.0}))
    firm(diagnosis, "SERVICE_SIDE", "service_dead")
    alone = diagnose(Case.from_json({"uri": uri(), "codes": looks[:1], "ntp_offset_s": 0.0}))
    assert alone.best.family == "CODE_ENTRY"


def test_a_lock_that_is_over_is_not_waited_for():
    typed = ("111111", "222222", "333333", None, None, None)
    answers = (False,) * 5 + (True,)
    looks = [
        {"shown": GOOD.code(T + s), "typed": sent, "read_at_local": T + s, "accepted": answer}
        for s, sent, answer in zip((3, 34, 65, 98, 133, 1103), typed, answers, strict=True)
    ]
    over, on = (
        diagnose(Case.from_json({"uri": uri(), "codes": codes, "ntp_offset_s": 0.0})).best
        for codes in (looks, looks[:5])
    )
    assert over.family == on.family == "LOCKOUT"
    assert "over" in over.says
    assert "Do not try again" not in " ".join(over.remedy)
    assert "Do not try again" in on.remedy[0]
    assert [f"Code {n} " in over.evidence for n in (1, 4, 6)] == [True] * 3
    assert "typed otherwise, refused" in over.evidence


def test_who_has_tried_many_times_is_not_asked_to_try_as_often_again():
    at = tuple(60.0 * i + (26 if i == 3 else 4 + i) for i in range(8))
    tried = find(clock(0), at=at, accepted=tuple(i != 3 for i in range(8)), codes={"typed_after_s": 6})
    assert tried.best.family == "WINDOW_EDGE"
    assert "Code 4 " in tried.best.evidence
    assert "sent 6 s later, refused" in tried.best.evidence
    assert tried.next_question is None or tried.next_question.name != "many_tries"


def test_the_evidence_of_a_late_code_says_how_late():
    late = find(clock(0), at=(3.0,), codes={"typed_after_s": 150})
    assert late.best.family == "LATE"
    assert "sent 2 min 30 s later, refused" in late.best.evidence
    assert "later" not in find(clock(0), at=(3.0,), codes={"typed_after_s": 5}).best.evidence
