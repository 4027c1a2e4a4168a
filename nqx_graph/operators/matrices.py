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
        StateError: if branches that leave the space do not add up to exactly 0 for the state that they reach.
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
    mels, foreign = mels[rows, slots], foreign_rows(reached, space)
    _require_cancelled(operator, space, states[rows[foreign]], reached[foreign], mels[foreign])
    rows, reached, mels = rows[~foreign], reached[~foreign], mels[~foreign]
    columns = np.asarray(space.hilbert.states_to_numbers(reached)) if len(reached) else np.zeros(0, dtype=np.int64)
    return rows + offset, columns, mels


def _require_cancelled(operator: Any, space: SpaceView, left: Any, reached: Any, mels: Any) -> None:
    """Branches out of the space are none where they add up to 0, as XX and YY do between equal spins."""
    if not len(mels):
        return
    pairs, pair = np.unique(np.concatenate([left, reached], axis=1), axis=0, return_inverse=True)
    sums = np.zeros(len(pairs), mels.dtype)
    np.add.at(sums, pair.reshape(-1), mels)
    remaining = np.flatnonzero(sums)
    if remaining.size:
        first, size = pairs[remaining[0]], left.shape[1]
        raise StateError(
            f"{operator.name!r} connects {first[:size].tolist()} to {first[size:].tolist()}, which is not in "
            f"{space.hilbert!r}, by {sums[remaining[0]]}; compiled.check(x) names the branch."
        )
