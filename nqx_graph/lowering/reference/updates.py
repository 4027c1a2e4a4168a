"""Updates: from x to x', a step after the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from nqx_graph.ir.types import UpdateProgram
from nqx_graph.lowering.reference.configurations import exact_state
from nqx_graph.lowering.reference.expressions import Place, wrap_mod


@np.errstate(all="ignore")
def updated(program: UpdateProgram, place: Place) -> tuple[int | float, ...] | None:
    """x' in exact Python numbers, [N]; None where the branch is invalidated."""
    after: list[Any] = list(place.source)
    if not _run(program, place, after):
        return None
    return tuple(exact_state(value, place.space) for value in after)


def _run(program: UpdateProgram, place: Place, after: list[Any]) -> bool:
    """Apply the steps to ``after`` from left to right; False where the branch turns out not to exist."""
    for op in program.ops:
        if op.kind == "invalidate":
            return False
        if op.kind == "cond":
            side = "if_true" if place.holds(op.params["predicate"]) else "if_false"
            if not _run(op.params[side], place, after):
                return False
        else:
            _STEPS[op.kind](op.params, place, after)
    return True


def _write(p: Mapping[str, Any], place: Place, after: list[Any]) -> None:
    after[place.site(p["site"])] = place.number(p["value"])


def _shift(p: Mapping[str, Any], place: Place, after: list[Any]) -> None:
    a, exact = place.site(p["site"]), place.exact
    after[a] = exact.apply("add", exact.number(after[a]), place.number(p["delta"]))


def _shift_mod(p: Mapping[str, Any], place: Place, after: list[Any]) -> None:
    a, exact = place.site(p["site"]), place.exact
    moved = exact.apply("add", exact.number(after[a]), place.number(p["delta"]))
    after[a] = wrap_mod(moved, exact, place.space, a)


def _affine(p: Mapping[str, Any], place: Place, after: list[Any]) -> None:
    a, exact = place.site(p["site"]), place.exact
    scaled = exact.apply("mul", place.number(p["scale"]), exact.number(after[a]))
    after[a] = exact.apply("add", scaled, place.number(p["bias"]))


def _permute(p: Mapping[str, Any], place: Place, after: list[Any]) -> None:
    """x'[a], x'[b], ..., x'[z] = x'[b], x'[c], ..., x'[a]; of two sites, a swap."""
    sites = [place.site(site) for site in p["sites"]]
    values = [after[site] for site in sites]
    for site, value in zip(sites, values[1:] + values[:1], strict=True):
        after[site] = value


def _scatter(p: Mapping[str, Any], place: Place, after: list[Any]) -> None:
    for site, value in zip(p["sites"], p["values"], strict=True):
        after[place.site(site)] = place.number(value)


def _flip(p: Mapping[str, Any], place: Place, after: list[Any]) -> None:
    exact = place.exact
    for k, masked in enumerate(place.columns[p["column"]]):
        if masked == 1:
            low, high = exact.number(place.space.low[k]), exact.number(place.space.high[k])
            value = exact.number(after[k])
            if value == low:
                after[k] = high
            elif value == high:
                after[k] = low
            else:
                after[k] = exact.apply("sub", exact.apply("add", low, high), value)


_STEPS: dict[str, Callable[[Mapping[str, Any], Place, list[Any]], None]] = {
    "write": _write,
    "shift": _shift,
    "shift_mod": _shift_mod,
    "affine": _affine,
    "swap": _permute,
    "permute": _permute,
    "scatter": _scatter,
    "flip": _flip,
}
