"""Where the time of a compile went."""

from __future__ import annotations

from typing import Any, Final

from nqx_graph.errors import OptionTypeError
from nqx_graph.graph import NodeReport, Report
from nqx_graph.graph.record import FAILED, RAN
from nqx_graph.graph.report import OVERHEAD
from nqx_graph.graph.table import time_text
from nqx_graph.plotting.drawing import ACCENT, INK, SOFT, axes, bars

_UNITS: Final = (("s", 1e9), ("ms", 1e6), ("µs", 1e3), ("ns", 1.0))


def plot_report(report: Any, *, ax: Any = None) -> Any:
    """The wall time of every stage of one compile, from the first to the last.

    Stages that ran are dark, one that failed is marked, and what became of any other stands beside it. The last bar is
    what the scheduler took.

    Args:
        report: a `Report`, or the artifact of a compile.
        ax: the axes to draw into; those of a new figure where None.

    Returns:
        The axes. The widths of their bars are the times, in the unit of the axis.

    Raises:
        OptionTypeError: for anything else. MissingPackageError: without matplotlib.
    """
    shown = getattr(report, "report", report)
    if not isinstance(shown, Report):
        raise OptionTypeError(f"plot_report takes a Report or the artifact of a compile; it was given {report!r}.")
    rows = shown.rows
    times = [*(row.duration_ns for row in rows), shown.overhead_ns]
    unit, size = _unit(max(times))
    ax = axes(ax, 6.4, 0.9 + 0.26 * len(times))
    looks = [*map(_look, rows), (SOFT, "")]
    drawn = bars(ax, [time / size for time in times], [*(row.name for row in rows), OVERHEAD])
    for bar, (shade, hatch) in zip(drawn, looks, strict=True):
        bar.set(facecolor=shade, hatch=hatch, edgecolor="white" if hatch else shade)
    ax.bar_label(drawn, [*map(_note, rows), time_text(shown.overhead_ns)], padding=4, fontsize=8)
    ax.margins(x=0.25)
    ax.set_xlabel(f"wall time ({unit})")
    ax.set_title(f"{shown.outcome or 'failed'}: {time_text(shown.total_ns)} in all", fontsize=10)
    return ax


def _unit(longest: int) -> tuple[str, float]:
    return next((unit for unit in _UNITS if longest >= unit[1]), _UNITS[-1])


def _look(row: NodeReport) -> tuple[str, str]:
    """The shade of a bar and its hatching."""
    if row.status == FAILED:
        return ACCENT, "xxx"
    return (INK, "") if row.status == RAN else (SOFT, "///")


def _note(row: NodeReport) -> str:
    """The time, and the status where it is not the ordinary one."""
    if row.status == RAN:
        return time_text(row.duration_ns)
    return f"{time_text(row.duration_ns)}, {row.status}" if row.duration_ns else row.status
