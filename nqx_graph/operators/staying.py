"""That the branches of a piece stay within the local states: what follows them depends on it.

Ranges prove it where each site has room whatever the others hold. Where the room of one depends on another, the local states
of all sites that matter are tried together.
"""

from __future__ import annotations

import itertools

import numpy as np

from nqx_graph.errors import DefinitionError
from nqx_graph.ir.stored import Expr
from nqx_graph.ir.table import Node
from nqx_graph.ir.types import UpdateOp, update_expressions
from nqx_graph.operators.coincidence import Sites, patterns, source_reads, written_sites
from nqx_graph.operators.folding import Folder, constant, whole
from nqx_graph.operators.pieces import Piece
from nqx_graph.operators.substitution import Moved, read_of, rewritten
from nqx_graph.ranges import term_ranges
from nqx_graph.ranges.lines import Key
from nqx_graph.space import SpaceView

MOST_TRIED = 256


def staying(pieces: list[Piece], space: SpaceView, dtype: str, *, free_columns: bool = False) -> list[Piece]:
    """Those of the pieces that have a branch at all.

    Args:
        pieces: without conds.
        space: what they act on.
        dtype: the operator's.
        free_columns: whether the columns may be given anew, so that nothing follows from what they hold.

    Raises:
        DefinitionError: naming the term, where it is not proved that no branch leaves the local states.
    """
    made = []
    for piece in pieces:
        ranges = term_ranges(piece.term(), space, dtype, free_columns=free_columns).emissions[0]
        if ranges.never:
            continue
        if ranges.leaves and not stays(piece, space):
            raise DefinitionError(
                f"a branch of term {piece.name!r} may leave the local states, {space.local_states_text()}: that it never does "
                "is not proved. Guard it with where(...), so that it is only there where every site that it writes has room."
            )
        made.append(piece)
    return made


def stays(piece: Piece, space: SpaceView) -> bool:
    """Whether it stays for all local states of the sites that the piece reads and writes, tried together."""
    if space.integer and all(_turns(op, space) for op in piece.update.ops):
        return True
    folder = Folder(space)
    if not folder.states or any(op.kind == "flip" for op in piece.update.ops):
        return False
    exprs: list[Expr] = [piece.predicate, *update_expressions(piece.update)]
    keys = list(dict.fromkeys([*source_reads(exprs), *written_sites(piece.update)]))
    for rows in patterns(Sites(piece.iterator, space.size), keys, (), ()):
        moved = Moved(piece.name, piece.take(rows).iterator, space, folder)
        apart = {moved.sites.first(key): key for key in keys}
        if len(folder.states) ** len(apart) > MOST_TRIED:
            return False
        for states in itertools.product(folder.states, repeat=len(apart)):
            if not _stays_from(dict(zip(apart.values(), states, strict=True)), piece, moved):
                return False
    return True


def _turns(op: UpdateOp, space: SpaceView) -> bool:
    """Whether a step moves a site by whole steps around its local states."""
    if op.kind != "shift_mod":
        return False
    delta = whole(op.params["delta"].node)
    return delta is not None and bool(np.all(space.step > 0)) and bool(np.all(delta % space.step == 0))


def _stays_from(held: dict[Key, int], piece: Piece, at: Moved) -> bool:
    """Whether the branch is not there, or stays, where sites hold these states."""
    source, after, folder = at.fresh(), at.fresh(), at.folder
    for key, state in held.items():
        source.put(key, constant(state))
        after.put(key, constant(state))

    def value(expr: Expr) -> Node:
        return rewritten(expr, source.read, read_of, lambda op, name: Node(op, (), (name,)), folder.node)

    there = value(piece.predicate)
    if there.op == "truth" and not there.data[0]:
        return True
    after.run(piece.update, value)
    return all(whole(after.read(key)) in folder.states for key in held)
