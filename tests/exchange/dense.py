"""Matrices of strings by Kronecker products, site 0 the slowest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

PAULI = {
    "I": np.eye(2),
    "X": np.array([[0, 1], [1, 0]]),
    "Y": np.array([[0, -1j], [1j, 0]]),
    "Z": np.diag([1, -1]),
}
_DESTROY = np.array([[0, 1], [0, 0]])


def pauli_sum(strings: Sequence[str], weights: Sequence[complex], size: int) -> NDArray[Any]:
    """Σ w P₀ ⊗ P₁ ⊗ …"""
    total = np.zeros((2**size, 2**size), dtype=complex)
    for text, weight in zip(strings, weights, strict=True):
        total += weight * reduce(np.kron, [PAULI[letter] for letter in text])
    return total


def fermion_sum(terms: Mapping[tuple[tuple[int, int], ...], complex], size: int) -> NDArray[Any]:
    """Σ w a† a …, with aₘ = Z ⊗ … ⊗ Z ⊗ |0><1| ⊗ 1 ⊗ …; the factors of a term are (mode, 1 for a† or 0 for a)."""
    destroy = [
        reduce(np.kron, [PAULI["Z"]] * mode + [_DESTROY] + [PAULI["I"]] * (size - mode - 1)) for mode in range(size)
    ]
    total = np.zeros((2**size, 2**size), dtype=complex)
    for term, weight in terms.items():
        factors = [destroy[mode].T if dagger else destroy[mode] for mode, dagger in term]
        total += weight * reduce(np.matmul, factors, np.eye(2**size))
    return total


def random_strings(size: int, count: int, seed: int) -> list[str]:
    """Strings of random letters."""
    rng = np.random.default_rng(seed)
    return ["".join(rng.choice(list("IXYZ"), size)) for _ in range(count)]


def random_products(size: int, count: int, seed: int) -> dict[tuple[tuple[int, int], ...], complex]:
    """Products of up to five random a† and a, in any order, some of them zero, with complex weights."""
    rng = np.random.default_rng(seed)
    return {
        tuple((int(rng.integers(size)), int(rng.integers(2))) for _ in range(rng.integers(6))): complex(
            *rng.normal(size=2)
        )
        for _ in range(count)
    }
