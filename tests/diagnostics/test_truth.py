"""What is told of random programs is true, and what is not told does not happen, on every combination of local states."""

import figures
import pytest
import strategies

import nqx_graph as sym
from diagnostics.truth import contradictions

# of few combinations of local states, those that a fixed total excludes included
SPACES = [space for space in strategies.SPACES if len(space.local_states) ** space.size <= 32]
SPACES.append(sym.hilbert.Fock(2, 3, n_particles=2))
PARTS = 4


@pytest.mark.parametrize("seeds", figures.parts(figures.figure(32, 4000), PARTS), ids=range(PARTS))
def test_nothing_that_is_told_or_left_untold_is_contradicted(seeds):
    for seed in seeds:
        operator = strategies.seeded(seed, SPACES[seed % len(SPACES)])
        assert contradictions(operator, strategies.missing_parameters(operator)) == [], seed
