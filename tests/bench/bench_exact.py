"""The exact lowerer, `jax_symbolic_v1`, beside nkDSL with deduplication off: both return every branch as it was
written. 1024 configurations in int8, each operator an argument of one jitted function.
"""

from __future__ import annotations

import jax
import models
import netket as nk
import ours
import peers
import pytest
from agreement import assert_same_operator
from measuring import Contender, interleaved
from page import Bar

SECTION = "Connected states, branch by branch"
BATCH, ROUNDS = 1024, 31
OURS, THEIRS = "jax_symbolic_v1", "nkDSL"
CASES = {
    "Ising ring, N=64": (
        lambda hilbert, edges: models.ising(hilbert, edges, 1.0, 0.7),
        lambda hilbert, edges: peers.nkdsl_ising(hilbert, edges, 1.0, 0.7),
    ),
    "Heisenberg ring, N=64": (models.heisenberg, peers.nkdsl_heisenberg),
}


@pytest.mark.parametrize("case", CASES)
def test_exact(case, benchmark, record_table):
    hilbert, edges = nk.hilbert.Spin(1 / 2, 64), ours.ring(64)
    own, theirs = CASES[case]
    x = peers.samples(hilbert, BATCH)
    operators = {OURS: own(hilbert, edges).compile(), THEIRS: peers.nkdsl_compile(theirs(hilbert, edges))}
    # nkDSL's operators are no pytrees with arrays in them; a closure is what its users jit
    kernels = {name: jax.jit(compiled.get_conn_padded) for name, compiled in operators.items()}
    results = {name: kernel(x) for name, kernel in kernels.items()}
    assert_same_operator(results[OURS], results[THEIRS])

    def call(kernel):
        return Contender(lambda: jax.block_until_ready(kernel(x)))

    times = interleaved(benchmark, {name: call(kernel) for name, kernel in kernels.items()}, ROUNDS)
    record_table(case, times, bars=[Bar(f"{case}, exact", 0.3, (THEIRS,))])
