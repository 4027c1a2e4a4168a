"""Configurations of the reference: which are read, which belong to a space, and how x' is written."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest

from nqx_graph.errors import SampleTypeError, StateError
from nqx_graph.hilbert import Fock, Spin
from nqx_graph.lowering.reference.configurations import as_samples, exact_state, is_local_state, is_state, stored
from nqx_graph.space import from_states, unbounded, view


def space_of(*states):
    """One site for each list of local states."""
    return from_states(SimpleNamespace(size=len(states)), list(states), None, None)


ENDLESS = unbounded(SimpleNamespace(size=1), None, None)


@pytest.mark.parametrize(
    ("states", "inside", "outside"),
    [
        ([0, 1, 2, 3], [0, 3, 1.0], [-1, 4, 0.5, math.nan, math.inf, 10**30]),
        ([-1, 1], [-1, 1], [0, 3, -3, 2]),
        ([5], [5], [4, 6, 0]),
        ([-4, -1, 2], [-4, -1, 2], [-7, 5, 0, -2]),
        ([-0.5, 0.5, 1.5], [-0.5, 0.5, 1.5], [0, 2.5, -1.5, 0.4]),
        ([0, 1, 5], [0, 1, 5], [2, 3, 4, 6]),
        ([0.0, 0.25, 1.0], [0.25, 1], [0.5, 0.75]),
    ],
)
def test_local_states(states, inside, outside):
    space = space_of(states)
    assert all(is_local_state(space, 0, value) for value in inside)
    assert not any(is_local_state(space, 0, value) for value in outside)


def test_states_without_end_and_of_each_site():
    assert is_local_state(ENDLESS, 0, 10**18)
    assert not is_local_state(ENDLESS, 0, -1)
    mixed = space_of([0, 1], [0, 1, 2])
    assert [is_local_state(mixed, site, 2) for site in (0, 1)] == [False, True]


def test_constraints():
    fixed = view(Fock(3, N=2, n_particles=3))
    assert is_state(fixed, [1, 2])
    assert not is_state(fixed, [1, 1])
    assert is_state(space_of([0, 1]), [9])  # there is none to keep


def test_states_are_read_exactly():
    integer, halves = view(Fock(3, N=2)), space_of([-0.5, 0.5])
    made = [exact_state(value, integer) for value in (np.int8(3), 2.0, 2.5, np.float32(1))]
    assert [(type(value), value) for value in made] == [(int, 3), (int, 2), (float, 2.5), (int, 1)]
    assert type(exact_state(1.0, halves)) is float
    assert type(exact_state(np.int64(1), halves)) is int


@pytest.mark.parametrize(
    ("states", "dtype", "held"),
    [
        ([-1, 1], "int8", True), ([-1, 1], "uint8", False), ([-1, 1], "bool", False), ([-1, 1], "complex64", False),
        ([0, 127], "int8", True), ([0, 128], "int8", False), ([0, 128], "uint8", True), ([300], "int16", True), ([300], "uint8", False),
        (range(2049), "float16", True), (range(2051), "float16", False), (range(0, 4098, 2), "float16", True),
        (range(1, 4098, 2), "float16", False), ([-0.5, 0.5], "int64", False), ([-0.5, 0.5], "float16", True),
        ([0, 1, 300], "uint8", False), ([0, 1, 300], "int16", True), ([0.1, 0.3, 0.4], "float32", False),
        (range(-2050, 1), "float16", False), (range(-2048, 1), "float16", True), ([-200, -100], "int8", False), ([-200, -100, 0], "int16", True),
    ],
)  # fmt: skip
def test_dtypes_that_hold_the_local_states(states, dtype, held):
    space, x = space_of(list(states)), np.zeros((2, 1), dtype)
    if held:
        assert as_samples(x, space) is x
    else:
        with pytest.raises(SampleTypeError, match=f"dtype {dtype} cannot hold the local states"):
            as_samples(x, space)


@pytest.mark.parametrize("dtype", ["int8", "uint16", "float16", "int32", "uint32", "int64", "float32", "float64"])
def test_endless_states_want_32_bits(dtype):
    wide = np.dtype(dtype).itemsize >= 4
    if wide:
        as_samples(np.zeros(1, dtype), ENDLESS)
    else:
        with pytest.raises(SampleTypeError, match="cannot hold"):
            as_samples(np.zeros(1, dtype), ENDLESS)


def test_the_last_axis():
    for wrong in (np.zeros((2, 3), np.int8), np.int8(0)):
        with pytest.raises(StateError, match="have 2 sites in their last axis") as caught:
            as_samples(wrong, view(Spin(1 / 2, 2)))
        assert caught.value.shape == wrong.shape
    assert as_samples([[1, -1]], view(Spin(1 / 2, 2))).shape == (1, 2)


@pytest.mark.parametrize(
    ("value", "dtype", "wanted"),
    [
        (3, "int8", 3), (128, "int8", 127), (-129, "int8", -128), (-1, "uint8", 0), (2.9, "int8", 2), (math.inf, "int8", 127),
        (-math.inf, "int8", -128), (math.inf, "uint8", 255), (math.nan, "int8", 0), (10**400, "int64", 2**63 - 1),
        (3, "float32", 3.0), (0.1, "float32", np.float32(0.1)), (1e6, "float16", np.inf), (10**400, "float64", np.inf),
    ],
)  # fmt: skip
def test_what_is_written(value, dtype, wanted):
    assert stored(value, np.dtype(dtype)) == wanted
