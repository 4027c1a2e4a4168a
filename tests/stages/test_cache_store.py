from __future__ import annotations

import small

import nqx_graph as sym
from nqx_graph.graph import Bypassed
from nqx_graph.stages.cache_store import cache_store

KEY = sym.SymbolicCacheKey("n", "a" * 64)


def test_it_keeps_the_artifact_under_its_key():
    store, artifact = small.LoggingStore(), object()
    assert cache_store(artifact, KEY, store) is None
    assert store.kept == {KEY: artifact}


def test_it_keeps_nothing_without_a_key():
    store = small.LoggingStore()
    assert cache_store(object(), None, store) == Bypassed("no key")
    assert store.calls == []
