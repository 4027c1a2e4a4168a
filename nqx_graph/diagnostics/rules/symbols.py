"""Symbols without a value."""

from __future__ import annotations

from collections.abc import Iterator

from nqx_graph.diagnostics.diagnostic import Diagnostic
from nqx_graph.diagnostics.subject import Place, Shape, Subject
from nqx_graph.ir.stored import Expr

CODE = "NQX001"


def unresolved_symbols(subject: Subject) -> Iterator[Diagnostic]:
    """Symbols that have no default in any term: the operator does not run before they are given."""
    for name in [name for name, default in subject.ir.symbols.items() if default is None]:
        message = f"The symbol {name!r} has no default, so that the operator does not run before it is given a value."
        hint = f"Write symbol({name!r}, default=...), or call with_parameters({name}=...) on what compile() returns."
        yield subject.finding(CODE, "warning", message, hint, _first_use(subject, name), {"symbol": name})


def _first_use(subject: Subject, name: str) -> Place:
    for shape in subject.shapes:
        position, exprs = shape.merged.positions[0], _expressions(shape)
        for field, emission, expr in exprs:
            if any(row.op == "symbol" and row.data[0] == name for row in expr.table):
                return Place(position, field, emission, f"${name}")
    return Place(0, "term")


def _expressions(shape: Shape) -> Iterator[tuple[str, int | None, Expr]]:
    yield "where", None, shape.first.predicate
    for number, emission in enumerate(shape.first.emissions):
        yield "if", number, emission.predicate
        yield "amplitude", number, emission.amplitude
