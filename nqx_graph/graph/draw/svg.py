"""The layered drawing as SVG: no style sheet, no ids and no script, so that it can stand anywhere and beside others."""

from __future__ import annotations

from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

import attrs

from nqx_graph.graph.draw import colours, labels
from nqx_graph.graph.draw.boxes import Box, Word
from nqx_graph.graph.draw.frame import Frame, frame
from nqx_graph.graph.draw.layout import Layout, Line, Point, Rect, layout
from nqx_graph.graph.draw.picture import Picture
from nqx_graph.graph.draw.ports import CONTROL

FONT = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', 'Liberation Mono', monospace"
MARGIN = 20.0
_BEND = 6.0
_DASHES = {"order": "1 4", "supply": "7 3", "data": None}


def svg(picture: Picture) -> str:
    """The drawing on a white ground of its own, at its natural size; it shrinks with the page."""
    placed = layout(picture)
    around = frame(picture, placed.width)
    width = max(placed.width, around.width) + 2 * MARGIN
    height = around.top + placed.height + around.bottom + 2 * MARGIN
    shift = (MARGIN + (width - 2 * MARGIN - placed.width) / 2, MARGIN + around.top)
    size = f'width="{width:.0f}" height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}"'
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" font-family={quoteattr(FONT)} '
            'style="max-width:100%;height:auto">',
            _hover(_title(picture)),
            _tag("rect", width="100%", height="100%", rx=6, fill=colours.PAPER, stroke=colours.FAINT, stroke_width=0.5),
            *_frame(around, placed.height),
            f'<g transform="translate({_number(shift[0])} {_number(shift[1])})">',
            *_Writer(picture, placed).parts(),
            "</g>",
            "</svg>",
        )
    )


def _title(picture: Picture) -> str:
    what = "A dataflow graph" if picture.outcome is None else f"A call of a dataflow graph, {picture.outcome}"
    return f"{what}: {', '.join(node.name for node in picture.nodes)}"


def _frame(around: Frame, height: float) -> Iterator[str]:
    for word in around.head:
        yield from _word(word.moved(MARGIN, MARGIN))
    for word in around.foot:
        yield from _word(word.moved(MARGIN, MARGIN + around.top + height))
    for sample in around.samples:
        y = sample.y + MARGIN + around.top + height
        yield _tag("rect", x=sample.x + MARGIN, y=y, width=26, height=14, rx=3, **sample.look)


@attrs.frozen
class _Writer:
    picture: Picture
    placed: Layout

    def parts(self) -> Iterator[str]:
        if self.placed.cluster:
            yield _rect(
                self.placed.cluster,
                rx=10,
                fill=colours.CLUSTER,
                stroke=colours.CLUSTER_EDGE,
                stroke_width=1.2,
                stroke_dasharray="6 4",
            )
        if self.placed.title:
            yield from _word(self.placed.title)
        for net in (CONTROL, *range(len(self.placed.nets))):
            lines = [line for line in self.placed.lines if line.net == net]
            yield _tag("path", d="".join(_path(line) for line in lines), fill="none", **_HALO)
            # What flowed is drawn on top of what did not.
            for idle in (True, False):
                yield from self._net(net, [line for line in lines if line.idle == idle], idle)
        for label in self.placed.labels:
            colour = colours.MUTED if label.idle else self._colour(label.net)
            yield _text(label.word, colour, upwards=label.along)
        for box, rect in self.placed.boxes:
            yield from self._box(box, rect)

    def _colour(self, net: int) -> str:
        if net == CONTROL:
            return colours.CLUSTER_TEXT
        return self._of(self.placed.nets[net].source)

    def _of(self, name: str) -> str:
        """The colour of a stage and of all that it writes."""
        writers = list(dict.fromkeys(net.source for net in self.placed.nets))
        return colours.LINES[writers.index(name) % len(colours.LINES)] if name in writers else colours.FAINT

    def _net(self, number: int, lines: list[Line], idle: bool) -> Iterator[str]:
        """The lines of a net as one path, since translucent edges that lie on each other would look thicker."""
        if not lines:
            return
        net = None if number == CONTROL else self.placed.nets[number]
        colour = colours.FAINT if idle else self._colour(number)
        yield "<g>"
        if net:
            yield _hover(f"{', '.join(net.label)}: {net.source} to {', '.join(net.readers)}")
        yield _tag(
            "path",
            d="".join(_path(line) for line in lines),
            fill="none",
            stroke=colour,
            stroke_width=1.2 if idle else 2.4 if net is None else 1.6,
            stroke_dasharray="5 4" if idle else _DASHES[net.kind] if net else None,
            stroke_linecap="round" if net and net.kind == "order" else None,
        )
        tips = (line.points[-1] for line in lines if line.ends)
        heads = "".join(f"M{_number(x - 4)} {_number(y - 8)}h8l-4 8z" for x, y in tips)
        if heads:
            yield _tag("path", d=heads, fill=colour)
        yield "</g>"

    def _box(self, box: Box, rect: Rect) -> Iterator[str]:
        node = box.node
        idle, failed, gate = node.idle, node.state == "failed", node.name == self.picture.gate
        yield _rect(
            rect,
            rx=4,
            fill=labels.fill(node, self.picture),
            stroke=labels.border(node),
            stroke_width=3.5 if failed else 2.2 if gate and not idle else 1.1,
            stroke_dasharray="5 4" if idle else None,
        )
        if not idle:
            yield _tag(
                "rect",
                x=rect.left + 3,
                y=rect.top + 6,
                width=3.5,
                height=rect.bottom - rect.top - 12,
                rx=1.5,
                fill=self._of(node.name),
            )
        if failed:
            x, y = rect.left + 12, rect.top + 11
            yield _tag(
                "path",
                d=f"M{_number(x)} {_number(y)}l10 10m0 -10l-10 10",
                fill="none",
                stroke=colours.FAILED,
                stroke_width=3,
                stroke_linecap="round",
            )
        for word in box.words:
            yield from _word(word.moved(rect.left, rect.top), idle)


_HALO: dict[str, object] = {"stroke": colours.PAPER, "stroke_width": 4.5, "stroke_opacity": 0.9}


def _hover(text: str) -> str:
    return f"<title>{escape(text)}</title>"


def _word(word: Word, idle: bool = False) -> Iterator[str]:
    if word.style in ("input", "target"):
        fill, edge = (colours.INPUT, colours.INPUT_EDGE) if word.style == "input" else (colours.PAPER, colours.INK)
        look: dict[str, object] = {
            "fill": "none" if idle else fill,
            "stroke": colours.FAINT if idle else edge,
            "stroke_width": "0.9",
        }
        yield _tag("rect", x=word.x - 4, y=word.y - 11.5, width=word.width + 8, height=15, rx=7.5, **look)
    fill = colours.MUTED if idle or word.style in ("key", "note") else colours.INK
    yield _text(word, fill=colours.FAILED if word.style == "alarm" else fill)


def _text(word: Word, fill: str, upwards: bool = False) -> str:
    bold = "bold" if word.style in ("name", "alarm") else None
    place: dict[str, object] = {"x": word.x, "y": word.y}
    if upwards:
        place = {"transform": f"translate({_number(word.x)} {_number(word.y)}) rotate(-90)"}
    start = _tag("text", **place, font_size=word.size, font_weight=bold, fill=fill).removesuffix("/>")
    return f"{start}>{escape(word.text)}</text>"


def _path(line: Line) -> str:
    """Straight parts with rounded corners; it stops short of its arrowhead."""
    points = list(line.points)
    if line.ends:
        points[-1] = (points[-1][0], points[-1][1] - 6)
    parts = [f"M{_number(points[0][0])} {_number(points[0][1])}"]
    for before, here, after in zip(points, points[1:], points[2:], strict=False):
        parts.append(f"L{_near(here, before)}Q{_number(here[0])} {_number(here[1])} {_near(here, after)}")
    return "".join((*parts, f"L{_number(points[-1][0])} {_number(points[-1][1])}"))


def _near(corner: Point, other: Point) -> str:
    dx, dy = other[0] - corner[0], other[1] - corner[1]
    length = max(abs(dx), abs(dy))
    bend = min(_BEND, length / 2) / max(length, 1e-9)
    return f"{_number(corner[0] + dx * bend)} {_number(corner[1] + dy * bend)}"


def _rect(rect: Rect, **look: object) -> str:
    sides: dict[str, object] = {
        "x": rect.left,
        "y": rect.top,
        "width": rect.right - rect.left,
        "height": rect.bottom - rect.top,
    }
    return _tag("rect", **sides, **look)


def _tag(name: str, **attributes: object) -> str:
    given = {key.replace("_", "-"): value for key, value in attributes.items() if value is not None}
    text = " ".join(
        f"{key}={quoteattr(_number(value) if isinstance(value, float) else str(value))}" for key, value in given.items()
    )
    return f"<{name} {text}/>"


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
