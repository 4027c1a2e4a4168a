"""Local states as values: what a site may hold, and whether numbers are local states."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nqx_graph.ranges import values
from nqx_graph.ranges.values import ANY, Value
from nqx_graph.space import SpaceView

_MOST_PEELED = 8  # ends of an interval that a condition is tried on; `n > 0` and `n < n_max` take one each


def local_states(space: SpaceView, sites: NDArray[np.int32]) -> Value:
    """What a site of these may hold."""
    if not len(sites):
        return ANY
    at = np.unique(sites) if not space.homogeneous else sites[:1]
    if np.any(space.count[at] < 0):
        return Value(float(space.low[at].min()), np.inf, space.integer)
    made: set[Any] = set()
    for site in at.tolist():
        made.update(_states(space, site))
        if len(made) > values.MOST_STATES:
            return Value(space.low[at].min().item(), space.high[at].max().item(), space.integer)
    return values.of(made)


def _states(space: SpaceView, site: int) -> list[Any]:
    if space.table is not None:
        return list(space.table[site].tolist())
    count = min(int(space.count[site]), values.MOST_STATES + 1)
    return list((space.low[site] + space.step[site] * np.arange(count)).tolist())


def inside(value: Value, space: SpaceView, sites: NDArray[np.int32]) -> bool:
    """Whether every number is a local state of every one of the sites."""
    if value.undefined:
        return False
    at = np.unique(sites) if not space.homogeneous else sites[:1]
    if space.table is None and np.all(space.step[at] == 1) and space.integer:
        bounded = value.whole and value.low >= space.low[at].max()
        return bool(bounded and (np.all(space.count[at] < 0) or _below(value, space, at)))
    if value.states is None:
        return False
    return (
        all(value.states <= set(_states(space, site)) for site in at.tolist()) if np.all(space.count[at] > 0) else False
    )


def _below(value: Value, space: SpaceView, at: NDArray[Any]) -> bool:
    finite = at[space.count[at] > 0]
    return bool(value.high <= space.high[finite].min())


def outside(value: Value, space: SpaceView, sites: NDArray[np.int32]) -> bool:
    """Whether no number is a local state of any of the sites."""
    held = local_states(space, sites)
    if value.undefined or not space.integer:
        return False
    if value.states is not None and held.states is not None:
        return not value.states & held.states
    return bool(value.high < held.low or value.low > held.high)


def refined(value: Value, possible: Callable[[Any], bool]) -> Value | None:
    """Those of the numbers that are possible; None where there are none. Of an interval of whole numbers the ends are tried."""
    if value.states is not None:
        kept = [state for state in value.states if possible(state)] if len(value.states) > 1 else value.states
        return values.of(kept, value.undefined) if kept else None
    ends = [value.low, value.high]
    for k, inwards in enumerate((1, -1)):
        for _ in range(_MOST_PEELED if value.whole and np.isfinite(ends[k]) else 0):
            if possible(ends[k]):
                break
            ends[k] += inwards
    return Value(ends[0], ends[1], value.whole, value.undefined) if ends[0] <= ends[1] else None


def slack(space: SpaceView) -> int:
    """What wrapping and flipping may add to a number on the way to a local state."""
    low, high = space.bounds()
    return 0 if np.isinf(high) else 2 * int(max(abs(low), abs(high))) + 2


def turned(value: Value, space: SpaceView) -> Value:
    """The other state of a two-state site."""
    total = (2 * space.low + space.step).tolist()
    if not space.homogeneous:
        return Value(min(total) - value.high, max(total) - value.low, value.whole and space.integer, value.undefined)
    return values.mapped(
        lambda p: total[0] - p,
        (value,),
        lambda: Value(total[0] - value.high, total[0] - value.low, value.whole and space.integer, value.undefined),
    )


def wrapped(value: Value, space: SpaceView) -> Value:
    """A number wrapped into the local states, which `wrap_mod` needs to be the same everywhere."""
    if not (space.even and space.homogeneous):
        return ANY
    low, span = space.low[0].item(), (space.step[0] * space.count[0]).item()
    interval = Value(low, low + span, value.whole and space.integer, value.undefined or not value.bounded)
    if not space.integer:
        return interval
    return values.mapped(lambda p: (p - low) % span + low, (value,), lambda: interval)
