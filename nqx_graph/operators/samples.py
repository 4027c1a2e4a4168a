"""Which configurations a kernel takes."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from nqx_graph.errors import SampleTypeError, StateError
from nqx_graph.space import SpaceView


def admit(x: Any, space: SpaceView) -> Any:
    """x as a JAX array [..., N] of a dtype that can hold the local states.

    Raises:
        SampleTypeError: for a dtype that cannot.
        StateError: for another last axis than N.
    """
    dtype = getattr(x, "dtype", None)
    if isinstance(x, np.ndarray) and not x.dtype.isnative:
        x = x.astype(x.dtype.newbyteorder("="))
    try:
        array = on_device(x) if isinstance(x, np.ndarray) else jnp.asarray(x)
    except (TypeError, ValueError) as cause:
        raise SampleTypeError(f"configurations must be an array of numbers; {type(x).__name__} is none.") from cause
    except OverflowError as cause:
        raise SampleTypeError(f"configurations hold numbers that no dtype of JAX does: {cause}.") from cause
    if not can_hold(array.dtype, space):
        raise SampleTypeError(
            f"configurations of dtype {dtype or array.dtype} cannot hold the local states {space.local_states_text()} of "
            f"{space.hilbert!r}; give a signed integer or floating dtype that can.",
            dtype=array.dtype,
        )
    if array.ndim < 1 or array.shape[-1] != space.size:
        raise StateError(
            f"configurations of {space.hilbert!r} have shape [..., {space.size}]; the given ones have {tuple(array.shape)}.",
            shape=tuple(array.shape),
        )
    return array


def on_device(array: Any) -> Any:
    """An array of NumPy as one of JAX.

    `jnp.asarray` compiles a copy for every shape that it meets. `jax.device_put` does not, but leaves a mesh that is set,
    as NetKet does, out of the array's type, and that would be traced anew.
    """
    mesh = getattr(jax.sharding, "get_abstract_mesh", None)
    return jax.device_put(array) if mesh is not None and mesh().empty else jnp.asarray(array)


def lowest(space: SpaceView, batch: tuple[int, ...]) -> np.ndarray[Any, Any]:
    """A batch of configurations that hold the lowest local state everywhere, in the smallest dtype that can, as samplers do."""
    dtypes = (np.int8, np.int16, np.int32, np.int64) if space.integer else (np.float32, np.float64)
    dtype = next(dtype for dtype in dtypes if can_hold(dtype, space))
    return np.broadcast_to(space.low, (*batch, space.size)).astype(dtype)


def can_hold(dtype: Any, space: SpaceView) -> bool:
    """Whether every local state has an exact value in the dtype."""
    low, high = space.bounds()
    if jnp.issubdtype(dtype, jnp.integer):
        info = jnp.iinfo(dtype)  # type: ignore[no-untyped-call]  # JAX does not type it
        if high == float("inf"):  # nothing holds them all; what a shift makes of the largest must not wrap round
            return space.integer and info.min <= low and info.bits >= 32
        return space.integer and bool(info.min <= low and high <= info.max)
    if not jnp.issubdtype(dtype, jnp.floating):
        return False
    if high == float("inf"):
        return bool(jnp.finfo(dtype).bits >= 32)  # type: ignore[no-untyped-call]  # JAX does not type it
    if not space.integer:
        states = (
            space.low + space.step * np.arange(int(space.count.max()))[:, None] if space.table is None else space.table
        )
        return bool(np.all(np.asarray(jnp.asarray(states).astype(dtype), dtype=np.float64) == states))
    exact_up_to = 2.0 ** (int(jnp.finfo(dtype).nmant) + 1)  # type: ignore[no-untyped-call]  # JAX does not type it
    return bool(max(abs(low), abs(high)) <= exact_up_to)


def foreign_rows(x: np.ndarray[Any, Any], space: SpaceView) -> np.ndarray[Any, Any]:
    """Which configurations [B, N] do not belong to the space, constraint included; [B] of bool."""
    wide = x.astype(np.int64) if space.integer and x.dtype.kind in "iu" else x.astype(np.float64)
    if space.table is not None:
        inside = np.any(wide[..., None] == space.table, axis=-1)
    else:
        inside = (wide >= space.low) & ((space.count < 0) | (wide <= space.high))
        with np.errstate(invalid="ignore"):  # infinity has no remainder, and is no local state
            inside &= np.mod(wide - space.low, space.step) == 0
    foreign = ~np.all(inside, axis=-1)
    if space.contains is not None and not np.all(foreign):
        foreign[~foreign] = ~np.asarray(space.contains(x[~foreign]))
    return np.asarray(foreign)
