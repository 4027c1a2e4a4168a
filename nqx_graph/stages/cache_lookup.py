"""Cache lookup: the gate. On a hit it supplies the artifact, and what is behind it is skipped."""

from __future__ import annotations

from typing import Any

from nqx_graph.cache.flights import Flights
from nqx_graph.cache.key import SymbolicCacheKey
from nqx_graph.errors import DefinitionError
from nqx_graph.graph import MISS, Bypassed, Miss, Supplied, stage
from nqx_graph.ir.types import SymbolicOperatorIR
from nqx_graph.lowering.registry import SymbolicLowererRegistry
from nqx_graph.options import SymbolicCompilerOptions
from nqx_graph.space import SpaceView
from nqx_graph.stages.analyses import ARTIFACT


@stage(supplies=ARTIFACT)
def cache_lookup(
    cache_key: SymbolicCacheKey | None,
    store: Any,
    flights: Flights,
    options: SymbolicCompilerOptions,
    ir: SymbolicOperatorIR,
    space: SpaceView,
    registry: SymbolicLowererRegistry,
) -> Supplied | Miss | Bypassed:
    """Ask the store; on a miss, wait for another call that is making this artifact, or lead and make it.

    What a store keeps as data is made an artifact again here. A store that hands back what was stored under another key fails the compile.
    """
    if not options.cache_enabled:
        return Bypassed("options.cache_enabled is False")
    if cache_key is None:
        return Bypassed(f"no key: {space.no_digest_reason or 'something that the artifact depends on has no digest'}")
    artifact = _checked(store, store.get(cache_key), cache_key)
    if artifact is not None:
        return Supplied(artifact)
    flight = flights.join(cache_key)
    while flight is not None:
        if flight.artifact is not None:
            return Supplied(flight.artifact, waited=True)
        if isinstance(flight.error, Exception):
            raise flight.error
        flight = flights.join(cache_key)  # whoever led was interrupted
    # another call may have stored it between the look above and taking the lead
    artifact = _checked(store, store.get(cache_key), cache_key)
    if artifact is None and hasattr(store, "load"):
        found = store.load(cache_key, lambda stored: registry.restore(stored, ir, space))
        artifact = _checked(store, found, cache_key)
    return MISS if artifact is None else Supplied(artifact)


def _checked(store: Any, artifact: Any, key: SymbolicCacheKey) -> Any | None:
    if artifact is not None and getattr(artifact, "cache_key", None) != key:
        raise DefinitionError(
            f"the store {store!r} returned an artifact of another key, {getattr(artifact, 'cache_key', None)!r}, for "
            f"{key!r}; clear it, and mend its get()."
        )
    return artifact
