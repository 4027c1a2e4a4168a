"""One more value of a coupling: parameters of the compiled operator beside NetKet's operator built anew."""

from __future__ import annotations

import jax
import netket as nk
import numpy as np
import ours
import peers
from agreement import assert_same_operator
from measuring import Contender, interleaved

import nqx_graph as sym

SECTION = "Sweeping a coupling"
VALUES = np.linspace(0.1, 2.0, 1000)
connected = jax.jit(lambda operator, x: operator.get_conn_padded(x))


def test_sweep(benchmark, record_table):
    size, s = 20, sym.site
    hilbert, edges = nk.hilbert.Spin(1 / 2, size), ours.ring(size)
    graph, x = nk.graph.Graph(edges=edges), peers.samples(hilbert, 4)
    operator = (
        sym.DOperator(hilbert, "ising", hermitian=True)
        .for_each(("i", "j"), over=edges)
        .emit(amplitude=-sym.symbol("J", 1.0) * s("i").value * s("j").value)
        .for_each_site("i")
        .emit(sym.affine("i", scale=-1), amplitude=-sym.symbol("h", 0.7))
        .build()
    )
    compiled = ours.compiled(operator, optimize=True)

    def netkets(h):
        return nk.operator.IsingJax(hilbert, graph, h=float(h), J=-1.0)

    def run(operator):
        return jax.block_until_ready(connected(operator, x))

    for h in (0.2, 1.3):
        assert_same_operator(run(compiled.with_parameters(h=h)), run(netkets(h)))
    before = connected._cache_size()

    def sweep(make, call):
        def whole():
            for h in VALUES:
                call(make(h))

        return Contender(whole, times=1 / len(VALUES))

    contenders = {
        "ours, with_parameters and a result": sweep(lambda h: compiled.with_parameters(h=h), run),
        "ours, with_parameters alone": sweep(lambda h: compiled.with_parameters(h=h), lambda operator: None),
        "NetKet IsingJax built anew and a result": sweep(netkets, run),
        "NetKet IsingJax built anew alone": sweep(netkets, lambda operator: None),
    }
    times = interleaved(benchmark, contenders, rounds=15)
    note = f"Times are per value, {len(VALUES)} values a sample. Compiles during all of it: {connected._cache_size() - before}."
    record_table("One more value, Ising ring, N=20, 4 configurations", times, note=note)
