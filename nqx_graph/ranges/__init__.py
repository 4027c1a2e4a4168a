"""Interval analysis: what the numbers of an operator may be, from the local states, the rows and the columns.

``values`` are sets and intervals, ``lines`` runs expressions on them, ``updates`` follows x', ``terms`` puts it together.
Nothing here is ever contradicted by running; what it cannot prove is guarded at run time.
"""

from nqx_graph.ranges.operators import OperatorRanges, operator_ranges
from nqx_graph.ranges.results import EmissionRanges, ExprRanges, TermRanges
from nqx_graph.ranges.terms import term_ranges
from nqx_graph.ranges.values import Value

__all__ = [
    "EmissionRanges",
    "ExprRanges",
    "OperatorRanges",
    "TermRanges",
    "Value",
    "operator_ranges",
    "term_ranges",
]
