"""What the compiled kernel holds beside its output, as XLA counts it."""

from __future__ import annotations

from typing import Any

import jax
import models
import numpy as np
import pytest

import nqx_graph as sym
from nqx_graph.hilbert import Fock, Spin

N, BATCH = 32, 256
RING = [(i, (i + 1) % N) for i in range(N)]
LOWERERS = [{}, {"optimize": True}]


def bose_hubbard(fanout: int) -> Any:
    """Hops along a ring, of which at most ``fanout`` are promised, and the energy of each site."""
    n = sym.site
    there, back = (-(n(a).value * (n(b).value + 1)).sqrt() for a, b in ("ij", "ji"))
    return (
        sym.DOperator(Fock(3, N), "bose-hubbard", hermitian=True)
        .for_each_site("i")
        .emit(amplitude=2.0 * n("i").value * (n("i").value - 1))
        .for_each(("i", "j"), over=RING)
        .emit_if((n("i") > 0) & (n("j") < 3), sym.shift("i", -1).shift("j", 1), amplitude=there)
        .emit_if((n("j") > 0) & (n("i") < 3), sym.shift("j", -1).shift("i", 1), amplitude=back)
        .fanout(fanout)
        .build()
    )


@pytest.mark.parametrize("options", LOWERERS, ids=str)
@pytest.mark.parametrize(
    "operator",
    [models.heisenberg(Spin(1 / 2, N), RING), bose_hubbard(48), bose_hubbard(16), bose_hubbard(4)],
    ids=["heisenberg", "bose-hubbard-48", "bose-hubbard-16", "bose-hubbard-4"],
)
def test_no_more_than_the_output_and_one_number_a_row_and_emission(operator, options):
    compiled = operator.compile(**options)
    low = np.min(compiled.hilbert.local_states)
    x = np.full((BATCH, N), low, dtype=np.int8)
    run = jax.jit(lambda operator, x: operator.get_conn_padded(x)).lower(compiled, x).compile()
    memory = run.memory_analysis()
    xp, mels = jax.eval_shape(compiled.get_conn_padded, x)
    output = xp.size * xp.dtype.itemsize + mels.size * mels.dtype.itemsize
    assert memory.output_size_in_bytes >= output
    numbers = 4 * BATCH * sum(len(term.iterator.index_sets) * len(term.emissions) for term in operator.to_ir().terms)
    assert memory.temp_size_in_bytes <= output + numbers
