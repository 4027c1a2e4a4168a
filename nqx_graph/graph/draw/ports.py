"""Where lines leave and enter a box, as offsets from its middle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nqx_graph.graph.draw.boxes import Box, width_of
from nqx_graph.graph.draw.layers import Item, Layers
from nqx_graph.graph.draw.nets import Net

CONTROL = -1  # the number, among nets, of the arrow from the gate to what it guards
CONTROL_LABEL = ("on a miss",)
STEP = 14.0  # the least distance of two lines that enter a box
_MARGIN, _SLOT = 14.0, 16.0

Ports = dict[tuple[str, int], float]


def label_of(net: int, nets: Sequence[Net]) -> tuple[str, ...]:
    """The lines of text where a net begins."""
    if net == CONTROL:
        return CONTROL_LABEL
    note = ("(on a hit)",) if nets[net].kind == "supply" else ()
    return (*nets[net].label, *note)


def label_width(net: int, nets: Sequence[Net]) -> float:
    """How wide that text is."""
    return max((width_of(line) for line in label_of(net, nets)), default=0)


def needed_width(box: Box, nets: Sequence[Net], gate: bool) -> float:
    """How wide a box must be for the lines that enter it and the labels of those that leave it."""
    entering = sum(box.node.name in net.readers for net in nets)
    leaving = [number for number, net in enumerate(nets) if net.source == box.node.name] + [CONTROL] * gate
    return max(
        box.width,
        2 * _MARGIN + STEP * max(0, entering - 1),
        _MARGIN + sum(label_width(number, nets) + _SLOT for number in leaving),
    )


def entries(layers: Layers, boxes: Mapping[str, Box]) -> Ports:
    """Lines enter a box in the order in which they come."""
    ports: Ports = {}
    for number, gap in enumerate(layers.gaps):
        place = {item: at for at, item in enumerate(layers.rows[number])}
        coming: dict[str, list[tuple[int, int]]] = {}
        for segment in gap:
            if isinstance(segment.lower, str):
                coming.setdefault(segment.lower, []).append((place[segment.upper], segment.net))
        for name, ends in coming.items():
            step = min(26.0, (boxes[name].width - 2 * _MARGIN) / max(1, len(ends) - 1))
            for at, (_, net) in enumerate(sorted(ends)):
                ports[name, net] = step * (at - (len(ends) - 1) / 2)
    return ports


def exits(layers: Layers, boxes: Mapping[str, Box], nets: Sequence[Net], gate: str | None) -> Ports:
    """Lines leave a box in the order in which they go, each with room for its label on the right."""
    ports: Ports = {}
    for number, gap in enumerate(layers.gaps):
        below: Sequence[Item] = layers.rows[number + 1] if number + 1 < len(layers.rows) else ()
        place = {item: at for at, item in enumerate(below)}
        going: dict[str, dict[int, list[int]]] = {}
        for segment in gap:
            if isinstance(segment.upper, str):
                going.setdefault(segment.upper, {}).setdefault(segment.net, []).append(place[segment.lower])
        for name in layers.rows[number]:
            if isinstance(name, str):
                ends = going.get(name, {})
                leaving = sorted(ends, key=lambda net: (sum(ends[net]) / len(ends[net]), net))
                leaving = ([CONTROL] if name == gate and layers.cluster else []) + leaving
                for net, port in zip(leaving, _slots(leaving, boxes[name].width, nets), strict=True):
                    ports[name, net] = port
    return ports


def _slots(leaving: Sequence[int], width: float, nets: Sequence[Net]) -> list[float]:
    widths = [label_width(net, nets) + _SLOT for net in leaving]
    if len(widths) == 1:
        return [min(0.0, width / 2 - widths[0])]
    at = -(sum(widths)) / 2 + _SLOT / 2
    ports = []
    for each in widths:
        ports.append(at)
        at += each
    return ports
