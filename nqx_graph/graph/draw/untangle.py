"""Small moves that make lines straight where they nearly are, and free them where they would lie on each other."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import attrs

from nqx_graph.graph.draw.channels import NEAR, Turn, tangled
from nqx_graph.graph.draw.layers import Item, Layers, Segment
from nqx_graph.graph.draw.ports import CONTROL, STEP, Ports

_NUDGE = 8.0


@attrs.define
class Pins:
    """Where lines leave and enter: the middle of every item, and the offsets of the ports of stages."""

    layers: Layers
    middle: dict[Item, float]
    out: Ports
    into: Ports

    def top(self, segment: Segment) -> float:
        """Where a segment begins."""
        port = self.out[segment.upper, segment.net] if isinstance(segment.upper, str) else 0
        return self.middle[segment.upper] + port

    def bottom(self, segment: Segment) -> float:
        """Where a segment ends."""
        port = self.into[segment.lower, segment.net] if isinstance(segment.lower, str) else 0
        return self.middle[segment.lower] + port

    def move(self, segment: Segment, step: float) -> None:
        """Move the end of a segment."""
        if isinstance(segment.lower, str):
            self.into[segment.lower, segment.net] += step
        else:
            self.middle[segment.lower] += step

    def turns(self, number: int) -> list[Turn]:
        """The nets below a row."""
        found: dict[int, tuple[float, list[float]]] = {}
        for segment in self.layers.gaps[number]:
            found.setdefault(segment.net, (self.top(segment), []))[1].append(self.bottom(segment))
        return [Turn(net, top, tuple(bottoms)) for net, (top, bottoms) in found.items()]

    def settle(self) -> None:
        """Make all the small moves."""
        for number, gap in enumerate(self.layers.gaps):
            for segment in gap:
                self._straighten(segment)
            if tangled(self.turns(number)):
                self._free(number)

    def clear_control(self, gate: str, left: float) -> None:
        """Move the arrow to the cluster to the left, as far as ``left``, until it lies on no line that comes down."""
        assert self.layers.cluster is not None
        coming = [self.bottom(segment) for segment in self.layers.gaps[self.layers.cluster[0] - 1]]
        while self.out[gate, CONTROL] > left and any(
            abs(self.middle[gate] + self.out[gate, CONTROL] - x) < _NUDGE for x in coming
        ):
            self.out[gate, CONTROL] -= _NUDGE / 2

    def _straighten(self, segment: Segment) -> None:
        step = self.top(segment) - self.bottom(segment)
        others = [at for (name, net), at in self.into.items() if name == segment.lower and net != segment.net]
        if isinstance(segment.lower, str) and abs(step) < _NUDGE:
            port = self.into[segment.lower, segment.net] + step
            if all(abs(port - at) >= STEP - 2 for at in others):
                self.move(segment, step)

    def _free(self, number: int) -> None:
        """Two lines that change places cannot both keep away from each other: move an end until they can."""
        for segment, step in self._moves(number):
            self.move(segment, step)
            ends = sorted(self.bottom(other) for other in self.layers.gaps[number])
            clear = all(right - left > NEAR for left, right in pairwise(ends))
            if clear and not tangled(self.turns(number)):
                return
            self.move(segment, -step)

    def _moves(self, number: int) -> Iterator[tuple[Segment, float]]:
        """Ends that are in the way, those at stages first: beside a passing line there may be its text."""
        for segment in sorted(self.layers.gaps[number], key=lambda segment: isinstance(segment.lower, tuple)):
            for step in (NEAR + 1, -NEAR - 1):
                if any(abs(turn.top - self.bottom(segment)) < NEAR for turn in self.turns(number)):
                    yield segment, step
