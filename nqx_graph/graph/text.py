"""A graph as text: its stages in order, and what the gate separates."""

from __future__ import annotations

from collections.abc import Iterable

from nqx_graph.graph.graph import Graph
from nqx_graph.graph.stage import Stage
from nqx_graph.graph.table import table, wrapped


def describe(graph: Graph) -> str:
    """One line for each stage with what it reads and writes, under before the gate, the gate and behind the gate."""
    lines: list[tuple[str, str, str, str]] = []
    order = graph.order
    lines += _section("before the gate" if order.gate else "stages", graph, order.before)
    if order.gate:
        lines += _section("the gate", graph, (order.gate,))
        lines += _section("behind the gate", graph, order.on_miss)
    return "\n".join(
        (
            wrapped([f"inputs: {', '.join(item.name for item in graph.inputs) or 'none'}"], 100),
            wrapped([f"targets: {', '.join(graph.wanted) or 'none'}"], 100),
            "",
            table(("stage", "reads", "writes", "notes"), lines),
        )
    )


def _section(title: str, graph: Graph, names: Iterable[str]) -> list[tuple[str, str, str, str]]:
    return [(title, "", "", ""), *(_line(graph, graph[name]) for name in names)]


def _line(graph: Graph, stage: Stage) -> tuple[str, str, str, str]:
    written = ", ".join(item.name for item in stage.writes) or "-"
    if stage.supplies:
        written = f"supplies {stage.supplies.name}"
    notes = ["always"] if stage.always else []
    notes += [f"key covers {', '.join(graph.covered) or 'nothing'}"] if stage.covered else []
    notes += [f"before {wait.stage}: {wait.reason}" for wait in stage.before]
    notes += [f"after {wait.stage}: {wait.reason}" for wait in stage.after]
    return (
        f"  {stage.name}",
        wrapped(stage.reads or ("-",), 40),
        wrapped([written], 24),
        wrapped(["; ".join(notes)], 24),
    )
