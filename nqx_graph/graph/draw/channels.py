"""Between two rows every line gets a height of its own for its horizontal part, so that no two lie on each other."""

from __future__ import annotations

from collections.abc import Sequence

import attrs
import networkx as nx

NEAR = 7.0  # lines closer than this look like one


@attrs.frozen
class Turn:
    """A net between two rows: it comes down at ``top`` and goes on down at each place of ``bottoms``."""

    net: int
    top: float
    bottoms: tuple[float, ...]

    @property
    def straight(self) -> bool:
        """Whether it needs no horizontal part."""
        return all(abs(bottom - self.top) < 0.5 for bottom in self.bottoms)

    @property
    def span(self) -> tuple[float, float]:
        """From where to where its horizontal part reaches."""
        return min(self.top, *self.bottoms), max(self.top, *self.bottoms)


def tracks(turns: Sequence[Turn]) -> dict[int, int]:
    """The height of each net's horizontal part, counted from the top; straight nets have none."""
    order = _fewest_crossings([turn for turn in turns if not turn.straight])
    track: dict[int, int] = {}
    placed: list[Turn] = []
    for turn in _unhidden(order):
        track[turn.net] = 1 + max((track[other.net] for other in placed if _meet(turn, other)), default=-1)
        placed.append(turn)
    return track


def _fewest_crossings(turns: list[Turn]) -> list[Turn]:
    """Take each out and put it back where it costs least, until nothing gets better."""
    order = list(range(len(turns)))
    cost = [[_cost(upper, lower) for lower in turns] for upper in turns]
    for _ in range(8):
        before = list(order)
        for moved in before:
            old = order.index(moved)
            rest = [other for other in order if other != moved]
            # The cost above everything, then of each step down past one more.
            costs = [sum(cost[moved][other] for other in rest)]
            for other in rest:
                costs.append(costs[-1] - cost[moved][other] + cost[other][moved])
            best = min(range(len(costs)), key=lambda place: (costs[place], abs(place - old)))
            order = [*rest[:best], moved, *rest[best:]]
        if order == before:
            break
    return [turns[place] for place in order]


def tangled(turns: Sequence[Turn]) -> bool:
    """Whether no order of heights keeps every line off every other."""
    return not nx.is_directed_acyclic_graph(_above([turn for turn in turns if not turn.straight]))


def _unhidden(order: Sequence[Turn]) -> Sequence[Turn]:
    """The order with few changes and no line on another, if there is one."""
    above = _above(order)
    if not nx.is_directed_acyclic_graph(above):
        return order
    return [order[place] for place in nx.lexicographical_topological_sort(above)]


def _above(order: Sequence[Turn]) -> nx.DiGraph:
    above = nx.DiGraph()
    above.add_nodes_from(range(len(order)))
    for upper, first in enumerate(order):
        hidden = (lower for lower, second in enumerate(order) if lower != upper and _hides(first, second))
        above.add_edges_from((lower, upper) for lower in hidden)
    return above


def _hides(upper: Turn, lower: Turn) -> bool:
    """Whether the upper one would come out below where the lower one still has its way down to its height."""
    return any(abs(place - lower.top) < NEAR for place in upper.bottoms)


def _meet(first: Turn, second: Turn) -> bool:
    return first.span[0] - NEAR < second.span[1] and second.span[0] - NEAR < first.span[1]


def _cost(upper: Turn, lower: Turn) -> int:
    """Crossings if one is above the other; a vertical part on top of another counts as very many."""
    if not _meet(upper, lower):
        return 0
    inside = sum(lower.span[0] < place < lower.span[1] for place in upper.bottoms)
    inside += upper.span[0] < lower.top < upper.span[1]
    return inside + 100 * _hides(upper, lower)
