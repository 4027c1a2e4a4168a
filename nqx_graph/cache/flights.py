"""Single flight: calls that miss on one key at once make one artifact.

The first call leads; others wait for it, outside any lock, and get its artifact or its error.
"""

from __future__ import annotations

import threading
from typing import Any

import attrs

from nqx_graph.cache.key import SymbolicCacheKey


@attrs.define(eq=False)
class Flight:
    """One artifact being made. ``artifact`` or ``error`` is set before ``landed``."""

    leader: int
    landed: threading.Event = attrs.Factory(threading.Event)
    artifact: Any = None
    error: BaseException | None = None


class Flights:
    """The artifacts being made at this moment, by key; thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._flights: dict[SymbolicCacheKey, Flight] = {}

    def join(self, key: SymbolicCacheKey) -> Flight | None:
        """None if this call leads, and must `land`; else the flight of the leader, which has landed.

        A stage that compiles the very operator it is part of compiling would wait for itself; it leads instead.
        """
        with self._lock:
            flight = self._flights.get(key)
            if flight is None:
                self._flights[key] = Flight(threading.get_ident())
                return None
        if flight.leader == threading.get_ident():
            return None
        flight.landed.wait()
        return flight

    def land(self, key: SymbolicCacheKey, artifact: Any, error: BaseException | None) -> None:
        """End the flight that this call leads, if it leads one, and wake who waits."""
        with self._lock:
            flight = self._flights.get(key)
            if flight is None or flight.leader != threading.get_ident():
                return
            del self._flights[key]
        flight.artifact, flight.error = artifact, error
        flight.landed.set()

    def __len__(self) -> int:
        with self._lock:
            return len(self._flights)
