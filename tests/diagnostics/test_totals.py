"""What a space conserves, and configurations made to have it."""

import itertools

import numpy as np
import pytest

import nqx_graph as sym
from nqx_graph.diagnostics.totals import Filling, totals
from nqx_graph.space import from_states, view

H = sym.hilbert


@pytest.mark.parametrize(
    ("space", "sums"),
    [
        (H.Fock(3, 4), ()),
        (H.Spin(1 / 2, 4), ()),
        (H.Fock(3, 4, n_particles=5), (5,)),
        (H.Spin(1 / 2, 4, total_sz=1), (2,)),
        (H.Spin(1, 3, total_sz=-1), (-2,)),
        (H.Spin(1 / 2, 4, total_sz=0), (0,)),
    ],
)
def test_sums_are_those_of_all_states(space, sums):
    kept = totals(view(space))
    assert kept.sums == sums
    assert kept.group.tolist() == [0 if sums else -1] * space.size
    states = np.asarray(space.all_states())
    assert set(states.sum(axis=1).tolist()) == set(sums) or not sums


def test_of_a_constraint_without_a_form_nothing_is_known():
    space = H.Fock(1, 2)
    made = from_states(space, [np.array([0, 1])], None, None, lambda x: x[..., 0] == x[..., 1])
    assert totals(made) is None


SPACES = [H.Fock(3, 4, n_particles=5), H.Spin(1, 4, total_sz=2), H.Spin(1 / 2, 4, total_sz=-1), H.Fock(2, 4)]


@pytest.mark.parametrize("space", SPACES)
def test_sites_that_are_not_pinned_are_filled_up_to_the_sum(space):
    kept = totals(view(space))
    for state in np.asarray(space.all_states()).astype(np.int64):
        for sites in (np.arange(2), np.array([3]), np.zeros(0, dtype=int)):
            filling = Filling(kept, view(space))
            assert filling.pin(sites, state[sites]) and filling.pin(sites, state[sites])
            made = filling.filled()
            assert made[sites].tolist() == state[sites].tolist()
            assert [int(made.sum())] * len(kept.sums) == list(kept.sums)
            assert set(made.tolist()) <= set(map(int, space.local_states))


@pytest.mark.parametrize("space", SPACES)
def test_what_can_be_pinned_is_what_some_state_has(space):
    kept, states = totals(view(space)), np.asarray(space.all_states()).astype(np.int64)
    levels = sorted(map(int, space.local_states))
    sites = np.array([2, 0])
    for pair in itertools.product(levels, repeat=2):
        there = bool((states[:, sites] == pair).all(axis=1).any())
        assert Filling(kept, view(space)).pin(sites, np.array(pair)) == there


def test_a_site_is_pinned_once():
    filling = Filling(totals(view(H.Fock(3, 3))), view(H.Fock(3, 3)))
    assert filling.pin(np.array([0, 1]), np.array([1, 2]))
    assert not filling.pin(np.array([1, 2]), np.array([1, 1]))
    assert filling.pin(np.array([1, 2]), np.array([2, 3]))
    assert filling.filled().tolist() == [1, 2, 3]
