"""The models of the benchmarks as NetKet and nkDSL have them."""

from __future__ import annotations

import netket as nk
import nkdsl
import numpy as np
from nkdsl import SymbolicCompilerOptions as TheirOptions


def samples(hilbert, batch, seed=0):
    """Configurations as NetKet's samplers hand them out: int8. [batch, N]"""
    import jax

    return hilbert.random_state(jax.random.key(seed), batch, dtype="int8")


# --- NetKet -----------------------------------------------------------------------------------------------------------


def pauli_strings(hilbert, factors, weights):
    """PauliStringsJax of strings given as ``[(letter, site), ...]``."""
    texts = []
    for string in factors:
        letters = ["I"] * hilbert.size
        for letter, site in string:
            letters[site] = letter
        texts.append("".join(letters))
    return nk.operator.PauliStringsJax(hilbert, texts, weights)


def netket_ising(hilbert, edges, J, h):
    """-J Σ ZZ - h Σ X in each of NetKet's ways."""
    graph, size = nk.graph.Graph(edges=list(edges)), hilbert.size
    strings = [[("Z", i), ("Z", j)] for i, j in edges] + [[("X", i)] for i in range(size)]
    return {
        "NetKet IsingJax": nk.operator.IsingJax(hilbert, graph, h=h, J=-J),
        "NetKet PauliStringsJax": pauli_strings(hilbert, strings, [-J] * len(edges) + [-h] * size),
    }


def netket_heisenberg(hilbert, graph):
    """Σ XX + YY + ZZ in each of NetKet's ways."""
    local = nk.operator.Heisenberg(hilbert, graph, sign_rule=False)
    return {
        "NetKet PauliStringsJax": local.to_pauli_strings().to_jax_operator(),
        "NetKet LocalOperatorJax": local.to_jax_operator(),
    }


# --- nkDSL ------------------------------------------------------------------------------------------------------------


def nkdsl_compile(operator):
    """A new compiler each time; without deduplication and diagnostics, which is nkDSL at its fastest."""
    options = TheirOptions(deduplicate_connected_components=False, diagnostics_enabled=False)
    return nkdsl.SymbolicCompiler(options=options).compile_operator(operator)


def nkdsl_compile_by_default(operator):
    """A new compiler each time, at its default settings."""
    return nkdsl.SymbolicCompiler().compile_operator(operator)


def nkdsl_ising(hilbert, edges, J, h):
    """-J Σ ZZ - h Σ X; a list of couplings becomes one term for each bond."""
    site = nkdsl.site
    builder = nkdsl.SymbolicDiscreteJaxOperator(hilbert, "ising", dtype="float64", hermitian=True)
    terms = [(edges, J)] if np.ndim(J) == 0 else [([edge], float(c)) for edge, c in zip(edges, J, strict=True)]
    for over, coupling in terms:
        builder = builder.for_each(("i", "j"), over=over).emit(
            matrix_element=-coupling * site("i").value * site("j").value
        )
    return builder.for_each_site("i").emit(nkdsl.write("i", -site("i").value), matrix_element=-h).build()


def nkdsl_heisenberg(hilbert, edges):
    """Σ XX + YY + ZZ."""
    i, j = nkdsl.site("i").value, nkdsl.site("j").value
    return (
        nkdsl.SymbolicDiscreteJaxOperator(hilbert, "heisenberg", dtype="float64", hermitian=True)
        .for_each(("i", "j"), over=edges)
        .emit(matrix_element=i * j)
        .emit_if(nkdsl.site("i") != j, nkdsl.swap("i", "j"), matrix_element=2.0)
        .build()
    )


def nkdsl_bonds(hilbert, bonds, weights):
    """An exchange on each bond with a constant of its own: one term for each."""
    differ = nkdsl.site("i") != nkdsl.site("j").value  # of two values, != would be Python's
    builder = nkdsl.SymbolicDiscreteJaxOperator(hilbert, "bonds", dtype="float64", hermitian=True)
    for bond, weight in zip(bonds, weights, strict=True):
        builder = (
            builder.for_each(("i", "j"), over=[bond])
            .where(differ)
            .emit(nkdsl.swap("i", "j"), matrix_element=float(weight))
        )
    return builder.build()


def nkdsl_all_pairs(hilbert, n_max, t):
    """-t Σ bᵢ†bⱼ over all i ≠ j."""
    i, j = nkdsl.site("i").value, nkdsl.site("j").value
    return (
        nkdsl.SymbolicDiscreteJaxOperator(hilbert, "all pairs", dtype="float64", hermitian=True)
        .for_each_distinct_pair("i", "j")
        .where((nkdsl.site("i") > 0) & (nkdsl.site("j") < n_max))
        .emit(nkdsl.shift("i", -1).shift("j", +1), matrix_element=-t * (i * (j + 1)).sqrt())
        .build()
    )
