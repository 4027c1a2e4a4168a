"""What an update makes of the joint states of the sites of a row."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import attrs
import numpy as np

from nqx_graph.diagnostics.evaluate import lines, possible
from nqx_graph.diagnostics.patterns import Pattern
from nqx_graph.diagnostics.setting import Array, Setting
from nqx_graph.ir.stored import Expr
from nqx_graph.ir.types import UpdateOp, UpdateProgram
from nqx_graph.ranges.lines import Key

State = list[Array | None]


@attrs.frozen(eq=False)
class Move:
    """x' at the sites of a pattern, each broadcasting to [R, G] or None where it is not known, and where the branch may
    be there, as far as its update says. ``met`` are the expressions that were computed, and where. ``everywhere`` says
    that other sites may change as well."""

    after: State
    alive: Array
    met: list[tuple[Expr, Array]]
    everywhere: bool

    def asked(self, expr: Expr) -> Array:
        """Where an expression of the update was computed."""
        where = np.asarray(False)
        for met, there in self.met:
            where = where | there if met is expr else where
        return where

    def target(self, pattern: Pattern) -> Callable[[Key], Array | None]:
        """How an amplitude reads x'."""

        def read(key: Key) -> Array | None:
            place = pattern.names.get(key)
            return None if place is None else self.after[place]

        return read


def move(program: UpdateProgram, pattern: Pattern, setting: Setting) -> Move:
    """Run an update on all joint states of a pattern."""
    runner = _Runner(pattern, setting)
    with np.errstate(all="ignore"):
        after, alive = runner.run(program, [state[None] for state in pattern.states], np.asarray(True))
    return Move(after, alive, runner.met, runner.everywhere)


def may_be_there(program: UpdateProgram, setting: Setting) -> Array:
    """Where a branch is not made invalid by its update, or may not be."""
    return _alive(program, setting, np.asarray(True))


def _alive(program: UpdateProgram, setting: Setting, where: Array) -> Array:
    for op in program.ops:
        if op.kind == "invalidate":
            return np.asarray(False)
        if op.kind == "cond":
            held = possible(op.params["predicate"], setting)
            left = held.true & _alive(op.params["if_true"], setting, where)
            right = held.false & _alive(op.params["if_false"], setting, where)
            where = where & (left | right)
    return where


def surely_there(program: UpdateProgram, setting: Setting) -> Array:
    """Where a branch is not made invalid by its update."""
    there = np.asarray(True)
    for op in program.ops:
        if op.kind == "invalidate":
            return np.asarray(False)
        if op.kind == "cond":
            held = possible(op.params["predicate"], setting)
            left = ~held.true | surely_there(op.params["if_true"], setting)
            right = ~held.false | surely_there(op.params["if_false"], setting)
            there = there & left & right
    return there


class _Runner:
    def __init__(self, pattern: Pattern, setting: Setting) -> None:
        self.pattern, self.setting = pattern, setting
        self.met: list[tuple[Expr, Array]] = []
        self.everywhere = False

    def run(self, program: UpdateProgram, state: State, alive: Array) -> tuple[State, Array]:
        for op in program.ops:
            if op.kind == "invalidate":
                return state, np.asarray(False)
            if op.kind == "cond":
                state, alive = self._cond(op, state, alive)
            elif op.kind == "flip":
                self.everywhere, state = True, [None] * len(state)
            else:
                state = self._step(op, state, alive)
        return state, alive

    def _cond(self, op: UpdateOp, state: State, alive: Array) -> tuple[State, Array]:
        self.met.append((op.params["predicate"], alive))
        held = possible(op.params["predicate"], self.setting)
        one, there = self.run(op.params["if_true"], state, alive & held.true)
        other, here = self.run(op.params["if_false"], state, alive & held.false)
        both = bool((held.true & held.false).any())
        made: State = [
            a if a is b else None if both or a is None or b is None else np.where(held.true, a, b)
            for a, b in zip(one, other, strict=True)
        ]
        return made, np.asarray((held.true & there) | (held.false & here))

    def _step(self, op: UpdateOp, state: State, alive: Array) -> State:
        p, made = op.params, list(state)
        sites = p["sites"] if "sites" in p else (p["site"],)
        names = [self.pattern.names[site.table] for site in sites]
        if op.kind in ("swap", "permute"):
            old = [state[name] for name in names]
            values = [*old[1:], old[0]]
        elif op.kind == "scatter":
            values = [self._value(value, alive) for value in p["values"]]
        else:
            values = [self._written(op, state[names[0]], alive)]
        for name, value in zip(names, values, strict=True):
            made[name] = value
        return made

    def _written(self, op: UpdateOp, old: Array | None, alive: Array) -> Array | None:
        given = list(self._values(op, alive))
        if op.kind == "write":
            return given[0]
        if old is None or any(value is None for value in given):
            return None
        if op.kind == "affine":
            return np.asarray(given[0] * old + given[1])
        moved = np.asarray(old + given[0])
        return self.setting.wrapped(moved) if op.kind == "shift_mod" else moved

    def _values(self, op: UpdateOp, alive: Array) -> Iterator[Array | None]:
        for name in ("value", "delta", "scale", "bias"):
            if name in op.params:
                yield self._value(op.params[name], alive)

    def _value(self, expr: Expr, alive: Array) -> Array | None:
        self.met.append((expr, alive))
        found: Array | None = lines(expr, self.setting)[-1]
        return found
