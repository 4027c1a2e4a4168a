"""Small cases of the models of `nqx_graph.models`, on spaces that the package and NetKet both have."""

from __future__ import annotations

from typing import Any

from attrs import frozen

from nqx_graph.models.lattice import torus


@frozen
class Case:
    """A space by its name and arguments; what `models` takes after it, what takes rows alone, and couplings."""

    space: tuple[Any, ...]
    given: tuple[Any, ...]
    rows: tuple[Any, ...]
    couplings: dict[str, Any]

    def hilbert(self, spaces: Any) -> Any:
        """The space in ``nqx_graph.hilbert`` or ``netket.hilbert``."""
        name, *arguments = self.space
        return getattr(spaces, name)(*arguments)


# edges in an order and a direction that no sorting would give
EDGES, FAR = [(0, 1), (3, 2), (1, 2), (3, 0)], [(2, 0), (1, 3)]
STARS, PLAQUETTES = (rows.tolist() for rows in torus((2, 2), 8, "the tests"))
SPINS, QUBITS, LINKS = ("Spin", 0.5, 4), ("Qubit", 4), ("Spin", 0.5, 8)
MODES, BOSONS = ("Qubit", 8), ("Fock", 2, 4)
CASES = {
    "ising": Case(SPINS, (EDGES,), (EDGES,), {"J": -0.75, "h": 1.25}),
    "heisenberg": Case(SPINS, (EDGES,), (EDGES,), {"J": 0.5}),
    "xxz": Case(SPINS, (EDGES,), (EDGES,), {"J": 0.5, "delta": -0.25}),
    "j1_j2": Case(SPINS, (EDGES, FAR), (EDGES, FAR), {"J1": 1.0, "J2": 0.5}),
    "edwards_anderson": Case(SPINS, (EDGES,), (EDGES,), {"couplings": [0.5, -1.0, 2.0, 0.25], "h": 0.5}),
    "pxp": Case(QUBITS, (EDGES,), (EDGES,), {"omega": 0.5}),
    "bose_hubbard": Case(BOSONS, (EDGES,), (EDGES,), {"J": 0.75, "U": 4.0, "mu": 0.25}),
    "fermi_hubbard": Case(MODES, (EDGES,), (EDGES,), {"t": 0.5, "U": 4.0}),
    "t_j": Case(MODES, (EDGES,), (EDGES,), {"t": 0.5, "J": 0.25}),
    "toric_code": Case(LINKS, ((2, 2),), (STARS, PLAQUETTES), {"A": 0.75, "B": 0.5}),
    "z2_gauge": Case(LINKS, ((2, 2),), (PLAQUETTES,), {"K": 0.75, "g": 0.5}),
    "u1_gauge": Case(LINKS, ((2, 2),), (PLAQUETTES,), {"K": 0.75, "g": 0.5}),
}
