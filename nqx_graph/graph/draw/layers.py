"""Layers: every stage below all that it waits for, and a place in each layer that a long line passes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import attrs
import networkx as nx

from nqx_graph.graph.draw.nets import Net
from nqx_graph.graph.draw.picture import Picture

# A stage by name, or the place of a net (by number) in a layer that it passes.
Item = str | tuple[int, int]


@attrs.frozen
class Segment:
    """The part of a net from one layer to the next."""

    net: int
    upper: Item
    lower: Item


@attrs.frozen
class Layers:
    """Rows of items, and the segments between each row and the next.

    Attributes:
        rows: from top to bottom, each from left to right.
        gaps: the segments below each row.
        cluster: the row below the gate, and the last one with a gated stage.
        outside: the stages in these rows that a hit runs; they stay to the right of the cluster.
    """

    rows: tuple[tuple[Item, ...], ...]
    gaps: tuple[tuple[Segment, ...], ...]
    cluster: tuple[int, int] | None = None
    outside: frozenset[str] = frozenset()


def layered(picture: Picture, nets: Sequence[Net], widths: Mapping[str, float], room: float) -> Layers:
    """Give every stage a row and every long net a place in each row between; ``room`` is how wide a row may get."""
    row_of = _rows(picture, widths, room)
    count = 1 + max(row_of.values(), default=-1)
    rows: list[list[Item]] = [[name for name in row_of if row_of[name] == row] for row in range(count)]
    gaps: list[list[Segment]] = [[] for _ in range(count)]
    for number, net in enumerate(nets):
        tail: Item = net.source
        last = max(row_of[reader] for reader in net.readers)
        for row in range(row_of[net.source] + 1, last + 1):
            lower: list[Item] = [reader for reader in net.readers if row_of[reader] == row]
            if row < last:
                lower.append((number, row))
                rows[row].append((number, row))
            gaps[row - 1] += [Segment(number, tail, item) for item in lower]
            tail = (number, row)
    gated = [row_of[node.name] for node in picture.nodes if node.gated]
    # It begins right below the gate, so that nothing stands between the two.
    first = row_of[picture.gate] + 1 if picture.gate else min(gated, default=0)
    cluster = (first, max(gated)) if gated else None
    outside = frozenset(
        node.name for node in picture.nodes if cluster and cluster[0] <= row_of[node.name] and not node.gated
    )
    return Layers(tuple(map(tuple, rows)), tuple(map(tuple, gaps)), cluster, outside)


def _rows(picture: Picture, widths: Mapping[str, float], room: float) -> dict[str, int]:
    """The row of each stage: below all that it waits for, and not in a row that is full."""
    needs = nx.DiGraph()
    needs.add_nodes_from(node.name for node in picture.nodes)
    needs.add_edges_from((edge.source, edge.reader) for edge in picture.edges)
    if picture.gate:
        names = [node.name for node in picture.nodes]
        middle = names.index(picture.gate)
        needs.add_edges_from((name, picture.gate) for name in names[:middle])
        needs.add_edges_from((picture.gate, name) for name in names[middle + 1 :])
    row_of: dict[str, int] = {}
    taken: dict[int, float] = {}
    for generation in nx.topological_generations(needs):
        for name in sorted(generation, key=[node.name for node in picture.nodes].index):
            row = 1 + max((row_of[above] for above in needs.predecessors(name)), default=-1)
            while taken.get(row, 0) + widths[name] > room and row in taken:
                row += 1
            row_of[name] = row
            taken[row] = taken.get(row, 0) + widths[name]
    return row_of
