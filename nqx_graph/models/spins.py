"""Models of spins."""

from __future__ import annotations

from typing import Any

import numpy as np

from nqx_graph import words as w
from nqx_graph.dsl.builder import DOperator
from nqx_graph.dsl.selectors import column, dot
from nqx_graph.models.lattice import coupling, edges_of, occupations, spins, spins_or_qubits
from nqx_graph.operators.symbolic import SymbolicOperator

_BOND = ("i", "j")


def ising(hilbert: Any, graph: Any, *, J: Any = 1.0, h: Any = 1.0, dtype: Any = None) -> SymbolicOperator:
    """H = J Σ σᶻᵢ σᶻⱼ - h Σ σˣᵢ over the edges and the sites, as ``netket.operator.Ising``.

    Source: Pfeuty, Ann. Phys. 57, 79 (1970). ``J`` and ``h`` are symbols with these defaults, or expressions.

    Raises:
        HilbertError: for a space that is none of spins 1/2 or qubits.
    """
    space = spins_or_qubits(hilbert, "ising")
    return (
        DOperator(hilbert, "ising", dtype=dtype, hermitian=True)
        .for_each(_BOND, over=edges_of(graph, space.size, "ising"))
        .add(coupling("J", J) * w.sigma_z("i") * w.sigma_z("j"))
        .for_each_site("i")
        .add(-coupling("h", h) * w.sigma_x("i"))
        .build()
    )


def heisenberg(hilbert: Any, graph: Any, *, J: Any = 1.0, dtype: Any = None) -> SymbolicOperator:
    """H = J Σ Sᵢ·Sⱼ over the edges, S = σ/2, for spins of any s; NetKet's has σᵢ·σⱼ, four times this.

    Source: Heisenberg, Z. Phys. 49, 619 (1928). ``J`` is a symbol with this default, or an expression.

    Raises:
        HilbertError: for a space that is none of spins or qubits.
    """
    space = spins(hilbert, "heisenberg")
    return (
        DOperator(hilbert, "heisenberg", dtype=dtype, hermitian=True)
        .for_each(_BOND, over=edges_of(graph, space.size, "heisenberg"))
        .add(coupling("J", J) * w.spin_dot("i", "j"))
        .build()
    )


def xxz(hilbert: Any, graph: Any, *, J: Any = 1.0, delta: Any = 1.0, dtype: Any = None) -> SymbolicOperator:
    """H = J Σ (Sˣᵢ Sˣⱼ + Sʸᵢ Sʸⱼ + Δ Sᶻᵢ Sᶻⱼ) over the edges, S = σ/2, for spins of any s.

    Source: Yang and Yang, Phys. Rev. 150, 321 (1966). ``J`` and ``delta`` are symbols with these defaults, or expressions.

    Raises:
        HilbertError: for a space that is none of spins or qubits.
    """
    space = spins(hilbert, "xxz")
    exchange = (w.sigma_x("i") * w.sigma_x("j") + w.sigma_y("i") * w.sigma_y("j")) / 4
    return (
        DOperator(hilbert, "xxz", dtype=dtype, hermitian=True)
        .for_each(_BOND, over=edges_of(graph, space.size, "xxz"))
        .add(coupling("J", J) * (exchange + coupling("delta", delta) * w.sigma_z("i") * w.sigma_z("j") / 4))
        .build()
    )


def j1_j2(
    hilbert: Any, first: Any, second: Any, *, J1: Any = 1.0, J2: Any = 0.5, dtype: Any = None
) -> SymbolicOperator:
    """H = J₁ Σ Sᵢ·Sⱼ over the first edges + J₂ Σ Sᵢ·Sⱼ over the second, S = σ/2, for spins of any s.

    Source: Majumdar and Ghosh, J. Math. Phys. 10, 1388 (1969). ``J1`` and ``J2`` are symbols with these defaults, or
    expressions.

    Raises:
        HilbertError: for a space that is none of spins or qubits.
    """
    space = spins(hilbert, "j1_j2")
    return (
        DOperator(hilbert, "j1_j2", dtype=dtype, hermitian=True)
        .for_each(_BOND, over=edges_of(first, space.size, "j1_j2"))
        .add(coupling("J1", J1) * w.spin_dot("i", "j"))
        .for_each(_BOND, over=edges_of(second, space.size, "j1_j2"))
        .add(coupling("J2", J2) * w.spin_dot("i", "j"))
        .build()
    )


def edwards_anderson(hilbert: Any, graph: Any, couplings: Any, *, h: Any = 0.0, dtype: Any = None) -> SymbolicOperator:
    """H = Σ Jᵢⱼ σᶻᵢ σᶻⱼ - h Σ σˣᵢ: one coupling for each edge, in the column ``J``.

    Other couplings are given to the compiled operator by ``with_columns(J=...)``, without compiling again.
    Source: Edwards and Anderson, J. Phys. F 5, 965 (1975). ``h`` is a symbol with this default, or an expression.

    Args:
        hilbert: spins 1/2 or qubits.
        graph: edges.
        couplings: [M] a number for each edge; with a ``networkx.Graph`` also the name of an edge attribute.
        h: the transverse field.
        dtype: of the matrix elements.

    Raises:
        HilbertError: for a space that is none of spins 1/2 or qubits.
        RowsError: for couplings of another length.
    """
    spins_or_qubits(hilbert, "edwards_anderson")
    return (
        DOperator(hilbert, "edwards_anderson", dtype=dtype, hermitian=True)
        .for_each(_BOND, over=graph, columns={"J": couplings})
        .add(column("J") * w.sigma_z("i") * w.sigma_z("j"))
        .for_each_site("i")
        .add(-coupling("h", h) * w.sigma_x("i"))
        .build()
    )


def pxp(hilbert: Any, graph: Any, *, omega: Any = 1.0, dtype: Any = None) -> SymbolicOperator:
    """H = Ω Σ σˣᵢ Π (1 - nⱼ) over the neighbours j of i: no two neighbours are excited (Rydberg blockade).

    Source: Fendley, Sengupta and Sachdev, Phys. Rev. B 69, 075106 (2004). ``omega`` is a symbol with this default, or an
    expression.

    Raises:
        HilbertError: for a space that is none of qubits; 1 is the excited state.
    """
    space = occupations(hilbert, "pxp", fermions=True)
    near = np.zeros((space.size, space.size), dtype=np.int64)
    edges = edges_of(graph, space.size, "pxp")
    near[edges[:, 0], edges[:, 1]] = near[edges[:, 1], edges[:, 0]] = 1
    return (
        DOperator(hilbert, "pxp", dtype=dtype, hermitian=True)
        .for_each_site("i", columns={"neighbours": near})
        .where(dot("neighbours") == 0)
        .add(coupling("omega", omega) * w.sigma_x("i"))
        .build()
    )
