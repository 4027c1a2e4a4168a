"""`numpy_reference`: lowers to the reference interpreter, slow and obvious."""

from __future__ import annotations

import attrs
import numpy as np

from nqx_graph.artifact import SymbolicCompiledArtifact
from nqx_graph.context import SymbolicCompilationContext
from nqx_graph.environment import x64_enabled
from nqx_graph.lowering.jax_symbolic_v1 import artifact_metadata, ordered
from nqx_graph.lowering.reference import ReferenceOperator


@attrs.frozen
class NumpyReferenceLowerer:
    """Lowers any operator to plain Python loops; the oracle of the tests, and a second opinion for users."""

    name: str = "numpy_reference"
    backend: str = "numpy"

    def supports(self, context: SymbolicCompilationContext) -> bool:
        """Whether the backend is numpy."""
        return context.selected_backend == self.backend

    def lower(self, context: SymbolicCompilationContext) -> SymbolicCompiledArtifact:
        """The operator as an object with ``get_conn_padded``; no pytree."""
        ir, fanouts = ordered(context)
        promised = attrs.evolve(
            ir, terms=[attrs.evolve(term, fanout_hint=k) for term, k in zip(ir.terms, fanouts, strict=True)]
        )
        made = ReferenceOperator(
            promised,
            context.hilbert,
            context.space,
            on_out_of_domain=context.options.on_out_of_domain,
            float_dtype=np.float64 if x64_enabled() else np.float32,
        )
        return SymbolicCompiledArtifact(self.backend, self.name, made, artifact_metadata(ir, sum(fanouts)))
