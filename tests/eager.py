"""The kernel run at once, on NumPy's arrays.

The code is the package's own, `nqx_graph.kernel`; what it calls JAX for is done by NumPy. JAX would compile each operation
for each shape it meets, which takes seconds a program; this takes a millisecond, so that there can be many programs. What
JAX makes of the same code is compared elsewhere, on fewer.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, partial
from types import SimpleNamespace
from typing import Any
from unittest import mock

import jax
import numpy as np

from nqx_graph.kernel import amplitude, env, exact, fused, motion, run, target
from nqx_graph.kernel.fused_structure import FusedStructure
from nqx_graph.operators import check

MODULES = (amplitude, env, exact, fused, motion, run, target)


def take_along_axis(array: Any, indices: Any, axis: int, mode: str = "clip") -> Any:
    array = np.asarray(array)
    places = list(_places(array.shape))
    places[axis] = np.minimum(np.maximum(indices, 0), array.shape[axis] - 1)
    return array[tuple(places)]


@cache
def _places(shape: tuple[int, ...]) -> tuple[Any, ...]:
    """The numbers of the places along each axis, which broadcast to the shape."""
    return tuple(np.ogrid[tuple(slice(size) for size in shape)])


def integer_pow(base: Any, exponent: int) -> Any:
    base = np.asarray(base)
    made = np.ones_like(base)
    for _ in range(abs(exponent)):
        made = made * base
    return made if exponent >= 0 else 1 / made


def bitcast(array: Any, dtype: Any) -> Any:
    array = np.ascontiguousarray(array)
    old, new = array.dtype.itemsize, np.dtype(dtype).itemsize
    if new > old:
        return array.view(dtype)[..., 0]
    return array[..., None].view(dtype) if new < old else array.view(dtype)


class Numpy:
    """NumPy under the names of `jax.numpy`, where what is asked for differs."""

    einsum = staticmethod(lambda *args, precision: np.einsum(*args))
    take_along_axis = staticmethod(take_along_axis)

    def __getattr__(self, name: str) -> Any:
        return getattr(np, name)


JNP = Numpy()
JAX = SimpleNamespace(
    Array=np.ndarray,
    lax=SimpleNamespace(
        integer_pow=integer_pow,
        stop_gradient=lambda value: value,
        bitcast_convert_type=bitcast,
        Precision=SimpleNamespace(HIGHEST=None),
    ),
)
NUMERIC = {
    name: getattr(np, call.__name__) if call.__module__.startswith("jax") else call
    for name, call in exact._NUMERIC.items()
}


@contextmanager
def on_numpy() -> Iterator[None]:
    """Within it, the functions of `nqx_graph.kernel` take and return NumPy's arrays, and so does `check`."""
    patches = [mock.patch.dict(exact._NUMERIC, NUMERIC)]
    patches += [mock.patch.object(module, "jnp", JNP) for module in MODULES]
    patches += [mock.patch.object(module, "jax", JAX) for module in MODULES if hasattr(module, "jax")]
    patches += [mock.patch.object(check, "branches_kernel", lambda structure: partial(run.branch_tuples, structure))]
    for patch in patches:
        patch.start()
    try:
        with np.errstate(all="ignore"):
            yield
    finally:
        for patch in reversed(patches):
            patch.stop()


def arrays(compiled: Any) -> tuple[Any, Any]:
    """Tables and parameters as NumPy's arrays."""
    (tables, parameters), _ = compiled.tree_flatten()
    return jax.tree.map(np.asarray, tables), jax.tree.map(np.asarray, parameters)


def connected(compiled: Any, x: Any) -> tuple[Any, Any]:
    """What ``compiled.get_conn_padded(x)`` returns, inside of `on_numpy`."""
    structure = compiled._static.structure
    call = fused.fused_connected if isinstance(structure, FusedStructure) else run.connected
    xp, mels = call(structure, *arrays(compiled), np.asarray(x))
    return np.asarray(xp), np.asarray(mels)
