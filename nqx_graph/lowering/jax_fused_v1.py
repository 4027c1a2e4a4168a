"""`jax_fused_v1`, the lowerer of ``optimize=True``: branches that reach one x' share a slot."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from nqx_graph.artifact import SymbolicCompiledArtifact
from nqx_graph.context import SymbolicCompilationContext
from nqx_graph.fusion.plan import Plan
from nqx_graph.kernel.fused_structure import FusedStructure, FusedTables
from nqx_graph.lowering.fusing import fuse
from nqx_graph.lowering.jax_symbolic_v1 import artifact_metadata, ordered
from nqx_graph.lowering.restoring import kept, operator_class, restored
from nqx_graph.operators.compiled import CompiledOperator, Static, initial_parameters


@attrs.frozen
class JaxFusedV1Lowerer:
    """Lowers any operator to a JAX kernel that returns every x' once, as far as that can be proved.

    It is the same operator as that of `jax_symbolic_v1`: for every x, the matrix elements of each x' have the same sum.
    The artifact's metadata says what became of the branches.
    """

    name: str = "jax_fused_v1"
    backend: str = "jax"

    def supports(self, context: SymbolicCompilationContext) -> bool:
        """Whether the backend is jax and the options ask for it."""
        return context.selected_backend == self.backend and context.options.optimize

    def lower(self, context: SymbolicCompilationContext) -> SymbolicCompiledArtifact:
        """The operator as a pytree over a kernel; over a NetKet space a ``DiscreteJaxOperator``."""
        ir, fanouts = ordered(context)
        place = {position: number for number, position in enumerate(context.analyses["term_order"])}
        groups = [[place[position] for position in group] for group in context.analyses["fusion_groups"]]
        structure, tables, plan = fuse(ir, context.space, groups, context.options.on_out_of_domain)
        made = operator_class(context.space)(Static(structure, context.space, ir), tables, initial_parameters(ir))
        metadata = {**artifact_metadata(ir, structure.n_slots), **what_was_done(structure, plan, sum(fanouts))}
        return SymbolicCompiledArtifact(self.backend, self.name, made, metadata, tables=kept(context, made))

    def restore(self, tables: Mapping[str, Any]) -> CompiledOperator:
        """The operator that a store on disk kept."""
        return restored(tables, FusedStructure, FusedTables)


def what_was_done(structure: FusedStructure, plan: Plan, branches: int) -> dict[str, Any]:
    """What became of the branches, for the artifact's metadata."""
    diagonal = sum(stream.n_rows for stream in plan.diagonal)
    merged = sum(addition.stream.n_rows for block in plan.blocks for addition in block.additions)
    moving = sum(block.stream.n_rows for block in plan.blocks)
    promised = sum(term.fanout for term in structure.promised)
    return {
        "merges_branches": True,
        "branches": branches,
        "diagonal_branches": diagonal,
        "merged_branches": merged,
        "cancelled_branches": branches - diagonal - merged - moving - promised,
        "moving_slots": moving,
        "promised_slots": promised,
        "streams": len(structure.diagonal) + sum(1 + len(block.additions) for block in structure.blocks),
        "form": structure.motion.form,
    }
