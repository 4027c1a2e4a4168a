"""What the models share: edges of whatever has some, couplings that are symbols, the links of a torus."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nqx_graph.dsl.rows import make_iterator
from nqx_graph.dsl.selectors import symbol
from nqx_graph.errors import DefinitionError, HilbertError
from nqx_graph.ir.expr import AmplitudeExpr
from nqx_graph.space import SpaceView, view

Rows = NDArray[np.int32]


def edges_of(graph: Any, size: int, model: str) -> Rows:
    """[M, 2]: the edges of a graph of NetKet's or networkx's, or those given as tuples or an array."""
    return make_iterator(("i", "j"), graph, None, size, f"the edges of {model}").index_sets


def coupling(name: str, value: Any) -> AmplitudeExpr:
    """A symbol with the number as its default, so that a sweep compiles once; an expression stays what it is."""
    return value if isinstance(value, AmplitudeExpr) else symbol(name, value)


def spins_or_qubits(hilbert: Any, model: str) -> SpaceView:
    """The space, if it has two states on every site.

    Raises:
        HilbertError: if it has not.
    """
    space = view(hilbert)
    if not space.two_state:
        raise HilbertError(
            f"{model} needs spins 1/2 or qubits; {hilbert!r} has the local states {space.local_states_text()}."
        )
    return space


def spins(hilbert: Any, model: str) -> SpaceView:
    """The space, if it is one of spins of any s, or of qubits.

    Raises:
        HilbertError: if it is not.
    """
    space = view(hilbert)
    if not (space.two_state or (np.all(space.step == 2) and np.array_equal(space.low, 1 - space.count))):
        raise HilbertError(
            f"{model} needs spins or qubits; {hilbert!r} has the local states {space.local_states_text()}."
        )
    return space


def occupations(hilbert: Any, model: str, *, fermions: bool = False) -> SpaceView:
    """The space, if its local states are 0, 1, 2, …; for fermions 0 and 1.

    Raises:
        HilbertError: if they are not.
    """
    space = view(hilbert)
    if np.any(space.low != 0) or np.any(space.step != 1) or (fermions and not space.two_state):
        wanted = "modes with the local states 0 and 1" if fermions else "occupation numbers 0, 1, 2, …"
        raise HilbertError(f"{model} needs {wanted}; {hilbert!r} has the local states {space.local_states_text()}.")
    return space


def two_of_each(hilbert: Any, model: str) -> tuple[SpaceView, int]:
    """The space of 2 L modes, and L.

    Raises:
        HilbertError: for other local states than 0 and 1, or an odd number of modes.
    """
    space = occupations(hilbert, model, fermions=True)
    if space.size % 2:
        raise HilbertError(
            f"{model} needs two modes on each site, one for each spin; {hilbert!r} has {space.size} modes."
        )
    return space, space.size // 2


def torus(shape: tuple[int, int], size: int, model: str) -> tuple[Rows, Rows]:
    """The links of a square lattice on a torus: [V, 4] those at each vertex and [V, 4] those around each plaquette.

    Vertex (x, y) has the number v = x·Ly + y, its link towards x + 1 the number 2v, towards y + 1 the number 2v + 1. The links
    at a vertex are right, up, left, down; those around a plaquette bottom, right, top, left.

    Raises:
        DefinitionError: if the lattice has another number of links than the space has sites.
    """
    wide, high = shape
    if wide < 2 or high < 2 or size != 2 * wide * high:
        raise DefinitionError(
            f"{model} on a torus of {wide} x {high} vertices, at least 2 x 2, has {2 * wide * high} links; the space has {size} "
            "sites, and needs one a link."
        )
    vertices = np.arange(wide * high).reshape(wide, high)
    right, up = 2 * vertices, 2 * vertices + 1
    stars = np.stack([right, up, np.roll(right, 1, axis=0), np.roll(up, 1, axis=1)], axis=-1)
    around = np.stack([right, np.roll(up, -1, axis=0), np.roll(right, -1, axis=1), up], axis=-1)
    return stars.reshape(-1, 4).astype(np.int32), around.reshape(-1, 4).astype(np.int32)
