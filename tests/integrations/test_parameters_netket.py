"""A parameter is an argument: sweeps, derivatives and time-dependent Hamiltonians over NetKet trace and compile once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import jax
import jax.numpy as jnp
import netket as nk
import numpy as np

import nqx_graph as sym

N = 6
GRAPH = nk.graph.Chain(N)
HILBERT = nk.hilbert.Spin(1 / 2, N)
EVENTS: Counter[str] = Counter()
# every trace of a function, and every module that XLA compiles, of anybody
WORK = ("/jax/core/compile/jaxpr_trace_duration", "/jax/core/compile/backend_compile_duration")
jax.monitoring.register_event_duration_secs_listener(lambda event, *_, **__: EVENTS.update([event]))


@contextmanager
def nothing_traced_or_compiled() -> Iterator[None]:
    before = [EVENTS[name] for name in WORK]
    assert all(before)  # JAX counts them under these names
    yield
    assert [EVENTS[name] for name in WORK] == before


def ising(J: Any = -1.0, h: float = 0.7) -> Any:
    """Σ J ZᵢZⱼ - h Σ Xᵢ; J of each edge is a column."""
    s = sym.site
    return (
        sym.DOperator(HILBERT, "ising", hermitian=True)
        .for_each(("i", "j"), over=GRAPH, columns={"J": np.broadcast_to(J, N)})
        .emit(amplitude=sym.column("J") * s("i").value * s("j").value)
        .for_each_site("i")
        .emit(sym.affine("i", scale=-1), amplitude=-sym.symbol("h", h))
        .build()
        .compile()
    )


def theirs(h: Any, J: float = -1.0) -> Any:
    return nk.operator.IsingJax(HILBERT, GRAPH, h=h, J=J)


def variational(**arguments: Any) -> Any:
    model = nk.models.RBM(alpha=1, param_dtype=complex)
    return nk.vqs.MCState(nk.sampler.ExactSampler(HILBERT), model, seed=1, sampler_seed=2, **arguments)


def test_a_sweep_compiles_nothing_new():
    operator, state = ising(), variational(n_samples=64)
    fields, couplings = [0.1, 0.5, 1.0], [np.full(N, J) for J in (-0.5, -1.0)]

    def sweep(values: list[Any], columns: list[Any]) -> list[Any]:
        made = [operator.with_parameters(h=h) for h in values] + [operator.with_columns(J=J) for J in columns]
        return [(state.expect(o).mean, state.expect_and_grad(o)[0].mean) for o in made]

    sweep(fields[:1], couplings[:1])
    with nothing_traced_or_compiled():
        found = sweep(fields, couplings)
    expected = [theirs(h) for h in fields] + [theirs(0.7, J=float(J[0])) for J in couplings]
    for energies, operator_nk in zip(found, expected, strict=True):
        np.testing.assert_allclose(energies, state.expect(operator_nk).mean, rtol=0, atol=1e-10)
    same = ising(J=np.linspace(-1, 1, N), h=0.3)  # built and compiled anew: other numbers, the same structure
    state.expect(same)
    with nothing_traced_or_compiled():
        state.expect(same)


def energy(psi: Any, operator: Any) -> Any:
    """<psi|H|psi> / <psi|psi> over all states."""
    xp, mels = operator.get_conn_padded(HILBERT.all_states())
    rows = jnp.sum(mels * psi[HILBERT.states_to_numbers(xp)], axis=-1)
    return (psi.conj() @ rows).real / (psi.conj() @ psi).real


def test_the_energy_is_differentiated_and_mapped_over_couplings():
    """It is linear in them: a slope is a difference quotient, and that in J of an edge a correlation of its spins."""
    operator = ising()
    psi = variational(n_samples=64).to_array()
    traces = []

    @jax.jit
    def of_field(psi: Any, h: Any) -> Any:
        traces.append("h")
        return energy(psi, operator.with_parameters(h=h))

    @jax.jit
    def of_couplings(psi: Any, J: Any) -> Any:
        traces.append("J")
        return energy(psi, operator.with_columns(J=J))

    low, high, *_ = fields = jnp.array([-0.3, 1.7, 0.0])
    slope = jax.grad(of_field, argnums=1)(psi, low)
    np.testing.assert_allclose(slope, (of_field(psi, high) - of_field(psi, low)) / 2, rtol=0, atol=1e-10)

    J = jnp.linspace(-1.0, 0.5, N)
    slopes = jax.grad(of_couplings, argnums=1)(psi, J)
    x = np.asarray(HILBERT.all_states())
    correlations = [np.sum(np.abs(psi) ** 2 * x[:, i] * x[:, j]) for i, j in GRAPH.edges()]
    np.testing.assert_allclose(slopes, correlations, rtol=0, atol=1e-10)

    many = jnp.stack([J, -J, 2 * J])
    mapped, slopes_mapped = jax.vmap(jax.value_and_grad(of_field, argnums=1), (None, 0))(psi, fields)
    np.testing.assert_allclose(mapped, [of_field(psi, h) for h in fields], rtol=0, atol=1e-10)
    np.testing.assert_allclose(slopes_mapped, np.full(3, slope), rtol=0, atol=1e-10)
    np.testing.assert_allclose(
        jax.vmap(of_couplings, (None, 0))(psi, many), [of_couplings(psi, J) for J in many], rtol=0, atol=1e-10
    )
    assert sorted(traces) == ["J", "h"]  # numbers, derivatives and maps share one trace each


def test_a_time_dependent_hamiltonian_compiles_nothing_from_step_to_step():
    operator = ising()

    def field(t: float) -> float:
        return 0.5 + 2.0 * t

    def evolution(generator: Any) -> Any:
        return nk.experimental.TDVP(
            generator,
            variational(n_samples=128),
            nk.experimental.dynamics.Heun(dt=0.01),
            qgt=nk.optimizer.qgt.QGTJacobianDense(holomorphic=True, diag_shift=1e-2),
            linear_solver=nk.optimizer.solver.cholesky,
        )

    ours = evolution(lambda t: operator.with_parameters(h=field(t)))
    peer = evolution(lambda t: theirs(h=field(t)))
    for driver in (ours, peer):
        driver.run(T=0.02, show_progress=False)
    with nothing_traced_or_compiled():
        ours.run(T=0.03, show_progress=False)
    peer.run(T=0.03, show_progress=False)
    np.testing.assert_allclose(ours.t, 0.05, rtol=0, atol=1e-12)
    jax.tree.map(
        lambda a, b: np.testing.assert_allclose(a, b, rtol=0, atol=1e-8), ours.state.parameters, peer.state.parameters
    )
