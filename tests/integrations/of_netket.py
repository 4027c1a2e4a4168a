"""The matrix of an operator of NetKet, from its own connected elements."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def matrix(operator: Any) -> NDArray[Any]:
    """<x|O|x'> [n_states, n_states] in the order of the space.

    What ``operator.to_dense()`` is, which has XLA compile some seventy sparse operations for every shape: three seconds.
    """
    states = np.asarray(operator.hilbert.all_states())
    xp, mels = map(np.asarray, operator.get_conn_padded(states))
    rows, slots = np.nonzero(mels)
    targets = xp[rows, slots].astype(states.dtype)
    known, place = np.unique(np.concatenate([states, targets]), axis=0, return_inverse=True)
    assert len(known) == len(states), "a branch leaves the space"
    number = np.empty(len(states), dtype=int)
    number[place[: len(states)]] = np.arange(len(states))
    made = np.zeros((len(states), len(states)), dtype=operator.dtype)
    np.add.at(made, (rows, number[place[len(states) :]]), mels[rows, slots])
    return made
