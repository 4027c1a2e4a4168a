"""What is written twice: emissions, terms, index rows. Branches are a multiset, so that both count."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from nqx_graph.diagnostics.diagnostic import Diagnostic
from nqx_graph.diagnostics.subject import Place, Shape, Subject
from nqx_graph.ir.encode import encode
from nqx_graph.ir.types import SymbolicIRTerm

CODE = "NQX004"


def duplicates(subject: Subject) -> Iterator[Diagnostic]:
    """Emissions of one term, and terms, that are the same but for names and tags; index rows that are given twice."""
    for shape in subject.shapes:
        yield from _emissions(subject, shape)
        yield from _terms(subject, shape)
        yield from _rows(subject, shape)


def _emissions(subject: Subject, shape: Shape) -> Iterator[Diagnostic]:
    met: dict[Any, int] = {}
    for number, emission in enumerate(shape.first.emissions if len(shape.first.emissions) > 1 else ()):
        key = (encode(emission.predicate), encode(emission.update_program), encode(emission.amplitude))
        first = met.setdefault(key, number)
        if first != number:
            message = (
                f"Emission #{number} repeats emission #{first}, and both count: the matrix element is added twice."
            )
            hint = "Leave one out, or write one with twice the amplitude."
            place = Place(shape.merged.positions[0], "emit", number)
            yield subject.finding(CODE, "warning", message, hint, place, {"first": first})


def _terms(subject: Subject, shape: Shape) -> Iterator[Diagnostic]:
    positions = shape.merged.positions
    met: dict[Any, int] = {}
    for position in positions if len(positions) > 1 else ():
        term = subject.ir.terms[position]
        first = met.setdefault(_content(term), position)
        if first != position:
            message = f"This term repeats term #{first} {subject.ir.terms[first].name!r}, and both count."
            hint = "Leave one out, or multiply the amplitude of one by 2."
            yield subject.finding(CODE, "warning", message, hint, Place(position, "term"), {"first": first})


def _content(term: SymbolicIRTerm) -> Any:
    """What terms of one shape may still differ in, but for names and tags."""
    iterator = term.iterator
    columns = tuple(array.tobytes() for array in iterator.columns.values())
    constants = tuple(
        (type(row.data[0]), row.data[0]) for e in term.emissions for row in e.amplitude.table if row.op == "const"
    )
    return iterator.index_sets.tobytes(), columns, constants, term.fanout_hint


def _rows(subject: Subject, shape: Shape) -> Iterator[Diagnostic]:
    found = _repeated_row(subject.ir.terms[shape.merged.positions[0]], subject.space.size)
    if found is not None:
        row, first = found
        given = tuple(shape.first.iterator.index_sets[row].tolist())
        message = f"Index row {row}, {given}, repeats row {first}, and both count."
        hint = "Give every row once, or multiply the amplitude."
        place = Place(shape.merged.positions[0], "iterate", part=str(given), row=row)
        yield subject.finding(CODE, "info", message, hint, place, {"first": first})


def _repeated_row(term: SymbolicIRTerm, size: int) -> tuple[int, int] | None:
    """The first row that is there before with the same entries of columns, and where."""
    rows, columns = term.iterator.index_sets, term.iterator.columns
    if not rows.shape[1] or size ** rows.shape[1] >= 2**62:
        return None
    codes = rows.astype(np.int64) @ size ** np.arange(rows.shape[1], dtype=np.int64)
    _, firsts, group = np.unique(codes, return_index=True, return_inverse=True)
    for row in np.flatnonzero(firsts[group] != np.arange(len(codes))).tolist():
        first = int(firsts[group[row]])
        if all(np.array_equal(array[row], array[first]) for array in columns.values()):
            return row, first
    return None
