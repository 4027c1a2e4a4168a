"""The number of a row of places among all, or among those of one total, in lexicographic order; and the inverse."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from nqx_graph.hilbert.counting import ways


def rank(places: NDArray[np.int64], levels: int, total: int | None) -> NDArray[np.int64]:
    """Number of each row of places, [R, N] -> [R]."""
    rows, sites = places.shape
    ranks = np.zeros(rows, dtype=np.int64)
    if total is None:
        for site in range(sites):
            ranks = ranks * levels + places[:, site]
        return ranks
    ladder = _ladder(levels, sites, total)
    left = np.full(rows, total)
    for site in range(sites):
        # Before this row come those that agree up to here and have a lower place, hence more left over.
        after = left - places[:, site]
        ranks += ladder[site, left + 1] - ladder[site, after + 1]
        left = after
    return ranks


def unrank(
    ranks: NDArray[np.int64], levels: int, sites: int, total: int | None
) -> Iterator[tuple[int, NDArray[np.int64]]]:
    """The rows with these numbers [R], a site at a time: which site, and its place in each row [R]."""
    if total is None:
        for site in reversed(range(sites)):
            ranks, places = np.divmod(ranks, levels)
            yield site, places
        return
    ladder = _ladder(levels, sites, total)
    left = np.full(len(ranks), total)
    for site in range(sites):
        # The amount left after the site is the one whose rung holds the rank, counted down from the top rung.
        top = ladder[site, left + 1]
        after = np.searchsorted(ladder[site], top - ranks, side="left") - 1
        yield site, left - after
        ranks = ranks - (top - ladder[site, after + 1])
        left = after


@lru_cache(maxsize=16)
def _ladder(levels: int, sites: int, total: int) -> NDArray[np.int64]:
    """Where the states that pass a site with t of the total left begin, [sites, total + 2].

    ``ladder[i, t]`` counts the completions after site i summed over all amounts below t that can be left there. An
    amount that no choice of sites 0 … i leaves counts for nothing; each of the others has a prefix of its own, so that
    no entry exceeds the number of states, and int64 is enough wherever that number is int64.
    """
    completions = ways(levels, sites, total)
    ladder = np.zeros((sites, total + 2), dtype=np.int64)
    for site in range(sites):
        least = max(0, total - (site + 1) * (levels - 1))
        ladder[site, least + 1 :] = np.cumsum(completions[sites - site - 1, least:])
    ladder.setflags(write=False)
    return ladder
