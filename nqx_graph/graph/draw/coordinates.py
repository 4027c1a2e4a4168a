"""Where each item of a row stands: as straight as the order of the rows allows, by network simplex.

E. R. Gansner, E. Koutsofios, S. C. North and K.-P. Vo, IEEE Trans. Softw. Eng. 19 (1993) 214, section 4.2. The sum of
weighted jogs is smallest; the dual of that linear program is a flow, and places are its potentials.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from itertools import pairwise

import attrs
import networkx as nx

from nqx_graph.graph.draw.layers import Item, Layers
from nqx_graph.graph.draw.ordering import inner

_LEFT, _RIGHT, _EDGE = "left edge", "right edge", "right edge of the cluster"
# How much a jog costs, by how many of its ends are stages: the stages make the spine, and long lines keep beside it.
_STRAIGHT = {0: 8, 1: 2, 2: 6}
_NARROW = 8  # how much a wide drawing costs


@attrs.define
class Places:
    """Unknown numbers with least distances between them, and pulls that want two of them equal."""

    _graph: nx.DiGraph = attrs.field(factory=nx.DiGraph)
    _pulls: int = 0

    def apart(self, left: Hashable, right: Hashable, distance: float) -> None:
        """``right - left >= distance``."""
        self._edge(left, right, round(distance), 0)

    def pull(self, first: Hashable, second: Hashable, offset: float, weight: int) -> None:
        """Keep ``|second - first - offset|`` small."""
        self._pulls += 1
        knot = ("pull", self._pulls)
        self._edge(knot, first, 0, weight)
        self._edge(knot, second, round(offset), weight)

    def solve(self) -> dict[Hashable, float]:
        """The places: the middle between the leftmost and the rightmost of the best answers."""
        graph = self._graph
        demand = dict.fromkeys(graph, 0)
        for tail, head, weight in graph.edges(data="pull"):
            demand[head] += weight
            demand[tail] -= weight
        nx.set_node_attributes(graph, demand, "demand")
        _, flow = nx.network_simplex(graph, weight="cost")
        tight = nx.DiGraph()
        for tail, head, cost in graph.edges(data="cost"):
            tight.add_edge(tail, head, cost=min(cost, tight.get_edge_data(tail, head, {}).get("cost", cost)))
            if flow[tail][head] > 0:
                tight.add_edge(head, tail, cost=min(-cost, tight.get_edge_data(head, tail, {}).get("cost", -cost)))
        left, right = _leftmost(tight), _leftmost(tight.reverse())
        width = max(max(left.values(), default=0), max(right.values(), default=0))
        return {item: (left[item] + width - right[item]) / 2 for item in graph}

    def _edge(self, tail: Hashable, head: Hashable, length: int, weight: int) -> None:
        known = self._graph.get_edge_data(tail, head, {"cost": -length, "pull": 0})
        self._graph.add_edge(tail, head, cost=min(known["cost"], -length), pull=known["pull"] + weight)


def _leftmost(tight: nx.DiGraph) -> dict[Hashable, int]:
    """The least places that keep all distances, none below 0."""
    start = object()
    rooted = tight.copy()
    rooted.add_edges_from(((start, item) for item in tight), cost=0)
    lengths = nx.single_source_bellman_ford_path_length(rooted, start, weight="cost")
    return {item: -lengths[item] for item in tight}


def places(
    layers: Layers,
    widths: Mapping[Item, float],
    out_ports: Mapping[tuple[str, int], float],
    in_ports: Mapping[tuple[str, int], float],
    control: tuple[str, float] | None,
    gap: float,
) -> dict[Item, float]:
    """The middle of every item. Ports are offsets from the middle of a stage, by stage and net, or of the gate."""
    block = _blocks(layers)
    unknown = Places()
    unknown.pull(_LEFT, _RIGHT, 0, _NARROW)
    if control:
        _below_the_gate(unknown, layers, control, gap)
    for number, row in enumerate(layers.rows):
        for item in row:
            unknown.apart(block[item], _RIGHT, widths[item] / 2)
            unknown.apart(_LEFT, block[item], widths[item] / 2 + (0 if isinstance(item, str) else gap / 2))
            if layers.cluster and layers.cluster[0] <= number <= layers.cluster[1]:
                if item in layers.outside:
                    unknown.apart(_EDGE, block[item], widths[item] / 2 + gap)
                else:
                    unknown.apart(block[item], _EDGE, widths[item] / 2 + gap)
        for left, right in pairwise(row):
            both = isinstance(left, str) and isinstance(right, str)
            between = gap if both else gap / 2
            unknown.apart(block[left], block[right], (widths[left] + widths[right]) / 2 + between)
    for segments in layers.gaps:
        for segment in segments:
            start = out_ports[segment.upper, segment.net] if isinstance(segment.upper, str) else 0
            end = in_ports[segment.lower, segment.net] if isinstance(segment.lower, str) else 0
            stages = isinstance(segment.upper, str) + isinstance(segment.lower, str)
            if block[segment.upper] != block[segment.lower]:
                unknown.pull(block[segment.upper], block[segment.lower], start - end, _STRAIGHT[stages])
    solved = unknown.solve()
    return {item: solved[block[item]] for row in layers.rows for item in row}


def _below_the_gate(unknown: Places, layers: Layers, control: tuple[str, float], gap: float) -> None:
    """Bring the cluster under the gate, so far that the arrow from the gate meets its edge."""
    gate, port = control
    if layers.cluster:
        for item in layers.rows[layers.cluster[0]]:
            if isinstance(item, str) and item not in layers.outside:
                unknown.pull(gate, item, 0, _STRAIGHT[1])
    if layers.outside:
        unknown.apart(gate, _EDGE, port + gap)


def _blocks(layers: Layers) -> dict[Item, Hashable]:
    """Places of one net above each other are one unknown, and so straight, unless two such lines cross."""
    block: dict[Item, Hashable] = {item: item for row in layers.rows for item in row}
    for number, gap in enumerate(layers.gaps[:-1]):
        upper = {item: place for place, item in enumerate(layers.rows[number])}
        lower = {item: place for place, item in enumerate(layers.rows[number + 1])}
        kept: list[tuple[int, int]] = []
        for segment in gap:
            ends = (upper[segment.upper], lower[segment.lower])
            if inner(segment) and all((ends[0] < a) == (ends[1] < b) for a, b in kept):
                kept.append(ends)
                block[segment.lower] = block[segment.upper]
    return block
