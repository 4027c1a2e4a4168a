"""``remove`` and ``replace_input``; ``insert`` and ``replace`` are tested with the graph."""

import attrs
import pytest

from nqx_graph.errors import GraphError
from nqx_graph.graph import Graph, diff, execute, stage

from .sample import (
    COUNT,
    METADATA,
    OPTIONS,
    STATS,
    TEXT,
    call,
    count_letters,
    derive,
    lookup,
    lower,
    made,
    note,
    put,
    sample_graph,
    validate,
)


def kinds(build):
    with pytest.raises(GraphError) as caught:
        build()
    return [fault.kind for fault in caught.value.faults]


def test_removing_a_stage_leaves_the_original():
    graph = sample_graph()
    assert graph.remove("put").miss_plan == ("extract", "derive", "validate", "lookup", "count_letters", "lower")
    assert "put" in graph.miss_plan
    assert execute(graph.remove(put), call())["artifact"] == "ab x2 plain"


def test_removing_several_that_need_one_another():
    graph = sample_graph().remove("lookup", derive, "put")
    assert (graph.gate, graph.gated, graph.covered) == (None, (), ())
    assert execute(graph, call())["artifact"] == "ab x2 plain"
    assert graph.remove() is not graph
    assert not diff(graph, graph.remove())


def test_what_others_need_stays_needed():
    assert kinds(lambda: sample_graph().remove("count_letters")) == ["unknown read"]
    # without it the text, which has a digest, is not made before the gate
    assert kinds(lambda: sample_graph().remove(validate)) == ["unreachable target", "uncovered"]


def test_removing_what_was_inserted_takes_back_what_it_asked_for():
    graph = sample_graph().insert(made("measure", "text", STATS))
    assert graph.wanted == ("artifact", "checked", "stats")
    again = graph.remove("measure")
    assert again.wanted == ("artifact", "checked")
    assert not diff(again, sample_graph())
    # its name is free again for a stage whose outputs no one asked for
    assert kinds(lambda: Graph([*again.stages, made("measure", "text", STATS)], again.inputs, again.targets)) == [
        "unread output"
    ]


def test_removing_what_is_not_there():
    with pytest.raises(GraphError, match=r"There is no stage 'lowr'\. Did you mean 'lower'"):
        sample_graph().remove("lowr")


def test_an_input_with_a_digest_in_the_place_of_one_without():
    covered = attrs.evolve(METADATA, digest=lambda value: repr(value).encode())
    graph = sample_graph().replace_input(covered)
    assert graph.analyses["metadata"] is covered
    assert graph.covered == ("options", "text")
    tagged = stage(writes=lower.writes, name="lower")(lambda text, count, options, metadata: f"{text} {metadata}")
    assert graph.replace("lower", tagged).covered == ("metadata", "options", "text")
    assert kinds(lambda: sample_graph().replace("lower", tagged)) == ["uncovered"]


def test_an_input_that_is_a_target_as_well():
    graph = Graph([count_letters], [TEXT], [COUNT, TEXT]).replace_input(note("text", str, repr))
    assert [item.digest for item in (*graph.inputs, *graph.targets)] == [repr, None, repr]


def test_replacing_an_input_is_checked_whole():
    assert kinds(lambda: sample_graph().replace_input(attrs.evolve(OPTIONS, digest=None))) == ["uncovered"]
    typed = stage(name="put")(annotated)
    with pytest.raises(GraphError, match=r"'metadata' is annotated dict in stage 'put' .* the analysis is a str"):
        sample_graph().replace("put", typed).replace_input(note("metadata", str))


def annotated(artifact, key, store, metadata: dict):
    return None


def test_a_gate_without_its_store_stage():
    graph = sample_graph().remove("put")
    assert [execute(graph, call(store={})).outcome for _ in range(2)] == ["miss", "miss"]
    assert graph[lookup.name] is lookup
