"""What the models share."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest

import nqx_graph as sym
from nqx_graph.models.lattice import coupling, edges_of, torus


def test_edges_of_whatever_has_some() -> None:
    for graph in ([(0, 1), (1, 2)], np.array([[0, 1], [1, 2]]), nx.path_graph(3)):
        assert edges_of(graph, 3, "a model").tolist() == [[0, 1], [1, 2]]
    with pytest.raises(
        sym.errors.RowsError, match=r"the edges of a model: index row 1 is \(1, 2\); the sites are 0 to 1\."
    ):
        edges_of([(0, 1), (1, 2)], 2, "a model")


def test_a_number_becomes_a_symbol() -> None:
    assert repr(coupling("J", 2.0)) == "$J"
    assert coupling("J", g := sym.symbol("g")) is g
    with pytest.raises(sym.errors.ExpressionError, match=r"the default of symbol\('J'\) must be a number"):
        coupling("J", "strong")


def test_links_of_a_torus() -> None:
    """Every link is at two vertices and around two plaquettes; a star and a plaquette share none or two."""
    stars, plaquettes = torus((3, 4), 24, "a model")
    assert stars.shape == plaquettes.shape == (12, 4)
    for rows in (stars, plaquettes):
        assert np.bincount(rows.reshape(-1)).tolist() == [2] * 24
    shared = {len(set(star) & set(around)) for star in stars.tolist() for around in plaquettes.tolist()}
    assert shared == {0, 2}
    assert stars[0].tolist() == [0, 1, 16, 7]
    assert plaquettes[0].tolist() == [0, 9, 2, 1]
