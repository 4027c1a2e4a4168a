"""The models over NetKet's spaces against the operators that NetKet ships."""

from __future__ import annotations

from typing import Any

import models
import netket as nk
import numpy as np
import of_netket
import oracle
import pytest
from netket.operator import fermion

LATTICES = {
    "ring": nk.graph.Chain(6),
    "star": nk.graph.Graph(edges=[(3, i) for i in (0, 1, 2, 4, 5)]),
}
STAR = nk.graph.Graph(edges=[(2, 0), (2, 1), (2, 3)])
each_lattice = pytest.mark.parametrize("lattice", LATTICES.values(), ids=LATTICES)


def assert_same(ours: Any, theirs: Any) -> None:
    """Equal dense matrices, and equal rows from NetKet's own samples."""
    compiled, expected = ours.compile(), of_netket.matrix(theirs)
    np.testing.assert_allclose(compiled.to_dense(), expected, atol=1e-12, rtol=0)
    hilbert = ours.hilbert
    samples = hilbert.random_state(nk.jax.PRNGKey(0), 16)
    xp, mels = compiled.get_conn_padded(samples)
    assert xp.dtype == samples.dtype
    rows = oracle.row_sums(np.asarray(xp), np.asarray(mels), hilbert.states_to_numbers, hilbert.n_states)
    np.testing.assert_allclose(rows, expected[np.asarray(hilbert.states_to_numbers(samples))], atol=1e-12, rtol=0)


@each_lattice
@pytest.mark.parametrize("flip", ["affine", "flip"])
def test_ising(lattice: Any, flip: str) -> None:
    hilbert = nk.hilbert.Spin(1 / 2, 6)
    ours = models.ising(hilbert, lattice.edges(), J=-0.75, h=1.25, flip=flip)
    assert_same(ours, nk.operator.Ising(hilbert, lattice, h=1.25, J=0.75))


@each_lattice
@pytest.mark.parametrize("total_sz", [1])
def test_heisenberg(lattice: Any, total_sz: float | None) -> None:
    hilbert = nk.hilbert.Spin(1 / 2, 6, total_sz=total_sz)
    theirs = nk.operator.Heisenberg(hilbert, lattice, J=0.5, sign_rule=False)
    assert_same(models.heisenberg(hilbert, lattice.edges(), 0.5), theirs)


@pytest.mark.parametrize("total_sz", [0])
def test_j1j2(total_sz: float | None) -> None:
    lattice = nk.graph.Chain(6, max_neighbor_order=2)
    hilbert = nk.hilbert.Spin(1 / 2, 6, total_sz=total_sz)
    theirs = nk.operator.Heisenberg(hilbert, lattice, J=[1.0, 0.5], sign_rule=[False, False])
    first, second = (lattice.edges(filter_color=color) for color in (0, 1))
    assert_same(models.j1j2(hilbert, first, second, 1.0, 0.5), theirs)


@each_lattice
def test_heisenberg_as_a_graph_operator(lattice: Any) -> None:
    hilbert = nk.hilbert.Spin(1 / 2, 6)
    bond = sum(np.kron(s, s) for s in (oracle.X, oracle.Y, oracle.Z))
    theirs = nk.operator.GraphOperator(hilbert, lattice, bond_ops=[np.real(bond)])
    assert_same(models.heisenberg(hilbert, lattice.edges()), theirs)


@pytest.mark.parametrize("size", [2, 5])
def test_pauli_strings(size: int) -> None:
    rng, hilbert = np.random.default_rng(size), nk.hilbert.Spin(1 / 2, size)
    strings = sorted({"".join(rng.choice(list("IXYZ"), size)) for _ in range(12)})
    weights = rng.normal(size=len(strings)) + 1j * rng.normal(size=len(strings))
    ours = models.pauli_strings(hilbert, strings, weights)
    theirs = nk.operator.PauliStrings(hilbert, strings, list(weights), dtype=complex)
    assert_same(ours, theirs)


@pytest.mark.parametrize("ring", [True, False])
def test_pxp_as_a_local_operator(ring: bool) -> None:
    hilbert, lattice = nk.hilbert.Qubit(5), nk.graph.Chain(5, pbc=ring)
    empty, theirs = np.diag([1.0, 0.0]), nk.operator.LocalOperator(hilbert, dtype=float)
    for i in range(5):
        near = [j for j in ((i - 1) % 5, (i + 1) % 5) if ring or abs(i - j) == 1]
        matrix = oracle.X
        for _ in near:
            matrix = np.kron(matrix, empty)
        theirs += 0.8 * nk.operator.LocalOperator(hilbert, matrix, [i, *near])
    assert_same(models.pxp(hilbert, lattice.edges(), 0.8), theirs)
    if ring:
        assert_same(models.pxp_ring(hilbert, 0.8), theirs)


@pytest.mark.parametrize("lattice", [nk.graph.Chain(4), STAR], ids=["ring", "star"])
@pytest.mark.parametrize("n_particles", [3])
def test_bose_hubbard(lattice: Any, n_particles: int | None) -> None:
    hilbert = nk.hilbert.Fock(3, 4, n_particles=n_particles)
    theirs = nk.operator.BoseHubbard(hilbert, lattice, J=1.0, U=4.0, mu=0.25)
    assert_same(models.bose_hubbard(hilbert, 3, lattice.edges(), 1.0, 4.0, 0.25), theirs)


def test_ladder_against_netkets_boson() -> None:
    hilbert, weights = nk.hilbert.Fock(3, 3), [0.5 + 1j, -2.0, 0.25j]
    theirs = sum(w * nk.operator.boson.destroy(hilbert, i, dtype=complex) for i, w in enumerate(weights))
    assert_same(models.ladder(hilbert, 3, weights), theirs)


def test_all_pairs_hopping() -> None:
    hilbert = nk.hilbert.Fock(2, 4, n_particles=4)
    b = [nk.operator.boson.destroy(hilbert, i) for i in range(4)]
    theirs = sum(-0.25 * b[i].H @ b[j] for i in range(4) for j in range(4) if i != j)
    assert_same(models.all_pairs_hopping(hilbert, 2, 0.25), theirs)


@pytest.mark.filterwarnings("ignore:[^A-Za-z]*WARNING. Initializing:UserWarning")  # there is a faster NetKet operator
@each_lattice
@pytest.mark.parametrize("n_fermions", [None, 3])
@pytest.mark.parametrize("phase", [0.7])
def test_fermions(lattice: Any, n_fermions: int | None, phase: float) -> None:
    hilbert = nk.hilbert.SpinOrbitalFermions(6, n_fermions=n_fermions)
    c = [fermion.destroy(hilbert, i, dtype=complex) for i in range(6)]
    turn, theirs = np.exp(1j * phase), 0
    for i, j in lattice.edges():
        hop = c[i].H @ c[j]
        theirs += -1.0 * turn * hop - 1.0 * np.conj(turn) * hop.H + 2.5 * (c[i].H @ c[i]) @ (c[j].H @ c[j])
    assert_same(models.fermion_chain(hilbert, lattice.edges(), 1.0, 2.5, phase), theirs)
