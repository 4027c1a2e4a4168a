"""Warnings are errors in every test: what warns of a wrong operator warns in vain where nobody reads it."""

import warnings

import pytest


def test_a_warning_is_an_error():
    # a conftest.py that is collected speaks for the whole run
    with pytest.raises(UserWarning, match="told"):
        warnings.warn("told", UserWarning, stacklevel=1)
