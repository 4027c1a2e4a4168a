"""What the leaves of expressions hold: on the joint states of a few sites, or on whole configurations.

Numbers are arrays that broadcast to [R, G]: index rows by states. None stands for what is not known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray

from nqx_graph.ir.table import Row
from nqx_graph.ir.types import SymbolicIRTerm
from nqx_graph.ranges.lines import Key
from nqx_graph.space import SpaceView

Array = NDArray[Any]


def any_numbers(names: Iterable[str]) -> dict[str, float]:
    """Numbers for symbols that make nothing vanish or coincide by chance."""
    return {name: 0.7320508075688772 + 0.1414213562373095 * place for place, name in enumerate(names)}


@attrs.frozen(eq=False)
class Setting:
    """The operator as it was built, or, where ``free``, whatever its symbols and columns are given later.

    ``rows`` [R] are numbers of index rows, ``site`` gives x at a site, ``states`` [G, N] whole configurations where they
    are known. Where not ``each`` row is there but one for many, numbers and columns of rows are not known; ``stand_in`` is
    taken for the columns, if there is one.
    """

    term: SymbolicIRTerm
    space: SpaceView
    rows: NDArray[np.intp]
    site: Callable[[Key], Array | None]
    symbols: Mapping[str, Any]
    free: bool = False
    states: Array | None = None
    each: bool = True
    stand_in: float | None = None

    def leaf(self, row: Row) -> Array | None:
        """A leaf that reads no site."""
        if row.op == "const":
            return np.asarray(row.data[0])
        if row.op == "index" and self.each:
            iterator = self.term.iterator
            numbers = iterator.index_sets[self.rows, iterator.labels.index(row.data[0])]
            return np.asarray(numbers.astype(np.int64)[:, None])
        if self.free or row.op == "index":
            return None
        if row.op == "symbol":
            return np.asarray(self.symbols[row.data[0]])
        if not self.each:
            return None if self.stand_in is None or row.op != "column" else np.asarray(self.stand_in)
        column = self.term.iterator.columns[row.data[0]]
        column = column[self.rows] if len(column) else column
        if row.op == "column":
            wide = column.astype(np.int64) if column.dtype.kind in "iu" else column
            return np.asarray(wide[:, None])
        return None if self.states is None else self._over_sites(row.op, column)

    def _over_sites(self, op: str, column: Array) -> Array:
        assert self.states is not None
        if op == "dot":
            return np.asarray(column @ self.states.T)
        powers = np.where(column[:, None, :] == 1, self.states[None], 1)
        return np.asarray(np.prod(powers, axis=-1))

    def wrapped(self, value: Array) -> Array:
        """A number wrapped into the local states, which are the same on every site."""
        low, span = self.space.low[0].item(), (self.space.step[0] * self.space.count[0]).item()
        real = value.real if np.iscomplexobj(value) else value
        return np.asarray((real - low) % span + low)
