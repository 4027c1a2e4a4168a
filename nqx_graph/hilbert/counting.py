"""How many rows of places there are, exactly."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray


@lru_cache(maxsize=256)
def count(levels: int, sites: int, total: int | None) -> int:
    """Number of rows of ``sites`` places below ``levels``, all of them or those that sum to ``total``."""
    if total is None:
        return int(levels**sites)
    # Inclusion-exclusion over the sites that exceed their levels (Stanley, Enumerative Combinatorics 1, ch. 2):
    # choosing j sites to start from `levels` leaves the rest of the total to be shared among all sites freely.
    return sum(
        (-1) ** j * math.comb(sites, j) * math.comb(total - j * levels + sites - 1, sites - 1)
        for j in range(min(sites, total // levels) + 1)
    )


def ways(levels: int, sites: int, total: int) -> NDArray[Any]:
    """``ways[r, t]``: how many rows of r places sum to t, as Python integers, [sites + 1, total + 1]."""
    table = np.zeros((sites + 1, total + 1), dtype=object)
    table[0, 0] = 1
    for r in range(sites):
        # The next place takes 0 … levels - 1 of the total: a window of the row before, hence a difference of its sums.
        sums = np.cumsum(table[r])
        table[r + 1] = sums
        table[r + 1, levels:] -= sums[:-levels]
    return table
