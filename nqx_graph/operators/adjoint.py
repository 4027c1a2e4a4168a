"""Adjoints: <x|A†|x'> = conj(<x'|A|x>), so every branch of A is walked back.

In the adjoint, A's source is x' and A's target is x: amplitudes exchange what they read, and predicates are rewritten as
expressions of x by `substitution`.
"""

from __future__ import annotations

from collections.abc import Iterator

import attrs
import numpy as np

from nqx_graph.errors import DefinitionError
from nqx_graph.ir.expr import TRUE as ALWAYS
from nqx_graph.ir.expr import AmplitudeExpr, PredicateExpr
from nqx_graph.ir.kinds import COMPLEX, dtype_kind
from nqx_graph.ir.stored import Expr
from nqx_graph.ir.table import Node
from nqx_graph.ir.types import EmissionSpec, KBodyIteratorSpec, SymbolicIRTerm, SymbolicOperatorIR, update_expressions
from nqx_graph.operators.coincidence import (
    Sites,
    columns_read,
    flipped_columns,
    patterns,
    source_reads,
    written_sites,
)
from nqx_graph.operators.folding import TRUE, Folder, constant
from nqx_graph.operators.inverse import WayBack, ways_back
from nqx_graph.operators.pieces import Piece, flat, pieces, tidy
from nqx_graph.operators.staying import staying, stays
from nqx_graph.operators.substitution import Moved, read_of, rewritten, target_of
from nqx_graph.ranges import term_ranges
from nqx_graph.space import SpaceView

MOST_STATES = 64


def adjoint_terms(ir: SymbolicOperatorIR, space: SpaceView, *, conjugate: bool = True) -> list[SymbolicIRTerm]:
    """The terms of the adjoint, or of the transpose; none where no branch is left.

    Columns stay columns that can be given anew where nothing follows from what they hold; else they become numbers.

    Raises:
        DefinitionError: naming the term, where a branch may leave the local states or cannot be walked back.
    """
    kept = _terms(ir, space, conjugate, frozen=False)
    made = _terms(ir, space, conjugate, frozen=True) if kept is None else kept
    assert made is not None
    return made


def _terms(ir: SymbolicOperatorIR, space: SpaceView, conjugate: bool, *, frozen: bool) -> list[SymbolicIRTerm] | None:
    made = []
    for term in ir.terms:
        free = bool(term.iterator.columns) and not frozen
        try:
            back = [q for whole in pieces(term) for q in _back(whole, space, ir, free)]
        except DefinitionError:
            if free:
                return None
            raise
        if free and any(piece.iterator is not term.iterator for piece in back):
            return None
        made += _together([_finished(piece, ir, conjugate, frozen) for piece in back], term.iterator)
    return made


def _back(piece: Piece, space: SpaceView, ir: SymbolicOperatorIR, free: bool) -> list[Piece]:
    there = staying(flat(piece), space, ir.dtype_str, free_columns=free)
    return [q for p in there for q in _walked(p, space, ir) if not _never(q, space, ir, free)]


def _never(piece: Piece, space: SpaceView, ir: SymbolicOperatorIR, free: bool) -> bool:
    return term_ranges(piece.term(), space, ir.dtype_str, free_columns=free).emissions[0].never


def _together(made: list[Piece], iterator: KBodyIteratorSpec) -> list[SymbolicIRTerm]:
    """Pieces on the very rows of the term as one term."""
    terms = [piece.term() for piece in made]
    if len(made) < 2 or any(piece.iterator is not iterator for piece in made):
        return terms
    emissions = [EmissionSpec(piece.predicate, piece.update, piece.amplitude) for piece in made]
    return [attrs.evolve(terms[0], predicate=ALWAYS, emissions=emissions)]


def _finished(piece: Piece, ir: SymbolicOperatorIR, conjugate: bool, frozen: bool) -> Piece:
    amplitude = conjugated(piece.amplitude, ir.dtype_str) if conjugate else piece.amplitude
    made = attrs.evolve(piece, amplitude=amplitude, most=None)
    return tidy(made) if frozen and piece.iterator.columns else made


def _walked(piece: Piece, space: SpaceView, ir: SymbolicOperatorIR) -> Iterator[Piece]:
    """The piece walked back, on every group of rows on which the same sites coincide."""
    if not piece.update.ops:
        yield attrs.evolve(piece, amplitude=AmplitudeExpr(_exchanged(piece.amplitude, None)).sealed())
        return
    sites = Sites(piece.iterator, space.size)
    written, flips = written_sites(piece.update), flipped_columns(piece.update)
    exact = [piece.predicate, *update_expressions(piece.update)]
    read = source_reads(exact)
    masks = [(name, list(dict.fromkeys([*written, *read]))) for name in flips]
    masks += [(name, written) for name in columns_read([*exact, piece.amplitude], "prod")]
    for rows in patterns(sites, written, read, masks):
        yield from _walked_back(piece.take(np.sort(rows)), space, ir)


def _walked_back(piece: Piece, space: SpaceView, ir: SymbolicOperatorIR) -> Iterator[Piece]:
    folder = Folder(space)
    there, back = (Moved(piece.name, piece.iterator, space, folder) for _ in range(2))
    ways = ways_back(piece.update, there, back)
    if ways is None:
        raise DefinitionError(
            f"the update of term {piece.name!r} cannot be walked back: its steps cannot be undone one by one, and there are "
            "too many local states that its sites may have held. Write the adjoint as a term of its own."
        )
    for way in ways:
        made = _branch(piece, way, folder, space, ir)
        if made is not None:
            yield made


def _branch(piece: Piece, way: WayBack, folder: Folder, space: SpaceView, ir: SymbolicOperatorIR) -> Piece | None:
    moved = way.moved

    def over(op: str, name: str) -> Node:
        return moved.over_sites(op, name, _as_it_is, folder.node)

    given = rewritten(piece.predicate, moved.read, target_of, over, folder.node)
    amplitude = _exchanged(piece.amplitude, moved)
    predicate = PredicateExpr(folder.node("and", (way.where, given)))
    if predicate.node.op == "truth" and not predicate.node.data[0]:
        return None
    iterator = piece.iterator
    if moved.derived:
        iterator = KBodyIteratorSpec(iterator.labels, iterator.index_sets, moved.columns)
    made = attrs.evolve(
        piece,
        iterator=iterator,
        predicate=predicate.sealed(),
        update=way.update,
        amplitude=AmplitudeExpr(amplitude).sealed(),
    )
    if not (way.inside or _stays(made, space, ir)):
        inside = folder.node("and", (predicate.node, _inside(moved, folder)))
        if inside.op == "truth" and not inside.data[0]:
            return None
        made = attrs.evolve(made, predicate=PredicateExpr(inside).sealed())
    return made


def _stays(piece: Piece, space: SpaceView, ir: SymbolicOperatorIR) -> bool:
    return not term_ranges(piece.term(), space, ir.dtype_str).emissions[0].leaves or stays(piece, space)


def _as_it_is(value: Node) -> Node:
    return value


def _exchanged(amplitude: Expr, moved: Moved | None) -> Node:
    """The amplitude with x and x' exchanged."""

    def over(op: str, name: str) -> Node:
        return Node(op, (), (name,)) if moved is None else moved.over_sites(op, name, None, Node)

    if moved is None:
        return rewritten(amplitude, read_of, read_of, over)
    return rewritten(amplitude, target_of, read_of, over)


def _inside(moved: Moved, folder: Folder) -> Node:
    """That every value is a local state."""
    made = TRUE
    for value in moved.values.values():
        if value.op not in ("site", "source", "const", "wrap_mod"):
            made = folder.node("and", (made, _is_state(value, moved, folder)))
    return made


def _is_state(value: Node, moved: Moved, folder: Folder) -> Node:
    space, states = moved.space, folder.states
    low = int(space.low[0])
    if space.homogeneous and space.integer and space.step[0] == 1:
        made = folder.node("ge", (value, constant(low)))
        if space.count[0] > 0:
            made = folder.node("and", (made, folder.node("le", (value, constant(int(space.high[0]))))))
        return made
    if not states or len(states) > MOST_STATES:
        raise DefinitionError(
            f"where the update of term {moved.name!r} leads back to a local state cannot be written down: sites differ, or "
            f"have more than {MOST_STATES} local states that are not one apart. Write the adjoint as a term of its own."
        )
    made = folder.node("eq", (value, constant(states[0])))
    for state in states[1:]:
        made = folder.node("or", (made, folder.node("eq", (value, constant(state)))))
    return made


def conjugated(amplitude: AmplitudeExpr, dtype: str) -> AmplitudeExpr:
    """The complex conjugate; in a real dtype, the amplitude itself."""
    node = amplitude.node
    if dtype_kind(dtype) != COMPLEX:
        return amplitude
    if node.op == "const":
        number = node.data[0]
        return AmplitudeExpr(constant(number.conjugate() if isinstance(number, complex) else number)).sealed()
    if node.op == "conj":
        return AmplitudeExpr(node.args[0]).sealed()
    return AmplitudeExpr(Node("conj", (node,))).sealed()
