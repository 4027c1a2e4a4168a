"""The lattices that models are written on.

Sites are numbered cell by cell, the last direction fastest, and within a cell in the order of its offsets, as NetKet does.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nqx_graph.errors import DefinitionError
from nqx_graph.lattices.lattice import Lattice

Extent = Sequence[int]
Periodic = bool | Sequence[bool]

_H = math.sqrt(3) / 2
_TRIANGULAR = np.array([[1, 0], [0.5, _H]])


def chain(length: int, *, pbc: bool = True) -> Lattice:
    """A ring of sites at distance 1, or an open chain."""
    return lattice((length,), np.eye(1), pbc=pbc, name=f"chain({length!r}, pbc={pbc!r})")


def hypercubic(extent: Extent, *, pbc: Periodic = True) -> Lattice:
    """Sites of a square or cubic lattice, in any dimension: ``hypercubic((4, 6))``."""
    return lattice(extent, np.eye(len(tuple(extent))), pbc=pbc, name=f"hypercubic({tuple(extent)}, pbc={pbc!r})")


def triangular(extent: Extent, *, pbc: Periodic = True) -> Lattice:
    """The triangular lattice: vectors (1, 0) and (1/2, √3/2)."""
    return lattice(extent, _TRIANGULAR, pbc=pbc, name=f"triangular({tuple(extent)}, pbc={pbc!r})")


def honeycomb(extent: Extent, *, pbc: Periodic = True) -> Lattice:
    """The honeycomb lattice: two sites a cell, on the cells of the triangular lattice."""
    offsets = [[0.5, 0.5 / math.sqrt(3)], [1, 1 / math.sqrt(3)]]
    return lattice(extent, _TRIANGULAR, offsets=offsets, pbc=pbc, name=f"honeycomb({tuple(extent)}, pbc={pbc!r})")


def kagome(extent: Extent, *, pbc: Periodic = True) -> Lattice:
    """The kagome lattice: three sites a cell, halfway along the vectors of the triangular lattice."""
    offsets = [[0.5, 0], [0.25, _H / 2], [0.75, _H / 2]]
    return lattice(extent, _TRIANGULAR, offsets=offsets, pbc=pbc, name=f"kagome({tuple(extent)}, pbc={pbc!r})")


def lattice(
    extent: Extent,
    vectors: ArrayLike,
    *,
    offsets: ArrayLike | None = None,
    pbc: Periodic = True,
    name: str = "lattice",
) -> Lattice:
    """Cells along vectors, with the same sites in each.

    Args:
        extent: number of cells in each direction.
        vectors: from cell to cell, [D, D].
        offsets: of the sites in a cell, [n, D]; None: one at its corner.
        pbc: whether the directions are periodic, all or each.
        name: for people.

    Raises:
        DefinitionError: for an extent that is no positive whole number, or arrays of other shapes.
    """
    cells = whole_extent(extent)
    steps = np.asarray(vectors, dtype=np.float64)
    inside = np.zeros((1, len(cells))) if offsets is None else np.asarray(offsets, dtype=np.float64)
    if steps.shape != (len(cells), len(cells)) or inside.ndim != 2 or inside.shape[1] != len(cells):
        raise DefinitionError(
            f"a lattice of {len(cells)} directions has vectors of shape {(len(cells), len(cells))} and offsets "
            f"[n, {len(cells)}]; their shapes are {steps.shape} and {inside.shape}."
        )
    corners = np.indices(cells).reshape(len(cells), -1).T @ steps
    positions = (corners[:, None, :] + inside[None]).reshape(-1, len(cells))
    return Lattice(name, positions, (np.asarray(cells)[:, None] * steps)[periodic(pbc, len(cells))])


def whole_extent(extent: Any) -> tuple[int, ...]:
    """The extent as whole numbers from 1 up."""
    cells = tuple(extent)
    if not cells or not all(isinstance(n, int | np.integer) and not isinstance(n, bool) and n > 0 for n in cells):
        raise DefinitionError(f"the extent of a lattice is one positive whole number a direction; it is {extent!r}.")
    return tuple(map(int, cells))


def periodic(pbc: Any, directions: int) -> NDArray[np.bool_]:
    """Which directions are periodic."""
    given = np.broadcast_to(np.asarray(pbc), (directions,)) if np.ndim(pbc) == 0 else np.asarray(pbc)
    if given.dtype != bool or given.shape != (directions,):
        raise DefinitionError(f"pbc is True, False, or one of them for each of {directions} directions; it is {pbc!r}.")
    return given
