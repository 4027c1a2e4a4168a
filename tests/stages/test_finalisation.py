from __future__ import annotations

import nqx_graph as sym
from nqx_graph.graph import CallRecord
from nqx_graph.stages.finalisation import finalisation


def test_it_signs_what_the_lowerer_made():
    made = object()
    lowered = sym.SymbolicCompiledArtifact("jax", "mine", made, {"total_padded_size": 3})
    key, record = sym.SymbolicCacheKey("n", "a" * 64), CallRecord()
    artifact = finalisation(lowered, key, record)
    assert artifact.compiled_operator is made
    assert (artifact.cache_key, artifact.cache_token()) == (key, "a" * 64)
    assert artifact.build is record
    assert artifact.report is None
    assert artifact.metadata_map() == {"total_padded_size": 3}
    assert (lowered.cache_key, lowered.build) == (None, None)


def test_without_a_key_there_is_no_token():
    lowered = sym.SymbolicCompiledArtifact("jax", "mine", object(), {})
    assert finalisation(lowered, None, CallRecord()).cache_token() is None
