"""A slow, dense, independent truth: matrices made of one-site matrices by `numpy.kron`.

Nothing of the package is used here. Every function takes ``states`` [n, N], the configurations of a space in its order,
and returns the matrix <x|O|x'> [n, n] of the operator on the whole product space, restricted to them.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[Any]
Edges = Sequence[tuple[int, int]]

# spins: the local state +1 is the first row, -1 the second
SPIN = (1, -1)
X: Matrix = np.array([[0.0, 1.0], [1.0, 0.0]])
Y: Matrix = np.array([[0.0, -1.0j], [1.0j, 0.0]])
Z: Matrix = np.array([[1.0, 0.0], [0.0, -1.0]])
PAULI: Mapping[str, Matrix] = {"I": np.eye(2), "X": X, "Y": Y, "Z": Z}


def embed(factors: Mapping[int, Matrix], size: int, levels: int) -> Matrix:
    """The product of one-site matrices, one a site, as a matrix on all sites."""
    return reduce(np.kron, [factors.get(site, np.eye(levels)) for site in range(size)], np.eye(1))


def restrict(matrix: Matrix, states: NDArray[Any], local: Sequence[int]) -> Matrix:
    """The rows and columns of the configurations given, in their order."""
    place = {value: position for position, value in enumerate(local)}
    numbers = [reduce(lambda n, value: n * len(local) + place[int(value)], row, 0) for row in states]
    return matrix[np.ix_(numbers, numbers)]


def _pair(a: Matrix, i: int, b: Matrix, j: int, size: int) -> Matrix:
    return embed({i: a}, size, len(a)) @ embed({j: b}, size, len(b))


def _couplings(J: Any, edges: Edges) -> NDArray[Any]:
    return np.broadcast_to(np.asarray(J), (len(edges),))


# --- spins 1/2 --------------------------------------------------------------------------------------------------------


def ising(states: NDArray[Any], edges: Edges, J: Any, h: float) -> Matrix:
    """-Σ J ZᵢZⱼ - h Σ Xᵢ, with one J or one for each edge."""
    size = states.shape[1]
    bonds = sum(-c * _pair(Z, i, Z, j, size) for c, (i, j) in zip(_couplings(J, edges), edges, strict=True))
    return restrict(bonds - h * sum(embed({i: X}, size, 2) for i in range(size)), states, SPIN)


def heisenberg(states: NDArray[Any], edges: Edges, J: Any = 1.0) -> Matrix:
    """Σ J (XᵢXⱼ + YᵢYⱼ + ZᵢZⱼ), with one J or one for each edge."""
    size = states.shape[1]
    bonds = [
        c * _pair(s, i, s, j, size) for c, (i, j) in zip(_couplings(J, edges), edges, strict=True) for s in (X, Y, Z)
    ]
    return restrict(np.real(sum(bonds)), states, SPIN)


def j1j2(states: NDArray[Any], first: Edges, second: Edges, J1: float, J2: float) -> Matrix:
    """Heisenberg bonds of two strengths."""
    return heisenberg(states, first, J1) + heisenberg(states, second, J2)


def ring_exchange(states: NDArray[Any], plaquettes: Sequence[tuple[int, ...]], K: float) -> Matrix:
    """K Σ (P + P⁻¹), P the cyclic exchange of the four spins of a plaquette, as a product of three two-site swaps."""
    size = states.shape[1]

    def swap(i: int, j: int) -> Matrix:
        return np.real(0.5 * (np.eye(2**size) + sum(_pair(s, i, s, j, size) for s in (X, Y, Z))))

    total = np.zeros((2**size, 2**size))
    for a, b, c, d in plaquettes:
        cycle = swap(a, b) @ swap(b, c) @ swap(c, d)
        total += K * (cycle + cycle.T)
    return restrict(total, states, SPIN)


def pauli_strings(states: NDArray[Any], strings: Sequence[str], weights: Sequence[complex]) -> Matrix:
    """Σ w·P for strings such as "XIYZ"."""
    total = sum(
        w * reduce(np.kron, [PAULI[letter] for letter in text]) for w, text in zip(weights, strings, strict=True)
    )
    return restrict(np.asarray(total), states, SPIN)


def pxp(states: NDArray[Any], edges: Edges, omega: float = 1.0) -> Matrix:
    """Ω Σ Xᵢ Π Pⱼ over the neighbours j of i, P = |0><0|, on qubits."""
    size = states.shape[1]
    near: dict[int, set[int]] = {i: set() for i in range(size)}
    for i, j in edges:
        near[i].add(j)
        near[j].add(i)
    empty = np.diag([1.0, 0.0])
    total = sum(embed({i: X, **dict.fromkeys(near[i], empty)}, size, 2) for i in range(size))
    return restrict(omega * np.asarray(total), states, (0, 1))


# --- bosons and clocks ------------------------------------------------------------------------------------------------


def destroy(n_max: int) -> Matrix:
    """The matrix of b: <n|b|n+1> = sqrt(n + 1)."""
    return np.diag(np.sqrt(np.arange(1.0, n_max + 1)), 1)


def ladder(states: NDArray[Any], n_max: int, sites: Sequence[complex]) -> Matrix:
    """Σ wᵢ bᵢ: no two of its rows and columns may be exchanged unnoticed."""
    size = states.shape[1]
    total = sum(w * embed({i: destroy(n_max)}, size, n_max + 1) for i, w in enumerate(sites))
    return restrict(np.asarray(total), states, range(n_max + 1))


def bose_hubbard(
    states: NDArray[Any],
    n_max: int,
    edges: Edges,
    J: float,
    U: float,
    mu: float = 0.0,
    phase: float = 0.0,
) -> Matrix:
    """-J Σ (e^{iφ} bᵢ†bⱼ + h.c.) + U/2 Σ n(n-1) - μ Σ n."""
    size, b, n = states.shape[1], destroy(n_max), np.diag(np.arange(n_max + 1.0))
    hops = sum(np.exp(1j * phase) * _pair(b.T, i, b, j, size) for i, j in edges)
    onsite = sum(embed({i: U / 2 * n @ (n - np.eye(n_max + 1)) - mu * n}, size, n_max + 1) for i in range(size))
    return restrict(-J * (hops + np.conj(hops).T) + onsite, states, range(n_max + 1))


def all_pairs_hopping(states: NDArray[Any], n_max: int, t: float) -> Matrix:
    """-t Σ bᵢ†bⱼ over all i ≠ j."""
    size, b = states.shape[1], destroy(n_max)
    total = sum(_pair(b.T, i, b, j, size) for i, j in itertools.permutations(range(size), 2))
    return restrict(-t * np.asarray(total), states, range(n_max + 1))


def clock(states: NDArray[Any], q: int, edges: Edges, J: float, f: float) -> Matrix:
    """-J Σ cos(2π(nᵢ - nⱼ)/q) - f Σ (Xᵢ + Xᵢ†), X the shift n -> n + 1 mod q."""
    size = states.shape[1]
    raising = np.roll(np.eye(q), 1, axis=0)
    phase = np.diag(np.exp(2j * np.pi * np.arange(q) / q))
    bonds = sum(np.real(_pair(phase, i, phase.conj(), j, size)) for i, j in edges)
    field = sum(embed({i: raising + raising.T}, size, q) for i in range(size))
    return restrict(-J * bonds - f * field, states, range(q))


# --- fermions ---------------------------------------------------------------------------------------------------------


def jordan_wigner(size: int) -> list[Matrix]:
    """c₀, c₁, …: Z on all sites before, |0><1| on the site."""
    return [embed({**dict.fromkeys(range(site), Z), site: destroy(1)}, size, 2) for site in range(size)]


def fermion_chain(
    states: NDArray[Any],
    edges: Edges,
    t: float,
    V: float,
    phase: float = 0.0,
    local: Sequence[int] = (0, 1),
) -> Matrix:
    """-t Σ (e^{iφ} cᵢ†cⱼ + h.c.) + V Σ nᵢnⱼ; ``local`` names the empty and the filled state."""
    c = jordan_wigner(states.shape[1])
    n = [a.T @ a for a in c]
    hops = sum(np.exp(1j * phase) * c[i].T @ c[j] for i, j in edges)
    total = -t * (hops + np.conj(hops).T) + V * sum(n[i] @ n[j] for i, j in edges)
    return restrict(total, states, local)


# --- what every model is compared with --------------------------------------------------------------------------------


def row_sums(xp: NDArray[Any], mels: NDArray[Any], number: Callable[[NDArray[Any]], Any], n_states: int) -> Matrix:
    """The dense rows [B, n] that connected states [B, C, N] and matrix elements [B, C] amount to, zeros left out."""
    rows = np.zeros((len(mels), n_states), dtype=mels.dtype)
    for b, c in zip(*np.nonzero(mels), strict=True):
        rows[b, int(number(xp[b, c]))] += mels[b, c]
    return rows


def collapsed(xp: NDArray[Any], mels: NDArray[Any]) -> list[dict[tuple[Any, ...], Any]]:
    """For every sample of xp [B, C, N] and mels [B, C] the sum of the matrix elements of each x'; zeros left out."""
    sums: list[dict[tuple[Any, ...], Any]] = []
    for targets, elements in zip(
        xp.tolist(), mels.tolist(), strict=True
    ):  # of Python's numbers: ∞ - ∞ warns of nothing
        found: dict[tuple[Any, ...], Any] = {}
        for target, element in zip(map(tuple, targets), elements, strict=True):
            if element != 0:  # NaN is not 0
                found[target] = found.get(target, 0) + element
        sums.append(found)
    return sums


def assert_same_operator(
    ours: tuple[Any, Any], truth: tuple[Any, Any], tolerance: float = 1e-12, scale: float = 1.0
) -> None:
    """Two pairs of x' [B, C, N] and elements [B, C] with the same sums, NaN where NaN, whatever C and the order."""
    pairs = [collapsed(np.asarray(xp), np.asarray(mels)) for xp, mels in (ours, truth)]
    for sample, (found, expected) in enumerate(zip(*pairs, strict=True)):
        if np.all(np.isnan(np.asarray(truth[1])[sample])):  # a broken promise: whatever the slots hold is NaN
            assert np.all(np.isnan(np.asarray(ours[1])[sample])), f"sample {sample}: NaN is not told"
            continue
        for target in found.keys() | expected.keys():
            a, b = found.get(target, 0), expected.get(target, 0)
            same = np.isclose(a, b, rtol=0, atol=tolerance * max(1.0, scale), equal_nan=True)
            assert same, f"sample {sample}, x'={target}: {a} is not {b}"
