"""Sums of local matrices: a matrix on a few sites is split into its cyclic off-diagonals, one branch each.

Local states are counted from the lowest up, as places 0, 1, …, d - 1 of a site. The elements of a matrix with one
difference δ of places, mod d, from row to column are one branch: ``shift_mod`` moves the sites by δ, and the amplitude is
looked up by the row. A hop of spins, or of bosons, is then as many branches as it has directions, not as it has elements.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray

from nqx_graph.dsl.builder import DOperator
from nqx_graph.dsl.selectors import column, site, where
from nqx_graph.dsl.update import Update, identity
from nqx_graph.errors import HilbertError
from nqx_graph.ir.expr import FALSE, AmplitudeExpr, PredicateExpr
from nqx_graph.operators.symbolic import SymbolicOperator
from nqx_graph.space import SpaceView, view

Places = NDArray[np.int64]


@attrs.frozen(eq=False)
class Block:
    """Matrices of one shape: ``sites`` [M, K], ``matrices`` [M, D, D], the places of their basis states [D, K], and the
    lowest state, the spacing and the number of states of each site [K]."""

    sites: NDArray[np.int32]
    matrices: NDArray[Any]
    places: Places
    low: Places
    step: Places
    count: Places

    def differences(self) -> tuple[Places, NDArray[Any]]:
        """The differences δ that occur [J, K], and for each row and column of a matrix the number of its own [D, D]."""
        every = (self.places[None, :] - self.places[:, None]) % self.count
        weights = np.cumprod(np.concatenate([[1], self.count[:0:-1]]))[::-1]
        code = every @ weights
        found = np.unique(code[np.any(self.matrices != 0, axis=0)])
        deltas = (found[:, None] // weights) % self.count
        return deltas, np.where(np.isin(code, found), np.searchsorted(found, code), -1)


def build(
    hilbert: Any,
    matrices: Sequence[NDArray[Any]],
    acting_on: Sequence[Sequence[int]],
    states: Sequence[NDArray[Any]],
    constant: Any,
    *,
    name: str,
    dtype: Any,
    hermitian: bool,
) -> SymbolicOperator:
    """The operator Σ matrix + constant.

    Args:
        hilbert: a space with evenly spaced local states on every site.
        matrices: elements <row|A|column>, each [D, D]; what is exactly 0 is no element.
        acting_on: the sites of each; the first is the slowest in the order of the basis.
        states: the local states of every site, in the order of the basis.
        constant: a multiple of the identity.
        name: of the operator.
        dtype: of its matrix elements.
        hermitian: whether it is.

    Raises:
        HilbertError: for a space with other local states.
    """
    space = view(hilbert)
    if not space.even or not space.integer:
        raise HilbertError(
            f"local matrices are taken on spaces whose local states are whole numbers in even steps; {hilbert!r} has others."
        )
    builder = DOperator(hilbert, name, dtype=dtype, hermitian=hermitian)
    blocks = _blocks(space, matrices, acting_on, states)
    if constant != 0 or not blocks:
        builder.globally(columns={"w": np.asarray([constant])}).emit(amplitude=column("w")).named("constant")
    for number, block in enumerate(blocks):
        _write(builder, block, f"{block.sites.shape[1]}-site matrices #{number}")
    return builder.build()


def _blocks(
    space: SpaceView,
    matrices: Sequence[NDArray[Any]],
    acting_on: Sequence[Sequence[int]],
    states: Sequence[NDArray[Any]],
) -> list[Block]:
    """Matrices on sites with the same local states, and with elements of the same differences, in one block."""
    made: dict[Any, list[Block]] = {}
    for matrix, sites in zip(matrices, acting_on, strict=True):
        chosen = np.asarray(sites, dtype=np.int32)
        low, step, count = (array[chosen].astype(np.int64) for array in (space.low, space.step, space.count))
        bases = [np.asarray(states[k], dtype=np.int64).tolist() for k in chosen]
        grid = np.stack(np.meshgrid(*bases, indexing="ij"), axis=-1).reshape(-1, len(bases))
        block = Block(chosen[None], matrix[None], (grid - low) // step, low, step, count)
        if np.any(matrix != 0):
            made.setdefault((repr(bases), block.differences()[0].tobytes()), []).append(block)
    return [
        attrs.evolve(
            group[0],
            sites=np.concatenate([one.sites for one in group]),
            matrices=np.concatenate([one.matrices for one in group]),
        )
        for group in made.values()
    ]


def _write(builder: DOperator, block: Block, name: str) -> None:
    """One term: a row for each matrix, a branch for each difference."""
    labels = [f"i{position}" for position in range(block.sites.shape[1])]
    deltas, number = block.differences()
    columns: dict[str, NDArray[Any]] = {}
    emissions = []
    for position, delta in enumerate(deltas):
        rows, cols = np.nonzero((number == position) & np.any(block.matrices != 0, axis=0))
        kinds, kind = np.unique(block.matrices[:, rows, cols], axis=1, return_inverse=True)
        names = [f"w{len(columns) + offset}" for offset in range(kinds.shape[1])]
        columns.update(zip(names, np.ascontiguousarray(kinds.T), strict=True))
        tests = [_is_one_of(block, labels, rows[kind.reshape(-1) == one]) for one in range(len(names))]
        emissions.append((_moved(block, labels, delta), tests, names, len(rows) == len(block.places)))
    builder.for_each(labels, over=block.sites, columns=columns).named(name)
    for update, tests, names, everywhere in emissions:
        amplitude: AmplitudeExpr = column(names[-1])
        for test, own in zip(tests[-2::-1], names[-2::-1], strict=True):
            amplitude = where(test, column(own), amplitude)
        active = True if everywhere else _any(tests)
        builder.emit_if(active, update, amplitude=amplitude)


def _moved(block: Block, labels: list[str], delta: Places) -> Any:
    update: Any = identity
    for label, by in zip(labels, (delta * block.step).tolist(), strict=True):
        if by:
            update = (Update() if update is identity else update).shift_mod(label, by)
    return update


def _is_one_of(block: Block, labels: list[str], rows: NDArray[np.int64]) -> PredicateExpr:
    """Whether the sites are in one of these states: the values are the digits of a number that no two states share."""
    spans = block.step * (block.count - 1) + 1
    weights = np.cumprod(np.concatenate([[1], spans[:0:-1]]))[::-1].tolist()
    values = block.low + block.step * block.places
    number: Any = 0
    for label, weight in zip(labels, weights, strict=True):
        number = site(label).value * weight + number
    return _any([number == int(code) for code in values[rows] @ np.asarray(weights)])


def _any(tests: Sequence[PredicateExpr]) -> PredicateExpr:
    found: PredicateExpr = FALSE
    for position, test in enumerate(tests):
        found = test if position == 0 else found | test
    return found
