"""``override``: a value in the place of what computes it."""

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nqx_graph.errors import GraphError, StageContractError
from nqx_graph.graph import Graph, Report, StageFailure, describe, diff, execute, stage

from .sample import (
    ARTIFACT,
    CHECKED,
    COUNT,
    INPUTS,
    SOURCE,
    STATS,
    TEXT,
    call,
    count_letters,
    extract,
    lower,
    made,
    note,
    sample_graph,
)


def test_the_value_takes_the_place_of_the_stage():
    graph = sample_graph().override(count=7)
    assert graph.post_gate == ("override_count", "lower", "put")
    run = execute(graph, call())
    assert run["artifact"] == "ab x7 plain"
    assert Report(graph, run.record)["override_count"].sizes == {"count": "1 value"}
    assert execute(sample_graph(), call())["artifact"] == "ab x2 plain"


def test_what_only_that_stage_needed_is_not_run_either():
    graph = sample_graph().override(text="fixed")
    assert "extract" not in graph.miss_plan
    assert execute(graph, call())["artifact"] == "fixed x5 plain"
    chain = [made(f"s{n}", f"x{n}", note(f"x{n + 1}")) for n in range(4)]
    graph = Graph(chain, [note("x0")], [note("x4")]).override(x3=3)
    assert graph.miss_plan == ("override_x3", "s3")


def test_a_stage_with_another_output_still_runs_for_that():
    both = stage(writes=(TEXT, COUNT), name="extract", version="1")(lambda source: (source.strip(), len(source)))
    graph = Graph([both, lower], INPUTS, [ARTIFACT])
    fixed = graph.override(count=0)
    assert fixed.miss_plan == ("extract", "override_count", "lower")
    run = execute(fixed, call())
    assert run["artifact"] == "ab x0 plain"
    assert run.record._analyses == {"text": "ab", "count": 0, "artifact": "ab x0 plain"}
    assert [item.name for item in fixed["extract"].writes] == ["text"]
    assert (fixed["extract"].place, fixed["extract"].reads) == (both.place, ("source",))
    # neither is left
    assert graph.override(count=0, text="a").miss_plan == ("override_count", "override_text", "lower")


def test_a_stage_that_is_partly_overridden_is_held_to_its_declaration():
    both = stage(writes=(TEXT, COUNT), name="extract")(lambda source: (1, 2, 3))
    with pytest.raises(StageFailure) as caught:
        execute(Graph([both, lower], INPUTS, [ARTIFACT]).override(count=0), call())
    assert isinstance(caught.value.__cause__, StageContractError)
    assert "declares to write 'text', 'count', so that it returns a tuple of 2" in str(caught.value.__cause__)


def test_the_value_is_there_whenever_the_stage_would_have_run():
    graph = sample_graph().override(checked=False)
    assert "override_checked" in graph.hit_plan
    store = {}
    for outcome in ("miss", "hit"):
        run = execute(graph, call(store=store))
        assert (run.outcome, run["checked"]) == (outcome, False)
    assert "override_count" in sample_graph().override(count=1).gated


def test_what_a_hit_ran_it_still_runs():
    """Nobody needs `text` before the gate but `validate`; its digest is in the key, whatever becomes of `validate`."""
    graph = sample_graph().override(checked=True)
    assert graph.pre_gate == ("extract", "derive", "override_checked")
    assert graph.covered == sample_graph().covered
    assert graph.identities["extract"] == sample_graph().identities["extract"]


def test_what_is_inserted_and_fixed_stays_a_target():
    graph = sample_graph().insert(made("measure", "text", STATS)).override(stats={"n": 1})
    assert graph.wanted == ("artifact", "checked", "stats")
    assert execute(graph, call())["stats"] == {"n": 1}


def test_the_value_is_in_the_identity():
    graphs = [sample_graph(), *(sample_graph().override(count=count) for count in (2, 3, 3))]
    identities = [graph.identity for graph in graphs]
    assert len(set(identities)) == 3
    assert identities[2] == identities[3]
    assert graphs[1].identities["override_count"].portable
    # nor is a value of one analysis that of another
    text = note("other", int)
    pair = Graph([count_letters, made("other", "text", text)], [TEXT], [COUNT, text])
    assert pair.override(count=1).identity != pair.override(other=1).identity


def test_by_its_digest_then_as_plain_data_then_as_this_very_object():
    digest = attrs.evolve(CHECKED, type=object, digest=lambda value: str(value).lower().encode())
    check = stage(writes=digest, name="validate", always=True)(lambda text: True)
    stages = [check if item.name == "validate" else item for item in sample_graph().stages]
    graph = Graph(stages, INPUTS, [ARTIFACT, digest])
    assert graph.override(checked="YES").identity == graph.override(checked="yes").identity
    assert graph.override(checked="yes").identity != graph.override(checked="no").identity
    plain = Graph([made("m", "", note("value"))], [], [note("value")])
    assert plain.override(value=[1, (2.0, "x")]).identity == plain.override(value=[1, (2.0, "x")]).identity
    assert plain.override(value=[1]).identity != plain.override(value=(1,)).identity
    one, other = object(), object()
    assert plain.override(value=one).identity == plain.override(value=one).identity
    assert plain.override(value=one).identity != plain.override(value=other).identity
    assert not plain.override(value=one).identity.portable
    silent = note("value", object, lambda _: None)
    assert not Graph([made("m", "", silent)], [], [silent]).override(value=one).identity.portable


def test_plain_data_that_is_changed_later_changes_nothing():
    given = {"n": [1]}
    graph = Graph([made("m", "text", STATS)], [TEXT], [STATS]).override(stats=given)
    before = graph.identity
    given["n"].append(2)
    first = execute(graph, {"text": ""})["stats"]
    first["n"].append(3)
    assert execute(graph, {"text": ""})["stats"] == {"n": [1]}
    assert graph.identity == before


def test_editing_goes_on_after_an_override():
    graph = sample_graph().override(count=7)
    assert execute(graph.override(count=8), call())["artifact"] == "ab x8 plain"
    assert execute(graph.override(text="zz"), call())["artifact"] == "zz x7 plain"
    assert "count_letters" not in graph.insert(made("measure", "text", STATS)).miss_plan
    louder = attrs.evolve(lower, fn=lambda text, count: text * count)
    assert execute(graph.replace("lower", louder), call())["artifact"] == "ab" * 7
    # a stage that does not run any more is still there to be replaced
    assert graph["count_letters"] is count_letters
    assert graph.replace("count_letters", attrs.evolve(count_letters, version="2")).identity == graph.identity
    with pytest.raises(GraphError, match="The override of 'count' fixes what is not there"):
        graph.remove("count_letters")


def test_what_is_fixed_is_covered_by_being_in_the_key():
    """`source` has no digest; where only a fixed value would have come from it, nothing of it crosses."""
    reading = attrs.evolve(lower, fn=lambda text, count, options, extra: "")
    making = stage(writes=note("extra"), name="make")(lambda source: source)
    with pytest.raises(GraphError, match="`source -> make -> lower -> artifact` is not covered"):
        sample_graph().insert(making).replace("lower", reading)
    stages = [*(item for item in sample_graph().stages if item is not lower), reading, making]
    base = sample_graph()
    graph = Graph(stages, base.inputs, base.targets, overrides={"extra": 1})
    assert graph.covered == ("options", "text")


def test_a_name_that_is_taken():
    graph = sample_graph().insert(made("override_count", "text", STATS)).override(count=1)
    assert {"override_count", "override_count_"} <= {*graph.miss_plan}


def test_orders_of_stages_that_do_not_run_are_dropped():
    late = made("log", "text", STATS, after=("count_letters", "reads its log"))
    graph = sample_graph().insert(late).override(count=1)
    assert ("count_letters", "log") not in graph.network.edges
    assert execute(graph, call())["artifact"] == "ab x1 plain"


def test_an_override_shows():
    graph = sample_graph().override(count=1)
    assert "override_count" in describe(graph)
    assert diff(sample_graph(), graph).added == ("override_count",)
    assert diff(sample_graph(), graph).removed == ("count_letters",)
    assert [str(diff(graph, graph.override(count=2)))] == ["~ stage override_count: other value"]
    assert Graph([extract], [SOURCE], [TEXT]).override(text="").network.nodes["override_text"]["kind"] == "stage"


@pytest.mark.parametrize(
    ("kind", "value", "fits"),
    [(int, True, True), (float, 1, True), (int, 1.0, False), (int | None, None, True), (dict[str, int], {}, True)],
)
def test_the_type_of_the_value(kind, value, fits):
    graph = Graph([made("m", "", note("value", kind))], [], [note("value", kind)])
    if fits:
        assert execute(graph.override(value=value), {})["value"] == value
    else:
        with pytest.raises(GraphError, match="Give a value as that stage would"):
            graph.override(value=value)


def test_several_wrong_overrides_are_one_error():
    with pytest.raises(GraphError) as caught:
        sample_graph().override(count="x", txt=1, options={}, artifact="y", key=1)
    assert [fault.kind for fault in caught.value.faults] == [
        "unknown override", "fixed input", "fixed key", "fixed supply", "wrong value",
    ]  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(
    edges=st.sets(st.tuples(st.integers(0, 6), st.integers(0, 6)).filter(lambda edge: edge[0] < edge[1])),
    fixed=st.dictionaries(st.integers(0, 6), st.integers(-9, -1), max_size=4),
    targets=st.sets(st.integers(0, 6), min_size=1),
)
def test_what_runs_is_what_is_needed_and_gives_the_values_it_should(edges, fixed, targets):
    """Each stage adds up what it reads; stages that write two things write a sum and the negative sum."""
    reads = {number: sorted(source for source, reader in edges if reader == number) for number in range(7)}
    stages = []
    for number in range(7):
        names = ", ".join(f"v{source}" for source in reads[number])
        space: dict = {}
        exec(f"def s{number}({names}): return 1 + sum([{names}]), 0", space)
        stages.append(stage(writes=(note(f"v{number}", int), note(f"w{number}", int)))(space[f"s{number}"]))
    inserted = [f"s{number}" for number in range(7)]
    graph = Graph(stages, inserted=inserted)
    expected = {}
    for number in range(7):
        expected[number] = fixed.get(number, 1 + sum(expected[source] for source in reads[number]))
    half = graph.override(**{f"v{number}": value for number, value in fixed.items()})
    run = execute(half, {})
    assert {number: run[f"v{number}"] for number in range(7)} == expected
    # with the second output fixed as well, only what leads to the targets is left
    read = {source for source, _ in edges}
    whole = attrs.evolve(
        graph,
        inserted=(),
        targets=[note(f"v{n}", int) for n in {*targets, *({*range(7)} - read)}]
        + [note(f"w{n}", int) for n in range(7)],
    )
    lean = whole.override(**{f"w{n}": 0 for n in range(7)}, **{f"v{n}": value for n, value in fixed.items()})
    needed, waiting = set(), [*targets, *({*range(7)} - read)]
    while waiting:
        number = waiting.pop()
        if number not in needed:
            needed.add(number)
            waiting += [] if number in fixed else reads[number]
    ran = {name for name in lean.miss_plan if not name.startswith("override_w")}
    assert ran == {f"override_v{n}" if n in fixed else f"s{n}" for n in needed}
    values = execute(lean, {})
    assert all(values[f"v{number}"] == expected[number] for number in needed)
