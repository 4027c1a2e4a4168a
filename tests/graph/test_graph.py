import random

import attrs
import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nqx_graph.errors import GraphError, StageContractError
from nqx_graph.graph import Graph, execute, stage

from .sample import (
    ARTIFACT,
    COUNT,
    INPUTS,
    METADATA,
    STAGES,
    STATS,
    TARGETS,
    TEXT,
    call,
    count_letters,
    lower,
    note,
    sample_graph,
)


@stage(writes=STATS)
def measure(text, metadata):
    return {"length": len(text), **metadata}


def test_plans_follow_by_slicing():
    graph = sample_graph()
    assert graph.pre_gate == ("extract", "derive", "validate")
    assert graph.gate == "lookup"
    assert graph.post_gate == graph.gated == ("count_letters", "lower", "put")
    assert graph.hit_plan == ("extract", "derive", "validate", "lookup")
    assert graph.miss_plan == ("extract", "derive", "validate", "lookup", "count_letters", "lower", "put")


def test_what_the_key_needs_moves_before_the_gate():
    early = attrs.evolve(STAGES[2], fn=lambda options, count, covered: count)
    graph = sample_graph().replace("derive", early)
    assert graph.pre_gate == ("extract", "count_letters", "derive", "validate")
    assert graph.gated == ("lower", "put")


def test_always_brings_its_ancestors_along():
    graph = sample_graph().insert(stage(writes=STATS, always=True, name="audit")(lambda count: {}))
    assert graph.pre_gate == ("extract", "count_letters", "audit", "derive", "validate")


def test_what_runs_always_and_reads_the_supplied_value_runs_behind_the_gate():
    graph = sample_graph().insert(
        stage(writes=STATS, always=True, name="audit")(lambda artifact: {"audited": artifact})
    )
    assert graph.hit_plan == ("extract", "derive", "validate", "lookup", "audit")
    assert graph.post_gate == ("count_letters", "lower", "audit", "put")
    assert graph.gated == ("count_letters", "lower", "put")
    store = {}
    assert [execute(graph, call(store=store))["stats"]["audited"] for _ in range(2)] == ["ab x2 plain"] * 2


def test_without_a_gate_everything_runs():
    graph = Graph([STAGES[0], count_letters], INPUTS, [COUNT])
    assert graph.pre_gate == graph.hit_plan == graph.miss_plan == ("extract", "count_letters")
    assert (graph.gate, graph.gated, graph.post_gate) == (None, (), ())


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_registration_order_never_matters(seed):
    shuffled, inputs = [*STAGES, measure], list(INPUTS)
    random.Random(seed).shuffle(shuffled)
    random.Random(seed).shuffle(inputs)
    graph, expected = Graph(shuffled, inputs, [*TARGETS[::-1], STATS]), sample_graph().insert(measure)
    assert graph.order == expected.order
    assert graph.covered == expected.covered == ("options", "text")
    assert graph.identity == expected.identity


@settings(max_examples=50, deadline=None)
@given(edges=st.sets(st.tuples(st.integers(0, 7), st.integers(0, 7)).filter(lambda edge: edge[0] < edge[1])))
def test_every_stage_runs_after_what_it_reads(edges):
    names = [note(f"v{number}") for number in range(8)]
    stages = []
    for number, item in enumerate(names):
        space = {}
        reads = ", ".join(f"v{source}" for source, reader in sorted(edges) if reader == number)
        exec(f"def s{7 - number}({reads}): return 1 + sum([{reads}])", space)
        stages.append(stage(writes=item)(space[f"s{7 - number}"]))
    graph = Graph(stages, targets=names)
    place = {name: position for position, name in enumerate(graph.miss_plan)}
    assert all(place[f"s{7 - source}"] < place[f"s{7 - reader}"] for source, reader in edges)
    paths = nx.DiGraph()
    paths.add_nodes_from(range(8))
    paths.add_edges_from(edges)
    expected = {}
    for number in range(8):
        expected[number] = 1 + sum(expected[source] for source in paths.predecessors(number))
    run = execute(graph, {})
    assert [run[f"v{number}"] for number in range(8)] == [expected[number] for number in range(8)]


def test_inserting_asks_for_what_no_one_reads():
    graph = sample_graph()
    longer = graph.insert(measure)
    assert graph.wanted == ("artifact", "checked")
    assert longer.wanted == ("artifact", "checked", "stats")
    assert longer.gated == ("count_letters", "lower", "measure", "put")
    assert execute(longer, call())["stats"] == {"length": 2}
    twice = longer.insert(stage(writes=note("summary"), name="sum_up")(lambda stats: sorted(stats)))
    assert twice.wanted == ("artifact", "checked", "summary")


def test_replacing_an_inserted_stage_drops_what_it_asked_for():
    other = stage(writes=note("other"), name="measure_other")(lambda text: 1)
    graph = sample_graph().insert(measure).replace(measure, other)
    assert graph.wanted == ("artifact", "checked", "other")
    assert "measure" not in graph.miss_plan


def test_replace_keeps_the_original():
    graph = sample_graph()
    shout = attrs.evolve(lower, fn=lambda text, count: text.upper() * count)
    louder = graph.replace("lower", shout)
    assert (graph["lower"], louder["lower"]) == (lower, shout)
    assert (execute(graph, call())["artifact"], execute(louder, call())["artifact"]) == ("ab x2 plain", "ABAB")


def test_replace_is_checked_whole():
    with pytest.raises(GraphError, match=r"'count', written by stage 'count_letters' .* is read by no stage"):
        sample_graph().replace("lower", attrs.evolve(lower, fn=lambda text: text))


@stage(writes=ARTIFACT, open_reads=True, name="lower")
def open_lower(text, count, declared):
    return text, dict(declared)


def test_open_reads_follow_what_is_declared():
    graph = sample_graph().replace("lower", open_lower)
    assert execute(graph, call())["artifact"] == ("ab", {})
    wide = graph.with_reads("lower", ["options", "count"])
    assert wide["lower"].reads == ("text", "count", "options")
    assert execute(wide, call(mode="x"))["artifact"] == ("ab", {"options": {"mode": "x"}, "count": 2})
    assert wide.with_reads("lower", [])["lower"].reads == ("text", "count")


def test_open_reads_are_checked_the_same_way():
    graph = sample_graph().replace("lower", open_lower)
    with pytest.raises(GraphError, match=r"`metadata -> lower -> artifact` is not covered by the key"):
        graph.with_reads("lower", ["metadata"])
    with pytest.raises(GraphError, match="Did you mean 'options'"):
        graph.with_reads("lower", ["option"])
    with pytest.raises(StageContractError, match="declare it with open_reads=True"):
        graph.with_reads("derive", ["text"])


def test_the_network_cannot_be_changed():
    network = sample_graph().network
    assert network.edges["extract", "lower"]["analyses"] == ("text",)
    assert network.edges["lookup", "put"]["analyses"] == network.edges["lower", "put"]["analyses"] == ("artifact",)
    assert network.nodes["input:source"]["kind"] == "input"
    assert network.nodes["lookup"]["kind"] == "gate"
    with pytest.raises(nx.NetworkXError):
        network.add_node("more")


def test_analyses_and_identity_are_views():
    graph = sample_graph()
    assert graph.analyses["text"] is TEXT
    assert set(graph.identities) == {item.name for item in STAGES}
    assert METADATA.name in graph.analyses


def test_a_graph_is_made_of_stages():
    with pytest.raises(StageContractError, match="decorate it with @stage"):
        Graph([len])
    with pytest.raises(StageContractError, match="decorate it with @stage"):
        sample_graph().insert(len)


def test_two_copies_of_one_stage_have_one_name():
    with pytest.raises(GraphError, match="The name 'measure' is taken by 2 stages"):
        sample_graph().insert(measure, measure)
