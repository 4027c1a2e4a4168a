"""Site numbers: integer expressions of ``.index``, evaluated over all index rows when an operator is written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nqx_graph.errors import RowsError
from nqx_graph.ir.functions import CALL
from nqx_graph.ir.stored import Expr
from nqx_graph.ir.table import Row

_LIMIT = 2**31  # of every intermediate; a site number is far below, and int64 products of two such fit
_OPS: dict[str, Callable[..., Any]] = {
    "neg": np.negative,
    "abs": np.abs,
    "conj": lambda a: a,
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "eq": np.equal,
    "ne": np.not_equal,
    "lt": np.less,
    "le": np.less_equal,
    "gt": np.greater,
    "ge": np.greater_equal,
    "and": np.logical_and,
    "or": np.logical_or,
    "not": np.logical_not,
    "select": np.where,
}


def site_numbers(site: Expr, labels: tuple[str, ...], rows: NDArray[np.int32], size: int) -> NDArray[np.int32]:
    """The flat site number on every index row, [M].

    Raises:
        RowsError: if the expression is not made of ``.index`` and integers, or leaves ``[0, size)`` on a row.
    """
    wide = rows.astype(np.int64)
    values: list[Any] = []
    for row in site.table:
        values.append(_value(site, row, [values[arg] for arg in row.args], labels, wide))
    numbers = values[-1] if values[-1].ndim else np.full(rows.shape[0], values[-1])
    outside = (numbers < 0) | (numbers >= size)
    if outside.any():
        first = int(np.argmax(outside))
        raise RowsError(
            f"the site number {site!r} is {int(numbers[first])} on index row {first}, {tuple(rows[first].tolist())}; the sites "
            f"are 0 to {size - 1}. Wrap it with sym.where, or leave that row out.",
            row=first,
        )
    return np.asarray(numbers, dtype=np.int32)


def _value(site: Expr, row: Row, given: list[Any], labels: tuple[str, ...], rows: NDArray[np.int64]) -> Any:
    if row.op == "index":
        return rows[:, labels.index(row.data[0])]
    if row.op == "truth" or (row.op == "const" and isinstance(row.data[0], int)):
        made: Any = np.asarray(row.data[0])
    elif row.op in _OPS:
        made = _OPS[row.op](*given)
    else:
        raise RowsError(
            f"the site number {site!r} uses {(row.data[0] if row.op == CALL else row.op)!r}; a site number is a label, a selector, a whole number, or made of "
            "site(label).index and whole numbers with + - * abs and sym.where."
        )
    if made.dtype.kind != "b" and np.any(np.abs(made) >= _LIMIT):
        raise RowsError(f"the site number {site!r} passes 2**31 on the way; write it with smaller whole numbers.")
    return made
