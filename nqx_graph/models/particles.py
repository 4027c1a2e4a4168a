"""Models of bosons and fermions on a lattice.

Fermions with spin have 2 L modes: mode k is one spin on site k, mode L + k the other, as in
``netket.hilbert.SpinOrbitalFermions(L, s=1/2)``, where the first L are those with spin down.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nqx_graph import words as w
from nqx_graph.dsl.builder import DOperator
from nqx_graph.models.lattice import coupling, edges_of, occupations, two_of_each
from nqx_graph.operators.symbolic import SymbolicOperator
from nqx_graph.words import Words


def bose_hubbard(
    hilbert: Any, graph: Any, *, J: Any = 1.0, U: Any = 1.0, mu: Any = 0.0, dtype: Any = None
) -> SymbolicOperator:
    """H = -J Σ (a†ᵢ aⱼ + a†ⱼ aᵢ) + U/2 Σ nᵢ (nᵢ - 1) - μ Σ nᵢ, as ``netket.operator.BoseHubbard``.

    Source: Fisher et al., Phys. Rev. B 40, 546 (1989). ``J``, ``U`` and ``mu`` are symbols with these defaults, or expressions.

    Raises:
        HilbertError: for local states other than 0, 1, 2, …
    """
    space, n = occupations(hilbert, "bose_hubbard"), w.number("i")
    return (
        DOperator(hilbert, "bose_hubbard", dtype=dtype, hermitian=True)
        .for_each(("i", "j"), over=edges_of(graph, space.size, "bose_hubbard"))
        .add(-coupling("J", J) * (w.hop("i", "j") + w.hop("j", "i")))
        .for_each_site("i")
        .add(coupling("U", U) / 2 * (n * (n - 1)) - coupling("mu", mu) * n)
        .build()
    )


def fermi_hubbard(hilbert: Any, graph: Any, *, t: Any = 1.0, U: Any = 1.0, dtype: Any = None) -> SymbolicOperator:
    """H = -t Σ_σ Σ (c†ᵢσ cⱼσ + c†ⱼσ cᵢσ) + U Σ nᵢ↑ nᵢ↓ over the edges of L sites, with 2 L modes.

    Source: Hubbard, Proc. R. Soc. A 276, 238 (1963). ``t`` and ``U`` are symbols with these defaults, or expressions.

    Raises:
        HilbertError: for local states other than 0 and 1, or an odd number of modes.
    """
    _, sites = two_of_each(hilbert, "fermi_hubbard")
    edges, both = edges_of(graph, sites, "fermi_hubbard"), np.arange(sites)
    return (
        DOperator(hilbert, "fermi_hubbard", dtype=dtype, hermitian=True)
        .for_each(("i", "j"), over=np.concatenate([edges, edges + sites]))
        .add(-coupling("t", t) * (w.c_dag("i") * w.c("j") + w.c_dag("j") * w.c("i")))
        .for_each(("up", "down"), over=np.stack([both, both + sites], axis=1))
        .add(coupling("U", U) * w.n("up") * w.n("down"))
        .build()
    )


def t_j(hilbert: Any, graph: Any, *, t: Any = 1.0, J: Any = 0.4, dtype: Any = None) -> SymbolicOperator:
    """H = -t Σ_σ Σ P (c†ᵢσ cⱼσ + c†ⱼσ cᵢσ) P + J Σ (Sᵢ·Sⱼ - nᵢ nⱼ / 4) over the edges of L sites, with 2 L modes.

    P takes out double occupancy: a fermion hops only between sites without one of the other spin. States with a doubly
    occupied site are never reached from the others. Source: Chao, Spałek and Oleś, J. Phys. C 10, L271 (1977). ``t`` and
    ``J`` are symbols with these defaults, or expressions.

    Raises:
        HilbertError: for local states other than 0 and 1, or an odd number of modes.
    """
    _, sites = two_of_each(hilbert, "t_j")
    edges = edges_of(graph, sites, "t_j")
    hops = np.concatenate(
        [np.concatenate([edges, edges + sites], axis=1), np.concatenate([edges + sites, edges], axis=1)]
    )
    hop = w.c_dag("i") * w.c("j") + w.c_dag("j") * w.c("i")
    return (
        DOperator(hilbert, "t_j", dtype=dtype, hermitian=True)
        .for_each(("i", "j", "other i", "other j"), over=hops)
        .add(-coupling("t", t) * (hop * (1 - w.n("other i")) * (1 - w.n("other j"))))
        .for_each(("iu", "ju", "id", "jd"), over=hops[: len(edges)])
        .add(coupling("J", J) * (_spin_dot() - (w.n("iu") + w.n("id")) * (w.n("ju") + w.n("jd")) / 4))
        .build()
    )


def _spin_dot() -> Words:
    """Sᵢ·Sⱼ with S⁺ = c†↑ c↓ and Sᶻ = (n↑ - n↓)/2."""
    plus, minus = w.c_dag("iu") * w.c("id"), w.c_dag("jd") * w.c("ju")
    z = (w.n("iu") - w.n("id")) * (w.n("ju") - w.n("jd")) / 4
    return z + (plus * minus + (plus * minus).H) / 2
