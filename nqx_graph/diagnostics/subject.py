"""What the rules look at: the operator shape by shape, with what has been found out of it so far."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import attrs
import jax
import numpy as np

from nqx_graph.diagnostics.diagnostic import Diagnostic
from nqx_graph.diagnostics.evaluate import possible
from nqx_graph.diagnostics.excerpt import excerpt
from nqx_graph.diagnostics.moves import may_be_there
from nqx_graph.diagnostics.patterns import Pattern, patterns, written_values
from nqx_graph.diagnostics.setting import Array, Setting, any_numbers
from nqx_graph.ir.expr import TRUE
from nqx_graph.ir.merging import Merged, every_shape
from nqx_graph.ir.stored import Expr
from nqx_graph.ir.types import SymbolicIRTerm, SymbolicOperatorIR
from nqx_graph.options import SymbolicCompilerOptions
from nqx_graph.ranges import OperatorRanges, TermRanges
from nqx_graph.space import SpaceView


@attrs.frozen
class Place:
    """Where a diagnostic belongs: a line of the text of the term at ``position``, which starts with ``field``
    (``"term"``, ``"iterate"``, ``"where"``, ``"emit"``, ``"if"``, ``"update"`` or ``"amplitude"``), and the ``part`` of it
    that it is about; the whole where that is empty. It holds of so many ``terms``."""

    position: int
    field: str
    emission: int | None = None
    part: str = ""
    row: int | None = None
    terms: int = 1


class Shape:
    """The terms of one shape as one term, with its ranges."""

    def __init__(self, ir: SymbolicOperatorIR, space: SpaceView, merged: Merged, ranges: TermRanges) -> None:
        self.ir, self.space, self.merged, self.ranges = ir, space, merged, ranges
        self.term = merged.term
        self._may: dict[bool, list[tuple[Pattern, list[Array]]] | None] = {}

    @property
    def first(self) -> SymbolicIRTerm:
        """The first of the terms, as it was written."""
        return self.ir.terms[self.merged.positions[0]]

    def place(self, field: str, emission: int | None = None, part: str = "") -> Place:
        """A place in the first of the terms, for what holds of all of them."""
        return Place(self.merged.positions[0], field, emission, part, terms=len(self.merged.positions))

    @cached_property
    def guarded(self) -> bool:
        """Whether anything keeps a branch from being there."""
        conds = any(op.kind in ("cond", "invalidate") for e in self.term.emissions for op in e.update_program.ops)
        plain = [self.term.predicate, *(emission.predicate for emission in self.term.emissions)]
        return conds or not all(predicate.same_as(TRUE) for predicate in plain)

    def computed(self, number: int) -> list[Expr]:
        """The expressions that the update of an emission computes, in order: numbers of sites are none."""
        return written_values(self.term.emissions[number].update_program)

    def unsure(self, number: int) -> bool:
        """Whether it depends on all sites if a branch is there, so that those of its row leave it open."""
        exprs = [self.term.predicate, self.term.emissions[number].predicate, *self.computed(number)]
        return any(map(reads_all, exprs))

    def written(self, field: str, number: int | None, expr: Expr) -> Expr:
        """An expression of the merged term as the first term has it."""
        return expr if field != "amplitude" or number is None else self.first.emissions[number].amplitude

    @cached_property
    def patterns(self) -> list[Pattern] | None:
        """The joint states of the sites of its rows, those that amplitudes read included where they are few enough."""
        with_amplitudes = patterns(self.term, self.space, True)
        return patterns(self.term, self.space, False) if with_amplitudes is None else with_amplitudes

    def setting(self, pattern: Pattern, free: bool) -> Setting:
        """What the leaves hold on a pattern."""
        return pattern.setting(self.term, self.space, self.symbols, free)

    @cached_property
    def symbols(self) -> dict[str, Any]:
        """The defaults of the symbols, and any numbers for those that have none."""
        given = {name: default for name, default in self.ir.symbols.items() if default is not None}
        return any_numbers(self.ir.symbols) | given

    def may(self, free: bool) -> list[tuple[Pattern, list[Array]]] | None:
        """Where each emission may be there, pattern by pattern; None where it cannot be told.

        Args:
            free: whatever symbols and columns are given, instead of as built.
        """
        if free not in self._may:
            found = self.patterns
            made = None if found is None else [(pattern, self._there(self.setting(pattern, free))) for pattern in found]
            self._may[free] = made
        return self._may[free]

    def _there(self, setting: Setting) -> list[Array]:
        held = possible(self.term.predicate, setting)
        shape = len(setting.rows), 1
        made = []
        for emission in self.term.emissions:
            own = possible(emission.predicate, setting)
            there = held.true & own.true & may_be_there(emission.update_program, setting)
            made.append(there | np.zeros(shape, dtype=bool))
        return made


def reads_all(expr: Expr) -> bool:
    """Whether an expression reads every site."""
    return any(row.op in ("dot", "prod") for row in expr.table)


@attrs.frozen(eq=False)
class Subject:
    """An operator under inspection, and what it is compiled with."""

    ir: SymbolicOperatorIR
    space: SpaceView
    shapes: tuple[Shape, ...]
    options: SymbolicCompilerOptions

    @property
    def dtype(self) -> Any:
        """That of the operator, as NumPy knows it."""
        return jax.numpy.dtype(self.ir.dtype_str)

    @classmethod
    def of(
        cls, ir: SymbolicOperatorIR, space: SpaceView, ranges: OperatorRanges, options: SymbolicCompilerOptions
    ) -> Subject:
        """The subject of an operator and its ranges."""
        pairs = zip(every_shape(ir), ranges.shapes, strict=False)  # which another stage may have written
        return cls(ir, space, tuple(Shape(ir, space, merged, own) for merged, own in pairs), options)

    def finding(
        self, code: str, severity: str, message: str, hint: str, place: Place, facts: dict[str, Any] | None = None
    ) -> Diagnostic:
        """A diagnostic at a place."""
        term = self.ir.terms[place.position]
        line, span = excerpt(term, place.position, place.field, place.emission, place.part)
        tag = None if place.emission is None else term.emissions[place.emission].branch_tag
        return Diagnostic(
            code,
            severity,
            message,
            hint,
            term=term.name,
            position=place.position,
            emission=place.emission,
            tag=tag,
            row=place.row,
            terms=place.terms,
            line=line,
            span=span,
            facts=facts or {},
        )
