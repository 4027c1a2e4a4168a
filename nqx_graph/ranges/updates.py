"""What x' may be at every site that an update names."""

from __future__ import annotations

from collections.abc import Callable

import attrs
import numpy as np
from numpy.typing import NDArray

from nqx_graph.ir.stored import Expr
from nqx_graph.ir.types import UpdateOp, UpdateProgram
from nqx_graph.ranges import values
from nqx_graph.ranges.lines import Key
from nqx_graph.ranges.values import Value

NEVER, MIXED, SAME = 0, 1, 2


@attrs.frozen(eq=False)
class Held:
    """What x' holds at a site so far, and whether that is still what x holds there."""

    value: Value
    untouched: bool = True
    written: bool = False


State = dict[Key, Held]


class Follower:
    """Follows x' through an update.

    ``evaluate`` gives the value of an expression, ``refined`` what sites hold where a predicate has a given truth (None
    where it never has); both take what is known of the sites so far. ``rounded`` is what the arithmetic of x' makes of a
    value.
    """

    def __init__(
        self,
        sites: dict[Key, NDArray[np.int32]],
        evaluate: Callable[[Expr, dict[Key, Value]], Value],
        refined: Callable[[Expr, dict[Key, Value], bool], dict[Key, Value] | None],
        wrapped: Callable[[Value], Value],
        turned: Callable[[Value], Value],
        rounded: Callable[[Value], Value],
    ) -> None:
        self.sites, self.evaluate, self.refined = sites, evaluate, refined
        self.wrapped, self.turned, self.rounded = wrapped, turned, rounded
        self.widest: list[Value] = []  # every value of x' on the way
        self.turns: list[Value] = []  # those that are wrapped or turned, by what lies beyond the local states

    def run(self, program: UpdateProgram, known: dict[Key, Value]) -> State | None:
        """What x' holds at the end; None where the branch is invalid whatever x is."""
        return self._steps(program, {key: Held(value) for key, value in known.items()}, known)

    def _steps(self, program: UpdateProgram, state: State | None, known: dict[Key, Value]) -> State | None:
        for op in program.ops:
            if state is None:
                return None
            state = self._step(op, state, known)
        return state

    def _step(self, op: UpdateOp, state: State, known: dict[Key, Value]) -> State | None:
        p = op.params
        if op.kind == "invalidate":
            return None
        if op.kind == "cond":
            sides = []
            for name, truth in (("if_true", True), ("if_false", False)):
                narrowed = self.refined(p["predicate"], known, truth)
                if narrowed is not None:
                    sides.append(self._steps(p[name], _narrowed(state, narrowed), narrowed))
            alive = [side for side in sides if side is not None]
            return None if not alive else alive[0] if len(alive) == 1 else _either(alive[0], alive[1])
        if op.kind == "flip":
            self.turns += [held.value for held in state.values()]
            return {
                key: Held(values.union(held.value, self.turned(held.value)), False, True) for key, held in state.items()
            }
        keys = [site.table for site in (p["sites"] if "sites" in p else (p["site"],))]
        if op.kind in ("swap", "permute"):
            old = [state[key].value for key in keys]
            written = [*old[1:], old[0]]
        elif op.kind == "scatter":
            written = [self.evaluate(value, known) for value in p["values"]]
        else:
            written = [self._written(op, state[keys[0]].value, known)]
        for key, value in zip(keys, written, strict=True):
            state = self._write(state, key, value)
        return state

    def _written(self, op: UpdateOp, old: Value, known: dict[Key, Value]) -> Value:
        p = op.params
        if op.kind == "write":
            return self.evaluate(p["value"], known)
        if op.kind == "affine":
            scale, bias = self.evaluate(p["scale"], known), self.evaluate(p["bias"], known)
            return self._met(values.add(self._met(values.multiply(scale, old)), bias))
        moved = self._met(values.add(old, self.evaluate(p["delta"], known)))
        if op.kind != "shift_mod":
            return moved
        self.turns.append(moved)
        return self.wrapped(moved)

    def _met(self, value: Value) -> Value:
        held = self.rounded(value)
        self.widest.append(held)
        return held

    def _write(self, state: State, key: Key, value: Value) -> State:
        """Sites that are this one on every row hold the value, those that are it on some rows may."""
        self.widest.append(value)
        made = {}
        for other, held in state.items():
            relation = self._relation(key, other)
            if relation == SAME:
                made[other] = Held(value, False, True)
            elif relation == MIXED:
                made[other] = Held(values.union(held.value, value), False, held.written)
            else:
                made[other] = held
        return made

    def _relation(self, a: Key, b: Key) -> int:
        if a == b:
            return SAME
        equal = self.sites[a] == self.sites[b]
        return SAME if equal.all() else MIXED if equal.any() else NEVER


def _narrowed(state: State, known: dict[Key, Value]) -> State:
    return {key: Held(known[key]) if held.untouched and key in known else held for key, held in state.items()}


def _either(a: State, b: State) -> State:
    return {
        key: Held(
            values.union(a[key].value, b[key].value),
            a[key].untouched and b[key].untouched,
            a[key].written or b[key].written,
        )
        for key in a
    }
