"""The models of the benchmarks that `models` does not have, and compiles that start from nothing."""

from __future__ import annotations

import numpy as np

import nqx_graph as sym


def ring(size):
    """The edges of a ring."""
    return [(i, (i + 1) % size) for i in range(size)]


def bonds(hilbert, pairs, weights):
    """An exchange on each bond with a constant of its own: one term for each."""
    s, builder = sym.site, sym.DOperator(hilbert, "bonds", hermitian=True)
    for pair, weight in zip(pairs, weights, strict=True):
        builder.for_each(("i", "j"), over=[pair]).where(s("i") != s("j")).emit(
            sym.swap("i", "j"), amplitude=float(weight)
        )
    return builder.build()


def ising_by_bonds(hilbert, edges, couplings, h):
    """-Σ J ZZ - h Σ X with one term for each bond."""
    s, builder = sym.site, sym.DOperator(hilbert, "ising", hermitian=True)
    for edge, coupling in zip(edges, couplings, strict=True):
        builder.for_each(("i", "j"), over=[edge]).emit(amplitude=-float(coupling) * s("i").value * s("j").value)
    return builder.for_each_site("i").emit(sym.affine("i", scale=-1), amplitude=-h).build()


def all_pairs(hilbert, n_max, t):
    """-t Σ bᵢ†bⱼ over all i ≠ j."""
    n = sym.site
    return (
        sym.DOperator(hilbert, "all pairs", hermitian=True)
        .for_each_distinct_pair("i", "j")
        .where((n("i") > 0) & (n("j") < n_max))
        .emit(sym.shift("i", -1).shift("j", +1), amplitude=-t * (n("i").value * (n("j").value + 1)).sqrt())
        .build()
    )


def real_pauli_strings(hilbert, factors, weights):
    """Σ w·P of strings ``[(letter, site), ...]`` with an even number of Y: real, and rows of one term.

    Z is the spin itself, and -1 to the number of ones of qubits.
    """
    turned, signed = (np.zeros((len(factors), hilbert.size), dtype=int) for _ in range(2))
    phases = np.ones(len(factors))
    for row, string in enumerate(factors):
        for letter, site in string:
            turned[row, site], signed[row, site] = letter in "XY", letter in "YZ"
        phases[row] = ((-1j) ** sum(letter == "Y" for letter, _ in string)).real
    spins = tuple(hilbert.local_states) != (0, 1)
    sign = sym.prod("signed") if spins else 1 - 2 * sym.wrap_mod(sym.dot("signed"))
    return (
        sym.DOperator(hilbert, "pauli strings", hermitian=True)
        .for_each(
            (),
            over=np.zeros((len(factors), 0), dtype=int),
            columns={"w": phases * np.asarray(weights), "turned": turned, "signed": signed},
        )
        .emit(sym.flip("turned"), amplitude=sym.column("w") * sign)
        .build()
    )


def options(optimize):
    """The options of either lowerer."""
    return sym.SymbolicCompilerOptions(optimize=optimize)


def compiled(operator, *, optimize):
    """Compiled from nothing: the compiler is new, its store empty."""
    return sym.SymbolicCompiler().compile_operator(operator, options=options(optimize))
