"""Sites with positions, and the shells of their neighbours."""

from __future__ import annotations

import itertools

import attrs
import numpy as np
from numpy.typing import ArrayLike, NDArray

from nqx_graph.errors import DefinitionError

Rows = NDArray[np.int32]
# distances that differ by less, in units of the shortest, are one: sums of lattice vectors round
_SAME = 1e-6


@attrs.frozen(eq=False, repr=False)
class Lattice:
    """Sites at ``positions`` [N, D], repeated by ``periods`` [P, D], which may be none."""

    name: str
    positions: NDArray[np.float64]
    periods: NDArray[np.float64]

    @property
    def size(self) -> int:
        """Number of sites N."""
        return len(self.positions)

    def edges(self, shell: int = 1) -> Rows:
        """The pairs of one shell: 1 for nearest neighbours, 2 for the next, ... [M, 2]

        Raises:
            DefinitionError: for a shell that the lattice does not have.
        """
        return neighbour_shells(self.positions, shell, periods=self.periods)[shell - 1]

    def shells(self, count: int) -> tuple[Rows, ...]:
        """The pairs of the first ``count`` shells, [M, 2] each."""
        return neighbour_shells(self.positions, count, periods=self.periods)

    def __repr__(self) -> str:
        return self.name


def neighbour_shells(positions: ArrayLike, count: int, *, periods: ArrayLike | None = None) -> tuple[Rows, ...]:
    """The pairs of sites at the smallest distance, at the second smallest, and so on.

    Every pair is there once, as (i, j) with i < j, at its distance by the shortest way around; the pairs of a shell are
    sorted. All pairs are looked at: this is for some thousand sites.

    Args:
        positions: of the sites, [N, D].
        count: how many shells.
        periods: vectors [P, D] after which the sites repeat, as L·a of a periodic lattice; None for open boundaries.

    Returns:
        ``count`` arrays [M, 2].

    Raises:
        DefinitionError: for positions or periods of another shape, two sites at one place, or fewer distances than shells.
    """
    points, around = _points(positions, periods)
    i, j = np.triu_indices(len(points), 1)
    distances = _shortest(points[j] - points[i], around)
    order = np.argsort(distances, kind="stable")
    ordered = distances[order]
    if len(ordered) and ordered[0] <= _SAME * ordered[-1]:
        a, b = int(i[order[0]]), int(j[order[0]])
        raise DefinitionError(f"the sites {a} and {b} are at one place, {points[a].tolist()}, or a period apart.")
    pieces = np.split(order, np.flatnonzero(np.diff(ordered) > _SAME * ordered[0]) + 1) if len(ordered) else []
    if isinstance(count, bool) or not isinstance(count, int | np.integer) or not 1 <= count <= len(pieces):
        raise DefinitionError(
            f"shells are counted from 1, and these {len(points)} sites have {len(pieces)} different distances; asked for "
            f"was shell {count!r}."
        )
    return tuple(np.stack([i[np.sort(piece)], j[np.sort(piece)]], axis=1).astype(np.int32) for piece in pieces[:count])


def _points(positions: ArrayLike, periods: ArrayLike | None) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    points = np.asarray(positions, dtype=np.float64)
    if points.ndim != 2 or not np.all(np.isfinite(points)):
        raise DefinitionError(f"positions must be finite numbers [N, D]; their shape is {points.shape}.")
    around = np.zeros((0, points.shape[1])) if periods is None else np.asarray(periods, dtype=np.float64)
    if around.ndim != 2 or around.shape[1] != points.shape[1]:
        raise DefinitionError(
            f"periods must be vectors [P, D] as long as the positions {points.shape}; their shape is {around.shape}."
        )
    return points, around


def _shortest(vectors: NDArray[np.float64], periods: NDArray[np.float64]) -> NDArray[np.float64]:
    """The lengths of vectors [M, D] by the shortest way around. [M]"""
    best = np.full(len(vectors), np.inf)
    if len(periods):
        turns = np.rint(vectors @ np.linalg.pinv(periods))
        vectors = vectors - turns @ periods
    for steps in itertools.product((-1, 0, 1), repeat=len(periods)):
        shift = np.asarray(steps, dtype=np.float64) @ periods if len(periods) else 0.0
        best = np.minimum(best, np.sum((vectors + shift) ** 2, axis=1))
    return np.asarray(np.sqrt(best))
