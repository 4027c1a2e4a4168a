"""Nets: what one stage hands to several is one line that forks, not several lines."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap

import attrs

from nqx_graph.graph.draw.picture import EdgeKind, Picture


@attrs.frozen
class Net:
    """The values of one stage that have the same readers.

    Attributes:
        source: who writes them.
        readers: who reads them, in the order of the picture.
        label: the lines of text at its beginning.
        kind: the kind of its edges.
        idle: the readers to whom nothing flowed in this call.
    """

    source: str
    readers: tuple[str, ...]
    label: tuple[str, ...]
    kind: EdgeKind = "data"
    idle: frozenset[str] = frozenset()


def nets(picture: Picture) -> tuple[Net, ...]:
    """All edges of a picture as nets; nothing is lost and nothing is drawn twice."""
    return (*_data(picture), *_order(picture))


def _data(picture: Picture) -> Iterator[Net]:
    for node in picture.nodes:
        readers: dict[tuple[str, EdgeKind], tuple[str, ...]] = {}
        idle = frozenset(edge.reader for edge in picture.edges if edge.source == node.name and picture.idle(edge))
        for edge in picture.edges:
            if edge.source == node.name and edge.kind != "order":
                for name in edge.label:
                    known = readers.get((name, edge.kind), ())
                    readers[name, edge.kind] = (*known, edge.reader)
        names: dict[tuple[EdgeKind, tuple[str, ...]], tuple[str, ...]] = {}
        for (name, kind), who in readers.items():
            names[kind, who] = (*names.get((kind, who), ()), name)
        for (kind, who), label in names.items():
            yield Net(node.name, who, label, kind, idle & set(who))


def _order(picture: Picture) -> Iterator[Net]:
    for edge in picture.edges:
        if edge.kind == "order":
            lines = tuple(line for reason in edge.label for line in wrap(reason, 24))
            idle = frozenset({edge.reader}) if picture.idle(edge) else frozenset[str]()
            yield Net(edge.source, (edge.reader,), lines, "order", idle)
