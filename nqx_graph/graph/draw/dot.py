"""The picture in the language of Graphviz, as text; nothing is run."""

from __future__ import annotations

from collections.abc import Iterator

from nqx_graph.graph.draw import colours
from nqx_graph.graph.draw.labels import BEHIND, ON_A_MISS, border, fill, lines, on, title
from nqx_graph.graph.draw.picture import Edge, Node, Picture

_STYLES = {"data": "solid", "supply": "dashed", "order": "dotted"}


def dot(picture: Picture) -> str:
    """One line for each node and each edge, in an order that does not change."""
    return "\n".join(_lines(picture))


def _lines(picture: Picture) -> Iterator[str]:
    yield "digraph {"
    yield f"    graph [compound=true, bgcolor={_quoted(colours.PAPER)}, fontname=Courier, label={_quoted(title(picture))}];"
    yield '    node [shape=box, style=filled, fontname=Courier, fontsize=11, margin="0.15,0.1"];'
    yield "    edge [fontname=Courier, fontsize=10];"
    for node in picture.nodes:
        if not node.gated:
            yield f"    {_node(node, picture)}"
    gated = [node for node in picture.nodes if node.gated]
    if gated:
        yield "    subgraph cluster_gated {"
        yield f"        label={_quoted(BEHIND)}; labeljust=l; style=dashed;"
        yield f"        bgcolor={_quoted(colours.CLUSTER)}; color={_quoted(colours.CLUSTER_EDGE)};"
        for node in gated:
            yield f"        {_node(node, picture)}"
        yield "    }"
    for edge in picture.edges:
        yield f"    {_quoted(edge.source)} -> {_quoted(edge.reader)} [{_edge(edge, picture)}];"
    if gated and picture.gate:
        look = f"label={_quoted(ON_A_MISS)}, lhead=cluster_gated, penwidth=2, color={_quoted(colours.CLUSTER_TEXT)}"
        yield f"    {_quoted(picture.gate)} -> {_quoted(gated[0].name)} [{look}];"
    yield "}"


def _node(node: Node, picture: Picture) -> str:
    label = "".join(f"{_escaped(line)}\\l" for line in lines(node, picture))
    style = '"filled,dashed"' if node.idle else "filled"
    width = 3 if node.state == "failed" else 2 if node.name == picture.gate else 1
    look = f"fillcolor={_quoted(fill(node, picture))}, color={_quoted(border(node))}, penwidth={width}, style={style}"
    return f'{_quoted(node.name)} [label="{label}", {look}];'


def _edge(edge: Edge, picture: Picture) -> str:
    idle = picture.outcome is not None and picture.idle(edge)
    style = "dashed" if idle and edge.kind == "data" else _STYLES[edge.kind]
    return f"label={_quoted(on(edge))}, style={style}, color={_quoted(colours.FAINT if idle else colours.INK)}"


def _escaped(text: str) -> str:
    return " ".join(text.split()).replace("\\", "\\\\").replace('"', '\\"')


def _quoted(text: str) -> str:
    return f'"{_escaped(text)}"'
