"""What a space conserves, and configurations made to have it."""

import numpy as np
import pytest

import nqx_graph as sym
from nqx_graph.diagnostics.totals import totals
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


@pytest.mark.parametrize(
    "space", [H.Fock(3, 4, n_particles=5), H.Spin(1, 4, total_sz=2), H.Spin(1 / 2, 4, total_sz=-1)]
)
def test_sites_that_are_not_pinned_are_filled_up_to_the_sum(space):
    seen, kept = view(space), totals(view(space))
    for state in np.asarray(space.all_states()).astype(np.int64):
        for pinned in (np.arange(4) < 2, np.arange(4) == 3, np.zeros(4, dtype=bool)):
            made = kept.filled(state, pinned, seen)
            assert made[pinned].tolist() == state[pinned].tolist()
            assert made.sum() == kept.sums[0]
            assert set(made.tolist()) <= set(map(int, space.local_states))


def test_where_what_is_pinned_leaves_no_state_there_is_none():
    space = H.Fock(3, 3, n_particles=2)
    pinned = np.array([True, False, False])
    assert totals(view(space)).filled(np.array([3, 0, 0]), pinned, view(space)) is None
    assert totals(view(H.Fock(1, 3, n_particles=3))).filled(np.array([0, 1, 1]), pinned, view(H.Fock(1, 3))) is None
