"""Matrix elements: arithmetic in the operator's dtype, and excluded branches that reach neither value nor gradient."""

from __future__ import annotations

import cmath
import itertools
import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import nqx_graph as sym
from nqx_graph.hilbert import Fock, Spin

s = sym.site
n = s("i").value
FOCK = Fock(3, N=3)
X = np.array(list(itertools.product(range(4), repeat=3)))


def one(amplitude, dtype=None, hilbert=FOCK, columns=None, where=True):
    builder = sym.DOperator(hilbert, dtype=dtype).for_each_site("i", columns=columns).where(where)
    return builder.emit(amplitude=amplitude).build()


def mels_of(operator, x, **parameters):
    compiled = operator.compile(cache=False)
    return np.asarray((compiled.with_parameters(**parameters) if parameters else compiled).get_conn_padded(x)[1])


# --- values -----------------------------------------------------------------------------------------------------------

COLUMNS = {
    "J": [0.5, -1.5, 2.0],
    "K": [1, 2, 3],
    "m": [[1, 0, 1], [0, 0, 0], [1, 1, 1]],
    "w": [[1, 2, 3], [0, -1, 0.5], [0, 0, 0]],
}
REAL = {
    "constant": (2.5, lambda x, k: 2.5),
    "whole constant": (3, lambda x, k: 3),
    "site": (n, lambda x, k: x[k]),
    "index": (s("i").index, lambda x, k: k),
    "source": (sym.source_index(2), lambda x, k: x[2]),
    "target": (sym.target_index(1), lambda x, k: x[1]),
    "emitted": (sym.emitted("i").value, lambda x, k: x[k]),
    "column": (sym.column("J"), lambda x, k: COLUMNS["J"][k]),
    "column of ints": (sym.column("K") / 2, lambda x, k: COLUMNS["K"][k] / 2),
    "dot": (sym.dot("w"), lambda x, k: sum(a * b for a, b in zip(COLUMNS["w"][k], x, strict=True))),
    "prod": (sym.prod("m"), lambda x, k: math.prod(v for v, m in zip(x, COLUMNS["m"][k], strict=True) if m)),
    "symbol": (sym.symbol("J", 0.75) * n, lambda x, k: 0.75 * x[k]),
    "sums": (1 + n - 2 * n / 4, lambda x, k: 1 + x[k] - 2 * x[k] / 4),
    "neg": (-n, lambda x, k: -x[k]),
    "sqrt": (n.sqrt(), lambda x, k: math.sqrt(x[k])),
    "abs": ((n - 2).abs(), lambda x, k: abs(x[k] - 2)),
    "conj": ((n - 2).conj(), lambda x, k: x[k] - 2),
    "exp": ((n - 2).exp(), lambda x, k: math.exp(x[k] - 2)),
    "log": ((n + 1).log(), lambda x, k: math.log(x[k] + 1)),
    "sin": (n.sin(), lambda x, k: math.sin(x[k])),
    "cos": (n.cos(), lambda x, k: math.cos(x[k])),
    "square": ((n - 2) ** 2, lambda x, k: (x[k] - 2) ** 2),
    "cube": ((n - 2) ** 3, lambda x, k: (x[k] - 2) ** 3),
    "power 0": ((n - 2) ** 0, lambda x, k: 1),
    "power -1": ((n + 1) ** -1, lambda x, k: 1 / (x[k] + 1)),
    "power 1/2": (n**0.5, lambda x, k: math.sqrt(x[k])),
    "power of a site": (2**n, lambda x, k: 2 ** x[k]),
    "site to a site": ((n + 1) ** n, lambda x, k: (x[k] + 1) ** x[k]),
    "power 65": ((n / 3) ** 65, lambda x, k: (x[k] / 3) ** 65),
    "wrap_mod": (sym.wrap_mod(n + 3), lambda x, k: (x[k] + 3) % 4),
    "wrap_mod of halves": (sym.wrap_mod(n - 2.5), lambda x, k: (x[k] - 2.5) % 4),
    "where": (sym.where(n > 1, n, -1), lambda x, k: x[k] if x[k] > 1 else -1),
    "where of symbols": (
        sym.where(n > sym.symbol("cut", 1.5), 1 / n, n + 10),
        lambda x, k: 1 / x[k] if x[k] > 1.5 else x[k] + 10,
    ),
    "shared parts": ((n + 1) * (n + 1) + (n + 1), lambda x, k: (x[k] + 1) ** 2 + x[k] + 1),
    "callable": (lambda ctx: ctx.site("i").value * ctx.column("J"), lambda x, k: x[k] * COLUMNS["J"][k]),
}


@pytest.mark.parametrize("name", REAL)
def test_against_plain_python(name):
    amplitude, python = REAL[name]
    with jax.disable_jit():
        mels = mels_of(one(amplitude, columns=COLUMNS), X.astype(np.int8))
    truth = np.array([[float(python(x, k)) for k in range(3)] for x in X.tolist()])
    assert mels.dtype == np.float64
    np.testing.assert_allclose(mels, truth, rtol=4e-16, atol=2e-16)


def test_complex():
    z = n + 1j * sym.column("J")
    amplitudes = {
        "sqrt": (z.sqrt(), cmath.sqrt),
        "exp": (z.exp(), cmath.exp),
        "log": (z.log(), cmath.log),
        "abs": (z.abs(), abs),
        "conj": (z.conj(), lambda v: v.conjugate()),
        "square": (z**2, lambda v: v * v),
        "power": (z**0.5, lambda v: v**0.5),
        "inverse": (1 / z, lambda v: 1 / v),
        "sin": (z.sin(), cmath.sin),
        "where": (sym.where(n > 0, z, -1j), lambda v: v if v.real > 0 else -1j),
    }
    builder = sym.DOperator(FOCK, dtype="complex128").for_each_site("i", columns=COLUMNS)
    for amplitude, _ in amplitudes.values():
        builder = builder.emit(amplitude=amplitude)
    mels = mels_of(builder.build(), X.astype(np.int8)).reshape(64, 3, -1)
    assert mels.dtype == np.complex128
    for position, (name, (_, python)) in enumerate(amplitudes.items()):
        truth = np.array([[python(x[k] + 1j * COLUMNS["J"][k]) for k in range(3)] for x in X.tolist()])
        np.testing.assert_allclose(mels[..., position], truth, rtol=1e-14, atol=1e-15, err_msg=name)


@pytest.mark.parametrize("x_dtype", [np.int8, np.uint8, np.int16, np.int64, np.float32, np.float64])
def test_arithmetic_is_not_done_in_the_dtype_of_x(x_dtype):
    operator = (
        sym.DOperator(Fock(120, N=2))
        .globally(columns={"w": [[100, 100]], "m": [[1, 1]]})
        .emit(amplitude=sym.source_index(0) * sym.source_index(1))
        .emit(amplitude=sym.source_index(0) + sym.source_index(1))
        .emit(amplitude=sym.source_index(0) - sym.source_index(1) - 1)
        .emit(amplitude=sym.source_index(0) ** 2)
        .emit(amplitude=sym.dot("w"))
        .emit(amplitude=sym.prod("m"))
        .build()
    )
    x = np.array([[16, 16], [120, 120], [0, 1]], dtype=x_dtype)
    assert mels_of(operator, x).tolist() == [
        [256, 32, -1, 256, 3200, 256],
        [14400, 240, -1, 14400, 24000, 14400],
        [0, 1, -2, 0, 100, 0],
    ]


@pytest.mark.parametrize("dtype", ["int8", "int16", "int32", "int64", "float16", "bfloat16", "float32", "complex64"])
def test_every_dtype(dtype):
    mels = mels_of(one(2 * n + 1, dtype=dtype), np.array([0, 1, 3], dtype=np.int8))
    assert mels.dtype == jnp.dtype(dtype)
    assert mels.astype(complex).tolist() == [1, 3, 7]


def test_integers_are_exact_beyond_floats():
    operator = one(n * (2**53 + 1), dtype="int64")
    assert mels_of(operator, np.array([0, 1, 3])).tolist() == [0, 2**53 + 1, 3 * (2**53 + 1)]


def test_float32_is_rounded_at_every_step():
    operator = one(n + 2**24 - 2**24, dtype="float32")
    assert mels_of(operator, np.array([1, 2, 3])).tolist() == [0, 2, 4]


def test_without_64_bit_numbers():
    with jax.enable_x64(False):
        mels = mels_of(one(n * n / 3), np.array([0, 1, 2], dtype=np.int8))
        assert mels.dtype == np.float32
        assert mels.tolist() == [0, float(np.float32(1) / np.float32(3)), float(np.float32(4) / np.float32(3))]


# --- excluded branches ------------------------------------------------------------------------------------------------

# amplitude, its value, its derivative by n, and where it has both
RISKY = {
    "1 / n": (1 / n, lambda v: 1 / v, lambda v: -1 / v**2, (1, 2, 3)),
    "1 / (n - 2)": (1 / (n - 2), lambda v: 1 / (v - 2), lambda v: -1 / (v - 2) ** 2, (0, 1, 3)),
    "n / n": (n / n, lambda v: 1.0, lambda v: 0.0, (1, 2, 3)),
    "n ** -1": (n**-1, lambda v: 1 / v, lambda v: -1 / v**2, (1, 2, 3)),
    "n ** -2.5": (n**-2.5, lambda v: v**-2.5, lambda v: -2.5 * v**-3.5, (1, 2, 3)),
    "n ** 0.5": (n**0.5, lambda v: v**0.5, lambda v: 0.5 * v**-0.5, (1, 2, 3)),
    "n ** 70": ((n * 1e5) ** 70, lambda v: (v * 1e5) ** 70, lambda v: 0.0, (0,)),
    "n ** n": (n**n, lambda v: v**v, lambda v: v**v * (math.log(v) + 1), (1, 2, 3)),
    "sqrt": (n.sqrt(), lambda v: v**0.5, lambda v: 0.5 * v**-0.5, (1, 2, 3)),
    "sqrt of a negative": ((n - 1.5).sqrt(), lambda v: (v - 1.5) ** 0.5, lambda v: 0.5 * (v - 1.5) ** -0.5, (2, 3)),
    "log": (n.log(), math.log, lambda v: 1 / v, (1, 2, 3)),
    "log of a negative": ((n - 2).log(), lambda v: math.log(v - 2), lambda v: 1 / (v - 2), (3,)),
    "exp": ((400 * n).exp(), lambda v: math.exp(400 * v), lambda v: 400 * math.exp(400 * v), (0, 1)),
    "product": (
        (350 * n).exp() * (350 * n).exp(),
        lambda v: math.exp(350 * v) ** 2,
        lambda v: 700 * math.exp(350 * v) ** 2,
        (0, 1),
    ),
    "square": (((400 * n).exp()) ** 2, lambda v: 1.0, lambda v: 800.0, (0,)),
    "sin of an overflow": (((710 * n).exp()).sin(), lambda v: math.sin(1), lambda v: 710 * math.cos(1), (0,)),
    "log of a log": (n.log().log(), lambda v: math.log(math.log(v)), lambda v: 1 / (v * math.log(v)), (2, 3)),
    "sqrt of 1 / n": ((1 / n).sqrt(), lambda v: v**-0.5, lambda v: -0.5 * v**-1.5, (1, 2, 3)),
    "log(n) * 0": (n.log() * 0.0, lambda v: 0.0, lambda v: 0.0, (1, 2, 3)),
}  # fmt: skip


def within(states):
    predicate = n == states[0]
    for state in states[1:]:
        predicate = predicate | (n == state)
    return predicate


def guards(name):
    """The same amplitude, guarded in each way that the language has; and what stands where it does not hold."""
    amplitude, _, _, states = RISKY[name]
    w, holds = sym.symbol("w"), within(states)

    def start():
        return sym.DOperator(FOCK).for_each_site("i")

    yield start().where(holds).emit(amplitude=w * amplitude), 0.0
    yield start().emit_if(holds, amplitude=w * amplitude), 0.0
    yield start().emit_if(~holds, amplitude=0.0).emit_else(amplitude=w * amplitude), 0.0
    yield start().emit(sym.cond(holds, None, sym.invalidate()), amplitude=w * amplitude), 0.0
    yield start().emit(amplitude=w * sym.where(holds, amplitude, 5.0)), 5.0
    yield start().emit(amplitude=sym.where(~holds, 5.0 * w, sym.where(True, w * amplitude, amplitude))), 5.0
    yield start().where((n < 0) | holds).emit(amplitude=sym.where(n > -1, w * amplitude, 1 / (n - n))), 0.0


@pytest.mark.parametrize("name", RISKY)
@jax.disable_jit()
def test_excluded_branches_reach_neither_value_nor_gradient(name):
    _, value, slope, states = RISKY[name]
    x, w = np.array([[0.0, 1, 2], [3, 0, 3]]), 0.5
    for builder, other in guards(name):
        compiled = builder.build().compile(cache=False)

        def total(w, x, compiled=compiled):
            return jnp.sum(compiled.with_parameters(w=w).get_conn_padded(x)[1])

        inside = np.isin(x, states)
        values = [[value(v) if v in states else other for v in row] for row in x.tolist()]
        mels = np.asarray(compiled.with_parameters(w=w).get_conn_padded(x.astype(np.int8))[1])
        np.testing.assert_allclose(
            np.sort(mels[mels != 0]), np.sort([w * v for v in np.ravel(values) if v]), rtol=1e-12
        )
        by_w, by_x = jax.grad(total, argnums=(0, 1))(w, x)
        np.testing.assert_allclose(by_w, np.sum(values), rtol=1e-12)
        slopes = np.array([[w * slope(v) if v in states else 0.0 for v in row] for row in x.tolist()])
        np.testing.assert_allclose(by_x, slopes, rtol=1e-12)
        assert inside.any()
        assert not inside.all()


def test_the_exponent_may_be_a_symbol():
    p = sym.symbol("p")
    x = np.array([0, 2, 3], dtype=np.int8)
    for amplitude in (n**p, (n + 0) ** (p + 0 * n)):
        compiled = one(amplitude, where=n > 0).compile(cache=False)
        slope = jax.grad(lambda p, c=compiled: jnp.sum(c.with_parameters(p=p).get_conn_padded(x)[1]))(2.0)
        np.testing.assert_allclose(slope, 4 * math.log(2) + 9 * math.log(3), rtol=1e-14)


def test_a_branch_that_left_the_space_has_no_gradient():
    operator = sym.DOperator(FOCK).for_each_site("i").emit(
        sym.shift("i", 1), amplitude=sym.symbol("w") / (3 - n)
    ).build()  # fmt: skip
    compiled = operator.compile(cache=False, options=sym.SymbolicCompilerOptions(on_out_of_domain="drop"))
    x = np.array([1, 3, 2], dtype=np.int8)
    slope = jax.grad(lambda w: jnp.sum(compiled.with_parameters(w=w).get_conn_padded(x)[1]))(2.0)
    np.testing.assert_allclose(slope, 1 / 2 + 1, rtol=1e-15)


def test_a_part_with_several_users_is_needed_where_any_of_them_is():
    root = n.sqrt()
    amplitude = sym.where(n > 2, 10 * root, sym.where(n > 0, root, 0.0)) + sym.where(n > 1, root, 0.0)
    compiled = one(amplitude).compile(cache=False)
    x = np.array([[0.0, 1, 2], [3, 3, 0]])
    assert np.asarray(compiled.get_conn_padded(x)[1]).tolist() == [
        [0, 1, 2 * math.sqrt(2)],
        [11 * math.sqrt(3), 11 * math.sqrt(3), 0],
    ]
    slopes = jax.grad(lambda x: jnp.sum(compiled.get_conn_padded(x)[1]))(x)
    truth = [[0, 1 / 2, 2 / (2 * math.sqrt(2))], [11 / (2 * math.sqrt(3))] * 2 + [0]]
    np.testing.assert_allclose(slopes, truth, rtol=1e-15)


def test_complex_operators_too():
    w = sym.symbol("w")
    compiled = one(w / n + (n - 1).log() * 0j, "complex128", where=n > 1).compile(cache=False)
    x = np.array([0, 1, 2], dtype=np.int8)
    slope = jax.grad(lambda w: jnp.sum(compiled.with_parameters(w=w).get_conn_padded(x)[1]).real)(1.0)
    assert float(slope) == 0.5
    compiled = one((w * (n - 1)).abs(), "complex128").compile(cache=False)
    slope = jax.grad(lambda w: jnp.sum(compiled.with_parameters(w=w).get_conn_padded(x)[1]).real)(3.0)
    assert float(slope) == 2.0


def test_nan_of_an_active_branch_is_not_hidden():
    mels = mels_of(one((n - 2).sqrt() + 1 / n), np.array([0, 1, 3], dtype=np.int8))
    assert np.isnan(mels[:2]).all()
    assert mels[2] == 1 + 1 / 3
    assert mels_of(one(1 / n), np.array([0, 1, 3], dtype=np.int8))[0] == np.inf


# --- size -------------------------------------------------------------------------------------------------------------


def test_ten_thousand_nodes():
    amplitude, truth = n, [1.0, 2.0, 3.0]
    for k in range(2500):
        amplitude = amplitude * 0.5 + (k % 7)
        truth = [v * 0.5 + (k % 7) for v in truth]
    for k in range(2500):
        amplitude = amplitude + n / (k + 1)
        truth = [v + x / (k + 1) for v, x in zip(truth, (1, 2, 3), strict=True)]
    assert len(amplitude.table) >= 10_000
    with jax.disable_jit():  # one after another: XLA takes ten seconds for that many operations
        mels = mels_of(one(amplitude), np.array([1, 2, 3], dtype=np.int8))
    assert mels.tolist() == truth


def test_where_nested_deep():
    amplitude = 1 / (n - n + 0.0)
    for k in range(300):
        amplitude = sym.where(n == k % 5 - 1, float(k), amplitude)
    with jax.disable_jit():
        mels = mels_of(one(amplitude), np.array([0, 1, 3], dtype=np.int8))
    # the outermost that fits is the last k with k % 5 - 1 == n
    assert mels.tolist() == [296, 297, 299]
    shallow = sym.symbol("w") / n
    for k in range(30):
        shallow = sym.where(n > k % 3, shallow + 1, 2.0 + k)
    compiled = one(shallow).compile(cache=False)
    slope = jax.grad(lambda w: jnp.sum(compiled.with_parameters(w=w).get_conn_padded(np.array([0, 1, 3]))[1]))(1.0)
    assert float(slope) == 1 / 3


def test_spins_are_read_as_they_are():
    operator = one(n * 0.5, hilbert=Spin(0.5, N=2))
    assert mels_of(operator, np.array([1, -1], dtype=np.int8)).tolist() == [0.5, -0.5]


def test_wrapped_to_zero_is_never_minus_zero():
    """Found by random programs: `1 / wrap_mod(...)` had the wrong sign where a negative number wraps to 0."""
    operator = (
        sym.DOperator(Fock(2, N=2), dtype="float64")
        .globally(columns={"m": np.array([[-1, -2]])})
        .emit(amplitude=1 / sym.wrap_mod(sym.dot("m")))
        .build()
    )
    x = np.array([[1, 1], [0, 0], [1, 0], [0, 1]], dtype=np.int8)
    expected = [[np.inf], [np.inf], [0.5], [1.0]]
    for backend in ("jax", "numpy"):
        options = sym.SymbolicCompilerOptions(backend_preference=backend)
        compiled = operator.compile(cache=False, options=options)
        assert np.asarray(compiled.get_conn_padded(x)[1]).tolist() == expected

    def through_wrap(value):
        wrapped = (
            sym.DOperator(Fock(2, N=1)).for_each_site("i").emit(amplitude=sym.wrap_mod(sym.symbol("J", default=0.0)))
        )
        made = wrapped.build().compile(cache=False).with_parameters(J=value)
        return made.get_conn_padded(np.zeros((1, 1), np.int8))[1].sum()

    assert [float(jax.grad(through_wrap)(value)) for value in (0.0, -3.0, 0.5)] == [1.0, 1.0, 1.0]
