"""Pictures for the tests: of the sample graph and its calls, of the stock graph, and of graphs that nobody would write."""

from __future__ import annotations

import random

import attrs
import pytest

from nqx_graph.graph import Graph, Report, StageFailure, execute, stage
from nqx_graph.graph.draw import Edge, Node, Picture, plan_picture, run_picture
from nqx_graph.stages import default_graph

from ..sample import COUNT, SOURCE, call, count_letters, extract, note, sample_graph

STAMP, LOG = note("stamp", str), note("log", str)


@stage(writes=STAMP, always=True)
def stamp(artifact):
    return artifact


@stage(writes=LOG)
def log_it(count, stamp):
    return f"{count} {stamp}"


def fail(text):
    raise ZeroDivisionError("<no> & no")


def reports() -> dict[str, Report]:
    graph, store = sample_graph(), {}
    made = [Report(graph, execute(graph, call(store=store, **given)).record) for given in ({}, {}, {"cache": False})]
    broken = graph.replace("count_letters", attrs.evolve(count_letters, fn=fail))
    with pytest.raises(StageFailure) as caught:
        execute(broken, call())
    return dict(zip(("miss", "hit", "uncached"), made, strict=True)) | {"failed": Report(broken, caught.value.record)}


def inserted() -> Graph:
    """A stage that runs on a hit as well, behind the gate, between two that do not."""
    return sample_graph().insert(stamp, log_it)


def small() -> Graph:
    """Two stages and no gate."""
    return Graph([extract, count_letters], [SOURCE], [COUNT])


def pictures() -> dict[str, Picture]:
    graphs = {"stock": default_graph(), "sample": sample_graph(), "inserted": inserted(), "small": small()}
    found = {name: plan_picture(graph) for name, graph in graphs.items()}
    found |= {name: run_picture(report) for name, report in reports().items()}
    return found | {"order": ordered(), "hostile": hostile(), "wide": wide(), "thirty": drawn_by_lot(3, 30)}


def ordered() -> Picture:
    """The sample with two ordering edges."""
    plan = plan_picture(inserted())
    names = [node.name for node in plan.nodes]
    reasons = (("extract", "derive", "the key is made of what was extracted, and of nothing else"),)
    assert names.index("extract") < names.index("derive")
    return attrs.evolve(plan, edges=(*plan.edges, *(Edge(a, b, (reason,), "order") for a, b, reason in reasons)))


def hostile() -> Picture:
    """Names and words that mean something in one format or another."""
    nodes = (
        Node('a<b>&"c"', writes=("<&>", "end", 'q"\\')),
        Node("end", reads=("<&>", "end", "]]>"), writes=("日本語",), status="ran", time_ns=1234, reason="{x} | -->"),
        Node("日本語", reads=("日本語", 'q"\\'), status="failed", time_ns=5),
    )
    edges = (
        Edge(nodes[0].name, "end", ("<&>", "end")),
        Edge(nodes[0].name, "日本語", ('q"\\',)),
        Edge("end", "日本語", ("日本語",)),
        Edge("end", "日本語", ('because "<we>" say so; %% & so -->|on|\nand on',), "order"),
    )
    return Picture(nodes, edges, ("]]>",), ("日本語",), None, "failed", 2000, 10, 'Error: {a} <b> & "c"')


def wide() -> Picture:
    """One stage that twenty read, and one that reads them all."""
    branches = [Node(f"branch_{i}", ("root",), (f"w{i}",)) for i in range(20)]
    last = Node("collect", tuple(f"w{i}" for i in range(20)), ("sum",))
    edges = [Edge("start", node.name, ("root",)) for node in branches]
    edges += [Edge(node.name, "collect", node.writes) for node in branches]
    return Picture((Node("start", (), ("root",)), *branches, last), tuple(edges), (), ("sum",))


def drawn_by_lot(seed: int, count: int | None = None) -> Picture:
    """A graph without sense but with everything in it: a gate, stages that always run, reasons, long names."""
    rng = random.Random(seed)
    count = count or rng.randint(1, 20)
    gate = rng.choice([None, rng.randrange(count)])
    nodes: list[Node] = []
    edges: list[Edge] = []
    for i in range(count):
        name = f"{rng.choice(['a', 'stage', 'symbolic_fusion'])}_{i}"
        always = gate is not None and i > gate and rng.random() < 0.15
        reads: tuple[str, ...] = ("given",) if rng.random() < 0.3 else ()
        for other in nodes:
            if other.writes and rng.random() < min(0.6, 2.5 / (i + 1)):
                label = tuple(item for item in other.writes if rng.random() < 0.6) or other.writes[:1]
                edges.append(Edge(other.name, name, label))
                reads += label
            elif rng.random() < 0.02:
                edges.append(Edge(other.name, name, ("a reason that is long enough for two lines",), "order"))
        if always and gate is not None and rng.random() < 0.5:
            edges.append(Edge(nodes[gate].name, name, ("made",), "supply"))
            reads += ("made",)
        writes = tuple(f"value{i}_{k}" * rng.choice([1, 1, 2]) for k in range(rng.randint(0, 3)))
        if i == gate:
            nodes.append(Node(name, reads, supplies="made", note="gate"))
        else:
            gated = gate is not None and i > gate and not always
            nodes.append(Node(name, reads, writes, gated=gated, note="always" if always else ""))
    targets = tuple(item for node in nodes for item in node.writes if rng.random() < 0.3)
    return Picture(tuple(nodes), tuple(edges), ("given", "unread"), targets, None if gate is None else nodes[gate].name)
