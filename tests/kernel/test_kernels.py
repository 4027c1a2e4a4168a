"""The kernels of this process: one trace for one structure, kept within bounds, emptied with the cache."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import jax
import numpy as np
import pytest

import nqx_graph as sym
from nqx_graph.hilbert import Fock
from nqx_graph.kernel import kernels
from nqx_graph.kernel.kernels import clear_kernels, connected_kernel, kernel_count, trace_count

s = sym.site
FOCK = Fock(3, N=5)
X = np.array([[0, 1, 2, 3, 0], [3, 3, 0, 1, 2]], dtype=np.int8)
each_lowerer = pytest.mark.parametrize("optimize", [False, True], ids=["jax_symbolic_v1", "jax_fused_v1"])


@pytest.fixture(autouse=True)
def no_kernels():
    clear_kernels()


def chain(over=((0, 1), (1, 2)), J=1.5, name="chain", tag=None, power=2, seed=None):
    J = J if seed is None else np.random.default_rng(seed).normal(size=len(over))
    builder = sym.DOperator(FOCK, name)
    for weight, edge in zip(np.broadcast_to(J, len(over)), over, strict=True):
        builder.for_each(("i", "j"), [edge]).named(f"{name} {edge}").where((s("i") > 0) & (s("j") < 3))
        builder.emit(amplitude=float(weight) * s("i").value ** power)
        builder.emit(sym.shift("i", -1).shift("j", 1), amplitude=float(weight) * (s("i").value + 1.0).sqrt(), tag=tag)
    return builder.build()


def compiled(operator, optimize):
    return operator.compile(cache=False, optimize=optimize)


@each_lowerer
def test_one_trace_for_operators_of_one_structure(optimize):
    for operator in (
        chain(), chain(J=0.25), chain(over=((3, 4), (4, 0))), chain(name="other"), chain(tag="t"), chain(),
    ):  # fmt: skip
        compiled(operator, optimize).get_conn_padded(X)
    assert (kernel_count(), trace_count()) == (1, 1)
    compiled(chain(), optimize).get_conn_padded(X + 0)
    compiled(chain(), optimize).get_conn_padded(X[:1])
    assert (kernel_count(), trace_count()) == (1, 2)  # another shape of batch
    compiled(chain(power=3), optimize).get_conn_padded(X)
    compiled(chain(over=((0, 1), (1, 2), (2, 3))), optimize).get_conn_padded(X)
    assert kernel_count() == 3


@each_lowerer
def test_a_hundred_realisations_are_one_trace_and_each_is_right(optimize):
    over = ((0, 1), (1, 2), (2, 3))
    for seed in range(100):
        made = compiled(chain(over=over, seed=seed), optimize)
        weights = np.random.default_rng(seed).normal(size=3)
        mels = np.asarray(made.get_conn_padded(X)[1])
        active = [(x[i] > 0) and (x[j] < 3) for x in X for i, j in over]
        held = np.array(active).reshape(2, 3) * weights
        i = [edge[0] for edge in over]
        expected = np.sum(held * (X[:, i].astype(float) ** 2 + np.sqrt(X[:, i] + 1.0)), axis=-1)
        np.testing.assert_allclose(mels.sum(axis=-1), expected, rtol=1e-12)
    assert (kernel_count(), trace_count()) == (1, 1)


@each_lowerer
def test_the_lowerers_have_kernels_of_their_own(optimize):
    compiled(chain(), optimize).get_conn_padded(X)
    compiled(chain(), not optimize).get_conn_padded(X)
    assert kernel_count() == 2


@each_lowerer
def test_an_outer_jit_with_the_operator_as_argument_is_traced_once(optimize):
    traces = []

    @jax.jit
    def energies(operator, x):
        traces.append(1)
        return operator.get_conn_padded(x)[1].sum(axis=-1)

    for k in range(5):
        other = compiled(
            chain(J=0.5 + k, over=((k, 0 if k else 4), (1, 2) if k != 1 else (3, 2)), name=f"n{k}"), optimize
        )
        np.testing.assert_allclose(energies(other, X), other.get_conn_padded(X)[1].sum(axis=-1), rtol=1e-14)
    assert len(traces) == 1


@each_lowerer
def test_parameters_and_columns_are_arguments(optimize):
    builder = sym.DOperator(FOCK).for_each_site("i", columns={"w": np.ones(5)})
    operator = compiled(
        builder.emit(amplitude=sym.symbol("J", default=1.0) * sym.column("w") * s("i").value).build(), optimize
    )
    for k in range(4):
        mels = operator.with_parameters(J=k).with_columns(w=np.full(5, 2.0 + k)).get_conn_padded(X)[1]
        np.testing.assert_allclose(mels.sum(axis=-1), k * (2.0 + k) * X.sum(axis=-1))
    assert (kernel_count(), trace_count()) == (1, 1)


def test_the_least_recently_used_kernel_goes_first(monkeypatch):
    monkeypatch.setattr(kernels, "MOST_KERNELS", 3)
    made = [compiled(chain(power=k), False) for k in range(4)]
    for operator in made[:3]:
        operator.get_conn_padded(X)
    first = connected_kernel(made[0]._static.structure)  # used again, so that the second is the oldest
    made[3].get_conn_padded(X)
    assert (kernel_count(), trace_count()) == (3, 3)
    assert connected_kernel(made[0]._static.structure) is first
    assert trace_count() == 3
    before = np.asarray(made[1].with_parameters().get_conn_padded(X)[1])
    assert (kernel_count(), before.shape) == (3, (2, 4))


def test_clearing_the_cache_empties_them():
    compiler = sym.SymbolicCompiler()
    made = compiler.compile(chain()).compiled_operator
    xp, mels = made.get_conn_padded(X)
    made.check(X[:0])
    assert kernel_count() == 2
    compiler.clear_cache()
    assert (kernel_count(), trace_count()) == (0, 0)
    for ours, theirs in zip(made.get_conn_padded(X), (xp, mels), strict=True):  # an operator in hand goes on working
        np.testing.assert_array_equal(ours, theirs)
    assert kernel_count() == 1


def test_threads_that_ask_at_once_are_given_one_kernel():
    made = compiled(chain(), True)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: connected_kernel(made._static.structure), range(64)))
    assert len(set(map(id, found))) == 1


def test_a_kernel_has_a_name():
    assert "get_conn_padded" in compiled(chain(), True).trace(X).lower().as_text()
