"""First call: running the kernel once, made a row of the report. Runs where ``aot_batch_shape`` is given."""

from __future__ import annotations

from typing import Any

import jax

from nqx_graph.artifact import SymbolicCompiledArtifact
from nqx_graph.graph import stage
from nqx_graph.operators.samples import lowest
from nqx_graph.options import SymbolicCompilerOptions
from nqx_graph.space import SpaceView
from nqx_graph.stages.analyses import FIRST_CALL


@stage(writes=FIRST_CALL, describe=lambda first_call: first_call)
def first_call(
    artifact: SymbolicCompiledArtifact, space: SpaceView, options: SymbolicCompilerOptions, xla_executable: Any
) -> dict[str, Any]:
    """Call `get_conn_padded` on a batch of that shape; the executable is read so that it is there before."""
    if options.aot_batch_shape is None or None in getattr(artifact.compiled_operator, "parameters", {}).values():
        return {"called": False}
    xp, mels = artifact.compiled_operator.get_conn_padded(lowest(space, options.aot_batch_shape))
    jax.block_until_ready((xp, mels))  # type: ignore[no-untyped-call]  # JAX does not type it
    return {
        "called": True,
        "xp_shape": tuple(xp.shape),
        "dtype": str(xp.dtype),
        "compiled_ahead": xla_executable is not None,
    }
