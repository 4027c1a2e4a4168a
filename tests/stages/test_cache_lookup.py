from __future__ import annotations

import pytest
import small

import nqx_graph as sym
from nqx_graph.cache.flights import Flights
from nqx_graph.errors import DefinitionError
from nqx_graph.graph import MISS, Bypassed, Supplied
from nqx_graph.space import view
from nqx_graph.stages.cache_lookup import cache_lookup

ON = sym.SymbolicCompilerOptions()
KEY, OTHER = sym.SymbolicCacheKey("n", "a" * 64), sym.SymbolicCacheKey("n", "b" * 64)


def artifact(key):
    return sym.SymbolicCompiledArtifact("jax", "mine", object(), {}, key)


def look(key, store, options=ON, space=small.FOCK, flights=None):
    flights = Flights() if flights is None else flights
    return cache_lookup(key, store, flights, options, small.number().to_ir(), view(space), sym.default_registry())


def test_miss_and_hit():
    store = sym.InMemoryArtifactStore()
    assert look(KEY, store) is MISS
    kept = artifact(KEY)
    store.put(KEY, kept)
    answer = look(KEY, store)
    assert isinstance(answer, Supplied)
    assert answer.value is kept
    assert look(OTHER, store) is MISS
    assert cache_lookup.supplies.name == "artifact"


def test_nobody_is_asked_with_the_cache_off_or_without_a_key():
    store = small.LoggingStore()
    assert look(None, store, small.UNCACHED) == Bypassed("options.cache_enabled is False")
    assert look(KEY, store, small.UNCACHED) == Bypassed("options.cache_enabled is False")
    assert look(None, store, space=small.LoadedSpace()) == Bypassed("no key: LoadedSpace has no form as data")
    assert look(None, store) == Bypassed("no key: something that the artifact depends on has no digest")
    assert store.calls == []


@pytest.mark.parametrize("wrong", [artifact(OTHER), artifact(None), object()])
def test_an_artifact_of_another_key_is_refused(wrong):
    store = small.LoggingStore()
    store.kept[KEY] = wrong
    with pytest.raises(DefinitionError) as caught:
        look(KEY, store)
    assert repr(KEY) in str(caught.value)
    assert repr(getattr(wrong, "cache_key", None)) in str(caught.value)
