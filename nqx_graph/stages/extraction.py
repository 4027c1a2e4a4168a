"""Extraction: from the operator a user holds to its IR and its Hilbert space."""

from __future__ import annotations

from typing import Any

from nqx_graph.errors import OptionTypeError
from nqx_graph.graph import stage
from nqx_graph.ir.types import SymbolicOperatorIR
from nqx_graph.space import SpaceView, view
from nqx_graph.stages.analyses import HILBERT, IR, SPACE


@stage(
    writes=(IR, HILBERT, SPACE),
    always=True,
    describe=lambda ir, hilbert, space: {"operator": ir.operator_name, "terms": ir.term_count},
)
def extraction(operator: Any) -> tuple[SymbolicOperatorIR, Any, SpaceView]:
    """Call ``operator.to_ir()`` and take ``operator.hilbert``."""
    for name in ("to_ir", "hilbert"):
        if not hasattr(operator, name):
            raise OptionTypeError(
                f"{operator!r}, a {type(operator).__name__}, cannot be compiled: it has no {name!r}. Give what "
                "DOperator(...).build() returns, or an object with to_ir() and hilbert."
            )
    ir = operator.to_ir()
    if not isinstance(ir, SymbolicOperatorIR):
        raise OptionTypeError(
            f"to_ir() of {operator!r} returned {ir!r}, a {type(ir).__name__}; it must return a SymbolicOperatorIR."
        )
    return ir, operator.hilbert, view(operator.hilbert)
