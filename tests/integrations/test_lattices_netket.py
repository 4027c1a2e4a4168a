"""Lattices beside NetKet's: the numbers of sites, and the edges of each colour."""

from __future__ import annotations

from typing import Any

import netket as nk
import numpy as np
import pytest

import nqx_graph as sym
from nqx_graph import lattices

PAIRS = {
    "chain": (lattices.chain, nk.graph.Chain, 7, 3),
    "square": (lattices.hypercubic, nk.graph.Grid, (5, 6), 3),
    "cubic": (lattices.hypercubic, nk.graph.Grid, (3, 4, 5), 2),
    "triangular": (lattices.triangular, nk.graph.Triangular, (5, 6), 3),
    "honeycomb": (lattices.honeycomb, nk.graph.Honeycomb, (4, 5), 3),
    "kagome": (lattices.kagome, nk.graph.Kagome, (4, 5), 2),
}


@pytest.mark.parametrize("pbc", [True, False])
@pytest.mark.parametrize(("ours", "theirs", "extent", "shells"), PAIRS.values(), ids=PAIRS)
def test_sites_and_shells(ours: Any, theirs: Any, extent: Any, shells: int, pbc: bool) -> None:
    lattice, graph = ours(extent, pbc=pbc), theirs(extent, pbc=pbc, max_neighbor_order=shells)
    np.testing.assert_allclose(lattice.positions, graph.positions, rtol=0, atol=1e-12)
    for color, rows in enumerate(lattice.shells(shells)):
        expected = sorted(sorted(edge) for edge in graph.edges(filter_color=color))
        assert rows.tolist() == expected


def test_a_graph_of_netket_gives_rows() -> None:
    graph = nk.graph.Grid((3, 4), max_neighbor_order=2)
    hilbert = nk.hilbert.Spin(1 / 2, 12)
    for over in (graph, graph.edges(filter_color=1)):
        term = sym.DOperator(hilbert).for_each(("i", "j"), over=over).emit().build().to_ir().terms[0]
        edges = graph.edges() if over is graph else over
        assert term.iterator.index_sets.tolist() == [list(edge) for edge in edges]
