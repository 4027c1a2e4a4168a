"""A layered drawing as plain geometry: boxes, lines and labels, before anyone writes it in some format."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import attrs

from nqx_graph.graph.draw import channels
from nqx_graph.graph.draw.boxes import LINE, SIZE, Box, Word, box_of, width_of
from nqx_graph.graph.draw.coordinates import places
from nqx_graph.graph.draw.layers import Item, Layers, layered
from nqx_graph.graph.draw.nets import Net, nets
from nqx_graph.graph.draw.ordering import ordered
from nqx_graph.graph.draw.picture import Picture
from nqx_graph.graph.draw.ports import CONTROL, entries, exits, label_of, needed_width
from nqx_graph.graph.draw.untangle import Pins

ROOM = 800.0  # how wide the stages of one row get before the rest goes to the next row
_GAP, _PASS, FRAME = 28.0, 4.0, 14.0
_TRACK, _ARROW, _TITLE = 10.0, 16.0, 26.0
_ABOVE = 12.0  # between the last horizontal line above the cluster and its edge
TITLE = "skipped on a hit"

Point = tuple[float, float]


@attrs.frozen
class Rect:
    """A rectangle by its edges."""

    left: float
    top: float
    right: float
    bottom: float


@attrs.frozen
class Line:
    """A part of a net from one row to the next; ``idle`` where nothing flowed along it, ``ends`` at an arrowhead."""

    net: int
    points: tuple[Point, ...]
    ends: bool
    idle: bool = False


@attrs.frozen
class Label:
    """A line of the text where a net begins, or again ``along`` it: then it reads upwards, and its ``y`` is where it starts."""

    net: int
    word: Word
    along: bool = False
    idle: bool = False

    @property
    def rect(self) -> Rect:
        """The room it takes."""
        word = self.word
        if self.along:
            return Rect(word.x - word.size + 2, word.y - word.width, word.x + 2, word.y)
        return Rect(word.x, word.y - word.size + 1, word.x + word.width, word.y + 3)


@attrs.frozen
class Layout:
    """Everything at its place, from ``(0, 0)``; ``nets`` are what ``net`` counts."""

    width: float
    height: float
    nets: tuple[Net, ...]
    boxes: tuple[tuple[Box, Rect], ...]
    lines: tuple[Line, ...]
    labels: tuple[Label, ...]
    cluster: Rect | None = None
    title: Word | None = None


def layout(picture: Picture) -> Layout:
    """Place a picture; the same picture is always placed the same way."""
    all_nets = nets(picture)
    boxes = {}
    for node in picture.nodes:
        box = box_of(node, picture)
        boxes[node.name] = box.widened(needed_width(box, all_nets, node.name == picture.gate))
    layers = ordered(layered(picture, all_nets, {name: box.width for name, box in boxes.items()}, ROOM))
    into, out = entries(layers, boxes), exits(layers, boxes, all_nets, picture.gate)
    widths = {item: boxes[item].width if isinstance(item, str) else _PASS for row in layers.rows for item in row}
    control = (picture.gate, out[picture.gate, CONTROL]) if picture.gate and layers.cluster else None
    middle = places(layers, widths, out, into, control, _GAP)
    pins = Pins(layers, middle, out, into)
    pins.settle()
    if control:
        pins.clear_control(control[0], 12 - widths[control[0]] / 2)
    return _Placement(picture, all_nets, boxes, layers, pins).layout()


@attrs.define
class _Placement:
    """What is known when all horizontal places are; the heights follow row by row."""

    picture: Picture
    nets: tuple[Net, ...]
    boxes: Mapping[str, Box]
    layers: Layers
    pins: Pins
    tops: list[float] = attrs.field(factory=list)
    bottoms: list[float] = attrs.field(factory=list)
    first_track: list[float] = attrs.field(factory=list)

    def layout(self) -> Layout:
        """Fill in the heights, and move everything to the right of 0."""
        tracks = [channels.tracks(self.pins.turns(number)) for number in range(len(self.layers.rows))]
        height = self._heights(tracks)
        frame, _ = self._cluster()
        if frame and frame.left < 0:
            self.pins.middle = {item: x - frame.left for item, x in self.pins.middle.items()}
        cluster, title = self._cluster()
        rects = tuple((box, self._rect(name)) for name, box in self.boxes.items())
        lines = [line for number in range(len(tracks)) for line in self._lines(number, tracks[number])]
        if cluster and self.picture.gate:
            x = self.pins.middle[self.picture.gate] + self.pins.out[self.picture.gate, CONTROL]
            start = (x, self._rect(self.picture.gate).bottom)
            lines.append(Line(CONTROL, (start, (x, cluster.top)), True, self.picture.spared))
        right = [rect.right for _, rect in rects] + ([cluster.right] if cluster else [])
        width = max([*right, *(x for line in lines for x, _ in line.points)], default=0)
        labels = (*self._labels(), *self._repeated())
        return Layout(width, height, self.nets, rects, tuple(lines), labels, cluster, title)

    def _heights(self, tracks: Sequence[Mapping[int, int]]) -> float:
        y = 0.0
        for number, row in enumerate(self.layers.rows):
            names = [item for item in row if isinstance(item, str)]
            self.tops.append(y)
            y += max(self.boxes[name].height for name in names)
            self.bottoms.append(y)
            leaving = [net for name, net in self.pins.out if name in names]
            y += 8 + max((len(label_of(net, self.nets)) for net in leaving), default=0) * (SIZE + 3)
            self.first_track.append(y)
            y += _TRACK * (1 + max(tracks[number].values(), default=-1))
            y += _ABOVE + _TITLE if self._opens(number + 1) else 0
            y += 12 if self._closes(number) else 0
            y += _ARROW
        return self.bottoms[-1] + (12 if self._closes(len(self.bottoms) - 1) else 0)

    def _opens(self, number: int) -> bool:
        return self.layers.cluster is not None and self.layers.cluster[0] == number

    def _closes(self, number: int) -> bool:
        return self.layers.cluster is not None and self.layers.cluster[1] == number

    def _rect(self, name: str) -> Rect:
        row = next(number for number, row in enumerate(self.layers.rows) if name in row)
        box, middle = self.boxes[name], self.pins.middle[name]
        return Rect(middle - box.width / 2, self.tops[row], middle + box.width / 2, self.tops[row] + box.height)

    def _lines(self, number: int, tracks: Mapping[int, int]) -> Iterator[Line]:
        for turn in self.pins.turns(number):
            segments = [segment for segment in self.layers.gaps[number] if segment.net == turn.net]
            for segment, bottom in zip(segments, turn.bottoms, strict=True):
                start = self.tops[number] if isinstance(segment.upper, tuple) else self._rect(segment.upper).bottom
                points: list[Point] = [(turn.top, start)]
                x = turn.top if abs(bottom - turn.top) < 0.5 else bottom
                if x != turn.top:
                    y = self.first_track[number] + _TRACK * tracks[turn.net]
                    points += [(turn.top, y), (x, y)]
                points.append((x, self.tops[number + 1]))
                ends = isinstance(segment.lower, str)
                yield Line(turn.net, tuple(points), ends, self._idle(segment.net, segment.lower))

    def _idle(self, number: int, lower: Item) -> bool:
        net = self.nets[number]
        if isinstance(lower, str):
            return lower in net.idle
        rows = {item: row for row, items in enumerate(self.layers.rows) for item in items}
        return all(reader in net.idle for reader in net.readers if rows[reader] > lower[1])

    def _labels(self) -> Iterator[Label]:
        for (name, net), port in self.pins.out.items():
            y = self._rect(name).bottom
            for at, line in enumerate(label_of(net, self.nets)):
                word = Word(line, self.pins.middle[name] + port + 5, y + 13 + at * (SIZE + 3), "key")
                yield Label(net, word, idle=self._all_idle(net))

    def _repeated(self) -> Iterator[Label]:
        """The text of a long line once more, as near to its end as there is room for it."""
        found = {}
        for number, row in enumerate(self.layers.rows):
            for item in row:
                if isinstance(item, tuple):
                    net, height = self.nets[item[0]], self.bottoms[number] - self.tops[number]
                    short = f"{net.label[0]}, …" if len(net.label) > 1 else net.label[0]
                    fitting = [text for text in (", ".join(net.label), short) if width_of(text, SIZE - 1) < height - 4]
                    if fitting:
                        y = self.bottoms[number] - (height - width_of(fitting[0], SIZE - 1)) / 2
                        word = Word(fitting[0], self.pins.middle[item] - 6, y, "key", SIZE - 1)
                        found[item[0]] = Label(item[0], word, along=True, idle=self._idle(item[0], item))
        yield from found.values()

    def _all_idle(self, net: int) -> bool:
        return self.picture.spared if net == CONTROL else self.nets[net].idle == set(self.nets[net].readers)

    def _cluster(self) -> tuple[Rect | None, Word | None]:
        """The frame of the gated stages and its title, at a place where no line comes down through it."""
        if self.layers.cluster is None:
            return None, None
        first, last = self.layers.cluster
        inside = [item for row in self.layers.rows[first : last + 1] for item in row if item not in self.layers.outside]
        half = {item: self.boxes[item].width / 2 if isinstance(item, str) else 0 for item in inside}
        left = min(self.pins.middle[item] - half[item] for item in inside) - FRAME
        right = max(self.pins.middle[item] + half[item] for item in inside) + FRAME
        if self.picture.gate:
            x = self.pins.middle[self.picture.gate] + self.pins.out[self.picture.gate, CONTROL]
            left, right = min(left, x - FRAME), max(right, x + FRAME)
        top = self.tops[first] - _ARROW - _TITLE
        width = width_of(TITLE) + 12
        x = left + 10
        for place in sorted(place for turn in self.pins.turns(first - 1) for place in turn.bottoms):
            if x - 6 < place < x + width:
                x = place + 8
        if x + width > right:
            left -= width + 10
            x = left + 10
        return Rect(left, top, right, self.bottoms[last] + 12), Word(TITLE, x, top + LINE, "key")
