"""Functions of users in kernels: against NumPy, with gradients, excluded branches, samples of int8, and optimised."""

from __future__ import annotations

import itertools
import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from comparing import assert_same, compiled_for
from refusal import refused

import nqx_graph as sym
from nqx_graph.errors import DefinitionError, DTypeError
from nqx_graph.hilbert import Fock

s = sym.site
n, m = s("i").value, s("j").value
FOCK = Fock(3, N=3)
X = np.array(list(itertools.product(range(4), repeat=3)))
BONDS = [(0, 1), (1, 2), (2, 0)]


@pytest.fixture(autouse=True)
def forgotten() -> Any:
    with sym.extensions():
        yield


def registered(name: str, lower: Any, reference: Any, **given: Any) -> Any:
    return sym.expression_function(name, reference=reference, version="1", **given)(lower)


def tanh() -> Any:
    return registered("tanh", jnp.tanh, np.tanh, interval="rising")


def artanh(safe: float = 0.0) -> Any:
    """Undefined from 1 on, and at 1 itself, where excluded branches are evaluated if nothing is said."""
    return registered("artanh", jnp.arctanh, np.arctanh, safe=safe)


def one(amplitude: Any, dtype: Any = None, where: Any = True, update: Any = sym.identity) -> Any:
    return (
        sym.DOperator(FOCK, dtype=dtype)
        .for_each(("i", "j"), over=BONDS)
        .where(where)
        .emit(update, amplitude=amplitude)
        .build()
    )


def mels_of(operator: Any, x: Any = X, **parameters: Any) -> Any:
    """One operation after another, which saves the time of compiling."""
    compiled = operator.compile(cache=False)
    with jax.disable_jit():
        return np.asarray((compiled.with_parameters(**parameters) if parameters else compiled).get_conn_padded(x)[1])


def table(of: Any, x: Any = X) -> Any:
    return np.array([[of(int(row[i]), int(row[j])) for i, j in BONDS] for row in x])


# --- values -----------------------------------------------------------------------------------------------------------


def test_against_numpy_for_samples_of_every_kind() -> None:
    operator = one(tanh()(n * m / 4 - 1) * 2 + 1)
    true = table(lambda a, b: np.tanh(a * b / 4 - 1) * 2 + 1)
    for dtype in (np.int8, np.float32):
        np.testing.assert_allclose(mels_of(operator, X.astype(dtype)), true, rtol=1e-14)


def test_samples_of_int8_are_computed_in_the_dtype_of_the_operator() -> None:
    wide = Fock(20, N=2)
    product = registered("product", lambda x, y: x * y, lambda x, y: x * y)
    operator = sym.DOperator(wide).globally().emit(amplitude=product(sym.source_index(0), sym.source_index(1))).build()
    assert mels_of(operator, np.array([16, 16], np.int8)).tolist() == [256.0]


@pytest.mark.parametrize(
    ("dtype", "tolerance"), [("float32", 1e-6), ("float16", 1e-2), ("bfloat16", 5e-2), ("complex64", 1e-6)]
)
def test_other_dtypes(dtype: str, tolerance: float) -> None:
    mels = mels_of(one(tanh()(n - m), dtype))
    assert mels.dtype == jnp.dtype(dtype)
    np.testing.assert_allclose(mels.astype(np.complex128), table(lambda a, b: np.tanh(a - b)), rtol=tolerance)


def test_complex_numbers() -> None:
    of_any, phase = tanh(), registered("phase", lambda x: jnp.exp(1j * x), lambda x: np.exp(1j * x), result="complex")
    size = registered("size", jnp.abs, np.abs, result="real")
    made = mels_of(one(of_any(n * (0.5 + 0.25j)) + phase(m) * size(n * 1j - 1), "complex128"))
    true = table(lambda a, b: np.tanh(a * (0.5 + 0.25j)) + np.exp(1j * b) * abs(a * 1j - 1))
    np.testing.assert_allclose(made, true, rtol=1e-14)


def test_real_functions_in_complex_operators_are_given_real_parts() -> None:
    gamma = registered("gammaln", jax.scipy.special.gammaln, math.lgamma, real_only=True)
    made = mels_of(one(1j * gamma(n + 1.5), "complex128"))
    np.testing.assert_allclose(made, table(lambda a, b: 1j * math.lgamma(a + 1.5)), rtol=1e-13)


def test_several_arguments_and_functions_of_functions() -> None:
    angle = registered("angle", jnp.arctan2, np.arctan2)
    made = mels_of(one(angle(tanh()(n - 1), m + 1)))
    np.testing.assert_allclose(made, table(lambda a, b: np.arctan2(np.tanh(a - 1), b + 1)), rtol=1e-14)


def test_predicates_updates_and_choices() -> None:
    of = tanh()
    half = registered("half", lambda x: x / 2, lambda x: x / 2, interval=lambda x: (x[0] / 2, x[1] / 2))
    operator = one(
        sym.where(of(n - m) > 0.5, 3, of(sym.emitted("i").value)),
        where=of(n - 1.5) > 0,
        update=sym.write("i", half(2 * m)),
    )
    xp, mels = operator.compile(cache=False).get_conn_padded(X)
    for x, row in zip(X, np.asarray(mels), strict=True):
        there = [x[i] > 1.5 for i, _ in BONDS]
        true = [3 if math.tanh(x[i] - x[j]) > 0.5 else math.tanh(x[j]) for i, j in BONDS]
        np.testing.assert_allclose(row, np.where(there, true, 0), rtol=1e-14)
    true_xp = np.repeat(X[:, None], 3, axis=1)
    for slot, (i, j) in enumerate(BONDS):
        true_xp[:, slot, i] = np.where(X[:, i] > 1.5, X[:, j], X[:, i])
    np.testing.assert_array_equal(xp, true_xp)


# --- excluded branches and gradients ----------------------------------------------------------------------------------


def gradient(operator: Any, of: Any = lambda mels: mels.sum(), **parameters: float) -> Any:
    compiled = operator.compile(cache=False)
    with jax.disable_jit():
        return jax.grad(lambda given: of(compiled.with_parameters(**given).get_conn_padded(X)[1]))(parameters)


def test_the_gradient() -> None:
    operator = one(tanh()(sym.symbol("g", 0.5) * n) * m)
    assert set(operator.to_ir().free_symbols) == {"g"}
    true = table(lambda a, b: b * a / np.cosh(0.3 * a) ** 2).sum()
    np.testing.assert_allclose(gradient(operator, g=0.3)["g"], true, rtol=1e-13)


def test_an_excluded_branch_reaches_neither_value_nor_gradient() -> None:
    of, g = artanh(), sym.symbol("g", 1.0)
    operator = one(of(g * n / 2), where=s("i") < 2)
    true = table(lambda a, b: np.arctanh(a * 0.9 / 2) if a < 2 else 0.0)
    np.testing.assert_allclose(mels_of(operator, g=0.9), true, rtol=1e-14)
    slope = table(lambda a, b: a / 2 / (1 - (0.9 * a / 2) ** 2) if a < 2 else 0.0).sum()
    np.testing.assert_allclose(gradient(operator, g=0.9)["g"], slope, rtol=1e-13)


def test_the_side_of_a_choice_that_is_not_taken() -> None:
    of, g = artanh(), sym.symbol("g", 1.0)
    operator = one(sym.where(s("i") < 2, of(g * n / 2), g * m))
    slope = table(lambda a, b: a / 2 / (1 - (0.9 * a / 2) ** 2) if a < 2 else b).sum()
    np.testing.assert_allclose(gradient(operator, g=0.9)["g"], slope, rtol=1e-13)


def test_a_branch_that_is_there_is_what_it_is() -> None:
    mels = mels_of(one(artanh()(n)))
    true = table(lambda a, b: [0.0, np.inf, np.nan, np.nan][a])
    np.testing.assert_array_equal(mels, true)


def test_every_argument_has_its_safe_place() -> None:
    ratio = registered("ratio", lambda x, y: x / (y - 1), lambda x, y: x / (y - 1), safe=(1.0, 2.0))
    operator = one(ratio(sym.symbol("g", 1.0) * n, m), where=s("j") != 1)
    true = table(lambda a, b: 0.0 if b == 1 else a / (b - 1))
    np.testing.assert_allclose(mels_of(operator), true, rtol=1e-14)
    np.testing.assert_allclose(gradient(operator, g=1.0)["g"], true.sum(), rtol=1e-13)


# --- ways to run it ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float64", "complex128"])
def test_optimised_and_by_the_reference_interpreter(dtype: str) -> None:
    of, g = tanh(), sym.symbol("g", 0.5)
    builder = sym.DOperator(FOCK, dtype=dtype).for_each(("i", "j"), over=BONDS)
    builder.emit(amplitude=2 * of(g * n) * m - of(n) + 1).where(of(n - 2) < 0.5)
    builder.for_each_site("i").where(s("i") < 3).emit(sym.shift("i", 1), amplitude=of(n + g))
    operator = builder.build()
    plain = operator.compile(cache=False).to_dense()
    np.testing.assert_allclose(operator.compile(cache=False, optimize=True).to_dense(), plain, rtol=1e-13)
    numpy = sym.SymbolicCompilerOptions(backend_preference="numpy", cache_enabled=False)
    reference = sym.SymbolicCompiler(options=numpy).compile_operator(operator)
    np.testing.assert_allclose(reference.to_dense(), plain, rtol=1e-13)


def test_optimising_does_not_take_a_function_apart() -> None:
    """2·f(x) - f(x) + f(-x), f no odd function."""
    of = registered("f", lambda x: jnp.exp(x), np.exp)
    operator = one(2 * of(n) - of(n) + of(-n))
    optimised = operator.compile(cache=False, optimize=True)
    assert optimised.max_conn_size == 1
    true = table(lambda a, b: np.exp(a) + np.exp(-a)).sum(axis=1)
    np.testing.assert_allclose(np.asarray(optimised.get_conn_padded(X)[1])[:, 0], true, rtol=1e-13)


def test_jit_vmap_and_batches_of_nothing() -> None:
    compiled = one(tanh()(n * m)).compile(cache=False)
    true = table(lambda a, b: np.tanh(a * b))
    np.testing.assert_allclose(jax.jit(lambda x: compiled.get_conn_padded(x)[1])(X), true, rtol=1e-14)
    np.testing.assert_allclose(jax.vmap(lambda x: compiled.get_conn_padded(x)[1])(X), true, rtol=1e-14)
    assert compiled.get_conn_padded(X[:0])[1].shape == (0, 3)


def test_functions_of_one_name_have_kernels_of_their_own() -> None:
    made = []
    for factor in (1.0, 2.0):
        of = registered("scaled", lambda x, factor=factor: factor * x, lambda x, factor=factor: factor * x)
        made.append(one(of(n)))
    first, second = (operator.compile() for operator in made)
    assert first._static.structure != second._static.structure
    np.testing.assert_array_equal(2 * first.get_conn_padded(X)[1], second.get_conn_padded(X)[1])


def nested(functions: list[Any], seed: int) -> Any:
    """An operator of functions of functions, with predicates, choices and x' of them as well."""
    rng = np.random.default_rng(seed)

    def number(depth: int) -> Any:
        if depth == 0:
            return [
                n,
                m,
                s("i").index,
                sym.emitted("j").value if in_amplitude else m,
                sym.symbol("g", 0.5) if in_amplitude else 0.25,
            ][rng.integers(5)]
        a, b = number(depth - 1), number(depth - 1)
        of = functions[rng.integers(len(functions))]
        return [of(a), of(a * 0.5), of(a) - b, of(a) * b, sym.where(of(a) < b, of(b), a)][rng.integers(5)]

    in_amplitude = False
    where, written = number(2) <= number(1), number(1)
    in_amplitude = True
    update = sym.identity if rng.integers(2) else sym.write("j", sym.where(written > 0.3, n, m))
    return one(number(3), "float64", where, update)


def reached(samples: Any, branches: Any) -> dict[Any, complex]:
    """The sum of the matrix elements from every x to every x'."""
    xp, mels = map(np.asarray, branches)
    sums: dict[Any, complex] = {}
    for x, to, row in zip(samples, xp, mels, strict=True):
        for x_prime, mel in zip(to, row, strict=True):
            key = (*x.tolist(), *x_prime.tolist())
            sums[key] = sums.get(key, 0) + complex(mel)
    return {key: value for key, value in sums.items() if value != 0}


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_random_operators_by_kernel_and_by_reference() -> None:
    functions = [tanh(), artanh(), registered("cube", lambda x: x * x * x, lambda x: x * x * x)]
    x = X[::4]
    for seed in range(10):
        operator = nested(functions, seed)
        expected = compiled_for(operator, "numpy").get_conn_padded(x)
        for optimize in (False, True):
            compiled = compiled_for(operator, "jax", optimize=optimize)
            with jax.disable_jit():
                given = compiled.get_conn_padded(x)
            if not optimize:
                assert_same(operator, x, given, expected)
            assert reached(x, given) == pytest.approx(reached(x, expected), rel=1e-9, abs=1e-9, nan_ok=True)


# --- functions that are not what they say ------------------------------------------------------------------------------


def test_a_function_that_does_not_work_element_by_element() -> None:
    total = registered("total", jnp.sum, np.sum)
    with jax.disable_jit(), refused(DefinitionError, "'total' made the shape () of", "element by element"):
        one(total(n)).compile(cache=False).get_conn_padded(X)
    nothing = registered("nothing", lambda x: None, lambda x: x)
    with jax.disable_jit(), refused(DefinitionError, "'nothing' made a NoneType of", "element by element"):
        one(nothing(n)).compile(cache=False).get_conn_padded(X)


def test_a_function_that_gives_complex_numbers_and_did_not_say_so() -> None:
    turned = registered("turned", lambda x: 1j * x, lambda x: x)
    with jax.disable_jit(), refused(DTypeError, "'turned' gave complex numbers", "float64", "result='complex'"):
        one(turned(n)).compile(cache=False).get_conn_padded(X)
