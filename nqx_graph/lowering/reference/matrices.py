"""Matrices <x|O|x'> over all states of a small space."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nqx_graph.errors import CheckError, HilbertError
from nqx_graph.lowering.reference.configurations import is_state
from nqx_graph.space import SpaceView

GetConn = Callable[[Any], tuple[NDArray[Any], NDArray[Any]]]  # of one configuration, as in ReferenceOperator


def dense(get_conn: GetConn, hilbert: Any, space: SpaceView, dtype: np.dtype[Any]) -> NDArray[Any]:
    """An array, [n_states, n_states].

    Raises:
        HilbertError: the space has too many states to list.
        CheckError: a branch leaves the space.
    """
    states = _all_states(hilbert)
    matrix = np.zeros((len(states), len(states)), dtype=dtype)
    with np.errstate(all="ignore"):
        for row, column, mel in _entries(get_conn, hilbert, space, states):
            matrix[row, column] += mel
    return matrix


def sparse(get_conn: GetConn, hilbert: Any, space: SpaceView, dtype: np.dtype[Any]) -> Any:
    """A SciPy CSR matrix, in float32 where ``dtype`` has half of that; raises as `dense` does."""
    from scipy.sparse import csr_matrix

    states = _all_states(hilbert)
    entries = list(_entries(get_conn, hilbert, space, states))
    places = np.array([entry[:2] for entry in entries], dtype=np.int64).reshape(-1, 2).T
    known = dtype if dtype.name not in ("float16", "bfloat16") else np.dtype(np.float32)
    mels = np.array([mel for _, _, mel in entries], dtype=known)
    return csr_matrix((mels, tuple(places)), shape=(len(states), len(states)))


def _all_states(hilbert: Any) -> NDArray[Any]:
    if not getattr(hilbert, "is_indexable", True):
        raise HilbertError(f"{hilbert!r} has too many states to list, so the operator has no matrix to show.")
    return np.asarray(hilbert.all_states())


def _entries(get_conn: GetConn, hilbert: Any, space: SpaceView, states: NDArray[Any]) -> Iterator[tuple[int, int, Any]]:
    for row, x in enumerate(states):
        for state, mel in zip(*get_conn(x), strict=True):
            if not is_state(space, state):
                raise CheckError(
                    f"the state {x.tolist()} is connected to {state.tolist()}, which is not in the space; "
                    "check(x) names the branch."
                )
            yield row, int(np.asarray(hilbert.states_to_numbers(state[None]))[0]), mel
