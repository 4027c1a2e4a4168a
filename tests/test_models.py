"""Models of physics against dense matrices that know nothing of the package."""

from __future__ import annotations

import itertools
import math
from typing import Any

import jax
import models
import networkx as nx
import numpy as np
import oracle
import pytest
from numpy.typing import NDArray
from refusal import shown

import nqx_graph as sym

jax.config.update("jax_enable_x64", True)

Fock, Qubit, Spin = sym.hilbert.Fock, sym.hilbert.Qubit, sym.hilbert.Spin

# edges in an order and a direction that no sorting would give
GRAPHS: dict[str, list[tuple[int, int]]] = {
    "ring": [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (5, 0)],
    "chain": [(i, i + 1) for i in reversed(range(5))],
    "star": [(3, i) for i in (0, 1, 2, 4, 5)],
    "complete": list(itertools.combinations(range(6), 2)),
    "grid": [(0, 1), (1, 2), (3, 4), (4, 5), (0, 3), (1, 4), (2, 5)],
}
SMALL = {"ring": [(0, 1), (1, 2), (2, 3), (3, 0)], "star": [(2, 0), (2, 1), (2, 3)], "chain": [(2, 3), (1, 2), (0, 1)]}
each_graph = pytest.mark.parametrize("edges", GRAPHS.values(), ids=GRAPHS)
each_small = pytest.mark.parametrize("edges", SMALL.values(), ids=SMALL)
each_magnetisation = pytest.mark.parametrize("total_sz", [None, 0, -1, 3])


def assert_dense(operator: Any, expected: NDArray[Any]) -> None:
    """The dense matrix, the sparse one, and the connected states of int8 samples; in fewer slots as well."""
    compiled, hilbert = operator.compile(), operator.hilbert
    dense = np.asarray(compiled.to_dense())
    np.testing.assert_allclose(dense, expected, atol=1e-12, rtol=0)
    np.testing.assert_allclose(compiled.to_sparse().toarray(), expected, atol=1e-12, rtol=0)
    states = np.asarray(hilbert.all_states())[:64]
    exact = compiled.get_conn_padded(states.astype(np.int8))
    fused = operator.compile(optimize=True)
    assert fused.max_conn_size <= compiled.max_conn_size
    for xp, mels in (exact, fused.get_conn_padded(states.astype(np.int8))):
        assert xp.dtype == np.int8
        rows = oracle.row_sums(np.asarray(xp), np.asarray(mels), hilbert.states_to_numbers, hilbert.n_states)
        np.testing.assert_allclose(rows, expected[:64], atol=1e-12, rtol=0)


# --- spins ------------------------------------------------------------------------------------------------------------


@each_graph
@pytest.mark.parametrize("flip", ["affine", "shift_mod", "flip"])
def test_ising(edges: list[tuple[int, int]], flip: str) -> None:
    hilbert = Spin(1 / 2, 6)
    operator = models.ising(hilbert, edges, J=0.75, h=1.25, flip=flip)
    assert_dense(operator, oracle.ising(hilbert.all_states(), edges, 0.75, 1.25))


@each_graph
def test_ising_with_disorder(edges: list[tuple[int, int]]) -> None:
    hilbert, couplings = Spin(1 / 2, 6), np.random.default_rng(1).normal(size=len(edges))
    assert_dense(
        models.ising(hilbert, edges, couplings, 0.3), oracle.ising(hilbert.all_states(), edges, couplings, 0.3)
    )


@each_graph
@each_magnetisation
def test_heisenberg(edges: list[tuple[int, int]], total_sz: float | None) -> None:
    hilbert = Spin(1 / 2, 6, total_sz=total_sz)
    assert_dense(models.heisenberg(hilbert, edges, 0.5), oracle.heisenberg(hilbert.all_states(), edges, 0.5))


def test_heisenberg_of_a_graph_with_weights() -> None:
    hilbert, graph = Spin(1 / 2, 6, total_sz=0), nx.relabel_nodes(nx.petersen_graph().subgraph(range(6)), int)
    weights = {edge: 0.25 + 0.5 * sum(edge) for edge in graph.edges()}
    nx.set_edge_attributes(graph, weights, "J")
    s = sym.site
    operator = (
        sym.DOperator(hilbert, "weighted")
        .for_each(("i", "j"), over=graph, columns={"J": "J"})
        .emit(amplitude=sym.column("J") * s("i").value * s("j").value)
        .emit_if(s("i") != s("j"), sym.affine("i", scale=-1).affine("j", scale=-1), amplitude=2 * sym.column("J"))
        .build()
    )
    edges = list(graph.edges())
    expected = oracle.heisenberg(hilbert.all_states(), edges, [weights[edge] for edge in edges])
    assert_dense(operator, expected)


@pytest.mark.parametrize(("first", "second"), [("ring", "star"), ("chain", "complete"), ("grid", "ring")])
@each_magnetisation
def test_j1j2(first: str, second: str, total_sz: float | None) -> None:
    hilbert = Spin(1 / 2, 6, total_sz=total_sz)
    operator = models.j1j2(hilbert, GRAPHS[first], GRAPHS[second], 1.0, 0.5)
    assert_dense(operator, oracle.j1j2(hilbert.all_states(), GRAPHS[first], GRAPHS[second], 1.0, 0.5))
    changed = operator.compile().with_parameters(J2=-0.125)
    expected = oracle.j1j2(hilbert.all_states(), GRAPHS[first], GRAPHS[second], 1.0, -0.125)
    np.testing.assert_allclose(changed.to_dense(), expected, atol=1e-12, rtol=0)


@pytest.mark.parametrize("plaquettes", [[(0, 1, 4, 3), (1, 2, 5, 4)], [(5, 0, 3, 2)]], ids=["grid", "crossed"])
@each_magnetisation
def test_ring_exchange(plaquettes: list[tuple[int, ...]], total_sz: float | None) -> None:
    hilbert = Spin(1 / 2, 6, total_sz=total_sz)
    operator = models.ring_exchange(hilbert, plaquettes, 0.375)
    assert_dense(operator, oracle.ring_exchange(hilbert.all_states(), plaquettes, 0.375))


@pytest.mark.parametrize("size", [1, 3, 5])
def test_pauli_strings(size: int) -> None:
    rng, hilbert = np.random.default_rng(size), Spin(1 / 2, size)
    strings = ["".join(rng.choice(list("IXYZ"), size)) for _ in range(12)]
    weights = rng.normal(size=12) + 1j * rng.normal(size=12)
    operator = models.pauli_strings(hilbert, strings, weights)
    assert_dense(operator, oracle.pauli_strings(hilbert.all_states(), strings, weights))


@each_graph
def test_pxp(edges: list[tuple[int, int]]) -> None:
    hilbert = Qubit(6)
    assert_dense(models.pxp(hilbert, edges, 0.8), oracle.pxp(hilbert.all_states(), edges, 0.8))


def test_pxp_on_a_ring() -> None:
    hilbert = Qubit(6)
    assert_dense(models.pxp_ring(hilbert, 0.8), oracle.pxp(hilbert.all_states(), GRAPHS["ring"], 0.8))


# --- bosons and clocks ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("n_max", "size"), [(1, 4), (3, 3), (7, 2)])
def test_the_given_row_stands_on_the_left(n_max: int, size: int) -> None:
    hilbert, weights = Fock(n_max, size), [0.5 + 1j, -2.0, 0.25j, 3.0][:size]
    assert_dense(models.ladder(hilbert, n_max, weights), oracle.ladder(hilbert.all_states(), n_max, weights))


@each_small
@pytest.mark.parametrize("n_particles", [None, 0, 3, 5])
@pytest.mark.parametrize("phase", [0.0, 0.7])
def test_bose_hubbard(edges: list[tuple[int, int]], n_particles: int | None, phase: float) -> None:
    hilbert = Fock(3, 4, n_particles=n_particles)
    operator = models.bose_hubbard(hilbert, 3, edges, J=1.0, U=4.0, mu=0.25, phase=phase)
    assert_dense(operator, oracle.bose_hubbard(hilbert.all_states(), 3, edges, 1.0, 4.0, 0.25, phase))


@pytest.mark.parametrize(("n_max", "size", "n_particles"), [(20, 2, None), (12, 3, 27)])
def test_bose_hubbard_of_int8_samples_with_products_beyond_int8(n_max: int, size: int, n_particles: int | None) -> None:
    hilbert, edges = Fock(n_max, size, n_particles=n_particles), [(i, i + 1) for i in range(size - 1)]
    expected = oracle.bose_hubbard(hilbert.all_states(), n_max, edges, 1.0, 3.0, 0.5)
    compiled = models.bose_hubbard(hilbert, n_max, edges, 1.0, 3.0, 0.5).compile()
    samples = np.asarray(hilbert.all_states(), dtype=np.int8)
    assert (samples.astype(int) ** 2).max() > np.iinfo(np.int8).max
    xp, mels = compiled.get_conn_padded(samples)
    assert xp.dtype == np.int8
    rows = oracle.row_sums(np.asarray(xp), np.asarray(mels), hilbert.states_to_numbers, hilbert.n_states)
    np.testing.assert_allclose(rows, expected, atol=1e-12, rtol=0)
    np.testing.assert_allclose(compiled.to_dense(), expected, atol=1e-12, rtol=0)


@pytest.mark.parametrize(("n_max", "size", "n_particles"), [(1, 5, None), (2, 4, 4), (3, 3, None), (5, 3, 7)])
def test_all_pairs_hopping(n_max: int, size: int, n_particles: int | None) -> None:
    hilbert = Fock(n_max, size, n_particles=n_particles)
    operator = models.all_pairs_hopping(hilbert, n_max, 1 / size)
    assert_dense(operator, oracle.all_pairs_hopping(hilbert.all_states(), n_max, 1 / size))


@each_small
@pytest.mark.parametrize("q", [2, 3, 4])
def test_clock(edges: list[tuple[int, int]], q: int) -> None:
    hilbert = Fock(q - 1, 4)
    assert_dense(models.clock(hilbert, q, edges, 0.9, 0.4), oracle.clock(hilbert.all_states(), q, edges, 0.9, 0.4))


# --- fermions ---------------------------------------------------------------------------------------------------------


@each_graph
@pytest.mark.parametrize("hilbert", [Qubit(6), Fock(1, 6), Fock(1, 6, 3), Fock(1, 6, 4)], ids=shown)
@pytest.mark.parametrize("phase", [0.0, math.pi / 3])
def test_fermions(edges: list[tuple[int, int]], hilbert: Any, phase: float) -> None:
    operator = models.fermion_chain(hilbert, edges, 1.0, 2.5, phase)
    assert_dense(operator, oracle.fermion_chain(hilbert.all_states(), edges, 1.0, 2.5, phase))


@each_graph
@pytest.mark.parametrize("total_sz", [None, 0, 1])
def test_fermions_as_spins(edges: list[tuple[int, int]], total_sz: float | None) -> None:
    hilbert = Spin(1 / 2, 6, total_sz=total_sz)
    operator = models.fermion_spins(hilbert, edges, 1.0, 2.5)
    assert_dense(operator, oracle.fermion_chain(hilbert.all_states(), edges, 1.0, 2.5, local=oracle.SPIN))


def test_a_hop_across_the_boundary_has_the_sign_of_the_fermions_between() -> None:
    hilbert = Qubit(3)
    dense = oracle.fermion_chain(hilbert.all_states(), [(2, 0)], 1.0, 0.0)
    number = {tuple(row): position for position, row in enumerate(hilbert.all_states().tolist())}
    assert dense[number[1, 0, 0], number[0, 0, 1]] == -1.0
    assert dense[number[1, 1, 0], number[0, 1, 1]] == +1.0
