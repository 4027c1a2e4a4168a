"""Kernel tracing: JAX's share of a first call, made a row of the report. Runs where ``aot_batch_shape`` is given."""

from __future__ import annotations

from typing import Any

from nqx_graph.artifact import SymbolicCompiledArtifact
from nqx_graph.graph import stage
from nqx_graph.operators.compiled import CompiledOperator
from nqx_graph.operators.samples import lowest
from nqx_graph.options import SymbolicCompilerOptions
from nqx_graph.space import SpaceView
from nqx_graph.stages.analyses import TRACED_KERNEL


@stage(writes=TRACED_KERNEL, describe=lambda traced_kernel: {"traced": traced_kernel is not None})
def kernel_tracing(artifact: SymbolicCompiledArtifact, space: SpaceView, options: SymbolicCompilerOptions) -> Any:
    """Trace `get_conn_padded` for a batch of that shape.

    None for an operator that is no JAX kernel, and for one with a symbol that has no value yet.
    """
    operator = artifact.compiled_operator
    if not isinstance(operator, CompiledOperator) or options.aot_batch_shape is None:
        return None
    if None in operator.parameters.values():
        return None
    return operator.trace(lowest(space, options.aot_batch_shape))
