"""Models of physics, written as a physicist would, on any space of NetKet or of the package.

Matrix elements are <x|O|x'> with x given: a hop bᵢ†bⱼ arrives at x from x' = x with one boson moved from i back to j.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

import nqx_graph as sym

Edges = Sequence[tuple[int, int]]


def between(edges: Edges, size: int) -> NDArray[np.int64]:
    """[M, N]: the sites strictly between the two of each edge, which carry its Jordan-Wigner sign."""
    sites = np.arange(size)
    return np.array([(min(edge) < sites) & (sites < max(edge)) for edge in edges], dtype=np.int64)


# --- spins 1/2 --------------------------------------------------------------------------------------------------------


def ising(hilbert: Any, edges: Edges, J: Any, h: float, *, flip: str = "affine") -> Any:
    """-Σ J ZᵢZⱼ - h Σ Xᵢ; J is one number or one for each edge, and a spin is turned in one of three ways."""
    s, size = sym.site, hilbert.size
    turns = {"affine": sym.affine("i", scale=-1), "shift_mod": sym.shift_mod("i", 2), "flip": sym.flip("here")}
    return (
        sym.DOperator(hilbert, "ising", hermitian=True)
        .for_each(("i", "j"), over=edges, columns={"J": np.broadcast_to(J, (len(edges),))})
        .emit(amplitude=-sym.column("J") * s("i").value * s("j").value)
        .for_each_site("i", columns={"here": np.eye(size, dtype=int)})
        .emit(turns[flip], amplitude=-h)
        .build()
    )


def heisenberg(hilbert: Any, edges: Edges, J: Any = 1.0) -> Any:
    """Σ J (XᵢXⱼ + YᵢYⱼ + ZᵢZⱼ); J is one number or one for each edge."""
    s, J = sym.site, np.broadcast_to(J, (len(edges),))
    return (
        sym.DOperator(hilbert, "heisenberg", hermitian=True)
        .for_each(("i", "j"), over=edges, columns={"J": J})
        .emit(amplitude=sym.column("J") * s("i").value * s("j").value)
        .emit_if(s("i") != s("j"), sym.swap("i", "j"), amplitude=2 * sym.column("J"))
        .build()
    )


def j1j2(hilbert: Any, first: Edges, second: Edges, J1: float, J2: float) -> Any:
    """Two Heisenberg models of free strengths, added."""
    return sym.symbol("J1", default=J1) * heisenberg(hilbert, first) + sym.symbol("J2", default=J2) * heisenberg(
        hilbert, second
    )


def ring_exchange(hilbert: Any, plaquettes: Sequence[tuple[int, ...]], K: float) -> Any:
    """K Σ (P + P⁻¹), P the cyclic exchange of the four sites of a plaquette."""
    return (
        sym.DOperator(hilbert, "ring exchange", hermitian=True)
        .for_each_plaquette("a", "b", "c", "d", over=plaquettes)
        .emit(sym.permute("a", "b", "c", "d"), amplitude=K)
        .emit(sym.permute("d", "c", "b", "a"), amplitude=K)
        .build()
    )


def pauli_strings(hilbert: Any, strings: Sequence[str], weights: Sequence[complex]) -> Any:
    """Σ w·P for strings such as "XIYZ": <s|Y|-s> = -i·s, so that a string is a mask of flips and a mask of signs."""
    letters = np.array([list(text) for text in strings])
    weight = np.asarray(weights) * (-1j) ** np.sum(letters == "Y", axis=1)
    masks = {"turned": np.isin(letters, ["X", "Y"]).astype(int), "signed": np.isin(letters, ["Y", "Z"]).astype(int)}
    return (
        sym.DOperator(hilbert, "pauli strings", dtype="complex128")
        .for_each((), over=np.zeros((len(strings), 0), dtype=int), columns={"w": weight, **masks})
        .emit(sym.flip("turned"), amplitude=sym.column("w") * sym.prod("signed"))
        .build()
    )


def pxp(hilbert: Any, edges: Edges, omega: float = 1.0) -> Any:
    """Ω Σ Xᵢ Π (1 - nⱼ) over the neighbours j of i: their number is counted by a column."""
    near = np.zeros((hilbert.size, hilbert.size), dtype=int)
    for i, j in edges:
        near[i, j] = near[j, i] = 1
    return (
        sym.DOperator(hilbert, "pxp", hermitian=True)
        .for_each_site("i", columns={"near": near})
        .where(sym.dot("near") == 0)
        .emit(sym.write("i", 1 - sym.site("i").value), amplitude=omega)
        .build()
    )


def pxp_ring(hilbert: Any, omega: float = 1.0) -> Any:
    """The same on a ring, each neighbour named by its flat number."""
    s, size = sym.site, hilbert.size
    left = sym.where(s("i").index > 0, s("i").index - 1, size - 1)
    right = sym.where(s("i").index < size - 1, s("i").index + 1, 0)
    return (
        sym.DOperator(hilbert, "pxp on a ring", hermitian=True)
        .for_each_site("i")
        .where((sym.source_index(left) == 0) & (sym.source_index(right) == 0))
        .emit(sym.shift_mod("i", 1), amplitude=omega)
        .build()
    )


# --- bosons and clocks ------------------------------------------------------------------------------------------------


def ladder(hilbert: Any, n_max: int, sites: Sequence[complex]) -> Any:
    """Σ wᵢ bᵢ: <n|b|n+1> = sqrt(n + 1), so that x' has one boson more."""
    n = sym.site("i")
    return (
        sym.DOperator(hilbert, "ladder", dtype="complex128")
        .for_each_site("i", columns={"w": np.asarray(sites)})
        .where(n < n_max)
        .emit(sym.shift("i", +1), amplitude=sym.column("w") * (n.value + 1).sqrt())
        .build()
    )


def bose_hubbard(
    hilbert: Any,
    n_max: int,
    edges: Edges,
    J: float,
    U: float,
    mu: float = 0.0,
    phase: float = 0.0,
) -> Any:
    """-J Σ (e^{iφ} bᵢ†bⱼ + h.c.) + U/2 Σ n(n-1) - μ Σ n."""
    n = sym.site
    turn = complex(math.cos(phase), math.sin(phase)) if phase else 1.0
    back = turn.conjugate()
    return (
        sym.DOperator(hilbert, "bose-hubbard", dtype="complex128" if phase else None, hermitian=True)
        .for_each_site("i")
        .emit(amplitude=U / 2 * n("i").value * (n("i").value - 1) - mu * n("i").value)
        .for_each(("i", "j"), over=edges)
        .emit_if(
            (n("i") > 0) & (n("j") < n_max),
            sym.shift("i", -1).shift("j", +1),
            amplitude=-J * turn * (n("i").value * (n("j").value + 1)).sqrt(),
        )
        .emit_if(
            (n("j") > 0) & (n("i") < n_max),
            sym.shift("j", -1).shift("i", +1),
            amplitude=-J * back * (n("j").value * (n("i").value + 1)).sqrt(),
        )
        .build()
    )


def all_pairs_hopping(hilbert: Any, n_max: int, t: float) -> Any:
    """-t Σ bᵢ†bⱼ over all i ≠ j; the amplitude reads x' where that is shorter."""
    n = sym.site
    return (
        sym.DOperator(hilbert, "all pairs", hermitian=True)
        .for_each_distinct_pair("i", "j")
        .where((n("i") > 0) & (n("j") < n_max))
        .emit(sym.shift("i", -1).shift("j", +1), amplitude=-t * n("i").value.sqrt() * sym.emitted("j").value.sqrt())
        .build()
    )


def clock(hilbert: Any, q: int, edges: Edges, J: float, f: float) -> Any:
    """-J Σ cos(2π(nᵢ - nⱼ)/q) - f Σ (Xᵢ + Xᵢ†)."""
    n = sym.site
    return (
        sym.DOperator(hilbert, "clock", hermitian=True)
        .for_each(("i", "j"), over=edges)
        .emit(amplitude=lambda ctx: -J * (2 * math.pi / q * (ctx.site("i").value - ctx.site("j").value)).cos())
        .for_each_site("i")
        .emit(sym.shift_mod("i", +1), amplitude=-f, tag="up")
        .emit(sym.write("i", sym.wrap_mod(n("i").value - 1)), amplitude=-f, tag="down")
        .build()
    )


# --- fermions ---------------------------------------------------------------------------------------------------------


def fermion_chain(hilbert: Any, edges: Edges, t: float, V: float, phase: float = 0.0) -> Any:
    """-t Σ (e^{iφ} cᵢ†cⱼ + h.c.) + V Σ nᵢnⱼ on occupation numbers; a sign is (-1) to the number of fermions between."""
    n, turn = sym.site, complex(math.cos(phase), math.sin(phase)) if phase else 1.0
    sign = (math.pi * sym.dot("between")).cos()
    return (
        sym.DOperator(hilbert, "fermions", dtype="complex128" if phase else None, hermitian=True)
        .for_each(("i", "j"), over=edges, columns={"between": between(edges, hilbert.size)})
        .emit(amplitude=V * n("i").value * n("j").value)
        .emit_if((n("i") == 1) & (n("j") == 0), sym.swap("i", "j"), amplitude=-t * turn * sign)
        .emit_elseif((n("i") == 0) & (n("j") == 1), sym.swap("i", "j"), amplitude=-t * turn.conjugate() * sign)
        .build()
    )


def fermion_spins(hilbert: Any, edges: Edges, t: float, V: float) -> Any:
    """The same on spins 1/2, +1 an empty and -1 a filled site: a sign is the product of the spins between."""
    s, size = sym.site, hilbert.size
    ends = np.zeros((len(edges), size), dtype=int)
    for row, edge in enumerate(edges):
        ends[row, list(edge)] = 1
    filled = {a: (1 - s(a).value) / 2 for a in "ij"}
    return (
        sym.DOperator(hilbert, "fermions as spins", hermitian=True)
        .for_each(("i", "j"), over=edges, columns={"between": between(edges, size), "ends": ends})
        .emit(amplitude=V * filled["i"] * filled["j"])
        .emit_if(sym.prod("ends") == -1, sym.flip("ends"), amplitude=-t * sym.prod("between"))
        .build()
    )
