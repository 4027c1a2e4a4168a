"""What two graphs differ in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import attrs

from nqx_graph.graph.analysis import Analysis
from nqx_graph.graph.graph import Graph
from nqx_graph.graph.identity import code_identity
from nqx_graph.graph.override import Constant
from nqx_graph.graph.stage import Stage
from nqx_graph.graph.waits import Wait

SAME: Final = "no difference"


@attrs.frozen
class Change:
    """Something that both graphs have, and in what it differs."""

    name: str
    how: tuple[str, ...]


@attrs.frozen
class Names:
    """What only the second of two graphs has, and what only the first."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.removed)


@attrs.frozen
class Difference:
    """What a second graph has that a first has not, and the other way round. It is false if there is no difference.

    Attributes:
        added: the stages that only the second runs.
        removed: the stages that only the first runs.
        changed: the stages with one name that are not the same, and in what they differ.
        moved: the stages that are before, at or behind the gate in one graph and elsewhere in the other, and those that
            a hit runs in one of them only.
        edges: along which something flows, as ``extraction -[ir]-> lowering``.
        analyses: declarations; ``changed_analyses`` are those that both have.
        targets: what is asked for.
        covered: what the key receives the digests of.
    """

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[Change, ...]
    moved: tuple[Change, ...]
    edges: Names
    analyses: Names
    changed_analyses: tuple[Change, ...]
    targets: Names
    covered: Names

    def __bool__(self) -> bool:
        return any(attrs.astuple(self, recurse=False))

    def __str__(self) -> str:
        lines = [
            *_lines("stage", Names(self.added, self.removed), self.changed),
            *(f"> stage {change.name}: {', '.join(change.how)}" for change in self.moved),
            *_lines("edge", self.edges),
            *_lines("analysis", self.analyses, self.changed_analyses),
            *_lines("target", self.targets),
            *_lines("in the key:", self.covered),
        ]
        return "\n".join(lines) or SAME


def diff(first: Graph, second: Graph) -> Difference:
    """What a second graph changes of a first: ``+`` it has more, ``-`` it lacks, ``~`` is another, ``>`` has moved."""
    stages = _names(first.miss_plan, second.miss_plan)
    both = sorted({*first.miss_plan} & {*second.miss_plan})
    told = ((name, tuple(_how(first[name], second[name]))) for name in both)
    places = ((name, _place(first, name), _place(second, name)) for name in both)
    declared = sorted(first.analyses.keys() & second.analyses.keys())
    retold = ((name, tuple(_fields(first.analyses[name], second.analyses[name]))) for name in declared)
    return Difference(
        added=stages.added,
        removed=stages.removed,
        changed=tuple(Change(name, how) for name, how in told if how),
        moved=tuple(Change(name, (f"{old} -> {new}",)) for name, old, new in places if old != new),
        edges=_names(_edges(first), _edges(second)),
        analyses=_names(first.analyses, second.analyses),
        changed_analyses=tuple(Change(name, how) for name, how in retold if how),
        targets=_names(first.wanted, second.wanted),
        covered=_names(first.covered, second.covered),
    )


def _names(first: Iterable[str], second: Iterable[str]) -> Names:
    old, new = set(first), set(second)
    return Names(tuple(sorted(new - old)), tuple(sorted(old - new)))


def _lines(what: str, names: Names, changed: Iterable[Change] = ()) -> Iterator[str]:
    yield from (f"+ {what} {name}" for name in names.added)
    yield from (f"- {what} {name}" for name in names.removed)
    yield from (f"~ {what} {change.name}: {', '.join(change.how)}" for change in changed)


def _how(old: Stage, new: Stage) -> Iterator[str]:
    for what, sides in (
        ("reads", (old.reads, new.reads)),
        ("writes", tuple([item.name for item in stage.writes] for stage in (old, new))),
        ("supplies", tuple([stage.supplies.name] if stage.supplies else [] for stage in (old, new))),
        ("before", (_waits(old.before), _waits(new.before))),
        ("after", (_waits(old.after), _waits(new.after))),
    ):
        names = _names(*sides)
        yield from (
            f"{what} {sign}{name}" for sign, side in (("+", names.added), ("-", names.removed)) for name in side
        )
    for field in ("always", "covered", "open_reads", "version"):
        if getattr(old, field) != getattr(new, field):
            yield f"{field} {getattr(old, field)!r} -> {getattr(new, field)!r}"
    yield from _options(dict(old.options), dict(new.options))
    # Where both have a version, their authors say what is the same.
    version = "" if old.version is not None and new.version is not None else None
    if code_identity(old.fn, version) != code_identity(new.fn, version):
        if isinstance(new.fn, Constant):
            yield "other value"
        else:
            yield f"other code ({old.place} -> {new.place})" if old.place != new.place else f"other code ({new.place})"


def _options(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    absent = object()
    for name in sorted({*old, *new}):
        if old.get(name, absent) != new.get(name, absent):
            sides = (repr(side[name]) if name in side else "none" for side in (old, new))
            yield f"option {name} {' -> '.join(sides)}"


def _waits(waits: Iterable[Wait]) -> list[str]:
    return [f"{wait.stage} ({wait.reason})" for wait in waits]


def _fields(old: Analysis, new: Analysis) -> Iterator[str]:
    for field in ("type", "doc", "digest"):
        if getattr(old, field) != getattr(new, field):
            yield f"other {field}"


def _edges(graph: Graph) -> Iterator[str]:
    for source, reader, edge in graph.network.edges(data=True):
        yield from (f"{source} -[{flow}]-> {reader}" for flow in (*edge["analyses"], *edge["waits"]))


def _place(graph: Graph, name: str) -> str:
    if graph.gate is None:
        return "no gate"
    if name == graph.gate:
        return "the gate"
    if name in graph.pre_gate:
        return "before the gate"
    return "behind the gate" + (", on hits too" if name in graph.hit_plan else "")
