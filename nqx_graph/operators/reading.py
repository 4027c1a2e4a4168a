"""How a value that an update wrote is read by an expression, so that not even its rounding differs.

A site holds a local state, exactly. An expression of it stands in its place only where that is computed exactly as well: in
predicates and updates if it is made of whole numbers, in amplitudes if these are moreover small beside the digits of the
operator's dtype. Elsewhere the local states are told apart by comparisons, which are exact everywhere.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nqx_graph.errors import DefinitionError
from nqx_graph.ir.expr import AmplitudeExpr
from nqx_graph.ir.kinds import INT, line_kinds
from nqx_graph.ir.stored import Expr
from nqx_graph.ir.table import Node, Row
from nqx_graph.operators.folding import Folder, constant
from nqx_graph.space import SpaceView

MOST_COMPARED = 64
_ENDLESS = 2.0**7
_BITS = {"float64": 53, "complex128": 53, "float32": 24, "complex64": 24, "float16": 11, "bfloat16": 8}
_BITS |= {"int8": 7, "int16": 15, "int32": 31, "int64": 53}
_READS = ("site", "source", "emitted", "target", "const")
# where the sign of a zero, or its imaginary part's, decides
_JUMPS = ("div", "sqrt", "log")


class Reading:
    """Makes the values of one `Moved` fit to stand in expressions.

    ``columns`` are those that the values may read; ``name`` is the term that wrote them.
    """

    def __init__(
        self, name: str, columns: Mapping[str, NDArray[Any]], space: SpaceView, folder: Folder, dtype: str
    ) -> None:
        self.name, self.columns, self.space, self.folder = name, columns, space, folder
        self.largest = 2.0 ** _BITS[dtype]
        self._compared: dict[int, tuple[Node, Node]] = {}

    def exact(self, value: Node) -> Node:
        """The value in a predicate or an update."""
        if value.op in _READS or self._whole(value):
            return value
        return self._states_of(value)

    def smooth(self, value: Node) -> Node:
        """The value in an amplitude that makes no jump at zero."""
        if value.op in _READS or (self._whole(value) and self._bound(value) < self.largest):
            return value
        return self._states_of(value)

    def sharp(self, value: Node) -> Node:
        """The value in an amplitude that may."""
        if value.op in _READS or (self._keeps_zeros(value) and self._bound(value) < self.largest):
            return value
        return self._states_of(value)

    def within(self, amplitude: AmplitudeExpr) -> Callable[[Node], Node]:
        """How values are read in this amplitude."""
        return self.sharp if any(_jumps(row, amplitude) for row in amplitude.table) else self.smooth

    def _keeps_zeros(self, value: Node) -> bool:
        """Whether a · x[j] + b has no zero with a sign: IEEE 754 has -1 · 0 = -0, and a sum of opposite numbers +0."""
        line = self.folder.line(value)
        if line is None:
            return False
        return line.a == 1 or line.b != 0

    def _whole(self, value: Node) -> bool:
        rows = AmplitudeExpr(value).table
        return line_kinds(rows, self.columns, self.space.integer, 0)[-1] == INT

    def _bound(self, value: Node) -> float:
        """What no number on the way to the value exceeds."""
        made: list[float] = []
        for row in AmplitudeExpr(value).table:
            made.append(self._row_bound(row, [made[arg] for arg in row.args]))
        return max(made)

    def _row_bound(self, row: Row, given: list[float]) -> float:
        if row.op in ("site", "source"):
            # states without end: those that are met are far below the digits, or their own reads are rounded already
            return max(abs(end) if math.isfinite(end) else _ENDLESS for end in (*self.space.bounds(), *given))
        if row.op == "const":
            return float(abs(row.data[0]))
        if row.op == "index":
            return float(self.space.size)
        if row.op == "column":
            return float(np.max(np.abs(self.columns[row.data[0]]), initial=0))
        if row.op in ("neg", "abs", "conj", "select", "wrap_mod") or not given:
            return max(given, default=math.inf if row.op != "truth" else 1.0)
        if row.op in ("add", "sub"):
            return sum(given)
        if row.op == "mul":
            return given[0] * given[1]
        return max(given) if row.op in ("eq", "ne", "lt", "le", "gt", "ge", "and", "or", "not") else math.inf

    def _states_of(self, value: Node) -> Node:
        """The local state that the value is: one comparison after another, the last state where all fail."""
        known = self._compared.get(id(value))
        if known is not None:
            return known[1]
        states = self.folder.states
        if not states or len(states) > MOST_COMPARED:
            raise DefinitionError(
                f"term {self.name!r} writes {Expr.__repr__(AmplitudeExpr(value))}, which an expression of what it is "
                f"multiplied with reads; that is followed for whole numbers, or up to {MOST_COMPARED} local states that are the "
                "same on every site. Write the product as one term."
            )
        made = constant(states[-1])
        for state in states[-2::-1]:
            there = self.folder.node("eq", (value, constant(state)))
            made = self.folder.node("select", (there, constant(state), made))
        self._compared[id(value)] = (value, made)  # the value is kept: its identity is the key
        return made


def _jumps(row: Row, amplitude: AmplitudeExpr) -> bool:
    if row.op == "pow":
        exponent = amplitude.table[row.args[1]]
        return not (exponent.op == "const" and type(exponent.data[0]) is int and exponent.data[0] >= 0)
    return row.op in _JUMPS
