"""Configurations as a user gives them: their places, and what is wrong with those that are not in the space."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nqx_graph.errors import StateError
from nqx_graph.hilbert.levels import Levels


def read(
    states: ArrayLike, size: int, levels: Levels, total: int | None, space: object
) -> tuple[NDArray[Any], NDArray[np.int64], NDArray[np.bool_]]:
    """States as an array, their places [..., N] (0 where there is none), and which rows are of the space [...].

    Raises:
        StateError: in the name of the space, for what is not rows of N real numbers.
    """
    array = np.asarray(states)
    if not np.can_cast(array.dtype, np.float64):
        raise StateError(f"States of {space} are real numbers, not {array.dtype}.", dtype=array.dtype)
    if array.ndim == 0 or array.shape[-1] != size:
        raise StateError(
            f"States of {space} have {size} sites in their last axis, but the shape is {array.shape}.",
            shape=array.shape,
        )
    places, local = levels.places(array)
    inside = np.asarray(local.all(axis=-1))
    if total is not None:
        inside = np.asarray(inside & (places.sum(axis=-1) == total))
    return array, places, inside


def foreign(
    array: NDArray[Any], inside: NDArray[np.bool_], levels: Levels, total: int | None, space: object
) -> StateError:
    """The refusal of the first row that is not of the space: which one it is, and why."""
    row = tuple(int(i) for i in np.argwhere(~inside)[0])
    state = array[row]
    wrong = ~levels.places(state)[1]
    if wrong.any():
        site = int(np.argmax(wrong))
        why = f"site {site} holds {state[site]}, and the local states are {levels}"
    else:
        conserved = levels.start * len(state) + levels.step * (total or 0)
        why = f"its sites sum to {int(state.sum(dtype=np.float64))}, and every state of the space to {conserved}"
    text = np.array2string(state, max_line_width=sys.maxsize, threshold=32)
    where = f"Row {row[0] if len(row) == 1 else row} of the states" if row else "The state"
    return StateError(f"{where}, {text}, is not in {space}: {why}.", row=row, state=state.tolist(), hilbert=space)
