"""`jax_symbolic_v1`, the default lowerer: one runner per term, branches exactly as the language says."""

from __future__ import annotations

from typing import Any

import attrs

from nqx_graph.artifact import SymbolicCompiledArtifact
from nqx_graph.context import SymbolicCompilationContext
from nqx_graph.ir.types import SymbolicOperatorIR
from nqx_graph.kernel.from_ir import lower_operator
from nqx_graph.operators.compiled import CompiledOperator, Static, initial_parameters


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
        structure, tables = lower_operator(ir, context.space, fanouts, context.options.on_out_of_domain)
        made = operator_class(context)(Static(structure, context.space, ir), tables, initial_parameters(ir))
        return SymbolicCompiledArtifact(self.backend, self.name, made, artifact_metadata(ir, sum(fanouts)))


def operator_class(context: SymbolicCompilationContext) -> type[CompiledOperator]:
    """The class of compiled operators over the space: the space's own where it has one."""
    return context.space.operator_class or CompiledOperator


def ordered(context: SymbolicCompilationContext) -> tuple[SymbolicOperatorIR, tuple[int, ...]]:
    """The IR with its terms in the order of ``term_order``, and their fanouts in that order."""
    ir, order, fanouts = context.ir, context.analyses["term_order"], context.analyses["term_fanouts"]
    if order != tuple(range(ir.term_count)):
        ir = attrs.evolve(ir, terms=[ir.terms[position] for position in order])
    return ir, tuple(fanouts[position] for position in order)


def artifact_metadata(ir: SymbolicOperatorIR, total_padded_size: int) -> dict[str, Any]:
    """What every artifact says of itself."""
    return {
        "total_padded_size": total_padded_size,
        "term_count": ir.term_count,
        "dtype_str": ir.dtype_str,
        "hilbert_size": ir.hilbert_size,
    }
