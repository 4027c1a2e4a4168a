"""`jax_symbolic_v1`, the default lowerer: one runner per term, branches exactly as the language says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs
import numpy as np

from nqx_graph.artifact import SymbolicCompiledArtifact
from nqx_graph.context import SymbolicCompilationContext
from nqx_graph.fusion.effects import OPAQUE, Effect, effects
from nqx_graph.fusion.streams import Stream, flips
from nqx_graph.ir.merging import merged_operator, runs
from nqx_graph.ir.types import EmissionSpec, SymbolicIRTerm, SymbolicOperatorIR
from nqx_graph.kernel.from_ir import lower_operator
from nqx_graph.kernel.motion import GENERAL
from nqx_graph.kernel.structure import UNMARKED, Structure, Tables
from nqx_graph.lowering.moving import known, motion
from nqx_graph.lowering.restoring import in_order, kept, operator_class, restored
from nqx_graph.operators.compiled import CompiledOperator, Static, initial_parameters
from nqx_graph.space import SpaceView


@attrs.frozen
class JaxSymbolicV1Lowerer:
    """Lowers any operator to a JAX kernel that neither merges nor reorders branches."""

    name: str = "jax_symbolic_v1"
    backend: str = "jax"

    def supports(self, context: SymbolicCompilationContext) -> bool:
        """Whether the backend is jax."""
        return context.selected_backend == self.backend

    def lower(self, context: SymbolicCompilationContext) -> SymbolicCompiledArtifact:
        """The operator as a pytree over a kernel; over a NetKet space a ``DiscreteJaxOperator``."""
        ir, fanouts = ordered(context)
        merged, own = in_runs(ir, fanouts)
        structure, tables = lower_operator(merged, context.space, own, context.options.on_out_of_domain)
        structure, tables = with_motion(structure, tables, merged, context.space)
        made = operator_class(context.space)(Static(structure, context.space, ir), tables, initial_parameters(ir))
        metadata = artifact_metadata(ir, sum(fanouts))
        return SymbolicCompiledArtifact(self.backend, self.name, made, metadata, tables=kept(context, made))

    def restore(self, tables: Mapping[str, Any]) -> CompiledOperator:
        """The operator that a store on disk kept."""
        return restored(tables, Structure, Tables)


def in_runs(ir: SymbolicOperatorIR, fanouts: tuple[int, ...]) -> tuple[SymbolicOperatorIR, tuple[int, ...]]:
    """The operator with neighbours of one shape as one term, and the fanouts: the same branches in the same order."""
    groups = runs(ir)
    merged, _ = merged_operator(ir, groups)
    return merged, tuple(sum(fanouts[position] for position in group) for group in groups)


def with_motion(
    structure: Structure, tables: Tables, ir: SymbolicOperatorIR, space: SpaceView
) -> tuple[Structure, Tables]:
    """The kernel with x' of all slots as one expression, where the updates have one form and no promise moves branches."""
    if any(term.fanout < term.max_fanout for term in structure.terms) or any(map(flips, ir.terms)):
        return structure, tables  # a mask may be given anew, and patterns are made once
    terms = []
    for term, lowered, own in zip(ir.terms, structure.terms, tables.terms, strict=True):
        rows = term.iterator.n_iter
        pairs = zip(term.emissions, lowered.emissions, strict=True)
        terms.append(
            [known(_effect(term, emission, space), own.sites, made.steps, space, rows) for emission, made in pairs]
        )
    shared, patterns = motion(terms, 0, ir.hilbert_size)
    if shared.form == GENERAL:
        return structure, tables
    return attrs.evolve(structure, motion=shared), tables._replace(patterns=patterns, mark=UNMARKED)


def _effect(term: SymbolicIRTerm, emission: EmissionSpec, space: SpaceView) -> Effect:
    """What the update does on all rows, where that is one thing."""
    alone = attrs.evolve(term, emissions=(emission,))
    (_, first), *others = effects(Stream(alone, np.ones(term.iterator.n_iter), ()), space)
    return OPAQUE if others else first


def ordered(context: SymbolicCompilationContext) -> tuple[SymbolicOperatorIR, tuple[int, ...]]:
    """The IR with its terms in the order of ``term_order``, and their fanouts in that order."""
    ir, order, fanouts = context.ir, context.analyses["term_order"], context.analyses["term_fanouts"]
    return in_order(ir, order), tuple(fanouts[position] for position in order)


def artifact_metadata(ir: SymbolicOperatorIR, total_padded_size: int) -> dict[str, Any]:
    """What every artifact says of itself."""
    return {
        "total_padded_size": total_padded_size,
        "term_count": ir.term_count,
        "dtype_str": ir.dtype_str,
        "hilbert_size": ir.hilbert_size,
    }
