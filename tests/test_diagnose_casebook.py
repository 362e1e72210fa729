"""Reports of the case book that no scenario was made of: what they showed to be missing, and near misses."""

from __future__ import annotations

import pytest
from test_diagnose_causes import GOOD, TEXT, T, clock, find, firm, key, unlikely, uri

from mfatools.diagnose import Case, diagnose
from mfatools.diagnose.keys import decode

DAY = 86400.0
GROUPS = [TEXT[i : i + 4] for i in range(0, len(TEXT), 4)]


def of(*groups: str):
    return key(decode("".join(groups)))


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
