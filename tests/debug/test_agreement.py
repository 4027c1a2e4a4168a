"""The configurations on which two artifacts are compared."""

import numpy as np
import pytest
import small

import nqx_graph as sym
from nqx_graph.debug.agreement import SAMPLES, configurations
from nqx_graph.operators.samples import foreign_rows
from nqx_graph.space import unbounded, view


@pytest.mark.parametrize(
    ("hilbert", "shape", "how"),
    [
        (small.FOCK, (64, 3), "all states of Fock"),
        (sym.hilbert.Spin(1 / 2, 40, total_sz=0), (SAMPLES, 40), "random states of Spin"),
        (sym.hilbert.Fock(7, N=30, n_particles=9), (SAMPLES, 30), "random states of Fock"),
        (small.LoadedSpace(), (SAMPLES, 2), "drawn site by site, because"),
    ],
    ids=["tiny", "spins", "bosons", "homemade"],
)
def test_they_are_of_the_space(hilbert, shape, how):
    space = view(hilbert)
    chosen = configurations(space)
    assert how in chosen.how
    assert chosen.x.shape == shape
    assert not foreign_rows(chosen.x, space).any()
    assert len(np.unique(chosen.x, axis=0)) > 4
    np.testing.assert_array_equal(chosen.x, configurations(space).x)


def test_local_states_without_end():
    class Endless:
        size = 4

    chosen = configurations(unbounded(Endless(), None, None))
    assert chosen.x.shape == (SAMPLES, 4)
    assert chosen.x.min() == 0
    assert chosen.x.max() <= 9
