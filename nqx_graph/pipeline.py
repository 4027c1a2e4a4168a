"""The graph as the two pass sequences that users of the seed's pipeline know: views, derived from the plans."""

from __future__ import annotations

from typing import Any

import attrs
import networkx as nx

from nqx_graph.context import SymbolicCompilationContext
from nqx_graph.errors import SymbolicCompilerError
from nqx_graph.graph import Graph

# stages that the seed counts as the compiler's own steps, not as passes
_STEPS = ("extraction", "key_derivation", "cache_lookup", "lowering", "finalisation", "cache_store")


@attrs.frozen
class SymbolicCompilerPipeline:
    """Passes before and behind the gate of a graph, and how to run them by hand, boundary by boundary."""

    graph: Graph

    @property
    def pre_cache_passes(self) -> tuple[str, ...]:
        """The passes that run on every compile, hits included."""
        return self._passes(self.graph.pre_gate)

    @property
    def post_cache_passes(self) -> tuple[str, ...]:
        """The passes that run on a miss only, up to the lowering."""
        return self._passes(self.graph.post_gate)

    def _passes(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """Those that are no steps and need none but the extraction: what reads a key or an artifact is no such pass."""
        network = self.graph.network
        steps = [step for step in _STEPS if step != "extraction" and step in network]
        late = {name for step in steps for name in nx.descendants(network, step)}
        return tuple(name for name in names if name not in _STEPS and name not in late)

    def run_pre_cache(self, context: SymbolicCompilationContext) -> SymbolicCompilationContext:
        """The context with the analyses of extraction and of the passes before the gate, and what the key covers."""
        done = self._run(context, ("extraction", *self.pre_cache_passes))
        digests = {name: self.graph.analyses[name].digest for name in self.graph.covered}
        covered = {name: digest(done.values[name]) for name, digest in sorted(digests.items()) if digest is not None}
        return done.with_values({"covered": covered})

    def run_post_cache(self, context: SymbolicCompilationContext) -> SymbolicCompilationContext:
        """The context with the analyses of the passes behind the gate."""
        return self._run(context, self.post_cache_passes)

    def _run(self, context: SymbolicCompilationContext, names: tuple[str, ...]) -> SymbolicCompilationContext:
        for name in names:
            stage = self.graph[name]
            try:
                result = stage(*(context.values[read] for read in stage.reads))
            except Exception as error:
                raise SymbolicCompilerError(f"stage {name!r} failed: {error}", stage=name) from error
            written: Any = (result,) if len(stage.writes) == 1 else result
            context = context.with_values({a.name: value for a, value in zip(stage.writes, written or (), strict=True)})
        return context
