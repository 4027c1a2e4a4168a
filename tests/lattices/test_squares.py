"""Links, plaquettes and stars: how they meet, and what they make of the toric code."""

import networkx as nx
import numpy as np
import pytest
from refusal import refused

import nqx_graph as sym
from nqx_graph import errors
from nqx_graph.lattices import hypercubic, links, plaquettes, stars

EXTENTS = [(2, 2), (2, 3), (3, 4)]


def overlaps(a, b, size):
    """How many numbers each row of a shares with each row of b."""
    first, second = (np.eye(size, dtype=int)[rows].sum(axis=1) for rows in (a, b))
    return first @ second.T


@pytest.mark.parametrize("extent", EXTENTS)
@pytest.mark.parametrize("pbc", [True, False, (True, False)], ids=str)
def test_a_plaquette_and_a_star_share_two_links_or_none(extent, pbc):
    count = len(links(extent, pbc=pbc))
    shared = overlaps(stars(extent, pbc=pbc), plaquettes(extent, pbc=pbc, on="links"), count)
    assert set(np.unique(shared)) <= {0, 2}


@pytest.mark.parametrize("extent", EXTENTS)
def test_on_a_torus_every_link_is_in_two_of_each(extent):
    size = extent[0] * extent[1]
    joined = links(extent)
    assert joined.shape == (2 * size, 2)
    assert np.array_equal(joined[:, 0], np.arange(size).repeat(2))
    for rows in (stars(extent), plaquettes(extent, on="links")):
        assert rows.shape == (size, 4)
        assert rows.dtype == np.int32
        assert np.array_equal(np.bincount(rows.reshape(-1)), np.full(2 * size, 2))


@pytest.mark.parametrize("extent", EXTENTS)
@pytest.mark.parametrize("pbc", [True, False], ids=str)
def test_links_go_in_a_circle_and_meet_at_a_site(extent, pbc):
    joined = links(extent, pbc=pbc)
    for row in plaquettes(extent, pbc=pbc, on="links"):
        a, b, c, d = joined[row]  # two in their direction, two against it
        assert (a[1], b[1], c[0], d[0]) == (b[0], c[1], d[1], a[0])
    for row in stars(extent, pbc=pbc):
        out, also_out, into, also_into = joined[row]
        assert out[0] == also_out[0] == into[1] == also_into[1]


def test_the_numbers_of_an_open_square():
    assert links((2, 2), pbc=False).tolist() == [[0, 2], [0, 1], [1, 3], [2, 3]]
    assert plaquettes((2, 2), pbc=False, on="links").tolist() == [[0, 3, 2, 1]]
    assert plaquettes((2, 3), pbc=False).tolist() == [[0, 3, 4, 1], [1, 4, 5, 2]]
    assert stars((2, 2), pbc=False).shape == (0, 4)
    assert stars((3, 3), pbc=False).tolist() == [[7, 8, 2, 6]]


def test_sites_around_a_plaquette_are_neighbours():
    pairs = nx.Graph(hypercubic((3, 4)).edges().tolist())
    for row in plaquettes((3, 4)).tolist():
        assert all(pairs.has_edge(row[k], row[(k + 1) % 4]) for k in range(4))
    assert {frozenset(pair) for pair in links((3, 4)).tolist()} == {frozenset(pair) for pair in pairs.edges}


def test_the_toric_code_has_four_ground_states():
    """A. Y. Kitaev, Ann. Phys. 303, 2 (2003): on a torus -Σ stars - Σ plaquettes has four, of energy -2 L²."""
    size, nothing = 8, np.zeros((4, 0), dtype=int)
    turned, signed = (
        np.eye(size, dtype=int)[rows].sum(axis=1) for rows in (stars((2, 2)), plaquettes((2, 2), on="links"))
    )
    toric = (
        sym.DOperator(sym.hilbert.Spin(1 / 2, size), hermitian=True)
        .for_each((), over=nothing, columns={"m": signed})
        .emit(amplitude=-sym.prod("m"))
        .for_each((), over=nothing, columns={"m": turned})
        .emit(sym.flip("m"), amplitude=-1)
        .build()
    )
    energies = np.linalg.eigvalsh(toric.compile(cache=False).to_dense())
    np.testing.assert_allclose(energies[:5], [-8, -8, -8, -8, -4], rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    ("call", "facts"),
    [
        (lambda: links((1, 3)), ("from 2 up", "(1, 3)")),
        (lambda: stars((3,)), ("two extents", "(3,)")),
        (lambda: plaquettes((3, 3), on="corners"), ("'links'", "'corners'")),
        (lambda: plaquettes((3, 3), pbc=(True, True, True)), ("2 directions",)),
    ],
)
def test_what_is_refused(call, facts):
    with refused(errors.DefinitionError, *facts):
        call()
