"""What a kernel returned against what the loops of the reference interpreter return, to rounding and no more."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import strategies
from numpy.typing import NDArray

import nqx_graph as sym
from nqx_graph.lowering.reference import branches
from nqx_graph.space import view

TOLERANCE = {"float64": 1e-12, "complex128": 1e-12, "float32": 1e-5}


def compiled_for(operator: Any, backend: str, **options: Any) -> Any:
    """The operator without the store, with a value for every symbol."""
    # not strict: some of them divide by 0 or worse wherever they are, and have to meet NaN with NaN
    chosen = sym.SymbolicCompilerOptions(backend_preference=backend, strict_validation=False, **options)
    compiled = operator.compile(cache=False, options=chosen)
    values = strategies.missing_parameters(operator)
    return compiled.with_parameters(**values) if values else compiled


def largest(operator: Any, x: NDArray[Any]) -> float:
    """The largest number met on the way to any matrix element of one configuration."""
    values = strategies.missing_parameters(operator)
    found = branches(operator.to_ir(), view(operator.hilbert), x, values)
    return max((branch.largest for branch in found), default=0.0)


def assert_same(operator: Any, x: NDArray[Any], given: Any, expected: Any) -> None:
    """Shapes, dtypes, x', empty slots and NaN exactly; matrix elements to rounding."""
    (xp, mels), (xp_true, mels_true) = (tuple(map(np.asarray, pair)) for pair in (given, expected))
    words = Words(operator)
    assert (xp.dtype, mels.dtype) == (xp_true.dtype, mels_true.dtype), words
    assert (xp.shape, mels.shape) == (xp_true.shape, mels_true.shape), words
    assert np.array_equal(xp, xp_true), words
    assert np.array_equal(np.isnan(mels), np.isnan(mels_true)), words
    empty = (mels_true == 0) & (xp_true == x[:, None, :]).all(axis=-1)
    assert not mels[empty].any(), words
    tolerance = TOLERANCE[mels.dtype.name]
    if close(mels, mels_true, tolerance):
        return
    for row, (ours, theirs) in enumerate(zip(mels, mels_true, strict=True)):
        if not close(ours, theirs, tolerance):
            scale = max(1.0, largest(operator, x[row]))
            assert close(ours, theirs, tolerance * scale), f"x={x[row]}\n{ours}\n{theirs}\nscale {scale}{words}"


def close(ours: NDArray[Any], theirs: NDArray[Any], tolerance: float) -> bool:
    """Whether two arrays agree to so much, NaN with NaN."""
    return bool(np.allclose(ours, theirs, rtol=0, atol=tolerance, equal_nan=True))


class Words:
    """The operator as text, written only where a comparison fails."""

    def __init__(self, operator: Any) -> None:
        self.operator = operator

    def __repr__(self) -> str:
        return f"\n{self.operator.to_ir()}"

    __str__ = __repr__


@cache
def quick_options() -> dict[str, Any]:
    """What this XLA can leave out: most of the time of two thousand kernels would go into making them fast."""
    wanted = {
        "xla_backend_optimization_level": 0,
        "xla_llvm_disable_expensive_passes": True,
        "xla_cpu_use_fusion_emitters": False,  # a compiler within the compiler, newer than the one that steps in
        "xla_cpu_parallel_codegen_split_count": 1,  # every core has a test of its own
    }
    known = {}
    for name, value in wanted.items():
        with suppress(jax.errors.JaxRuntimeError):
            jax.jit(jnp.negative).lower(1).compile(compiler_options={name: value})
            known[name] = value
    return known


def run_quickly(compiled: Any, x: Any) -> Any:
    """What ``get_conn_padded`` returns, jitted, from a kernel that was compiled for this call."""
    kernel = jax.jit(lambda operator, states: operator.get_conn_padded(states))
    return kernel.lower(compiled, x).compile(compiler_options=quick_options())(compiled, x)


@contextmanager
def compiled_quickly() -> Iterator[None]:
    """Leave out what XLA does for speed: it would be most of the time that two thousand kernels take."""
    jax.config.update("jax_disable_most_optimizations", True)
    try:
        yield
    finally:
        jax.config.update("jax_disable_most_optimizations", False)
        jax.clear_caches()  # no other test should be given these kernels, and they need not be kept
