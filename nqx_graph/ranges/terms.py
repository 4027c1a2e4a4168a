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
from nqx_graph.ir.table import reachable
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


@attrs.frozen(eq=False)
class _Table:
    """What is the same of an expression whatever its sites hold."""

    kinds: list[int]
    needed: set[int]
    arithmetic: list[Arithmetic]
    reads: list[Key | None]  # the site that each line reads

    @property
    def keys(self) -> list[Key]:
        """The sites that are read, each once."""
        return list(dict.fromkeys(key for key in self.reads if key is not None))


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
        table = self.tables[place] = _Table(kinds, needed, of_lines(rows, kinds, amplitude), reads)
        for key in table.keys:
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
        table, lines = self.tables[id(expr), target is not None], self._lines(expr, known, target)
        return ExprRanges(tuple(lines), whole_width(expr.table, table.kinds, lines, table.needed, self.slack))

    def _lines(self, expr: Expr, known: dict[Key, Value], target: State | None = None) -> list[Any]:
        held = {} if target is None else target
        reader = Reader(
            lambda key: known.get(key, ANY),
            lambda key: held[key].value if key in held else ANY,
            self.columns,
            lambda value: wrapped(value, self.space),
            self.space.size,
        )
        table = self.tables[id(expr), target is not None]
        return reader.lines(expr.table, table.reads, table.arithmetic)

    def _refined(self, predicate: Expr, known: dict[Key, Value], truth: bool) -> dict[Key, Value] | None:
        """What the sites hold where the predicate has this truth, each by itself; None where it never has."""

        def possible(at: dict[Key, Value]) -> bool:
            root: Truth = self._lines(predicate, at)[-1]
            return root.true if truth else root.false

        def with_state(key: Key, state: Any) -> bool:
            return possible({**known, key: values.of([state])})

        if not possible(known):
            return None
        made = dict(known)
        for key in self.tables[id(predicate), False].keys:
            kept = refined(made[key], partial(with_state, key))
            if kept is None:
                return None
            made[key] = kept
        return made

    def _leaves(self, program: UpdateProgram, target: State) -> bool:
        flips = any(op.kind == "flip" for op in program.ops)
        if target and flips:
            return any(op.kind not in ("flip", "invalidate") for op in program.ops)
        return any(held.written and not inside(held.value, self.space, self.sites[key]) for key, held in target.items())


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
