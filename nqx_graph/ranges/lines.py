"""The value of every line of an expression, from those of the sites that it reads."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from typing import Any

import attrs

from nqx_graph.ir.expr import AmplitudeExpr
from nqx_graph.ir.functions import CALL, known
from nqx_graph.ir.table import COMPARISONS, READS, Row, cone
from nqx_graph.ranges import values
from nqx_graph.ranges.functions import called
from nqx_graph.ranges.rounding import Arithmetic
from nqx_graph.ranges.values import ANY, UNDEFINED, Value

Key = tuple[Row, ...]  # the table of a site's number: reads of one site share a value


@attrs.frozen(eq=False)
class Truth:
    """What a predicate may be."""

    true: bool = True
    false: bool = True


def read_key(rows: tuple[Row, ...], row: Row) -> Key | None:
    """The site that a line reads, in x or x'; None for other lines."""
    if row.op in ("site", "emitted"):
        return (Row("index", (), row.data),)
    return AmplitudeExpr.from_table(cone(rows, row.args[0])).table if row.op in READS else None


class Reader:
    """Values of the leaves of one term."""

    def __init__(
        self,
        sites: Callable[[Key], Value],
        target: Callable[[Key], Value],
        column: Callable[[str, str], Value],
        wrap: Callable[[Value], Value],
        size: int,
    ) -> None:
        self.sites, self.target, self.column, self.wrap, self.size = sites, target, column, wrap, size

    def lines(
        self,
        rows: tuple[Row, ...],
        reads: list[Key | None],
        arithmetic: list[Arithmetic],
        others: list[Any] | None = None,
        changed: Sequence[int] | None = None,
    ) -> list[Any]:
        """The value of every line, each in its arithmetic; ``reads`` says which site a line reads.

        Where the ``others`` are known, of the lines that ``changed`` only.
        """
        made: list[Any] = [None] * len(rows) if others is None else list(others)
        for line in range(len(rows)) if changed is None else changed:
            row, held = rows[line], arithmetic[line]
            # what is computed in floating point takes its whole numbers rounded
            given = [held.of(made[arg]) if isinstance(made[arg], Value) else made[arg] for arg in row.args]
            value = self._line(rows, row, reads[line], given)
            made[line] = held.of(value) if isinstance(value, Value) else value
        return made

    def _line(self, rows: tuple[Row, ...], row: Row, key: Key | None, given: list[Any]) -> Value | Truth:
        if key is not None:
            return self.sites(key) if row.op in ("site", "source") else self.target(key)
        if row.op in _LOGIC:
            return _LOGIC[row.op](*given)
        if row.op in COMPARISONS:
            return compared(row.op, *given)
        if not given:
            return self._leaf(row)
        if row.op == "wrap_mod":
            return self.wrap(given[0])
        if row.op == "pow":
            return _power(given[0], given[1], rows[row.args[1]])
        if row.op == CALL:
            return called(known(row.data), given)
        return _OPERATIONS[row.op](*given)

    def _leaf(self, row: Row) -> Value | Truth:
        if row.op == "truth":
            return Truth(row.data[0], not row.data[0])
        if row.op == "const":
            return ANY if isinstance(row.data[0], complex) else values.of([row.data[0]])
        if row.op == "index":
            return Value(0, self.size - 1, True)
        return ANY if row.op == "symbol" else self.column(row.op, row.data[0])


def compared(op: str, a: Value, b: Value) -> Truth:
    """What a comparison may say. Nothing is known of what may be NaN."""
    if a.undefined or b.undefined:
        return Truth()
    if a.states is not None and b.states is not None and len(a.states) * len(b.states) <= 4096:
        found = {_COMPARE[op](p, q) for p in a.states for q in b.states}
        return Truth(True in found, False in found)
    if op in ("gt", "ge"):
        return compared({"gt": "lt", "ge": "le"}[op], b, a)
    if op == "lt":
        return Truth(a.low < b.high, a.high >= b.low)
    if op == "le":
        return Truth(a.low <= b.high, a.high > b.low)
    apart = a.high < b.low or b.high < a.low
    return Truth(not apart, True) if op == "eq" else Truth(True, not apart)


_COMPARE: dict[str, Callable[[Any, Any], bool]] = {name: getattr(operator, name) for name in COMPARISONS}
_LOGIC: dict[str, Callable[..., Truth]] = {
    "and": lambda a, b: Truth(a.true and b.true, a.false or b.false),
    "or": lambda a, b: Truth(a.true or b.true, a.false and b.false),
    "not": lambda a: Truth(a.false, a.true),
}


def _absolute(a: Value) -> Value:
    low = 0 if a.low <= 0 <= a.high else min(abs(a.low), abs(a.high))
    return values.mapped(abs, (a,), lambda: Value(low, a.largest, a.whole, a.undefined))


def _negative(a: Value) -> Value:
    return values.mapped(lambda p: -p, (a,), lambda: Value(-a.high, -a.low, a.whole, a.undefined))


def _divide(a: Value, b: Value) -> Value:
    if b.low <= 0 <= b.high and (b.states is None or 0 in b.states):
        return UNDEFINED
    undefined = a.undefined or b.undefined
    if not (a.bounded and b.bounded):
        return Value(undefined=undefined)
    divisors = [q for q in (b.low, b.high, *(b.states or ())) if q]  # a set without 0 may lie on both sides of it
    try:
        corners = [p / q for p in (a.low, a.high) for q in divisors]
    except OverflowError:
        return UNDEFINED
    if any(map(math.isinf, corners)):
        return UNDEFINED
    return values.wider(min(corners), max(corners), False, undefined)


def _wave(a: Value) -> Value:
    # a complex number has no bounds, and its sine none either
    return Value(-1.0001, 1.0001, False, a.undefined) if a.bounded else UNDEFINED


def _select(predicate: Truth, a: Value, b: Value) -> Value:
    if not predicate.false:
        return a
    return values.union(a, b) if predicate.true else b


def _power(a: Value, b: Value, exponent: Row) -> Value:
    whole = exponent.data[0] if exponent.op == "const" else None
    if type(whole) is int and 0 <= whole <= 64:
        made = values.of([1])
        for _ in range(whole):
            made = values.multiply(made, a)
        if a.states is not None and a.whole:
            return values.mapped(lambda p: p**whole, (a,), lambda: made)
        return made
    positive = a.low > 0 and a.bounded and b.bounded
    if not positive:
        return UNDEFINED
    try:
        corners = [float(p) ** float(q) for p in (a.low, a.high) for q in (b.low, b.high)]
    except OverflowError:
        return UNDEFINED
    return values.wider(min(corners), max(corners), False, a.undefined or b.undefined)


_OPERATIONS: dict[str, Callable[..., Value]] = {
    "neg": _negative,
    "abs": _absolute,
    "conj": lambda a: a,
    "sqrt": lambda a: values.monotone(math.sqrt, a, 0.0, math.inf),
    "exp": lambda a: values.monotone(math.exp, a, -math.inf, 80.0),
    "log": lambda a: values.monotone(math.log, a, 1e-300, math.inf),
    "sin": _wave,
    "cos": _wave,
    "add": values.add,
    "sub": lambda a, b: values.add(a, b, -1),
    "mul": values.multiply,
    "div": _divide,
    "select": _select,
}
