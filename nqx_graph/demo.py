"""The demo: three models, one IR, a miss beside a hit, and ground states checked against closed forms."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from scipy.sparse.linalg import eigsh

import nqx_graph as sym

TOLERANCE = 1e-9


class Case(NamedTuple):
    """A model with its ground-state energy in closed form."""

    title: str
    operator: Any
    expected: float
    source: str


def ring(n: int, distance: int = 1) -> list[tuple[int, int]]:
    """The bonds (i, i + distance) of a ring of n sites."""
    return [(i, (i + distance) % n) for i in range(n)]


def ising(n: int, J: float, h: float) -> Any:  # the field's own letter
    """H = -J Σ ZZ - h Σ X on a ring of n sites."""
    s = sym.site
    return (
        sym.DOperator(sym.hilbert.Spin(1 / 2, n), "transverse-field Ising ring", hermitian=True)
        .for_each(("i", "j"), over=ring(n))
        .emit(amplitude=-sym.symbol("J", J) * s("i").value * s("j").value, tag="ZZ")
        .for_each_site("i")
        .emit(sym.affine("i", scale=-1), amplitude=-sym.symbol("h", h), tag="X")
        .build()
    )


def j1j2(n: int, J1: float, J2: float) -> Any:
    """H = J1 Σ S·S over neighbours + J2 Σ S·S over second neighbours, with spin operators (σ/2), on a ring."""
    s = sym.site
    builder = sym.DOperator(sym.hilbert.Spin(1 / 2, n, total_sz=0), "J1-J2 ring", hermitian=True)
    for name, coupling, distance in (("J1", J1, 1), ("J2", J2, 2)):
        J = sym.symbol(name, coupling)
        builder = (
            builder.for_each(("i", "j"), over=ring(n, distance))
            .named(name)
            .emit(amplitude=J / 4 * s("i").value * s("j").value, tag="SzSz")
            .emit_if(s("i") != s("j"), sym.swap("i", "j"), amplitude=J / 2, tag="exchange")
        )
    return builder.build()


def bose_hubbard_dimer(J: float, U: float) -> Any:
    """H = -J (a†b + b†a) + U/2 Σ n(n-1) for two bosons on two sites."""
    s = sym.site
    n_i, n_j = s("i").value, s("j").value
    return (
        sym.DOperator(sym.hilbert.Fock(2, 2, n_particles=2), "Bose-Hubbard dimer", hermitian=True)
        .for_each(("i", "j"), over=[(0, 1), (1, 0)])
        .where(s("i") > 0)
        .emit(sym.shift("i", -1).shift("j", +1), amplitude=-sym.symbol("J", J) * (n_i * (n_j + 1)).sqrt(), tag="hop")
        .for_each_site("i")
        .emit(amplitude=sym.symbol("U", U) / 2 * n_i * (n_i - 1), tag="repulsion")
        .build()
    )


def cases() -> list[Case]:
    """The models with their closed forms."""
    n, coupling, field, u = 12, 1.0, 0.7, 3.0
    modes = (math.cos((2 * m + 1) * math.pi / n) for m in range(n))
    free_fermions = -sum(math.sqrt(coupling**2 + field**2 - 2 * coupling * field * cosine) for cosine in modes)
    return [
        Case("Ising ring, N = 12", ising(n, coupling, field), free_fermions, "free fermions"),
        Case("J1-J2 ring, N = 12, J2 = J1/2", j1j2(n, 1.0, 0.5), -3 * n / 8, "Majumdar and Ghosh"),
        Case(
            "Bose-Hubbard dimer, two bosons",
            bose_hubbard_dimer(1.0, u),
            (u - math.sqrt(u * u + 16)) / 2,
            "2 x 2 problem",
        ),
    ]


def ground_energy(matrix: Any) -> float:
    """The lowest eigenvalue of a hermitian sparse matrix."""
    if matrix.shape[0] < 16:
        return float(np.linalg.eigvalsh(matrix.toarray())[0])
    start = np.ones(matrix.shape[0])  # a fixed start: the same digits in every run
    return float(eigsh(matrix, k=1, which="SA", tol=1e-13, v0=start, return_eigenvectors=False)[0])


def run_demo() -> int:
    """Print everything; 0 where every energy is within 1e-9 of its closed form, else 1."""
    compiler = sym.SymbolicCompiler()
    models = cases()
    print(models[2].operator.to_ir(), end="\n\n")
    misses = [compiler.compile(case.operator) for case in models]
    hit = compiler.compile(models[0].operator)
    print(f"A miss and a hit on the {models[0].title}, side by side:\n")
    print(sym.side_by_side(misses[0].report, hit.report), end="\n\n")
    print("Ground-state energies:\n")
    print(f"{'model':<32}{'expected':>18}{'found':>18}{'difference':>12}   closed form")
    worst = 0.0
    for case, artifact in zip(models, misses, strict=True):
        found = ground_energy(artifact.compiled_operator.to_sparse())
        worst = max(worst, abs(found - case.expected))
        difference = found - case.expected
        print(f"{case.title:<32}{case.expected:>18.12f}{found:>18.12f}{difference:>12.1e}   {case.source}")
    passed = worst <= TOLERANCE
    print(
        f"\n{'All energies agree' if passed else 'An energy is off'}: largest difference {worst:.1e}, allowed {TOLERANCE:.0e}."
    )
    return 0 if passed else 1
