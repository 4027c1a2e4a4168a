"""Steps that follow each other on one site, as one: raising and lowering again is no step at all."""

from __future__ import annotations

from collections.abc import Iterable

from nqx_graph.ir.expr import AmplitudeExpr, as_amplitude
from nqx_graph.ir.types import UpdateOp, UpdateProgram

_LARGEST = 2**31


def shortened(ops: Iterable[UpdateOp]) -> UpdateProgram:
    """The steps with neighbours x'[a] = s · x'[a] + b on one site, of whole s and b, put together."""
    made: list[UpdateOp] = []
    for op in ops:
        joined = _joined(made[-1], op) if made else None
        if joined is None:
            made.append(op)
        else:
            made[-1:] = joined
    return UpdateProgram(made)


def _joined(first: UpdateOp, second: UpdateOp) -> list[UpdateOp] | None:
    """Two steps as at most one; None where they stay two."""
    one, two = _line(first), _line(second)
    if one is None or two is None or first.params["site"].table != second.params["site"].table:
        return None
    scale, bias = two[0] * one[0], two[0] * one[1] + two[1]
    if max(abs(scale), abs(bias)) >= _LARGEST:
        return None
    site = first.params["site"]
    if scale == 1:
        return [] if bias == 0 else [UpdateOp("shift", {"site": site, "delta": as_amplitude(bias).sealed()})]
    return [UpdateOp("affine", {"site": site, "scale": as_amplitude(scale), "bias": as_amplitude(bias)})]


def _line(op: UpdateOp) -> tuple[int, int] | None:
    """Scale and bias of a step that has whole ones."""
    if op.kind not in ("shift", "affine"):
        return None
    given = [op.params[name] for name in ("scale", "bias", "delta") if name in op.params]
    if any(not _is_whole(expr) for expr in given):
        return None
    numbers = [expr.table[0].data[0] for expr in given]
    return (1, numbers[0]) if op.kind == "shift" else (numbers[0], numbers[1])


def _is_whole(expr: AmplitudeExpr) -> bool:
    return len(expr.table) == 1 and expr.table[0].op == "const" and type(expr.table[0].data[0]) is int
