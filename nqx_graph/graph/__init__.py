"""Dataflow graphs of plain functions, with a gate that can supply what part of the graph would make.

An :class:`Analysis` is a named value and a :class:`Stage` a function that reads and writes some (``analysis``,
``stage``). :class:`Graph` joins them and refuses what cannot work, all faults at once (``wiring``, ``faults``,
``typecheck``, ``cycles``, ``soundness``). From what stages declare follow the order and what a hit skips (``order``),
the plan that runs (``plan``) and what a cache key has to cover (``soundness``, ``identity``). :func:`execute` runs one
call (``gate``, ``run``, ``record``), and :class:`Report` and :func:`describe` show it (``report``, ``text``, ``table``).
"""

from nqx_graph.graph.analysis import Analysis
from nqx_graph.graph.faults import Fault
from nqx_graph.graph.gate import BYPASS, MISS, Bypassed, Miss, Supplied
from nqx_graph.graph.graph import Graph
from nqx_graph.graph.identity import Identity, identity, package_digest
from nqx_graph.graph.order import Order
from nqx_graph.graph.record import STATUSES, CallRecord, Entry
from nqx_graph.graph.report import NodeReport, Report, side_by_side
from nqx_graph.graph.run import Run, StageFailure, execute
from nqx_graph.graph.stage import Stage, stage
from nqx_graph.graph.text import describe

__all__ = [
    "BYPASS",
    "MISS",
    "STATUSES",
    "Analysis",
    "Bypassed",
    "CallRecord",
    "Entry",
    "Fault",
    "Graph",
    "Identity",
    "Miss",
    "NodeReport",
    "Order",
    "Report",
    "Run",
    "Stage",
    "StageFailure",
    "Supplied",
    "describe",
    "execute",
    "identity",
    "package_digest",
    "side_by_side",
    "stage",
]
