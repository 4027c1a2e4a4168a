from __future__ import annotations

import threading

import pytest

from nqx_graph.cache.key import SymbolicCacheKey
from nqx_graph.cache.memory import InMemoryArtifactStore
from nqx_graph.errors import OptionError

KEYS = [SymbolicCacheKey("ns", f"{k:064x}") for k in range(6)]


def test_put_get_clear():
    store = InMemoryArtifactStore()
    assert store.get(KEYS[0]) is None
    assert len(store) == 0
    artifact = object()
    store.put(KEYS[0], artifact)
    assert store.get(KEYS[0]) is artifact
    assert store.get(SymbolicCacheKey("ns", KEYS[0].token)) is artifact
    assert store.get(SymbolicCacheKey("other", KEYS[0].token)) is None
    assert len(store) == 1
    store.put(KEYS[0], "new")
    assert (store.get(KEYS[0]), len(store)) == ("new", 1)
    store.clear()
    assert (store.get(KEYS[0]), len(store)) == (None, 0)


def test_the_oldest_gives_way():
    store = InMemoryArtifactStore(max_entries=3)
    for position, key in enumerate(KEYS):
        store.put(key, position)
        assert len(store) == min(position + 1, 3)
    assert [store.get(key) for key in KEYS] == [None, None, None, 3, 4, 5]


def test_reading_does_not_make_an_entry_younger_and_storing_again_drops_nothing():
    store = InMemoryArtifactStore(max_entries=2)
    store.put(KEYS[0], 0)
    store.put(KEYS[1], 1)
    assert store.get(KEYS[0]) == 0
    store.put(KEYS[0], 10)
    assert [store.get(key) for key in KEYS[:2]] == [10, 1]
    store.put(KEYS[2], 2)
    assert [store.get(key) for key in KEYS[:3]] == [None, 1, 2]


def test_a_bound_of_one():
    store = InMemoryArtifactStore(max_entries=1)
    for position, key in enumerate(KEYS):
        store.put(key, position)
        assert [store.get(other) for other in KEYS] == [position if other == key else None for other in KEYS]


@pytest.mark.parametrize("bound", [0, -1, 1.5, True, "3"])
def test_bounds_that_are_none(bound):
    with pytest.raises(OptionError) as caught:
        InMemoryArtifactStore(max_entries=bound)
    assert str(caught.value) == (
        f"max_entries must be a whole number from 1 up, or None for no bound; it is {bound!r}."
    )


def test_repr():
    store = InMemoryArtifactStore(max_entries=4)
    store.put(KEYS[0], 0)
    assert repr(store) == "InMemoryArtifactStore(1 entries, max_entries=4)"


def test_threads():
    store = InMemoryArtifactStore(max_entries=50)
    faults = []

    def work(thread):
        try:
            for k in range(200):
                key = SymbolicCacheKey("ns", f"{thread}-{k}")
                store.put(key, (thread, k))
                if store.get(key) not in ((thread, k), None) or len(store) > 50:
                    faults.append((thread, k))
        except Exception as error:
            faults.append(error)

    threads = [threading.Thread(target=work, args=(thread,)) for thread in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert len(store) == 50
