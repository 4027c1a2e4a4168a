"""XLA compilation: XLA's share of a first call, made a row of the report. Runs where ``aot_batch_shape`` is given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nqx_graph.graph import stage
from nqx_graph.stages.analyses import XLA_EXECUTABLE


def _describe(xla_executable: Any) -> Mapping[str, Any]:
    """How much memory XLA says the kernel takes, in bytes."""
    memory = None if xla_executable is None else xla_executable.memory_analysis()
    if memory is None:
        return {}
    return {"temporary_bytes": memory.temp_size_in_bytes, "output_bytes": memory.output_size_in_bytes}


@stage(writes=XLA_EXECUTABLE, describe=_describe)
def xla_compilation(traced_kernel: Any) -> Any:
    """Compile the traced kernel; the first call finds it in JAX's cache."""
    return None if traced_kernel is None else traced_kernel.lower().compile()
