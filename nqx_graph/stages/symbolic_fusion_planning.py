"""Fusion planning: which terms have one shape and could be lowered as rows of one batch."""

from __future__ import annotations

from nqx_graph.graph import stage
from nqx_graph.ir.merging import shapes
from nqx_graph.ir.types import SymbolicOperatorIR
from nqx_graph.options import SymbolicCompilerOptions
from nqx_graph.stages.analyses import FUSION_GROUPS


@stage(writes=FUSION_GROUPS, describe=lambda fusion_groups: {"groups": len(fusion_groups)})
def symbolic_fusion_planning(ir: SymbolicOperatorIR, options: SymbolicCompilerOptions) -> tuple[tuple[int, ...], ...]:
    """Groups in order of their first term. A plan for lowerers that fuse, such as `jax_fused_v1`."""
    if not options.enable_fusion:
        return tuple((position,) for position in range(ir.term_count))
    return shapes(ir)
