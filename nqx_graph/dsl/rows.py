"""Index rows and columns: from what a user gives to NumPy arrays, once, when they are given."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from nqx_graph.errors import LabelError, RowsError
from nqx_graph.ir.merging import HIDDEN
from nqx_graph.ir.rows import check_rows
from nqx_graph.ir.types import KBodyIteratorSpec

Rows = NDArray[np.int32]


def make_iterator(labels: Any, over: Any, columns: Any, size: int, where: str) -> KBodyIteratorSpec:
    """The iterator of a term.

    Args:
        labels: one label or a sequence of them.
        over: index rows: a sequence of tuples, an array [M, K], a ``networkx.Graph``, or anything with ``.edges()``.
        columns: numbers per row [M] or per row and site [M, N], by name; for a graph also edge attributes by name.
        size: the number of sites.
        where: what is being made, for messages.

    Raises:
        LabelError: for labels that are no names, or twice the same.
        RowsError: for rows or columns that do not fit, by name and position.
    """
    names = _labels(labels, where)
    rows = _rows(over, len(names), where)
    _check_range(rows, size, where)
    iterator = KBodyIteratorSpec(names, rows, _columns(columns, over, where))
    check_rows(iterator, size, where)
    return iterator


def all_sites(size: int) -> Rows:
    """[N, 1]: every site."""
    return np.arange(size, dtype=np.int32)[:, None]


def all_pairs(size: int, *, diagonal: bool) -> Rows:
    """[M, 2]: every ordered pair, with or without the diagonal."""
    pairs = np.indices((size, size), dtype=np.int32).reshape(2, -1).T
    return pairs if diagonal else pairs[pairs[:, 0] != pairs[:, 1]]


def _labels(labels: Any, where: str) -> tuple[str, ...]:
    names = (labels,) if isinstance(labels, str) else labels
    if not isinstance(names, Sequence) or not all(isinstance(name, str) and name for name in names):
        raise LabelError(f"{where}: labels must be text, or a sequence of texts; they are {labels!r}.")
    return tuple(names)


def _rows(over: Any, width: int, where: str) -> NDArray[Any]:
    edges = getattr(over, "edges", None)
    if edges is not None:
        over = list(edges() if callable(edges) else edges)
    if isinstance(over, str) or not (isinstance(over, Iterable) or hasattr(over, "__array__")):
        raise RowsError(f"{where}: over= must be index rows or a graph; it is {over!r}.")
    rows = _concrete(over, "over=", where) if hasattr(over, "__array__") else _array_of(list(over), width, where)
    if rows.size == 0 and width:
        raise RowsError(f"{where}: there is no index row in over=; a term acts somewhere.")
    if not width and rows.dtype.kind not in "iu":
        raise RowsError(
            f"{where}: there are no labels to give rows to; globally() opens a term with one row and no label."
        )
    if rows.dtype.kind not in "iu":
        raise RowsError(f"{where}: index rows must be whole numbers; over= holds {rows.dtype.name}.")
    if rows.ndim == 1 and width == 1:
        rows = rows[:, None]
    if rows.ndim != 2 or rows.shape[1] != width:
        positions = " Nodes that are tuples are numbered by networkx.convert_node_labels_to_integers(graph)."
        hint = positions if edges is not None and rows.ndim == 3 else ""
        raise RowsError(
            f"{where}: over= has shape {rows.shape}; give rows of {width} whole numbers, one a label.{hint}"
        )
    return rows


def _array_of(rows: list[Any], width: int, where: str) -> NDArray[Any]:
    """The rows as an array; where that fails, the first offending row is named."""
    try:
        array = np.array(rows)
    except (ValueError, OverflowError):
        array = np.array(None)
    if array.dtype.kind in "iu" and not _has_boolean(rows):
        return array
    for position, row in enumerate(rows):
        entries = tuple(row) if isinstance(row, Iterable) and not isinstance(row, str) else (row,)
        if len(entries) != width:
            raise RowsError(f"{where}: index row {position} is {row!r}; it needs {width} whole numbers, one a label.")
        for entry in entries:
            if isinstance(entry, bool | np.bool_) or not isinstance(entry, int | np.integer):
                raise RowsError(f"{where}: index row {position} is {row!r}; {entry!r} is not a whole number.")
    return array


def _has_boolean(rows: list[Any]) -> bool:
    """Whether a boolean stands among the numbers, where NumPy would make it a 1 or a 0."""
    entries = (entry for row in rows for entry in (row if isinstance(row, Iterable) else (row,)))
    return any(isinstance(entry, bool | np.bool_) for entry in entries)


def _check_range(rows: NDArray[Any], size: int, where: str) -> None:
    """Before the rows become int32, so that a number beyond 32 bits is named and not wrapped."""
    bad = np.flatnonzero(np.any((rows < 0) | (rows >= size), axis=1))
    if bad.size:
        row = int(bad[0])
        raise RowsError(
            f"{where}: index row {row} is {tuple(rows[row].tolist())}; the sites are 0 to {size - 1}.", row=row
        )


def _columns(columns: Any, over: Any, where: str) -> dict[str, NDArray[Any]]:
    if columns is None:
        return {}
    if not isinstance(columns, Mapping) or not all(isinstance(name, str) and name for name in columns):
        raise RowsError(f"{where}: columns= must be a dict of arrays by name; it is {columns!r}.")
    return {name: _column(name, given, over, where) for name, given in columns.items()}


def _column(name: str, given: Any, over: Any, where: str) -> NDArray[Any]:
    if name.startswith(HIDDEN):
        raise RowsError(
            f"{where}: the column {name!r} begins with '#', as the compiler's own do; give it another name."
        )
    if isinstance(given, str):
        given = _edge_attribute(name, given, over, where)
    array = _concrete(given, f"the column {name!r}", where)
    wide = {"b": np.int64, "i": np.int64, "u": np.int64, "f": np.float64, "c": np.complex128}.get(array.dtype.kind)
    if wide is None:
        raise RowsError(f"{where}: the column {name!r} must hold numbers; it holds {array.dtype}.")
    if array.dtype.kind == "u" and array.size and array.max() >= 2**63:
        raise RowsError(f"{where}: the column {name!r} holds {array.max()}; whole numbers fit in 64 signed bits.")
    return array.astype(wide)


def _concrete(given: Any, what: str, where: str) -> NDArray[Any]:
    try:
        return np.asarray(given)
    except ValueError as cause:
        raise RowsError(f"{where}: {what} is ragged; give [M] or [M, N].") from cause
    except TypeError as cause:  # JAX's refusal to make numbers of a tracer
        raise RowsError(
            f"{where}: {what} is traced ({type(given).__name__}), and an operator is written in numbers; build it outside "
            "jit, grad and vmap, and give traced numbers to compiled.with_columns(name=array)."
        ) from cause


def _edge_attribute(name: str, attribute: str, over: Any, where: str) -> list[Any]:
    if not isinstance(over, nx.Graph):
        raise RowsError(
            f"{where}: the column {name!r} names the edge attribute {attribute!r}; that needs a networkx.Graph as over=."
        )
    values = []
    for position, (a, b, data) in enumerate(over.edges(data=True)):
        if attribute not in data:
            raise RowsError(
                f"{where}: edge {position}, ({a}, {b}), has no attribute {attribute!r}, which the column {name!r} reads."
            )
        values.append(data[attribute])
    return values
