"""Spin models against sums of `np.kron`."""

from __future__ import annotations

from typing import Any

import kron
import networkx as nx
import numpy as np
import pytest
from kron import assert_matrix, assert_written

import nqx_graph as sym

# edges in an order and a direction that no sorting would give
EDGES = [(0, 1), (3, 2), (1, 2), (3, 0), (1, 3)]
SPACES = {"spin 1/2": (sym.hilbert.Spin(0.5, 4), kron.spins(0.5, 4)), "qubit": (sym.hilbert.Qubit(4), kron.qubits(4))}
each_space = pytest.mark.parametrize("space", SPACES.values(), ids=SPACES)


def bonds(sites: kron.Sites, edges: Any, **weights: float) -> kron.Matrix:
    """Σ over edges and names of weight · σᵢ σⱼ."""
    total = 0
    for i, j in edges:
        for name, weight in weights.items():
            sigma = sites.matrices[f"sigma_{name}"]
            total = total + weight * sites.at((i, sigma), (j, sigma))
    return np.real(total)


def field(sites: kron.Sites, h: float) -> kron.Matrix:
    return h * sum(sites.word("sigma_x", i) for i in range(sites.size))


@each_space
def test_ising(space: Any) -> None:
    hilbert, sites = space
    operator = sym.models.ising(hilbert, EDGES, J=-0.75, h=1.25)
    compiled = assert_matrix(operator, bonds(sites, EDGES, z=-0.75) - field(sites, 1.25))
    changed = compiled.with_parameters(J=0.5, h=-0.25)
    np.testing.assert_allclose(changed.to_dense(), bonds(sites, EDGES, z=0.5) + field(sites, 0.25), atol=1e-12)
    assert operator.is_hermitian
    assert compiled.max_conn_size == len(EDGES) + 4


@pytest.mark.parametrize("s", [0.5, 1, 1.5])
def test_heisenberg_and_xxz_of_any_spin(s: float) -> None:
    size = 4 if s == 0.5 else 3
    hilbert, sites, edges = sym.hilbert.Spin(s, size), kron.spins(s, size), [(0, 1), (2, 1)]
    assert_written(sym.models.heisenberg(hilbert, edges, J=2), bonds(sites, edges, x=0.5, y=0.5, z=0.5))
    assert_written(sym.models.xxz(hilbert, edges, J=2, delta=-0.5), bonds(sites, edges, x=0.5, y=0.5, z=-0.25))


def test_heisenberg_moves_only_where_two_spins_differ() -> None:
    """Two slots an edge: the diagonal one and an exchange."""
    compiled = assert_matrix(
        sym.models.heisenberg(sym.hilbert.Spin(0.5, 4), EDGES), bonds(kron.spins(0.5, 4), EDGES, x=0.25, y=0.25, z=0.25)
    )
    assert compiled.max_conn_size == 2 * len(EDGES)


@each_space
def test_j1_j2(space: Any) -> None:
    hilbert, sites = space
    first, second = EDGES[:4], EDGES[4:]
    operator = sym.models.j1_j2(hilbert, first, second, J1=1.5, J2=0.75)
    expected = [bonds(sites, edges, x=0.25, y=0.25, z=0.25) for edges in (first, second)]
    assert_written(operator, 1.5 * expected[0] + 0.75 * expected[1])
    assert operator.to_ir().symbols == {"J1": 1.5, "J2": 0.75}


def test_edwards_anderson_takes_other_couplings_without_compiling() -> None:
    sites, rng = kron.spins(0.5, 4), np.random.default_rng(0)
    first, second = rng.normal(size=(2, len(EDGES)))
    operator = sym.models.edwards_anderson(sym.hilbert.Spin(0.5, 4), np.array(EDGES), first, h=0.5)

    def expected(couplings: Any) -> Any:
        return sum(bonds(sites, [edge], z=J) for edge, J in zip(EDGES, couplings, strict=True)) - field(sites, 0.5)

    compiled = assert_matrix(operator, expected(first))
    np.testing.assert_allclose(compiled.with_columns(J=second).to_dense(), expected(second), atol=1e-12)


def test_edwards_anderson_of_a_graph_with_weights() -> None:
    graph = nx.Graph()
    graph.add_weighted_edges_from([(0, 1, 0.5), (1, 2, -2.0)], weight="strength")
    sites, operator = kron.qubits(3), sym.models.edwards_anderson(sym.hilbert.Qubit(3), graph, "strength")
    assert_written(operator, bonds(sites, [(0, 1)], z=0.5) + bonds(sites, [(1, 2)], z=-2.0))


@pytest.mark.parametrize("edges", [EDGES, [(0, 1), (1, 2), (2, 3)]], ids=["crossed ring", "chain"])
def test_pxp(edges: Any) -> None:
    sites, total = kron.qubits(4), 0
    for i in range(4):
        near = {a if b == i else b for a, b in edges if i in (a, b)}
        total = total + 0.75 * sites.at((i, sites.matrices["sigma_x"]), *((j, np.diag([1.0, 0.0])) for j in near))
    assert_written(sym.models.pxp(sym.hilbert.Qubit(4), edges, omega=0.75), total)


@pytest.mark.parametrize(
    ("model", "hilbert", "wanted"),
    [
        ("ising", sym.hilbert.Spin(1, 2), "spins 1/2 or qubits"),
        ("heisenberg", sym.hilbert.Fock(2, 2), "spins or qubits"),
        ("xxz", sym.hilbert.Fock(2, 2), "spins or qubits"),
        ("pxp", sym.hilbert.Spin(0.5, 2), "modes with the local states 0 and 1"),
    ],
)
def test_a_wrong_space_is_refused_in_one_sentence(model: str, hilbert: Any, wanted: str) -> None:
    with pytest.raises(sym.errors.HilbertError) as refused:
        getattr(sym.models, model)(hilbert, [(0, 1)])
    states = ", ".join(str(state) for state in sorted(hilbert.local_states))
    assert str(refused.value) == f"{model} needs {wanted}; {hilbert!r} has the local states {states}."


def test_a_coupling_may_be_an_expression() -> None:
    g = sym.symbol("g", 0.5)
    operator = sym.models.ising(sym.hilbert.Spin(0.5, 3), [(0, 1)], J=g, h=2 * g)
    assert operator.to_ir().symbols == {"g": 0.5}
    sites = kron.spins(0.5, 3)
    assert_written(operator, bonds(sites, [(0, 1)], z=0.5) - field(sites, 1.0))
