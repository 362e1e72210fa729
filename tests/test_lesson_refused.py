"""The notebook of five true stories: it runs, stores nothing, and each story comes out as the report says."""

from __future__ import annotations

import json

import matplotlib as mpl
import pytest
import support

from mfatools.diagnose import Family

PATH = support.REPO / "notebooks" / "03_why_was_it_refused.ipynb"


@pytest.fixture(scope="module")
def notebook():
    return json.loads(PATH.read_text("utf-8"))


@pytest.fixture(scope="module")
def after(notebook):
    """The names that its cells leave behind."""
    mpl.use("agg")
    names: dict = {}
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            exec(compile("".join(cell["source"]), cell["id"], "exec"), names)
    mpl.pyplot.close("all")
    return names


def test_nothing_is_stored(notebook):
    cells = notebook["cells"]
    assert all(cell.get("outputs", []) == [] and cell.get("execution_count") is None for cell in cells)
    assert len({cell["id"] for cell in cells}) == len(cells)


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("slow", Family.PHONE_CLOCK),
        ("right", Family.SERVICE_SIDE),
        ("used", Family.REPLAY),
        ("undecoded", Family.SECRET_VARIANT),
        ("puzzled", Family.SERVICE_SIDE),
        ("seen", Family.SECRET_DIFFERENT),
    ],
)
def test_each_story_is_found(after, name, family):
    assert after[name].best.family is family


def test_the_story_is_told_as_it_was(after):
    low, high = after["slow"].best.offset_s
    assert low <= -88 <= high
    assert after["weak"].next_question.name == "second_code"
    assert after["answer"].ok  # the old probe code was taken by the service whose clock is behind
    assert [attempt.ok for attempt in after["bench"].attempts][-1]  # the cure of the last story


def test_the_right_answers_pass(after):
    from mfatools.lessons import check

    assert check(True, all(-1 <= step <= 1 for step in after["steps"]))
