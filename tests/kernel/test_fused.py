"""The fused kernel against the loops of the reference interpreter: sums of every x', shapes, dtypes, empty slots."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import oracle
import pytest
import small

import nqx_graph as sym
from nqx_graph.hilbert import Fock, Qubit, Spin
from nqx_graph.kernel.motion import ADD, GENERAL, TURN
from nqx_graph.lowering import moving

s = sym.site
n, m = s("i").value, s("j").value
J = sym.symbol("J", default=0.75)
FOCK, SPIN, QUBIT = Fock(2, N=3), Spin(0.5, N=3), Qubit(3)
EDGES = [(0, 1), (1, 2), (2, 0), (1, 0), (1, 1)]
hop = sym.shift("i", -1).shift("j", 1)


def over(hilbert, *emissions, columns=None, dtype="float64"):
    """One term for each emission: (update, amplitude) or (predicate, update, amplitude)."""
    builder = sym.DOperator(hilbert, "o", dtype=dtype)
    for emission in emissions:
        builder.for_each(("i", "j"), EDGES, columns=columns)
        predicate, update, amplitude = emission if len(emission) == 3 else (True, *emission)
        if predicate is True:
            builder.emit(update, amplitude=amplitude)
        else:
            builder.emit_if(predicate, update, amplitude=amplitude)
    return builder.build()


def compiled(operator, optimize=True, **options):
    return operator.compile(cache=False, options=sym.SymbolicCompilerOptions(optimize=optimize, **options))


def states(hilbert, dtype=np.int8):
    return np.asarray(hilbert.all_states()).astype(dtype)


def assert_fused(operator, x, **options):
    """Against the reference; returns the compiled operator."""
    ours = compiled(operator, **options)
    xp, mels = map(np.asarray, ours.get_conn_padded(x))
    assert (xp.dtype, mels.dtype) == (x.dtype, ours.dtype)
    assert xp.shape == (*x.shape[:-1], ours.max_conn_size, x.shape[-1])
    assert mels.shape == xp.shape[:-1]
    truth = compiled(operator, False, backend_preference="numpy", **options).get_conn_padded(x)
    tolerance = 1e-12 if mels.dtype.itemsize >= 8 and mels.dtype != np.complex64 else 1e-5
    oracle.assert_same_operator((xp, mels), truth, tolerance)
    return ours


OPERATORS = {
    "ising": (over(SPIN, (sym.identity, -n * m), (sym.affine("i", scale=-1), 0.5)), TURN),
    "heisenberg": (over(SPIN, (sym.identity, J * n * m), (n != m, sym.swap("i", "j"), 2 * J)), TURN),
    "flips": (over(QUBIT, (sym.flip("f"), sym.prod("f")), (sym.write("i", 1 - n), J), columns={"f": np.eye(5, 3, dtype=int)}), TURN),
    "hops": (over(FOCK, ((n > 0) & (m < 2), hop, (n * (m + 1)).sqrt()), (sym.identity, n * n)), ADD),
    "clock": (over(FOCK, (sym.shift_mod("i", 1), 1.0), (sym.shift_mod("i", -2), J), (sym.swap("i", "j"), n)), ADD),
    "only as it runs": (over(FOCK, (sym.cond(n > m, sym.swap("i", "j"), sym.write("i", m)), n + 1.0)), ADD),
    "floating updates": (over(FOCK, (sym.affine("i", scale=-1.0, bias=2.0), n), (sym.swap("i", "j"), m)), GENERAL),
    "mixed": (over(QUBIT, (sym.flip("f"), 1.0), (n > 0, hop, m), columns={"f": np.eye(5, 3, dtype=int)}), GENERAL),
    "leaving": (over(FOCK, (hop, n + 1.0), (sym.identity, 0.5)), ADD),
    "one site": (over(FOCK, (n >= m, sym.shift(0, 1), J * (n + 1.0))), ADD),
    "one mask": (over(QUBIT, (n <= m, sym.flip("f"), sym.column("w") * (n + 1)), columns={"f": [[1, 0, 1]] * 4 + [[0, 1, 0]], "w": np.arange(5.0)}), TURN),
    "permuted": (over(FOCK, (sym.permute("i", "j", 2), n), (sym.permute(2, "j", "i"), m)), ADD),
}  # fmt: skip
each_operator = pytest.mark.parametrize("name", OPERATORS)


@each_operator
@pytest.mark.parametrize("dtype", [np.int8, np.int64, np.float32, np.float16])
def test_samples_of_any_dtype(name, dtype):
    operator, form = OPERATORS[name]
    made = assert_fused(operator, states(operator.hilbert, dtype))
    assert made._static.structure.motion.form == form


@pytest.mark.parametrize("size", [7, 8, 9, 10, 12, 18, 20, 30, 31, 32, 34])
@pytest.mark.parametrize("dtype", [np.int8, np.uint8])
@pytest.mark.parametrize("space", [Spin, Qubit])
def test_rows_of_any_length(size, dtype, space):
    if space is Spin and dtype == np.uint8:
        dtype = np.int32  # no spin is an unsigned number
    hilbert = Spin(0.5, N=size) if space is Spin else Qubit(size)
    bond = sym.DOperator(hilbert, "o").for_each(("i", "j"), [(k, (k + 1) % size) for k in range(size)])
    operator = (
        bond.emit_if(n != m, sym.swap("i", "j"), amplitude=n + 0.25)
        .for_each((), np.zeros((5, 0), int), columns={"f": np.arange(5 * size).reshape(5, size) % 3 == 0})
        .emit(sym.flip("f"), amplitude=sym.prod("f") + 0.5)
        .build()
    )
    x = np.random.default_rng(size).choice(np.array(hilbert.local_states), (6, size)).astype(dtype)
    assert assert_fused(operator, x)._static.structure.motion.form == TURN


@each_operator
@pytest.mark.parametrize("mode", ["nan", "drop"])
def test_patterns_made_in_the_kernel(name, mode, monkeypatch):
    monkeypatch.setattr(moving, "DENSE", 0)
    operator, _ = OPERATORS[name]
    assert_fused(operator, states(operator.hilbert), on_out_of_domain=mode)


@each_operator
def test_leading_axes(name):
    operator, _ = OPERATORS[name]
    x = states(operator.hilbert)
    made = compiled(operator)
    xp, mels = map(np.asarray, made.get_conn_padded(x))
    for k in (0, 3):
        one = made.get_conn_padded(x[k])
        np.testing.assert_array_equal(one[0], xp[k])
        np.testing.assert_array_equal(one[1], mels[k])
    two = made.get_conn_padded(x[:6].reshape(2, 3, 3))
    np.testing.assert_array_equal(two[0], xp[:6].reshape(2, 3, -1, 3))
    empty = made.get_conn_padded(x[:0])
    assert (empty[0].shape, empty[1].shape) == ((0, *xp.shape[1:]), (0, *mels.shape[1:]))
    mapped = jax.vmap(made.get_conn_padded)(x)
    np.testing.assert_array_equal(mapped[0], xp)
    np.testing.assert_allclose(mapped[1], mels, rtol=1e-14)
    with jax.disable_jit():
        eager = made.get_conn_padded(x)
    np.testing.assert_array_equal(eager[0], xp)
    np.testing.assert_allclose(eager[1], mels, rtol=1e-14)


@each_operator
def test_nothing_is_scattered_sorted_looped_or_branched_on(name):
    for optimize in (False, True):
        traced = compiled(OPERATORS[name][0], optimize).trace(np.zeros((4, 3), np.int8))
        found = small.primitives(traced.jaxpr.jaxpr)
        assert not {p for p in found if p.startswith(("scatter", "sort", "while", "cond", "scan"))}
        assert not any(
            word in traced.lower().as_text()
            for word in ("scatter", "stablehlo.sort", "stablehlo.while", "stablehlo.case", "stablehlo.if")
        )


def test_a_promise_is_kept_without_a_scatter_too():
    builder = sym.DOperator(FOCK).for_each_site("i").where(n > 0).emit(sym.shift("i", -1)).fanout(2)
    operator = builder.for_each_site("i").emit(amplitude=n).build()
    for optimize in (False, True):
        traced = compiled(operator, optimize).trace(np.zeros((4, 3), np.int8))
        text = traced.lower().as_text()
        assert not any(word in text for word in ("scatter", "stablehlo.sort", "stablehlo.while", "stablehlo.case"))


def test_empty_slots_have_exactly_zero_and_x():
    operator = over(FOCK, ((n > 0) & (m < 2), hop, J), (n > 5, sym.shift_mod("i", 1), 2.0))
    x = states(FOCK)
    xp, mels = map(np.asarray, compiled(operator).get_conn_padded(x))
    active = [(x[:, i] > 0) & (x[:, j] < 2) for i, j in EDGES]  # on the row (1, 1) it hops nowhere, and is there
    np.testing.assert_array_equal(np.sum(mels != 0, axis=1), np.sum(active, axis=0))
    np.testing.assert_array_equal(xp[mels == 0], np.broadcast_to(x[:, None], xp.shape)[mels == 0])


def test_a_slot_that_only_the_second_stream_reaches_moves():
    """Two streams reach one x' under predicates of their own: it is there where any of them is."""
    turn = sym.shift_mod("i", 1)
    operator = over(QUBIT, (n == 0, turn, 1.0), (n == 1, turn, 10.0 + 0 * m), (m == 1, turn, J))
    made = assert_fused(operator, states(QUBIT))
    assert made.max_conn_size == 3


def test_an_update_that_only_forbids():
    for update in (sym.cond(n > 0, sym.invalidate("no")), sym.cond(n > 0, sym.identity, sym.identity)):
        operator = over(FOCK, (update, n + 1.0))
        assert_fused(operator, states(FOCK))
        shapes = [array.shape for array in compiled(operator, False).get_conn_padded(states(FOCK))]
        assert shapes == [(27, 5, 3), (27, 5)]
        assert_fused(over(FOCK, (update, n + 1.0), (n > 0, hop, 1.0)), states(FOCK), on_out_of_domain="drop")


@pytest.mark.parametrize("mode", ["nan", "drop"])
def test_branches_that_leave(mode):
    assert_fused(OPERATORS["leaving"][0], states(FOCK), on_out_of_domain=mode)
    xp, mels = map(
        np.asarray, compiled(OPERATORS["leaving"][0], on_out_of_domain=mode).get_conn_padded(np.array([0, 0, 0]))
    )
    assert np.isnan(mels[1:]).any() == (mode == "nan")
    np.testing.assert_array_equal(xp, 0)


def test_trusted_branches():
    operator = over(FOCK, ((n > 0) & (m < 2) & (s("i").index != s("j").index), hop, n), (sym.identity, m))
    assert_fused(operator, states(FOCK), on_out_of_domain="trust")


@pytest.mark.parametrize("dtype", ["int64", "int32", "float32", "complex64", "complex128"])
def test_dtypes_of_operators(dtype):
    weight = 2j if dtype.startswith("complex") else 2
    operator = over(
        FOCK,
        (sym.identity, weight * n * m),
        (sym.shift_mod("i", 1), weight * (n + 1)),
        (sym.shift_mod("i", 1), -3),
        dtype=dtype,
    )
    made = assert_fused(operator, states(FOCK))
    assert made.dtype == dtype
    assert_fused(operator - operator, states(FOCK))


@pytest.mark.parametrize("name", ["ising", "hops", "clock", "only as it runs"])
def test_without_64_bits(name):
    with jax.enable_x64(False):
        emissions = {
            "ising": (SPIN, (sym.identity, -n * m), (sym.affine("i", scale=-1), 0.5)),
            "hops": (FOCK, ((n > 0) & (m < 2), hop, (n * (m + 1)).sqrt()), (sym.identity, n * n)),
            "clock": (FOCK, (sym.shift_mod("i", 1), 1.0), (sym.swap("i", "j"), n)),
            "only as it runs": (FOCK, (sym.cond(n > m, sym.swap("i", "j")), n + 1.0)),
        }[name]
        operator = over(*emissions, dtype="float32")
        for dtype in (np.int8, np.float16, np.float32):
            assert_fused(operator, states(operator.hilbert, dtype))


def test_spaces_of_other_kinds():
    space = small.LoadedSpace()
    builder = sym.DOperator(space).for_each_site("i").emit(sym.shift("i", 1), amplitude=n + 1.0).emit(sym.swap(0, 1))
    assert_fused(builder.emit(sym.write("i", 5), amplitude=2.0).build(), space.all_states())

    class Halves:
        size, local_states = 2, (-0.5, 0.5)

    x = np.array([[-0.5, 0.5], [0.5, 0.5]])
    builder = sym.DOperator(Halves()).for_each_site("i", columns={"f": np.eye(2, dtype=int)}).emit(amplitude=n)
    assert_fused(builder.emit(sym.flip("f"), amplitude=n).emit(sym.swap(0, 1)).build(), x)


def test_large_local_states():
    space = Fock(120, N=3)
    x = np.array([[120, 0, 60], [1, 120, 120], [0, 0, 0]], dtype=np.int8)
    for update in (sym.shift_mod("i", 100), sym.write("i", 120 - n), sym.swap("i", "j"), sym.affine("i", -1, 120)):
        assert_fused(over(space, (update, n * m * 1.0), (sym.identity, n * n)), x)


def test_gradients_reach_couplings_and_are_finite_beside_excluded_branches():
    operator = over(
        FOCK,
        (n > 0, sym.identity, J / n),
        ((n > 0) & (m < 2), hop, J * (n * (m + 1)).sqrt()),
        (sym.identity, J * J * n),
    )
    x = jnp.asarray(states(FOCK))

    def energy(optimize):
        made = compiled(operator, optimize, on_out_of_domain="drop")
        return lambda value: jnp.sum(made.with_parameters(J=value).get_conn_padded(x)[1])

    ours, theirs = (jax.grad(energy(optimize))(0.3) for optimize in (True, False))
    assert np.isfinite(ours)
    np.testing.assert_allclose(ours, theirs, rtol=1e-12)
    values = jnp.linspace(-1, 1, 5)
    np.testing.assert_allclose(jax.vmap(energy(True))(values), jax.vmap(energy(False))(values), rtol=1e-12)
    np.testing.assert_allclose(jax.jit(jax.grad(energy(True)))(0.3), theirs, rtol=1e-12)


a, b, c = (sym.symbol(name) for name in "abc")


def summed(operator, x, **values):
    """The sum of the matrix elements of both kernels, and their derivatives by the symbols."""
    made = []
    for optimize in (True, False):
        ours = compiled(operator, optimize)

        def total(given, ours=ours):
            return ours.with_parameters(**given).get_conn_padded(x)[1].sum()

        made.append(jax.value_and_grad(total)({name: jnp.asarray(v, operator.dtype) for name, v in values.items()}))
    return made


@pytest.mark.parametrize(
    ("amplitude", "update", "size"),
    [
        (a * (-(n + 1) * 60.0).exp() * b, sym.shift_mod("i", 1), 1e25),
        (a * ((n + 1) * 60.0).exp() * b, sym.shift_mod("i", 1), 1e-25),
        (a * n * b, sym.identity, 1e25),
        (a * n * b, sym.shift_mod("i", 1), 1e25),
        (a * (n * 1.0).cos() * n * b, sym.identity, 1e25),
    ],
)
def test_large_and_small_numbers_meet_the_core_one_after_another(amplitude, update, size):
    operator = over(FOCK, (update, amplitude), dtype="float32")
    (fused, by), (exact, truly) = summed(operator, np.zeros(3, np.int8), a=size, b=size)
    assert np.isfinite(exact)
    np.testing.assert_allclose(fused, exact, rtol=1e-5)
    for name in "ab":
        np.testing.assert_allclose(by[name], truly[name], rtol=1e-5)


@pytest.mark.parametrize(
    "update", [sym.identity, sym.shift_mod("i", 1), sym.cond(n != 0, sym.identity, sym.invalidate())]
)
@pytest.mark.parametrize(
    "amplitude", [a * b * c * n, a * b * c, a * b * c * sym.column("w"), a * b * (c * n).cos() * c]
)
def test_products_that_overflow_where_there_is_no_branch_reach_no_derivative(update, amplitude):
    where = True if isinstance(update, sym.Update) and "cond" in repr(update) else n != 0
    operator = over(FOCK, (where, update, amplitude), columns={"w": np.arange(5.0)})
    for value, by in summed(operator, np.zeros((1, 3), np.int8), a=1e200, b=1e200, c=1e-200):
        assert value == 0
        assert by == {"a": 0, "b": 0, "c": 0}
