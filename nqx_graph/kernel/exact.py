"""Predicates and the values of updates: integers where all parts are integers, else floating point."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from nqx_graph.ir.functions import CALL
from nqx_graph.ir.kinds import FLOAT
from nqx_graph.ir.table import COMPARISONS
from nqx_graph.kernel.env import Array, Env
from nqx_graph.kernel.functions import called
from nqx_graph.kernel.structure import Lines

_COMPARE: dict[str, Callable[[Array, Array], Array]] = {name: getattr(operator, name) for name in COMPARISONS}
_LOGIC: dict[str, Callable[..., Array]] = {
    "and": lambda a, b: a & b,
    "or": lambda a, b: a | b,
    "not": lambda a: ~a,
}
_NUMERIC: dict[str, Callable[..., Array]] = {
    "neg": lambda a: -a,
    "conj": jnp.conj,
    "sqrt": jnp.sqrt,
    "exp": jnp.exp,
    "log": jnp.log,
    "sin": jnp.sin,
    "cos": jnp.cos,
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b,
}


class ExactValues:
    """The lines of one expression, each computed once and only when needed."""

    def __init__(self, lines: Lines, env: Env, target: Any = None) -> None:
        """``target`` is x', for the predicates of an amplitude's selects; nothing else may read it."""
        self.lines, self.env, self.target = lines, env, target
        self.values: dict[int, Array] = {}

    def root(self) -> Array:
        """The value of the whole."""
        return self.line(self.lines.root)

    def line(self, line: int) -> Array:
        """The value of one line; what it needs is computed first, in order, without recursion."""
        needed, pending = set(), [line]
        while pending:
            at = pending.pop()
            if at not in needed and at not in self.values:
                needed.add(at)
                pending.extend(self.lines.rows[at].args)
        for at in sorted(needed):
            self.values[at] = self._compute(at)
        return self.values[line]

    def _compute(self, line: int) -> Array:
        row, kind = self.lines.rows[line], self.lines.kinds[line]
        dtype = self.env.exact_dtype(kind, self.lines.width)
        if row.op == "truth":
            return jnp.asarray(row.data[0])
        given = [self.values[arg] for arg in row.args]
        if row.op in COMPARISONS:
            return _COMPARE[row.op](given[0].astype(dtype), given[1].astype(dtype))
        if row.op in _LOGIC:
            return _LOGIC[row.op](*given)
        if row.op == "select":
            return jnp.where(given[0], given[1].astype(dtype), given[2].astype(dtype))
        if not given:
            return self._leaf(line).astype(dtype)
        return self._numeric(line, given, dtype)

    def _numeric(self, line: int, given: list[Array], dtype: Any) -> Array:
        row = self.lines.rows[line]
        if row.op == "abs":
            return jnp.abs(given[0]).astype(dtype)
        if row.op == "wrap_mod":
            return self.env.wrap(given[0].astype(dtype), None)
        if row.op == "pow":
            exponent = self.lines.rows[row.args[1]]
            whole = exponent.op == "const" and isinstance(exponent.data[1], int)
            base = given[0].astype(dtype)
            return jax.lax.integer_pow(base, exponent.data[1]) if whole else jnp.power(base, given[1].astype(dtype))
        if row.op == CALL:
            taken = self.env.exact_dtype(max(FLOAT, *(self.lines.kinds[arg] for arg in row.args)))
            return called(row, [value.astype(taken) for value in given], dtype)
        return _NUMERIC[row.op](*(value.astype(dtype) for value in given))

    def _leaf(self, line: int) -> Array:
        row, env = self.lines.rows[line], self.env
        dtype = env.exact_dtype(self.lines.kinds[line], self.lines.width)
        if row.op == "const" and row.data[1] is None:
            assert env.whole is not None
            return env.whole[row.data[0]]
        if row.op == "const":
            return jnp.asarray(row.data[1], dtype=dtype)
        if row.op == "read":
            return env.read(row.data[0])
        if row.op == "target":
            return self.target.read(row.data[0])
        if row.op == "index":
            return env.site(row.data[0])
        if row.op == "symbol":
            return env.parameters[row.data[0]]
        if row.op == "column":
            return env.column(row.data[0])
        return (env.dot if row.op == "dot" else env.prod)(row.data[0], dtype)


def predicate(lines: Lines | None, env: Env) -> Array | None:
    """The value of a predicate, None where it is the constant True."""
    return None if lines is None else ExactValues(lines, env).root()


def both(a: Array | None, b: Array | None) -> Array | None:
    """``a & b``, where None stands for True."""
    if a is None:
        return b
    return a if b is None else a & b
