"""The text drawing: stages in the order in which they run, joined by a line for each value.

A line is born where its value is written (``╭``), passes others (``┼``), is read (``●``) and is read for the last time
(``╰``, or ``┴`` on the way). It is what a review of a change to a graph looks at.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest
from textwrap import wrap

import attrs

from nqx_graph.graph.draw.lanes import IDLE, ORDER, SOLID, Lane, Lanes
from nqx_graph.graph.draw.picture import Edge, Node, Picture
from nqx_graph.graph.table import time_text

WIDTH = 100
_STATUS = 20


def text(picture: Picture) -> str:
    """The drawing, lines of at most 100 columns unless very many values are alive at once."""
    wide = _Sheet(picture, 0)
    list(wide.lines())
    sheet = _Sheet(picture, 2 * len(wide.lanes.columns) + 1)
    return "\n".join(line.rstrip() for line in (*_head(picture), "", *sheet.lines(), *_foot(picture)))


def _head(picture: Picture) -> Iterator[str]:
    if picture.outcome is None:
        counts = ((picture.nodes, "stage"), (picture.inputs, "input"), (picture.targets, "target"))
        words = ", ".join(f"{len(items)} {noun}{'s' if len(items) != 1 else ''}" for items, noun in counts)
        yield f"{words} (◎){'' if picture.gate else ', no gate'}"
    else:
        yield f"{picture.outcome}: {time_text(picture.total_ns or 0)}"
        if picture.error:
            yield from wrap(picture.error, WIDTH)


def _foot(picture: Picture) -> Iterator[str]:
    if picture.overhead_ns is not None:
        yield ""
        yield f"between the stages: {time_text(picture.overhead_ns)}"


@attrs.define
class _Sheet:
    """A drawing in the making; ``width`` is that of the lanes."""

    picture: Picture
    width: int
    lanes: Lanes = attrs.field(factory=Lanes)
    column: int = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.column = max((len(self._title(node)) for node in self.picture.nodes), default=0) + 3

    def lines(self) -> Iterator[str]:
        yield from self._inputs()
        for node in self.picture.nodes:
            yield self.lanes.through()
            yield from self._stage(node)
            if node.name == self.picture.gate:
                yield self.lanes.through()
                yield f"{self.lanes.rule(self.width)} behind the gate: a hit skips this ".ljust(WIDTH, "═")

    def _inputs(self) -> Iterator[str]:
        """One line each; who is needed longest is leftmost, so that few lines cross."""
        place = {node.name: number for number, node in enumerate(self.picture.nodes)}
        readers = {
            name: {node.name for node in self.picture.nodes if name in (*node.reads, *node.covers)}
            for name in self.picture.inputs
        }
        last = {name: max((place[reader] for reader in readers[name]), default=-1) for name in readers}
        word = "inputs"
        for name in sorted(readers, key=lambda name: (-last[name], name)):
            if readers[name]:
                line = self.lanes.birth(self.lanes.open(Lane((name,), readers[name])), self.width)
                yield f"{line}─ {name.ljust(self.column)}{word}"
            else:
                yield f"{self.lanes.through().ljust(self.width)}  {name.ljust(self.column)}read by no stage"
            word = ""

    def _stage(self, node: Node) -> Iterator[str]:
        idle = node.idle
        reads = any(lane and node.name in lane.readers for lane in self.lanes.columns)
        line = self.lanes.read(node.name, "╌" if idle else "─", self.width)
        arrow = ("▷" if idle else "▶") if reads else " "
        first, *more = self._beside(node)
        yield f"{line}{arrow} {self._title(node).ljust(self.column)}{first}"
        for rest in more:
            yield f"{self.lanes.through().ljust(self.width)}  {''.ljust(self.column)}{rest}"
        yield from self._written(node)

    def _title(self, node: Node) -> str:
        mark = "✗ " if node.state == "failed" else "◇ " if node.name == self.picture.gate else ""
        return f"{mark}{node.name}"

    def _beside(self, node: Node) -> list[str]:
        """What stands to the right of the name: status and time in a run, then what it reads."""
        left = [cell for cell in (self._time(node), node.remark) if cell]
        always = " · always" if node.note == "always" else ""
        words = [f"← {', '.join(node.reads) or 'nothing'}{always}"]
        words += [f"key covers {', '.join(node.covers)}"] if node.covers else []
        words += [node.reason] if node.reason else []
        indent = _STATUS if node.status is not None else 0
        room = max(30, WIDTH - self.width - 2 - self.column - indent)
        right = [line for word in words for line in wrap(word, room, subsequent_indent="  ")] or [""]
        return [f"{cell.ljust(indent)}{line}" for cell, line in zip_longest(left, right, fillvalue="")]

    def _time(self, node: Node) -> str:
        time, _, share = self.picture.time_text(node).rpartition(" ")
        return f"{time:>7} {share:>4}" if time else ""

    def _written(self, node: Node) -> Iterator[str]:
        """A line for each value that it writes, and for each stage that it has to come before."""
        edges = [edge for edge in self.picture.edges if edge.source == node.name]
        for name in node.writes:
            readers = {edge.reader for edge in edges if edge.kind == "data" and name in edge.label}
            mark = "  ◎" if name in self.picture.targets else ""
            idle = node.idle or node.state == "failed"
            yield from self._born((name,), readers, IDLE if idle else SOLID, f"{name}{mark}")
        if node.supplies:
            readers = {edge.reader for edge in edges if edge.kind == "supply"}
            yield from self._born((node.supplies,), readers, SOLID, f"{node.supplies}  ◎ supplied on a hit")
        for edge in edges:
            if edge.kind == "order":
                yield from self._order(edge)

    def _order(self, edge: Edge) -> Iterator[str]:
        words = f"before {edge.reader}: {', '.join(edge.label)}"
        first, *more = wrap(words, max(30, WIDTH - self.width - 6), subsequent_indent="  ")
        yield from self._born(edge.label, {edge.reader}, ORDER, first)
        for line in more:
            yield f"{self.lanes.through().ljust(self.width)}    {line}"

    def _born(self, key: tuple[str, ...], readers: set[str], line: str, words: str) -> Iterator[str]:
        if readers:
            drawn = self.lanes.birth(self.lanes.open(Lane(key, readers, line)), self.width)
            yield f"{drawn}{drawn[-1]}┤ {words}"
        else:
            yield f"{self.lanes.through().ljust(self.width)} ├ {words}"
