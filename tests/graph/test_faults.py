import random
import re

import pytest

from nqx_graph.errors import GraphError
from nqx_graph.graph import Graph, stage

from .sample import COUNT, INPUTS, OPTIONS, SOURCE, STAGES, STATS, TARGETS, TEXT, extract, note, renamed, sample_graph


def faults_of(stages, inputs=(), targets=()):
    with pytest.raises(GraphError) as caught:
        Graph(stages, inputs, targets)
    return [(fault.kind, fault.message) for fault in caught.value.faults]


def made(name, reads="", writes=STATS, **flags):
    space = {}
    exec(f"def {name}({reads}): return None", space)
    return stage(writes=writes, **flags)(space[name])


A, B, C = note("a"), note("b"), note("c")
P = "<string>:1"


def test_two_stages_of_one_name():
    assert faults_of([made("s", writes=A), made("s", writes=B)], targets=[A, B]) == [
        (
            "same name",
            f"The name 's' is taken by 2 stages, at {P} and {P}. Give each its own with name=, or put one in the "
            "other's place with replace().",
        )
    ]


def test_two_writers_with_both_places():
    other = renamed(extract, "other")
    assert faults_of([extract, other], [SOURCE], [TEXT]) == [
        (
            "two writers",
            f"'text' is written by stage 'extract' ({extract.place}) and stage 'other' ({extract.place}). Keep one "
            "writer, or let the other write an analysis of its own.",
        )
    ]


def test_writing_an_input():
    assert faults_of([made("s", writes=A)], [A], [A]) == [
        (
            "two writers",
            f"'a' is written by stage 's' ({P}) and each call, through inputs=. Keep one writer, or let the other "
            "write an analysis of its own.",
        )
    ]


def test_one_name_with_two_meanings():
    assert faults_of([made("s", writes=A)], targets=[note("a", int)]) == [
        (
            "two meanings",
            f"'a' is declared in 2 ways, by stage 's' ({P}) and targets=. Define the analysis once and import it, or "
            "rename one.",
        )
    ]


def test_an_equal_declaration_is_no_second_meaning():
    assert Graph([made("s", writes=A)], targets=[note("a")]).miss_plan == ("s",)


def test_a_read_that_nothing_writes():
    assert faults_of([made("s", "optoins", A)], [OPTIONS], [A]) == [
        (
            "unknown read",
            f"'optoins' is read by stage 's' ({P}), but no stage writes it and no call gives it. Did you mean "
            "'options'? Rename the parameter, insert a stage that writes it, or add it to inputs=.",
        )
    ]


def test_a_parameter_annotated_with_another_type():
    @stage(writes=COUNT)
    def measure(source: dict, options: object) -> int:
        return 1

    assert faults_of([measure], [SOURCE, OPTIONS], [COUNT]) == [
        (
            "wrong annotation",
            f"'source' is annotated dict in stage 'measure' ({measure.place}), but the analysis is a str. Annotate the "
            "parameter with the type of the analysis.",
        )
    ]


def test_an_output_that_no_one_reads():
    assert faults_of([made("s", writes=(A, B))], targets=[A]) == [
        (
            "unread output",
            f"'b', written by stage 's' ({P}), is read by no stage and no one asked for it. Add it to targets=, add "
            "the stage with insert(), or drop it from writes=.",
        )
    ]


def test_a_target_that_cannot_be_reached():
    assert faults_of([made("s", writes=COUNT)], targets=[COUNT, note("counts")]) == [
        (
            "unreachable target",
            "The target 'counts' cannot be reached: no stage writes it and no call gives it. Did you mean 'count'? "
            "Insert a stage that writes it, or drop it from targets=.",
        )
    ]


def test_circles_are_printed_from_their_smallest_name():
    lower, fuse = made("lower", "fused", note("artifact")), made("fuse", "artifact, other", note("fused"))
    own = made("own", "other", note("other"))
    assert faults_of([lower, fuse, own]) == [
        (
            "cycle",
            f"own -[other]-> own is a circle, so no stage of it can be first (own {P}). Let one of them read something "
            "else, or split it in two.",
        ),
        (
            "cycle",
            "fuse -[fused]-> lower -[artifact]-> fuse is a circle, so no stage of it can be first "
            f"(fuse {P}, lower {P}). Let one of them read something else, or split it in two.",
        ),
    ]


def test_of_many_circles_some_are_listed():
    names = "abcd"
    stages = [made(f"s_{n}", ", ".join(set(names) - {n}), note(n)) for n in names]
    # K4 with an edge each way has 6 circles of two, 8 of three and 6 of four.
    found = faults_of(stages)
    assert len(found) == 11
    assert found[0][1].startswith("s_a -[a]-> s_b -[b]-> s_a is a circle")
    assert found[-1] == ("cycle", "There are 10 more circles like these.")


def test_a_gate_that_waits_for_what_it_supplies_is_in_a_circle():
    gate = stage(supplies=A)(made("gate", "b").fn)
    found = faults_of([gate, made("audit", "a", B), made("make", "", A)], targets=[A])
    assert [message.partition(" is a circle")[0] for _, message in found] == ["audit -[b]-> gate -[a]-> audit"]


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
        Graph([made("s", writes=A)])


def test_replacing_what_is_not_there():
    with pytest.raises(GraphError) as caught:
        sample_graph().replace("lowr", extract)
    assert [(fault.kind, fault.message) for fault in caught.value.faults] == [
        (
            "no such stage",
            "There is no stage 'lowr'. Did you mean 'lower'? Name one of the stages, or insert() the new one.",
        )
    ]
