"""Sums of Pauli strings: texts such as "XIZY" become masks, and masks become the columns of at most two terms.

With x a row of bits, ``Pₖ`` the letter of site k, f the sites with X or Y and z those with Y or Z::

    <x|P|x ⊕ f> = (-i)^(number of Y) · (-1)^(Σₖ z[k]·x[k])

because ``<0|Y|1> = -i`` and ``<1|Y|0> = i``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray

from nqx_graph.dsl.builder import DOperator
from nqx_graph.dsl.selectors import column
from nqx_graph.dsl.update import flip
from nqx_graph.errors import ConversionError
from nqx_graph.exchange.adding import added, element_dtype, numbers, real_if_all_are
from nqx_graph.exchange.qubits import Mask, Qubits, qubits
from nqx_graph.operators.symbolic import SymbolicOperator

LETTERS = "IXYZ"
_PHASES = np.array([1, -1j, -1, 1j])  # (-i)^0, (-i)^1, ...


@attrs.frozen(eq=False)
class Strings:
    """Pauli strings: ``flips`` and ``signs`` [M, N] of 0 and 1, and the weight of each [M]. X flips, Z signs, Y does both."""

    flips: Mask
    signs: Mask
    weights: NDArray[Any]

    def elements(self) -> NDArray[Any]:
        """The weights with the phases of their Y, [M]."""
        return real_if_all_are(self.weights * _PHASES[np.sum(self.flips & self.signs, axis=1) % 4])

    def collected(self) -> Strings:
        """Without two equal strings, and without those whose weights add up to exactly 0."""
        kept, weights = added(np.concatenate([self.flips, self.signs], axis=1), self.weights)
        return Strings(self.flips[kept], self.signs[kept], real_if_all_are(weights))


def from_pauli_strings(
    hilbert: Any, strings: Any, weights: Any = 1.0, *, dtype: Any = None, name: str = "pauli strings"
) -> SymbolicOperator:
    """Σ w·P, as NetKet's ``PauliStrings`` has it.

    The first letter of a string acts on site 0, and the first local state that the space lists has Z = +1: 0 of a qubit,
    1 of a spin. Equal strings are added up, and those that then have the weight 0 are left out. The operator is said to
    be hermitian where all weights are real, which is the case then and only then.

    Its terms are ``diagonal`` (strings of I and Z) and ``flips``, one row a string in the order in which they are first
    given. Columns are ``w_diagonal`` and ``w_flips`` (the weight times the phase (-i)^number of Y's), ``z`` (the sites with
    Y or Z) and ``f`` (those with X or Y).

    Args:
        hilbert: qubits, or spins 1/2: every site with the local states 0 and 1, or 1 and -1.
        strings: texts of I, X, Y and Z, one letter a site.
        weights: one number a string, or one for all.
        dtype: of the matrix elements; by default float64 where all of them are real, else complex128, and of half that
            width where JAX has no 64-bit numbers.
        name: of the operator.

    Raises:
        ConversionError: for a string of another length or with another letter, weights that do not fit, or a real dtype
            where matrix elements are complex. HilbertError: for a space of other sites.
    """
    given = [strings] if isinstance(strings, str) else strings
    if not isinstance(given, Iterable):
        raise ConversionError(f"from_pauli_strings takes a sequence of texts such as 'XIZY'; it was given {strings!r}.")
    space = qubits(hilbert, "a Pauli string")
    flips, signs = masks(list(given), space.size)
    return build(space, Strings(flips, signs, numbers(weights, len(flips), name)), dtype, name)


def masks(strings: list[Any], size: int) -> tuple[Mask, Mask]:
    """The sites that each string flips, and those whose sign it takes; [M, N] each.

    Raises:
        ConversionError: for the first string that is not ``size`` letters of I, X, Y, Z.
    """
    for position, text in enumerate(strings):
        if not isinstance(text, str) or len(text) != size or text.strip(LETTERS):
            raise ConversionError(
                f"string {position} is {text!r}; a Pauli string has {size} letters of I, X, Y and Z here, one a site.",
                position=position,
            )
    codes = np.frombuffer("".join(strings).encode(), dtype=np.uint8).reshape(len(strings), size)
    x, y, z = (codes == ord(letter) for letter in "XYZ")
    return (x | y).astype(np.int64), (y | z).astype(np.int64)


def build(space: Qubits, strings: Strings, dtype: Any, name: str) -> SymbolicOperator:
    """The operator of some strings: the strings that keep x are one term, and all others another."""
    own = strings.collected()
    elements: NDArray[Any] = own.elements() * space.constant_sign(own.signs)
    if not len(elements):  # the operator that is zero
        nothing = np.zeros((1, space.size), dtype=np.int64)
        own, elements = Strings(nothing, nothing, np.zeros(1)), np.zeros(1)
    builder = DOperator(
        space.hilbert, name, dtype=element_dtype(dtype, elements, name), hermitian=not np.iscomplexobj(own.weights)
    )
    moving = own.flips.any(axis=1)
    if not moving.all():
        _open(builder, w_diagonal=elements[~moving], z=own.signs[~moving]).emit(
            amplitude=column("w_diagonal") * space.sign("z")
        ).named("diagonal")
    if moving.any():
        _open(builder, w_flips=elements[moving], z=own.signs[moving], f=own.flips[moving]).emit(
            flip("f"), amplitude=column("w_flips") * space.sign("z")
        ).named("flips")
    return builder.build()


def _open(builder: DOperator, **columns: NDArray[Any]) -> DOperator:
    """A term with a row for each row of its columns, and no label: masks say where it acts."""
    rows = np.zeros((len(columns["z"]), 0), dtype=np.int32)
    return builder.for_each((), over=rows, columns=columns)
