"""What every drawing shows: a graph, or a call of it, as frozen data that knows nothing of how it is drawn."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal

import attrs

from nqx_graph.graph.record import FAILED, NOT_REACHED, RAN
from nqx_graph.graph.table import time_text

if TYPE_CHECKING:
    from nqx_graph.graph.graph import Graph
    from nqx_graph.graph.report import Report
    from nqx_graph.graph.stage import Stage

State = Literal["planned", "ran", "skipped", "failed", "not reached"]
EdgeKind = Literal["data", "supply", "order"]


@attrs.frozen
class Node:
    """A stage.

    Attributes:
        name: the name of the stage.
        reads: what it reads.
        writes: what it writes.
        supplies: on the gate only, what it supplies on a hit.
        covers: the analyses whose digests it receives, on the stage that makes the key.
        gated: whether a hit skips it.
        note: a word about it, such as ``always``.
        status: what the report says of it; ``None`` in a plan.
        time_ns: its own time; ``None`` in a plan, or where it did not run.
        reason: why it did nothing, where it says so.
    """

    name: str
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    supplies: str | None = None
    covers: tuple[str, ...] = ()
    gated: bool = False
    note: str = ""
    status: str | None = None
    time_ns: int | None = None
    reason: str | None = None

    @property
    def state(self) -> State:
        """The status as a drawing distinguishes it."""
        if self.status is None:
            return "planned"
        if self.status.startswith("skipped"):
            return "skipped"
        return "failed" if self.status == FAILED else "not reached" if self.status == NOT_REACHED else "ran"

    @property
    def remark(self) -> str:
        """The status where it has to be said: that a stage ran is what its time says."""
        return "" if self.status in (None, RAN) else str(self.status)

    @property
    def idle(self) -> bool:
        """Whether a call did not run it."""
        return self.state in ("skipped", "not reached")


@attrs.frozen
class Edge:
    """What one stage hands to another.

    Attributes:
        source: the stage at its tail.
        reader: the stage at its head.
        label: the analyses that flow, or the reason for the order of the two.
        kind: ``data``, ``supply`` for what the gate hands on after a hit, ``order`` where nothing flows.
    """

    source: str
    reader: str
    label: tuple[str, ...]
    kind: EdgeKind = "data"


@attrs.frozen
class Picture:
    """A graph, or one call of it.

    Attributes:
        nodes: in the order in which a miss runs them.
        edges: from stage to stage. Inputs have none: every stage lists what it reads.
        inputs: what each call gives.
        targets: what a call is asked for.
        gate: the name of the gate, if there is one.
        outcome: of the call, or ``failed``; ``None`` in a plan.
        total_ns: of the call.
        overhead_ns: what the call took beyond its stages.
        error: what made it fail, in a line.
    """

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...] = ()
    inputs: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    gate: str | None = None
    outcome: str | None = None
    total_ns: int | None = None
    overhead_ns: int | None = None
    error: str | None = None

    def __getitem__(self, name: str) -> Node:
        """The node of this name."""
        return next(node for node in self.nodes if node.name == name)

    @property
    def unread(self) -> tuple[str, ...]:
        """The inputs that no stage reads."""
        read = {name for node in self.nodes for name in (*node.reads, *node.covers)}
        return tuple(name for name in self.inputs if name not in read)

    def share(self, node: Node) -> float:
        """The part of the call's time that a node took, from 0 to 1."""
        return (node.time_ns or 0) / max(self.total_ns or 0, node.time_ns or 0, 1)

    def time_text(self, node: Node) -> str:
        """The time of a node and its part of the whole, or nothing where it did not run."""
        if node.time_ns is None:
            return ""
        share = self.share(node)
        return f"{time_text(node.time_ns)} {f'{share:.0%}' if share >= 0.01 else '<1%'}"

    @property
    def spared(self) -> bool:
        """Whether this call ran nothing of what the gate guards."""
        return self.outcome is not None and all(node.idle for node in self.nodes if node.gated)

    def idle(self, edge: Edge) -> bool:
        """Whether nothing flowed along an edge in this call."""
        reader, source = self[edge.reader], self[edge.source]
        return reader.idle or source.idle or source.state == "failed"


def plan_picture(graph: Graph) -> Picture:
    """The picture of a graph: of the stages that run, as they run."""
    stages = tuple(graph[name] for name in graph.miss_plan)
    nodes = tuple(_node(graph, stage) for stage in stages)
    edges = (*_data_edges(nodes, graph.gate), *_order_edges(stages))
    inputs = tuple(item.name for item in graph.inputs)
    return Picture(nodes, edges, inputs, tuple(graph.wanted), graph.gate)


def run_picture(report: Report) -> Picture:
    """The picture of one call."""
    rows = {row.name: row for row in report.rows}
    plan = plan_picture(report.graph)
    nodes = tuple(_with_row(node, rows[node.name]) for node in plan.nodes)
    error = report.record.error
    return attrs.evolve(
        plan,
        nodes=nodes,
        outcome="failed" if report.failed else report.outcome or "running",
        total_ns=report.total_ns,
        overhead_ns=report.overhead_ns,
        error=None if error is None else f"{type(error).__name__}: {error}".partition("\n")[0],
    )


def _node(graph: Graph, stage: Stage) -> Node:
    return Node(
        name=stage.name,
        reads=stage.reads,
        writes=tuple(item.name for item in stage.writes),
        supplies=stage.supplies.name if stage.supplies else None,
        covers=graph.covered if stage.covered else (),
        gated=stage.name in graph.gated,
        note="gate" if stage.supplies else "always" if stage.always else "",
    )


def _with_row(node: Node, row: Any) -> Node:
    ran = attrs.evolve(node, status=row.status, reason=row.metadata.get("reason"))
    return ran if ran.idle else attrs.evolve(ran, time_ns=row.duration_ns)


def _data_edges(nodes: tuple[Node, ...], gate: str | None) -> Iterator[Edge]:
    writer = {item: node.name for node in nodes for item in node.writes}
    supplied = {node.supplies for node in nodes if node.supplies}
    for node in nodes:
        flows: dict[str, tuple[str, ...]] = {}
        for read in dict.fromkeys((*node.reads, *node.covers)):
            if read in writer:
                flows[writer[read]] = (*flows.get(writer[read], ()), read)
        for source, label in flows.items():
            yield Edge(source, node.name, label)
        # What a hit skips never sees what the gate supplies.
        if gate and not node.gated:
            yield from (Edge(gate, node.name, (read,), "supply") for read in node.reads if read in supplied)


def _order_edges(stages: tuple[Stage, ...]) -> Iterator[Edge]:
    running = {stage.name for stage in stages}
    for stage in stages:
        edges = [Edge(stage.name, wait.stage, (wait.reason,), "order") for wait in stage.before]
        edges += [Edge(wait.stage, stage.name, (wait.reason,), "order") for wait in stage.after]
        yield from (edge for edge in edges if {edge.source, edge.reader} <= running)
