"""The case collection: real reports turned into cases that can be run."""

from __future__ import annotations

import json
from functools import cache

import pytest
from support import shared

from mfatools.diagnose import Case, Diagnosis, diagnose

CLOCKS = {"PHONE_CLOCK", "LOCAL_CLOCK", "SERVICE_CLOCK"}
# What the collection's `must_not` sentences mean, as families that must not be said firmly.
FORBIDDEN = {
    "phone clock is wrong": {"PHONE_CLOCK"},
    "phone clock is 10 min slow": {"PHONE_CLOCK"},
    "phone is 95 s fast": {"PHONE_CLOCK"},
    "clock": CLOCKS,
    "drift": set(),  # a cause, tested beside
    "wrong secret": {"SECRET_DIFFERENT", "SECRET_VARIANT", "WRONG_ENTRY"},
    "scan again is required": {"SECRET_DIFFERENT", "SECRET_VARIANT"},
    "clock is fine": {"OK"},
    "clock is fine because one code was accepted": {"OK"},
}
FIRM = 0.90


@cache
def scenarios() -> list[dict]:
    return [json.loads(line) for line in shared("cases", "scenarios.jsonl").read_text("utf-8").splitlines()]


@cache
def diagnosed(name: str) -> Diagnosis:
    given = next(one for one in scenarios() if one["id"] == name)["given"]
    return diagnose(Case.from_json(given))


def told() -> list[tuple[dict, Diagnosis]]:
    return [(one, diagnosed(one["id"])) for one in scenarios()]


def test_the_first_finding_is_right():
    wrong = [
        (one["id"], diagnosis.best.family.value)
        for one, diagnosis in told()
        if diagnosis.best.family not in one["expected"]["acceptable_families"]
    ]
    assert wrong == []


def test_nothing_forbidden_is_said_firmly():
    for one, diagnosis in told():
        acceptable = set(one["expected"]["acceptable_families"])
        firm = {finding.family.value for finding in diagnosis.findings if finding.probability >= FIRM}
        for rule in one["expected"]["must_not"]:
            if rule in ("any firm cause", "a firm cause"):
                assert firm == set(), (one["id"], firm)
            else:
                assert not firm & (FORBIDDEN[rule] - acceptable), (one["id"], rule)
        if "drift" in one["expected"]["must_not"]:
            assert diagnosis.best.cause != "clock_drifts"


def test_the_offset_interval_holds_the_truth():
    for one, diagnosis in told():
        truth, best = one["truth"], diagnosis.best
        if truth["family"] == best.family and truth["offset_s"] is not None:
            low, high = best.offset_s
            assert low <= truth["offset_s"] <= high, one["id"]


def test_what_cannot_be_told_stays_open_or_asks():
    for one, diagnosis in told():
        if not one["distinguishable"]:
            assert diagnosis.next_question is not None or diagnosis.probes, one["id"]


def test_nothing_secret_is_said():
    for one, diagnosis in told():
        said = json.dumps(diagnosis.to_json()) + repr(diagnosis) + diagnosis._repr_html_()
        given = one["given"]
        secret = given["uri"].partition("secret=")[2].partition("&")[0]
        for hidden in (secret, *(code["shown"] for code in given["codes"])):
            assert hidden not in said, one["id"]


@pytest.mark.parametrize("field", ["offset_s", "says", "evidence", "remedy", "family", "cause", "probability"])
def test_the_json_has_its_fields(field):
    for _, diagnosis in told():
        data = diagnosis.to_json()
        assert all(field in finding for finding in data["findings"])
        assert {"findings", "next_question", "hypotheses_tested", "notes"} <= set(data)
        probabilities = [finding["probability"] for finding in data["findings"]]
        assert probabilities == sorted(probabilities, reverse=True)
        assert sum(probabilities) <= 1.001
