"""``diff``: what a second graph has that a first has not."""

import re

import attrs
import pytest

from nqx_graph.graph import Difference, Graph, diff, stage

from .sample import (
    COUNT,
    INPUTS,
    METADATA,
    STAGES,
    STATS,
    TARGETS,
    count_letters,
    derive,
    extract,
    lower,
    made,
    note,
    sample_graph,
)


def lines(first, second):
    return re.sub(r"[^\s(]*?(\w+\.py):\d+", r"\1:#", str(diff(first, second))).splitlines()


def test_equal_graphs():
    graph = sample_graph()
    same = Graph(STAGES[::-1], INPUTS[::-1], TARGETS[::-1])
    assert not diff(graph, same)
    assert str(diff(graph, same)) == "no difference"
    assert diff(graph, graph) == diff(graph, same)
    assert isinstance(diff(graph, same), Difference)


def test_an_inserted_stage():
    graph = sample_graph().insert(made("measure", "text", STATS))
    assert lines(sample_graph(), graph) == [
        "+ stage measure",
        "+ edge extract -[text]-> measure",
        "+ analysis stats",
        "+ target stats",
    ]
    assert [line.replace("-", "+", 1) for line in lines(graph, sample_graph())] == lines(sample_graph(), graph)
    found = diff(sample_graph(), graph)
    assert (found.added, found.removed, found.edges.added) == (("measure",), (), ("extract -[text]-> measure",))
    assert bool(found)


def test_a_stage_that_moves_across_the_gate():
    graph = sample_graph().insert(made("audit", "count", STATS, always=True))
    assert lines(sample_graph(), graph)[:2] == [
        "+ stage audit",
        "> stage count_letters: behind the gate -> before the gate",
    ]
    late = attrs.evolve(STAGES[1], after=("lookup", "is slow"))
    assert lines(sample_graph(), sample_graph().replace("validate", late)) == [
        "~ stage validate: after +lookup (is slow)",
        "> stage validate: before the gate -> behind the gate, on hits too",
        "+ edge lookup -[after: is slow]-> validate",
    ]


def test_what_the_key_covers():
    covered = sample_graph().replace_input(attrs.evolve(METADATA, digest=lambda value: repr(value).encode()))
    tagged = stage(writes=lower.writes, name="lower")(lambda text, count, options, metadata: f"{text} {metadata}")
    assert lines(sample_graph(), covered.replace("lower", tagged)) == [
        "~ stage lower: reads +metadata, other code (sample.py:# -> test_diff.py:#)",
        "+ edge input:metadata -[metadata]-> lower",
        "~ analysis metadata: other digest",
        "+ in the key: metadata",
    ]


def test_the_gate_that_goes():
    assert lines(sample_graph(), sample_graph().remove("lookup"))[:4] == [
        "- stage lookup",
        "> stage count_letters: behind the gate -> no gate",
        "> stage derive: before the gate -> no gate",
        "> stage extract: before the gate -> no gate",
    ]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"version": "2"}, "version None -> '2'"),
        ({"options": {"b": 2}}, "option b none -> 2"),
        ({"fn": lambda text: len(text)}, "other code (sample.py:# -> test_diff.py:#)"),
        ({"before": ("put", "why")}, "before +put (why)"),
        ({"writes": (COUNT, STATS)}, "writes +stats"),
    ],
)
def test_how_a_stage_changed(changes, said):
    put = made("put", "", ())
    first = Graph([extract, count_letters, put], INPUTS, [COUNT])
    second = Graph(
        [extract, attrs.evolve(count_letters, **changes), put], INPUTS, [COUNT, *changes.get("writes", ())[1:]]
    )
    assert f"~ stage count_letters: {said}" in lines(first, second)


def test_options_that_change():
    graphs = [
        sample_graph().replace("lower", attrs.evolve(lower, options=options))
        for options in ({"a": 1, "b": 1}, {"a": 2, "c": 1})
    ]
    assert lines(*graphs) == ["~ stage lower: option a 1 -> 2, option b 1 -> none, option c none -> 1"]


def test_with_a_version_the_author_says_what_is_the_same():
    one, other = (attrs.evolve(lower, fn=fn, version="1") for fn in (lambda text, count: 1, lambda text, count: 2))
    assert not diff(sample_graph().replace("lower", one), sample_graph().replace("lower", other))
    newer = attrs.evolve(other, version="2")
    assert lines(sample_graph().replace("lower", one), sample_graph().replace("lower", newer)) == [
        "~ stage lower: version '1' -> '2'"
    ]


def test_other_declarations():
    count = attrs.evolve(COUNT, doc="Another sentence.")
    other = sample_graph().replace("count_letters", attrs.evolve(count_letters, writes=(count,)))
    assert lines(sample_graph(), other) == ["~ analysis count: other doc"]
    typed = (
        sample_graph().insert(made("m", "text", note("n", int))),
        sample_graph().insert(made("m", "text", note("n"))),
    )
    assert "~ analysis n: other type" in lines(*typed)
    gone = sample_graph().replace("derive", attrs.evolve(derive, always=True))
    assert lines(sample_graph(), gone) == ["~ stage derive: always False -> True"]
