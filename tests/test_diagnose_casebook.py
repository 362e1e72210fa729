"""Reports of the case book that no scenario was made of: what they showed to be missing, and near misses."""

from __future__ import annotations

import pytest
from test_diagnose_causes import TEXT, find, firm, key, unlikely

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
