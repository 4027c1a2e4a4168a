"""The local states of a site, and the place of a number among them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Levels:
    """Evenly spaced local states: ``count`` of them from ``start`` on in steps of ``step``, which may be negative."""

    count: int
    start: int
    step: int

    @property
    def last(self) -> int:
        """The local state at the highest place."""
        return self.start + self.step * (self.count - 1)

    @property
    def states(self) -> NDArray[np.int64]:
        """The local states in order, [count], read-only."""
        states = self.start + self.step * np.arange(self.count, dtype=np.int64)
        states.setflags(write=False)
        return states

    @property
    def dtype(self) -> np.dtype[np.signedinteger[Any]]:
        """The smallest signed integers that hold the local states."""
        bound = max(abs(self.start), abs(self.last))
        return next(np.dtype(t) for t in (np.int8, np.int16, np.int32) if bound <= np.iinfo(t).max)

    def fit(self, dtype: np.dtype[Any]) -> bool:
        """Whether a dtype of real numbers holds every local state exactly."""
        return dtype.kind not in "bSUOMm" and np.array_equal(self.states.astype(dtype), self.states)

    def places(self, array: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """The place of each number, 0 where it is no local state; and which ones are."""
        # Integers that float64 rounds are far from every local state, so one exact-enough path serves every dtype.
        exact = (array.astype(np.float64) - self.start) / self.step
        local = (exact >= 0) & (exact < self.count) & (exact == np.rint(exact))
        return np.where(local, exact, 0).astype(np.int64), local

    def __str__(self) -> str:
        if self.count <= 5:
            return ", ".join(str(state) for state in range(self.start, self.last + self.step, self.step))
        return f"{self.start}, {self.start + self.step}, …, {self.last}"
