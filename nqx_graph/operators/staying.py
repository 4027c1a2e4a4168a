"""That the branches of a piece stay within the local states: what follows them depends on it."""

from __future__ import annotations

from nqx_graph.errors import DefinitionError
from nqx_graph.operators.pieces import Piece
from nqx_graph.ranges import term_ranges
from nqx_graph.space import SpaceView


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
        if ranges.leaves:
            raise DefinitionError(
                f"a branch of term {piece.name!r} may leave the local states, {space.local_states_text()}: that it never does "
                "is not proved. Guard it with where(...), so that it is only there where every site that it writes has room."
            )
        made.append(piece)
    return made
