"""Cache store: keep the artifact for the next call."""

from __future__ import annotations

from typing import Any

from nqx_graph.artifact import SymbolicCompiledArtifact
from nqx_graph.cache.key import SymbolicCacheKey
from nqx_graph.graph import Bypassed, stage


@stage()
def cache_store(artifact: SymbolicCompiledArtifact, cache_key: SymbolicCacheKey | None, store: Any) -> Bypassed | None:
    """Nothing depends on this stage: it runs for its effect, after the artifact is made.

    A store that could not keep all of it says why, as text.
    """
    if cache_key is None:
        return Bypassed("no key")
    reason = store.put(cache_key, artifact)
    return Bypassed(reason) if isinstance(reason, str) else None
