"""``before=`` and ``after=``: what they order, what they do not, and where the gate comes in."""

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nqx_graph.errors import GraphError, StageContractError
from nqx_graph.graph import Graph, describe, execute, stage

from .sample import COUNT, KEY, STATS, call, count_letters, derive, lower, made, note, sample_graph, validate


def kinds(build):
    with pytest.raises(GraphError) as caught:
        build()
    return [fault.kind for fault in caught.value.faults]


def log(name="log", reads="text", **declaration):
    return made(name, reads, note(name), **declaration)


def test_a_wait_orders_two_stages_that_share_nothing():
    graph = sample_graph()
    assert graph.insert(log("a_log")).post_gate == ("a_log", "count_letters", "lower", "put")
    late = log("a_log", after=("lower", "reads its log"))
    assert graph.insert(late).post_gate == ("count_letters", "lower", "a_log", "put")
    early = log("z_log", before=("count_letters", "opens the log"))
    assert graph.insert(early).post_gate == ("z_log", "count_letters", "lower", "put")


def test_a_stage_may_be_named_by_itself_and_there_may_be_several():
    late = log("a_log", after=[(lower, "reads its log"), ("put", "reads the store")])
    assert [(wait.stage, wait.reason) for wait in late.after] == [
        ("lower", "reads its log"),
        ("put", "reads the store"),
    ]
    assert sample_graph().insert(late).post_gate == ("count_letters", "lower", "put", "a_log")
    assert attrs.evolve(late).after == late.after


@pytest.mark.parametrize("given", ["lower", lower, ("lower",), ("lower", ""), ("lower", " "), (1, "why"), [("lower",)]])
@pytest.mark.parametrize("word", ["before", "after"])
def test_the_reason_is_written_down(word, given):
    with pytest.raises(
        StageContractError, match=rf"{word}= takes another stage and the reason .*{word}=\('name', 'why'"
    ):
        log(**{word: given})


def test_the_picture_shows_the_reason():
    graph = sample_graph().insert(log(after=("lower", "reads its log"), before=("put", "the log is stored")))
    assert graph.network.edges["lower", "log"] == {"analyses": (), "waits": ("after: reads its log",)}
    assert graph.network.edges["log", "put"]["waits"] == ("before: the log is stored",)
    assert graph.network.edges["lower", "put"]["waits"] == ()
    text = " ".join(describe(graph).split())
    for part in ("before put: the log", "after lower: reads"):
        assert part in text, text
    assert "reads its log" in graph.draw("dot")


def test_an_order_runs_nothing_on_a_hit():
    graph = sample_graph().insert(log(after=("validate", "reads its log")))
    assert graph.hit_plan == sample_graph().hit_plan
    assert "log" in graph.gated


def test_what_always_runs_waits_behind_the_gate_for_what_a_hit_skips():
    audit = log("audit", always=True, after=("lower", "reads its log"))
    graph = sample_graph().insert(audit)
    assert graph.hit_plan == ("extract", "derive", "validate", "lookup", "audit")
    assert graph.post_gate == ("count_letters", "lower", "audit", "put")
    store = {}
    for outcome in ("miss", "hit"):
        run = execute(graph, call(store=store))
        assert (run.outcome, "audit" in run.record._analyses) == (outcome, True)


def test_what_reads_of_it_is_behind_the_gate_as_well():
    audit = log("audit", always=True, after=("lower", "reads its log"))
    total = log("total", "audit", always=True)
    assert sample_graph().insert(audit, total).hit_plan[-3:] == ("lookup", "audit", "total")


def test_what_the_gate_waits_for_runs_before_it():
    """The one case in which an order makes a stage run on hits: it has to be done before anyone knows of a hit."""
    warm = log("warm", before=("lookup", "opens the store"))
    graph = sample_graph().insert(warm)
    assert graph.pre_gate == ("extract", "derive", "validate", "warm")
    first = log("first", "count", before=("derive", "sets the alphabet"))
    graph = sample_graph().insert(first)
    assert graph.pre_gate == ("extract", "count_letters", "first", "derive", "validate")
    assert graph.gated == ("lower", "put")
    chain = (log("one", before=("two", "first things first")), log("two", before=("lookup", "opens the store")))
    assert sample_graph().insert(*chain).pre_gate == ("extract", "derive", "one", "two", "validate")


def test_what_cannot_run_before_the_gate_is_refused_with_the_reason():
    reader = log("reader", "artifact", before=("lookup", "fills the store"))
    with pytest.raises(GraphError) as caught:
        sample_graph().insert(reader)
    (fault,) = caught.value.faults
    assert fault.kind == "cycle"
    assert fault.message.startswith("lookup -[artifact]-> reader -[before: fills the store]-> lookup is a circle")
    forced = attrs.evolve(lower, before=("lookup", "is quick"))
    assert kinds(lambda: sample_graph().replace("lower", forced)) == ["idle gate"]
    behind = attrs.evolve(validate, after=("lookup", "is slow"))
    assert sample_graph().replace("validate", behind).hit_plan == ("extract", "derive", "lookup", "validate")
    needed = attrs.evolve(derive, after=("lower", "is slow"))
    assert "idle gate" in kinds(lambda: sample_graph().replace("derive", needed))


def test_a_circle_of_orders_alone():
    stages = [log("a", "", before=("b", "one")), log("b", "", before=("a", "two"))]
    with pytest.raises(GraphError, match=r"a -\[before: one\]-> b -\[before: two\]-> a is a circle"):
        Graph(stages, targets=[note("a"), note("b")])
    with pytest.raises(GraphError, match=r"a -\[after: itself\]-> a is a circle"):
        Graph([log("a", "", after=("a", "itself"))], targets=[note("a")])


def test_an_order_says_that_something_flows_so_the_key_has_to_cover_it():
    uncovered = log("prepare", "metadata", before=("count_letters", "sets the alphabet"))
    with pytest.raises(GraphError, match="`metadata -> prepare -> count_letters -> lower -> artifact` is not covered"):
        sample_graph().insert(uncovered)
    covered = log("prepare", "options", before=("count_letters", "sets the alphabet"))
    assert sample_graph().insert(covered).covered == ("options", "text")
    early = log("prepare", "metadata", always=True, before=("count_letters", "sets the alphabet"))
    with pytest.raises(GraphError, match="`metadata -> prepare -> count_letters -> lower -> artifact` is not covered"):
        sample_graph().insert(early)
    chain = (log("one", "metadata", always=True, before=("two", "why")), log("two", always=True, before=(lower, "why")))
    with pytest.raises(GraphError, match="`metadata -> one -> two -> lower -> artifact` is not covered"):
        sample_graph().insert(*chain)
    assert sample_graph().insert(log("after", "metadata", after=("lower", "reads its log"))).gated


def test_a_digest_that_comes_too_late_for_the_key_covers_nothing():
    """`late` has a digest, but an order puts it behind the gate: its value is followed back to what it is made of."""
    late = attrs.evolve(COUNT, digest=lambda count: str(count).encode())
    counting = attrs.evolve(count_letters, writes=(late,), always=True)
    graph = sample_graph().replace("count_letters", counting)
    assert graph.covered == ("count", "options", "text")
    moved = attrs.evolve(counting, after=("lookup", "waits for the lock"))
    graph = sample_graph().replace("count_letters", moved)
    assert graph.covered == ("options", "text")
    assert graph.hit_plan == ("extract", "derive", "validate", "lookup", "count_letters")
    after_key = attrs.evolve(counting, after=("derive", "waits for the lock"))
    graph = sample_graph().replace("count_letters", after_key)
    assert (graph.covered, graph.pre_gate) == (("options", "text"), ("extract", "derive", "count_letters", "validate"))


def test_the_names_are_part_of_the_identity_and_the_reason_is_not():
    plain, first, second = (
        log(version="1", **given) for given in ({}, AFTER_LOWER, {"after": ("lower", "other words")})
    )
    identities = [sample_graph().insert(item).identities["log"] for item in (plain, first, second)]
    assert identities[0] != identities[1] == identities[2]


AFTER_LOWER = {"after": ("lower", "reads its log")}


@settings(max_examples=60, deadline=None)
@given(
    orders=st.lists(
        st.tuples(st.integers(0, 9), st.integers(0, 9)).filter(lambda pair: pair[0] != pair[1]), max_size=6
    ),
    always=st.sets(st.integers(7, 9)),
)
def test_every_order_holds_in_every_plan_or_the_graph_is_refused(orders, always):
    names = ["extract", "validate", "derive", "lookup", "count_letters", "lower", "put", "x", "y", "z"]
    stages = [*sample_graph().stages, *(log(name, always=place in always) for place, name in enumerate("xyz", 7))]
    by_name = {item.name: item for item in stages}
    for earlier, later in orders:
        item = by_name[names[earlier]]
        by_name[item.name] = attrs.evolve(item, before=(*item.before, (names[later], "drawn")))
    base = sample_graph()
    try:
        graph = Graph(by_name.values(), base.inputs, base.targets, inserted="xyz")
    except GraphError as error:
        assert {fault.kind for fault in error.faults} <= {"cycle", "idle gate", "uncovered"}
        return
    assert set(graph.miss_plan) == set(names)
    for plan in (graph.hit_plan, graph.miss_plan):
        for earlier, later in orders:
            if {names[earlier], names[later]} <= {*plan}:
                assert plan.index(names[earlier]) < plan.index(names[later])
    store = {}
    assert [execute(graph, call(store=store)).outcome for _ in range(2)] == ["miss", "hit"]


def test_an_order_without_a_gate():
    stages = [made("a", "", STATS, after=("b", "why")), made("b", "", KEY)]
    assert Graph(stages, targets=[STATS, KEY]).miss_plan == ("b", "a")
    assert stage(writes=STATS, after=("b", "why"), name="c")(lambda: 1).after == (("b", "why"),)
