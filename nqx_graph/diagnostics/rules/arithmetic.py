"""Divisions by what may be zero where the branch is there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray

from nqx_graph.diagnostics.diagnostic import Diagnostic
from nqx_graph.diagnostics.evaluate import lines, possible, reached
from nqx_graph.diagnostics.excerpt import part_of, state_text
from nqx_graph.diagnostics.moves import Move, move
from nqx_graph.diagnostics.patterns import Pattern
from nqx_graph.diagnostics.setting import Array
from nqx_graph.diagnostics.subject import Shape, Subject
from nqx_graph.ir.stored import Expr
from nqx_graph.ir.table import Row
from nqx_graph.ranges import Value

CODE = "NQX005"
_HINT = (
    "Exclude it with where(divisor != 0), emit_if(divisor != 0, ...) or sym.where(divisor != 0, quotient, 0): what is "
    "excluded is not computed."
)
_READS = ("site", "emitted", "source", "target", "dot", "prod")
# the lines of an expression on a pattern, and where the expression is asked
_Seen = tuple[Pattern, list[Any], Array]


@attrs.frozen(eq=False)
class _Use:
    """An expression that stands somewhere, and its ``open`` divisions; ``seen`` is None where it cannot be looked at."""

    field: str
    number: int | None
    expr: Expr
    open: list[int]
    seen: list[_Seen] | None


def divisions_by_zero(subject: Subject) -> Iterator[Diagnostic]:
    """Divisions, and powers with a negative exponent, that some configuration makes one by zero.

    Ranges prove most divisors to be nonzero; the others are looked at on all joint states of the sites that they read,
    where the branch is there. Symbols have their defaults.
    """
    for shape in subject.shapes:
        for use in (*_conditions(shape), *_amplitudes(subject, shape), *_updates(shape)):
            unsure = use.number is not None and shape.unsure(use.number)
            for line, state in _divided(use).items():
                yield _division(subject, shape, use, line, None if unsure else state)


def _conditions(shape: Shape) -> Iterator[_Use]:
    term = shape.term
    fields: list[tuple[str, int | None, Expr]] = [("where", None, term.predicate)]
    fields += [("if", number, emission.predicate) for number, emission in enumerate(term.emissions)]
    for field, number, expr in fields:
        found = _divisions(expr)
        if found and shape.patterns is not None:
            seen: list[_Seen] = []
            for pattern in shape.patterns:
                setting = shape.setting(pattern, False)
                root = np.asarray(True) if number is None else possible(term.predicate, setting).true
                seen.append((pattern, lines(expr, setting), root))
            yield _Use(field, number, expr, found, seen)


def _amplitudes(subject: Subject, shape: Shape) -> Iterator[_Use]:
    for number, own in enumerate(shape.ranges.emissions):
        expr = shape.term.emissions[number].amplitude
        found = [line for line in _divisions(expr) if _may_vanish(expr.table, line, own.amplitude.lines)]
        if not found or own.never:
            continue
        seen: list[_Seen] = []
        for pattern, there in shape.may(False) or ():
            setting = shape.setting(pattern, False)
            target = _moved(shape, number, pattern).target(pattern)
            seen.append((pattern, lines(expr, setting, target, subject.dtype), there[number]))
        yield _Use("amplitude", number, expr, found, seen or None)


def _updates(shape: Shape) -> Iterator[_Use]:
    for number in range(len(shape.term.emissions)):
        for expr in shape.computed(number):
            found = _divisions(expr)
            if not found or shape.ranges.emissions[number].never:
                continue
            seen: list[_Seen] = []
            for pattern, there in shape.may(False) or ():
                setting = shape.setting(pattern, False)
                where = _moved(shape, number, pattern).asked(expr)
                seen.append((pattern, lines(expr, setting), there[number] & where))
            yield _Use("update", number, expr, found, seen or None)


def _moved(shape: Shape, number: int, pattern: Pattern) -> Move:
    return move(shape.term.emissions[number].update_program, pattern, shape.setting(pattern, False))


def _divisions(expr: Expr) -> list[int]:
    return [line for line, row in enumerate(expr.table) if row.op in ("div", "pow")]


def _divisor(row: Row) -> int:
    return row.args[1] if row.op == "div" else row.args[0]


def _may_vanish(rows: tuple[Row, ...], line: int, made: Any) -> bool:
    """Whether ranges leave it open that a line divides by zero."""
    row = rows[line]
    divisor, exponent = made[_divisor(row)], made[row.args[1]]
    if not isinstance(divisor, Value) or (row.op == "pow" and exponent.low >= 0):
        return False
    return divisor.undefined or (divisor.low <= 0 <= divisor.high and (divisor.states is None or 0 in divisor.states))


def _divided(use: _Use) -> dict[int, str | None]:
    """The lines that may divide by zero, with a state at which they do, or None where that is not known."""
    if use.seen is None:
        return {line: None for line in use.open if _of_configuration(use.expr, line)}
    shown: dict[int, str | None] = {}
    for pattern, made, root in use.seen:
        where = reached(use.expr, made, root)
        for line in use.open:
            zero = _zero(use.expr.table[line], made)
            if zero is None and where[line].any() and _of_configuration(use.expr, line):
                shown.setdefault(line, None)
            bad = np.argwhere(np.atleast_2d(where[line] & (False if zero is None else zero)))
            if len(bad):
                shown.setdefault(line, state_text(pattern, int(bad[0][1])))
    return shown


def _zero(row: Row, made: list[Any]) -> NDArray[np.bool_] | None:
    first, second = made[row.args[0]], made[row.args[1]]
    if second is None or (row.op == "pow" and first is None):
        return None
    return np.asarray(second == 0 if row.op == "div" else (first == 0) & (np.real(second) < 0))


def _of_configuration(expr: Expr, line: int) -> bool:
    """Whether a divisor reads the configuration; one of symbols, columns and constants is what one gives."""
    return any(part.op in _READS for part in part_of(expr, _divisor(expr.table[line])).table)


def _division(subject: Subject, shape: Shape, use: _Use, line: int, state: str | None) -> Diagnostic:
    # as it was written in the first term: the merged one has columns in place of constants
    expr = shape.written(use.field, use.number, use.expr)
    row = expr.table[line]
    at = "; nothing proves that it is not" if state is None else f", as for {state}" if state else ""
    verb = "divides by" if row.op == "div" else "takes a negative power of"
    part = part_of(expr, line)
    message = f"{part!r} {verb} {part_of(expr, _divisor(row))!r}, which can be 0{at}."
    return subject.finding(CODE, "warning", message, _HINT, shape.place(use.field, use.number, repr(part)))
