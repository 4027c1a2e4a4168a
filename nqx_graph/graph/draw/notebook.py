"""How a notebook shows a graph or a call: the picture, and below a call its table as text."""

from __future__ import annotations

from html import escape

from nqx_graph.graph.draw.picture import Picture
from nqx_graph.graph.draw.svg import svg
from nqx_graph.graph.draw.text import text


def html(picture: Picture) -> str:
    """The SVG in a frame that scrolls where the page is too narrow, with the text drawing folded away below."""
    return (
        f'<div style="overflow-x:auto">{svg(picture)}</div>'
        f"<details><summary>as text</summary><pre>{escape(text(picture))}</pre></details>"
    )


def bundle(picture: Picture) -> dict[str, str]:
    """Every form that a notebook may choose from."""
    return {"text/plain": text(picture), "image/svg+xml": svg(picture), "text/html": html(picture)}
