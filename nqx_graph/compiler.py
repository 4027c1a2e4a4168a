"""The compiler that a user calls."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Mapping
from typing import Any

import attrs

from nqx_graph.artifact import SymbolicCompiledArtifact
from nqx_graph.cache.flights import Flights
from nqx_graph.cache.key import ONLY_HERE, SymbolicCompilationSignature
from nqx_graph.cache.memory import InMemoryArtifactStore
from nqx_graph.context import SymbolicCompilationContext
from nqx_graph.debug import checked_arguments, execute_verified, with_bundle
from nqx_graph.environment import x64_enabled
from nqx_graph.errors import GraphError, OptionTypeError, SymbolicCompilerError, listed
from nqx_graph.explanation import Explanation, RecentKeys
from nqx_graph.graph import CallRecord, Graph, Report, StageFailure, execute
from nqx_graph.kernel.kernels import clear_kernels
from nqx_graph.lowering import SymbolicLowererRegistry, default_registry
from nqx_graph.options import SymbolicCompilerOptions
from nqx_graph.pipeline import SymbolicCompilerPipeline
from nqx_graph.stages import AOT_STAGES, default_graph

MOST_ARTIFACTS = 4096  # a loop over couplings that are constants makes ever new ones


class SymbolicCompiler:
    """Runs the dataflow graph on operators; any number of threads may share one.

    Args:
        graph: the stages; the stock graph where none is given.
        options: the options of compiles that are given none.
        artifact_store: where artifacts are kept; where none is given an empty store of its own in memory, of at most
            4096 artifacts.
        lowerer_registry: who lowers; the stock lowerers where none is given.

    Raises:
        OptionTypeError: if the graph is no graph.
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
        self._store = (
            InMemoryArtifactStore(MOST_ARTIFACTS) if artifact_store is None else _checked_store(artifact_store)
        )
        self._registry = default_registry() if lowerer_registry is None else lowerer_registry
        self._given = default_graph() if graph is None else graph
        if not isinstance(self._given, Graph):
            raise OptionTypeError(
                f"graph must be a Graph; it is {graph!r}. A stage goes into one: default_graph().insert(stage)."
            )
        if "artifact" not in self._given.wanted:
            raise GraphError("a compiler needs a graph with the target 'artifact'; start from default_graph().")
        self._resolved = self._resolve(self._registry.lowerers)
        self._ahead: tuple[Graph, Graph] | None = None
        self._flights, self._recent = Flights(), RecentKeys()

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

    def _graph_for(self, options: SymbolicCompilerOptions) -> Graph:
        """The graph, with the stages that ``aot_batch_shape`` adds where it is given."""
        graph = self.graph
        if options.aot_batch_shape is None:
            return graph
        ahead = self._ahead
        if ahead is None or ahead[0] is not graph:
            present = {stage.name for stage in graph.stages}
            ahead = self._ahead = graph, graph.insert(*(stage for stage in AOT_STAGES if stage.name not in present))
        return ahead[1]

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
        """Empty the store, and forget the kernels of this process: the next call of an operator compiles again."""
        self._store.clear()
        self._recent.clear()
        clear_kernels()

    def context(
        self,
        operator: Any,
        *,
        options: SymbolicCompilerOptions | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> SymbolicCompilationContext:
        """The context that a compile starts with, for running passes by hand with `pipeline`."""
        chosen = _checked_options(options) or self._options
        return SymbolicCompilationContext(
            self._inputs(self._graph_for(chosen), operator, chosen, metadata, CallRecord())
        )

    def _inputs(
        self, graph: Graph, operator: Any, options: Any, metadata: Mapping[str, Any] | None, record: CallRecord
    ) -> dict[str, Any]:
        if metadata is not None and not isinstance(metadata, Mapping):
            raise OptionTypeError(f"metadata must be a dict; it is {metadata!r}.")
        return {
            "operator": operator,
            "options": options,
            "metadata": dict(metadata or {}),
            "store": self._store,
            "flights": self._flights,
            "registry": self._registry,
            "identities": self._identities(graph),
            "call_record": record,
        }

    def _identities(self, graph: Graph) -> tuple[tuple[str, str], ...]:
        """Names and identities of all that makes an artifact beside the operator and the options."""
        stages = graph.identities
        lowerers = self._registry.identified()
        only_here = [name for name, identity in (*stages.items(), *lowerers) if not identity.portable]
        return (
            ("graph", graph.identity.text),
            *((f"stage {name}", identity.text) for name, identity in stages.items()),
            *((f"lowerer {name}", identity.text) for name, identity in lowerers),
            ("lowerer order", ", ".join(name for name, _ in lowerers)),
            (ONLY_HERE, ", ".join(only_here)),
            ("x64", str(x64_enabled())),
        )

    def compile(
        self,
        operator: Any,
        *,
        options: SymbolicCompilerOptions | None = None,
        metadata: Mapping[str, Any] | None = None,
        optimize: bool | None = None,
        verify: bool = False,
        instruments: Iterable[Any] = (),
        dump_dir: str | os.PathLike[str] | None = None,
    ) -> SymbolicCompiledArtifact:
        """Compile an operator, or find it in the store. Calls that miss on one key at once make one artifact.

        Args:
            operator: a symbolic operator, or any object with ``to_ir()`` and ``hilbert``.
            options: for this call, in place of the compiler's.
            metadata: whatever stages and lowerers that declare it may read.
            optimize: the option of that name, for this call.
            verify: whether to hold every stage, and the store, to what they promise; slow, for debugging.
            instruments: what is told of this call as it goes on, see `nqx_graph.graph.Instrument`.
            dump_dir: a folder for a bundle if the call fails, which ``python -m nqx_graph replay FILE`` runs again.

        Returns:
            The artifact, with the report of this call.

        Raises:
            SymbolicCompilerError: naming the stage that failed, with the report up to there; what it raised is the cause.
        """
        instruments = checked_arguments(verify, instruments, dump_dir)
        chosen, record = with_optimize(_checked_options(options) or self._options, optimize), CallRecord()
        graph = self._graph_for(chosen)
        inputs = self._inputs(graph, operator, chosen, metadata, record)
        artifact: SymbolicCompiledArtifact | None = None
        error: BaseException | None = None
        try:
            run = (execute_verified if verify else execute)(graph, inputs, record=record, instruments=instruments)
            artifact = run["artifact"]
        except StageFailure as failure:
            error = failed = _compile_error(failure, operator, Report(graph, record))
            if dump_dir is not None:
                error = failed = with_bundle(
                    failed, failure.__cause__, dump_dir, verify=verify, instruments=instruments
                )
            raise failed from failure.__cause__
        except BaseException as interrupted:
            error = interrupted
            raise
        finally:
            self._land(record, artifact, error)
        assert artifact is not None
        return attrs.evolve(artifact, report=Report(graph, record))

    def _land(self, record: CallRecord, artifact: SymbolicCompiledArtifact | None, error: BaseException | None) -> None:
        """Wake the calls that wait for this one, and remember the key of what was made."""
        key = record._values.get("cache_key")
        if key is None:
            return
        self._flights.land(key, artifact, error)
        if artifact is not None and record.outcome == "miss":
            self._recent.remember(key.namespace, key.token, key.signature, record._values["ir"])

    def explain(
        self,
        operator: Any,
        *,
        options: SymbolicCompilerOptions | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> Explanation:
        """Whether a compile would hit, and on a miss what differs from the nearest entry; builds nothing else.

        Raises:
            SymbolicCompilerError: if a stage before the gate fails.
        """
        chosen = _checked_options(options) or self._options
        context = self.context(operator, options=chosen, metadata=metadata)
        signature = SymbolicCompilationSignature.from_context(
            SymbolicCompilerPipeline(self._graph_for(chosen)).run_pre_cache(context)
        )
        if not chosen.cache_enabled:
            return Explanation("uncached", None, "options.cache_enabled is False")
        key = signature.build_cache_key(namespace=chosen.cache_namespace)
        if key is None:
            return Explanation("uncached", None, f"no digest for {', '.join(signature.missing())}")
        store: Any = self._store
        if store.get(key) is not None or (hasattr(store, "load") and key in store):
            return Explanation("hit", key.token, "the store holds this key")
        return self._recent.explain_miss(key.namespace, key.token, signature, context.operator.to_ir())

    def compile_operator(
        self,
        operator: Any,
        *,
        options: SymbolicCompilerOptions | None = None,
        metadata: Mapping[str, Any] | None = None,
        optimize: bool | None = None,
        verify: bool = False,
        instruments: Iterable[Any] = (),
        dump_dir: str | os.PathLike[str] | None = None,
    ) -> Any:
        """`compile`, returning the compiled operator alone."""
        return self.compile(
            operator,
            options=options,
            metadata=metadata,
            optimize=optimize,
            verify=verify,
            instruments=instruments,
            dump_dir=dump_dir,
        ).compiled_operator


def _compile_error(failure: StageFailure, operator: Any, report: Report) -> SymbolicCompilerError:
    name = getattr(operator, "name", None)
    shared = failure.__cause__
    if isinstance(shared, SymbolicCompilerError):  # of the call that was waited for
        facts = {"stage": shared.facts.get("stage"), "bundle": shared.bundle}
        return SymbolicCompilerError(shared.message, **facts, report=report)
    what = f"the operator {name!r}" if isinstance(name, str) else f"{type(operator).__name__} object"
    return SymbolicCompilerError(
        f"compiling {what} failed in stage {failure.stage!r}: {failure.__cause__}", stage=failure.stage, report=report
    )


def _checked_store(store: Any) -> Any:
    absent = [name for name in ("get", "put", "clear", "__len__") if not hasattr(store, name)]
    if absent:
        raise OptionTypeError(
            f"artifact_store={store!r} is no store; it lacks {listed(absent)}. Give an InMemoryArtifactStore, a "
            "DiskArtifactStore, or an object with these methods."
        )
    return store


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


def with_optimize(options: SymbolicCompilerOptions, optimize: bool | None) -> SymbolicCompilerOptions:
    """Options with that value of ``optimize``, where one is given."""
    if optimize is None or optimize is options.optimize:
        return options
    return attrs.evolve(options, optimize=optimize)


_default: SymbolicCompiler | None = None
_default_lock = threading.Lock()


def default_compiler() -> SymbolicCompiler:
    """The compiler that ``operator.compile()`` uses: one store for the process."""
    global _default  # noqa: PLW0603  # one for the process, made on first use
    with _default_lock:
        if _default is None:
            _default = SymbolicCompiler()
        return _default
