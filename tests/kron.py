"""Local operators as dense matrices, from the textbooks, in the convention of kets: O|x'> = Σ |x> M[x, x'].

Built with `np.kron` over the sites in order, the local states in the order of the spaces: 0, 1, … for bosons and qubits,
from m = s down for spins. The matrices know nothing of the package.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

import nqx_graph as sym

Matrix = NDArray[Any]


def spin_matrices(s: float) -> dict[str, Matrix]:
    """S⁺|m> = √(s(s+1) - m(m+1)) |m+1>, and what follows; sigma is 2 S, but for plus and minus."""
    m = np.arange(s, -s - 1, -1)
    plus = np.diag(np.sqrt(s * (s + 1) - m[1:] * (m[1:] + 1)), k=1)
    minus = plus.T
    return {
        "sigma_plus": plus,
        "sigma_minus": minus,
        "sigma_x": plus + minus,
        "sigma_y": -1j * (plus - minus),
        "sigma_z": np.diag(2 * m),
    }


def boson_matrices(n_max: int) -> dict[str, Matrix]:
    """a|n> = √n |n-1>, cut off above n_max."""
    destroy = np.diag(np.sqrt(np.arange(1, n_max + 1)), k=1)
    return {"destroy": destroy, "create": destroy.T, "number": np.diag(np.arange(n_max + 1.0))}


class Sites:
    """Operators on a chain of equal sites, each by the name of its word."""

    def __init__(self, matrices: dict[str, Matrix], states: Sequence[float], size: int) -> None:
        self.matrices, self.states, self.size = matrices, list(states), size

    def at(self, *placed: tuple[int, Matrix]) -> Matrix:
        """The matrices at their sites, 1 elsewhere."""
        local = [np.eye(len(self.states))] * self.size
        for site, matrix in placed:
            local[site] = local[site] @ matrix
        return reduce(np.kron, local)

    def word(self, name: str, site: int, value: Any = None) -> Matrix:
        """One word; a projector onto the local state ``value``."""
        if name == "projector":
            return self.at((site, np.diag([float(state == value) for state in self.states])))
        return self.at((site, self.matrices[name]))

    def c(self, mode: int, order: Sequence[int] | None = None) -> Matrix:
        """The fermion that is annihilated: the parities of all modes before it, then the bare matrix."""
        order = list(range(self.size)) if order is None else list(order)
        before = order[: order.index(mode)]
        return self.at(*((k, np.diag([1.0, -1.0])) for k in before), (mode, boson_matrices(1)["destroy"]))

    def one(self) -> Matrix:
        """The identity."""
        return np.eye(len(self.states) ** self.size)


def spins(s: float, size: int) -> Sites:
    """Spins s."""
    return Sites(spin_matrices(s), np.arange(2 * s, -2 * s - 1, -2), size)


def bosons(n_max: int, size: int) -> Sites:
    """Bosons with at most n_max on a site."""
    return Sites(boson_matrices(n_max), range(n_max + 1), size)


def qubits(size: int) -> Sites:
    """Qubits: hard-core bosons, and spins 1/2 with |0> up."""
    return Sites({**boson_matrices(1), **spin_matrices(0.5)}, range(2), size)


REFERENCE = sym.SymbolicCompilerOptions(backend_preference="numpy")


def assert_written(operator: Any, expected: Matrix) -> None:
    """The matrix that the reference interpreter makes of the operator is the one expected: no time goes to XLA."""
    found = operator.compile(cache=False, options=REFERENCE).to_dense()
    np.testing.assert_allclose(found, expected, atol=1e-12, rtol=0)


def assert_matrix(operator: Any, expected: Matrix) -> Any:
    """The compiled operator, after its rows of int8 samples were those expected, and finite in every slot."""
    compiled, hilbert = operator.compile(cache=False), operator.hilbert
    states = np.asarray(hilbert.all_states())[: 2**8].astype(np.int8)
    xp, mels = (np.asarray(part) for part in compiled.get_conn_padded(states))
    assert np.all(np.isfinite(mels))
    assert xp.dtype == np.int8
    rows = np.zeros((len(states), hilbert.n_states), dtype=mels.dtype)
    np.add.at(rows, (np.arange(len(states))[:, None], np.asarray(hilbert.states_to_numbers(xp))), mels)
    np.testing.assert_allclose(rows, expected[: len(states)], atol=1e-12, rtol=0)
    return compiled
