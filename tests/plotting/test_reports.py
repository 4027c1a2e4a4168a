"""The bars of a report are its times."""

import numpy as np
import pytest
import small

import nqx_graph as sym
from nqx_graph.errors import OptionTypeError, SymbolicCompilerError
from nqx_graph.graph.report import OVERHEAD
from nqx_graph.graph.table import time_text
from nqx_graph.plotting import plot_report

SIZES = {"s": 1e9, "ms": 1e6, "µs": 1e3, "ns": 1.0}


def assert_drawn(ax, report):
    unit = ax.get_xlabel().removeprefix("wall time (").removesuffix(")")
    times = [*(row.duration_ns for row in report.rows), report.overhead_ns]
    widths = [bar.get_width() * SIZES[unit] for bar in ax.patches]
    np.testing.assert_allclose(widths, times, rtol=1e-12)
    assert max(bar.get_width() for bar in ax.patches) >= 1
    assert [label.get_text() for label in ax.get_yticklabels()] == [*(row.name for row in report.rows), OVERHEAD]
    tops = [bar.get_y() for bar in ax.patches]
    assert tops == sorted(tops)
    assert ax.get_ylim()[0] > ax.get_ylim()[1]  # the first stage is at the top


def notes(ax, report):
    return dict(zip([row.name for row in report.rows], [text.get_text() for text in ax.texts], strict=False))


def test_a_miss_and_a_hit():
    compiler = sym.SymbolicCompiler()
    miss, hit = compiler.compile(small.number()), compiler.compile(small.number())
    ax = plot_report(miss)
    assert_drawn(ax, miss.report)
    assert ax.get_title() == f"miss: {time_text(miss.report.total_ns)} in all"
    assert notes(ax, miss.report)["lowering"] == time_text(miss.report["lowering"].duration_ns)
    ax = plot_report(hit.report)
    assert_drawn(ax, hit.report)
    assert ax.get_title().startswith("hit: ")
    written = notes(ax, hit.report)
    assert written["lowering"] == "skipped: cache hit"
    assert written["cache_lookup"].endswith(", supplied")
    looks = {row.name: bar.get_hatch() for row, bar in zip(hit.report.rows, ax.patches, strict=False)}
    assert (looks["extraction"], looks["cache_lookup"]) == ("", "///")


def test_a_failure_is_marked():
    broken = small.Given(small.number().to_ir(), sym.hilbert.Fock(3, N=4))
    with pytest.raises(SymbolicCompilerError) as caught:
        sym.SymbolicCompiler().compile(broken)
    report = caught.value.report
    ax = plot_report(report)
    assert_drawn(ax, report)
    assert ax.get_title().startswith("failed: ")
    failed = [row.name for row, bar in zip(report.rows, ax.patches, strict=False) if bar.get_hatch() == "xxx"]
    assert failed == [caught.value.stage]
    assert notes(ax, report)[caught.value.stage].endswith(", failed")
    assert notes(ax, report)["lowering"] == "not reached"


def test_anything_else():
    with pytest.raises(
        OptionTypeError, match="plot_report takes a Report or the artifact of a compile; it was given 'x'"
    ):
        plot_report("x")
