"""Expressions on many index rows and states at once, where some of what they read may be unknown.

Predicates, updates and the conditions of amplitudes are computed exactly; amplitudes in the operator's dtype. A
predicate is two arrays: where it may be true, and where it may be false. Both are where it is not known.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs
import numpy as np

from nqx_graph.diagnostics.setting import Array, Setting
from nqx_graph.ir.stored import Expr
from nqx_graph.ir.table import COMPARISONS, READS, Row
from nqx_graph.ranges.lines import Key, read_key

Target = Callable[[Key], Array | None]


@attrs.frozen(eq=False)
class Possible:
    """Where a predicate may be true, and where it may be false."""

    true: Array
    false: Array

    @property
    def sure(self) -> Array:
        """Where it is true."""
        return np.asarray(self.true & ~self.false)


_UNKNOWN = Possible(np.asarray(True), np.asarray(True))
_COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "eq": np.equal, "ne": np.not_equal, "lt": np.less, "le": np.less_equal, "gt": np.greater, "ge": np.greater_equal,
}  # fmt: skip
_NUMBERS: dict[str, Callable[..., Any]] = {
    "neg": np.negative, "abs": np.abs, "conj": np.conj, "sqrt": np.sqrt, "exp": np.exp, "log": np.log, "sin": np.sin,
    "cos": np.cos, "add": np.add, "sub": np.subtract, "mul": np.multiply, "div": np.true_divide,
}  # fmt: skip
_LOGIC: dict[str, Callable[..., Possible]] = {
    "and": lambda a, b: Possible(a.true & b.true, a.false | b.false),
    "or": lambda a, b: Possible(a.true | b.true, a.false & b.false),
    "not": lambda a: Possible(a.false, a.true),
}


def lines(expr: Expr, setting: Setting, target: Target | None = None, dtype: Any = None) -> list[Any]:
    """The value (an array or None) or truth (`Possible`) of every line of an expression.

    Args:
        expr: the expression.
        setting: what its leaves hold.
        target: gives x' at a site; amplitudes only.
        dtype: of the operator, for an amplitude; None computes exactly.
    """
    with np.errstate(all="ignore"):
        exact = _run(expr.table, setting, target, None, [])
        return exact if dtype is None else _run(expr.table, setting, target, np.dtype(dtype), exact)


def possible(predicate: Expr, setting: Setting) -> Possible:
    """Where a predicate may be true, and where false."""
    held: Possible = lines(predicate, setting)[-1]
    return held


def _run(rows: tuple[Row, ...], setting: Setting, target: Target | None, dtype: Any, exact: list[Any]) -> list[Any]:
    made: list[Any] = []
    for line, row in enumerate(rows):
        if exact and isinstance(exact[line], Possible):  # conditions are computed exactly
            made.append(exact[line])
            continue
        value = _line(rows, row, [made[arg] for arg in row.args], setting, target)
        made.append(value if dtype is None or value is None else _cast(value, dtype))
    return made


def _cast(value: Array, dtype: Any) -> Array:
    if np.iscomplexobj(value) and dtype.kind != "c":
        value = value.real
    return np.asarray(value).astype(dtype)


def _line(rows: tuple[Row, ...], row: Row, given: list[Any], setting: Setting, target: Target | None) -> Any:
    key = read_key(rows, row)
    if key is not None:
        if row.op in ("site", "source"):
            return setting.site(key)
        return None if target is None else target(key)
    if row.op == "truth":
        return Possible(np.asarray(row.data[0]), np.asarray(not row.data[0]))
    if row.op in _LOGIC:
        return _LOGIC[row.op](*given)
    if not given:
        return setting.leaf(row)
    if row.op == "select":
        return _select(*given)
    if any(value is None for value in given):
        return _UNKNOWN if row.op in COMPARISONS else None
    if row.op in COMPARISONS:
        held = np.asarray(_COMPARE[row.op](*given))
        return Possible(held, ~held)
    if row.op == "wrap_mod":
        return setting.wrapped(given[0])
    return _power(*given) if row.op == "pow" else np.asarray(_NUMBERS[row.op](*given))


def _select(predicate: Possible, a: Array | None, b: Array | None) -> Array | None:
    if not predicate.false.any():
        return a
    if not predicate.true.any():
        return b
    if a is None or b is None or bool((predicate.true & predicate.false).any()):
        return None
    return np.where(predicate.true, a, b)


def _power(base: Array, exponent: Array) -> Array:
    if base.dtype.kind in "iu" and exponent.dtype.kind in "iu" and bool(np.any(exponent < 0)):
        base = base.astype(np.float64)
    return np.asarray(np.power(base, exponent))


def reached(expr: Expr, made: list[Any], root: Array) -> list[Array]:
    """Where every line counts, if the whole does where ``root`` says so: sides of selects where they are taken.

    Of ``a & b`` and ``a | b`` the second part counts where the first leaves the answer open.
    """
    rows, nothing = expr.table, np.asarray(False)
    needed: list[Array] = [nothing] * len(rows)
    needed[-1] = root
    for line in range(len(rows) - 1, -1, -1):
        row, here = rows[line], needed[line]
        parts = [here] * len(row.args)
        if row.op == "select":
            parts = [here, here & made[row.args[0]].true, here & made[row.args[0]].false]
        elif row.op in ("and", "or"):
            first = made[row.args[0]]
            parts = [here, here & (first.true if row.op == "and" else first.false)]
        for arg, part in zip(row.args, parts, strict=True):
            if row.op not in READS:
                needed[arg] = needed[arg] | part
    return needed
