"""The models of the package as they are written with NetKet alone; their lines are counted in the documentation."""

from __future__ import annotations

from typing import Any

import netket as nk
import numpy as np
from netket.operator import fermion
from netket.operator.spin import sigmam, sigmap, sigmax, sigmay, sigmaz


def ising(hilbert: Any, graph: Any, J: float, h: float) -> Any:
    return nk.operator.Ising(hilbert, graph, h=h, J=J)


def heisenberg(hilbert: Any, graph: Any, J: float) -> Any:
    return nk.operator.Heisenberg(hilbert, graph, J=J / 4, sign_rule=False)


def xxz(hilbert: Any, graph: Any, J: float, delta: float) -> Any:
    x, y, z = ([sigma(hilbert, i) for i in range(hilbert.size)] for sigma in (sigmax, sigmay, sigmaz))
    operator = 0
    for i, j in graph.edges():
        operator += J / 4 * (x[i] @ x[j] + y[i] @ y[j] + delta * z[i] @ z[j])
    return operator


def j1_j2(hilbert: Any, graph: Any, J1: float, J2: float) -> Any:
    return nk.operator.Heisenberg(hilbert, graph, J=[J1 / 4, J2 / 4], sign_rule=[False, False])


def edwards_anderson(hilbert: Any, graph: Any, couplings: Any, h: float) -> Any:
    operator = -h * sum(sigmax(hilbert, i) for i in range(hilbert.size))
    for (i, j), J in zip(graph.edges(), couplings, strict=True):
        operator += J * sigmaz(hilbert, i) @ sigmaz(hilbert, j)
    return operator


def pxp(hilbert: Any, graph: Any, omega: float) -> Any:
    operator = 0
    for i, near in enumerate(graph.adjacency_list()):
        matrix = omega * np.array([[0, 1], [1, 0]])
        for _ in near:
            matrix = np.kron(matrix, np.diag([1, 0]))
        operator += nk.operator.LocalOperator(hilbert, matrix, [i, *near])
    return operator


def bose_hubbard(hilbert: Any, graph: Any, J: float, U: float, mu: float) -> Any:
    return nk.operator.BoseHubbard(hilbert, graph, U=U, J=J, mu=mu)


def fermi_hubbard(hilbert: Any, graph: Any, t: float, U: float) -> Any:
    return nk.operator.FermiHubbardJax(hilbert, t=t, U=U, graph=graph)


def t_j(hilbert: Any, graph: Any, t: float, J: float) -> Any:
    c = [{sz: fermion.destroy(hilbert, i, sz) for sz in (-1, 1)} for i in range(graph.n_nodes)]
    n = [{sz: fermion.number(hilbert, i, sz) for sz in (-1, 1)} for i in range(graph.n_nodes)]
    operator = 0
    for i, j in graph.edges():
        for sz in (-1, 1):
            hop = c[i][sz].H @ c[j][sz]
            operator += -t * (hop + hop.H) @ (1 - n[i][-sz]) @ (1 - n[j][-sz])
        plus = c[i][-1].H @ c[i][1] @ c[j][1].H @ c[j][-1]
        z = (n[i][-1] - n[i][1]) @ (n[j][-1] - n[j][1])
        total = (n[i][-1] + n[i][1]) @ (n[j][-1] + n[j][1])
        operator += J * (0.5 * (plus + plus.H) + 0.25 * z - 0.25 * total)
    return operator


def toric_code(hilbert: Any, stars: Any, plaquettes: Any, A: float, B: float) -> Any:
    operator = 0
    for a, b, c, d in stars:
        operator += -A * sigmax(hilbert, a) @ sigmax(hilbert, b) @ sigmax(hilbert, c) @ sigmax(hilbert, d)
    for a, b, c, d in plaquettes:
        operator += -B * sigmaz(hilbert, a) @ sigmaz(hilbert, b) @ sigmaz(hilbert, c) @ sigmaz(hilbert, d)
    return operator


def z2_gauge(hilbert: Any, plaquettes: Any, K: float, g: float) -> Any:
    operator = -g * sum(sigmax(hilbert, link) for link in range(hilbert.size))
    for a, b, c, d in plaquettes:
        operator += -K * sigmaz(hilbert, a) @ sigmaz(hilbert, b) @ sigmaz(hilbert, c) @ sigmaz(hilbert, d)
    return operator


def u1_gauge(hilbert: Any, plaquettes: Any, K: float, g: float) -> Any:
    operator = g / 8 * sum(sigmaz(hilbert, link) @ sigmaz(hilbert, link) for link in range(hilbert.size))
    for a, b, c, d in plaquettes:
        around = sigmap(hilbert, a) @ sigmap(hilbert, b) @ sigmam(hilbert, c) @ sigmam(hilbert, d)
        operator += -K * (around + around.H)
    return operator
