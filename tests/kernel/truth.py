"""What running an operator must return, written per test as a plain Python function of one configuration and one row."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext
from typing import Any

import jax
import numpy as np

Branch = Callable[..., Any]  # (x, *row) -> None, or (x', mel)


def states(hilbert: Any) -> np.ndarray:
    """Every configuration, by the product of the local states."""
    return np.array(list(itertools.product(np.asarray(hilbert.local_states).tolist(), repeat=hilbert.size)))


def expected(
    samples: Iterable[Sequence[int]], rows: Iterable[tuple[int, ...]], *branches: Branch, local: Iterable[Any] = ()
) -> tuple[np.ndarray, np.ndarray]:
    """Rows as given, branches as written; where there is none x and 0; where x' is not local x and NaN."""
    rows, local, xps, mels = list(rows), set(local), [], []
    for x in map(list, samples):
        for row, branch in itertools.product(rows, branches):
            made = branch(list(x), *row)
            if made is None:
                made = (x, 0.0)
            elif local and not set(made[0]) <= local:
                made = (x, np.nan)
            xps.append(made[0])
            mels.append(made[1])
    n = len(list(samples))
    return np.array(xps).reshape(n, -1, len(x)), np.array(mels).reshape(n, -1)


def same(
    operator: Any, rows: Iterable[tuple[int, ...]], *branches: Branch, dtype: Any = np.int8, jit: bool = False
) -> None:
    """The operator returns exactly what the functions say, for every configuration of its space.

    Without ``jit`` one operation runs after another, which saves most of the time: many operators share few operations.
    """
    hilbert = operator.hilbert
    x = states(hilbert)
    compiled = operator.compile(cache=False)
    with nullcontext() if jit else jax.disable_jit():
        xp, mels = (np.asarray(array) for array in compiled.get_conn_padded(x.astype(dtype)))
    xp_true, mels_true = expected(x.tolist(), rows, *branches, local=np.asarray(hilbert.local_states).tolist())
    assert xp.dtype == dtype
    assert mels.dtype == np.dtype(operator.dtype)
    np.testing.assert_array_equal(xp, xp_true)
    np.testing.assert_array_equal(mels, mels_true)
    assert not np.signbit(mels[mels == 0].real).any()
