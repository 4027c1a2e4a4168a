"""The models of `nqx_graph.models` with NetKet alone: out of its local operators, and where it ships one, by its class.

Their lines are counted in docs/howto/write_in_words.md, so that no line is longer than 100 characters.
"""

from __future__ import annotations

from functools import reduce
from operator import matmul
from typing import Any

import netket as nk
from netket.operator import boson, fermion
from netket.operator.spin import sigmam, sigmap, sigmax, sigmay, sigmaz


def ising(hilbert: Any, edges: Any, J: float, h: float) -> Any:
    bonds = sum(sigmaz(hilbert, i) @ sigmaz(hilbert, j) for i, j in edges)
    return J * bonds - h * sum(sigmax(hilbert, i) for i in range(hilbert.size))


def ready_made_ising(hilbert: Any, graph: Any, J: float, h: float) -> Any:
    return nk.operator.Ising(hilbert, graph, h=h, J=J)


def heisenberg(hilbert: Any, edges: Any, J: float) -> Any:
    sigmas = (sigmax, sigmay, sigmaz)
    return J / 4 * sum(s(hilbert, i) @ s(hilbert, j) for i, j in edges for s in sigmas)


def ready_made_heisenberg(hilbert: Any, graph: Any, J: float) -> Any:
    return nk.operator.Heisenberg(hilbert, graph, J=J / 4, sign_rule=False)


def xxz(hilbert: Any, edges: Any, J: float, delta: float) -> Any:
    sigmas = ((1, sigmax), (1, sigmay), (delta, sigmaz))
    return J / 4 * sum(c * s(hilbert, i) @ s(hilbert, j) for i, j in edges for c, s in sigmas)


def j1_j2(hilbert: Any, first: Any, second: Any, J1: float, J2: float) -> Any:
    sigmas, bonds = (sigmax, sigmay, sigmaz), ((J1, first), (J2, second))
    pairs = [(J / 4, i, j) for J, edges in bonds for i, j in edges]
    return sum(J * s(hilbert, i) @ s(hilbert, j) for J, i, j in pairs for s in sigmas)


def ready_made_j1_j2(hilbert: Any, graph: Any, J1: float, J2: float) -> Any:
    return nk.operator.Heisenberg(hilbert, graph, J=[J1 / 4, J2 / 4], sign_rule=[False, False])


def edwards_anderson(hilbert: Any, edges: Any, couplings: Any, h: float) -> Any:
    operator = -h * sum(sigmax(hilbert, i) for i in range(hilbert.size))
    for (i, j), J in zip(edges, couplings, strict=True):
        operator += J * sigmaz(hilbert, i) @ sigmaz(hilbert, j)
    return operator


def pxp(hilbert: Any, edges: Any, omega: float) -> Any:
    operator = 0
    for i in range(hilbert.size):
        near = {j for edge in edges for j in edge if i in edge} - {i}
        empty = [(1 + sigmaz(hilbert, j)) / 2 for j in near]
        operator += omega * reduce(matmul, empty, sigmax(hilbert, i))
    return operator


def bose_hubbard(hilbert: Any, edges: Any, J: float, U: float, mu: float) -> Any:
    numbers = [boson.number(hilbert, i) for i in range(hilbert.size)]
    operator = sum(U / 2 * n @ (n - 1) - mu * n for n in numbers)
    for i, j in edges:
        hop = boson.create(hilbert, i) @ boson.destroy(hilbert, j)
        operator += -J * (hop + hop.H)
    return operator


def ready_made_bose_hubbard(hilbert: Any, graph: Any, J: float, U: float, mu: float) -> Any:
    return nk.operator.BoseHubbard(hilbert, graph, U=U, J=J, mu=mu)


def fermi_hubbard(hilbert: Any, edges: Any, t: float, U: float) -> Any:
    sites = range(hilbert.n_orbitals)
    up, down = ([fermion.destroy(hilbert, i, s) for i in sites] for s in (1, -1))
    operator = U * sum(a.H @ a @ b.H @ b for a, b in zip(up, down, strict=True))
    for c in (up, down):
        for i, j in edges:
            operator += -t * (c[i].H @ c[j] + c[j].H @ c[i])
    return operator


def ready_made_fermi_hubbard(hilbert: Any, graph: Any, t: float, U: float) -> Any:
    return nk.operator.FermiHubbardJax(hilbert, t=t, U=U, graph=graph)


def t_j(hilbert: Any, edges: Any, t: float, J: float) -> Any:
    operator, spins, sites = 0, ((1, -1), (-1, 1)), range(hilbert.n_orbitals)
    c = {s: [fermion.destroy(hilbert, i, s) for i in sites] for s in (-1, 1)}
    n = {s: [fermion.number(hilbert, i, s) for i in sites] for s in (-1, 1)}
    for i, j in edges:
        for s, other in spins:
            hop = c[s][i].H @ c[s][j]
            operator += -t * (hop + hop.H) @ (1 - n[other][i]) @ (1 - n[other][j])
        flip = c[-1][i].H @ c[1][i] @ c[1][j].H @ c[-1][j]
        z = (n[-1][i] - n[1][i]) @ (n[-1][j] - n[1][j])
        total = (n[-1][i] + n[1][i]) @ (n[-1][j] + n[1][j])
        operator += J * (0.5 * (flip + flip.H) + 0.25 * (z - total))
    return operator


def toric_code(hilbert: Any, stars: Any, plaquettes: Any, A: float, B: float) -> Any:
    x, z = ([sigma(hilbert, i) for i in range(hilbert.size)] for sigma in (sigmax, sigmaz))
    operator = -A * sum(x[a] @ x[b] @ x[c] @ x[d] for a, b, c, d in stars)
    return operator - B * sum(z[a] @ z[b] @ z[c] @ z[d] for a, b, c, d in plaquettes)


def z2_gauge(hilbert: Any, plaquettes: Any, K: float, g: float) -> Any:
    x, z = ([sigma(hilbert, i) for i in range(hilbert.size)] for sigma in (sigmax, sigmaz))
    return -K * sum(z[a] @ z[b] @ z[c] @ z[d] for a, b, c, d in plaquettes) - g * sum(x)


def u1_gauge(hilbert: Any, plaquettes: Any, K: float, g: float) -> Any:
    operator = g / 8 * sum(sigmaz(hilbert, i) @ sigmaz(hilbert, i) for i in range(hilbert.size))
    plus, minus = ([s(hilbert, i) for i in range(hilbert.size)] for s in (sigmap, sigmam))
    for a, b, c, d in plaquettes:
        around = plus[a] @ plus[b] @ minus[c] @ minus[d]
        operator += -K * (around + around.H)
    return operator
