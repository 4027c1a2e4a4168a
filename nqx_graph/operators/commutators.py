"""Commutators and anticommutators of symbolic operators."""

from __future__ import annotations

from nqx_graph.errors import OptionTypeError
from nqx_graph.operators.symbolic import SymbolicOperator


def commutator(a: SymbolicOperator, b: SymbolicOperator) -> SymbolicOperator:
    """[A, B] = A B - B A, as one symbolic operator.

    Pairs of index rows that have no site in common commute and are left out, and so are pairs of diagonal branches: the
    commutator of sums of local terms has as many slots as there are pairs that touch.

    Raises:
        HilbertError: if the spaces differ.
        DefinitionError: as for ``A @ B``, of both orders.
        OptionTypeError: if one is no symbolic operator.
    """
    return _both(a, b)._commuted(b, -1)


def anticommutator(a: SymbolicOperator, b: SymbolicOperator) -> SymbolicOperator:
    """{A, B} = A B + B A, as one symbolic operator.

    Raises:
        HilbertError: if the spaces differ.
        DefinitionError: as for ``A @ B``, of both orders.
        OptionTypeError: if one is no symbolic operator.
    """
    return _both(a, b)._commuted(b, 1)


def _both(a: object, b: object) -> SymbolicOperator:
    for given in (a, b):
        if not isinstance(given, SymbolicOperator):
            raise OptionTypeError(f"a commutator is one of two symbolic operators; it was given {given!r}.")
    assert isinstance(a, SymbolicOperator)
    return a
