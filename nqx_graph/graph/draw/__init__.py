"""Pictures of a graph and of its calls.

A :class:`Picture` is what there is to see (``picture``), and each format is one function of it: ``text`` (with
``lanes``), ``mermaid`` and ``dot`` (with ``labels``), ``svg``. The SVG is laid out here: parallel edges become one line
(``nets``), stages get rows (``layers``), rows an order (``ordering``), items a place (``boxes``, ``ports``,
``coordinates``), lines a height (``channels``) and a little room (``untangle``), and all of it is geometry (``layout``) before it is drawn (``frame``,
``colours``). ``notebook`` shows it.
"""

from collections.abc import Callable

from nqx_graph.errors import GraphError, nearest
from nqx_graph.graph.draw.dot import dot
from nqx_graph.graph.draw.layout import Layout, layout
from nqx_graph.graph.draw.mermaid import mermaid
from nqx_graph.graph.draw.notebook import bundle, html
from nqx_graph.graph.draw.picture import Edge, Node, Picture, plan_picture, run_picture
from nqx_graph.graph.draw.svg import svg
from nqx_graph.graph.draw.text import text

FORMATS: dict[str, Callable[[Picture], str]] = {"text": text, "mermaid": mermaid, "dot": dot, "svg": svg}


def draw(picture: Picture, format: str = "text") -> str:
    """A picture in one of :data:`FORMATS`.

    Raises:
        GraphError: if there is no such format.
    """
    if format not in FORMATS:
        known = ", ".join(map(repr, FORMATS))
        raise GraphError(f"There is no format {format!r}.{nearest(str(format), FORMATS)} Ask for one of {known}.")
    return FORMATS[format](picture)


__all__ = [
    "FORMATS",
    "Edge",
    "Layout",
    "Node",
    "Picture",
    "bundle",
    "draw",
    "html",
    "layout",
    "plan_picture",
    "run_picture",
    "svg",
    "text",
]
