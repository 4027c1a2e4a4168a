from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from nqx_graph.ranges import values
from nqx_graph.ranges.values import ANY, Value


def test_few_numbers_are_a_set_and_many_an_interval():
    few, many = values.of(range(-2, 3)), values.of(range(1000))
    assert (few.low, few.high, few.whole, few.states) == (-2, 2, True, frozenset(range(-2, 3)))
    assert (many.low, many.high, many.whole, many.states) == (0, 999, True, None)
    assert not values.of([0.5]).whole


def test_arrays():
    assert values.of_array(np.array([3, 1, 1])).states == frozenset({1, 3})
    wide = values.of_array(np.arange(1000.0))
    assert (wide.low, wide.high, wide.whole, wide.states) == (0.0, 999.0, True, None)
    assert values.of_array(np.array([1j])) is ANY


def test_contains():
    assert Value(0, 2, True).contains(1)
    assert not Value(0, 2, True).contains(1.5)
    assert not Value(0, 2).contains(math.nan)
    assert Value(0, 2, undefined=True).contains(math.inf)
    assert not values.of([0, 2]).contains(1)


SETS = [values.of(numbers) for numbers in ([0], [-1, 1], [0, 1, 2, 3], [-3, 5], [0.5, 2])]
INTERVALS = [Value(-3, 4, True), Value(2, 900, True), Value(-0.5, 7.25)]


def members(value):
    if value.states is not None:
        return sorted(value.states)
    steps = np.linspace(value.low, value.high, 8)
    return [math.floor(step) for step in steps] if value.whole else steps.tolist()


@pytest.mark.parametrize(("a", "b"), list(itertools.product(SETS + INTERVALS, repeat=2)))
def test_arithmetic_holds_every_result(a, b):
    for p, q in itertools.product(members(a), members(b)):
        assert values.add(a, b).contains(p + q)
        assert values.add(a, b, -1).contains(p - q)
        assert values.multiply(a, b).contains(p * q)
        assert values.union(a, b).contains(p)
        assert values.union(a, b).contains(q)


def test_sets_stay_exact():
    assert values.add(values.of([0, 1]), values.of([10, 20])).states == frozenset({10, 11, 20, 21})
    assert values.multiply(values.of([-1, 1]), values.of([-1, 1])).states == frozenset({-1, 1})


def test_without_bounds():
    assert not values.add(ANY, values.of([1])).bounded
    assert not values.multiply(ANY, values.of([1])).bounded
    assert values.multiply(Value(whole=True), values.of([2])).whole
