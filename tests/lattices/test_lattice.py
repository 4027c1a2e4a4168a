"""Shells of neighbours, by distances that are known."""

import numpy as np
import pytest
from refusal import refused

import nqx_graph as sym
from nqx_graph import errors
from nqx_graph.lattices import chain, neighbour_shells


def test_shells_of_a_line_of_uneven_gaps():
    # distances 1 (0-1), 2 (1-2), 3 (0-2 and 2-3), 5 (1-3), 6 (0-3)
    shells = neighbour_shells([[0.0], [1.0], [3.0], [6.0]], 5)
    assert [rows.tolist() for rows in shells] == [[[0, 1]], [[1, 2]], [[0, 2], [2, 3]], [[1, 3]], [[0, 3]]]
    assert all(rows.dtype == np.int32 for rows in shells)


def test_the_shortest_way_around():
    shells = neighbour_shells([[0.0, 0.0], [0.5, 0.25], [3.5, 0.0]], 2, periods=[[4.0, 0.0]])
    assert [rows.tolist() for rows in shells] == [[[0, 2]], [[0, 1]]]  # 0.5 around, 0.559


def test_around_a_cell_that_leans():
    # (0.1, 0) and (1.8, 0.9): around both periods they are (0.2, -0.1) apart, less than around either
    shells = neighbour_shells([[0.1, 0.0], [1.8, 0.9]], 1, periods=[[1.0, 0.0], [0.5, 1.0]])
    assert shells[0].tolist() == [[0, 1]]
    near = neighbour_shells([[0.1, 0.0], [1.8, 0.9], [0.1, 0.3]], 1, periods=[[1.0, 0.0], [0.5, 1.0]])
    assert near[0].tolist() == [[0, 1]]


def test_distances_that_differ_by_rounding_are_one():
    points = np.array([[0.0], [0.1], [0.1 + 0.2 - 0.1], [0.1 + 0.2]])
    assert len(neighbour_shells(points, 1)[0]) == 3


def test_a_lattice_stands_at_over_as_a_graph():
    ring = chain(4)
    operator = sym.DOperator(sym.hilbert.Qubit(4)).for_each(("i", "j"), over=ring).emit().build()
    assert np.array_equal(operator.to_ir().terms[0].iterator.index_sets, ring.edges())
    assert (ring.size, repr(ring)) == (4, "chain(4, pbc=True)")
    assert [rows.tolist() for rows in ring.shells(2)] == [[[0, 1], [0, 3], [1, 2], [2, 3]], [[0, 2], [1, 3]]]


@pytest.mark.parametrize(
    ("call", "facts"),
    [
        (lambda: chain(4).edges(3), ("2 different distances", "shell 3")),
        (lambda: chain(4).edges(0), ("counted from 1", "shell 0")),
        (lambda: chain(4).edges(True), ("shell True",)),
        (lambda: chain(1).edges(), ("1 sites have 0 different distances",)),
        (lambda: neighbour_shells([0.0, 1.0], 1), ("[N, D]", "(2,)")),
        (lambda: neighbour_shells([[0.0], [np.nan]], 1), ("finite",)),
        (lambda: neighbour_shells([[0.0], [1.0]], 1, periods=[[1.0, 0.0]]), ("periods", "(1, 2)")),
        (lambda: neighbour_shells([[0.0], [1.0], [0.0]], 1), ("sites 0 and 2 are at one place",)),
        (lambda: neighbour_shells([[0.0], [2.0]], 1, periods=[[2.0]]), ("sites 0 and 1", "a period apart")),
        (lambda: neighbour_shells([[3.0], [3.0]], 1), ("sites 0 and 1 are at one place",)),
    ],
)
def test_what_is_refused(call, facts):
    with refused(errors.DefinitionError, *facts):
        call()
