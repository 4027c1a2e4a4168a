"""Operators that go into jitted functions and come out of them again."""

from __future__ import annotations

import pickle

import jax
import numpy as np
import pytest

import nqx_graph as sym
from nqx_graph.errors import CheckError, TracedOperatorError

x = np.array([1, 1, 3, 0], np.int8)


def hop(edges, name, optimize=True):
    builder = sym.DOperator(sym.hilbert.Fock(3, N=4), name).for_each(("i", "j"), over=edges).named(name)
    return builder.emit(sym.shift("i", 1).shift("j", -1), amplitude=2.0).build().compile(optimize=optimize)


@pytest.mark.parametrize("optimize", [True, False])
def test_one_that_carries_the_terms_of_another_says_so(optimize):
    first, second = hop([(0, 1)], "first", optimize), hop([(2, 3)], "second", optimize)
    through = jax.jit(lambda operator: operator)
    own, other = through(first), through(second)
    assert (own, other) == (first, second)
    for a, b in zip(other.get_conn_padded(x), second.get_conn_padded(x), strict=True):
        np.testing.assert_array_equal(a, b)
    assert own.ir is first.ir
    with pytest.raises(CheckError, match=r"'second', row 0 \(i=2, j=3\)"):
        second.check(x)
    for asked in (lambda: other.check(x), lambda: other.ir, lambda: pickle.dumps(other)):
        with pytest.raises(TracedOperatorError, match="traced for another of its structure, 'first'"):
            asked()


def test_names_do_not_make_two_operators_of_one():
    first, renamed = hop([(0, 1)], "first"), hop([(0, 1)], "renamed")
    assert first == renamed
    assert hash(first) == hash(renamed)
    assert jax.jit(lambda operator: operator.get_conn_padded(x)[1])(renamed).tolist() == [2.0]


def test_inside_a_transformation_it_describes_itself():
    operator = hop([(0, 1)], "first")

    @jax.jit
    def size(given):
        assert given.ir is operator.ir
        return given.get_conn_padded(x)[1].sum()

    assert size(operator) == 2
    stacked = jax.tree.map(lambda leaf: np.stack([leaf, leaf]), operator)
    assert jax.vmap(lambda given: given.get_conn_padded(x)[1].sum())(stacked).tolist() == [2, 2]
    assert stacked.ir is operator.ir
