import attrs
import pytest

from nqx_graph.errors import GraphError
from nqx_graph.graph import MISS, Graph, execute, stage

from .sample import (
    ARTIFACT,
    COUNT,
    INPUTS,
    KEY,
    METADATA,
    OPTIONS,
    STAGES,
    STATS,
    TARGETS,
    TEXT,
    call,
    derive,
    extract,
    lookup,
    lower,
    note,
    put,
    sample_graph,
    validate,
)


def messages(build):
    with pytest.raises(GraphError) as caught:
        build()
    return [fault.message for fault in caught.value.faults]


def kinds(build):
    with pytest.raises(GraphError) as caught:
        build()
    return [fault.kind for fault in caught.value.faults]


def with_digest(graph, analysis, digest):
    return graph.replace_input(attrs.evolve(analysis, digest=digest))


tagged = attrs.evolve(lower, fn=lambda text, count, options, metadata: f"{text} {metadata}")


def test_what_crosses_with_a_digest_is_covered():
    assert sample_graph().covered == ("options", "text")


def test_a_value_that_crosses_uncovered_names_its_path_and_the_mend():
    assert messages(lambda: sample_graph().replace("lower", tagged)) == [
        "`metadata -> lower -> artifact` is not covered by the key: give Analysis('metadata') a digest=, with "
        "replace_input(), or one to what a stage marked always=True makes of it, or do not read it in stage 'lower' "
        f"({tagged.place})."
    ]


def test_the_path_goes_through_every_stage_behind_the_gate():
    counting = stage(writes=COUNT, name="count_letters")(lambda text, metadata: 1)
    (message,) = messages(lambda: sample_graph().replace("count_letters", counting))
    assert message.startswith("`metadata -> count_letters -> lower -> artifact` is not covered")


def test_the_path_goes_through_the_stages_before_the_gate():
    checking = stage(writes=validate.writes, always=True, name="validate")(lambda text, metadata: True)
    reading = attrs.evolve(lower, fn=lambda text, count, options, checked: "")
    graph = sample_graph().replace("validate", checking)
    (message,) = messages(lambda: graph.replace("lower", reading))
    assert message.startswith("`metadata -> validate -> lower -> artifact` is not covered")


def test_a_digest_mends_it():
    graph = with_digest(sample_graph(), METADATA, lambda value: repr(value).encode()).replace("lower", tagged)
    assert graph.covered == ("metadata", "options", "text")
    store = {}
    inputs = call(store=store)
    runs = [execute(graph, inputs | {"metadata": {"tag": tag}}) for tag in (1, 2, 1)]
    assert [run.outcome for run in runs] == ["miss", "miss", "hit"]
    assert [run["artifact"] for run in runs] == ["ab {'tag': 1}", "ab {'tag': 2}", "ab {'tag': 1}"]


def test_what_is_computed_from_covered_values_needs_no_digest():
    reading = attrs.evolve(lower, fn=lambda text, count, options, checked: "")
    assert sample_graph().replace("lower", reading).covered == ("options", "text")


def test_an_intermediate_digest_covers_what_comes_after_it():
    words = note("words", tuple)
    split = stage(writes=words, always=True, name="split")(lambda text: tuple(text.split()))
    reading = attrs.evolve(lower, fn=lambda words, count, options: " ".join(words))
    counting = stage(writes=COUNT, name="count_letters")(lambda words: len(words))
    graph = Graph([extract, validate, derive, lookup, put, split, reading, counting], INPUTS, TARGETS)
    # `words` crosses and has no digest; `text`, which it is made of, has one, although it does not cross.
    assert graph.covered == ("options", "text")
    store = {}
    assert [execute(graph, call(source, store)).outcome for source in ("a b", "a c", "a b")] == ["miss", "miss", "hit"]


def test_the_key_waits_for_every_digest():
    late = note("zz", str, str.encode)
    make = stage(writes=late, always=True, name="zz_last")(lambda source: source * 2)
    graph = sample_graph().insert(make)
    assert graph.pre_gate == ("extract", "derive", "validate", "zz_last")
    reading = attrs.evolve(lower, fn=lambda text, count, options, zz: zz)
    assert graph.replace("lower", reading).pre_gate == ("extract", "validate", "zz_last", "derive")


def test_the_key_itself_may_cross():
    keyed = attrs.evolve(lower, fn=lambda text, count, options, key: f"{text} {key[0][0]}")
    graph = sample_graph().replace("lower", keyed)
    assert graph.covered == ("options", "text")
    assert execute(graph, call())["artifact"] == "ab options"


def test_a_key_made_of_uncovered_values_may_not_cross():
    careless = stage(writes=KEY, covered=True, name="derive")(lambda options, metadata, covered: 1)
    assert sample_graph().replace("derive", careless).covered == ("options", "text")
    keyed = attrs.evolve(lower, fn=lambda text, count, options, key: "")
    (message,) = messages(lambda: sample_graph().replace("derive", careless).replace("lower", keyed))
    assert message.startswith("`metadata -> derive -> lower -> artifact` is not covered")


def test_behind_the_supplied_value_anything_may_be_read():
    reading = stage(name="put")(lambda artifact, key, store, metadata: None)
    assert sample_graph().replace("put", reading).covered == ("options", "text")
    reporting = stage(writes=STATS, name="tell")(lambda text, metadata: metadata)
    assert sample_graph().insert(reporting).covered == ("options", "text")


def test_every_uncovered_value_has_a_fault():
    reading = attrs.evolve(lower, fn=lambda source, text, count, options, metadata: "")
    found = messages(lambda: sample_graph().replace("lower", reading))
    assert [message.partition("`")[2].partition("`")[0] for message in found] == [
        "metadata -> lower -> artifact",
        "source -> lower -> artifact",
    ]


def test_a_gate_needs_a_key_that_covers():
    blind = stage(writes=KEY, name="derive")(lambda options: 1)
    assert messages(lambda: sample_graph().replace("derive", blind)) == [
        f"What crosses the gate, stage 'lookup' ({lookup.place}), is not covered by the key (`options` and `text`), "
        "because no stage receives the digests. Declare the stage that makes the key with covered=True and a "
        "parameter 'covered'."
    ]


def test_a_gate_that_nothing_crosses_needs_no_key():
    constant = stage(writes=ARTIFACT, name="make")(lambda: "constant")
    gate = stage(supplies=ARTIFACT, name="gate")(lambda: MISS)
    graph = Graph([gate, constant], targets=[ARTIFACT])
    assert (graph.covered, execute(graph, {})["artifact"]) == ((), "constant")


def test_the_gate_depends_on_the_key():
    careless = stage(supplies=ARTIFACT, name="lookup")(lambda store: MISS)
    assert kinds(lambda: sample_graph().replace("lookup", careless)) == ["unused key"]


def test_two_gates_and_two_keys():
    gate, key = attrs.evolve(lookup, name="more"), attrs.evolve(derive, name="again", writes=(note("key_2"),))
    assert kinds(lambda: sample_graph().insert(gate, key)) == ["two gates", "two keys"]
    (message,) = messages(lambda: sample_graph().insert(gate))
    assert message == (
        f"There are 2 gates: stage 'lookup' ({lookup.place}) and stage 'more' ({lookup.place}). Remove all but one."
    )


def test_a_gate_supplies_what_a_miss_makes():
    gate = stage(supplies=note("unmade"), name="lookup")(lambda: MISS)
    assert messages(lambda: Graph([gate], [TEXT], [TEXT])) == [
        f"The gate, stage 'lookup' ({gate.place}), supplies 'unmade', which no stage makes on a miss. Insert a stage "
        "that writes it."
    ]


def test_a_gate_supplies_what_a_hit_does_not_make():
    eager = attrs.evolve(lower, always=True)
    assert kinds(lambda: sample_graph().replace("lower", eager)) == ["idle gate"]


def test_without_a_gate_nothing_has_to_be_covered():
    key_only = Graph([derive], [OPTIONS], [KEY])
    assert (key_only.covered, execute(key_only, {"options": {}})["key"]) == ((), ())


def test_soundness_is_reported_with_the_other_faults():
    stages = [*(item for item in STAGES if item is not lower), tagged, stage(writes=STATS, name="spare")(lambda: {})]
    assert kinds(lambda: Graph(stages, INPUTS, TARGETS)) == ["unread output", "uncovered"]
