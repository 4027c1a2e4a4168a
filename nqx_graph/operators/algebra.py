"""Sums and multiples of operators, on their IR."""

from __future__ import annotations

from typing import Any

import attrs
import jax
import numpy as np

from nqx_graph.errors import DivisionError, ExpressionError, HilbertError
from nqx_graph.ir.expr import AmplitudeExpr, as_amplitude
from nqx_graph.ir.kinds import COMPLEX, INT, dtype_kind
from nqx_graph.ir.rules import check_operator
from nqx_graph.ir.table import READS, Node
from nqx_graph.ir.types import SymbolicIRTerm, SymbolicOperatorIR
from nqx_graph.space import view

# what the amplitude of a multiple may be made of: it must mean the same on every index row
_GLOBAL = ("const", "symbol")


def add(space: Any, a: SymbolicOperatorIR, other_space: Any, b: SymbolicOperatorIR) -> SymbolicOperatorIR:
    """The terms of both, those of ``a`` first; the wider dtype; hermitian where both are.

    Raises:
        HilbertError: if the spaces differ.
        DefinitionError: if one symbol has two defaults.
    """
    if space != other_space:
        raise HilbertError(f"operators on different Hilbert spaces cannot be added: {space!r} and {other_space!r}.")
    dtype = jax.numpy.promote_types(a.dtype_str, b.dtype_str).name
    total = SymbolicOperatorIR(
        f"{a.operator_name} + {b.operator_name}",
        a.mode,
        a.hilbert_size,
        dtype,
        a.is_hermitian and b.is_hermitian,
        (*a.terms, *_renumbered(b.terms, a.term_count)),
    )
    check_operator(total, view(space))
    return total


def _renumbered(terms: tuple[SymbolicIRTerm, ...], offset: int) -> list[SymbolicIRTerm]:
    """Terms that were called by their position are called by their new one."""
    return [
        attrs.evolve(term, name=str(position + offset)) if term.name == str(position) else term
        for position, term in enumerate(terms)
    ]


def scale(ir: SymbolicOperatorIR, factor: object, space: Any, *, divide: bool = False) -> SymbolicOperatorIR:
    """Every amplitude times (or divided by) ``factor``, a number or an expression of symbols.

    Raises:
        ExpressionError: for a factor that depends on sites or columns, or is no number.
        DivisionError: for a division by the number zero.
    """
    number = as_amplitude(factor)
    foreign = [row.op for row in number.table if row.op in READS or not (row.args or row.op in (*_GLOBAL, "truth"))]
    if foreign:
        raise ExpressionError(
            f"an operator is multiplied by a number or an expression of symbols; {number!r} depends on {foreign[0]!r}, which "
            "only a term has. Write it into that term's amplitude."
        )
    if divide and number.node.op == "const" and number.node.data[0] == 0:
        raise DivisionError(f"the operator {ir.operator_name!r} cannot be divided by zero.")
    scaled = attrs.evolve(
        ir,
        operator_name=f"{_grouped(ir)} / {number!r}" if divide else f"{number!r} * {_grouped(ir)}",
        dtype_str=_scaled_dtype(ir.dtype_str, number, divide),
        is_hermitian=ir.is_hermitian and _is_real(number, ir.dtype_str),
        terms=[_scaled_term(term, number, "div" if divide else "mul") for term in ir.terms],
    )
    check_operator(scaled, view(space))
    return scaled


def _grouped(ir: SymbolicOperatorIR) -> str:
    return f"({ir.operator_name})" if " + " in ir.operator_name else ir.operator_name


def _scaled_term(term: SymbolicIRTerm, number: AmplitudeExpr, op: str) -> SymbolicIRTerm:
    emissions = [
        attrs.evolve(e, amplitude=AmplitudeExpr(Node(op, (e.amplitude.node, number.node))).sealed())
        for e in term.emissions
    ]
    return attrs.evolve(term, emissions=emissions)


def _numbers(number: AmplitudeExpr) -> list[Any]:
    return [row.data[0] if row.op == "const" else row.data[1] for row in number.table if row.op in _GLOBAL]


def _is_real(number: AmplitudeExpr, dtype: str) -> bool:
    """Whether the factor is real for every value of its symbols."""
    has_symbol = any(row.op == "symbol" for row in number.table)
    return not any(isinstance(n, complex) for n in _numbers(number)) and (
        dtype_kind(dtype) != COMPLEX or not has_symbol
    )


def _scaled_dtype(dtype: str, number: AmplitudeExpr, divide: bool) -> str:
    """The operator's dtype, made complex or floating where the factor needs it."""
    if any(isinstance(n, complex) for n in _numbers(number)) and dtype_kind(dtype) != COMPLEX:
        return "complex128" if dtype in ("float64", "int64") else "complex64"
    if dtype_kind(dtype) == INT and (divide or any(isinstance(n, float) for n in _numbers(number))):
        return np.dtype("float64" if dtype == "int64" else "float32").name
    return dtype
