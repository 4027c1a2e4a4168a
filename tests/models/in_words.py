"""The models of `nqx_graph.models` out of words, as a user writes them for a space and edges that fit.

Their lines are counted in docs/howto/write_in_words.md, so that no line is longer than 100 characters.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import nqx_graph as sym

w = sym.words


def ising(hilbert: Any, edges: Any, J: Any, h: Any) -> Any:
    return (
        sym.DOperator(hilbert, "ising", hermitian=True)
        .for_each(("i", "j"), over=edges)
        .add(J * w.sigma_z("i") * w.sigma_z("j"))
        .for_each_site("i")
        .add(-h * w.sigma_x("i"))
        .build()
    )


def heisenberg(hilbert: Any, edges: Any, J: Any) -> Any:
    return (
        sym.DOperator(hilbert, "heisenberg", hermitian=True)
        .for_each(("i", "j"), over=edges)
        .add(J * w.spin_dot("i", "j"))
        .build()
    )


def xxz(hilbert: Any, edges: Any, J: Any, delta: Any) -> Any:
    exchange = w.sigma_x("i") * w.sigma_x("j") + w.sigma_y("i") * w.sigma_y("j")
    return (
        sym.DOperator(hilbert, "xxz", hermitian=True)
        .for_each(("i", "j"), over=edges)
        .add(J / 4 * (exchange + delta * w.sigma_z("i") * w.sigma_z("j")))
        .build()
    )


def j1_j2(hilbert: Any, first: Any, second: Any, J1: Any, J2: Any) -> Any:
    return (
        sym.DOperator(hilbert, "j1_j2", hermitian=True)
        .for_each(("i", "j"), over=first)
        .add(J1 * w.spin_dot("i", "j"))
        .for_each(("i", "j"), over=second)
        .add(J2 * w.spin_dot("i", "j"))
        .build()
    )


def edwards_anderson(hilbert: Any, edges: Any, couplings: Any, h: Any) -> Any:
    return (
        sym.DOperator(hilbert, "edwards_anderson", hermitian=True)
        .for_each(("i", "j"), over=edges, columns={"J": couplings})
        .add(sym.column("J") * w.sigma_z("i") * w.sigma_z("j"))
        .for_each_site("i")
        .add(-h * w.sigma_x("i"))
        .build()
    )


def pxp(hilbert: Any, edges: Any, omega: Any) -> Any:
    near = np.zeros((hilbert.size, hilbert.size), dtype=int)
    for i, j in edges:
        near[i, j] = near[j, i] = 1
    return (
        sym.DOperator(hilbert, "pxp", hermitian=True)
        .for_each_site("i", columns={"near": near})
        .where(sym.dot("near") == 0)
        .add(omega * w.sigma_x("i"))
        .build()
    )


def bose_hubbard(hilbert: Any, edges: Any, J: Any, U: Any, mu: Any) -> Any:
    n = w.number("i")
    return (
        sym.DOperator(hilbert, "bose_hubbard", hermitian=True)
        .for_each(("i", "j"), over=edges)
        .add(-J * (w.hop("i", "j") + w.hop("j", "i")))
        .for_each_site("i")
        .add(U / 2 * n * (n - 1) - mu * n)
        .build()
    )


def fermi_hubbard(hilbert: Any, edges: Any, t: Any, U: Any) -> Any:
    L = hilbert.size // 2
    hop = w.c_dag("i") * w.c("j")
    return (
        sym.DOperator(hilbert, "fermi_hubbard", hermitian=True)
        .for_each(("i", "j"), over=[*edges, *((i + L, j + L) for i, j in edges)])
        .add(-t * (hop + hop.H))
        .for_each(("i", "j"), over=[(i, i + L) for i in range(L)])
        .add(U * w.n("i") * w.n("j"))
        .build()
    )


def t_j(hilbert: Any, edges: Any, t: Any, J: Any) -> Any:
    L, c, n = hilbert.size // 2, w.c, w.n
    one, other = (range(L), range(L, 2 * L)), (range(L, 2 * L), range(L))
    rows = [[(a[i], a[j], b[i], b[j]) for i, j in edges] for a, b in (one, other)]
    hop, flip = c("i").H * c("j"), c("i").H * c("k") * c("l").H * c("j")
    z = (n("i") - n("k")) * (n("j") - n("l"))
    total = (n("i") + n("k")) * (n("j") + n("l"))
    return (
        sym.DOperator(hilbert, "t_j", hermitian=True)
        .for_each(("i", "j", "k", "l"), over=rows[0] + rows[1])
        .add(-t * (hop + hop.H) * (1 - n("k")) * (1 - n("l")))
        .for_each(("i", "j", "k", "l"), over=rows[0])
        .add(J * (0.5 * (flip + flip.H) + 0.25 * (z - total)))
        .build()
    )


def toric_code(hilbert: Any, stars: Any, plaquettes: Any, A: Any, B: Any) -> Any:
    x, z = w.sigma_x, w.sigma_z
    return (
        sym.DOperator(hilbert, "toric_code", hermitian=True)
        .for_each_plaquette("a", "b", "c", "d", over=stars)
        .add(-A * x("a") * x("b") * x("c") * x("d"))
        .for_each_plaquette("a", "b", "c", "d", over=plaquettes)
        .add(-B * z("a") * z("b") * z("c") * z("d"))
        .build()
    )


def z2_gauge(hilbert: Any, plaquettes: Any, K: Any, g: Any) -> Any:
    z = w.sigma_z
    return (
        sym.DOperator(hilbert, "z2_gauge", hermitian=True)
        .for_each_plaquette("a", "b", "c", "d", over=plaquettes)
        .add(-K * z("a") * z("b") * z("c") * z("d"))
        .for_each_site("i")
        .add(-g * w.sigma_x("i"))
        .build()
    )


def u1_gauge(hilbert: Any, plaquettes: Any, K: Any, g: Any) -> Any:
    around = w.sigma_plus("a") * w.sigma_plus("b") * w.sigma_minus("c") * w.sigma_minus("d")
    return (
        sym.DOperator(hilbert, "u1_gauge", hermitian=True)
        .for_each_plaquette("a", "b", "c", "d", over=plaquettes)
        .add(-K * (around + around.H))
        .for_each_site("i")
        .add(g / 8 * w.sigma_z("i") ** 2)
        .build()
    )
