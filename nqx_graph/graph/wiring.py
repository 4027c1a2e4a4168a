"""Who writes what, who reads it, and the networkx graph of it."""

from __future__ import annotations

from collections.abc import Iterable

import attrs
import networkx as nx

from nqx_graph.graph.analysis import Analysis
from nqx_graph.graph.stage import Stage


@attrs.frozen(eq=False)
class Wiring:
    """The stages of a graph joined by the names of analyses. It is made of faulty graphs as well, to find the faults.

    Attributes:
        stages: by name; of two with one name, the first.
        inputs: what each call gives, by name.
        targets: the names of what a miss must make: what was asked for, and what no one else reads of an inserted stage.
        analyses: every declaration, by name.
        writer: for each analysis the stage that makes it.
        readers: for each analysis the stages that read it, sorted.
        gate: the stage that supplies, if there is one.
        key: the stage that receives the digests of the covered analyses, if there is one.
        waits: pairs of an earlier and a later stage that ``before=`` or ``after=`` orders, with what it says.
        early: stages that a hit runs whoever needs them.
    """

    stages: dict[str, Stage]
    inputs: dict[str, Analysis]
    targets: tuple[str, ...]
    analyses: dict[str, Analysis]
    writer: dict[str, str]
    readers: dict[str, tuple[str, ...]]
    gate: Stage | None
    key: Stage | None
    waits: dict[tuple[str, str], tuple[str, ...]]
    early: frozenset[str]

    @property
    def supplied(self) -> str | None:
        """The name of the analysis that the gate supplies."""
        return self.gate.supplies.name if self.gate and self.gate.supplies else None

    def awaited(self, name: str) -> tuple[str, ...]:
        """The stages that a stage is told to run after, sorted."""
        return tuple(sorted(earlier for earlier, later in self.waits if later == name))

    def upstream(self, roots: Iterable[str], given: str | None = None, *, waits: bool = False) -> frozenset[str]:
        """The stages that the root stages need, and the roots.

        Args:
            roots: names of stages.
            given: an analysis that no stage has to make.
            waits: whether a stage needs those as well that it has to run after.
        """
        found: set[str] = set()
        waiting = list(roots)
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                reads = (read for read in self.stages[name].reads if read != given and read in self.writer)
                waiting += [self.writer[read] for read in reads]
                waiting += self.awaited(name) if waits else ()
        return frozenset(found)


def wire(
    stages: Iterable[Stage],
    inputs: Iterable[Analysis],
    targets: Iterable[Analysis],
    inserted: frozenset[str] = frozenset(),
    kept_early: frozenset[str] = frozenset(),
) -> Wiring:
    """Join stages by the names of what they read and write; of two claimants the first one counts."""
    nodes = tuple(stages)
    first: dict[str, Stage] = {}
    given = {item.name: item for item in inputs}
    targets = tuple(targets)
    analyses = dict(given)
    writer: dict[str, str] = {}
    readers: dict[str, tuple[str, ...]] = {}
    for stage in nodes:
        first.setdefault(stage.name, stage)
        for item in stage.writes:
            analyses.setdefault(item.name, item)
            if item.name not in given:
                writer.setdefault(item.name, stage.name)
        for read in stage.reads:
            readers[read] = (*readers.get(read, ()), stage.name)
    for item in targets:
        analyses.setdefault(item.name, item)
    unread = [item.name for stage in nodes if stage.name in inserted for item in stage.writes]
    wanted = {item.name for item in targets} | {name for name in unread if name not in readers}
    gate = next((stage for stage in nodes if stage.supplies), None)
    key = next((stage for stage in nodes if stage.covered), None)
    early = frozenset(name for name, stage in first.items() if stage.always or name in kept_early)
    return Wiring(first, given, tuple(sorted(wanted)), analyses, writer, readers, gate, key, _waits(first), early)


def _waits(stages: dict[str, Stage]) -> dict[tuple[str, str], tuple[str, ...]]:
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for name, stage in stages.items():
        said = [((name, wait.stage), f"before: {wait.reason}") for wait in stage.before]
        said += [((wait.stage, name), f"after: {wait.reason}") for wait in stage.after]
        for pair, text in said:
            if set(pair) <= stages.keys():
                found[pair] = (*found.get(pair, ()), text)
    return found


def input_node(name: str) -> str:
    """The node of an input; no stage can have this name, because it is not an identifier."""
    return f"input:{name}"


def network(wiring: Wiring) -> nx.DiGraph:
    """The graph of the data: nodes are stages and inputs, and an edge lists the ``analyses`` that flow along it.

    An edge lists as ``waits`` what ``before=`` and ``after=`` say of the two; one that is there for that alone has no
    analyses.
    The gate has an edge to each reader of what it supplies, beside the one from the stage that makes it on a miss.
    """
    graph = nx.DiGraph()
    graph.add_nodes_from((input_node(name) for name in sorted(wiring.inputs)), kind="input")
    for name in sorted(wiring.stages):
        graph.add_node(name, kind="gate" if wiring.stages[name] is wiring.gate else "stage")
    for analysis, readers in sorted(wiring.readers.items()):
        sources = [wiring.writer[analysis]] if analysis in wiring.writer else []
        sources += [input_node(analysis)] if analysis in wiring.inputs else []
        sources += [wiring.gate.name] if wiring.gate and analysis == wiring.supplied else []
        for source in sources:
            for reader in readers:
                known = graph.get_edge_data(source, reader, {}).get("analyses", ())
                graph.add_edge(source, reader, analyses=(*known, analysis), waits=())
    for (earlier, later), said in sorted(wiring.waits.items()):
        known = graph.get_edge_data(earlier, later, {}).get("analyses", ())
        graph.add_edge(earlier, later, analyses=known, waits=said)
    return graph
