"""Operators in pieces: one emission on its rows, with names of its own for labels and columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import attrs
import numpy as np
from numpy.typing import NDArray

from nqx_graph.errors import DefinitionError
from nqx_graph.ir.expr import TRUE, AmplitudeExpr, PredicateExpr, all_of
from nqx_graph.ir.merging import HIDDEN, merge, shapes
from nqx_graph.ir.stored import Expr
from nqx_graph.ir.table import Row
from nqx_graph.ir.types import (
    UPDATE_PARAMS,
    EmissionSpec,
    KBodyIteratorSpec,
    SymbolicIRTerm,
    SymbolicOperatorIR,
    UpdateOp,
    UpdateProgram,
    term_expressions,
)

MOST_PATHS = 64
E = TypeVar("E", bound=Expr)


@attrs.frozen(eq=False)
class Piece:
    """One emission on its rows. ``most`` says how many of its branches are active at once, where a promise says so."""

    name: str
    iterator: KBodyIteratorSpec
    predicate: PredicateExpr
    update: UpdateProgram
    amplitude: AmplitudeExpr
    most: int | None = None

    @property
    def n_rows(self) -> int:
        """How many index rows there are."""
        return self.iterator.n_iter

    def term(self) -> SymbolicIRTerm:
        """The piece as a term."""
        hint = None if self.most is None or self.most >= self.n_rows else self.most
        emission = EmissionSpec(TRUE, self.update, self.amplitude)
        return SymbolicIRTerm(self.name, self.iterator, self.predicate, (emission,), hint)

    def take(self, rows: NDArray[Any]) -> Piece:
        """The piece on some of its rows."""
        if len(rows) == self.n_rows and np.array_equal(rows, np.arange(self.n_rows)):
            return self
        old = self.iterator
        columns = {name: array[rows] for name, array in old.columns.items()}
        return attrs.evolve(self, iterator=KBodyIteratorSpec(old.labels, old.index_sets[rows], columns))

    def renamed(self, labels: Mapping[str, str], columns: Mapping[str, str]) -> Piece:
        """The expressions with other names for labels and columns; the iterator is left to the caller."""
        return attrs.evolve(
            self,
            predicate=renamed(self.predicate, labels, columns),
            amplitude=renamed(self.amplitude, labels, columns),
            update=mapped(
                self.update,
                lambda expr: renamed(expr, labels, columns),
                lambda expr: renamed(expr, labels, columns),
                lambda name: columns.get(name, name),
            ),
        )


def renamed(expr: E, labels: Mapping[str, str], columns: Mapping[str, str]) -> E:
    """The expression with other names for labels and columns."""
    made = type(expr)._trusted(tuple([_renamed(row, labels, columns) for row in expr.table]))
    # two labels may have become one, and lines equal
    return type(expr)(made.node).sealed() if labels else made


def _renamed(row: Row, labels: Mapping[str, str], columns: Mapping[str, str]) -> Row:
    if row.op in ("site", "index", "emitted"):
        return Row(row.op, row.args, (labels.get(row.data[0], row.data[0]),))
    if row.op in ("column", "dot", "prod"):
        return Row(row.op, row.args, (columns.get(row.data[0], row.data[0]),))
    return row


def mapped(
    program: UpdateProgram,
    site: Callable[[Any], Any],
    value: Callable[[Any], Any],
    column: Callable[[str], str] = lambda name: name,
) -> UpdateProgram:
    """The update with its site numbers, its values and predicates, and its columns replaced."""
    made = []
    for op in program.ops:
        params = {name: _mapped(name, op.params[name], site, value, column) for name in UPDATE_PARAMS[op.kind]}
        made.append(UpdateOp(op.kind, params))
    return UpdateProgram(made)


def _mapped(name: str, given: Any, site: Any, value: Any, column: Any) -> Any:
    if name == "site":
        return site(given)
    if name == "sites":
        return tuple(map(site, given))
    if name == "column":
        return column(given)
    if name == "values":
        return tuple(map(value, given))
    if name in ("if_true", "if_false"):
        return mapped(given, site, value, column)
    return given if name == "reason" else value(given)


def merged_pieces(ir: SymbolicOperatorIR) -> list[Piece]:
    """The emissions of all terms; terms of one shape, without a promise, are taken as one."""
    made, terms = [], ir.terms
    for group in shapes(ir):
        free = [position for position in group if terms[position].fanout == terms[position].max_fanout]
        alone = [[position] for position in group if terms[position].fanout < terms[position].max_fanout]
        for part in ([free] if free else []) + alone:
            made += pieces(attrs.evolve(merge(ir, part).term, name=terms[part[0]].name))
    return made


def pieces(term: SymbolicIRTerm) -> list[Piece]:
    """The emissions of a term."""
    most = term.fanout if term.fanout < term.max_fanout else None
    return [
        Piece(term.name, term.iterator, all_of(term.predicate, e.predicate), e.update_program, e.amplitude, most)
        for e in term.emissions
    ]


def flat(piece: Piece) -> list[Piece]:
    """The sides of every `cond` as pieces of their own; sides that are invalid are none.

    Raises:
        DefinitionError: for an update with too many ways through its conds.
    """
    made = []
    for predicates, ops in _paths(piece.update, piece.name):
        predicate = piece.predicate
        for condition in predicates:
            predicate = all_of(predicate, condition)
        made.append(attrs.evolve(piece, predicate=predicate.sealed(), update=UpdateProgram(ops)))
    return made


_Path = tuple[tuple[PredicateExpr, ...], tuple[UpdateOp, ...]]


def _paths(program: UpdateProgram, name: str) -> list[_Path]:
    made: list[_Path] = [((), ())]
    for op in program.ops:
        if op.kind == "invalidate":
            return []
        if op.kind != "cond":
            made = [(given, (*ops, op)) for given, ops in made]
            continue
        condition: PredicateExpr = op.params["predicate"]
        sides = [((condition, *p), ops) for p, ops in _paths(op.params["if_true"], name)]
        sides += [((~condition, *p), ops) for p, ops in _paths(op.params["if_false"], name)]
        made = [((*given, *p), (*ops, *more)) for given, ops in made for p, more in sides]
        if len(made) > MOST_PATHS:
            raise DefinitionError(
                f"the update of term {name!r} has more than {MOST_PATHS} ways through its conds; a product or an adjoint "
                "takes each as a branch. Write emit_if, or sym.where in a value."
            )
    return made


def tidy(piece: Piece) -> Piece:
    """The piece with the columns that it reads, numbered from 0 in order of their names, and hidden from the user."""
    term = piece.term()
    read = {row.data[0] for e in term_expressions(term) for row in e.table if row.op in ("column", "dot", "prod")}
    read |= {op.params["column"] for op in every_step(piece.update) if op.kind == "flip"}
    names = {name: f"{HIDDEN}{number}" for number, name in enumerate(sorted(read))}
    old = piece.iterator
    columns = {names[name]: old.columns[name] for name in names}
    made = piece.renamed({}, names)
    return attrs.evolve(made, iterator=KBodyIteratorSpec(old.labels, old.index_sets, columns))


def every_step(program: UpdateProgram) -> list[UpdateOp]:
    """The steps of an update, those of the sides of its conds included."""
    found: list[UpdateOp] = []
    for op in program.ops:
        found.append(op)
        if op.kind == "cond":
            found += [*every_step(op.params["if_true"]), *every_step(op.params["if_false"])]
    return found
