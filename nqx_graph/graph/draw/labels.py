"""What the formats that others lay out write in a node and on an edge, line by line."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap

from nqx_graph.graph.draw import colours
from nqx_graph.graph.draw.picture import Edge, Node, Picture
from nqx_graph.graph.table import time_text

BEHIND = "skipped on a hit"
ON_A_MISS = "on a miss"
TARGET = "◎"


def title(picture: Picture) -> str:
    """A line about the whole."""
    if picture.outcome is None:
        return f"{len(picture.nodes)} stages; {TARGET} marks a target"
    error = f", {picture.error}" if picture.error else ""
    return f"{picture.outcome}, {time_text(picture.total_ns or 0)}{error}"


def lines(node: Node, picture: Picture) -> Iterator[str]:
    """The name, then what became of it, then what it reads and writes."""
    mark = "✗ " if node.state == "failed" else ""
    yield " · ".join(word for word in (f"{mark}{node.name}", node.note) if word)
    remarks = (node.remark, picture.time_text(node), node.reason)
    if any(remarks):
        yield " · ".join(word for word in remarks if word)
    given = [name for name in node.reads if name in picture.inputs]
    rows = (
        ("inputs", given),
        ("reads", [name for name in node.reads if name not in given]),
        ("covers", node.covers),
        ("writes", [f"{name} {TARGET}" if name in picture.targets else name for name in node.writes]),
        ("supplies", [node.supplies] if node.supplies else []),
    )
    for word, names in rows:
        if names:
            yield from wrap(f"{word}: {', '.join(names)}", 44, break_long_words=False, break_on_hyphens=False)


def on(edge: Edge) -> str:
    """What stands on an edge."""
    return ", ".join(edge.label) + (" (on a hit)" if edge.kind == "supply" else "")


def fill(node: Node, picture: Picture) -> str:
    """The ground of a node: by time in a run, by kind in a plan."""
    if node.idle:
        return colours.PAPER
    if node.status is None:
        return colours.GATE if node.name == picture.gate else colours.BOX
    return colours.shade(picture.share(node))


def border(node: Node) -> str:
    """The colour of a node's edge."""
    return colours.FAILED if node.state == "failed" else colours.FAINT if node.idle else colours.INK
