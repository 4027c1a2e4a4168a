"""Lattice gauge theories on the links of a square lattice on a torus; `nqx_graph.models.lattice.torus` numbers the links."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from nqx_graph import words as w
from nqx_graph.dsl.builder import DOperator
from nqx_graph.models.lattice import coupling, spins, spins_or_qubits, torus
from nqx_graph.operators.symbolic import SymbolicOperator
from nqx_graph.words import Words

_LINKS = ("a", "b", "c", "d")


def _all(word: Callable[[Any], Words]) -> Words:
    return math.prod(map(word, _LINKS), start=w.identity())


def toric_code(
    hilbert: Any, shape: tuple[int, int], *, A: Any = 1.0, B: Any = 1.0, dtype: Any = None
) -> SymbolicOperator:
    """H = -A Σ σˣσˣσˣσˣ at the vertices - B Σ σᶻσᶻσᶻσᶻ around the plaquettes.

    Source: Kitaev, Ann. Phys. 303, 2 (2003). ``A`` and ``B`` are symbols with these defaults, or expressions.

    Args:
        hilbert: spins 1/2 or qubits, one a link: 2 Lx Ly.
        shape: (Lx, Ly).
        A: of the stars.
        B: of the plaquettes.
        dtype: of the matrix elements.

    Raises:
        HilbertError: for a space that is none of spins 1/2 or qubits.
        DefinitionError: if it has another number of sites than the torus has links.
    """
    stars, plaquettes = torus(shape, spins_or_qubits(hilbert, "toric_code").size, "toric_code")
    return (
        DOperator(hilbert, "toric_code", dtype=dtype, hermitian=True)
        .for_each_plaquette(*_LINKS, over=stars)
        .add(-coupling("A", A) * _all(w.sigma_x))
        .for_each_plaquette(*_LINKS, over=plaquettes)
        .add(-coupling("B", B) * _all(w.sigma_z))
        .build()
    )


def z2_gauge(
    hilbert: Any, shape: tuple[int, int], *, K: Any = 1.0, g: Any = 1.0, dtype: Any = None
) -> SymbolicOperator:
    """H = -K Σ σᶻσᶻσᶻσᶻ around the plaquettes - g Σ σˣ on the links: Ising gauge theory.

    Source: Wegner, J. Math. Phys. 12, 2259 (1971); Kogut, Rev. Mod. Phys. 51, 659 (1979). ``K`` and ``g`` are symbols with
    these defaults, or expressions. The space is that of `toric_code`.

    Raises:
        HilbertError: for a space that is none of spins 1/2 or qubits.
        DefinitionError: if it has another number of sites than the torus has links.
    """
    _, plaquettes = torus(shape, spins_or_qubits(hilbert, "z2_gauge").size, "z2_gauge")
    return (
        DOperator(hilbert, "z2_gauge", dtype=dtype, hermitian=True)
        .for_each_plaquette(*_LINKS, over=plaquettes)
        .add(-coupling("K", K) * _all(w.sigma_z))
        .for_each_site("i")
        .add(-coupling("g", g) * w.sigma_x("i"))
        .build()
    )


def u1_gauge(
    hilbert: Any, shape: tuple[int, int], *, K: Any = 1.0, g: Any = 1.0, dtype: Any = None
) -> SymbolicOperator:
    """H = g/2 Σ E² on the links - K Σ (U + U†) around the plaquettes, with E = Sᶻ and U = S⁺S⁺S⁻S⁻: a U(1) link model.

    Source: Chandrasekharan and Wiese, Nucl. Phys. B 492, 455 (1997). The links are spins of any s; U goes around a plaquette
    along its bottom and right link and back along the top and left one. ``K`` and ``g`` are symbols with these defaults, or
    expressions.

    Raises:
        HilbertError: for a space that is none of spins or qubits.
        DefinitionError: if it has another number of sites than the torus has links.
    """
    _, plaquettes = torus(shape, spins(hilbert, "u1_gauge").size, "u1_gauge")
    around = w.sigma_plus("a") * w.sigma_plus("b") * w.sigma_minus("c") * w.sigma_minus("d")
    return (
        DOperator(hilbert, "u1_gauge", dtype=dtype, hermitian=True)
        .for_each_plaquette(*_LINKS, over=plaquettes)
        .add(-coupling("K", K) * (around + around.H))
        .for_each_site("i")
        .add(coupling("g", g) / 2 * (w.sigma_z("i") / 2) ** 2)
        .build()
    )
