"""The artifact store in memory."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Any, Protocol

from nqx_graph.cache.key import SymbolicCacheKey
from nqx_graph.errors import OptionError


class ArtifactStore(Protocol):
    """What a compiler asks of a store; any object with these methods will do.

    One that keeps data, from which artifacts have to be made again, also has ``load(key, rebuild)`` and ``key in store``:
    ``rebuild`` takes a `nqx_graph.artifact.StoredArtifact`, and what it raises is a miss.
    """

    def get(self, key: SymbolicCacheKey) -> Any | None:
        """The artifact stored under the key, or None."""

    def put(self, key: SymbolicCacheKey, artifact: Any) -> str | None:
        """Store the artifact under the key; why not, where it could not be stored as it should."""

    def clear(self) -> None:
        """Forget everything."""

    def __len__(self) -> int:
        """How many artifacts are stored."""


class InMemoryArtifactStore:
    """Artifacts of this process; thread-safe, every access in constant time, gone with the process.

    Args:
        max_entries: where given, the oldest entry is dropped when there would be more.
    """

    def __init__(self, max_entries: int | None = None) -> None:
        if max_entries is not None and (
            isinstance(max_entries, bool) or not isinstance(max_entries, int) or max_entries < 1
        ):
            raise OptionError(
                f"max_entries must be a whole number from 1 up, or None for no bound; it is {max_entries!r}."
            )
        self._max_entries = max_entries
        self._entries: OrderedDict[SymbolicCacheKey, Any] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: SymbolicCacheKey) -> Any | None:
        """The artifact stored under the key, or None."""
        with self._lock:
            return self._entries.get(key)

    def put(self, key: SymbolicCacheKey, artifact: Any) -> None:
        """Store the artifact; the oldest entry gives way where the bound is reached."""
        with self._lock:
            self._entries[key] = artifact
            if self._max_entries is not None and len(self._entries) > self._max_entries:
                self._entries.popitem(last=False)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._entries.clear()

    def __len__(self) -> int:
        with self._lock:
            return len(self._entries)

    def __repr__(self) -> str:
        return f"InMemoryArtifactStore({len(self)} entries, max_entries={self._max_entries})"
