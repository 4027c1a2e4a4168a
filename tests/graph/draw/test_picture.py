"""The one model that all drawings are made of."""

import attrs
import pytest

from nqx_graph.errors import GraphError
from nqx_graph.graph.draw import FORMATS, Edge, draw, plan_picture, run_picture

from ..sample import count_letters, put, sample_graph
from .pictures import inserted, pictures, reports


def test_a_plan():
    plan = plan_picture(sample_graph())
    assert [node.name for node in plan.nodes] == list(sample_graph().miss_plan)
    assert (plan.inputs, plan.targets) == (("metadata", "options", "source", "store"), ("artifact", "checked"))
    assert plan.unread == ("metadata",)
    assert plan.gate == "lookup"
    assert [node.name for node in plan.nodes if node.gated] == ["count_letters", "lower", "put"]
    assert plan["derive"].covers == ("options", "text")
    assert plan["lookup"].supplies == "artifact"
    assert {node.state for node in plan.nodes} == {"planned"}


def test_edges_say_what_flows_and_covered_values_flow_to_the_key():
    edges = {(edge.source, edge.reader): edge for edge in plan_picture(sample_graph()).edges}
    assert edges["extract", "derive"] == Edge("extract", "derive", ("text",))
    assert edges["lower", "put"].label == ("artifact",)
    assert len(edges) == len(plan_picture(sample_graph()).edges)


def test_the_gate_hands_on_only_to_what_a_hit_runs():
    supplied = [edge for edge in plan_picture(inserted()).edges if edge.kind == "supply"]
    assert supplied == [Edge("lookup", "stamp", ("artifact",), "supply")]
    assert not [edge for edge in plan_picture(sample_graph()).edges if edge.kind == "supply"]


def test_edges_between_stages_cover_the_network():
    for graph in (sample_graph(), inserted()):
        drawn = {(edge.source, edge.reader) for edge in plan_picture(graph).edges}
        network = {(a, b) for a, b in graph.network.edges if ":" not in a}
        skipped = {(graph.gate, name) for name in graph.gated}
        assert network - skipped <= drawn


@pytest.mark.parametrize(
    ("call", "states"),
    [
        ("miss", ["ran"] * 7),
        ("hit", [*["ran"] * 4, *["skipped"] * 3]),
        ("uncached", [*["ran"] * 3, "skipped", "ran", "ran", "skipped"]),
        ("failed", [*["ran"] * 4, "failed", "not reached", "not reached"]),
    ],
)
def test_a_run(call, states):
    picture = run_picture(reports()[call])
    assert [node.state for node in picture.nodes] == states
    assert picture.outcome == call
    assert picture.total_ns > 0
    assert 0 < sum(picture.share(node) for node in picture.nodes) <= 1
    assert (picture.error is None) == (call != "failed")
    assert picture.spared == (call == "hit")


def test_the_time_of_a_stage_is_written_with_its_share():
    picture = run_picture(reports()["hit"])
    nodes = (attrs.evolve(picture.nodes[0], time_ns=ns) for ns in (1, 500, 1000))
    picture = attrs.evolve(picture, total_ns=1000)
    assert [picture.time_text(node) for node in nodes] == ["1 ns <1%", "500 ns 50%", "1 µs 100%"]
    assert picture.time_text(picture["put"]) == ""


def test_before_and_after_are_edges_with_a_reason():
    first = attrs.evolve(count_letters, before=(("put", "said by one"),))
    last = attrs.evolve(put, after=((first, "said by the other"),))
    plan = plan_picture(sample_graph().replace("count_letters", first).replace("put", last))
    assert [edge for edge in plan.edges if edge.kind == "order"] == [
        Edge("count_letters", "put", ("said by one",), "order"),
        Edge("count_letters", "put", ("said by the other",), "order"),
    ]


def test_what_an_override_leaves_out_is_not_drawn():
    plan = plan_picture(sample_graph().override(count=3))
    names = [node.name for node in plan.nodes]
    assert "override_count" in names
    assert "count_letters" not in names
    assert Edge("override_count", "lower", ("count",)) in plan.edges


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("name", pictures())
def test_every_picture_can_be_drawn_in_every_format_and_always_alike(name, format):
    picture = pictures()[name]
    drawn = draw(picture, format)
    assert drawn == draw(picture, format)
    assert drawn == drawn.rstrip()
    if name != "hostile":
        assert all(node.name in drawn for node in picture.nodes)


@pytest.mark.parametrize("drawable", [sample_graph(), reports()["miss"]], ids=["graph", "report"])
def test_graphs_and_reports_draw_themselves(drawable):
    bundle = drawable._repr_mimebundle_()
    assert bundle["text/plain"] == drawable.draw() == drawable.draw("text")
    assert bundle["image/svg+xml"] == drawable.draw("svg")
    assert bundle["text/html"] == drawable._repr_html_()
    assert drawable.draw("svg") in drawable._repr_html_()
    with pytest.raises(GraphError, match=r"no format 'sgv'. Did you mean 'svg'\? .*'text', 'mermaid', 'dot', 'svg'"):
        drawable.draw("sgv")
