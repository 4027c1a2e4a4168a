"""Dataflow graphs of plain functions, with a gate that can supply what part of the graph would make.

An :class:`Analysis` is a named value and a :class:`Stage` a function that reads and writes some (``analysis``, ``stage``,
``waits``), written down with :func:`stage` or, for classes, :func:`as_stage` (``declare``, ``passes``, ``pass_context``).
:class:`Graph` joins them (``fields``, ``wiring``, ``override``) and refuses what cannot work, all faults at once
(``check``, ``faults``, ``structure``, ``typecheck``, ``override_faults``, ``cycles``, ``soundness``). From what stages
declare follow the order and what a hit skips (``order``), the plan that runs (``plan``) and what a cache key has to cover
(``soundness``, ``identity``, ``tokens``). :func:`execute` runs one call (``gate``, ``run``, ``record``, told to
``instruments``), and :class:`Report`, :func:`describe`, :func:`diff` and ``draw`` show it (``report``, ``text``, ``table``).
"""

from nqx_graph.graph.analysis import Analysis
from nqx_graph.graph.declare import stage
from nqx_graph.graph.diff import Difference, diff
from nqx_graph.graph.faults import KINDS, Fault
from nqx_graph.graph.gate import BYPASS, MISS, Bypassed, Miss, Supplied
from nqx_graph.graph.graph import Graph
from nqx_graph.graph.identity import Identity, identity, package_digest
from nqx_graph.graph.instruments import Instrument
from nqx_graph.graph.order import Order
from nqx_graph.graph.pass_context import DeclaredAnalyses, PassContext
from nqx_graph.graph.passes import as_stage
from nqx_graph.graph.record import RAN, STATUSES, CallRecord, Entry
from nqx_graph.graph.report import NodeReport, Report, side_by_side
from nqx_graph.graph.run import Run, StageFailure, execute
from nqx_graph.graph.stage import Stage
from nqx_graph.graph.text import describe

__all__ = [
    "BYPASS",
    "KINDS",
    "MISS",
    "RAN",
    "STATUSES",
    "Analysis",
    "Bypassed",
    "CallRecord",
    "DeclaredAnalyses",
    "Difference",
    "Entry",
    "Fault",
    "Graph",
    "Identity",
    "Instrument",
    "Miss",
    "NodeReport",
    "Order",
    "PassContext",
    "Report",
    "Run",
    "Stage",
    "StageFailure",
    "Supplied",
    "as_stage",
    "describe",
    "diff",
    "execute",
    "identity",
    "package_digest",
    "side_by_side",
    "stage",
]
