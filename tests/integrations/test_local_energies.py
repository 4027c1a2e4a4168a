"""Local energies: which kernel of NetKet's computes them, and that its numbers are those of the ordinary one."""

from __future__ import annotations

import importlib.util
import sys
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import models
import netket as nk
import numpy as np
import pytest
from netket.vqs.mc import get_local_kernel_arguments, kernels

import nqx_graph as sym
from nqx_graph.integrations import netket as integration

N = 6
GRAPH = nk.graph.Chain(N)
EDGES = GRAPH.edges()
SPINS, FIXED = nk.hilbert.Spin(1 / 2, N), nk.hilbert.Spin(1 / 2, N, total_sz=0)
BOSONS = nk.hilbert.Fock(3, 4, n_particles=4)
RING = nk.graph.Chain(4)
STRINGS, WEIGHTS = ["XIYZII", "IIZZII", "YYIIII", "IZIIXI"], [0.5, -1.0, 0.25 + 1j, 0.75j]
PACKED = integration.packed_kernel()

PAIRS = {
    "ising": (
        lambda: models.ising(SPINS, EDGES, J=-1.0, h=0.7),
        lambda: nk.operator.IsingJax(SPINS, GRAPH, h=0.7, J=1.0),
    ),
    "heisenberg": (
        lambda: models.heisenberg(FIXED, EDGES),
        lambda: nk.operator.Heisenberg(FIXED, GRAPH, sign_rule=False).to_jax_operator(),
    ),
    "bose-hubbard": (
        lambda: models.bose_hubbard(BOSONS, 3, RING.edges(), 1.0, 4.0),
        lambda: nk.operator.BoseHubbardJax(BOSONS, RING, J=1.0, U=4.0),
    ),
    "complex": (
        lambda: models.pauli_strings(SPINS, STRINGS, WEIGHTS),
        lambda: nk.operator.PauliStringsJax(SPINS, STRINGS, WEIGHTS),
    ),
}


def variational(hilbert: Any) -> Any:
    """A state with exact samples, so that every space is sampled alike."""
    model = nk.models.RBM(alpha=1, param_dtype=complex)
    return nk.vqs.MCState(nk.sampler.ExactSampler(hilbert), model, n_samples=48, seed=3, sampler_seed=4)


STATES = {hilbert: variational(hilbert) for hilbert in (SPINS, FIXED, BOSONS)}


def local_energies(kernel: Any, operator: Any, chunk_size: int | None = None) -> Any:
    state = STATES[operator.hilbert]
    samples, _ = get_local_kernel_arguments(state, operator)
    options = {} if chunk_size is None else {"chunk_size": chunk_size}
    samples = samples.reshape(-1, samples.shape[-1])
    return jax.jit(partial(kernel, state._apply_fun, **options))(state.variables, samples, operator)


@pytest.fixture
def flag(request, monkeypatch):
    """NetKet's own flag, which is about its own operators: set, or as it is."""
    if hasattr(nk.config, "netket_experimental_packed_kernel"):
        monkeypatch.setitem(nk.config._values, "NETKET_EXPERIMENTAL_PACKED_KERNEL", request.param)


@pytest.mark.parametrize("flag", [False, True], indirect=True)
@pytest.mark.parametrize("chunk_size", [(), (16,)], ids=["whole", "chunks"])
def test_the_packed_kernel_is_taken_where_netket_has_it(chunk_size, flag):
    state, operator = STATES[SPINS], PAIRS["ising"][0]().compile()
    ordinary = nk.vqs.get_local_kernel(state, PAIRS["ising"][1](), *chunk_size)
    assert nk.vqs.get_local_kernel(state, operator, *chunk_size) is (PACKED or ordinary)
    assert (PACKED is not None) == (importlib.util.find_spec("netket.vqs.mc.kernels_packed") is not None)


@pytest.mark.parametrize("chunk_size", [(), (16,)], ids=["whole", "chunks"])
def test_the_ordinary_kernel_serves_where_there_is_no_other_or_it_is_asked_for(chunk_size, monkeypatch):
    state, operator = STATES[SPINS], PAIRS["ising"][0]().compile()
    monkeypatch.setitem(sys.modules, "netket.vqs.mc.kernels_packed", None)
    assert integration.packed_kernel() is None
    monkeypatch.setattr(integration, "local_energy_kernel", None)
    ordinary = kernels.local_value_kernel_jax_chunked if chunk_size else kernels.local_value_kernel_jax
    assert nk.vqs.get_local_kernel(state, operator, *chunk_size) is ordinary
    state.chunk_size = chunk_size[0] if chunk_size else None
    np.testing.assert_allclose(state.expect(operator).mean, state.expect(PAIRS["ising"][1]()).mean, rtol=0, atol=1e-10)
    state.chunk_size = None


def test_other_operators_and_states_keep_their_kernels():
    operator, theirs = PAIRS["ising"][0]().compile(), PAIRS["ising"][1]()
    state = STATES[SPINS]
    mixed = object.__new__(nk.vqs.MCMixedState)  # the class is all that the choice looks at
    for chunk_size in ((), (16,)):
        for combine in (lambda o: o + o, lambda o: o @ o, lambda o: 2 * o, nk.operator.Squared):
            ours = nk.vqs.get_local_kernel(state, combine(operator), *chunk_size)
            assert ours is nk.vqs.get_local_kernel(state, combine(theirs), *chunk_size)
        ours = nk.vqs.get_local_kernel(mixed, operator, *chunk_size)
        assert ours is nk.vqs.get_local_kernel(mixed, theirs, *chunk_size)
        assert ours is not PACKED


@pytest.mark.parametrize(
    ("name", "chunk_size"), [("ising", None), ("heisenberg", 16), ("bose-hubbard", None), ("complex", 16)]
)
def test_local_energies_are_those_of_the_ordinary_kernel_and_of_netkets_operator(name, chunk_size):
    ours, theirs = (make() for make in PAIRS[name])
    ours = ours.compile()
    arguments = () if chunk_size is None else (chunk_size,)
    found = local_energies(nk.vqs.get_local_kernel(STATES[ours.hilbert], ours, *arguments), ours, chunk_size)
    for operator in (ours, theirs):
        ordinary = local_energies(kernels.local_value_kernel_jax, operator)
        np.testing.assert_allclose(found, ordinary, rtol=0, atol=1e-10)


def test_a_gradient_through_the_kernel_itself(monkeypatch):
    """Without hermiticity NetKet differentiates the kernel, behind a flag."""
    monkeypatch.setitem(nk.config._values, "NETKET_EXPERIMENTAL", True)
    ours, theirs = PAIRS["complex"][0]().compile(), PAIRS["complex"][1]()
    (e, gradient), (e_nk, gradient_nk) = (STATES[SPINS].expect_and_grad(operator) for operator in (ours, theirs))
    np.testing.assert_allclose(e.mean, e_nk.mean, rtol=0, atol=1e-10)
    jax.tree.map(partial(np.testing.assert_allclose, rtol=0, atol=1e-10), gradient, gradient_nk)


def hopping(fanout: int, edge: str = "guarded") -> Any:
    """Bosons that hop to the right around a ring; the edge of the space is guarded, or left to give NaN."""
    n = sym.site
    inside = (n("i") > 0) & (n("j") < 3) if edge == "guarded" else n("i") > 0
    return (
        sym.DOperator(BOSONS, "hopping")
        .for_each(("i", "j"), over=[(0, 1), (1, 2), (2, 3), (3, 0)])
        .where(inside)
        .emit(sym.shift("i", -1).shift("j", +1), amplitude=sym.symbol("t", 0.5) * n("i").value)
        .fanout(fanout)
        .for_each_site("i")
        .emit(amplitude=n("i").value)
        .build()
    )


@pytest.mark.parametrize(("operator", "broken"), [(hopping(4), False), (hopping(2, "open"), True)])
def test_padding_counts_for_nothing_and_nan_for_its_sample_alone(operator, broken):
    operator = operator.compile()
    found = local_energies(nk.vqs.get_local_kernel(STATES[BOSONS], operator), operator)
    ordinary = local_energies(kernels.local_value_kernel_jax, operator)
    assert (np.isnan(found).any(), np.isfinite(found).any()) == (broken, True)
    np.testing.assert_allclose(found, ordinary, rtol=0, atol=1e-10)  # NaN where the other is NaN


def test_a_traced_parameter_is_differentiated_and_mapped():
    """A coupling of zero too: which states the network is evaluated on does not depend on matrix elements."""
    operator, state = hopping(4).compile(), STATES[BOSONS]
    samples = state.samples.reshape(-1, 4)

    def energy(kernel: Any, t: Any) -> Any:
        return kernel(state._apply_fun, state.variables, samples, operator.with_parameters(t=t)).real.mean()

    used = nk.vqs.get_local_kernel(state, operator)
    both = [jax.jit(jax.vmap(jax.value_and_grad(partial(energy, k)))) for k in (used, kernels.local_value_kernel_jax)]
    (energies, slopes), expected = (function(jnp.array([0.0, 0.5, 1.5])) for function in both)
    np.testing.assert_allclose(energies, expected[0], rtol=0, atol=1e-10)
    np.testing.assert_allclose(slopes, expected[1], rtol=0, atol=1e-10)
    assert abs(slopes[0]) > 1e-3
