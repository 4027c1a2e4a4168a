"""The lattices, by how many neighbours each site has at which distance. NetKet's are compared in tests/integrations."""

import numpy as np
import pytest
from refusal import refused

from nqx_graph import errors, lattices

ROOT3 = np.sqrt(3)


@pytest.mark.parametrize(
    ("lattice", "size", "neighbours", "distances"),
    [
        (lattices.chain(9), 9, [2, 2, 2], [1, 2, 3]),
        (lattices.hypercubic((5, 6)), 30, [4, 4, 4], [1, np.sqrt(2), 2]),
        (lattices.hypercubic((3, 4, 5)), 60, [6, 12], [1, np.sqrt(2)]),
        (lattices.triangular((6, 5)), 30, [6, 6, 6], [1, ROOT3, 2]),
        (lattices.honeycomb((4, 5)), 40, [3, 6, 3], [1 / ROOT3, 1, 2 / ROOT3]),
        (lattices.kagome((4, 3)), 36, [4, 4], [0.5, ROOT3 / 2]),
    ],
    ids=str,
)
def test_neighbours_on_a_torus(lattice, size, neighbours, distances):
    assert lattice.size == size
    for rows, each, distance in zip(lattice.shells(len(neighbours)), neighbours, distances, strict=True):
        assert np.array_equal(np.bincount(rows.reshape(-1), minlength=size), np.full(size, each))
        assert (rows[:, 0] < rows[:, 1]).all()
        gaps = np.linalg.norm(lattice.positions[rows[:, 1]] - lattice.positions[rows[:, 0]], axis=1)
        np.testing.assert_allclose(gaps.min(), distance, rtol=1e-12)  # those that do not go around


def test_open_boundaries():
    assert lattices.chain(4, pbc=False).edges().tolist() == [[0, 1], [1, 2], [2, 3]]
    ladder = lattices.hypercubic((2, 3), pbc=False)
    assert ladder.edges().tolist() == [[0, 1], [0, 3], [1, 2], [1, 4], [2, 5], [3, 4], [4, 5]]
    cylinder = lattices.hypercubic((3, 2), pbc=(True, False))
    assert cylinder.edges().tolist() == [[0, 1], [0, 2], [0, 4], [1, 3], [1, 5], [2, 3], [2, 4], [3, 5], [4, 5]]


def test_the_last_direction_is_numbered_fastest():
    assert lattices.hypercubic((2, 3)).positions.tolist() == [[0, 0], [0, 1], [0, 2], [1, 0], [1, 1], [1, 2]]


def test_a_bond_around_two_sites_is_there_once():
    assert lattices.chain(2).edges().tolist() == [[0, 1]]


@pytest.mark.parametrize(
    ("call", "facts"),
    [
        (lambda: lattices.chain(0), ("(0,)",)),
        (lambda: lattices.chain(2.0), ("(2.0,)",)),
        (lambda: lattices.hypercubic((3, True)), ("positive whole number",)),
        (lambda: lattices.hypercubic(()), ("positive whole number",)),
        (lambda: lattices.triangular((3,)), ("vectors of shape (1, 1)", "(2, 2)")),
        (lambda: lattices.lattice((2, 2), np.eye(2), offsets=[0.0, 0.5]), ("offsets", "(2,)")),
        (lambda: lattices.hypercubic((3, 3), pbc=(True,)), ("each of 2 directions",)),
        (lambda: lattices.chain(3, pbc=1), ("pbc is True, False",)),
    ],
)
def test_what_is_refused(call, facts):
    with refused(errors.DefinitionError, *facts):
        call()
