"""Amplitudes that are NaN or infinite wherever their branch is there."""

from __future__ import annotations

from collections.abc import Callable

from nqx_graph.ir.kinds import COMPLEX, dtype_kind
from nqx_graph.ir.table import Row
from nqx_graph.ranges.lines import Truth
from nqx_graph.ranges.results import ExprRanges
from nqx_graph.ranges.values import Value

# an argument that is NaN or infinite makes the result NaN or infinite; not so 1 / x and exp(x)
_PASS_ON = ("neg", "abs", "conj", "sqrt", "add", "sub", "mul")


def lost(rows: tuple[Row, ...], ranges: ExprRanges, dtype_str: str) -> str | None:
    """Why an amplitude is undefined for every configuration for which its branch is there; None where it need not be."""
    reasons: list[str | None] = []
    real = dtype_kind(dtype_str) != COMPLEX
    for row in rows:
        given = [ranges.lines[arg] for arg in row.args]
        reasons.append(_reason(row, given, [reasons[arg] for arg in row.args], real))
    return reasons[-1]


def _reason(row: Row, given: list[Value | Truth], reasons: list[str | None], real: bool) -> str | None:
    if row.op == "select":
        predicate = given[0]
        assert isinstance(predicate, Truth)
        sides = [side for side, taken in ((1, predicate.true), (2, predicate.false)) if taken]
        found = [reasons[side] for side in sides]
        return found[0] if found and all(found) else None
    if row.op in _PASS_ON and any(reasons):
        return next(reason for reason in reasons if reason)
    if row.op == "div" and reasons[0]:
        return reasons[0]
    at = given[-1] if given else None
    rule = _RULES.get(row.op)
    return rule(at, real) if rule and isinstance(at, Value) and not at.undefined else None


_RULES: dict[str, Callable[[Value, bool], str | None]] = {
    "div": lambda at, real: "divides by 0" if at.states == frozenset({0}) else None,
    "log": lambda at, real: (
        "takes the logarithm of 0"
        if at.states == frozenset({0})
        else "takes the logarithm of a negative number"
        if real and at.high < 0
        else None
    ),
    "sqrt": lambda at, real: "takes the square root of a negative number" if real and at.high < 0 else None,
}
