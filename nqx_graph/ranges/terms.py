"""Ranges of a term: every expression of it, whether its branches leave the local states, how wide its whole numbers are."""

from __future__ import annotations

from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray

from nqx_graph.ir.expr import AmplitudeExpr, Expr, apply
from nqx_graph.ir.kinds import dtype_kind, line_kinds
from nqx_graph.ir.merging import HIDDEN
from nqx_graph.ir.sites import site_numbers
from nqx_graph.ir.table import reachable
from nqx_graph.ir.types import EmissionSpec, SymbolicIRTerm, UpdateProgram, term_expressions, update_expressions
from nqx_graph.ranges import values
from nqx_graph.ranges.lines import Key, Reader, Truth, read_key, whole_width
from nqx_graph.ranges.updates import Follower, State
from nqx_graph.ranges.values import ANY, Value
from nqx_graph.space import SpaceView


@attrs.frozen(eq=False)
class ExprRanges:
    """The value or truth of every line of an expression, and how many bits hold its whole numbers (32, 64 or 128)."""

    lines: tuple[Value | Truth, ...]
    width: int

    @property
    def root(self) -> Any:
        """The value or truth of the whole."""
        return self.lines[-1]


@attrs.frozen(eq=False)
class EmissionRanges:
    """What is known of one emission where its branch is there.

    ``never`` says that it never is. ``leaves`` is False only where every x' stays in the local states; ``written`` are the
    values at the sites that are written. ``updates`` are the ranges of the update's expressions in the order of
    `nqx_graph.ir.types.update_expressions`; ``update_width`` bits hold every value of x' on the way.
    """

    predicate: ExprRanges
    amplitude: ExprRanges
    updates: tuple[ExprRanges, ...]
    never: bool
    leaves: bool
    written: tuple[Value, ...]
    update_width: int


@attrs.frozen(eq=False)
class TermRanges:
    """Ranges of a term, emission by emission."""

    predicate: ExprRanges
    emissions: tuple[EmissionRanges, ...]


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
    return _Term(term, space, dtype_str, free_columns).run()


class _Term:
    def __init__(self, term: SymbolicIRTerm, space: SpaceView, dtype_str: str, free_columns: bool) -> None:
        self.term, self.space, self.dtype_kind, self.free = term, space, dtype_kind(dtype_str), free_columns
        self.sites: dict[Key, NDArray[np.int32]] = {}
        self.known: dict[Key, Value] = {}
        self.masks = {row.data[0] for e in term_expressions(term) for row in e.table if row.op == "prod"}
        self.columns: dict[tuple[str, str], Value] = {}
        for expr in [*term_expressions(term), *_site_expressions(term)]:
            self._meet(expr)

    def _meet(self, expr: Expr) -> None:
        keys = [read_key(expr.table, row) for row in expr.table]
        for key in keys:
            self._site(key)

    def _site(self, key: Key | None) -> None:
        if key is None or key in self.sites:
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
        follower = Follower(
            self.sites,
            lambda expr, at: self._ranges(expr, at).root,
            self._refined,
            self._wrapped,
            self._turned,
        )
        state = follower.run(emission.update_program, narrowed)
        # widths must hold where the branch is not there as well: the kernel computes them on all rows
        wide = Follower(
            self.sites,
            lambda expr, at: self._ranges(expr, at).root,
            lambda expr, at, truth: at,
            self._wrapped,
            self._turned,
        )
        wide.run(emission.update_program, self.known)
        target = state or {}
        return EmissionRanges(
            self._ranges(emission.predicate, self.known),
            self._ranges(emission.amplitude, narrowed, target),
            tuple(self._ranges(expr, self.known) for expr in update_expressions(emission.update_program)),
            never or state is None,
            not (never or state is None) and self._leaves(emission.update_program, target),
            tuple(held.value for held in target.values() if held.written),
            _state_width([*wide.widest, *self.known.values()]),
        )

    def _ranges(self, expr: Expr, known: dict[Key, Value], target: State | None = None) -> ExprRanges:
        held = {} if target is None else target
        reader = Reader(
            lambda key: known.get(key, ANY),
            lambda key: held[key].value if key in held else ANY,
            self._column,
            self._wrapped,
            self.space.size,
        )
        rows = expr.table
        lines = reader.lines(rows)
        kinds = line_kinds(rows, self.term.iterator.columns, self.space.integer, self.dtype_kind)
        return ExprRanges(tuple(lines), whole_width(rows, kinds, lines, reachable(rows, {len(rows) - 1})))

    def _column(self, op: str, name: str) -> Value:
        key = (op, name)
        if key not in self.columns:
            self.columns[key] = self._column_value(op, name)
        return self.columns[key]

    def _column_value(self, op: str, name: str) -> Value:
        array = self.term.iterator.columns[name]
        low, high = self.space.bounds()
        if op == "prod":  # masks stay masks, whatever is given
            most = max(abs(low), abs(high), 1) ** min(self.space.size, 64)
            kept = self.space.integer and array.dtype.kind in "iu"
            if kept and {low, high} <= {-1.0, 0.0, 1.0}:
                return Value(-1, 1, True)
            return Value(-most, most, kept, bool(most > 1e30))
        if self.free and not name.startswith(HIDDEN):
            return Value(whole=array.dtype.kind in "iu" and (op == "column" or self.space.integer))
        if op == "column":
            return values.of_array(array)
        sums = np.abs(array).sum(axis=1).max(initial=0).item() if not np.iscomplexobj(array) else np.inf
        most = sums * max(abs(low), abs(high)) if sums else 0  # 0 times a state without bound is 0
        whole = self.space.integer and array.dtype.kind in "iu"
        return Value(-most, most, whole)

    def _refined(self, predicate: Expr, known: dict[Key, Value], truth: bool) -> dict[Key, Value] | None:
        """What the sites hold where the predicate has this truth, each by itself; None where it never has."""

        def possible(at: dict[Key, Value]) -> bool:
            root: Truth = self._ranges(predicate, at).root
            return root.true if truth else root.false

        if not possible(known):
            return None
        made = dict(known)
        keys = {key for row in predicate.table if (key := read_key(predicate.table, row)) is not None}
        for key in sorted(keys, key=repr):
            value = made[key]
            if value.states is None or len(value.states) < 2:
                continue
            kept = [state for state in value.states if possible({**known, key: values.of([state])})]
            if not kept:
                return None
            made[key] = values.of(kept)
        return made

    def _wrapped(self, value: Value) -> Value:
        space = self.space
        if not (space.even and space.homogeneous):
            return ANY
        low, span = space.low[0].item(), (space.step[0] * space.count[0]).item()
        high = low + span
        return values.mapped(
            lambda p: (p - low) % span + low,
            (value,),
            lambda: Value(low, high, value.whole and space.integer, value.undefined or not value.bounded),
        )

    def _turned(self, value: Value) -> Value:
        total = (2 * self.space.low + self.space.step).tolist()
        if not self.space.homogeneous:
            return Value(min(total) - value.high, max(total) - value.low, value.whole)
        return values.mapped(lambda p: total[0] - p, (value,), lambda: ANY)

    def _leaves(self, program: UpdateProgram, target: State) -> bool:
        flips = any(op.kind == "flip" for op in program.ops)
        if flips:
            return any(op.kind not in ("flip", "invalidate") for op in program.ops)
        return any(
            held.written and not _inside(held.value, self.space, self.sites[key]) for key, held in target.items()
        )


def local_states(space: SpaceView, sites: NDArray[np.int32]) -> Value:
    """What a site of these may hold."""
    if not len(sites):
        return ANY
    at = np.unique(sites) if not space.homogeneous else sites[:1]
    if np.any(space.count[at] < 0):
        return Value(float(space.low[at].min()), np.inf, space.integer)
    made: set[Any] = set()
    for site in at.tolist():
        made.update(_states(space, site))
        if len(made) > values.MOST_STATES:
            return Value(space.low[at].min().item(), space.high[at].max().item(), space.integer)
    return values.of(made)


def _states(space: SpaceView, site: int) -> list[Any]:
    if space.table is not None:
        return list(space.table[site].tolist())
    count = min(int(space.count[site]), values.MOST_STATES + 1)
    return list((space.low[site] + space.step[site] * np.arange(count)).tolist())


def _inside(value: Value, space: SpaceView, sites: NDArray[np.int32]) -> bool:
    """Whether every number is a local state of every one of the sites."""
    if value.undefined:
        return False
    at = np.unique(sites) if not space.homogeneous else sites[:1]
    if space.table is None and np.all(space.step[at] == 1) and space.integer:
        bounded = value.whole and value.low >= space.low[at].max()
        return bool(bounded and (np.all(space.count[at] < 0) or _below(value, space, at)))
    if value.states is None:
        return False
    return (
        all(value.states <= set(_states(space, site)) for site in at.tolist()) if np.all(space.count[at] > 0) else False
    )


def _below(value: Value, space: SpaceView, at: NDArray[Any]) -> bool:
    finite = at[space.count[at] > 0]
    return bool(value.high <= space.high[finite].min())


def _state_width(met: list[Value]) -> int:
    if any(not value.bounded for value in met):
        return 64
    largest = max((value.largest for value in met), default=0)
    return 32 if largest < 2**31 - 1 else 64 if largest < 2**63 else 128


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
