"""A compiler for discrete quantum operators in which every pass is a node of a dataflow graph.

>>> import nqx_graph as sym
>>> hilbert = sym.hilbert.Fock(2, N=3)
>>> number = sym.DOperator(hilbert, "number").for_each_site("i").emit(amplitude=sym.site("i").value).build()
>>> number.compile(cache=False).max_conn_size
3
"""

from nqx_graph import errors, hilbert
from nqx_graph.artifact import SymbolicCompiledArtifact
from nqx_graph.cache.key import SymbolicCacheKey, SymbolicCompilationSignature
from nqx_graph.cache.memory import InMemoryArtifactStore
from nqx_graph.compiler import SymbolicCompiler, default_compiler
from nqx_graph.context import SymbolicCompilationContext
from nqx_graph.dsl.builder import DOperator, SymbolicDiscreteJaxOperator
from nqx_graph.dsl.context import ExpressionContext
from nqx_graph.dsl.selectors import (
    column,
    dot,
    emitted,
    prod,
    site,
    source_index,
    symbol,
    target_index,
    where,
    wrap_mod,
)
from nqx_graph.dsl.update import (
    Update,
    affine,
    cond,
    flip,
    identity,
    invalidate,
    permute,
    scatter,
    shift,
    shift_mod,
    swap,
    write,
)
from nqx_graph.environment import VERSION
from nqx_graph.errors import GraphError, NqxError, SymbolicCompilerError
from nqx_graph.explanation import Explanation
from nqx_graph.graph import Analysis, Difference, Graph, Report, Stage, describe, diff, side_by_side, stage
from nqx_graph.ir import (
    AmplitudeExpr,
    EmissionSpec,
    KBodyIteratorSpec,
    PredicateExpr,
    SymbolicIRTerm,
    SymbolicOperatorIR,
    UpdateOp,
    UpdateProgram,
)
from nqx_graph.lowering import (
    JaxSymbolicV1Lowerer,
    NumpyReferenceLowerer,
    SymbolicLowererRegistry,
    default_registry,
)
from nqx_graph.operators.compiled import CompiledOperator
from nqx_graph.operators.symbolic import SymbolicOperator
from nqx_graph.options import SymbolicCompilerOptions
from nqx_graph.passes import as_stage
from nqx_graph.pipeline import SymbolicCompilerPipeline
from nqx_graph.stages import default_graph

__version__ = VERSION

__all__ = [
    "AmplitudeExpr",
    "Analysis",
    "CompiledOperator",
    "DOperator",
    "Difference",
    "EmissionSpec",
    "Explanation",
    "ExpressionContext",
    "Graph",
    "GraphError",
    "InMemoryArtifactStore",
    "JaxSymbolicV1Lowerer",
    "KBodyIteratorSpec",
    "NqxError",
    "NumpyReferenceLowerer",
    "PredicateExpr",
    "Report",
    "Stage",
    "SymbolicCacheKey",
    "SymbolicCompilationContext",
    "SymbolicCompilationSignature",
    "SymbolicCompiledArtifact",
    "SymbolicCompiler",
    "SymbolicCompilerError",
    "SymbolicCompilerOptions",
    "SymbolicCompilerPipeline",
    "SymbolicDiscreteJaxOperator",
    "SymbolicIRTerm",
    "SymbolicLowererRegistry",
    "SymbolicOperator",
    "SymbolicOperatorIR",
    "Update",
    "UpdateOp",
    "UpdateProgram",
    "affine",
    "as_stage",
    "column",
    "cond",
    "default_compiler",
    "default_graph",
    "default_registry",
    "describe",
    "diff",
    "dot",
    "emitted",
    "errors",
    "flip",
    "hilbert",
    "identity",
    "invalidate",
    "permute",
    "prod",
    "scatter",
    "shift",
    "shift_mod",
    "side_by_side",
    "site",
    "source_index",
    "stage",
    "swap",
    "symbol",
    "target_index",
    "where",
    "wrap_mod",
    "write",
]
