"""Normalization: the facts about an operator that name it: fingerprint, backend, order of terms."""

from __future__ import annotations

from typing import Any

from nqx_graph.graph import stage
from nqx_graph.ir.types import SymbolicOperatorIR
from nqx_graph.options import SymbolicCompilerOptions
from nqx_graph.stages.analyses import IR_FINGERPRINT, RESOLVED_BACKEND, TERM_ORDER


@stage(
    writes=(IR_FINGERPRINT, RESOLVED_BACKEND, TERM_ORDER),
    always=True,
    describe=lambda ir_fingerprint, resolved_backend, term_order: {
        "ir_fingerprint": ir_fingerprint,
        "resolved_backend": resolved_backend,
    },
)
def symbolic_normalization(
    ir: SymbolicOperatorIR, options: SymbolicCompilerOptions, validation_summary: dict[str, Any]
) -> tuple[str, str, tuple[int, ...]]:
    """Terms keep the order in which they are written: branches come back in that order.

    The summary is read so that nothing is derived from an operator that was refused.
    """
    backend = "jax" if options.backend_preference == "auto" else options.backend_preference
    return ir.static_fingerprint(), backend, ir.remember("order as written", lambda: tuple(range(ir.term_count)))
