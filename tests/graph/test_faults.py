"""Every kind of fault, word for word: the stage, its file and line, and the mend."""

import random
import re

import attrs
import pytest

from nqx_graph.errors import GraphError
from nqx_graph.graph import KINDS, MISS, Fault, Graph, stage

from .sample import (
    ARTIFACT,
    COUNT,
    INPUTS,
    KEY,
    OPTIONS,
    SOURCE,
    STAGES,
    STATS,
    TARGETS,
    TEXT,
    derive,
    extract,
    lookup,
    lower,
    made,
    note,
    renamed,
    sample_graph,
)

A, B, C = note("a"), note("b"), note("c")


def told(build):
    """Each fault as its kind and its text, files without their folders and lines as #."""
    with pytest.raises(GraphError) as caught:
        build()
    return [
        (fault.kind, re.sub(r"[^\s(]*?([\w<>]+(?:\.py)?):\d+", r"\1:#", fault.message)) for fault in caught.value.faults
    ]


def faults_of(stages, inputs=(), targets=()):
    return told(lambda: Graph(stages, inputs, targets))


@stage(writes=COUNT)
def measure(source: dict, options: object) -> int:
    return 1


@stage(writes=ARTIFACT, name="lower")
def tagging(text, count, options, metadata):
    return f"{text} {metadata}"


def failing(value):
    raise ValueError("no digest today")


GOLDEN = {
    "same name": (
        lambda: Graph([extract, made("extract", "", A)], [SOURCE], [TEXT, A]),
        "The name 'extract' is taken by 2 stages, at sample.py:# and sample.py:#. Give each its own with name=, or put "
        "one in the other's place with replace().",
    ),
    "two writers": (
        lambda: Graph([extract, renamed(extract, "other")], [SOURCE], [TEXT]),
        "'text' is written by stage 'extract' (sample.py:#) and stage 'other' (sample.py:#). Keep one writer, or let "
        "the other write an analysis of its own.",
    ),
    "two meanings": (
        lambda: Graph([made("s", "", A)], targets=[note("a", int)]),
        "'a' is declared in 2 ways, by stage 's' (sample.py:#) and targets=. Define the analysis once and import it, or "
        "rename one.",
    ),
    "unknown read": (
        lambda: Graph([made("s", "optoins", A)], [OPTIONS], [A]),
        "'optoins' is read by stage 's' (sample.py:#), but no stage writes it and no call gives it. Did you mean "
        "'options'? Rename the parameter, insert a stage that writes it, or add it to inputs=.",
    ),
    "wrong annotation": (
        lambda: Graph([measure], [SOURCE, OPTIONS], [COUNT]),
        "'source' is annotated dict in stage 'measure' (test_faults.py:#), but the analysis is a str. Annotate the "
        "parameter with the type of the analysis.",
    ),
    "unread output": (
        lambda: Graph([made("s", "", (A, B))], targets=[A]),
        "'b', written by stage 's' (sample.py:#), is read by no stage and no one asked for it. Add it to targets=, add "
        "the stage with insert(), or drop it from writes=.",
    ),
    "unreachable target": (
        lambda: Graph([made("s", "", COUNT)], targets=[COUNT, note("counts")]),
        "The target 'counts' cannot be reached: no stage writes it and no call gives it. Did you mean 'count'? Insert a "
        "stage that writes it, or drop it from targets=.",
    ),
    "unknown wait": (
        lambda: sample_graph().insert(made("late", "text", STATS, after=("lowr", "reads its log"))),
        "after=('lowr', 'reads its log') of stage 'late' (sample.py:#) names no stage of the graph. Did you mean "
        "'lower'? Name one of the stages, or drop the after=.",
    ),
    "unknown override": (
        lambda: sample_graph().override(conut=1),
        "The override of 'conut' fixes what is not there: no stage writes it. Did you mean 'count'? Name an analysis "
        "that a stage of the graph writes.",
    ),
    "fixed input": (
        lambda: sample_graph().override(options={}),
        "The override of 'options' fixes what each call gives. Give the value to the call instead.",
    ),
    "fixed key": (
        lambda: sample_graph().override(key=()),
        "The override of 'key' fixes the key that stage 'derive' (sample.py:#) derives, so that all artifacts would "
        "share it. Remove the gate to run without a cache, or replace the stage.",
    ),
    "fixed supply": (
        lambda: sample_graph().override(artifact="fixed"),
        "The override of 'artifact' fixes what the gate, stage 'lookup' (sample.py:#), supplies, so that a hit would "
        "undo it. Override what it is made of, or remove the gate as well.",
    ),
    "wrong value": (
        lambda: sample_graph().override(count="three"),
        "The override of 'count' is a str, but the analysis, written by stage 'count_letters' (sample.py:#), is a int. "
        "Give a value as that stage would.",
    ),
    "cycle": (
        lambda: Graph([made("lower", "fused", ARTIFACT), made("fuse", "artifact", note("fused"))]),
        "fuse -[fused]-> lower -[artifact]-> fuse is a circle, so no stage of it can be first (fuse sample.py:#, lower "
        "sample.py:#). Let one of them read something else, or split it in two.",
    ),
    "two gates": (
        lambda: sample_graph().insert(renamed(lookup, "more")),
        "There are 2 gates: stage 'lookup' (sample.py:#) and stage 'more' (sample.py:#). Remove all but one.",
    ),
    "two keys": (
        lambda: sample_graph().insert(attrs.evolve(derive, name="again", writes=(note("key_2"),))),
        "There are 2 key derivations (covered=True): stage 'again' (sample.py:#) and stage 'derive' (sample.py:#). "
        "Remove all but one.",
    ),
    "empty gate": (
        lambda: Graph([stage(supplies=A, name="gate")(lambda: MISS)], [TEXT], [TEXT]),
        "The gate, stage 'gate' (test_faults.py:#), supplies 'a', which no stage makes on a miss. Insert a stage that "
        "writes it.",
    ),
    "idle gate": (
        lambda: sample_graph().replace("lower", attrs.evolve(lower, always=True)),
        "The gate, stage 'lookup' (sample.py:#), supplies 'artifact', but stage 'lower' (sample.py:#), which makes it, "
        "runs on a hit as well. Drop its always=True, and let neither the gate nor a stage that runs always read what "
        "it writes or have it come before.",
    ),
    "uncovered": (
        lambda: sample_graph().replace("lower", tagging),
        "`metadata -> lower -> artifact` is not covered by the key: give Analysis('metadata') a digest=, with "
        "replace_input(), or one to what a stage marked always=True makes of it, or do not read it in stage 'lower' "
        "(test_faults.py:#).",
    ),
    "no key": (
        lambda: sample_graph().replace("derive", stage(writes=KEY, name="derive")(lambda options: 1)),
        "What crosses the gate, stage 'lookup' (sample.py:#), is not covered by the key (`options` and `text`), because "
        "no stage receives the digests. Declare the stage that makes the key with covered=True and a parameter "
        "'covered'.",
    ),
    "unused key": (
        lambda: sample_graph().replace("lookup", stage(supplies=ARTIFACT, name="lookup")(lambda store: MISS)),
        "The gate, stage 'lookup' (test_faults.py:#), does not depend on the key that stage 'derive' (sample.py:#) "
        "derives. Let the gate read it.",
    ),
    "no such stage": (
        lambda: sample_graph().replace("lowr", extract),
        "There is no stage 'lowr'. Did you mean 'lower'? Name one of the stages, or insert() the new one.",
    ),
    "no such input": (
        lambda: sample_graph().replace_input(note("option")),
        "There is no input 'option'. Did you mean 'options'? Name one of 'metadata', 'options', 'source', 'store'.",
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_word_for_word(kind):
    build, text = GOLDEN[kind]
    assert (kind, text) in told(build)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "unused key"])
def test_one_mistake_is_one_fault(kind):
    build, _ = GOLDEN[kind]
    assert [found for found, _ in told(build)] == [kind]


def test_there_are_no_other_kinds():
    assert set(GOLDEN) == set(KINDS)
    with pytest.raises(ValueError, match="must be in"):
        Fault("another", "text")


def test_writing_an_input():
    assert faults_of([made("s", "", A)], [A], [A]) == [
        (
            "two writers",
            "'a' is written by stage 's' (sample.py:#) and each call, through inputs=. Keep one writer, or let the other "
            "write an analysis of its own.",
        )
    ]


def test_an_equal_declaration_is_no_second_meaning():
    assert Graph([made("s", "", A)], targets=[note("a")]).miss_plan == ("s",)


def test_a_digest_that_refuses_an_override():
    careful = attrs.evolve(extract, writes=(attrs.evolve(TEXT, digest=failing),))
    assert told(lambda: sample_graph().replace("extract", careful).override(text="ab")) == [
        (
            "wrong value",
            "The override of 'text' has no digest: ValueError('no digest today') was raised by the digest= of the "
            "analysis, written by stage 'extract' (sample.py:#). Give a value as that stage would.",
        )
    ]


def test_a_circle_that_an_order_closes_tells_the_reason():
    early = made("log", "artifact", STATS, before=("count_letters", "warms the table"))
    assert told(lambda: sample_graph().insert(early)) == [
        (
            "cycle",
            "count_letters -[count]-> lower -[artifact]-> log -[before: warms the table]-> count_letters is a circle, so "
            "no stage of it can be first (count_letters sample.py:#, lower sample.py:#, log sample.py:#). Let one of "
            "them read something else, drop its before= or after=, or split it in two.",
        )
    ]


def test_circles_are_printed_from_their_smallest_name():
    lower_, fuse = made("lower", "fused", ARTIFACT), made("fuse", "artifact, other", note("fused"))
    found = faults_of([lower_, fuse, made("own", "other", note("other"))])
    assert [text.partition(" is a circle")[0] for _, text in found] == [
        "own -[other]-> own",
        "fuse -[fused]-> lower -[artifact]-> fuse",
    ]


def test_of_many_circles_some_are_listed():
    names = "abcd"
    # K4 with an edge each way has 6 circles of two, 8 of three and 6 of four.
    found = faults_of([made(f"s_{n}", ", ".join(sorted(set(names) - {n})), note(n)) for n in names])
    assert len(found) == 11
    assert found[0][1].startswith("s_a -[a]-> s_b -[b]-> s_a is a circle")
    assert found[-1] == ("cycle", "There are 10 more circles like these.")


def test_a_gate_that_waits_for_what_it_supplies_is_in_a_circle():
    gate = stage(supplies=A)(made("gate", "b").fn)
    found = faults_of([gate, made("audit", "a", B), made("make", "", A)], targets=[A])
    assert [text.partition(" is a circle")[0] for _, text in found] == ["audit -[b]-> gate -[a]-> audit"]


def test_stages_of_one_name_are_judged_apart():
    # taken for one stage, the two would be a circle that is not there
    found = faults_of([made("s", "", A), made("s", "a", B)], targets=[B])
    assert [kind for kind, _ in found] == ["same name"]
    found = faults_of([made("s", "", A), made("s", "a", B), made("s", "nothing", C)], targets=[B])
    assert [kind for kind, _ in found] == ["same name", "unknown read", "unread output"]


def bad_stages():
    return [
        renamed(extract, "other"),
        made("typo", "optoins", A),
        made("loop", "b", B),
        made("unread", "", C),
        *STAGES,
    ]


def test_all_faults_come_at_once():
    with pytest.raises(GraphError) as caught:
        Graph(bad_stages(), INPUTS, (*TARGETS, note("nowhere")))
    kinds = [fault.kind for fault in caught.value.faults]
    assert kinds == ["two writers", "unknown read", "unread output", "unread output", "unreachable target", "cycle"]
    lines = str(caught.value).splitlines()
    assert lines[0] == "the graph cannot be built: 6 faults"
    assert [line[:5] for line in lines[1:]] == [f"  {number}. " for number in range(1, 7)]


def test_faults_do_not_depend_on_the_order_of_registration():
    shuffled = bad_stages()
    expected = faults_of(shuffled, INPUTS, TARGETS)
    for seed in range(10):
        random.Random(seed).shuffle(shuffled)
        assert faults_of(shuffled, INPUTS[::-1], TARGETS[::-1]) == expected


def test_one_fault_is_one_fault():
    with pytest.raises(GraphError, match=re.escape("the graph cannot be built: 1 fault\n  1. ")):
        Graph([made("s", "", A)])
