"""Whether an update can leave the local states, as far as the kinds of its steps tell."""

from __future__ import annotations

from nqx_graph.ir.types import UpdateOp, UpdateProgram
from nqx_graph.space import SpaceView


def may_leave(program: UpdateProgram, space: SpaceView) -> bool:
    """False where no value that the update writes can be outside the local states of its site."""
    return any(_op_may_leave(op, space) for op in program.ops)


def _op_may_leave(op: UpdateOp, space: SpaceView) -> bool:
    if op.kind == "cond":
        return may_leave(op.params["if_true"], space) or may_leave(op.params["if_false"], space)
    if op.kind in ("flip", "invalidate"):
        return False
    if op.kind in ("swap", "permute"):
        return not space.homogeneous
    value = op.params.get("value" if op.kind == "write" else "delta")
    literal = value.node.data[0] if value is not None and value.node.op == "const" else None
    if not isinstance(literal, int) or not (space.homogeneous and space.even and space.integer):
        return True
    low, step, count = int(space.low[0]), int(space.step[0]), int(space.count[0])
    if op.kind == "write":
        return (literal - low) % step != 0 or not low <= literal <= low + step * (count - 1)
    return op.kind != "shift_mod" or literal % step != 0
