"""Fanout analysis: how many slots each term needs in the padded output."""

from __future__ import annotations

from nqx_graph.graph import stage
from nqx_graph.ir.types import SymbolicOperatorIR
from nqx_graph.stages.analyses import TERM_FANOUTS, TOTAL_FANOUT


@stage(writes=(TERM_FANOUTS, TOTAL_FANOUT), describe=lambda term_fanouts, total_fanout: {"total_fanout": total_fanout})
def symbolic_fanout_analysis(ir: SymbolicOperatorIR) -> tuple[tuple[int, ...], int]:
    """The promise where one was given, else rows times emissions."""
    fanouts = tuple(term.fanout for term in ir.terms)
    return fanouts, sum(fanouts)
