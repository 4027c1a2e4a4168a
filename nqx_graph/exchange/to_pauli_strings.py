"""Back to Pauli strings: each off-diagonal of the matrix, x' = x ⊕ f, is Walsh-Hadamard transformed.

With O = Σ c(f, z) P(f, z) and the elements of `pauli_strings`, the 2ᴺ elements of one f give the weights of its strings::

    c(f, z) = i^(number of Y) · 2⁻ᴺ Σₓ (-1)^(x·z) <x|O|x ⊕ f>
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nqx_graph.errors import ConversionError, HilbertError
from nqx_graph.exchange.adding import real_if_all_are
from nqx_graph.exchange.qubits import Mask, Qubits, qubits
from nqx_graph.operators.symbolic import SymbolicOperator

MOST_SITES = 14
_CHUNK = 2**22  # elements transformed at once
_PHASES = np.array([1, 1j, -1, -1j])
_LETTER = np.array(["I", "Z", "X", "Y"])


def to_pauli_strings(operator: Any) -> tuple[list[str], NDArray[Any]]:
    """The Pauli strings of an operator on qubits or spins 1/2, and their weights.

    The inverse of `from_pauli_strings`, whose order of letters and whose Z it has: ``from_pauli_strings(hilbert,
    *to_pauli_strings(operator))`` is the operator again. The matrix over all states is made, so that this is for few
    sites. Weights are exact to rounding; those that rounding alone can make are left out: no more than N ε times the
    largest matrix element, with the ε of the operator's dtype.

    Args:
        operator: symbolic or compiled; with values for all of its symbols.

    Returns:
        The strings, sorted with the letters in the order I, Z, X, Y, and their weights: real ones, where all are real.

    Raises:
        HilbertError: for a space of other sites, one that has a conserved total, or more than 14 sites.
        ParameterError: where a symbol has no value.
    """
    compiled = operator.compile(cache=False) if isinstance(operator, SymbolicOperator) else operator
    if not hasattr(compiled, "to_sparse"):
        raise ConversionError(f"to_pauli_strings takes an operator of this package; it was given {operator!r}.")
    space = qubits(compiled.hilbert, "a Pauli string")
    if space.size > MOST_SITES:
        raise HilbertError(
            f"to_pauli_strings makes the matrix of at most {MOST_SITES} sites; {compiled.hilbert!r} has more."
        )
    states = getattr(compiled.hilbert, "n_states", 0)
    if states != 2**space.size:
        raise HilbertError(
            f"to_pauli_strings needs all 2^N = {2**space.size} states; {compiled.hilbert!r} lists {states}, which leave the "
            "weights open. Write the operator over the space without a conserved total."
        )
    flips, elements = _off_diagonals(compiled, space)
    allowed = space.size * np.finfo(np.dtype(_floating(compiled.dtype))).eps * np.max(np.abs(elements), initial=0)
    every = [_strings(space.size, *part, allowed) for part in _in_chunks(flips, elements)]
    letters = np.concatenate([part[0] for part in every]) if every else np.zeros((0, space.size), dtype=np.int64)
    weights = np.concatenate([part[1] for part in every]) if every else np.zeros(0)
    order = np.lexsort(letters.T[::-1])
    return ["".join(row) for row in _LETTER[letters[order]].tolist()], real_if_all_are(weights[order])


def _floating(dtype: Any) -> Any:
    name = np.dtype(dtype).name
    return name if name in ("float16", "float32", "float64", "complex64", "complex128") else "float64"


def _off_diagonals(compiled: Any, space: Qubits) -> tuple[NDArray[np.int64], NDArray[Any]]:
    """The numbers f that occur [F], and <x|O|x ⊕ f> [F, 2^N] with x and f as binary numbers, site 0 the highest bit."""
    matrix = compiled.to_sparse().tocoo()
    numbers = space.bits(np.asarray(compiled.hilbert.all_states())) @ (2 ** np.arange(space.size)[::-1])
    x, xp = numbers[matrix.row], numbers[matrix.col]
    flips, place = np.unique(x ^ xp, return_inverse=True)
    elements = np.zeros((len(flips), 2**space.size), dtype=np.result_type(matrix.data, np.float64))
    np.add.at(elements, (place, x), matrix.data)
    return flips, elements


def _in_chunks(flips: NDArray[np.int64], elements: NDArray[Any]) -> list[tuple[NDArray[np.int64], NDArray[Any]]]:
    each = max(1, _CHUNK // elements.shape[1])
    return [(flips[start : start + each], elements[start : start + each]) for start in range(0, len(flips), each)]


def _strings(size: int, flips: NDArray[np.int64], elements: NDArray[Any], allowed: float) -> tuple[Mask, NDArray[Any]]:
    """Letters [K, N] as 2·flip + sign, and weights [K]; what rounding leaves is taken out before it has a phase."""
    table = elements.reshape(len(flips), *[2] * size)
    for axis in range(1, size + 1):
        # halved first: the sum of two large ones is infinite
        low, high = np.take(table, 0, axis) / 2, np.take(table, 1, axis) / 2
        table = np.stack([low + high, low - high], axis)
    sums = table.reshape(len(flips), -1)
    row, signs = np.nonzero(np.abs(sums) > allowed)
    bits = np.arange(size)[::-1]
    flipped, signed = (flips[row, None] >> bits) & 1, (signs[:, None] >> bits) & 1
    weights = _without_noise(sums[row, signs], allowed) * _PHASES[np.sum(flipped & signed, axis=1) % 4]
    return 2 * flipped + signed, weights


def _without_noise(weights: NDArray[Any], allowed: float) -> NDArray[Any]:
    """Real and imaginary parts that rounding alone can make are 0."""
    if not np.iscomplexobj(weights):
        return weights
    return np.where(np.abs(weights.real) > allowed, weights.real, 0) + 1j * np.where(
        np.abs(weights.imag) > allowed, weights.imag, 0
    )
