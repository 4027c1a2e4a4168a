"""A compiler for discrete quantum operators in which every pass is a node of a dataflow graph.

>>> import nqx_graph as sym
>>> hilbert = sym.hilbert.Fock(2, N=3)
>>> number = sym.DOperator(hilbert, "number").for_each_site("i").emit(amplitude=sym.site("i").value).build()
>>> number.compile(cache=False).max_conn_size
3
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from nqx_graph import errors

if TYPE_CHECKING:
    from nqx_graph import hilbert, lattices, models, words
    from nqx_graph.artifact import SymbolicCompiledArtifact
    from nqx_graph.cache.key import SymbolicCacheKey, SymbolicCompilationSignature
    from nqx_graph.cache.memory import InMemoryArtifactStore
    from nqx_graph.compiler import SymbolicCompiler, default_compiler
    from nqx_graph.connections import Connection, Connections
    from nqx_graph.context import SymbolicCompilationContext
    from nqx_graph.diagnostics import Diagnostic, Diagnostics, diagnose
    from nqx_graph.differences import OperatorDifference, diff
    from nqx_graph.disk import DiskArtifactStore
    from nqx_graph.dsl.builder import DOperator, SymbolicDiscreteJaxOperator
    from nqx_graph.dsl.clauses import clauses, emission_clause, iterator_clause, predicate_clause
    from nqx_graph.dsl.context import ExpressionContext
    from nqx_graph.dsl.extensions import extensions
    from nqx_graph.dsl.functions import expression_function, expression_functions
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
    from nqx_graph.errors import GraphError, NqxError, SymbolicCompilerError
    from nqx_graph.exchange.netket import from_netket, to_netket
    from nqx_graph.exchange.openfermion import from_openfermion
    from nqx_graph.exchange.pauli_strings import from_pauli_strings
    from nqx_graph.exchange.to_pauli_strings import to_pauli_strings
    from nqx_graph.explanation import Explanation
    from nqx_graph.files import load, save
    from nqx_graph.graph import Analysis, Difference, Graph, Report, Stage, describe, side_by_side, stage
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
        JaxFusedV1Lowerer,
        JaxSymbolicV1Lowerer,
        NumpyReferenceLowerer,
        SymbolicLowererRegistry,
        default_registry,
    )
    from nqx_graph.operators.commutators import anticommutator, commutator
    from nqx_graph.operators.compiled import CompiledOperator
    from nqx_graph.operators.hermiticity import verify_hermitian
    from nqx_graph.operators.symbolic import SymbolicOperator
    from nqx_graph.options import SymbolicCompilerOptions
    from nqx_graph.passes import as_stage
    from nqx_graph.persistent import keep_compiled_kernels
    from nqx_graph.pipeline import SymbolicCompilerPipeline
    from nqx_graph.stages import default_graph

    __version__: str

# Where the public names live. A name is imported when it is first asked for: `import nqx_graph` stays cheaper than the
# packages it stands on, and a program pays for the drawing, the reference interpreter or SciPy only if it uses them.
_MODULES = {
    "artifact": "SymbolicCompiledArtifact",
    "cache.key": "SymbolicCacheKey SymbolicCompilationSignature",
    "cache.memory": "InMemoryArtifactStore",
    "compiler": "SymbolicCompiler default_compiler",
    "connections": "Connection Connections",
    "context": "SymbolicCompilationContext",
    "diagnostics": "Diagnostic Diagnostics diagnose",
    "disk": "DiskArtifactStore",
    "differences": "OperatorDifference diff",
    "dsl.builder": "DOperator SymbolicDiscreteJaxOperator",
    "dsl.clauses": "clauses emission_clause iterator_clause predicate_clause",
    "dsl.context": "ExpressionContext",
    "dsl.extensions": "extensions",
    "dsl.functions": "expression_function expression_functions",
    "dsl.selectors": "column dot emitted prod site source_index symbol target_index where wrap_mod",
    "dsl.update": "Update affine cond flip identity invalidate permute scatter shift shift_mod swap write",
    "errors": "GraphError NqxError SymbolicCompilerError",
    "exchange.netket": "from_netket to_netket",
    "exchange.openfermion": "from_openfermion",
    "exchange.pauli_strings": "from_pauli_strings",
    "exchange.to_pauli_strings": "to_pauli_strings",
    "explanation": "Explanation",
    "files": "load save",
    "graph": "Analysis Difference Graph Report Stage describe side_by_side stage",
    "ir": "AmplitudeExpr EmissionSpec KBodyIteratorSpec PredicateExpr SymbolicIRTerm SymbolicOperatorIR UpdateOp UpdateProgram",
    "lowering": "JaxFusedV1Lowerer JaxSymbolicV1Lowerer NumpyReferenceLowerer SymbolicLowererRegistry default_registry",
    "operators.commutators": "anticommutator commutator",
    "operators.compiled": "CompiledOperator",
    "operators.hermiticity": "verify_hermitian",
    "operators.symbolic": "SymbolicOperator",
    "options": "SymbolicCompilerOptions",
    "passes": "as_stage",
    "persistent": "keep_compiled_kernels",
    "pipeline": "SymbolicCompilerPipeline",
    "stages": "default_graph",
}
_HOMES = {name: f"{__name__}.{module}" for module, names in _MODULES.items() for name in names.split()}
_HOMES["__version__"] = f"{__name__}.environment"

__all__ = [
    "AmplitudeExpr",
    "Analysis",
    "CompiledOperator",
    "Connection",
    "Connections",
    "DOperator",
    "Diagnostic",
    "Diagnostics",
    "Difference",
    "DiskArtifactStore",
    "EmissionSpec",
    "Explanation",
    "ExpressionContext",
    "Graph",
    "GraphError",
    "InMemoryArtifactStore",
    "JaxFusedV1Lowerer",
    "JaxSymbolicV1Lowerer",
    "KBodyIteratorSpec",
    "NqxError",
    "NumpyReferenceLowerer",
    "OperatorDifference",
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
    "anticommutator",
    "as_stage",
    "clauses",
    "column",
    "commutator",
    "cond",
    "default_compiler",
    "default_graph",
    "default_registry",
    "describe",
    "diagnose",
    "diff",
    "dot",
    "emission_clause",
    "emitted",
    "errors",
    "expression_function",
    "expression_functions",
    "extensions",
    "flip",
    "from_netket",
    "from_openfermion",
    "from_pauli_strings",
    "hilbert",
    "identity",
    "invalidate",
    "iterator_clause",
    "keep_compiled_kernels",
    "lattices",
    "load",
    "models",
    "permute",
    "predicate_clause",
    "prod",
    "save",
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
    "to_netket",
    "to_pauli_strings",
    "verify_hermitian",
    "where",
    "words",
    "wrap_mod",
    "write",
]


def __getattr__(name: str) -> Any:
    """A public name from its home, or a module of the package by its name."""
    home = _HOMES.get(name)
    if home is not None:
        value = getattr(importlib.import_module(home), "VERSION" if name == "__version__" else name)
        globals()[name] = value  # from now on found without coming here
        return value
    module = f"{__name__}.{name}"
    if not name.startswith("_"):
        try:
            return importlib.import_module(module)
        except ModuleNotFoundError as error:
            if error.name != module:
                raise
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}.{errors.nearest(name, _HOMES)}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
