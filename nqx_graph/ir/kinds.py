"""What kind of number a part of a predicate or an update is.

Predicates and updates are computed in integers where all parts are integers, else in floating point. Amplitudes are
computed in the operator's dtype throughout and need no kinds.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nqx_graph.ir.functions import CALL, ExpressionFunction, known
from nqx_graph.ir.table import COMPARISONS, Row

INT, FLOAT, COMPLEX = 0, 1, 2
KIND_OF = {"i": INT, "u": INT, "b": INT, "f": FLOAT, "V": FLOAT, "c": COMPLEX}


def dtype_kind(dtype_str: str) -> int:
    """The kind of an operator's dtype (bfloat16 and the other extension floats are floats)."""
    if dtype_str.startswith(("int", "uint")):
        return INT
    return COMPLEX if dtype_str.startswith("complex") else FLOAT


def array_kind(array: NDArray[Any]) -> int:
    """The kind of a column."""
    return KIND_OF[array.dtype.kind]


def line_kinds(
    rows: tuple[Row, ...], columns: Mapping[str, NDArray[Any]], integer_states: bool, symbol_kind: int
) -> list[int]:
    """The kind of every line of a table; a predicate line has the widest kind that it compares."""
    state = INT if integer_states else FLOAT
    kinds: list[int] = []
    for row in rows:
        given = [kinds[arg] for arg in row.args]
        kinds.append(_kind(row, rows, given, columns, state, symbol_kind))
    return kinds


def _kind(  # one branch per kind of operation
    row: Row,
    rows: tuple[Row, ...],
    given: list[int],
    columns: Mapping[str, NDArray[Any]],
    state: int,
    symbol_kind: int,
) -> int:
    if row.op == "const":
        value = row.data[0]
        return COMPLEX if isinstance(value, complex) else FLOAT if isinstance(value, float) else INT
    if row.op in ("site", "emitted", "source", "target"):
        return state
    if row.op == "symbol":
        return symbol_kind
    if row.op == "column":
        return array_kind(columns[row.data[0]])
    if row.op in ("dot", "prod"):
        return max(state, array_kind(columns[row.data[0]]))
    if row.op == "select":
        return max(given[1:])
    if row.op == "abs":
        return FLOAT if given[0] == COMPLEX else given[0]
    if row.op == "pow":
        exponent = rows[row.args[1]]
        whole = exponent.op == "const" and isinstance(exponent.data[0], int) and exponent.data[0] >= 0
        return max(given) if whole else max(FLOAT, *given)
    if row.op in ("div", "sqrt", "exp", "log", "sin", "cos"):
        return max(FLOAT, *given)
    if row.op == CALL:
        return _call_kind(known(row.data), given)
    if row.op in COMPARISONS or given:
        return max(given)
    return INT


def _call_kind(function: ExpressionFunction, given: list[int]) -> int:
    return {"real": FLOAT, "complex": COMPLEX}.get(function.result, max(FLOAT, *given))


def dtype_of(kind: int, x64: bool) -> Any:
    """The NumPy dtype in which a kind is computed, with and without JAX's 64-bit switch."""
    wide = (np.int64, np.float64, np.complex128)
    narrow = (np.int32, np.float32, np.complex64)
    return np.dtype((wide if x64 else narrow)[kind])
