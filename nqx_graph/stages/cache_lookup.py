"""Cache lookup: the gate. On a hit it supplies the artifact, and what is behind it is skipped."""

from __future__ import annotations

from typing import Any

from nqx_graph.cache.key import SymbolicCacheKey
from nqx_graph.errors import DefinitionError
from nqx_graph.graph import MISS, Bypassed, Miss, Supplied, stage
from nqx_graph.options import SymbolicCompilerOptions
from nqx_graph.space import SpaceView
from nqx_graph.stages.analyses import ARTIFACT


@stage(supplies=ARTIFACT)
def cache_lookup(
    cache_key: SymbolicCacheKey | None, store: Any, options: SymbolicCompilerOptions, space: SpaceView
) -> Supplied | Miss | Bypassed:
    """Ask the store; a store that hands back what was stored under another key fails the compile."""
    if not options.cache_enabled:
        return Bypassed("options.cache_enabled is False")
    if cache_key is None:
        return Bypassed(f"no key: {space.no_digest_reason or 'something that the artifact depends on has no digest'}")
    artifact = store.get(cache_key)
    if artifact is None:
        return MISS
    if getattr(artifact, "cache_key", None) != cache_key:
        raise DefinitionError(
            f"the store {store!r} returned an artifact of another key, {getattr(artifact, 'cache_key', None)!r}, for "
            f"{cache_key!r}; clear it, and mend its get()."
        )
    return Supplied(artifact)
