"""Structures and tables as data, and back."""

from __future__ import annotations

import json
import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import strategies

import nqx_graph as sym
from nqx_graph.disk.plain import from_plain, to_plain
from nqx_graph.errors import IRFormatError
from nqx_graph.ir.encode import digest
from nqx_graph.ir.table import Row
from nqx_graph.kernel.structure import LocalStates


def there_and_back(value):
    arrays = []
    data = json.loads(json.dumps(to_plain(value, arrays), allow_nan=False))
    return from_plain(data, arrays)


@pytest.mark.parametrize(
    "value",
    [
        None, True, 1, -(2**70), 1.0, -0.0, 1e-300, "π", (), (1, (2.0, "x")), [1, [2]], {}, {"a": (1, None)},
        {"float": "nan"}, {"Row": [1]}, {"array": 0}, 1 - 2j, complex(math.inf, -0.0),
    ],
)  # fmt: skip
def test_plain_values(value):
    made = there_and_back(value)
    assert made == value
    assert type(made) is type(value)
    assert str(made) == str(value)


def test_numbers_that_json_lacks():
    assert math.isnan(there_and_back(math.nan))
    assert [there_and_back(number) for number in (math.inf, -math.inf)] == [math.inf, -math.inf]


def test_arrays():
    for array in (np.arange(3), jnp.arange(4.0), np.float32(2), np.array(True)):
        made = there_and_back({"a": (array, array)})["a"]
        assert made[0].dtype == array.dtype
        np.testing.assert_array_equal(made[0], array)


@pytest.mark.parametrize("optimize", [False, True])
@pytest.mark.parametrize("part", range(4))
def test_the_structure_and_the_tables_of_random_operators(optimize, part):
    for seed in range(part * 25, part * 25 + 25):
        options = sym.SymbolicCompilerOptions(optimize=optimize, strict_validation=False)
        compiled = strategies.seeded(seed).compile(cache=False, options=options)
        structure, tables = there_and_back((compiled._static.structure, compiled._tables))
        assert structure == compiled._static.structure
        assert digest(structure.token) == digest(compiled._static.structure.token)
        for ours, theirs in zip(jax.tree.leaves(tables), jax.tree.leaves(compiled._tables), strict=True):
            assert np.asarray(ours).dtype == np.asarray(theirs).dtype
            np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize(
    "value", [object(), {1: 2}, b"bytes", np.array(["a"]), np.array([None]), {1, 2}, range(3), print]
)
def test_what_has_no_form(value):
    with pytest.raises(IRFormatError, match="no form as data"):
        to_plain((value,), [])


class Row2(tuple):
    """Called as a class that is known, and another one."""


Row2.__name__ = "Row"


def test_a_class_of_a_known_name_is_not_that_class():
    with pytest.raises(IRFormatError, match="no form as data"):
        to_plain(Row2(), [])


ROW = ["add", [0, 1], []]


@pytest.mark.parametrize(
    "data",
    [
        {"Row": ROW, "more": 1},
        {},
        {"os.system": ["ls"]},
        {"__import__": ["os"]},
        {"SymbolicOperatorIR": []},
        {"Row": ["add", [0, 1]]},
        {"Row": {"op": "add"}},
        {"Row": [1, [0, 1], []]},
        {"Row": ["add", [0, "1"], []]},
        {"Row": ["add", [0, True], []]},
        {"Row": ["add", [0, 1.0], []]},
        {"Row": ["add", {"list": [0, 1]}, []]},
        {"Lines": [[{"Row": ROW}], ["a"], 64]},
        {"Lines": [[ROW], [0], 64]},
        {"Lines": [{"Row": ROW}, [0], 64]},
        {"Lines": [None, [0], 64]},
        {"array": 1},
        {"array": -1},
        {"array": True},
        {"array": "0"},
        {"float": "1e999"},
        {"float": 1.0},
        {"complex": [1, 2]},
        {"complex": [1.0]},
        {"list": 3},
        {"dict": [1]},
        {"Move": [[{"Delta": ["one", -1, -1, 0, 0]}], [1, 2, 3]]},
        {"LocalStates": [1, 2, 3, None, True]},
    ],
)
def test_data_that_is_none(data):
    with pytest.raises(IRFormatError):
        from_plain(data, [np.zeros(1)])


def test_what_conforms_is_made():
    assert from_plain({"Row": ROW}, []) == Row("add", (0, 1), ())
    made = from_plain({"LocalStates": [*[{"array": 0}] * 3, None, True]}, [np.zeros(1)])
    assert isinstance(made, LocalStates)
