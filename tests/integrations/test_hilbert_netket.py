"""The embedded Hilbert spaces against NetKet's, state by state and in order."""

from __future__ import annotations

from typing import Any

import jax
import netket as nk
import numpy as np
import pytest
from refusal import shown

from nqx_graph.hilbert import Fock, Qubit, Spin

# A conserved total costs NetKet a table and a second of compilation: few spaces, and one on either side of every rule.


def assert_same(ours: Spin | Qubit | Fock, theirs: Any) -> None:
    assert ours.size == theirs.size
    assert ours.shape == tuple(theirs.shape)
    assert ours.local_size == theirs.local_size
    assert ours.constrained == theirs.constrained
    assert ours.n_states == theirs.n_states, ours
    np.testing.assert_array_equal(ours.local_states, theirs.local_states)
    states = np.asarray(theirs.all_states())
    np.testing.assert_array_equal(ours.all_states(), states, err_msg=repr(ours))
    numbers = np.asarray(theirs.states_to_numbers(states))
    np.testing.assert_array_equal(ours.states_to_numbers(states), numbers)
    np.testing.assert_array_equal(ours.numbers_to_states(numbers), theirs.numbers_to_states(numbers))


@pytest.mark.parametrize(("s", "size"), [(1 / 2, 4), (1, 3), (5 / 2, 1)])
def test_spins(s: float, size: int) -> None:
    assert_same(Spin(s, size), nk.hilbert.Spin(s, size))


# NetKet takes one of two tables for a fixed magnetisation, by s, N and total_sz, and they differ in order.
@pytest.mark.parametrize(
    ("s", "size", "total_sz"),
    [
        (1 / 2, 9, -1 / 2),
        (1, 5, 0),  # the first N of spins 1 with the other order
        (3 / 2, 2, 1),
        (3 / 2, 2, 0),  # the other order, one step away
    ],
)
def test_spins_of_fixed_magnetisation(s: float, size: int, total_sz: float) -> None:
    assert_same(Spin(s, size, total_sz=total_sz), nk.hilbert.Spin(s, size, total_sz=total_sz))


@pytest.mark.parametrize("size", [1, 7])
def test_qubits(size: int) -> None:
    assert_same(Qubit(size), nk.hilbert.Qubit(size))


@pytest.mark.parametrize(("n_max", "size"), [(0, 2), (3, 2)])
def test_bosons(n_max: int, size: int) -> None:
    assert_same(Fock(n_max, size), nk.hilbert.Fock(n_max, size))


@pytest.mark.parametrize(("n_max", "size", "n_particles"), [(0, 2, 0), (2, 3, 3), (3, 2, 6), (3, 6, 5)])
def test_bosons_of_fixed_number(n_max: int, size: int, n_particles: int) -> None:
    assert_same(Fock(n_max, size, n_particles), nk.hilbert.Fock(n_max, size, n_particles))


def test_spaces_around_the_largest_that_netket_lists() -> None:
    for size in (30, 31, 32):
        assert Qubit(size).is_indexable == nk.hilbert.Qubit(size).is_indexable


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [(Spin(3 / 2, 2, total_sz=1), nk.hilbert.Spin(3 / 2, 2, total_sz=1)), (Fock(2, 3, 3), nk.hilbert.Fock(2, 3, 3))],
    ids=shown,
)
def test_random_states_look_alike(ours: Spin | Fock, theirs: Any) -> None:
    key = jax.random.key(0)
    mine, other = ours.random_state(key, (2, 1)), theirs.random_state(key, (2, 1))
    assert mine.shape == other.shape
    assert mine.dtype == other.dtype
    assert np.asarray(theirs.constraint(mine)).all()
    assert ours.contains(other).all()
