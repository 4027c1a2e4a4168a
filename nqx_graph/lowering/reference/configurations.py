"""Configurations: read exactly, held against the space, written in the dtype of x."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nqx_graph.errors import SampleTypeError, StateError
from nqx_graph.lowering.reference.scalars import cast_float, holds, whole_part
from nqx_graph.space import SpaceView


def exact_state(value: Any, space: SpaceView) -> int | float:
    """A state as a Python number: an int where local states are integers and this is one."""
    if isinstance(value, int | np.integer):
        return int(value)
    value = float(value)
    return int(value) if space.integer and value.is_integer() else value


def is_local_state(space: SpaceView, site: int, value: int | float) -> bool:
    """Whether a site of the space can hold this number."""
    if not math.isfinite(value):
        return False
    if space.table is not None:
        return any(value == state for state in space.table[site].tolist())
    low, step, count = space.low[site].item(), space.step[site].item(), int(space.count[site])
    place = (value - low) // step if space.integer else round((value - low) / step)
    return bool(value == low + place * step and place >= 0 and (count < 0 or place < count))


def is_state(space: SpaceView, state: Sequence[int | float] | NDArray[Any]) -> bool:
    """Whether a configuration of local states is in the space: whether it keeps the constraint, if there is one."""
    return space.contains is None or bool(np.all(np.asarray(space.contains(np.asarray(state)[None]))))


def as_samples(x: ArrayLike, space: SpaceView) -> NDArray[Any]:
    """x as an array [..., N] of a dtype that can hold the local states.

    Raises:
        StateError: x has another last axis than N.
        SampleTypeError: the dtype of x cannot hold the local states.
    """
    array = np.asarray(x)
    if array.ndim == 0 or array.shape[-1] != space.size:
        raise StateError(
            f"configurations have {space.size} sites in their last axis; this x has shape {array.shape}.",
            shape=array.shape,
        )
    if not _can_hold(array.dtype, space):
        raise SampleTypeError(
            f"configurations of dtype {array.dtype} cannot hold the local states, {space.local_states_text()}; give "
            "integers or floats wide enough.",
            dtype=array.dtype,
        )
    return array


def _can_hold(dtype: np.dtype[Any], space: SpaceView) -> bool:
    """Whether every local state can be stored exactly.

    Where there is no highest one, 32 bits are asked for. Of evenly spaced states the two at either end tell: a float that holds both holds their difference, the step, and
    the ends are where its own spacing is widest.
    """
    if dtype.kind not in "iuf" and dtype.name != "bfloat16":
        return False
    if space.table is not None:
        return all(holds(dtype, state) for state in set(space.table.ravel().tolist()))
    for low, step, count in set(zip(space.low.tolist(), space.step.tolist(), space.count.tolist(), strict=True)):
        high = low + step * (count - 1)
        ends = (low,) if count < 2 else (low, low + step, high - step, high)
        if not all(holds(dtype, state) for state in ends) or (count < 0 and dtype.itemsize < 4):
            return False
    return True


@np.errstate(all="ignore")
def stored(value: int | float, dtype: np.dtype[Any]) -> Any:
    """A number of x' in the dtype of x; beyond its integers (only where leaving is trusted away) the nearest one."""
    if dtype.kind in "iu":
        limits = np.iinfo(dtype)
        if not isinstance(value, int) and math.isinf(value):
            return limits.max if value > 0 else limits.min
        return min(max(whole_part(value), limits.min), limits.max)
    return cast_float(value, dtype.type)
