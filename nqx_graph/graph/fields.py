"""What a graph is given, brought into one form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from nqx_graph.errors import StageContractError
from nqx_graph.graph.analysis import Analysis
from nqx_graph.graph.stage import Stage


def by_name(items: Iterable[Analysis]) -> tuple[Analysis, ...]:
    """Analyses, sorted."""
    return tuple(sorted(items, key=lambda item: item.name))


def by_place(stages: Iterable[Stage]) -> tuple[Stage, ...]:
    """Stages, sorted by what they are, so that the order in which they were given is forgotten."""
    stages = tuple(stages)
    for stage in stages:
        if not isinstance(stage, Stage):
            raise StageContractError(f"A graph is made of stages, and {stage!r} is none: decorate it with @stage(...).")
    return tuple(sorted(stages, key=_place))


def _place(stage: Stage) -> tuple[Any, ...]:
    return stage.name, stage.file, stage.line, stage.reads, [item.name for item in stage.writes]


def names(names: Iterable[str]) -> frozenset[str]:
    """Names as a set."""
    return frozenset(names)


def read_only(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """A copy that cannot be changed, sorted by name."""
    return MappingProxyType(dict(sorted(values.items())))
