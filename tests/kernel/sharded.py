"""Run by test_sharding.py in a process of its own: batches spread over eight simulated devices."""

import os
import re

os.environ["XLA_FLAGS"] = "--xla_force_host_platform_device_count=8"

import jax
import models
import numpy as np
from jax.sharding import NamedSharding, PartitionSpec

import nqx_graph as sym

jax.config.update("jax_enable_x64", True)
COLLECTIVE = re.compile(r"all-reduce|all-gather|all-to-all|collective-\w+|reduce-scatter|partition-id")
LOWERERS = [{}, {"optimize": True}]
SIZE = 8
RING = [(i, (i + 1) % SIZE) for i in range(SIZE)]
SPINS, BOSONS = sym.hilbert.Spin(1 / 2, SIZE), sym.hilbert.Fock(3, SIZE)


def hopping(fanout):
    """A promise that compacts, and that some samples break."""
    n = sym.site
    return (
        sym.DOperator(BOSONS, "hopping")
        .for_each(("i", "j"), over=RING)
        .emit_if((n("i") > 0) & (n("j") < 3), sym.shift("i", -1).shift("j", 1), amplitude=n("i").value.sqrt())
        .emit_if((n("j") > 0) & (n("i") < 3), sym.shift("j", -1).shift("i", 1), amplitude=n("j").value.sqrt())
        .fanout(fanout)
        .build()
    )


OPERATORS = [
    models.ising(SPINS, RING, J=np.linspace(-1, 1, SIZE), h=0.5),
    models.heisenberg(SPINS, RING),
    models.pauli_strings(SPINS, ["XYZIIIII", "IIZZIIII", "IIIXIIYI"], [1.0, 0.5j, -0.25]),
    models.bose_hubbard(BOSONS, 3, RING, J=1.0, U=4.0),
    hopping(8),
]

mesh = jax.make_mesh((8,), ("samples",))
over_samples = NamedSharding(mesh, PartitionSpec("samples"))
rng = np.random.default_rng(0)
run = jax.jit(lambda operator, x: operator.get_conn_padded(x))
for operator in OPERATORS:
    x = rng.choice(np.asarray(operator.hilbert.local_states), size=(16, 3, SIZE)).astype(np.int8)
    for options in LOWERERS:
        compiled = operator.compile(**options)
        together = compiled.get_conn_padded(x)
        spread = jax.device_put(x, over_samples)
        module = run.lower(compiled, spread).compile().as_text()
        assert not COLLECTIVE.findall(module), (compiled.name, options, set(COLLECTIVE.findall(module)))
        assert "num_partitions=8" in module
        for a, b in zip(run(compiled, spread), together, strict=True):
            assert a.sharding.is_equivalent_to(over_samples, a.ndim), (compiled.name, options, a.sharding)
            assert len(b.sharding.device_set) == 1
            assert np.asarray(a).tobytes() == np.asarray(b).tobytes(), (compiled.name, options)
    if operator.name == "hopping":
        broken = np.isnan(np.asarray(together[1])).any(axis=-1)
        assert broken.any()
        assert not broken.all()
print(len(OPERATORS), "operators on", jax.device_count(), "devices")
