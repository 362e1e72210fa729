"""The shared sets: every charset, every awkward file. The rates are printed by tests/benchmarks/qr_read.py."""

import json

import pytest
from support import shared

from mfatools import qr
from mfatools.errors import PictureError

REFUSED = {"bomb_144MP.png", "code.eps", "code.pdf", "code.svg", "empty.png", "header_10Gpx.png", "text.png"}
REFUSED |= {"truncated_50pct.png", "truncated_60pct.jpg"}
NOTHING = {"big_84MP.png", "one_px.png", "strip.png"}


@pytest.mark.parametrize("engines", [None, ["zxing-cpp"], ["pyzbar"]])
def test_labels_in_every_script(engines):
    wrong = []
    for line in shared("qr", "charset.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if qr.read(shared("qr", row["file"]), engines=engines).texts != [row["expected"]]:
            wrong.append(row["file"])
    assert wrong == []


def test_awkward_files_are_read_or_refused_in_words():
    for path in sorted(shared("qr", "awkward").iterdir()):
        if path.name in REFUSED:
            with pytest.raises(PictureError):
                qr.read(path)
        else:
            reading = qr.read(path)
            accounts = [found for found in reading if found.is_account]
            assert len(accounts) == (path.name not in NOTHING), path.name


def test_nothing_is_found_where_nothing_is():
    for path in sorted(shared("qr", "degraded").glob("Z_no_qr*")):
        reading = qr.read(path)
        assert len(reading) == 0
        assert reading.advice
