"""What an analysis of ranges may never contradict: every line of every expression, at every state and index row."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from typing import Any

import attrs
import numpy as np

from nqx_graph.ir.expr import AmplitudeExpr, PredicateExpr
from nqx_graph.ir.functions import CALL
from nqx_graph.ir.kinds import INT, dtype_kind, line_kinds
from nqx_graph.ir.merging import every_shape
from nqx_graph.ir.stored import Expr
from nqx_graph.ir.table import READS, SIGNATURES, reachable
from nqx_graph.ir.types import SymbolicIRTerm, update_expressions
from nqx_graph.lowering.reference.arithmetic import InDtype
from nqx_graph.lowering.reference.configurations import exact_state, is_local_state
from nqx_graph.lowering.reference.expressions import Place, evaluate
from nqx_graph.lowering.reference.loop import _place
from nqx_graph.lowering.reference.parameters import symbol_values
from nqx_graph.lowering.reference.updates import updated
from nqx_graph.ranges import ExprRanges, OperatorRanges, Value, operator_ranges
from nqx_graph.space import SpaceView, view

FLOATS = (np.dtype(np.float64), np.dtype(np.float32))  # of predicates and updates, with and without JAX's x64


def all_local(space: SpaceView) -> Iterator[tuple[int | float, ...]]:
    """Every combination of local states: a conserved total is not used by the analysis."""
    one = [
        space.table[k].tolist()
        if space.table is not None
        else (space.low[k] + space.step[k] * np.arange(space.count[k])).tolist()
        for k in range(space.size)
    ]
    for states in itertools.product(*map(dict.fromkeys, one)):
        yield tuple(exact_state(state, space) for state in states)


def contradictions(
    operator: Any, parameters: Any = None, floats: Any = FLOATS, most: int = 40, dtype: str | None = None
) -> list[str]:
    """Everything that the analysis claims and a slow evaluation denies, at about so many states.

    ``dtype`` is taken instead of the operator's.
    """
    ir, space = operator.to_ir(), view(operator.hilbert)
    ir = attrs.evolve(ir, dtype_str=ir.dtype_str if dtype is None else dtype)
    ranges: OperatorRanges = operator_ranges(ir, space)
    symbols = symbol_values(ir, parameters or {})
    found: list[str] = []
    states = list(all_local(space))
    states = states[:: max(1, len(states) // most)]
    for merged, own in zip(every_shape(ir), ranges.shapes, strict=True):
        for float_dtype in floats:
            for source in states:
                for row in range(merged.term.iterator.n_iter):
                    place = _place(merged.term, row, source, symbols, space, float_dtype)
                    found += _at(merged.term, own, place, np.dtype(ir.dtype_str))
    return found


def _at(term: SymbolicIRTerm, own: Any, place: Place, dtype: Any) -> list[str]:
    found = list(_exact(term.predicate, own.predicate, place, term, "predicate"))
    active = place.holds(term.predicate)
    for emission, known in zip(term.emissions, own.emissions, strict=True):
        found += _exact(emission.predicate, known.predicate, place, term, "emission predicate")
        for expr, part in zip(update_expressions(emission.update_program), known.updates, strict=True):
            found += _exact(expr, part, place, term, "update")
        if not (active and place.holds(emission.predicate)):
            continue
        target = updated(emission.update_program, place)
        if target is None:
            continue
        outside = not all(is_local_state(place.space, site, state) for site, state in enumerate(target))
        if known.never:
            found.append(f"the branch is there at {place.source}")
        if outside and not known.leaves:
            found.append(f"x' = {target} leaves")
        if known.always_leaves and not outside:
            found.append(f"x' = {target} stays")
        here = attrs.evolve(place, after=target)
        found += _amplitude(emission.amplitude, known.amplitude, here, term, dtype)
    return found


def _exact(expr: Expr, ranges: ExprRanges, place: Place, term: SymbolicIRTerm, what: str) -> Iterator[str]:
    lines = reachable(expr.table, {len(expr.table) - 1})
    yield from _lines(expr, ranges, lines, place.exact, place, what)
    yield from _widths(expr, ranges, lines, place, term, what)
    if isinstance(expr, PredicateExpr):
        held = place.holds(expr)
        if (ranges.always and not held) or (ranges.never and held):
            yield f"{what} {expr!r} is {held} at {place.source}"


def _amplitude(expr: Expr, ranges: ExprRanges, place: Place, term: SymbolicIRTerm, dtype: Any) -> Iterator[str]:
    rows, computed, pending = expr.table, {len(expr.table) - 1}, [len(expr.table) - 1]
    while pending:
        row = rows[pending.pop()]
        needed = () if row.op in READS else row.args[1:] if row.op == "select" else row.args
        pending += [arg for arg in needed if arg not in computed]
        computed.update(needed)
    predicates = reachable(rows, {rows[line].args[0] for line in computed if rows[line].op == "select"})
    yield from _lines(expr, ranges, computed, InDtype(dtype), place, "amplitude")
    yield from _lines(expr, ranges, predicates, place.exact, place, "amplitude's condition")
    yield from _widths(expr, ranges, predicates, place, term, "amplitude's condition")


def _lines(expr: Expr, ranges: ExprRanges, lines: set[int], rule: Any, place: Place, what: str) -> Iterator[str]:
    for line in sorted(lines):
        value = _value(expr, line, rule, place)
        known = ranges.lines[line]
        possible = known.contains(plain(value)) if isinstance(known, Value) else known.true if value else known.false
        if not possible:
            yield f"line {line} of the {what} {expr!r} is {value!r} at {place.source}, not in {known}"


def _widths(
    expr: Expr, ranges: ExprRanges, lines: set[int], place: Place, term: SymbolicIRTerm, what: str
) -> Iterator[str]:
    symbols = {name: INT if isinstance(value, np.integer) else 1 for name, value in place.symbols.items()}
    kind = dtype_kind("int64" if INT in symbols.values() else "float64")
    kinds = line_kinds(expr.table, term.iterator.columns, place.space.integer, kind)
    for line in lines:
        if kinds[line] == INT and _result(expr, line) == "A" and ranges.width < 128:
            value = _value(expr, line, place.exact, place)
            if isinstance(value, int) and not -(2 ** (ranges.width - 1)) <= value < 2 ** (ranges.width - 1):
                yield f"line {line} of the {what} {expr!r} is {value}, which passes {ranges.width} bits"


def _result(expr: Expr, line: int) -> str:
    op = expr.table[line].op
    return "A" if op == CALL else SIGNATURES[op][1]


def _value(expr: Expr, line: int, rule: Any, place: Place) -> Any:
    kind = PredicateExpr if _result(expr, line) == "P" else AmplitudeExpr
    return evaluate(kind._trusted(expr.table[: line + 1]), rule, place)


def plain(value: Any) -> int | float | complex:
    """A NumPy number as Python's; a complex one without imaginary part as a float."""
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, complex | np.complexfloating):
        made = complex(value)
        if math.isnan(made.real) or math.isnan(made.imag) or math.isinf(made.real) or math.isinf(made.imag):
            return math.nan
        return made.real if made.imag == 0 else made
    return float(value)
