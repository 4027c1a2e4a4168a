"""What can be wrong with stages that are joined by what they read and write: one small function for each kind of fault."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

from nqx_graph.errors import nearest
from nqx_graph.graph.analysis import Analysis
from nqx_graph.graph.faults import Draft, Fault, at, joined
from nqx_graph.graph.stage import Stage
from nqx_graph.graph.typecheck import accepts, annotations_of, type_text


def same_name(draft: Draft) -> Iterator[Fault]:
    for name, group in itertools.groupby(draft.given, key=lambda stage: stage.name):
        places = [stage.place for stage in group]
        if len(places) > 1:
            yield Fault(
                "same name",
                f"The name {name!r} is taken by {len(places)} stages, at {joined(places)}. Give each its own with "
                "name=, or put one in the other's place with replace().",
                (name,),
            )


def two_writers(draft: Draft) -> Iterator[Fault]:
    writers: dict[str, list[Stage]] = {}
    for stage in draft.stages:
        for item in stage.writes:
            writers.setdefault(item.name, []).append(stage)
    for name, stages in sorted(writers.items()):
        places = [at(stage) for stage in stages]
        places += ["each call, through inputs="] if name in draft.wiring.inputs else []
        if len(places) > 1:
            yield Fault(
                "two writers",
                f"{name!r} is written by {joined(places)}. Keep one writer, or let the other write an analysis of its "
                "own.",
                tuple(stage.name for stage in stages),
            )


def two_meanings(draft: Draft) -> Iterator[Fault]:
    claims: dict[str, dict[Analysis, str]] = {}
    for stage in draft.stages:
        for item in (*stage.writes, *([stage.supplies] if stage.supplies else [])):
            claims.setdefault(item.name, {}).setdefault(item, at(stage))
    for word, items in (("inputs=", draft.inputs), ("targets=", draft.targets)):
        for item in items:
            claims.setdefault(item.name, {}).setdefault(item, word)
    for name, meanings in sorted(claims.items()):
        if len(meanings) > 1:
            yield Fault(
                "two meanings",
                f"{name!r} is declared in {len(meanings)} ways, by {joined(meanings.values())}. Define the analysis "
                "once and import it, or rename one.",
            )


def unknown_read(draft: Draft) -> Iterator[Fault]:
    known = {*draft.wiring.writer, *draft.wiring.inputs}
    for stage in draft.stages:
        for read in stage.reads:
            if read not in known:
                yield Fault(
                    "unknown read",
                    f"{read!r} is read by {at(stage)}, but no stage writes it and no call gives it."
                    f"{nearest(read, known)} Rename the parameter, insert a stage that writes it, or add it to "
                    "inputs=.",
                    (stage.name,),
                )


def wrong_annotation(draft: Draft) -> Iterator[Fault]:
    for stage in draft.stages:
        for name, annotation in annotations_of(stage.fn).items():
            declared = draft.wiring.analyses.get(name)
            if name in stage.reads and declared is not None and not accepts(annotation, declared.type):
                yield Fault(
                    "wrong annotation",
                    f"{name!r} is annotated {type_text(annotation)} in {at(stage)}, but the analysis is a "
                    f"{type_text(declared.type)}. Annotate the parameter with the type of the analysis.",
                    (stage.name,),
                )


def unread_output(draft: Draft) -> Iterator[Fault]:
    for stage in draft.stages:
        for item in stage.writes:
            if item.name not in draft.wiring.readers and item.name not in draft.wiring.targets:
                yield Fault(
                    "unread output",
                    f"{item.name!r}, written by {at(stage)}, is read by no stage and no one asked for it. Add it to "
                    "targets=, add the stage with insert(), or drop it from writes=.",
                    (stage.name,),
                )


def unreachable_target(draft: Draft) -> Iterator[Fault]:
    known = {*draft.wiring.writer, *draft.wiring.inputs}
    for name in draft.wiring.targets:
        if name not in known:
            yield Fault(
                "unreachable target",
                f"The target {name!r} cannot be reached: no stage writes it and no call gives it."
                f"{nearest(name, known)} Insert a stage that writes it, or drop it from targets=.",
            )


def unknown_wait(draft: Draft) -> Iterator[Fault]:
    known = draft.wiring.stages
    for stage in draft.stages:
        for word, waits in (("before", stage.before), ("after", stage.after)):
            for wait in waits:
                if wait.stage not in known:
                    yield Fault(
                        "unknown wait",
                        f"{word}=({wait.stage!r}, {wait.reason!r}) of {at(stage)} names no stage of the graph."
                        f"{nearest(wait.stage, known)} Name one of the stages, or drop the {word}=.",
                        (stage.name,),
                    )


STRUCTURE: tuple[Callable[[Draft], Iterator[Fault]], ...] = (
    same_name,
    two_writers,
    two_meanings,
    unknown_read,
    wrong_annotation,
    unread_output,
    unreachable_target,
    unknown_wait,
)
