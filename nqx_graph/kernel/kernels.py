"""The kernels of this process: one for every structure, traced and compiled once for each shape of batch.

JAX keeps what it compiled for as long as the function lives. The functions are kept here, the most recently used ones,
so that a process which meets ever new structures does not grow for ever.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from functools import partial
from typing import Any

import jax

from nqx_graph.kernel.fused import fused_connected
from nqx_graph.kernel.fused_structure import FusedStructure
from nqx_graph.kernel.run import branch_tuples, connected
from nqx_graph.kernel.structure import Structure

MOST_KERNELS = 512

_kernels: OrderedDict[Any, Any] = OrderedDict()
_lock = threading.Lock()


def connected_kernel(structure: Any) -> Any:
    """The jitted function from tables, parameters and x to x' and matrix elements."""
    return _kernel("connected", structure, fused_connected if isinstance(structure, FusedStructure) else connected)


def branches_kernel(structure: Structure) -> Any:
    """The jitted function from tables, parameters and x to the branches of every term; for `check`."""
    return _kernel("branches", structure, branch_tuples)


def _kernel(use: str, structure: Any, run: Callable[..., Any]) -> Any:
    key = (use, structure.token)
    with _lock:
        kernel = _kernels.get(key)
        if kernel is not None:
            _kernels.move_to_end(key)
            return kernel
        kernel = _kernels[key] = jax.jit(_named(run, structure))
        dropped = [_kernels.popitem(last=False)[1] for _ in range(len(_kernels) - MOST_KERNELS)]
    for old in dropped:
        old.clear_cache()
    return kernel


def _named(run: Callable[..., Any], structure: Any) -> Callable[..., Any]:
    """The function with a name, which JAX shows in profiles and logs and makes part of what it caches on disk."""
    kernel = partial(run, structure)
    kernel.__name__ = "get_conn_padded"  # type: ignore[attr-defined]  # a partial takes attributes
    return kernel


def clear_kernels() -> None:
    """Forget every kernel; the next call of an operator compiles again."""
    with _lock:
        dropped = list(_kernels.values())
        _kernels.clear()
    for kernel in dropped:
        kernel.clear_cache()


def kernel_count() -> int:
    """How many kernels are kept."""
    with _lock:
        return len(_kernels)


def trace_count() -> int:
    """How many times the kernels that are kept were traced, a shape of batch each."""
    with _lock:
        return sum(kernel._cache_size() for kernel in _kernels.values())
