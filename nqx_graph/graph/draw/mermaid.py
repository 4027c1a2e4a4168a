"""The picture as a Mermaid flowchart, which GitHub and many documentation tools draw."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nqx_graph.graph.draw import colours
from nqx_graph.graph.draw.labels import BEHIND, ON_A_MISS, border, fill, lines, on, title
from nqx_graph.graph.draw.picture import Edge, Node, Picture

_ARROWS = {"data": "-->", "supply": "-.->", "order": "-.->"}


def mermaid(picture: Picture) -> str:
    """One line for each node and each edge, in an order that does not change."""
    return "\n".join(_lines(picture))


def _lines(picture: Picture) -> Iterator[str]:
    names = _ids(picture)
    # A comment must hold no braces: they would be a directive.
    yield "%% " + re.sub(r"[{}\s]+", " ", title(picture))
    yield "flowchart TD"
    for node in picture.nodes:
        if not node.gated:
            yield f"    {_node(node, picture, names)}"
    gated = [node for node in picture.nodes if node.gated]
    if gated:
        yield f'    subgraph gated["{_escaped(BEHIND)}"]'
        for node in gated:
            yield f"        {_node(node, picture, names)}"
        yield "    end"
    for edge in picture.edges:
        yield f'    {names[edge.source]} {_ARROWS[edge.kind]}|"{_escaped(on(edge))}"| {names[edge.reader]}'
    if gated and picture.gate:
        yield f'    {names[picture.gate]} ==>|"{ON_A_MISS}"| gated'
    for node in picture.nodes:
        yield f"    style {names[node.name]} {_style(node, picture)}"
    if gated:
        yield f"    style gated fill:{colours.CLUSTER},stroke:{colours.CLUSTER_EDGE},color:{colours.INK}"
    for number, edge in enumerate(picture.edges):
        if picture.outcome is not None and _idle(picture, edge):
            yield f"    linkStyle {number} stroke:{colours.FAINT},stroke-dasharray:5 4"


def _idle(picture: Picture, edge: Edge) -> bool:
    return edge.kind == "data" and picture.idle(edge)


def _ids(picture: Picture) -> dict[str, str]:
    """Names with a prefix, since ``end`` and others have a meaning of their own; numbers where a name says too little."""
    plain = [re.sub(r"\W", "_", node.name, flags=re.ASCII) for node in picture.nodes]
    return {
        node.name: f"stage_{name}" if plain.count(name) == 1 and name == node.name else f"stage_{name}_{number}"
        for number, (node, name) in enumerate(zip(picture.nodes, plain, strict=True))
    }


def _node(node: Node, picture: Picture, names: dict[str, str]) -> str:
    head, *rest = (_escaped(line) for line in lines(node, picture))
    label = "<br/>".join((f"<b>{head}</b>", *rest))
    return f'{names[node.name]}{{{{"{label}"}}}}' if node.name == picture.gate else f'{names[node.name]}["{label}"]'


def _style(node: Node, picture: Picture) -> str:
    look = f"fill:{fill(node, picture)},stroke:{border(node)},color:{colours.MUTED if node.idle else colours.INK}"
    if node.state == "failed":
        return f"{look},stroke-width:4px"
    return f"{look},stroke-dasharray:5 4" if node.idle else look


def _escaped(text: str) -> str:
    """Mermaid's own entities: ``#quot;`` and the like, by number where it has no name."""
    return "".join(letter if letter not in '"<>&#`\\' else f"#{ord(letter)};" for letter in " ".join(text.split()))
