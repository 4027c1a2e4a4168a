"""Circles: stages that wait for one another."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import networkx as nx

from nqx_graph.graph.faults import Draft, Fault
from nqx_graph.graph.wiring import network

# A graph can have exponentially many circles, and nobody reads more than a few.
LISTED = 10
COUNTED = 1000


def circles(draft: Draft) -> Iterator[Fault]:
    """A fault for each circle, up to a bound, and one that says how many more there are."""
    graph = network(draft.wiring)
    found = list(itertools.islice(nx.simple_cycles(graph), COUNTED))
    rotated = sorted((_rotated(circle) for circle in found), key=lambda circle: (len(circle), circle))
    for circle in rotated[:LISTED]:
        places = ", ".join(f"{name} {draft.wiring.stages[name].place}" for name in circle)
        yield Fault(
            "cycle",
            f"{_path(graph, circle)} is a circle, so no stage of it can be first ({places}). Let one of them read "
            f"something else, {'drop its before= or after=, ' if _waited(graph, circle) else ''}or split it in two.",
            tuple(circle),
        )
    more = len(found) - LISTED
    if more > 0:
        yield Fault("cycle", f"There are {'at least ' * (len(found) == COUNTED)}{more} more circles like these.")


def _rotated(circle: list[str]) -> list[str]:
    start = circle.index(min(circle))
    return circle[start:] + circle[:start]


def _waited(graph: nx.DiGraph, circle: list[str]) -> bool:
    """Whether a step of the circle is there for a ``before=`` or ``after=`` alone."""
    steps = zip(circle, [*circle[1:], circle[0]], strict=True)
    return any(not graph.edges[step]["analyses"] for step in steps)


def _path(graph: nx.DiGraph, circle: list[str]) -> str:
    text = circle[0]
    for source, reader in zip(circle, [*circle[1:], circle[0]], strict=True):
        edge = graph.edges[source, reader]
        text += f" -[{', '.join(edge['analyses'] or edge['waits'])}]-> {reader}"
    return text
