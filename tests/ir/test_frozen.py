"""The immutable mapping of the free-form parts."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest
from refusal import refused, shown

from nqx_graph.errors import IRFormatError
from nqx_graph.ir.frozen import FrozenDict, freeze_json, thaw_json


def test_it_reads_like_a_dict_and_cannot_change() -> None:
    given = {"b": 1, "a": 2}
    frozen = FrozenDict(given)
    given["b"] = 7
    assert (dict(frozen), list(frozen), len(frozen), repr(frozen)) == (
        {"b": 1, "a": 2},
        ["b", "a"],
        2,
        "{'b': 1, 'a': 2}",
    )
    with pytest.raises(TypeError):
        frozen["b"] = 3
    with pytest.raises(AttributeError, match="cannot change"):
        frozen.b = 3
    for again in (pickle.loads(pickle.dumps(frozen)), copy.deepcopy(frozen)):
        assert (type(again), dict(again)) == (FrozenDict, dict(frozen))


def test_freezing_and_thawing() -> None:
    data = {"b": [1, {"c": None}], "a": (True, 1.5, "x")}
    frozen = freeze_json(data)
    assert list(frozen) == ["a", "b"]
    assert isinstance(frozen["b"], tuple)
    assert isinstance(frozen["b"][1], FrozenDict)
    assert thaw_json(frozen) == {"a": [True, 1.5, "x"], "b": [1, {"c": None}]}


@pytest.mark.parametrize(
    "wrong", [float("nan"), float("inf"), 1j, {1}, b"x", object(), {1: 2}, np.arange(2), np.int64(1)], ids=shown
)
def test_what_json_has_no_form_for(wrong: Any) -> None:
    for data in (wrong, [wrong], {"a": [wrong]}):
        with refused(IRFormatError, "metadata", type(wrong).__name__):
            freeze_json(data)


def test_nesting() -> None:
    data: Any = 1
    for _ in range(32):
        data = [data]
    assert freeze_json(data)
    with refused(IRFormatError, "here", "32 deep"):
        freeze_json([data], "here")
