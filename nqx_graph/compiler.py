"""The compiler that a user calls."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

import attrs

from nqx_graph.artifact import SymbolicCompiledArtifact
from nqx_graph.cache.memory import InMemoryArtifactStore
from nqx_graph.context import SymbolicCompilationContext
from nqx_graph.errors import GraphError, OptionTypeError, SymbolicCompilerError
from nqx_graph.graph import CallRecord, Graph, Report, StageFailure, execute
from nqx_graph.lowering import SymbolicLowererRegistry, default_registry
from nqx_graph.options import SymbolicCompilerOptions
from nqx_graph.pipeline import SymbolicCompilerPipeline
from nqx_graph.precision import x64_enabled
from nqx_graph.stages import default_graph


class SymbolicCompiler:
    """Runs the dataflow graph on operators; any number of threads may share one.

    Args:
        graph: the stages; the stock graph where none is given.
        options: the options of compiles that are given none.
        artifact_store: where artifacts are kept; an empty store of its own where none is given.
        lowerer_registry: who lowers; the stock lowerers where none is given.

    Raises:
        GraphError: if the graph cannot serve a compile, or a lowerer reads what the key does not cover.
    """

    def __init__(
        self,
        *,
        graph: Graph | None = None,
        options: SymbolicCompilerOptions | None = None,
        artifact_store: Any = None,
        lowerer_registry: SymbolicLowererRegistry | None = None,
    ) -> None:
        self._options = _checked_options(options) or SymbolicCompilerOptions()
        self._store = InMemoryArtifactStore() if artifact_store is None else artifact_store
        self._registry = default_registry() if lowerer_registry is None else lowerer_registry
        self._given = default_graph() if graph is None else graph
        if "artifact" not in self._given.wanted:
            raise GraphError("a compiler needs a graph with the target 'artifact'; start from default_graph().")
        self._resolved = self._resolve(self._registry.lowerers)

    @property
    def graph(self) -> Graph:
        """The graph that runs: the one given, the lowering stage reading what the registered lowerers declare."""
        lowerers, graph = self._resolved
        if lowerers is not self._registry.lowerers:
            lowerers, graph = self._resolved = self._resolve(self._registry.lowerers)
        return graph

    def _resolve(self, lowerers: tuple[Any, ...]) -> tuple[tuple[Any, ...], Graph]:
        reads = self._registry.reads
        if not any(stage.name == "lowering" and stage.open_reads for stage in self._given.stages):
            return lowerers, self._given
        known = set(self._given["lowering"].parameters)
        return lowerers, self._given.with_reads("lowering", tuple(name for name in reads if name not in known))

    @property
    def options(self) -> SymbolicCompilerOptions:
        """The options of compiles that are given none."""
        return self._options

    @property
    def artifact_store(self) -> Any:
        """Where artifacts are kept."""
        return self._store

    @property
    def lowerer_registry(self) -> SymbolicLowererRegistry:
        """Who lowers."""
        return self._registry

    @property
    def pipeline(self) -> SymbolicCompilerPipeline:
        """The graph as pre-cache and post-cache passes."""
        return SymbolicCompilerPipeline(self.graph)

    @property
    def cache_size(self) -> int:
        """How many artifacts the store holds."""
        return len(self._store)

    def clear_cache(self) -> None:
        """Empty the store."""
        self._store.clear()

    def context(
        self,
        operator: Any,
        *,
        options: SymbolicCompilerOptions | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> SymbolicCompilationContext:
        """The context that a compile starts with, for running passes by hand with `pipeline`."""
        return SymbolicCompilationContext(self._inputs(self.graph, operator, options, metadata, CallRecord()))

    def _inputs(
        self, graph: Graph, operator: Any, options: Any, metadata: Mapping[str, Any] | None, record: CallRecord
    ) -> dict[str, Any]:
        if metadata is not None and not isinstance(metadata, Mapping):
            raise OptionTypeError(f"metadata must be a dict; it is {metadata!r}.")
        return {
            "operator": operator,
            "options": _checked_options(options) or self._options,
            "metadata": dict(metadata or {}),
            "store": self._store,
            "registry": self._registry,
            "identities": (
                graph.identity.text,
                *self._registry.identities(),
                f"x64={x64_enabled()}",
            ),
            "call_record": record,
        }

    def compile(
        self,
        operator: Any,
        *,
        options: SymbolicCompilerOptions | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> SymbolicCompiledArtifact:
        """Compile an operator, or find it in the store.

        Args:
            operator: a symbolic operator, or any object with ``to_ir()`` and ``hilbert``.
            options: for this call, in place of the compiler's.
            metadata: whatever stages and lowerers that declare it may read.

        Returns:
            The artifact, with the report of this call.

        Raises:
            SymbolicCompilerError: naming the stage that failed, with the report up to there; what it raised is the cause.
        """
        graph, record = self.graph, CallRecord()
        inputs = self._inputs(graph, operator, options, metadata, record)
        try:
            run = execute(graph, inputs, record=record)
        except StageFailure as failure:
            raise _compile_error(failure, operator, Report(graph, record)) from failure.__cause__
        artifact: SymbolicCompiledArtifact = run["artifact"]
        return attrs.evolve(artifact, report=Report(graph, record))

    def compile_operator(
        self,
        operator: Any,
        *,
        options: SymbolicCompilerOptions | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> Any:
        """`compile`, returning the compiled operator alone."""
        return self.compile(operator, options=options, metadata=metadata).compiled_operator


def _compile_error(failure: StageFailure, operator: Any, report: Report) -> SymbolicCompilerError:
    name = getattr(operator, "name", None)
    what = f"the operator {name!r}" if isinstance(name, str) else f"{type(operator).__name__} object"
    return SymbolicCompilerError(
        f"compiling {what} failed in stage {failure.stage!r}: {failure.__cause__}", stage=failure.stage, report=report
    )


def _checked_options(options: Any) -> SymbolicCompilerOptions | None:
    if options is not None and not isinstance(options, SymbolicCompilerOptions):
        raise OptionTypeError(
            f"options must be SymbolicCompilerOptions(...); they are {options!r}, a {type(options).__name__}."
        )
    return options


def with_cache(options: Any, cache: bool) -> SymbolicCompilerOptions:
    """Options whose cache is on only where both say so."""
    checked = _checked_options(options) or SymbolicCompilerOptions()
    return checked if cache else attrs.evolve(checked, cache_enabled=False)


_default: SymbolicCompiler | None = None
_default_lock = threading.Lock()


def default_compiler() -> SymbolicCompiler:
    """The compiler that ``operator.compile()`` uses: one store for the process."""
    global _default  # noqa: PLW0603  # one for the process, made on first use
    with _default_lock:
        if _default is None:
            _default = SymbolicCompiler()
        return _default
