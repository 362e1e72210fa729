"""Random worlds from the lab: mostly right, never sure and wrong too often, and quiet when nothing is broken.

The long table is ``tests/benchmarks/calibration.py``; this is a short run of it.
"""

from __future__ import annotations

import json
from functools import cache

import pytest
from worlds import BREAKS, build

from mfatools.diagnose import Case, Diagnosis, diagnose


@cache
def told(count: int) -> list[tuple[Diagnosis, set[str], str]]:
    made = [build(seed) for seed in range(900_000, 900_000 + count)]
    return [(diagnose(Case.from_json(given)), truth, name) for given, truth, name in made]


def test_most_are_right_and_firm_ones_nearly_all():
    rows = told(80)
    right = [diagnosis.best.family in truth for diagnosis, truth, _ in rows]
    assert sum(right) >= 0.9 * len(rows)
    firm = [good for (diagnosis, *_), good in zip(rows, right, strict=True) if diagnosis.best.probability > 0.95]
    assert sum(firm) >= 0.97 * len(firm)


def test_nothing_broken_is_said_to_be_well():
    for seed in range(12):
        given, truth, _ = build(700_000 + seed, breaks=0)
        diagnosis = diagnose(Case.from_json(given))
        assert diagnosis.best.family in truth, (seed, diagnosis)


def test_no_code_and_no_key_is_said():
    for seed in range(900_000, 900_020):
        given, *_ = build(seed)
        said = json.dumps(diagnose(Case.from_json(given)).to_json())
        assert given["uri"].partition("secret=")[2].partition("&")[0] not in said
        assert not any(code["shown"] in said for code in given["codes"])


@pytest.mark.parametrize("name", sorted(BREAKS))
def test_each_break_is_found(name, monkeypatch):
    """One thing broken at a time; two tries of three must name it first (some do no harm, or cannot be told)."""
    monkeypatch.setattr("worlds._chosen", lambda rng, count: [name])
    results = []
    for seed in (11, 12, 13):
        given, truth, _ = build(seed)
        results.append(diagnose(Case.from_json(given)).best.family in truth | {"SECRET_DIFFERENT"})
    assert sum(results) >= 2
