"""What the JAX kernel returns against the loops of the reference interpreter, on random operators and all states."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np
import oracle
import pytest
import strategies
from comparing import TOLERANCE, assert_same, compiled_for, largest, run_quickly
from figures import figure
from hypothesis import HealthCheck, given, seed, settings

import nqx_graph as sym

jax.config.update("jax_enable_x64", True)

PROGRAMS, CHUNK = figure(1_740, 20_010), 87  # with the 273 of the other tests here more than two thousand
RANDOM = {"deadline": None, "database": None, "suppress_health_check": list(HealthCheck)}


@pytest.mark.parametrize("chunk", range(PROGRAMS // CHUNK))
def test_random_operators(chunk: int) -> None:
    @seed(chunk)
    @settings(max_examples=CHUNK, **RANDOM)
    @given(strategies.operators())
    def compare(operator: Any) -> None:
        x = strategies.samples(operator.hilbert, (np.int8, np.int64, np.float64)[chunk % 3])
        expected = compiled_for(operator, "numpy").get_conn_padded(x)
        assert_same(operator, x, run_quickly(compiled_for(operator, "jax"), x), expected)

    compare()


@pytest.mark.parametrize("chunk", range(4))
def test_optimised_and_mapped(chunk: int) -> None:
    @seed(1000 + chunk)
    @settings(max_examples=10, **RANDOM)
    @given(strategies.operators())
    def compare(operator: Any) -> None:
        x = strategies.samples(operator.hilbert)
        compiled = compiled_for(operator, "jax")
        expected = compiled_for(operator, "numpy").get_conn_padded(x)
        assert_same(operator, x, compiled.get_conn_padded(x), expected)
        assert_same(operator, x, jax.vmap(compiled.get_conn_padded)(x), expected)

    compare()


def test_one_operation_after_another() -> None:
    for number in range(5):  # JAX compiles each operation for each shape
        operator = strategies.seeded(2 * 10**6 + number)
        x = strategies.samples(operator.hilbert)[:4]
        with jax.disable_jit():
            given_eagerly = compiled_for(operator, "jax").get_conn_padded(x)
        assert_same(operator, x, given_eagerly, compiled_for(operator, "numpy").get_conn_padded(x))


@pytest.mark.parametrize("shape", ["none", "empty", "two axes"])
def test_leading_axes(shape: str) -> None:
    @seed(2000)
    @settings(max_examples=20, **RANDOM)
    @given(strategies.operators())
    def compare(operator: Any) -> None:
        states = strategies.samples(operator.hilbert, np.int32)
        x = {"none": states[0], "empty": states[:0], "two axes": np.stack([states[:1], states[-1:]])}[shape]
        ours, truth = run_quickly(compiled_for(operator, "jax"), x), compiled_for(operator, "numpy").get_conn_padded(x)
        slots = ours[1].shape[-1]
        assert ours[0].shape == (*x.shape[:-1], slots, x.shape[-1])
        assert ours[1].shape == (*x.shape[:-1], slots)
        flat = [(xp.reshape(-1, slots, x.shape[-1]), mels.reshape(-1, slots)) for xp, mels in (ours, truth)]
        assert_same(operator, x.reshape(-1, x.shape[-1]), *flat)

    compare()


COLLAPSED, PART = 6, 28


@pytest.mark.parametrize("chunk", range(COLLAPSED))
def test_fused_random_operators(chunk: int) -> None:
    """The sum of the matrix elements of every x' is that of the loops; a sum has the error of its largest part."""

    @seed(4000 + chunk)
    @settings(max_examples=PART, **RANDOM)
    @given(strategies.operators())
    def compare(operator: Any) -> None:
        x = strategies.samples(operator.hilbert, (np.int8, np.int64, np.float64)[chunk % 3])
        options = {"on_out_of_domain": ("nan", "drop")[chunk % 2]}
        values = strategies.missing_parameters(operator)
        fused, looped = (
            operator.compile(
                cache=False, options=sym.SymbolicCompilerOptions(strict_validation=False, **options, **more)
            ).with_parameters(**values)
            for more in ({"optimize": True}, {"backend_preference": "numpy"})
        )
        expected = tuple(map(np.asarray, looped.get_conn_padded(x)))
        xp, mels = map(np.asarray, run_quickly(fused, x))
        words = f"\n{operator.to_ir()}"
        assert xp.shape == (*mels.shape, x.shape[-1]), words
        assert mels.shape == (len(x), fused.max_conn_size), words
        assert mels.shape[1] <= expected[1].shape[1] or not expected[1].any(), words
        assert (xp.dtype, mels.dtype) == (expected[0].dtype, expected[1].dtype), words
        tolerance = TOLERANCE[mels.dtype.name]
        for row in range(len(x)):
            own = [(a[row : row + 1], b[row : row + 1]) for a, b in ((xp, mels), expected)]
            try:
                oracle.assert_same_operator(*own, tolerance)
            except AssertionError:
                scale = mels.shape[1] * largest(operator, x[row])
                oracle.assert_same_operator(*own, tolerance * max(1.0, scale))

    compare()
