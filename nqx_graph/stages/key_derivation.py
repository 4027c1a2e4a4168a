"""Key derivation: the cache key, from everything that can change the artifact."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nqx_graph.cache.key import SymbolicCacheKey, SymbolicCompilationSignature
from nqx_graph.context import SymbolicCompilationContext
from nqx_graph.graph import stage
from nqx_graph.ir.types import SymbolicOperatorIR
from nqx_graph.options import SymbolicCompilerOptions
from nqx_graph.space import SpaceView
from nqx_graph.stages.analyses import CACHE_KEY


def _describe(cache_key: SymbolicCacheKey | None) -> Mapping[str, Any]:
    return {} if cache_key is None else {"namespace": cache_key.namespace, "token": cache_key.token}


@stage(writes=CACHE_KEY, covered=True, describe=_describe)
def key_derivation(
    ir: SymbolicOperatorIR,
    space: SpaceView,
    options: SymbolicCompilerOptions,
    ir_fingerprint: str,
    resolved_backend: str,
    identities: tuple[tuple[str, str], ...],
    covered: Mapping[str, bytes | None],
) -> SymbolicCacheKey | None:
    """None where the cache is off, or where something that the artifact depends on has no digest."""
    if not options.cache_enabled:
        return None
    context = SymbolicCompilationContext(
        {
            "ir": ir,
            "space": space,
            "options": options,
            "ir_fingerprint": ir_fingerprint,
            "resolved_backend": resolved_backend,
            "identities": identities,
            "covered": covered,
        }
    )
    return SymbolicCompilationSignature.from_context(context).build_cache_key(namespace=options.cache_namespace)
