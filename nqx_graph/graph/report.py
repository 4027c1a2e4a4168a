"""What one call did, as a table, as JSON, and row by row; made when it is read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import attrs

from nqx_graph.errors import GraphError, nearest
from nqx_graph.graph.draw import bundle, draw, html, run_picture
from nqx_graph.graph.graph import Graph
from nqx_graph.graph.record import NOT_REACHED, RAN, SKIPPED_HIT, CallRecord, Entry
from nqx_graph.graph.table import UNSIZED, json_safe, shortened, size_text, table, time_text, wrapped
from nqx_graph.graph.trace import chrome_trace

SCHEMA_VERSION: Final = 1
OVERHEAD: Final = "(scheduler)"


@attrs.frozen
class NodeReport:
    """One stage in one call.

    Attributes:
        name: the name of the stage.
        status: one of :data:`STATUSES`.
        duration_ns: its own wall time in nanoseconds.
        reads: what it reads.
        writes: what it writes, or can supply.
        sizes: how large each value that it wrote is, by name.
        metadata: what its ``describe`` says of these values.
    """

    name: str
    status: str
    duration_ns: int
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    sizes: Mapping[str, str] = attrs.field(factory=dict)
    metadata: Mapping[str, Any] = attrs.field(factory=dict)

    @property
    def pass_name(self) -> str:
        """The name, as the compiler pipeline calls it."""
        return self.name

    @property
    def duration_ms(self) -> float:
        """The wall time in milliseconds."""
        return self.duration_ns / 1e6


@attrs.frozen(eq=False)
class Report:
    """The rows are the same, in the same order, whatever the call did. Read them again and they are made again."""

    graph: Graph
    record: CallRecord = attrs.field(repr=False)

    @property
    def outcome(self) -> str | None:
        """``"hit"``, ``"miss"`` or ``"uncached"``; ``None`` for a call that failed before the gate answered."""
        return self.record.outcome

    @property
    def failed(self) -> str | None:
        """The name of the stage that failed."""
        return self.record.failed

    @property
    def analyses(self) -> dict[str, Any]:
        """The values that this call computed, by name."""
        return self.record._analyses

    @property
    def rows(self) -> tuple[NodeReport, ...]:
        """One row for each stage of the graph, in the order of the miss plan."""
        entries = {entry.stage: entry for entry in self.record.entries}
        return tuple(self._row(name, entries.get(name)) for name in self.graph.miss_plan)

    @property
    def total_ns(self) -> int:
        """Wall time of the call; of its stages so far, while it runs."""
        known = self.record.total_ns
        return self._own_ns if known is None else known

    @property
    def overhead_ns(self) -> int:
        """What the call took beyond the sum of its stages; never negative."""
        return max(0, self.total_ns - self._own_ns)

    def __getitem__(self, name: str) -> NodeReport:
        """The row of one stage."""
        names = self.graph.miss_plan
        if name not in names:
            raise GraphError(f"The report has no row {name!r}.{nearest(name, names)} Ask for a stage of the graph.")
        return next(row for row in self.rows if row.name == name)

    def to_dict(self) -> dict[str, Any]:
        """The report in terms of JSON; ``schema_version`` changes when its shape does."""
        return {
            "schema_version": SCHEMA_VERSION,
            "outcome": self.outcome,
            "failed": self.failed,
            "error": None if self.record.error is None else repr(self.record.error),
            "total_ns": self.total_ns,
            "overhead_ns": self.overhead_ns,
            "rows": [json_safe(attrs.asdict(row)) for row in self.rows],
        }

    def to_chrome_trace(self) -> dict[str, Any]:
        """The call in the Trace Event Format: write it as JSON, and Perfetto or chrome://tracing opens it."""
        return chrome_trace(self)

    def draw(self, format: str = "text") -> str:
        """What the call did, drawn as ``"text"``, ``"mermaid"``, ``"dot"`` or ``"svg"``.

        Raises:
            GraphError: if there is no such format.
        """
        return draw(run_picture(self), format)

    def _repr_html_(self) -> str:
        return html(run_picture(self))

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return bundle(run_picture(self))

    def __str__(self) -> str:
        lines = [_cells(row) for row in self.rows]
        lines.append((OVERHEAD, "", time_text(self.overhead_ns), "", ""))
        lines.append((f"total: {self.outcome or 'failed'}", "", time_text(self.total_ns), "", ""))
        return table(("stage", "status", "time", "wrote", "metadata"), lines, right=(2,))

    @property
    def _own_ns(self) -> int:
        return sum(entry.duration_ns for entry in self.record.entries)

    def _row(self, name: str, entry: Entry | None) -> NodeReport:
        stage = self.graph[name]
        writes = tuple(item.name for item in stage.writes) or ((stage.supplies.name,) if stage.supplies else ())
        if entry is None:
            skipped = self.outcome == "hit" and name in self.graph.gated
            return NodeReport(name, SKIPPED_HIT if skipped else NOT_REACHED, 0, stage.reads, writes)
        values = {item: self.record._values[item] for item in entry.wrote}
        sizes = {item: size_text(value) for item, value in values.items()}
        metadata = {} if entry.reason is None else {"reason": entry.reason}
        if stage.describe is not None and entry.status == RAN:
            metadata |= _described(stage.describe, values)
        return NodeReport(name, entry.status, entry.duration_ns, stage.reads, writes, sizes, metadata)


def side_by_side(first: Report, second: Report) -> str:
    """Two reports as one table: for each stage, the status and the time in both."""
    names = dict.fromkeys((*first.graph.miss_plan, *second.graph.miss_plan))
    columns = [
        {row.name: (row.status, time_text(row.duration_ns)) for row in report.rows} for report in (first, second)
    ]
    lines = [(name, *columns[0].get(name, ("", "")), *columns[1].get(name, ("", ""))) for name in names]
    lines.append((OVERHEAD, "", time_text(first.overhead_ns), "", time_text(second.overhead_ns)))
    lines.append(("total", "", time_text(first.total_ns), "", time_text(second.total_ns)))
    head = ("stage", first.outcome or "failed", "time", second.outcome or "failed", "time")
    return table(head, lines, right=(2, 4))


def _cells(row: NodeReport) -> tuple[str, ...]:
    sized = (f"{name} ({size})" if size != UNSIZED else name for name, size in row.sizes.items())
    written = wrapped(sized, 44)
    notes = wrapped(
        (f"{key}={value if key == 'reason' else shortened(value)}" for key, value in row.metadata.items()), 44
    )
    return (row.name, row.status, time_text(row.duration_ns), written, notes)


def _described(describe: Any, values: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return dict(describe(**values))
    except Exception as error:
        # A report of a call that worked must not fail over a remark.
        return {"describe failed": repr(error)}
