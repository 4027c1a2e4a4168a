"""Rows of places drawn uniformly from all, or from those of one total. JAX is imported when a row is drawn."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from nqx_graph.hilbert.counting import ways

if TYPE_CHECKING:
    import jax


def draw(key: jax.Array, shape: tuple[int, ...], levels: int, sites: int, total: int | None) -> jax.Array:
    """Places, [*shape, sites]. A total over more than two levels is drawn site by site, to within 2**-32 a site."""
    import jax

    if total is None:
        return jax.random.randint(key, (*shape, sites), 0, levels)
    levels = min(levels, total + 1)  # higher places alone would exceed the total
    if levels <= 2:
        return _shuffled(key, shape, sites, total)
    return _site_by_site(key, shape, levels, sites, total)


def _shuffled(key: jax.Array, shape: tuple[int, ...], sites: int, total: int) -> jax.Array:
    """Every row is a shuffle of one: no table, so that fixed magnetisations of thousands of spins are cheap."""
    import jax
    import jax.numpy as jnp

    ones = np.broadcast_to(np.arange(sites, dtype=np.int32) < total, (*shape, sites))
    return jax.random.permutation(key, jnp.asarray(ones), axis=-1, independent=True).astype(jnp.int32)


def _site_by_site(key: jax.Array, shape: tuple[int, ...], levels: int, sites: int, total: int) -> jax.Array:
    """Each place in proportion to the number of its completions."""
    import jax
    import jax.numpy as jnp

    def choose(left: jax.Array, site: tuple[jax.Array, jax.Array, jax.Array]) -> tuple[jax.Array, jax.Array]:
        bits, thresholds, most_after = site
        place = jnp.sum(bits[..., None] >= thresholds[left], axis=-1, dtype=jnp.int32)
        # A chance of 0 or 1 is off by one part in 2**32 in 32 bits; what it excludes has to be impossible.
        place = jnp.clip(place, left - most_after, jnp.minimum(left, levels - 1))
        return left - place, place

    bits = jax.random.bits(key, (sites, *shape), jnp.uint32)
    thresholds = jnp.asarray(_thresholds(levels, sites, total))
    most_after = jnp.asarray((levels - 1) * np.arange(sites)[::-1], dtype=jnp.int32)
    _, places = jax.lax.scan(choose, jnp.full(shape, total, jnp.int32), (bits, thresholds, most_after))
    return jnp.moveaxis(places, 0, -1)


@lru_cache(maxsize=16)
def _thresholds(levels: int, sites: int, total: int) -> NDArray[np.uint32]:
    """Chances that a place is at most d, in units of 2**-32, [sites, total + 1, levels - 1].

    Entry [i, t, d] is for site i with t of the total left: 32 random bits below it make the place at most d.
    """
    completions = ways(levels, sites, total)
    thresholds = np.zeros((sites, total + 1, levels - 1), dtype=np.uint32)
    for site in range(sites):
        here, after = completions[sites - site], completions[sites - site - 1]
        sure = np.maximum(here, 1)  # no division by zero where nothing is left to choose: such entries are never read
        up_to = np.zeros(total + 1, dtype=object)
        for d in range(levels - 1):
            up_to[d:] += after[: total + 1 - d]
            thresholds[site, :, d] = np.minimum((up_to << 32) // sure, 2**32 - 1)
    thresholds.setflags(write=False)
    return thresholds
