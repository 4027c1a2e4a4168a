"""Models of bosons and fermions against sums of `np.kron`."""

from __future__ import annotations

from typing import Any

import kron
import numpy as np
import pytest
from kron import assert_matrix, assert_written

import nqx_graph as sym

EDGES = [(0, 1), (2, 1), (2, 0)]


@pytest.mark.parametrize("n_max", [1, 2, 4])
def test_bose_hubbard(n_max: int) -> None:
    sites, total = kron.bosons(n_max, 3), 0
    for i, j in EDGES:
        hop = sites.word("create", i) @ sites.word("destroy", j)
        total = total - 0.5 * (hop + hop.T)
    for i in range(3):
        n = sites.word("number", i)
        total = total + 1.5 * n @ (n - sites.one()) - 0.25 * n
    operator = sym.models.bose_hubbard(sym.hilbert.Fock(n_max, 3), EDGES, J=0.5, U=3.0, mu=0.25)
    assert_written(operator, total)
    repulsion = {"U": 3.0} if n_max > 1 else {}  # n (n - 1) is zero for every state of hard cores
    assert operator.to_ir().symbols == {"J": 0.5, **repulsion, "mu": 0.25}


def hubbard_hop(c: list[kron.Matrix], i: int, j: int) -> kron.Matrix:
    hop = c[i].T @ c[j]
    return hop + hop.T


@pytest.mark.parametrize("edges", [EDGES, [(1, 2), (0, 1)]], ids=["ring", "chain"])
def test_fermi_hubbard(edges: Any) -> None:
    """Modes 0, 1, 2 are one spin, 3, 4, 5 the other."""
    sites, n = kron.qubits(6), [kron.qubits(6).word("number", mode) for mode in range(6)]
    c = [sites.c(mode) for mode in range(6)]
    total = sum(-0.5 * hubbard_hop(c, i + spin, j + spin) for i, j in edges for spin in (0, 3))
    total = total + 4.0 * sum(n[i] @ n[i + 3] for i in range(3))
    operator = sym.models.fermi_hubbard(sym.hilbert.Qubit(6), edges, t=0.5, U=4.0)
    compiled = assert_matrix(operator, total)
    # one slot for each edge and spin, that of both directions, and one for each site
    assert compiled.max_conn_size == 2 * len(edges) + 3


def test_t_j() -> None:
    sites, L = kron.qubits(6), 3
    n = [sites.word("number", mode) for mode in range(6)]
    c, total = [sites.c(mode) for mode in range(6)], 0
    singly = np.eye(64)
    for i in range(L):
        singly = singly @ (np.eye(64) - n[i] @ n[i + L])
    hubbard = sum(-0.75 * hubbard_hop(c, i + spin, j + spin) for i, j in EDGES for spin in (0, L))
    plus = [c[i].T @ c[i + L] for i in range(L)]
    z = [(n[i] - n[i + L]) / 2 for i in range(L)]
    total_n = [n[i] + n[i + L] for i in range(L)]
    for i, j in EDGES:
        exchange = (plus[i] @ plus[j].T + plus[j] @ plus[i].T) / 2 + z[i] @ z[j]
        total = total + 0.5 * (exchange - total_n[i] @ total_n[j] / 4)
    operator = sym.models.t_j(sym.hilbert.Qubit(6), EDGES, t=0.75, J=0.5)
    singles = [np.eye(64) - n[mode] for mode in [*range(L, 2 * L), *range(L)]]  # none of the other spin on the site
    projected = sum(
        -0.75 * hubbard_hop(c, i + spin, j + spin) @ singles[i + spin] @ singles[j + spin]
        for i, j in EDGES
        for spin in (0, L)
    )
    dense = projected + total
    assert_matrix(operator, dense)
    fused = operator.compile(cache=False, optimize=True)
    assert fused.max_conn_size < operator.to_ir().terms[0].fanout + operator.to_ir().terms[1].fanout
    np.testing.assert_allclose(fused.to_dense(), dense, atol=1e-12, rtol=0)
    np.testing.assert_allclose(singly @ dense @ singly, singly @ (hubbard + total) @ singly, atol=1e-12, rtol=0)
    np.testing.assert_allclose(singly @ dense, dense @ singly, atol=1e-12, rtol=0)


@pytest.mark.parametrize("model", ["fermi_hubbard", "t_j"])
def test_fermions_with_spin_need_two_modes_a_site(model: str) -> None:
    build = getattr(sym.models, model)
    with pytest.raises(sym.errors.HilbertError, match=rf"{model} needs two modes on each site.*has 3 modes\.$"):
        build(sym.hilbert.Qubit(3), [(0, 1)])
    with pytest.raises(sym.errors.HilbertError, match=rf"^{model} needs modes with the local states 0 and 1; "):
        build(sym.hilbert.Fock(2, 4), [(0, 1)])


def test_bosons_need_occupation_numbers() -> None:
    with pytest.raises(sym.errors.HilbertError, match=r"^bose_hubbard needs occupation numbers 0, 1, 2, …; "):
        sym.models.bose_hubbard(sym.hilbert.Spin(0.5, 2), [(0, 1)])
