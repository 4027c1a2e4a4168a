"""Products of operators: <x|AB|x''> = Σ over branches x -> x' of A and x' -> x'' of B of both matrix elements.

The index rows of a product are the pairs of rows. Everything of B is evaluated in x', so its expressions are rewritten as
expressions of x by `substitution`; the update is A's, then B's.
"""

from __future__ import annotations

from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray

from nqx_graph.errors import DefinitionError
from nqx_graph.ir.expr import TRUE, AmplitudeExpr, PredicateExpr
from nqx_graph.ir.merging import merge, shapes
from nqx_graph.ir.stored import Expr
from nqx_graph.ir.table import Node
from nqx_graph.ir.types import (
    KBodyIteratorSpec,
    SymbolicIRTerm,
    SymbolicOperatorIR,
    UpdateOp,
    UpdateProgram,
    update_expressions,
)
from nqx_graph.operators.coincidence import (
    Sites,
    columns_read,
    flipped_columns,
    patterns,
    source_reads,
    target_reads,
    written_sites,
)
from nqx_graph.operators.folding import Folder, constant
from nqx_graph.operators.pieces import Piece, every_step, flat, mapped, merged_pieces, tidy
from nqx_graph.operators.reading import Reading
from nqx_graph.operators.staying import staying
from nqx_graph.operators.steps import shortened
from nqx_graph.operators.substitution import Moved, read_of, rewritten, target_of
from nqx_graph.ranges import term_ranges
from nqx_graph.space import SpaceView

MOST_ROWS = 2**22


def product_terms(
    a: SymbolicOperatorIR, b: SymbolicOperatorIR, space: SpaceView, dtype: str, *, touching: bool = False
) -> list[SymbolicIRTerm]:
    """The terms of the product, those of one shape as one; none where no branch is left.

    Args:
        a: the left factor, whose branches are taken first.
        b: the right factor.
        space: what both act on.
        dtype: of the product.
        touching: whether pairs of rows that share no site are left out, and pairs of diagonal ones, as a commutator does.

    Raises:
        DefinitionError: naming the term, where a branch of ``a`` may leave the local states, where what it does cannot be
            followed, or where there are too many pairs of rows.
    """
    left = [piece for whole in merged_pieces(a) for piece in staying(flat(whole), space, a.dtype_str)]
    right = merged_pieces(b)
    if touching:  # A B and B A must leave out the same pairs, so both are taken apart alike
        right = [piece for whole in right for piece in flat(whole)]
    made = [term for p in left for q in right for term in _Pair(p, q, space, dtype, touching).terms()]
    return united(made, a, dtype)


def united(terms: list[SymbolicIRTerm], ir: SymbolicOperatorIR, dtype: str) -> list[SymbolicIRTerm]:
    """Terms of one shape without a promise as one term."""
    whole = attrs.evolve(ir, terms=terms, dtype_str=dtype, metadata={})
    made = []
    for group in shapes(whole):
        free = [position for position in group if terms[position].fanout_hint is None]
        kept = [terms[position] for position in group if terms[position].fanout_hint is not None]
        if free:
            made.append(attrs.evolve(merge(whole, free).term, name=terms[free[0]].name))
        made += kept
    return made


class _Pair:
    """One piece of A and one of B, labels and columns renamed apart."""

    def __init__(self, a: Piece, b: Piece, space: SpaceView, dtype: str, touching: bool) -> None:
        self.space, self.dtype, self.touching, self.folder = space, dtype, touching, Folder(space)
        self.name = f"{a.name} @ {b.name}"
        if a.n_rows * b.n_rows > MOST_ROWS:
            raise DefinitionError(
                f"the product of the terms {a.name!r} and {b.name!r} has {a.n_rows} x {b.n_rows} index rows; at most "
                f"{MOST_ROWS} are written out. Multiply the compiled operators, which NetKet does one after the other."
            )
        self.most = None
        if a.most is not None or b.most is not None:
            self.most = (a.most or a.n_rows) * (b.most or b.n_rows)
        labels = _apart(a.iterator.labels, b.iterator.labels)
        names = [{name: f"#{side}{k}" for k, name in enumerate(p.iterator.columns)} for side, p in (("a", a), ("b", b))]
        self.a = a.renamed({}, names[0])
        self.b = b.renamed(labels, names[1])
        self.iterator = _pairs(a.iterator, b.iterator, labels, names)

    def terms(self) -> list[SymbolicIRTerm]:
        """The terms, one for every way in which sites of the rows coincide."""
        sites = Sites(self.iterator, self.space.size)
        if self.touching:
            if not (self.a.update.ops or self.b.update.ops):
                return []
            rows = np.flatnonzero(self._touch(sites))
            if not len(rows):
                return []
            self.iterator = _taken(self.iterator, rows)
            sites = Sites(self.iterator, self.space.size)
        made = []
        for rows in self._patterns(sites):
            term = self._term(_taken(self.iterator, rows))
            if term is not None:
                made.append(term)
        return made

    def _expressions(self) -> list[Expr]:
        return [self.b.predicate, *update_expressions(self.b.update), self.b.amplitude]

    def _patterns(self, sites: Sites) -> list[NDArray[Any]]:
        flips, written = flipped_columns(self.a.update), written_sites(self.a.update)
        read = [*source_reads(self._expressions()), *target_reads([self.a.amplitude])]
        over = columns_read(self._expressions(), "dot", "prod")
        if not (written or flips) or not (read or over):
            return [np.arange(self.iterator.n_iter)]
        masks = [(name, list(dict.fromkeys([*written, *read]))) for name in flips]
        masks += [(name, written) for name in columns_read(self._expressions(), "prod")]
        return patterns(sites, written, read, masks)

    def _term(self, iterator: KBodyIteratorSpec) -> SymbolicIRTerm | None:
        """The product on rows on which the same sites coincide; None where no branch is ever there."""
        iterator, labels = _fewer_labels(iterator)
        a, b = self.a.renamed(labels, {}), self.b.renamed(labels, {})
        moved = Moved(a.name, iterator, self.space, self.folder)
        moved.run(a.update)
        reading = Reading(a.name, moved.columns, self.space, self.folder, self.dtype)

        def exact(expr: Expr) -> Node:
            return rewritten(
                expr,
                lambda key: reading.exact(moved.read(key)),
                target_of,
                lambda op, name: moved.over_sites(op, name, reading.exact, self.folder.node),
                self.folder.node,
            )

        plain = PredicateExpr(moved.plain(a.predicate))
        predicate = PredicateExpr(self.folder.node("and", (plain.node, exact(b.predicate))))
        if predicate.node.op == "truth" and not predicate.node.data[0]:
            return None
        update = mapped(b.update, lambda site: site, lambda expr: type(expr)(exact(expr)).sealed())
        amplitude = _multiplied(self._first(a.amplitude, moved, reading), self._second(b.amplitude, moved, reading))
        made = Piece(
            self.name,
            KBodyIteratorSpec(iterator.labels, iterator.index_sets, moved.columns),
            predicate.sealed(),
            shortened((*a.update.ops, *update.ops)),
            amplitude.sealed(),
            self.most,
        )
        term = tidy(made).term()
        never = term_ranges(term, self.space, self.dtype, free_columns=False).emissions[0].never
        return None if never else term

    def _first(self, amplitude: AmplitudeExpr, moved: Moved, reading: Reading) -> Node:
        """A's amplitude: what it reads of x' is what A wrote; x'' is the target of the product."""
        adapt = reading.within(amplitude)
        return rewritten(amplitude, read_of, lambda key: adapt(moved.read(key)), lambda op, name: Node(op, (), (name,)))

    def _second(self, amplitude: AmplitudeExpr, moved: Moved, reading: Reading) -> Node:
        """B's amplitude: what it reads of its source is x'."""
        adapt = reading.within(amplitude)
        return rewritten(
            amplitude,
            lambda key: adapt(moved.read(key)),
            target_of,
            lambda op, name: moved.over_sites(op, name, adapt, Node),
        )

    def _touch(self, sites: Sites) -> NDArray[np.bool_]:
        """On which pairs of rows the two pieces have a site in common."""
        a, b = (_support(piece, sites, self.space.size) for piece in (self.a, self.b))
        together: NDArray[np.bool_] = np.any(a & b, axis=1)
        return together


def _support(piece: Piece, sites: Sites, size: int) -> NDArray[np.bool_]:
    """The sites that a piece reads or writes on every row, [M, N]."""
    exprs = [piece.predicate, *update_expressions(piece.update), piece.amplitude]
    steps = UpdateProgram(_steps(piece.update))
    keys = [*source_reads(exprs), *target_reads(exprs), *written_sites(steps)]
    n_rows = sites.iterator.n_iter
    found = np.zeros((n_rows, size), dtype=bool)
    for key in keys:
        found[np.arange(n_rows), sites(key)] = True
    for name in [*columns_read(exprs, "dot", "prod"), *flipped_columns(steps)]:
        found |= sites.iterator.columns[name] != 0
    return found


def _steps(program: UpdateProgram) -> list[UpdateOp]:
    return [op for op in every_step(program) if op.kind not in ("cond", "invalidate")]


def _multiplied(first: Node, second: Node) -> AmplitudeExpr:
    factors = [node for node in (first, second) if not (node.op == "const" and node.data[0] == 1)]
    if not factors:
        return AmplitudeExpr(constant(1))
    return AmplitudeExpr(factors[0] if len(factors) == 1 else Node("mul", tuple(factors)))


def _apart(taken: tuple[str, ...], labels: tuple[str, ...]) -> dict[str, str]:
    """New names for labels that are taken: i_1, i_2, ..."""
    used, made = {*taken}, {}
    for label in labels:
        name, number = label, 0
        while name in used or (number and name in labels):
            number += 1
            name = f"{label}_{number}"
        used.add(name)
        made[label] = name
    return made


def _pairs(
    a: KBodyIteratorSpec, b: KBodyIteratorSpec, labels: dict[str, str], names: list[dict[str, str]]
) -> KBodyIteratorSpec:
    """Every row of the first with every row of the second."""
    first, second = np.repeat(np.arange(a.n_iter), b.n_iter), np.tile(np.arange(b.n_iter), a.n_iter)
    columns = {names[0][name]: array[first] for name, array in a.columns.items()}
    columns |= {names[1][name]: array[second] for name, array in b.columns.items()}
    rows = np.concatenate([a.index_sets[first], b.index_sets[second]], axis=1)
    return KBodyIteratorSpec((*a.labels, *(labels[label] for label in b.labels)), rows, columns)


def _taken(iterator: KBodyIteratorSpec, rows: NDArray[Any]) -> KBodyIteratorSpec:
    return Piece("", iterator, TRUE, UpdateProgram(), AmplitudeExpr(constant(1))).take(rows).iterator


def _fewer_labels(iterator: KBodyIteratorSpec) -> tuple[KBodyIteratorSpec, dict[str, str]]:
    """Labels that name the same site on every row under one name, that of the first."""
    rows, kept, names = iterator.index_sets, [], {}  # type: Any, list[int], dict[str, str]
    for position, label in enumerate(iterator.labels):
        equal = [k for k in kept if np.array_equal(rows[:, k], rows[:, position])]
        if equal:
            names[label] = iterator.labels[equal[0]]
        else:
            kept.append(position)
    if not names:
        return iterator, {}
    return KBodyIteratorSpec(tuple(iterator.labels[k] for k in kept), rows[:, kept], iterator.columns), names
