"""The order of each row from left to right, so that few lines cross: barycentres, then swaps of neighbours.

K. Sugiyama, S. Tagawa and M. Toda, IEEE Trans. Syst. Man Cybern. 11 (1981) 109.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterable, Mapping, Sequence

import attrs

from nqx_graph.graph.draw.layers import Item, Layers, Segment

_SWEEPS = 12
_INNER = 16  # how much worse it is when two long lines cross where both could be straight

Rows = list[list[Item]]
Neighbours = Mapping[Item, Sequence[Item]]


def ordered(layers: Layers) -> Layers:
    """The same layers with each row in a better order; the first of equally good ones wins."""
    above = _neighbours((segment.lower, segment.upper) for gap in layers.gaps for segment in gap)
    below = _neighbours((segment.upper, segment.lower) for gap in layers.gaps for segment in gap)
    rows = [_settled(list(row), layers) for row in layers.rows]
    best, fewest = rows, _crossings(rows, layers)
    for sweep in range(_SWEEPS):
        rows = [list(row) for row in rows]
        down = sweep % 2 == 0
        for number in range(1, len(rows)) if down else range(len(rows) - 2, -1, -1):
            _by_barycentre(rows, number, -1 if down else 1, above if down else below, layers)
        _swap(rows, above, below, layers)
        crossings = _crossings(rows, layers)
        if crossings < fewest:
            best, fewest = rows, crossings
    return attrs.evolve(layers, rows=tuple(map(tuple, best)))


def inner(segment: Segment) -> bool:
    """Whether both ends are places that a line passes."""
    return isinstance(segment.upper, tuple) and isinstance(segment.lower, tuple)


def _neighbours(pairs: Iterable[tuple[Item, Item]]) -> dict[Item, list[Item]]:
    found: dict[Item, list[Item]] = {}
    for item, other in pairs:
        found.setdefault(item, []).append(other)
    return found


def _settled(row: list[Item], layers: Layers) -> list[Item]:
    return sorted(row, key=lambda item: item in layers.outside)


def _by_barycentre(rows: Rows, number: int, step: int, neighbours: Neighbours, layers: Layers) -> None:
    """Sort a row by the mean place of its neighbours; what has none keeps its place."""
    places = {item: place / max(1, len(rows[number + step]) - 1) for place, item in enumerate(rows[number + step])}
    width = max(1, len(rows[number]) - 1)
    means = {}
    for place, item in enumerate(rows[number]):
        known = [places[other] for other in neighbours.get(item, ())]
        means[item] = sum(known) / len(known) if known else place / width
    rows[number] = _settled(sorted(rows[number], key=lambda item: means[item]), layers)


def _swap(rows: Rows, above: Neighbours, below: Neighbours, layers: Layers) -> None:
    """Exchange neighbours as long as that saves a crossing."""
    for _ in range(8):
        better = False
        for number, row in enumerate(rows):
            sides = [(above, _places(rows[number - 1]))] if number else []
            sides += [(below, _places(rows[number + 1]))] if number + 1 < len(rows) else []
            for place in range(len(row) - 1):
                left, right = row[place], row[place + 1]
                if (left in layers.outside) == (right in layers.outside):
                    gain = sum(_saved(side, places, left, right) for side, places in sides)
                    if gain > 0:
                        row[place], row[place + 1] = right, left
                        better = True
        if not better:
            return


def _places(row: Sequence[Item]) -> dict[Item, int]:
    return {item: place for place, item in enumerate(row)}


def _saved(side: Neighbours, places: Mapping[Item, int], left: Item, right: Item) -> int:
    """How many crossings it saves to exchange two neighbours, on one side."""
    saved = 0
    for first in side.get(left, ()):
        for second in side.get(right, ()):
            weight = _INNER if all(isinstance(item, tuple) for item in (left, right, first, second)) else 1
            saved += weight * ((places[first] > places[second]) - (places[first] < places[second]))
    return saved


def _crossings(rows: Rows, layers: Layers) -> int:
    total = 0
    for number, gap in enumerate(layers.gaps[:-1]):
        upper = _places(rows[number])
        lower = _places(rows[number + 1])
        total += _inversions((upper[segment.upper], lower[segment.lower]) for segment in gap)
        straight = [segment for segment in gap if inner(segment)]
        total += (_INNER - 1) * _inversions((upper[segment.upper], lower[segment.lower]) for segment in straight)
    return total


def _inversions(pairs: Iterable[tuple[int, int]]) -> int:
    seen: list[int] = []
    count = 0
    for _, place in sorted(pairs):
        count += len(seen) - bisect_right(seen, place)
        insort(seen, place)
    return count
