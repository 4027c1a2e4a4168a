"""What the columns of a term may be, by themselves and over the sites."""

from __future__ import annotations

import numpy as np

from nqx_graph.ir.merging import HIDDEN
from nqx_graph.ir.types import KBodyIteratorSpec
from nqx_graph.ranges import values
from nqx_graph.ranges.values import Value
from nqx_graph.space import SpaceView


class Columns:
    """Values of columns, each worked out once.

    Where they are ``free`` a column may be given anew, so that nothing may follow from its entries but that masks hold
    0 and 1; those that the compiler made of constants are never given anew.
    """

    def __init__(self, iterator: KBodyIteratorSpec, space: SpaceView, free: bool) -> None:
        self.columns, self.space, self.free = iterator.columns, space, free
        self._known: dict[tuple[str, str], Value] = {}

    def __call__(self, op: str, name: str) -> Value:
        """The value of `column`, `dot` or `prod`."""
        key = (op, name)
        if key not in self._known:
            self._known[key] = self._value(op, name)
        return self._known[key]

    def _value(self, op: str, name: str) -> Value:
        array = self.columns[name]
        low, high = self.space.bounds()
        if op == "prod":  # masks stay masks, whatever is given
            most = max(abs(low), abs(high), 1) ** min(self.space.size, 64)
            kept = self.space.integer and array.dtype.kind in "iu"
            if kept and {low, high} <= {-1.0, 0.0, 1.0}:
                return Value(-1, 1, True)
            return Value(-most, most, kept, bool(most > 1e30))
        if self.free and not name.startswith(HIDDEN):
            return Value(whole=array.dtype.kind in "iu" and (op == "column" or self.space.integer))
        if op == "column":
            return values.of_array(array)
        sums = np.abs(array).sum(axis=1).max(initial=0).item() if not np.iscomplexobj(array) else np.inf
        most = sums * max(abs(low), abs(high)) if sums else 0  # 0 times a state without bound is 0
        whole = self.space.integer and array.dtype.kind in "iu"
        return Value(-most, most, whole)
