"""The rules of calls in expressions: what a function takes and gives must fit the operator."""

from __future__ import annotations

from nqx_graph.errors import DTypeError, ExpressionError
from nqx_graph.ir.functions import CALL, known
from nqx_graph.ir.functions import COMPLEX as COMPLEX_RESULT
from nqx_graph.ir.kinds import COMPLEX, INT, dtype_kind
from nqx_graph.ir.stored import Expr
from nqx_graph.ir.table import Row


def check_calls(expr: Expr, kinds: list[int], dtype_str: str, what: str) -> None:
    """Refuse a function that gives what the operator cannot hold, or that is given what it does not take.

    Args:
        expr: the expression.
        kinds: those of its lines.
        dtype_str: of the operator.
        what: the expression is, for messages.
    """
    for row in expr.table:
        if row.op == CALL:
            _check_call(row, kinds, dtype_str, what)


def _check_call(row: Row, kinds: list[int], dtype_str: str, what: str) -> None:
    function = known(row.data)
    if function.result == COMPLEX_RESULT and dtype_kind(dtype_str) != COMPLEX:
        raise DTypeError(
            f"{what} calls {function.name!r}, which gives complex numbers; the operator is {dtype_str}. Give dtype='complex128'."
        )
    if function.real_only and any(kinds[arg] == COMPLEX for arg in row.args):
        raise ExpressionError(
            f"{what} gives complex numbers to {function.name!r}, which takes real ones; the operator is {dtype_str}, and so are "
            "its symbols. Take their .abs()."
        )


def check_whole(row: Row, dtype_str: str, what: str) -> None:
    """Refuse a call in an operator of whole numbers."""
    if row.op == CALL and dtype_kind(dtype_str) == INT:
        raise DTypeError(
            f"{what} calls {row.data[0]!r}, which gives no whole numbers; the operator is {dtype_str}. Give the operator a "
            "floating dtype."
        )
