"""The value of an expression at a place: a configuration and an index row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray

from nqx_graph.errors import ExpressionError, RowsError
from nqx_graph.ir.expr import AmplitudeExpr, PredicateExpr
from nqx_graph.ir.functions import CALL, known
from nqx_graph.ir.stored import Expr
from nqx_graph.ir.table import COMPARISONS, Row
from nqx_graph.lowering.reference.arithmetic import Exact, Rule
from nqx_graph.space import SpaceView

_Task = tuple[int, Rule]  # a line of the table, and the arithmetic it is wanted in


@attrs.frozen(eq=False)
class Place:
    """Where an expression is evaluated: a configuration, an index row, and x' (``after``) once it is known."""

    source: tuple[int | float, ...]
    sites: Mapping[str, int]
    columns: Mapping[str, Any]
    symbols: Mapping[str, Any]
    space: SpaceView
    exact: Exact
    after: tuple[int | float, ...] | None = None

    def holds(self, predicate: PredicateExpr) -> bool:
        """Whether a predicate is true here."""
        if len(predicate.table) == 1:  # most predicates: a truth, for nothing else is a predicate by itself
            return bool(predicate.table[0].data[0])
        return bool(evaluate(predicate, self.exact, self))

    def number(self, expr: AmplitudeExpr) -> Any:
        """An exact number of an update."""
        return evaluate(expr, self.exact, self)

    def site(self, expr: AmplitudeExpr) -> int:
        """The site that an expression names."""
        return self.flat(self.number(expr))

    def flat(self, number: Any) -> int:
        """A number as a site, or the refusal of it."""
        if not isinstance(number, int) or not 0 <= number < self.space.size:
            raise RowsError(f"there is no site {number}; the sites are 0 to {self.space.size - 1}.")
        return number

    def state(self, site: int) -> int | float:
        """x[site]."""
        return self.source[site]

    def state_after(self, site: int) -> int | float:
        """x'[site]."""
        if self.after is None:
            raise ExpressionError("a predicate or an update reads x'; only amplitudes know x'.")
        return self.after[site]


# leaves -> the number that they stand for
_LEAVES: dict[str, Callable[[Place, Any], Any]] = {
    "const": lambda place, number: number,
    "site": lambda place, label: place.state(place.sites[label]),
    "index": lambda place, label: place.sites[label],
    "emitted": lambda place, label: place.state_after(place.sites[label]),
    "symbol": lambda place, name: place.symbols[name],
    "column": lambda place, name: place.columns[name],
}
_LOGIC: dict[str, Callable[..., bool]] = {
    "and": lambda left, right: left and right,
    "or": lambda left, right: left or right,
    "not": lambda given: not given,
}


@np.errstate(all="ignore")
def evaluate(expr: Expr, rule: Rule, place: Place) -> Any:
    """The value of an expression: a number in the arithmetic of ``rule``, or a bool.

    Lines are computed when they are needed, with a stack instead of recursion: of a `select` the predicate first, then
    the side it takes and never the other.
    """
    rows = expr.table
    root: _Task = (len(rows) - 1, rule)
    done: dict[_Task, Any] = {}
    stack = [root]
    while stack:
        line, wanted = stack[-1]
        needs = _needs(rows[line], wanted, place.exact, done)
        missing = [task for task in needs if task not in done]
        if missing:
            stack.extend(reversed(missing))
            continue
        stack.pop()
        if (line, wanted) not in done:
            done[line, wanted] = _value(rows[line], [done[task] for task in needs], wanted, place)
    return done[root]


def _needs(row: Row, rule: Rule, exact: Exact, done: Mapping[_Task, Any]) -> list[_Task]:
    """What must be known before a line: predicates and site numbers are exact even inside amplitudes."""
    if row.op == "select":
        predicate = (row.args[0], exact)
        if predicate not in done:
            return [predicate]
        return [(row.args[1] if done[predicate] else row.args[2], rule)]
    if row.op in ("source", "target"):
        return [(row.args[0], exact)]
    return [(arg, rule) for arg in row.args]


def _value(row: Row, given: list[Any], rule: Rule, place: Place) -> Any:
    if row.op in _LEAVES:
        return rule.number(_LEAVES[row.op](place, row.data[0]))
    if row.op == "truth":
        return row.data[0]
    if row.op in ("dot", "prod"):
        return _over_sites(row.op, place.columns[row.data[0]], rule, place)
    if row.op == "source":
        return rule.number(place.state(place.flat(given[0])))
    if row.op == "target":
        return rule.number(place.state_after(place.flat(given[0])))
    if row.op == "select":
        return given[0]
    if row.op == "wrap_mod":
        return wrap_mod(given[0], rule, place.space, 0)
    if row.op in _LOGIC:
        return _LOGIC[row.op](*given)
    if row.op in COMPARISONS:
        return place.exact.compare(row.op, *given)
    if row.op == CALL:
        return rule.call(known(row.data), *given)
    return rule.apply(row.op, *given)


def _over_sites(op: str, column: NDArray[Any], rule: Rule, place: Place) -> Any:
    """dot: the sum of m[k] * x[k].  prod: the product of x[k] ** m[k].  (m is the column on this row, [N].)"""
    total = rule.number(0 if op == "dot" else 1)
    for k, entry in enumerate(column):
        m, state = rule.number(entry), rule.number(place.state(k))
        if op == "dot":
            total = rule.apply("add", total, rule.apply("mul", m, state))
        else:
            total = rule.apply("mul", total, rule.apply("pow", state, m))
    return total


def wrap_mod(value: Any, rule: Rule, space: SpaceView, site: int) -> Any:
    """(value - m) mod (n * q) + m, with m the lowest local state of the site, n how many, q their spacing."""
    low = rule.number(space.low[site])
    span = rule.apply("mul", rule.number(space.count[site]), rule.number(space.step[site]))
    return rule.apply("add", rule.apply("mod", rule.apply("sub", value, low), span), low)
