"""Ranges of one-emission operators, as tests ask for them."""

from __future__ import annotations

from typing import Any

import nqx_graph as sym
from nqx_graph.ranges import EmissionRanges, OperatorRanges, operator_ranges
from nqx_graph.space import view

S = sym.site
FOCK = sym.hilbert.Fock(3, 4)
SPIN = sym.hilbert.Spin(1 / 2, 4)
SPIN_ONE = sym.hilbert.Spin(1, 4)
QUBIT = sym.hilbert.Qubit(4)
BONDS = [(0, 1), (1, 2), (2, 3)]


def ask(builder: Any) -> OperatorRanges:
    """The ranges of what a builder builds."""
    operator = builder.build()
    return operator_ranges(operator.to_ir(), view(operator.hilbert))


def emission(hilbert: Any, update: Any = sym.identity, where: Any = True, **given: Any) -> EmissionRanges:
    """The ranges of an emission on every bond ``i``, ``j``."""
    dtype, over, columns = given.pop("dtype", "float64"), given.pop("over", BONDS), given.pop("columns", None)
    builder = sym.DOperator(hilbert, dtype=dtype).for_each(("i", "j"), over=over, columns=columns).where(where)
    return ask(builder.emit(update, **given)).shapes[0].emissions[0]
