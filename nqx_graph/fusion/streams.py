"""Streams: one emission on many rows, its constants taken out of the amplitude.

An operator becomes streams, term by term and emission by emission: ``<x|O|x'> = factor[row] · symbols · core``, where
``factor`` is the product of the constants that stand at the top of the amplitude and ``core`` is what is left. Streams
that differ in nothing but rows and factors are one, and where two of its rows are equal their factors add up: opposite
ones cancel, and the branch is gone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import attrs
import jax
import numpy as np
from numpy.typing import NDArray

from nqx_graph.fusion.rows import grouped
from nqx_graph.ir.encode import encode
from nqx_graph.ir.expr import TRUE, AmplitudeExpr, all_of, as_amplitude
from nqx_graph.ir.kinds import FLOAT, dtype_kind
from nqx_graph.ir.merging import HIDDEN, merge, mergeable
from nqx_graph.ir.table import Node, every_node
from nqx_graph.ir.types import (
    EmissionSpec,
    KBodyIteratorSpec,
    SymbolicIRTerm,
    SymbolicOperatorIR,
    UpdateProgram,
    term_expressions,
)

ONE = as_amplitude(1)
MOST_SUMMANDS = 8


@attrs.frozen(eq=False)
class Stream:
    """One emission on the rows of a term.

    ``term`` has one emission without a predicate of its own; its amplitude is the core (``ONE`` where nothing is left).
    ``factor`` [M] multiplies it, in the operator's dtype, and so do the ``symbols`` and the ``weights``, columns of the user's. ``order`` [M] says which rows of its
    user's columns the rows are (None: all, as they are); ``source`` is the position of the term that has these columns.
    """

    term: SymbolicIRTerm
    factor: NDArray[Any]
    symbols: tuple[str, ...]
    order: NDArray[np.int32] | None = None
    source: int = -1
    weights: tuple[str, ...] = ()

    @property
    def n_rows(self) -> int:
        """How many rows there are."""
        return len(self.factor)

    @property
    def update(self) -> UpdateProgram:
        """How x becomes x'."""
        return self.term.emissions[0].update_program

    @property
    def core(self) -> AmplitudeExpr:
        """What is left of the amplitude."""
        return self.term.emissions[0].amplitude

    def take(self, rows: NDArray[Any]) -> Stream:
        """The stream on some of its rows, in that order."""
        if len(rows) == self.n_rows and np.array_equal(rows, np.arange(self.n_rows)):
            return self
        iterator = self.term.iterator
        hidden = {name: array[rows] for name, array in iterator.columns.items() if name.startswith(HIDDEN)}
        users = {name: array for name, array in iterator.columns.items() if not name.startswith(HIDDEN)}
        order = None
        if users:
            order = (np.arange(self.n_rows) if self.order is None else self.order)[rows].astype(np.int32)
        taken = _iterator(iterator.labels, iterator.index_sets[rows], {**users, **hidden})
        return attrs.evolve(self, term=attrs.evolve(self.term, iterator=taken), factor=self.factor[rows], order=order)


def _iterator(labels: tuple[str, ...], rows: NDArray[np.int32], columns: Any) -> KBodyIteratorSpec:
    return KBodyIteratorSpec(labels, rows, columns)


def split(
    ir: SymbolicOperatorIR, groups: Sequence[Sequence[int]], may_vanish: Callable[[Stream], bool]
) -> tuple[list[Stream], list[int]]:
    """The streams of an operator, and the positions of the terms that keep a promise and stay as they are.

    Args:
        ir: the operator.
        groups: positions of terms that have one shape.
        may_vanish: whether a branch of the stream whose factor is 0 is no branch, whatever x is: it can be neither NaN
            nor outside the space.
    """
    streams: list[Stream] = []
    promised: list[int] = []
    for group in groups:
        joined = [position for position in group if mergeable(ir.terms[position])]
        alone = [position for position in group if not mergeable(ir.terms[position])]
        promised += [position for position in alone if ir.terms[position].fanout < ir.terms[position].max_fanout]
        kept = [[position] for position in alone if ir.terms[position].fanout == ir.terms[position].max_fanout]
        for part in ([joined] if joined else []) + kept:
            term = merge(ir, part).term
            source = part[0] if term.iterator.columns and len(part) == 1 and part is not joined else -1
            streams += [
                _stream(ir, term, attrs.evolve(emission, amplitude=amplitude), source)
                for emission in term.emissions
                for amplitude in _parts(emission)
            ]
    return _united(streams, may_vanish), sorted(promised)


def _parts(emission: EmissionSpec) -> list[AmplitudeExpr]:
    """The amplitude; where x is kept its summands, since all branches of the diagonal slot are added up anyway."""
    rows = emission.amplitude.table
    if emission.update_program.ops:
        return [emission.amplitude]
    found: list[AmplitudeExpr] = []
    made = every_node(rows)
    pending = [(len(rows) - 1, False)]
    while pending:
        line, negative = pending.pop()
        row = rows[line]
        if row.op in ("add", "sub") and len(found) + len(pending) < MOST_SUMMANDS:
            pending += [(row.args[1], negative != (row.op == "sub")), (row.args[0], negative)]
        else:
            node = made[line]
            found.append(AmplitudeExpr(Node("neg", (node,)) if negative else node).sealed())
    return found


def _stream(ir: SymbolicOperatorIR, term: SymbolicIRTerm, emission: EmissionSpec, source: int) -> Stream:
    factor, symbols, weights, core = _factors(emission.amplitude, term, jax.numpy.dtype(ir.dtype_str))
    own = EmissionSpec(all_of(term.predicate, emission.predicate), emission.update_program, core)
    alone = attrs.evolve(
        term, predicate=own.predicate, emissions=(attrs.evolve(own, predicate=TRUE),), fanout_hint=None
    )
    return Stream(alone, factor, symbols, None, source, weights)


def _factors(
    amplitude: AmplitudeExpr, term: SymbolicIRTerm, dtype: Any
) -> tuple[NDArray[Any], tuple[str, ...], tuple[str, ...], Any]:
    """The factor on every row, the names of the symbols and of the columns that multiply, and the core."""
    columns, rows = term.iterator.columns, amplitude.table
    factor = np.ones(term.iterator.n_iter, dtype=dtype)
    symbols: list[str] = []
    weights: list[str] = []
    nodes: list[Node] = []
    made = every_node(rows)
    inexact = dtype_kind(str(dtype)) >= FLOAT
    pending = [(len(rows) - 1, False)]
    while pending:
        line, inverse = pending.pop()
        row = rows[line]
        number = row.data[0] if row.op == "const" else None
        if row.op == "column" and row.data[0].startswith(HIDDEN):
            number = columns[row.data[0]]
        changed = None
        if number is not None:
            with np.errstate(all="ignore"):
                given = np.asarray(number).astype(dtype)
                changed = factor / given if inverse else factor * given
        if changed is not None and (not inexact or _exact_enough(changed, factor, given)):
            factor = changed.astype(dtype)
        elif row.op == "mul" and not inverse:
            pending += [(row.args[1], False), (row.args[0], False)]
        elif row.op == "neg" and not inverse:
            factor = -factor
            pending.append((row.args[0], False))
        elif row.op == "div" and not inverse and inexact and _is_number(rows[row.args[1]]):
            pending += [(row.args[1], True), (row.args[0], False)]
        elif row.op == "symbol" and not inverse:
            symbols.append(row.data[0])
        elif row.op == "column" and not inverse:
            weights.append(row.data[0])
        else:
            node = made[line]
            nodes.append(Node("div", (ONE.node, node)) if inverse else node)
    if not nodes:
        return factor, tuple(symbols), tuple(weights), ONE
    core = nodes[0]
    for node in nodes[1:]:
        core = Node("mul", (core, node))
    return factor, tuple(symbols), tuple(weights), AmplitudeExpr(core).sealed()


def _is_number(row: Any) -> bool:
    return bool(row.op == "const" or (row.op == "column" and row.data[0].startswith(HIDDEN)))


def _exact_enough(product: NDArray[Any], *factors: NDArray[Any]) -> bool:
    """Whether no product of constants left the range of normal numbers; else they are multiplied as written."""
    nonzero = np.all([np.broadcast_to(f != 0, product.shape) for f in factors], axis=0)
    tiny = np.finfo(product.dtype).tiny if product.dtype.kind in "fc" else 0.0
    return bool(np.all(np.isfinite(product)) and np.all(np.abs(product[nonzero]) >= tiny))


def _united(streams: list[Stream], may_vanish: Callable[[Stream], bool]) -> list[Stream]:
    """Streams without columns that differ in rows and factors only are one; equal rows of it are one row."""
    groups: dict[Any, list[Stream]] = {}
    for stream in streams:
        own = stream.term
        reads_rows_only = not own.iterator.columns or not _reads_columns(stream)
        key = (
            (
                own.iterator.labels,
                encode(own.predicate),
                encode(stream.update),
                encode(stream.core),
                tuple(sorted(stream.symbols)),
            )
            if reads_rows_only
            else id(stream)
        )
        groups.setdefault(key, []).append(stream)
    made = [_without_zeros(_joined(group, may_vanish), may_vanish) for group in groups.values()]
    return [stream for stream in made if stream.n_rows]


def _without_zeros(stream: Stream, may_vanish: Callable[[Stream], bool]) -> Stream:
    kept = np.flatnonzero(stream.factor)
    return stream.take(kept) if len(kept) < stream.n_rows and may_vanish(stream) else stream


def _one_sign(factor: NDArray[Any]) -> bool:
    return not np.iscomplexobj(factor) and bool(np.all(factor >= 0) or np.all(factor <= 0))


def _reads_columns(stream: Stream) -> bool:
    rows = [row for expr in term_expressions(stream.term) for row in expr.table]
    return bool(stream.weights) or any(row.op in ("column", "dot", "prod") for row in rows) or flips(stream.term)


def flips(term: SymbolicIRTerm) -> bool:
    """Whether any update of the term flips the sites of a column."""
    return any(_flips(emission.update_program) for emission in term.emissions)


def _flips(program: UpdateProgram) -> bool:
    return any(
        op.kind == "flip" or (op.kind == "cond" and (_flips(op.params["if_true"]) or _flips(op.params["if_false"])))
        for op in program.ops
    )


def _joined(streams: list[Stream], may_vanish: Callable[[Stream], bool]) -> Stream:
    first = streams[0]
    if _reads_columns(first):
        return first
    rows = np.concatenate([stream.term.iterator.index_sets for stream in streams])
    factor = np.concatenate([stream.factor for stream in streams])
    group, firsts = grouped(rows)
    # what may be infinite must not meet its opposite before it is computed: infinity less infinity is NaN
    if len(firsts) < len(rows) and (may_vanish(first) or _one_sign(factor)):
        total = np.zeros(len(firsts), dtype=factor.dtype)
        with np.errstate(all="ignore"):  # as the kernel would add them
            np.add.at(total, group, factor)
        rows, factor = rows[firsts], total
    term = attrs.evolve(first.term, iterator=_iterator(first.term.iterator.labels, rows, {}))
    return attrs.evolve(first, term=term, factor=factor, order=None, source=-1)
