"""Range analysis: what the numbers of the operator may be, from local states, rows and columns."""

from __future__ import annotations

from nqx_graph.graph import stage
from nqx_graph.ir.types import SymbolicOperatorIR
from nqx_graph.options import SymbolicCompilerOptions
from nqx_graph.ranges import OperatorRanges, operator_ranges
from nqx_graph.space import SpaceView
from nqx_graph.stages.analyses import RANGES


@stage(
    writes=RANGES,
    describe=lambda ranges: {"proved": ranges.proved, "guarded": ranges.guarded, "width": ranges.width},
)
def symbolic_range_analysis(
    ir: SymbolicOperatorIR, space: SpaceView, options: SymbolicCompilerOptions
) -> OperatorRanges:
    """Refuse what can never be right, unless validation is not strict. Lowerers guard what is not proved."""
    ranges = operator_ranges(ir, space)
    if ranges.refusals and options.strict_validation:
        raise ranges.refusals[0]
    return ranges
