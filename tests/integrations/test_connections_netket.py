"""`operator.explain(x)` over spaces of NetKet, constrained ones too."""

from __future__ import annotations

import models
import netket as nk
import numpy as np
import oracle
import pytest

import nqx_graph as sym
from nqx_graph.errors import CheckError, StateError

EDGES = nk.graph.Chain(4).edges()


def row(connections, hilbert):
    made = np.zeros(hilbert.n_states)
    for state, mel in connections.merged().items():
        made[hilbert.states_to_numbers(np.array(state))] += mel
    return made


@pytest.mark.parametrize("compiled", [False, True])
def test_the_rows_of_matrices_made_another_way(compiled):
    spins, bosons = nk.hilbert.Spin(1 / 2, 4), nk.hilbert.Fock(3, 4, n_particles=3)
    spin_states, boson_states = spins.all_states(), bosons.all_states()
    pairs = [
        (models.ising(spins, EDGES, J=-1.0, h=0.7), spin_states, oracle.ising(spin_states, EDGES, -1.0, 0.7)),
        (
            models.bose_hubbard(bosons, 3, EDGES, 1.0, 4.0),
            boson_states,
            oracle.bose_hubbard(boson_states, 3, EDGES, 1.0, 4.0),
        ),
    ]
    for ours, states, truth in pairs:
        operator, hilbert = ours.compile(cache=False) if compiled else ours, ours.hilbert
        for number, x in enumerate(states):
            np.testing.assert_allclose(row(operator.explain(x), hilbert), truth[number], rtol=0, atol=1e-13)


def test_the_check_of_the_reference_interpreter_under_a_constraint():
    fixed = nk.hilbert.Fock(2, 2, n_particles=2)
    builder = sym.DOperator(fixed, "lost").globally().emit(sym.shift(0, -1), amplitude=0.5)
    options = sym.SymbolicCompilerOptions(backend_preference="numpy")
    operator = builder.build().compile(cache=False, options=options)
    assert operator.explain([1, 1])[0].remark == "x' breaks the constraint of the space; check(x) refuses it"
    with pytest.raises(CheckError, match=r"it leads to \[0, 1\], which breaks the space's constraint"):
        operator.check([1, 1])


def test_a_state_that_breaks_the_constraint():
    fixed = nk.hilbert.Spin(1 / 2, 4, total_sz=0)
    with pytest.raises(StateError, match=r"x = \[1, 1, 1, 1\] is not in Spin"):
        models.heisenberg(fixed, EDGES).explain([1, 1, 1, 1])
