"""Finalisation: the artifact with its key and the record of the call that built it."""

from __future__ import annotations

import attrs

from nqx_graph.artifact import SymbolicCompiledArtifact
from nqx_graph.cache.key import SymbolicCacheKey
from nqx_graph.graph import CallRecord, stage
from nqx_graph.stages.analyses import ARTIFACT


@stage(writes=ARTIFACT)
def finalisation(
    lowered: SymbolicCompiledArtifact, cache_key: SymbolicCacheKey | None, call_record: CallRecord
) -> SymbolicCompiledArtifact:
    """Sign what the lowerer made."""
    return attrs.evolve(lowered, cache_key=cache_key, build=call_record)
