"""From the IR to the structure and tables of a kernel."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jax
import numpy as np
from numpy.typing import NDArray

from nqx_graph.ir.expr import TRUE, AmplitudeExpr
from nqx_graph.ir.kinds import INT, dtype_kind, line_kinds
from nqx_graph.ir.sites import site_numbers
from nqx_graph.ir.stored import Expr
from nqx_graph.ir.table import READS, Row, cone, reachable
from nqx_graph.ir.types import (
    EmissionSpec,
    SymbolicIRTerm,
    SymbolicOperatorIR,
    UpdateOp,
    UpdateProgram,
    term_expressions,
    update_expressions,
)
from nqx_graph.kernel.structure import (
    MIXED,
    NEVER,
    SAME,
    EmissionStructure,
    Lines,
    LocalStates,
    Step,
    Structure,
    Tables,
    TermStructure,
    TermTables,
)
from nqx_graph.ranges import EmissionRanges, ExprRanges, term_ranges
from nqx_graph.space import SpaceView


def lower_operator(
    ir: SymbolicOperatorIR, space: SpaceView, fanouts: tuple[int, ...], on_out_of_domain: str
) -> tuple[Structure, Tables]:
    """The structure of the kernel of an operator, and its tables (NumPy arrays)."""
    numbers: list[Any] = []
    lowered = [
        TermLowering(ir, term, space, numbers).run(fanout, on_out_of_domain)
        for term, fanout in zip(ir.terms, fanouts, strict=True)
    ]
    structure = Structure(
        ir.hilbert_size, ir.dtype_str, on_out_of_domain, local_states(space), tuple(term for term, _ in lowered)
    )
    dtype = jax.numpy.dtype(ir.dtype_str)
    return structure, Tables(np.asarray(numbers, dtype=dtype), tuple(tables for _, tables in lowered))


def local_states(space: SpaceView) -> LocalStates:
    """The local states as a kernel holds them."""
    sites = slice(0, 1) if space.homogeneous else slice(None)
    table = None if space.table is None else space.table[sites]
    return LocalStates(space.low[sites], space.step[sites], space.count[sites], table, space.integer)


class TermLowering:
    """The state of lowering one term: which site slots and number entries were handed out."""

    def __init__(self, ir: SymbolicOperatorIR, term: SymbolicIRTerm, space: SpaceView, numbers: list[Any]) -> None:
        self.ir, self.term, self.space, self.numbers = ir, term, space, numbers
        self.slots: dict[tuple[Row, ...], int] = {}
        self.sites: list[NDArray[np.int32]] = []

    def run(self, fanout: int, on_out_of_domain: str) -> tuple[TermStructure, TermTables]:
        """The structure and the tables of the term."""
        term = self.term
        ranges = term_ranges(term, self.space, self.ir.dtype_str)
        predicate = self.predicate(term.predicate, ranges.predicate)
        guarded = on_out_of_domain != "trust"
        emissions = tuple(
            self.emission(emission, own, guarded)
            for emission, own in zip(term.emissions, ranges.emissions, strict=True)
        )
        sites = np.stack(self.sites) if self.sites else np.zeros((0, term.iterator.n_iter), dtype=np.int32)
        columns = self._columns()
        structure = TermStructure(
            term.iterator.n_iter,
            predicate,
            emissions,
            fanout,
            _relations(sites),
            tuple(sorted(self._masks())),
        )
        return structure, TermTables(sites, columns)

    def _columns(self) -> dict[str, NDArray[Any]]:
        """Columns that only amplitudes read are stored in the operator's dtype, others in their own."""
        exact = {row.data[0] for lines in self._exact_rows() for row in lines if row.op in ("column", "dot", "prod")}
        flipped = {op.params["column"] for op in self._ops() if op.kind == "flip"}
        dtype = jax.numpy.dtype(self.ir.dtype_str)
        columns = self.term.iterator.columns
        return {name: array if name in exact | flipped else array.astype(dtype) for name, array in columns.items()}

    def _masks(self) -> set[str]:
        """The columns that `prod` and `flip` read."""
        rows = [row for expr in term_expressions(self.term) for row in expr.table]
        flipped = {op.params["column"] for op in self._ops() if op.kind == "flip"}
        return flipped | {row.data[0] for row in rows if row.op == "prod"}

    def _ops(self) -> list[UpdateOp]:
        found, pending = [], [op for emission in self.term.emissions for op in emission.update_program.ops]
        while pending:
            op = pending.pop()
            found.append(op)
            if op.kind == "cond":
                pending.extend((*op.params["if_true"].ops, *op.params["if_false"].ops))
        return found

    def _exact_rows(self) -> list[tuple[Row, ...]]:
        """The lines that are computed by the rule of predicates and updates."""
        found = [self.term.predicate.table]
        for emission in self.term.emissions:
            found += [emission.predicate.table]
            found += [expr.table for expr in update_expressions(emission.update_program)]
            rows = emission.amplitude.table
            found.append(tuple(rows[line] for line in _amplitude_lines(rows)[2]))
        return found

    def emission(self, emission: EmissionSpec, ranges: EmissionRanges, guarded: bool) -> EmissionStructure:
        steps = self.steps(emission.update_program, iter(ranges.updates))
        return EmissionStructure(
            self.predicate(emission.predicate, ranges.predicate),
            steps,
            self.amplitude(emission.amplitude, ranges.amplitude),
            _written(steps) if guarded and ranges.leaves else (),
            _width(ranges.update_width, *(part.width for part in ranges.updates)),
        )

    def slot(self, site: Expr) -> int:
        """The slot of a site expression; equal expressions share one."""
        slot = self.slots.setdefault(site.table, len(self.sites))
        if slot == len(self.sites):
            iterator = self.term.iterator
            self.sites.append(site_numbers(site, iterator.labels, iterator.index_sets, self.ir.hilbert_size))
        return slot

    def label_slot(self, label: str) -> int:
        rows = (Row("index", (), (label,)),)
        return self.slots[rows] if rows in self.slots else self.slot(AmplitudeExpr.from_table(rows))

    def predicate(self, expr: Expr, ranges: ExprRanges) -> Lines | None:
        return None if expr.same_as(TRUE) else self.exact(expr, ranges)

    def whole(self, expr: Expr, numbers: list[int]) -> Lines | None:
        """An expression of an amplitude by the rule of predicates, in 32 bits; its constants are entries of ``numbers``.

        None where it is no whole number by that rule.
        """
        lines = self._lines(expr.table, set(), set(range(len(expr.table))), 32)
        used = reachable(expr.table, {lines.root})
        if any(lines.kinds[line] != INT or expr.table[line].op == "symbol" for line in used):
            return None
        exponents = {row.args[1] for row in lines.rows if row.op == "pow"}
        rows = []
        for line, row in enumerate(lines.rows):
            if row.op == "const" and line in used and line not in exponents:
                numbers.append(row.data[1])
                rows.append(Row("const", (), (len(numbers) - 1, None)))
            else:
                rows.append(row)
        return Lines(tuple(rows), lines.kinds, 32)

    def exact(self, expr: Expr, ranges: ExprRanges) -> Lines:
        """An expression of a predicate or an update: every constant is a literal."""
        return self._lines(expr.table, set(), set(range(len(expr.table))), ranges.width)

    def amplitude(self, expr: Expr, ranges: ExprRanges) -> Lines:
        """An amplitude: constants are entries of the number table, but for exponents and what predicates compare."""
        rows = expr.table
        computed, exponents, compared = _amplitude_lines(rows)
        return self._lines(rows, computed, exponents | compared, ranges.width)

    def _lines(self, rows: tuple[Row, ...], entries: set[int], literals: set[int], width: int) -> Lines:
        columns = self.term.iterator.columns
        kinds = line_kinds(rows, columns, self.space.integer, dtype_kind(self.ir.dtype_str))
        lowered = tuple(self._row(rows, line, line in entries, line in literals) for line in range(len(rows)))
        return Lines(lowered, tuple(kinds), _width(width))

    def _row(self, rows: tuple[Row, ...], line: int, entry: bool, literal: bool) -> Row:
        row = rows[line]
        if row.op == "const":
            if entry:
                self.numbers.append(row.data[0])
            return Row("const", (), (len(self.numbers) - 1 if entry else None, row.data[0] if literal else None))
        if row.op in ("site", "index", "emitted"):
            op = {"site": "read", "index": "index", "emitted": "target"}[row.op]
            return Row(op, (), (self.label_slot(row.data[0]),))
        if row.op in ("source", "target"):
            site = AmplitudeExpr.from_table(cone(rows, row.args[0]))
            return Row("read" if row.op == "source" else "target", (), (self.slot(site),))
        return Row("symbol", (), row.data[:1]) if row.op == "symbol" else row

    def steps(self, program: UpdateProgram, ranges: Iterator[ExprRanges]) -> tuple[Step, ...]:
        """The steps of an update; ``ranges`` are those of its expressions, in the order of `update_expressions`."""
        return tuple(self._step(op, ranges) for op in program.ops)

    def _step(self, op: UpdateOp, ranges: Iterator[ExprRanges]) -> Step:
        p = op.params
        if op.kind == "cond":
            predicate = self.exact(p["predicate"], next(ranges))
            return Step(
                "cond",
                predicate=predicate,
                if_true=self.steps(p["if_true"], ranges),
                if_false=self.steps(p["if_false"], ranges),
            )
        if op.kind == "flip":
            return Step("flip", column=p["column"])
        if op.kind == "invalidate":
            return Step("invalidate")
        sites = p["sites"] if "sites" in p else (p["site"],)
        for _ in sites:
            next(ranges)  # site numbers, which are computed already
        values = [*p.get("values", ()), *(p[name] for name in ("value", "delta", "scale", "bias") if name in p)]
        return Step(op.kind, tuple(map(self.slot, sites)), tuple(self.exact(value, next(ranges)) for value in values))


def _width(*widths: int) -> int:
    """The width of integers that hold numbers of all these widths: 32 or 64."""
    return 32 if max(widths) <= 32 else 64


def _written(steps: tuple[Step, ...]) -> tuple[int, ...]:
    """The slots that steps may write, each once."""
    found: set[int] = set()
    for step in steps:
        found.update(step.slots, _written(step.if_true), _written(step.if_false))
    return tuple(sorted(found))


def _relations(sites: NDArray[np.int32]) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(_relation(a == b) for b in sites) for a in sites)


def _relation(equal: NDArray[np.bool_]) -> int:
    return SAME if np.all(equal) else MIXED if np.any(equal) else NEVER


def _amplitude_lines(rows: tuple[Row, ...]) -> tuple[set[int], set[int], set[int]]:
    """Which lines of an amplitude are computed in the operator's dtype, which are constant exponents, and which are made
    of by the predicates of its selects; the insides of site numbers are none of them."""
    found, exponents, predicates = {len(rows) - 1}, set(), set()
    pending = [len(rows) - 1]
    while pending:
        row = rows[pending.pop()]
        needed = row.args
        if row.op in READS:
            needed = ()
        elif row.op == "select":
            predicates.add(row.args[0])
            needed = row.args[1:]
        elif row.op == "pow" and rows[row.args[1]].op == "const":
            exponents.add(row.args[1])
            needed = row.args[:1]
        pending.extend(arg for arg in needed if arg not in found)
        found.update(needed)
    return found, exponents, reachable(rows, predicates)
