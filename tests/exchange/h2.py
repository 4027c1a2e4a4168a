"""The hydrogen molecule in a minimal basis.

Integrals over spin orbitals in hartree, STO-3G at an internuclear distance of 1.401 bohr: J. D. Whitfield, J. Biamonte and
A. Aspuru-Guzik, Mol. Phys. 109, 735 (2011), arXiv:1001.3855, table 1; spin orbitals 1 and 2 are the bonding orbital with
both spins, 3 and 4 the antibonding one.
"""

from __future__ import annotations

import itertools

MODES = 4
ORBITAL_ENERGY = (-1.252477, -0.475934)  # h11 = h22, h33 = h44
DIRECT = {(0, 0): 0.674493, (1, 1): 0.697397, (0, 1): 0.663472}  # h1221, h3443, h1331
EXCHANGE = 0.181287  # h1313
NUCLEAR = 1 / 1.401

Term = tuple[tuple[int, int], ...]


def terms() -> dict[Term, float]:
    """Σ h_pq a†_p a_q + ½ Σ h_pqrs a†_p a†_q a_r a_s, as OpenFermion's ``FermionOperator`` writes it; electronic only."""
    made: dict[Term, float] = {((p, 1), (p, 0)): ORBITAL_ENERGY[p // 2] for p in range(MODES)}
    for p, q, r, s in itertools.product(range(MODES), repeat=4):
        half = _integral(p, q, r, s) / 2
        if half and p != q and r != s:
            made[(p, 1), (q, 1), (r, 0), (s, 0)] = half
    return made


def _integral(p: int, q: int, r: int, s: int) -> float:
    """h_pqrs: electron 1 goes from s to p, electron 2 from r to q, and each keeps its spin."""
    if p % 2 != s % 2 or q % 2 != r % 2:
        return 0.0
    first, second = tuple(sorted((p // 2, s // 2))), tuple(sorted((q // 2, r // 2)))
    if first == second == (0, 1):
        return EXCHANGE
    if first[0] == first[1] and second[0] == second[1]:
        return DIRECT[min(first[0], second[0]), max(first[0], second[0])]
    return 0.0
