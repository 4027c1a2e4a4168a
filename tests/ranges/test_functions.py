"""Ranges of functions of users: what their rules say, and what follows from it."""

from __future__ import annotations

import math
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest
from refusal import refused

import nqx_graph as sym
from nqx_graph.errors import DefinitionError
from nqx_graph.ranges import values
from nqx_graph.ranges.functions import called
from nqx_graph.ranges.values import ANY, UNDEFINED, Value
from ranges.asking import BONDS, FOCK, S, emission

n = S("i").value


@pytest.fixture(autouse=True)
def forgotten() -> Any:
    with sym.extensions():
        yield


def ruled(interval: Any, function: Any = jnp.tanh, reference: Any = np.tanh, **given: Any) -> Any:
    return sym.expression_function("f", reference=reference, interval=interval, version="1", replace=True, **given)(
        function
    )


def ends(value: Value) -> tuple[float, float]:
    return float(value.low), float(value.high)


def test_rules() -> None:
    near = {"rel": 1e-4, "abs": 1e-4}
    at = values.of([-1, 0, 2])
    assert ends(called(ruled((-1, 1)), [at])) == pytest.approx((-1, 1), **near)
    assert ends(called(ruled("rising"), [at])) == pytest.approx((math.tanh(-1), math.tanh(2)), **near)
    down = ruled("falling", lambda x: -x, lambda x: -x)
    assert ends(called(down, [at])) == pytest.approx((-2, 1), **near)
    own = ruled(lambda x: (x[0] - 1, x[1] + 1))
    assert ends(called(own, [at])) == pytest.approx((-2, 3), **near)
    two = ruled(lambda x, y: (x[0] + y[0], x[1] + y[1]), lambda x, y: x + y, lambda x, y: x + y)
    assert ends(called(two, [at, Value(5, 6)])) == pytest.approx((4, 8), **near)


def test_a_rule_is_wider_than_it_says_by_what_rounding_may_add() -> None:
    value = called(ruled("rising"), [values.of([0])])
    assert (value.low < -1e-6, value.high > 1e-6) == (True, True)
    assert not value.whole
    assert not value.undefined
    assert value.states is None


@pytest.mark.parametrize("rule", [None, lambda x: None, lambda x: (-math.inf, 1.0), lambda x: (0.0, math.inf)])
def test_nothing_is_known(rule: Any) -> None:
    assert called(ruled(rule), [values.of([0, 1])]) is UNDEFINED


@pytest.mark.parametrize("given", [ANY, UNDEFINED, Value(0, 1, undefined=True), Value(0, math.inf)])
def test_nothing_is_known_of_what_may_be_complex_infinite_or_undefined(given: Value) -> None:
    for rule in ((-1, 1), "rising", lambda x: (-1, 1)):
        assert called(ruled(rule), [given]) is UNDEFINED


def test_a_monotone_function_that_is_undefined_at_an_end() -> None:
    logarithm = ruled("rising", jnp.log, math.log)
    assert called(logarithm, [values.of([0, 1])]) is UNDEFINED
    assert ends(called(logarithm, [values.of([1, 2])])) == pytest.approx((0, math.log(2)), abs=1e-4)


@pytest.mark.parametrize("made", [(1.0, 0.0), (math.nan, 1.0), 1.0, ("low", "high"), (1, 2, 3)])
def test_what_is_no_interval(made: Any) -> None:
    with refused(DefinitionError, "the interval rule of the function 'f' returned", repr(made), "(low, high)"):
        called(ruled(lambda x: made), [values.of([0, 1])])


def test_what_follows_in_predicates_and_amplitudes() -> None:
    bounded, unknown = ruled((-1, 1)), ruled(None, jnp.sinh, np.sinh)
    assert emission(FOCK, where=bounded(n) < 2).predicate.always
    assert emission(FOCK, where=bounded(n) > 2).never
    assert not emission(FOCK, where=unknown(n) < 2).never
    assert not emission(FOCK, amplitude=bounded(n)).amplitude.root.undefined
    assert emission(FOCK, amplitude=unknown(n)).amplitude.root.undefined
    assert emission(FOCK, amplitude=bounded(sym.symbol("g", 1.0))).amplitude.root.undefined


def test_a_guard_that_a_rule_proves_is_not_needed() -> None:
    rising = ruled("rising")
    raised = emission(FOCK, sym.shift("i", 1), where=rising(n) < math.tanh(2.5), over=BONDS)
    assert not raised.leaves
    assert emission(FOCK, sym.shift("i", 1), where=ruled(None)(n) < math.tanh(2.5)).leaves
