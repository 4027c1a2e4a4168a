"""What two graphs or two operators differ in."""

from __future__ import annotations

from typing import Any, overload

from nqx_graph.differences.operators import OperatorDifference, operator_diff
from nqx_graph.graph import Difference, Graph
from nqx_graph.graph import diff as graph_diff

__all__ = ["OperatorDifference", "diff"]


@overload
def diff(first: Graph, second: Graph) -> Difference: ...


@overload
def diff(first: Any, second: Any) -> OperatorDifference: ...


def diff(first: Any, second: Any) -> Difference | OperatorDifference:
    """What a second graph, or a second operator, changes of a first; ``print`` says it, and it is false if there is nothing.

    ``+`` it has more, ``-`` it lacks, ``~`` is another, ``>`` has moved.

    Args:
        first: a graph; or a symbolic operator, or its IR.
        second: likewise.

    Raises:
        OptionTypeError: for anything else, such as a compiled operator.
    """
    if isinstance(first, Graph) and isinstance(second, Graph):
        return graph_diff(first, second)
    return operator_diff(first, second)
