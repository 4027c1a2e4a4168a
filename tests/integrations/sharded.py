"""Run by test_netket.py in a process of its own: a batch sharded over eight simulated devices."""

import os

os.environ["XLA_FLAGS"] = "--xla_force_host_platform_device_count=8"

import jax
import netket as nk
import numpy as np
from jax.sharding import NamedSharding, PartitionSpec

import nqx_graph as sym
from nqx_graph.integrations.netket import packed_kernel

N = 8
graph = nk.graph.Chain(N)
hilbert = nk.hilbert.Spin(1 / 2, N)
s = sym.site
ours = (
    sym.DOperator(hilbert, "ising", hermitian=True)
    .for_each(("i", "j"), over=graph)
    .emit(amplitude=s("i").value * s("j").value)
    .for_each_site("i")
    .fanout(N)
    .emit(sym.affine("i", scale=-1), amplitude=-0.7)
    .emit(sym.shift("i", 1).invalidate(), amplitude=1.0)  # never there, so that the promise compacts
    .build()
    .compile()
)
theirs = nk.operator.IsingJax(hilbert, graph, h=0.7, J=1.0)

mesh = jax.sharding.get_mesh()  # the one NetKet sets when there are several devices
(axis,) = mesh.axis_names
x = np.asarray(hilbert.all_states())
spread = jax.device_put(x, NamedSharding(mesh, PartitionSpec(axis)))
apart = jax.jit(lambda operator, x: operator.get_conn_padded(x))(ours, spread)
together = ours.get_conn_padded(x)
for a, b in zip(apart, together, strict=True):
    assert len(a.sharding.device_set) == 8
    np.testing.assert_array_equal(np.asarray(a), np.asarray(b))

mapped = jax.shard_map(ours.get_conn_padded, in_specs=PartitionSpec(axis), out_specs=PartitionSpec(axis))
for a, b in zip(mapped(x), together, strict=True):
    np.testing.assert_array_equal(np.asarray(a), np.asarray(b))

state = nk.vqs.MCState(nk.sampler.MetropolisLocal(hilbert, n_chains=16), nk.models.RBM(alpha=1), n_samples=256, seed=3)
assert len(state.samples.sharding.device_set) == 8
assert nk.vqs.get_local_kernel(state, ours) is (packed_kernel() or nk.vqs.get_local_kernel(state, theirs))
e_nk, gradient_nk = state.expect_and_grad(theirs)
for chunk_size in (None, 64):
    state.chunk_size = chunk_size
    e, gradient = state.expect_and_grad(ours)
    np.testing.assert_allclose(e.mean, e_nk.mean, rtol=0, atol=1e-10)
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=0, atol=1e-10), gradient, gradient_nk)
print(jax.device_count(), "devices agree")
