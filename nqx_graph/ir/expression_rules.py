"""The rules of expressions: what may be referred to where, and what the dtype of the operator can hold.

Every function raises the error of what it found first and returns nothing.
"""

from __future__ import annotations

from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray

from nqx_graph.errors import (
    DTypeError,
    ExpressionError,
    LabelError,
    RowsError,
    listed,
    nearest,
)
from nqx_graph.ir.expr import AmplitudeExpr, PredicateExpr
from nqx_graph.ir.function_rules import check_calls, check_whole
from nqx_graph.ir.kinds import COMPLEX, INT, array_kind, dtype_kind, line_kinds
from nqx_graph.ir.sites import site_numbers
from nqx_graph.ir.stored import Expr
from nqx_graph.ir.table import Row, cone
from nqx_graph.ir.types import (
    KBodyIteratorSpec,
)
from nqx_graph.space import SpaceView

FLOATS = ("float16", "bfloat16", "float32", "float64")
DTYPES = ("int8", "int16", "int32", "int64", *FLOATS, "complex64", "complex128")
_FLOATING_OPS = ("div", "sqrt", "exp", "log", "sin", "cos")
_NUMBERS = ("const", "symbol")
_STATES = ("site", "emitted", "source", "target", "dot", "prod")
# the largest magnitude of the dtypes that a finite float64 can pass
_LARGEST = {"float16": 65504.0, "bfloat16": 3.3895313892515355e38, "float32": 3.4028234663852886e38}
_LARGEST["complex64"] = _LARGEST["float32"]


@attrs.frozen(eq=False)
class Scope:
    """What the parts of a term may refer to. ``space`` is None where only the data is known."""

    where: str
    iterator: KBodyIteratorSpec
    size: int
    dtype_str: str
    space: SpaceView | None = None

    @property
    def integer_states(self) -> bool:
        """Whether local states are whole numbers, as they are wherever nothing else is known."""
        return self.space is None or self.space.integer

    def sites(self, site: Expr) -> NDArray[np.int32]:
        """The flat number of a site on every index row, [M]."""
        check_names(site, self, f"a site number of {self.where}", emitted=False, symbols=False)
        return site_numbers(site, self.iterator.labels, self.iterator.index_sets, self.size)


def check_amplitude(expr: AmplitudeExpr, scope: Scope) -> None:
    """Refuse an amplitude that refers to what is not there, or that the dtype cannot hold."""
    what = f"the amplitude of {scope.where}"
    check_names(expr, scope, what, emitted=True, symbols=True)
    _check_amplitude_dtype(expr, scope, what)
    check_orderings(expr, scope, what)


def check_predicate(expr: PredicateExpr, scope: Scope, *, symbols: bool = True) -> None:
    """Refuse a predicate that refers to what is not there, or that orders complex numbers."""
    if len(expr.table) == 1:  # a truth, for nothing else is a predicate by itself
        return
    what = f"a predicate of {scope.where}"
    check_names(expr, scope, what, emitted=False, symbols=symbols)
    check_real(expr, scope, what)
    check_orderings(expr, scope, what)


def check_names(expr: Expr, scope: Scope, what: str, *, emitted: bool, symbols: bool) -> None:
    """Refuse an expression that uses an unbound label or column, or a leaf that has no meaning where it stands."""
    columns = scope.iterator.columns
    for row in expr.table:
        if row.op in ("site", "index", "emitted") and row.data[0] not in scope.iterator.labels:
            raise LabelError(
                f"{what} uses the label {row.data[0]!r}; bound are {listed(scope.iterator.labels)}."
                + nearest(row.data[0], scope.iterator.labels)
            )
        if row.op in ("emitted", "target") and not emitted:
            raise ExpressionError(
                f"{what} reads x' ({row.op}); only amplitudes know x'. Read the source with site or source_index."
            )
        if row.op == "symbol" and not symbols:
            raise ExpressionError(
                f"{what} uses the free symbol {row.data[0]!r}; symbols stand in amplitudes and in the predicates of where and emit_if."
            )
        if row.op in ("column", "dot", "prod"):
            check_column(row.op, row.data[0], columns, scope, what)
        if row.op in ("source", "target"):
            part = AmplitudeExpr.from_table(cone(expr.table, row.args[0]))
            site_numbers(part, scope.iterator.labels, scope.iterator.index_sets, scope.size)
        if row.op == "wrap_mod" and scope.space is not None and not (scope.space.even and scope.space.homogeneous):
            raise ExpressionError(
                f"{what} uses wrap_mod; that needs the same, evenly spaced, finitely many local states on every site. Write "
                "shift_mod, which knows its site, or sym.where."
            )


def check_column(use: str, name: str, columns: Any, scope: Scope, what: str) -> None:
    """Refuse a column that is not there, or that has the wrong shape or entries for its use."""
    if name not in columns:
        raise LabelError(f"{what} uses the column {name!r}; the term has {listed(columns)}." + nearest(name, columns))
    array = columns[name]
    if use == "column" and array.ndim != 1:
        raise RowsError(
            f"{what} reads column({name!r}), which has a number per row and site; read it with sym.dot or sym.prod."
        )
    if use != "column" and array.ndim != 2:
        raise RowsError(
            f"{what} uses {use}({name!r}), which needs a number per row and site; {name!r} has shape {array.shape}."
        )
    if use in ("prod", "flip") and not np.all((array == 0) | (array == 1)):
        raise RowsError(f"{what} uses {use}({name!r}), which needs entries 0 and 1; {name!r} has others.")


def _number(row: Row) -> int | float | complex | None:
    """The constant or default that a line holds."""
    value: int | float | complex | None = row.data[{"const": 0, "symbol": 1}[row.op]] if row.op in _NUMBERS else None
    return value


def check_real(expr: Expr, scope: Scope, what: str) -> None:
    """Refuse a complex constant or default in a real operator, wherever it stands."""
    if dtype_kind(scope.dtype_str) == COMPLEX:
        return
    for value in map(_number, expr.table):
        if isinstance(value, complex):
            raise DTypeError(
                f"{what} has the complex number {value}; the operator is {scope.dtype_str}. Give dtype='complex128'."
            )


def _check_amplitude_dtype(expr: Expr, scope: Scope, what: str) -> None:
    """Refuse an amplitude that the dtype cannot hold."""
    check_real(expr, scope, what)
    kind = dtype_kind(scope.dtype_str)
    for row in expr.table:
        value = _number(row)
        if value is not None and _too_large(np.abs(value), scope.dtype_str):
            raise DTypeError(f"{what} has {value!r}, which {scope.dtype_str} cannot hold; give a wider dtype.")
        if row.op in ("column", "dot", "prod"):
            array = scope.iterator.columns[row.data[0]]
            if array_kind(array) > kind or _too_large(np.max(np.abs(array), initial=0), scope.dtype_str):
                raise DTypeError(
                    f"{what} uses the column {row.data[0]!r} of {array.dtype.name}; the operator is {scope.dtype_str}, which "
                    "cannot hold it. Give the operator a wider dtype."
                )
        if kind == INT:
            _check_integer(expr, row, scope, what)


def _check_integer(expr: Expr, row: Row, scope: Scope, what: str) -> None:
    """Refuse what is no whole number in an operator of whole numbers."""
    check_whole(row, scope.dtype_str, what)
    value, part = _number(row), row.op
    fraction = row.op in _FLOATING_OPS or (row.op in _STATES and not scope.integer_states)
    if isinstance(value, float) and not value.is_integer():
        fraction, part = True, repr(value)
    if row.op == "pow":
        exponent = _number(expr.table[row.args[1]])
        fraction, part = isinstance(exponent, int | float) and exponent < 0, "a negative exponent"
    if fraction:
        raise DTypeError(f"{what} has {part}; the operator is {scope.dtype_str}. Give the operator a floating dtype.")


def _too_large(magnitude: Any, dtype_str: str) -> bool:
    limit = np.iinfo(dtype_str).max if dtype_kind(dtype_str) == INT else _LARGEST.get(dtype_str)
    return limit is not None and bool(magnitude > limit)


def check_orderings(expr: Expr, scope: Scope, what: str) -> None:
    """Refuse an expression that orders complex numbers, or gives them to a function that takes none."""
    kinds = line_kinds(expr.table, scope.iterator.columns, scope.integer_states, dtype_kind(scope.dtype_str))
    check_calls(expr, kinds, scope.dtype_str, what)
    for row, kind in zip(expr.table, kinds, strict=True):
        if row.op in ("lt", "le", "gt", "ge") and kind == COMPLEX:
            widened = any(part.op == "symbol" for part in expr.table) and dtype_kind(scope.dtype_str) == COMPLEX
            why = f" (the operator is {scope.dtype_str}, and so are its symbols)" if widened else ""
            raise ExpressionError(
                f"{what} orders complex numbers ({row.op}){why}; compare their .abs(), or use == and !=."
            )
