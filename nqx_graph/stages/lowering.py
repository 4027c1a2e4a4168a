"""Lowering: the registry picks a lowerer, and the lowerer makes what runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from nqx_graph.artifact import SymbolicCompiledArtifact
from nqx_graph.context import SymbolicCompilationContext
from nqx_graph.errors import StageContractError
from nqx_graph.graph import CallRecord, stage
from nqx_graph.ir.types import SymbolicOperatorIR
from nqx_graph.lowering.registry import SymbolicLowererRegistry
from nqx_graph.options import SymbolicCompilerOptions
from nqx_graph.ranges import OperatorRanges
from nqx_graph.space import SpaceView
from nqx_graph.stages.analyses import LOWERED


@stage(
    writes=LOWERED,
    open_reads=True,
    describe=lambda lowered: {
        "lowerer": lowered.lowerer_name,
        "total_padded_size": lowered.metadata.get("total_padded_size"),
    },
)
def lowering(
    ir: SymbolicOperatorIR,
    space: SpaceView,
    options: SymbolicCompilerOptions,
    registry: SymbolicLowererRegistry,
    ir_fingerprint: str,
    validation_summary: dict[str, Any],
    resolved_backend: str,
    term_order: tuple[int, ...],
    term_fanouts: tuple[int, ...],
    total_fanout: int,
    ranges: OperatorRanges,
    fusion_groups: tuple[tuple[int, ...], ...],
    call_record: CallRecord,
    declared: Mapping[str, Any],
) -> SymbolicCompiledArtifact:
    """Lowerers are handed a context with the reads of this stage and with those that lowerers declare."""
    context = SymbolicCompilationContext(
        {
            "ir": ir,
            "space": space,
            "options": options,
            "ir_fingerprint": ir_fingerprint,
            "validation_summary": validation_summary,
            "resolved_backend": resolved_backend,
            "term_order": term_order,
            "term_fanouts": term_fanouts,
            "total_fanout": total_fanout,
            "ranges": ranges,
            "fusion_groups": fusion_groups,
            "history": call_record.entries,  # not the record itself, which holds what was not declared
            **declared,
        },
        reader="a lowerer",
    )
    lowerer = registry.resolve(context)
    context = attrs.evolve(context, selected_lowerer=lowerer, reader=f"the lowerer {lowerer.name!r}")
    lowered = lowerer.lower(context)
    if not isinstance(lowered, SymbolicCompiledArtifact):
        raise StageContractError(
            f"the lowerer {lowerer.name!r} returned {lowered!r}, a {type(lowered).__name__}; lower(context) returns a "
            "SymbolicCompiledArtifact."
        )
    if lowered.tables is not None and not (hasattr(lowerer, "restore") and lowered.lowerer_name == lowerer.name):
        # made by way of another lowerer, whose restore() would make what that one made
        return attrs.evolve(lowered, tables=None)
    return lowered
