"""The rules of index rows and columns."""

from __future__ import annotations

import numpy as np

from nqx_graph.errors import LabelError, RowsError
from nqx_graph.ir.types import KBodyIteratorSpec


def check_rows(iterator: KBodyIteratorSpec, size: int, where: str) -> None:
    """Refuse index rows and columns that do not fit a space of ``size`` sites."""
    labels, rows = iterator.labels, iterator.index_sets
    if len(set(labels)) != len(labels):
        twice = sorted(label for label in set(labels) if labels.count(label) > 1)
        raise LabelError(f"{where} has the label {twice[0]!r} twice; labels are distinct.")
    if rows.ndim != 2 or rows.shape[1] != len(labels):
        raise RowsError(
            f"{where} has {len(labels)} labels and index rows of shape {rows.shape}; give one number a label."
        )
    if rows.shape[0] == 0:
        raise RowsError(f"{where} has no index row; a term acts somewhere.")
    if rows.size and (rows.min() < 0 or rows.max() >= size):
        row = int(np.flatnonzero(np.any((rows < 0) | (rows >= size), axis=1))[0])
        raise RowsError(
            f"{where}: index row {row} is {tuple(rows[row].tolist())}; the sites are 0 to {size - 1}.", row=row
        )
    for name, array in iterator.columns.items():
        if array.shape not in ((rows.shape[0],), (rows.shape[0], size)):
            raise RowsError(
                f"{where}: the column {name!r} has shape {array.shape}; give [M] = {(rows.shape[0],)} or [M, N] = "
                f"{(rows.shape[0], size)}."
            )
        if array.dtype.kind not in "iufc":
            raise RowsError(f"{where}: the column {name!r} must hold finite numbers; it holds {array.dtype}.")
        if not np.all(np.isfinite(array)):
            raise RowsError(f"{where}: the column {name!r} must hold finite numbers; it holds NaN or infinity.")
