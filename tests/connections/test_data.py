"""All branches of one configuration as a sequence, and summed as a row of the matrix."""

from __future__ import annotations

import math

import numpy as np

import nqx_graph as sym

FOCK = sym.hilbert.Fock(2, N=2)


def explained(x, *branches):
    """Branches at x: pairs of an update and an amplitude."""
    builder = sym.DOperator(FOCK, "o").globally()
    for update, amplitude in branches:
        builder = builder.emit(update, amplitude=amplitude)
    return builder.build().explain(x)


def test_it_is_a_sequence():
    found = explained([0, 1], (sym.identity(), 1.0), (sym.shift(0, 1), 2.0))
    assert len(found) == 2
    assert list(found) == [found[0], found[1]]
    assert [branch.mel for branch in found] == [1.0, 2.0]
    assert (found.operator, found.hilbert, found.x.tolist()) == ("o", FOCK, [0, 1])
    assert repr(found) == "Connections('o', x=[0, 1], 2 branches)"


def test_equal_states_are_summed_where_they_are_met_first():
    up, back = sym.shift(0, 1), sym.shift(1, -1)
    found = explained([0, 1], (up, 2.0), (sym.identity(), 1.0), (back, 0.0), (up, 0.5), (sym.identity(), -1.0))
    assert list(found.merged().items()) == [((1, 1), 2.5), ((0, 1), 0.0)]


def test_nan_of_a_branch_that_leaves_stands_at_x():
    merged = explained([2, 0], (sym.shift(0, 1), 2.0), (sym.shift(1, 1), 1.0)).merged()
    assert list(merged) == [(2, 0), (2, 1)]
    assert math.isnan(merged[2, 0])
    assert merged[2, 1] == 1.0


def test_the_dtype_of_the_operator():
    operator = sym.DOperator(FOCK, "o", dtype="complex64").globally().emit(amplitude=0.5 - 1j).build()
    assert type(operator.explain(np.array([0, 0]))[0].mel) is np.complex64
