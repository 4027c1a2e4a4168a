"""The compiler, stage by stage. What each reads and writes orders them; this list only says why each is there.

``analyses`` is the vocabulary of the edges, and ``python -m nqx_graph graph`` shows how they hang together.
"""

from nqx_graph.graph import Graph
from nqx_graph.stages.analyses import INPUTS, TARGETS
from nqx_graph.stages.cache_lookup import cache_lookup
from nqx_graph.stages.cache_store import cache_store
from nqx_graph.stages.extraction import extraction
from nqx_graph.stages.finalisation import finalisation
from nqx_graph.stages.first_call import first_call
from nqx_graph.stages.kernel_tracing import kernel_tracing
from nqx_graph.stages.key_derivation import key_derivation
from nqx_graph.stages.lowering import lowering
from nqx_graph.stages.symbolic_diagnostics import symbolic_diagnostics
from nqx_graph.stages.symbolic_fanout_analysis import symbolic_fanout_analysis
from nqx_graph.stages.symbolic_fusion_planning import symbolic_fusion_planning
from nqx_graph.stages.symbolic_hermiticity import symbolic_hermiticity
from nqx_graph.stages.symbolic_normalization import symbolic_normalization
from nqx_graph.stages.symbolic_range_analysis import symbolic_range_analysis
from nqx_graph.stages.symbolic_validation import symbolic_validation
from nqx_graph.stages.xla_compilation import xla_compilation

STAGES = (
    extraction,  # what the user wrote, as data
    symbolic_validation,  # wrong operators stop here, hit or miss
    symbolic_normalization,  # the facts that name an operator
    key_derivation,  # everything that can change the artifact, in one digest
    cache_lookup,  # the gate: on a hit, what is behind it is skipped
    symbolic_fanout_analysis,  # the static size of the output
    symbolic_fusion_planning,  # which terms could be one batch
    symbolic_hermiticity,  # whether hermitian=True can be true
    symbolic_range_analysis,  # what no x can do, so that nothing tests for it
    symbolic_diagnostics,  # what is likely wrong, for whoever asks
    lowering,  # the kernel
    finalisation,  # sign it
    cache_store,  # keep it
)

# what SymbolicCompilerOptions(aot_batch_shape=...) adds: trace, XLA and first call as rows of the report
AOT_STAGES = (kernel_tracing, xla_compilation, first_call)


def default_graph() -> Graph:
    """The stock graph; ``default_graph().insert(stage)`` is how a stage is added."""
    return _DEFAULT


_DEFAULT = Graph(STAGES, inputs=INPUTS, targets=TARGETS)

__all__ = ["AOT_STAGES", "STAGES", "default_graph"]
