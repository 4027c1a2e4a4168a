"""A call as a trace: the JSON that Perfetto and chrome://tracing open."""

from __future__ import annotations

from typing import Any

from nqx_graph.graph.table import json_safe

_PROCESS, _THREAD = 1, 1


def chrome_trace(report: Any) -> dict[str, Any]:
    """A `Report` as complete events ("X"), in microseconds from the start of the call: the call, and every stage that ran.

    The format is the Trace Event Format of the Chromium project.
    """
    record = report.record
    start = record.start_ns or 0
    rows = {row.name: row for row in report.rows}
    events = [_event(f"compile: {report.outcome or 'failed'}", "call", 0, report.total_ns, {"failed": report.failed})]
    for entry in record.entries:
        row = rows[entry.stage]
        facts = {"status": entry.status, "reads": row.reads, "wrote": row.sizes, **row.metadata}
        events.append(_event(entry.stage, "stage", entry.start_ns - start, entry.duration_ns, facts))
    names = [
        {"ph": "M", "pid": _PROCESS, "tid": _THREAD, "name": "process_name", "args": {"name": "nqx_graph"}},
        {"ph": "M", "pid": _PROCESS, "tid": _THREAD, "name": "thread_name", "args": {"name": "compile"}},
    ]
    return {"traceEvents": [*names, *events], "displayTimeUnit": "ns"}


def _event(name: str, category: str, start_ns: int, duration_ns: int, facts: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": name,
        "cat": category,
        "ph": "X",
        "ts": start_ns / 1e3,
        "dur": duration_ns / 1e3,
        "pid": _PROCESS,
        "tid": _THREAD,
        "args": {key: json_safe(value) for key, value in facts.items()},
    }
