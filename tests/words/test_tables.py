"""Tables over two-state sites taken apart, and put together again."""

from __future__ import annotations

import functools
import itertools

import numpy as np
import pytest

from nqx_graph.words.tables import Peeled, cleaned, moebius, monomials, peel, walsh


def together(peeled: Peeled, ndim: int) -> np.ndarray:
    """The table at every state, from its parts."""
    table = np.zeros((2,) * ndim, dtype=complex)
    for at in itertools.product((0, 1), repeat=ndim):
        if all(at[axis] == entry for axis, entry in peeled.fixed.items()):
            pulled = [pair[at[axis]] for axis, pair in peeled.factors.items()]
            table[at] = np.prod([peeled.number, *pulled, peeled.rest[tuple(at[axis] for axis in peeled.axes)]])
    return table


@pytest.mark.parametrize("seed", range(20))
def test_peeling_loses_nothing(seed: int) -> None:
    rng = np.random.default_rng(seed)
    parts = [rng.choice([0, 1, -1, 2, 0.5j], size=2) for _ in range(rng.integers(1, 4))]
    rest = rng.choice([0, 1, 0.3], size=(2, 2))
    table = functools.reduce(np.multiply.outer, [*parts, rest]).astype(complex)
    table = np.transpose(table, rng.permutation(table.ndim))
    if np.any(table):
        np.testing.assert_allclose(together(peel(table), table.ndim), table, rtol=1e-14)


def test_what_is_peeled() -> None:
    peeled = peel(np.multiply.outer([0, 3], np.multiply.outer([1, -1], [2, 2])).astype(complex))
    assert (peeled.number, peeled.fixed, peeled.factors, peeled.axes) == (6, {0: 1}, {1: (1, -1)}, ())
    exchange = peel(np.array([[0, 1], [1, 0]], dtype=complex))
    assert (exchange.fixed, exchange.factors, exchange.axes) == ({}, {}, (0, 1))


def test_polynomials() -> None:
    """n₀ n₁ is one monomial of occupations, and z₀ z₁ one of signs."""
    both = np.array([[0, 0], [0, 1]], dtype=complex)
    assert monomials(moebius(both)) == [(1, (0, 1))]
    assert len(monomials(walsh(both, (1, 1)))) == 4
    unequal = np.array([[1, -1], [-1, 1]], dtype=complex)
    assert monomials(walsh(unequal, (1, -1))) == [(-1, (0, 1))]
    assert monomials(walsh(np.array([1, 3], dtype=complex), (-1,))) == [(2, ()), (-1, (0,))]


def test_what_rounding_leaves_is_cleaned() -> None:
    table = np.array([0.1 + 0.2 - 0.3, 1e-20 + 1e-30j, 1.0])
    np.testing.assert_array_equal(cleaned(table, np.array([0.6, 1e-20, 1.0])), [0, 1e-20 + 1e-30j, 1.0])
