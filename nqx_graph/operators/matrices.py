"""Matrices of compiled operators over all states of a small space."""

from __future__ import annotations

from typing import Any

import numpy as np

from nqx_graph.errors import HilbertError, StateError
from nqx_graph.operators.samples import foreign_rows
from nqx_graph.space import SpaceView

_CHUNK = 2**20  # branches at once, so that large spaces do not need all of them in memory


def to_sparse(operator: Any, space: SpaceView) -> Any:
    """The CSR array of <x|O|x'>; rows and columns in the order of ``hilbert.all_states()``, floats of 16 bits as float32.

    Raises:
        HilbertError: if the space cannot be listed.
        StateError: if a branch with a matrix element other than 0 leaves the space.
    """
    from scipy.sparse import coo_array  # slow to import, and for matrices only

    hilbert = space.hilbert
    if not getattr(hilbert, "is_indexable", hasattr(hilbert, "all_states")):
        raise HilbertError(f"{hilbert!r} has too many states to be listed; matrices need an indexable space.")
    states = np.asarray(hilbert.all_states())
    step = max(1, _CHUNK // max(1, operator.max_conn_size))
    parts = [_rows(operator, space, states[start : start + step], start) for start in range(0, len(states), step)]
    rows, columns, mels = (np.concatenate(part) for part in zip(*parts, strict=True))
    if mels.dtype.name in ("float16", "bfloat16"):  # which SciPy has no matrices of
        mels = mels.astype(np.float32)
    return coo_array((mels, (rows, columns)), shape=(len(states), len(states))).tocsr()


def _rows(operator: Any, space: SpaceView, states: Any, offset: int) -> tuple[Any, Any, Any]:
    xp, mels = (np.asarray(array) for array in operator.get_conn_padded(states))
    rows, slots = np.nonzero(mels)
    reached = xp[rows, slots]
    foreign = np.flatnonzero(foreign_rows(reached, space))
    if foreign.size:
        first = foreign[0]
        raise StateError(
            f"{operator.name!r} connects {states[rows[first]].tolist()} to {reached[first].tolist()}, which is not in "
            f"{space.hilbert!r}; compiled.check(x) names the branch."
        )
    columns = np.asarray(space.hilbert.states_to_numbers(reached)) if len(reached) else np.zeros(0, dtype=np.int64)
    return rows + offset, columns, mels[rows, slots]
