"""Fifty graphs broken on purpose, by one mistake or by several: each gives one error, which names every culprit."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from typing import Any

import attrs
import pytest

from nqx_graph.errors import GraphError
from nqx_graph.graph import KINDS, MISS, Analysis, Graph, Stage, stage

from .sample import ARTIFACT, COUNT, INPUTS, KEY, METADATA, STAGES, STATS, TARGETS, note

FILE = "experiment.py"


@attrs.define
class Broken:
    """A graph under way, and what the error has to name: for each mistake the kind of fault and pieces of its text."""

    stages: list[Stage]
    inputs: list[Analysis]
    targets: list[Analysis]
    overrides: dict[str, Any]
    expected: list[tuple[str, tuple[str, ...]]]

    def write(self, name: str, line: int, reads: str = "", writes: Any = (), **declaration: Any) -> str:
        """Add a stage as if it had been written on that line of an experiment; returns how a message names it."""
        space: dict[str, Any] = {"MISS": MISS}
        exec(compile("\n" * (line - 1) + f"def {name}({reads}): return MISS", FILE, "exec"), space)
        self.stages.append(stage(writes=writes, **declaration)(space[name]))
        return f"'{name}' ({FILE}:{line})"

    def drop(self, name: str) -> None:
        self.stages = [item for item in self.stages if item.name != name]

    def expect(self, kind: str, *culprits: str) -> None:
        self.expected.append((kind, culprits))


def twice_one_name(broken):
    broken.write("audit", 10, "text", note("audit_a"))
    broken.write("audit", 20, "text", note("audit_b"))
    broken.targets += [note("audit_a"), note("audit_b")]
    broken.expect("same name", "'audit'", f"{FILE}:10", f"{FILE}:20")


def two_writers(broken):
    other = broken.write("recount", 30, "text", COUNT)
    broken.expect("two writers", "'count'", "'count_letters' (", other)


def write_an_input(broken):
    who = broken.write("reset", 35, "", METADATA)
    broken.targets.append(METADATA)
    broken.expect("two writers", "'metadata'", who, "each call")


def two_meanings(broken):
    who = broken.write("score", 40, "text", note("score", int))
    broken.targets.append(note("score", float))
    broken.expect("two meanings", "'score'", who, "targets=")


def misspelt_read(broken):
    who = broken.write("typo", 50, "txet", note("typed"))
    broken.targets.append(note("typed"))
    broken.expect("unknown read", "'txet'", who, "Did you mean 'text'?")


def wrong_annotation(broken):
    who = broken.write("annotated", 60, "text: bytes", note("noted"))
    broken.targets.append(note("noted"))
    broken.expect("wrong annotation", "'text'", "bytes", who, "a str")


def unread_output(broken):
    who = broken.write("wasted", 70, "text", note("waste"))
    broken.expect("unread output", "'waste'", who)


def unreachable_target(broken):
    broken.targets.append(note("countt"))
    broken.expect("unreachable target", "'countt'", "Did you mean 'count'?")


def wait_for_nobody(broken):
    who = broken.write("patient", 80, "text", note("patience"), after=("lowre", "reads its log"))
    broken.targets.append(note("patience"))
    broken.expect("unknown wait", "'lowre'", "reads its log", who, "Did you mean 'lower'?")


def override_nothing(broken):
    broken.overrides["txt"] = "ab"
    broken.expect("unknown override", "'txt'", "Did you mean 'text'?")


def override_an_input(broken):
    broken.overrides["source"] = "ab"
    broken.expect("fixed input", "'source'")


def override_the_key(broken):
    broken.overrides["key"] = ()
    broken.expect("fixed key", "'key'", "'derive' (")


def override_the_artifact(broken):
    broken.overrides["artifact"] = "made"
    broken.expect("fixed supply", "'artifact'", "'lookup' (")


def override_with_another_type(broken):
    broken.overrides["count"] = "two"
    broken.expect("wrong value", "'count'", "a str", "a int", "'count_letters' (")


def circle(broken):
    broken.write("chicken", 90, "egg", note("hen"))
    broken.write("nest", 95, "hen", note("egg"))
    broken.expect("cycle", "chicken -[hen]-> nest -[egg]-> chicken", f"chicken {FILE}:90", f"nest {FILE}:95")


def circle_of_an_order(broken):
    broken.write("logger", 100, "artifact", note("logged"), before=("count_letters", "opens the log"))
    broken.targets.append(note("logged"))
    broken.expect("cycle", "logger -[before: opens the log]-> count_letters", f"logger {FILE}:100", "lower ")


def forced_where_it_cannot_run(broken):
    broken.write("publish", 105, "artifact", note("published"), before=("lookup", "fills the store"))
    broken.targets.append(note("published"))
    broken.expect("cycle", "lookup -[artifact]-> publish -[before: fills the store]-> lookup", f"{FILE}:105")


def uncovered_by_an_order(broken):
    who = broken.write("prepare", 110, "source", before=("count_letters", "sets the alphabet"))
    broken.expect("uncovered", "`source -> prepare -> count_letters -> lower -> artifact`", who)


def two_gates(broken):
    other = broken.write("peek", 120, "key", supplies=ARTIFACT)
    broken.expect("two gates", "'lookup' (", other)


def two_keys(broken):
    other = broken.write("rederive", 130, "options, covered", note("key_2"), covered=True)
    broken.targets.append(note("key_2"))
    broken.expect("two keys", "'derive' (", other)


def uncovered(broken):
    broken.drop("lower")
    who = broken.write("lower", 140, "text, count, metadata", ARTIFACT)
    broken.expect("uncovered", "`metadata -> lower -> artifact`", who)


def idle_gate(broken):
    broken.drop("lower")
    who = broken.write("lower", 150, "text, count, options", ARTIFACT, always=True)
    broken.expect("idle gate", "'lookup' (", who)


def empty_gate(broken):
    broken.drop("lookup")
    who = broken.write("lookup", 160, "key", supplies=note("nothing"))
    broken.expect("empty gate", "'nothing'", who)


def no_key(broken):
    broken.drop("derive")
    broken.write("derive", 170, "options", KEY)
    broken.expect("no key", "'lookup' (", "`options` and `text`")


def unused_key(broken):
    broken.drop("lookup")
    who = broken.write("lookup", 180, "store", supplies=ARTIFACT)
    broken.targets.append(KEY)
    broken.expect("unused key", "'derive' (", who)


# Those that change what the sample has, of which a graph can have one; the others only add to it.
OF_THE_GATE = (uncovered, idle_gate, empty_gate, no_key, unused_key, two_gates, two_keys, uncovered_by_an_order)
ADDED = (
    twice_one_name, two_writers, write_an_input, two_meanings, misspelt_read, wrong_annotation, unread_output,
    unreachable_target, wait_for_nobody, override_nothing, override_an_input, override_the_key, override_the_artifact,
    override_with_another_type, circle, circle_of_an_order, forced_where_it_cannot_run,
)  # fmt: skip


def fifty() -> list[tuple[Callable[[Broken], None], ...]]:
    """Each mistake alone, and then several at once, drawn once and for all."""
    rng = random.Random(20240131)
    chosen = [(mistake,) for mistake in (*OF_THE_GATE, *ADDED)]
    alone = len(chosen)
    for number in itertools.count():
        if len(chosen) == 50:
            assert alone == 25
            return chosen
        # An order through the artifact makes the gate wait for its own answer; then what it saves is no question.
        some = rng.sample(ADDED, 2 + number % 5)
        orders = {circle_of_an_order, forced_where_it_cannot_run} & {*some}
        if len(orders) < 2:  # two of them make a third circle
            chosen.append(tuple(some) if orders else (*some, rng.choice(OF_THE_GATE)))


def break_it(mistakes: tuple[Callable[[Broken], None], ...]) -> Broken:
    broken = Broken(list(STAGES), list(INPUTS), list(TARGETS), {}, [])
    for mistake in mistakes:
        mistake(broken)
    return broken


def error_of(broken: Broken) -> GraphError:
    with pytest.raises(GraphError) as caught:
        Graph(broken.stages, broken.inputs, broken.targets, overrides=broken.overrides)
    return caught.value


FIFTY = fifty()


@pytest.mark.parametrize("mistakes", FIFTY, ids=["+".join(m.__name__ for m in mistakes) for mistakes in FIFTY])
def test_one_error_names_every_culprit(mistakes):
    broken = break_it(mistakes)
    error = error_of(broken)
    assert sorted(fault.kind for fault in error.faults) == sorted(kind for kind, _ in broken.expected)
    for kind, culprits in broken.expected:
        messages = [fault.message for fault in error.faults if fault.kind == kind]
        assert any(all(culprit in message for culprit in culprits) for message in messages), (kind, culprits, messages)
        assert all(message in str(error) for message in messages)
    for seed in range(5):
        rng = random.Random(seed)
        for given in (broken.stages, broken.inputs, broken.targets):
            rng.shuffle(given)
        assert str(error_of(broken)) == str(error)


def test_they_are_fifty_and_of_every_kind():
    assert len(FIFTY) == len(set(FIFTY)) == 50
    found = {kind for mistakes in FIFTY for kind, _ in break_it(mistakes).expected}
    # what is asked of a graph that is there, rather than of one that is built
    assert set(KINDS) - found == {"no such stage", "no such input"}
    assert STATS.name not in Graph(STAGES, INPUTS, TARGETS).analyses
