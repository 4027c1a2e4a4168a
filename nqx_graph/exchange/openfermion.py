"""OpenFermion's operators, read from their ``terms``; OpenFermion itself is not imported."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from nqx_graph.errors import ConversionError
from nqx_graph.exchange import ladders, pauli_strings
from nqx_graph.exchange.adding import numbers
from nqx_graph.exchange.qubits import Mask, qubits
from nqx_graph.hilbert import Qubit
from nqx_graph.operators.symbolic import SymbolicOperator

_TAKEN = ("QubitOperator", "FermionOperator")


def from_openfermion(
    operator: Any, hilbert: Any = None, *, n_qubits: int | None = None, dtype: Any = None, name: str | None = None
) -> SymbolicOperator:
    """The operator of an OpenFermion ``QubitOperator`` or ``FermionOperator``.

    Qubit q, or mode q, is site q; an occupied mode is the second local state that the space lists, 1 of a qubit. The signs
    of fermions are those of Jordan and Wigner in the order of OpenFermion's mode numbers. In ``hilbert.all_states()`` site
    0 is the slowest, as in OpenFermion's matrices.

    A ``FermionOperator`` becomes one row a product, with exactly the branches that it has, so that ``Fock(1, N,
    n_particles=n)`` is a space for an operator that keeps their number.

    Args:
        operator: its class is looked at by name.
        hilbert: qubits, spins 1/2 or ``Fock(1, N)``; None: ``Qubit(n_qubits)``.
        n_qubits: where no space is given, the number of sites; None: one more than the largest number in a term.
        dtype: of the matrix elements; by default a real one where all of them are real.
        name: of the operator.

    Raises:
        ConversionError: for another class, coefficients that are no numbers, or a space that is too small.
        HilbertError: for a space of other sites.
    """
    kind = _kind(operator)
    largest = max((int(factor[0]) for term in operator.terms for factor in term), default=-1)
    if hilbert is not None and n_qubits is not None:
        raise ConversionError("from_openfermion takes a space or a number of qubits; both were given.")
    chosen = Qubit(max(largest + 1, 1) if n_qubits is None else n_qubits) if hilbert is None else hilbert
    space = qubits(chosen, f"a {kind}")
    if largest >= space.size:
        raise ConversionError(
            f"the {kind} acts on number {largest}, and {chosen!r} has the sites 0 to {space.size - 1}."
        )
    if kind == "FermionOperator":
        return ladders.build(space, operator.terms, dtype, name or "fermion operator")
    called = name or "qubit operator"
    weights = numbers(list(operator.terms.values()), len(operator.terms), called)
    return pauli_strings.build(
        space, pauli_strings.Strings(*_masks(operator.terms, space.size), weights), dtype, called
    )


def _kind(operator: Any) -> str:
    for cls in type(operator).__mro__:
        if cls.__module__.partition(".")[0] == "openfermion" and cls.__name__ in _TAKEN:
            return str(cls.__name__)
    kind = type(operator)
    raise ConversionError(
        f"from_openfermion takes OpenFermion's QubitOperator and FermionOperator; what was given is a {kind.__module__}."
        f"{kind.__name__}. Where OpenFermion can make one of it, as openfermion.get_fermion_operator does, give that."
    )


def _masks(terms: Iterable[tuple[tuple[int, str], ...]], size: int) -> tuple[Mask, Mask]:
    """The sites that each string flips, and those whose sign it takes; [M, N] each."""
    listed = list(terms)
    flips, signs = np.zeros((2, len(listed), size), dtype=np.int64)
    factors = [(row, site, letter) for row, term in enumerate(listed) for site, letter in term]
    if factors:
        rows, sites, letters = (np.array(part) for part in zip(*factors, strict=True))
        flips[rows, sites] = np.isin(letters, ["X", "Y"])
        signs[rows, sites] = np.isin(letters, ["Y", "Z"])
    return flips, signs
