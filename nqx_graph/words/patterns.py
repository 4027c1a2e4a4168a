"""Rows that are treated alike: which sites coincide, what local states they have, which mode comes before which."""

from __future__ import annotations

from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray

from nqx_graph.errors import DefinitionError, HilbertError
from nqx_graph.ir.expr import AmplitudeExpr
from nqx_graph.space import SpaceView
from nqx_graph.words.kets import Kind

Positions = NDArray[np.int64]


@attrs.frozen(eq=False)
class Pattern:
    """What is the same on all of some rows.

    Args:
        rows: [R] their numbers.
        slot_of: for each site of the words the first site that is the same one; its number is the *slot*.
        kinds: the local states of each site of the words.
        before: [E, E] whether the mode of one site comes before that of another; None without fermions.
        example: [E] the sites of the first row, for messages.
    """

    rows: NDArray[np.int64]
    slot_of: tuple[int, ...]
    kinds: tuple[Kind, ...]
    before: NDArray[np.bool_] | None
    example: tuple[int, ...]


def patterns(sites: NDArray[np.int32], space: SpaceView, positions: Positions | None) -> list[Pattern]:
    """The patterns of the rows, that of the first row first.

    Args:
        sites: [M, E] the site numbers of every site of the words on every row.
        space: gives the local states.
        positions: [N] the place of each site in the order of the modes, N for those that are none.
    """
    count = sites.shape[1]
    if count == 0:  # multiples of the identity
        return [Pattern(np.arange(len(sites)), (), (), None, ())]
    number, kinds = _kinds(space)
    first = (sites[:, :, None] == sites[:, None, :]).argmax(axis=2)  # [M, E]
    key = [first, number[sites]]
    if positions is not None:
        place = positions[sites]
        key.append((place[:, :, None] < place[:, None, :]).reshape(len(sites), count * count))
    _, leaders, group = np.unique(np.concatenate(key, axis=1), axis=0, return_index=True, return_inverse=True)
    made = []
    for which in np.argsort(leaders):
        row = int(leaders[which])
        before = None if positions is None else key[2][row].reshape(count, count)
        own = tuple(kinds[k] for k in number[sites[row]].tolist())
        rows = np.flatnonzero(group.reshape(-1) == which)
        made.append(Pattern(rows, tuple(first[row].tolist()), own, before, tuple(sites[row].tolist())))
    return made


def _kinds(space: SpaceView) -> tuple[NDArray[np.int64], list[Kind]]:
    """The number of each site's kind [N], and the kinds."""
    table = np.stack([space.low, space.step, space.count], axis=1)
    rows, number = np.unique(table, axis=0, return_inverse=True)
    return number.reshape(-1), [Kind(float(low), float(step), int(count)) for low, step, count in rows]


def mode_positions(order: tuple[int, ...] | None, space: SpaceView, where: str) -> Positions:
    """The place of each site in the order of the modes [N]; N for sites that are no modes.

    Raises:
        DefinitionError: for an order that names a site that there is not.
        HilbertError: for a mode with other local states than 0 and 1.
    """
    modes = np.arange(space.size) if order is None else np.asarray(order, dtype=np.int64)
    if modes.size and modes.max() >= space.size:
        raise DefinitionError(
            f"{where}: the order of the modes names site {modes.max()}; the sites are 0 to {space.size - 1}."
        )
    foreign = modes[(space.low[modes] != 0) | (space.step[modes] != 1) | (space.count[modes] != 2)]
    if foreign.size:
        hint = (
            "; name the modes by order=, without the sites that are none"
            if order is None and not space.homogeneous
            else ""
        )
        raise HilbertError(
            f"{where}: fermions need modes with the local states 0 and 1; those of site {foreign[0]} are others{hint}."
        )
    positions = np.full(space.size, space.size, dtype=np.int64)
    positions[modes] = np.arange(len(modes))
    return positions


def string_masks(
    sites: NDArray[np.int32], odd: tuple[int, ...], touched: tuple[int, ...], positions: Positions
) -> NDArray[np.int64]:
    """[R, N]: 1 at the modes whose fermions count for the sign of a row.

    Every fermionic factor counts the modes before its own, so that a mode counts where an odd number of them come after.
    Those that the product touches are left out: what they hold is part of the local operators.

    Args:
        sites: [R, E] the sites of the words.
        odd: the slots with an odd number of fermionic factors.
        touched: the slots that the product acts on.
        positions: [N] the place of each site in the order.
    """
    mask = np.zeros((len(sites), len(positions)), dtype=bool)
    for slot in odd:
        mask ^= positions[sites[:, slot], None] > positions
    for slot in touched:
        mask[np.arange(len(sites)), sites[:, slot]] = False
    return mask.astype(np.int64)


def site_table(sites: dict[Any, AmplitudeExpr], scope: Any) -> NDArray[np.int32]:
    """[M, E]: the site numbers of the words on every row."""
    count = scope.iterator.n_iter
    return np.stack([scope.sites(site) for site in sites.values()], axis=1) if sites else np.zeros((count, 0), np.int32)
