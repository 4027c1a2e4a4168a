"""Conditions that say the same for every configuration, and branches that no configuration has."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from nqx_graph.diagnostics.diagnostic import Diagnostic
from nqx_graph.diagnostics.evaluate import possible
from nqx_graph.diagnostics.excerpt import part_of
from nqx_graph.diagnostics.subject import Shape, Subject
from nqx_graph.ir.stored import Expr
from nqx_graph.ir.table import COMPARISONS
from nqx_graph.ranges import ExprRanges
from nqx_graph.ranges.lines import Truth

CONSTANT, UNREACHABLE = "NQX002", "NQX003"


def constant_predicates(subject: Subject) -> Iterator[Diagnostic]:
    """Comparisons, in conditions and in ``sym.where`` of amplitudes, that are always true, or always false.

    A constant that is written as such, True or False, is meant.
    """
    for shape in subject.shapes:
        told: set[str] = set()  # every link of an emit_if chain holds the conditions before it
        for at in _conditions(shape):
            for line in _constant_lines(at):
                text = repr(part_of(at.expr, line))
                new = text not in told
                told.add(text)
                if new and not at.ranges.never:  # that it never holds is told of the branch
                    yield _constant(subject, shape, at, line)


@attrs.frozen(eq=False)
class _At:
    """An expression with conditions, and where it stands."""

    field: str
    number: int | None
    expr: Expr
    ranges: ExprRanges
    severity: str = "warning"


def _conditions(shape: Shape) -> Iterator[_At]:
    term, ranges = shape.term, shape.ranges
    yield _At("where", None, term.predicate, ranges.predicate)
    for number, (emission, own) in enumerate(zip(term.emissions, ranges.emissions, strict=True)):
        yield _At("if", number, emission.predicate, own.predicate)
        if not own.never:
            # where the branch is guarded the amplitude may well say again what the guard says
            severity = "info" if shape.guarded else "warning"
            yield _At("amplitude", number, emission.amplitude, own.amplitude, severity)


def _constant_lines(at: _At) -> list[int]:
    rows = at.expr.table
    if not any(row.op in COMPARISONS for row in rows):
        return []
    reads = _reading(at.expr)
    constant = []
    for line, (row, held) in enumerate(zip(rows, at.ranges.lines, strict=True)):
        if row.op in COMPARISONS and reads[line] and isinstance(held, Truth) and held.true != held.false:
            constant.append(line)
    return constant


def _reading(expr: Expr) -> list[bool]:
    """Which lines depend on something: a comparison of two constants is one that was written as such."""
    made: list[bool] = []
    for row in expr.table:
        leaf = not row.args and row.op not in ("const", "truth")
        made.append(leaf or any(made[arg] for arg in row.args))
    return made


def _constant(subject: Subject, shape: Shape, at: _At, line: int) -> Diagnostic:
    expr = shape.written(at.field, at.number, at.expr)
    held, part = at.ranges.lines[line], part_of(expr, line)
    assert isinstance(held, Truth)
    message = f"{part!r} is {'true' if held.true else 'false'} wherever it is asked."
    hint = (
        "Leave the condition out, or compare with a number that the sites can pass: the local states are "
        f"{subject.space.local_states_text()}."
    )
    facts = {"always": held.true, "predicate": part}
    place = shape.place(at.field, at.number, repr(part))
    return subject.finding(CONSTANT, at.severity, message, hint, place, facts=facts)


def unreachable_branches(subject: Subject) -> Iterator[Diagnostic]:
    """Emissions that no configuration of local states makes active, on any index row."""
    for shape in subject.shapes:
        lost = _never(shape)
        if len(lost) == len(shape.term.emissions) and _never_holds(shape):
            yield _unreachable(subject, shape, None)
        else:
            yield from (_unreachable(subject, shape, number) for number in lost)


def _never(shape: Shape) -> list[int]:
    known = [own.never for own in shape.ranges.emissions]
    found = shape.may(True) if shape.guarded and not all(known) else None
    if found is not None:
        seen = [any(bool(there[number].any()) for _, there in found) for number in range(len(known))]
        known = [never or not reached for never, reached in zip(known, seen, strict=True)]
    return [number for number, never in enumerate(known) if never]


def _never_holds(shape: Shape) -> bool:
    """Whether it is the condition of the whole term that no configuration fulfils."""
    if shape.ranges.predicate.never or shape.patterns is None:
        return shape.ranges.predicate.never
    held = [possible(shape.term.predicate, shape.setting(pattern, True)) for pattern in shape.patterns]
    return not any(bool(truth.true.any()) for truth in held)


def _unreachable(subject: Subject, shape: Shape, number: int | None) -> Diagnostic:
    if number is None:
        message = "No configuration fulfils the condition of this term, so that it has no branch at all."
        field = "where"
    else:
        message = "No configuration makes this branch active: its conditions exclude each other or the local states."
        field = "if" if len(shape.first.emissions[number].predicate.table) > 1 else "emit"
    slots = shape.term.iterator.n_iter * (1 if number is not None else len(shape.term.emissions))
    hint = f"Mend the condition, or leave the branch out: it has {slots} slot{'s' * (slots != 1)} of the padded output."
    return subject.finding(UNREACHABLE, "warning", message, hint, shape.place(field, number))
