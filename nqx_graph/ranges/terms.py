"""Ranges of a term: every expression of it, whether its branches leave the local states, how wide its whole numbers are."""

from __future__ import annotations

from functools import partial
from typing import Any
from weakref import WeakKeyDictionary

import attrs
import numpy as np
from numpy.typing import NDArray

from nqx_graph.ir.expr import AmplitudeExpr, apply
from nqx_graph.ir.kinds import INT, dtype_kind, line_kinds
from nqx_graph.ir.sites import site_numbers
from nqx_graph.ir.stored import Expr
from nqx_graph.ir.table import Row, reachable
from nqx_graph.ir.types import EmissionSpec, SymbolicIRTerm, UpdateProgram, update_expressions
from nqx_graph.ranges import values
from nqx_graph.ranges.columns import Columns
from nqx_graph.ranges.lines import Key, Reader, Truth, read_key
from nqx_graph.ranges.results import EmissionRanges, ExprRanges, TermRanges
from nqx_graph.ranges.rounding import SINGLE, WHOLE, Arithmetic, of_dtype, of_lines
from nqx_graph.ranges.states import inside, local_states, outside, refined, slack, turned, wrapped
from nqx_graph.ranges.updates import Follower, State
from nqx_graph.ranges.values import ANY, Value
from nqx_graph.ranges.widths import whole_width, width
from nqx_graph.space import SpaceView


def term_ranges(term: SymbolicIRTerm, space: SpaceView, dtype_str: str, *, free_columns: bool = True) -> TermRanges:
    """What the numbers of a term may be, over all states of the sites, index rows and values of symbols.

    Conserved totals are not used, and symbols are finite.

    Args:
        term: rows and columns included.
        space: gives the local states.
        dtype_str: the operator's dtype.
        free_columns: whether a column may be given anew, so that nothing may follow from its entries but that masks hold
            0 and 1.
    """
    known = _KNOWN.get(term)
    if known is not None and known[0] is space and known[1] == (dtype_str, free_columns):
        return known[2]
    made = _Term(term, space, dtype_str, free_columns).run()
    _KNOWN[term] = (space, (dtype_str, free_columns), made)
    return made


# a fused stream is looked at when it is made and once more when it is lowered
_KNOWN: WeakKeyDictionary[SymbolicIRTerm, tuple[SpaceView, tuple[str, bool], TermRanges]] = WeakKeyDictionary()


@attrs.define(eq=False)
class _Table:
    """What is the same of an expression whatever its sites hold."""

    kinds: list[int]
    needed: set[int]
    arithmetic: list[Arithmetic]
    reads: list[Key | None]  # the site that each line reads
    keys: list[Key]  # those sites, each once
    lines: list[Any] | None = None  # the value of every line, where no site is read
    free: ExprRanges | None = None  # over all states of the sites

    def depending(self, key: Key, rows: tuple[Row, ...]) -> list[int]:
        """The lines that read the site, and those made of them."""
        found: dict[int, None] = {}
        for line, row in enumerate(rows):
            if self.reads[line] == key or any(arg in found for arg in row.args):
                found[line] = None
        return list(found)


class _Term:
    def __init__(self, term: SymbolicIRTerm, space: SpaceView, dtype_str: str, free_columns: bool) -> None:
        self.term, self.space, self.dtype_str, self.slack = term, space, dtype_str, slack(space)
        self.sites: dict[Key, NDArray[np.int32]] = {}
        self.known: dict[Key, Value] = {}
        self.columns = Columns(term.iterator, space, free_columns)
        # an expression may stand in an update and be an amplitude, which are computed in different arithmetics
        self.tables: dict[tuple[int, bool], _Table] = {}
        self.writes = _site_expressions(term)  # kept: tables go by identity
        exact: list[Expr] = [term.predicate, *self.writes]
        for emission in term.emissions:
            self._meet(emission.amplitude, of_dtype(dtype_str))
            exact += [emission.predicate, *update_expressions(emission.update_program)]
        for expr in exact:
            self._meet(expr)

    def _meet(self, expr: Expr, amplitude: Arithmetic | None = None) -> None:
        place = (id(expr), amplitude is not None)
        if place in self.tables:
            return
        rows = expr.table
        kinds = line_kinds(rows, self.term.iterator.columns, self.space.integer, dtype_kind(self.dtype_str))
        needed = reachable(rows, {len(rows) - 1})
        reads = [read_key(rows, row) for row in rows]
        keys = list(dict.fromkeys(key for key in reads if key is not None))
        self.tables[place] = _Table(kinds, needed, of_lines(rows, kinds, amplitude), reads, keys)
        for key in keys:
            self._site(key)

    def _site(self, key: Key) -> None:
        if key in self.sites:
            return
        iterator = self.term.iterator
        numbers = site_numbers(AmplitudeExpr.from_table(key), iterator.labels, iterator.index_sets, self.space.size)
        self.sites[key] = numbers
        self.known[key] = local_states(self.space, numbers)

    def run(self) -> TermRanges:
        term = self.term
        known = self._refined(term.predicate, self.known, True)
        alive = self.known if known is None else known
        emissions = tuple(self._emission(emission, alive, known is None) for emission in term.emissions)
        return TermRanges(self._ranges(term.predicate, self.known), emissions)

    def _emission(self, emission: EmissionSpec, known: dict[Key, Value], never: bool) -> EmissionRanges:
        narrowed = self._refined(emission.predicate, known, True)
        never = never or narrowed is None
        narrowed = known if narrowed is None else narrowed
        program = emission.update_program
        rounded = self._arithmetic(program).of
        state = self._follower(self._refined, rounded).run(program, narrowed)
        never = never or state is None
        # widths must hold where the branch is not there as well: the kernel computes them on all rows
        wide = self._follower(lambda expr, at, truth: at, rounded)
        wide.run(program, self.known)
        target = {} if never or state is None else state
        return EmissionRanges(
            self._ranges(emission.predicate, self.known),
            self._ranges(emission.amplitude, narrowed, target),
            tuple(self._ranges(expr, self.known) for expr in update_expressions(program)),
            never,
            self._leaves(program, target),
            tuple(held.value for held in target.values() if held.written),
            width([*wide.widest, *self.known.values()], wide.turns, self.slack),
            any(outside(held.value, self.space, self.sites[key]) for key, held in target.items() if held.written),
        )

    def _follower(self, refined: Any, rounded: Any) -> Follower:
        return Follower(
            self.sites,
            lambda expr, at: self._ranges(expr, at).root,
            refined,
            lambda value: wrapped(value, self.space),
            lambda value: turned(value, self.space),
            rounded,
        )

    def _arithmetic(self, program: UpdateProgram) -> Arithmetic:
        """That of x': whole numbers where all that is written is whole, else floating point."""
        kinds = {self.tables[id(expr), False].kinds[-1] for expr in update_expressions(program)}
        return WHOLE if self.space.integer and kinds <= {INT} else SINGLE

    def _ranges(self, expr: Expr, known: dict[Key, Value], target: State | None = None) -> ExprRanges:
        table = self.tables[id(expr), target is not None]
        anywhere = target is None and (known is self.known or not table.keys)
        if anywhere and table.free is not None:
            return table.free
        lines = self._lines(expr, known, target)
        made = ExprRanges(tuple(lines), whole_width(expr.table, table.kinds, lines, table.needed, self.slack))
        if anywhere:
            table.free = made
        return made

    def _lines(self, expr: Expr, known: dict[Key, Value], target: State | None = None) -> list[Any]:
        table = self.tables[id(expr), target is not None]
        if table.lines is not None:
            return table.lines
        reader = self._reader(known, {} if target is None else target)
        lines = reader.lines(expr.table, table.reads, table.arithmetic)
        if not table.keys:
            table.lines = lines
        return lines

    def _reader(self, known: dict[Key, Value], target: State) -> Reader:
        return Reader(
            lambda key: known.get(key, ANY),
            lambda key: target[key].value if key in target else ANY,
            self.columns,
            lambda value: wrapped(value, self.space),
            self.space.size,
        )

    def _refined(self, predicate: Expr, known: dict[Key, Value], truth: bool) -> dict[Key, Value] | None:
        """What the sites hold where the predicate has this truth, each by itself; None where it never has."""
        table, lines = self.tables[id(predicate), False], self._lines(predicate, known)

        def with_state(key: Key, changed: list[int], state: Any) -> bool:
            reader = self._reader({key: values.of([state])}, {})
            return _may_be(truth, reader.lines(predicate.table, table.reads, table.arithmetic, lines, changed)[-1])

        if not _may_be(truth, lines[-1]):
            return None
        made = dict(known)
        if not _may_be(not truth, lines[-1]):
            return made
        for key in table.keys:
            kept = refined(made[key], partial(with_state, key, table.depending(key, predicate.table)))
            if kept is None:
                return None
            made[key] = kept
        return made

    def _leaves(self, program: UpdateProgram, target: State) -> bool:
        flips = any(op.kind == "flip" for op in program.ops)
        if target and flips:
            return any(op.kind not in ("flip", "invalidate") for op in program.ops)
        return any(held.written and not inside(held.value, self.space, self.sites[key]) for key, held in target.items())


def _may_be(truth: bool, value: Truth) -> bool:
    return value.true if truth else value.false


def _site_expressions(term: SymbolicIRTerm) -> list[Expr]:
    """A read of every site that an update writes, so that it is followed."""
    found: list[Expr] = []
    pending = [op for emission in term.emissions for op in emission.update_program.ops]
    while pending:
        op = pending.pop()
        if op.kind == "cond":
            pending += [*op.params["if_true"].ops, *op.params["if_false"].ops]
        else:
            sites = op.params["sites"] if "sites" in op.params else (op.params["site"],) if "site" in op.params else ()
            found += [apply("source", site) for site in sites]
    return found
