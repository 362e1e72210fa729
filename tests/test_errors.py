"""Errors: one tree, two sentences, a stable code."""

from __future__ import annotations

import inspect

import pytest

from mfatools import errors
from mfatools.errors import MfaError

TREE = [each for _, each in inspect.getmembers(errors, inspect.isclass)]


@pytest.mark.parametrize("kind", TREE)
def test_what_hint_and_code(kind):
    error = kind("It is broken.", "Mend it.", code="E_X")
    assert isinstance(error, MfaError)
    assert (str(error), error.what, error.hint, error.code) == (
        "It is broken. Mend it.",
        "It is broken.",
        "Mend it.",
        "E_X",
    )
    assert str(kind("It is broken.")) == "It is broken."
    assert kind("It is broken.").code == "E_BAD_INPUT"


def test_the_tree_drawn_in_the_docstring_is_the_tree():
    drawn = {line.split()[1] for line in errors.__doc__.splitlines() if line.strip().startswith("+--")}
    assert drawn == {each.__name__ for each in TREE} - {"MfaError"}


def test_bad_input_can_be_caught_as_a_value_error():
    for kind in (errors.SecretError, errors.UriError, errors.PictureError, errors.CaseError):
        assert issubclass(kind, ValueError)
