"""`MCState.expect_and_grad` with operators at their default settings: RBM of density 2, 512 samples, Sz = 0."""

from __future__ import annotations

import jax
import models
import netket as nk
import numpy as np
import ours
import peers
from measuring import Contender, interleaved
from page import Bar

SECTION = "Energies and their gradients"
PLOTS = {}


def test_expect_and_grad(benchmark, record_table):
    graph = nk.graph.Grid([8, 8], pbc=True)
    hilbert = nk.hilbert.Spin(1 / 2, graph.n_nodes, total_sz=0)
    heisenberg = models.heisenberg(hilbert, list(graph.edges()))
    operators = {
        "ours": heisenberg.compile(),
        "ours, optimised": ours.compiled(heisenberg, optimize=True),
        **peers.netket_heisenberg(hilbert, graph),
    }
    sampler = nk.sampler.MetropolisExchange(hilbert, graph=graph, n_chains=16)
    model = nk.models.RBM(alpha=2, param_dtype=float)
    state = nk.vqs.MCState(sampler, model, n_samples=512, seed=1, sampler_seed=2)
    state.sample()
    results = {name: state.expect_and_grad(operator) for name, operator in operators.items()}
    energy, gradient = results["ours"]
    for other, theirs in results.values():
        assert np.isclose(energy.mean, other.mean, rtol=1e-9)
        jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-7, atol=1e-9), gradient, theirs)

    def call(operator):
        return Contender(lambda: jax.block_until_ready(state.expect_and_grad(operator)[1]))

    times = interleaved(benchmark, {name: call(operator) for name, operator in operators.items()}, rounds=21)
    peers_of_ours = tuple(name for name in times if name.startswith("NetKet"))
    bars = [Bar("expect_and_grad, Heisenberg 8×8, Sz=0, RBM α=2, 512 samples", 0.3, peers_of_ours)]
    record_table("Heisenberg 8×8", times, bars=bars)
