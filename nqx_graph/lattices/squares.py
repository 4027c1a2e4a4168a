"""Links, plaquettes and stars of a square lattice, for variables on its sites or on its links."""

from __future__ import annotations

from functools import cached_property

import attrs
import numpy as np
from numpy.typing import NDArray

from nqx_graph.errors import DefinitionError
from nqx_graph.lattices.lattice import Rows
from nqx_graph.lattices.shapes import Extent, Periodic, periodic, whole_extent


def links(extent: Extent, *, pbc: Periodic = True) -> Rows:
    """The two sites that each link joins, [M, 2]; the row is the number of the link.

    From every site (r, c), numbered r·C + c, one link goes to (r + 1, c) and then one to (r, c + 1). On a torus the link
    of site s in direction d has the number 2·s + d.

    Raises:
        DefinitionError: for an extent that is not two whole numbers from 2 up.
    """
    ends = _square(extent, pbc).ends
    start = np.arange(len(ends)).repeat(2)
    return _whole(np.stack([start, ends.reshape(-1)], axis=1))


def plaquettes(extent: Extent, *, pbc: Periodic = True, on: str = "sites") -> Rows:
    """The four sites, or links, around each square, [M, 4].

    Sites come in a circle: (r, c), (r + 1, c), (r + 1, c + 1), (r, c + 1). Links come in the same circle, so that the first
    two are passed in their own direction, and the last two against it.

    Args:
        extent: rows and columns of the lattice.
        pbc: whether they are periodic, both or each.
        on: "sites" or "links"; links are numbered as in `links`.

    Raises:
        DefinitionError: for another extent or ``on``.
    """
    if on not in ("sites", "links"):
        raise DefinitionError(f"plaquettes are taken on 'sites' or on 'links'; on is {on!r}.")
    square = _square(extent, pbc)
    around = [square.beside(step) for step in ((0, 0), (1, 0), (1, 1), (0, 1))]
    if on == "links":
        around = [square.link(around[k], direction) for k, direction in ((0, 0), (1, 1), (3, 0), (0, 1))]
    return _whole(np.stack(around, axis=1))


def stars(extent: Extent, *, pbc: Periodic = True) -> Rows:
    """The four links that meet at each site, [M, 4]: the two that leave it, then the two that arrive.

    With open boundaries the sites at them, where fewer links meet, have no star here.

    Raises:
        DefinitionError: for an extent that is not two whole numbers from 2 up.
    """
    square = _square(extent, pbc)
    here, above, left = (square.beside(step) for step in ((0, 0), (-1, 0), (0, -1)))
    meeting = [square.link(site, direction) for site, direction in ((here, 0), (here, 1), (above, 0), (left, 1))]
    return _whole(np.stack(meeting, axis=1))


def _whole(rows: NDArray[np.int64]) -> Rows:
    return rows[(rows >= 0).all(axis=1)].astype(np.int32)


@attrs.frozen(eq=False, slots=False)
class _Square:
    """The lattice as tables of site and link numbers; -1 stands for what open boundaries do not have."""

    cells: tuple[int, ...]
    periodic: NDArray[np.bool_]

    def beside(self, step: tuple[int, int]) -> NDArray[np.int64]:
        """The site that is one step away from each site, [N]."""
        places = np.indices(self.cells).reshape(2, -1).T + step
        outside = ((places < 0) | (places >= self.cells)) & ~self.periodic
        wrapped = places % self.cells
        return np.where(outside.any(axis=1), -1, wrapped[:, 0] * self.cells[1] + wrapped[:, 1])

    @cached_property
    def ends(self) -> NDArray[np.int64]:
        """The site that the link from each site in each direction leads to, [N, 2]."""
        return np.stack([self.beside((1, 0)), self.beside((0, 1))], axis=1)

    def link(self, sites: NDArray[np.int64], direction: int) -> NDArray[np.int64]:
        """The number of the link from each of some sites in a direction, [M]."""
        there = self.ends.reshape(-1) >= 0
        number = np.where(there, np.cumsum(there) - 1, -1).reshape(-1, 2)
        return np.where(sites < 0, -1, number[sites, direction])


def _square(extent: Extent, pbc: Periodic) -> _Square:
    cells = whole_extent(extent)
    if len(cells) != 2 or min(cells) < 2:
        raise DefinitionError(f"a square lattice has two extents from 2 up; they are {extent!r}.")
    return _Square(cells, periodic(pbc, 2))
