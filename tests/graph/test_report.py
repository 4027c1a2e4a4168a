import json

import attrs
import pytest

from nqx_graph.errors import GraphError
from nqx_graph.graph import STATUSES, Report, StageFailure, execute, side_by_side, stage

from .sample import STATS, call, count_letters, lookup, sample_graph


def reports():
    graph, store = sample_graph(), {}
    options = ({}, {}, {"cache": False})
    return [Report(graph, execute(graph, call(store=store, **given)).record) for given in options]


def with_counting(fn, **changes):
    return sample_graph().replace("count_letters", attrs.evolve(count_letters, fn=fn, **changes))


def failed(graph, **options):
    with pytest.raises(StageFailure) as caught:
        execute(graph, call(**options))
    return Report(graph, caught.value.record)


def fail(text):
    raise ZeroDivisionError("no")


def test_the_rows_are_the_same_whatever_happens():
    names = list(sample_graph().miss_plan)
    miss, hit, off = reports()
    assert [row.name for row in miss.rows] == [row.name for row in hit.rows] == [row.name for row in off.rows] == names
    assert [row.name for row in failed(with_counting(fail)).rows] == names
    assert [row.reads for row in miss.rows] == [row.reads for row in hit.rows]
    assert [row.writes for row in miss.rows] == [row.writes for row in hit.rows]


def test_statuses():
    miss, hit, off = reports()
    first, off_word = ["ran"] * 3, "skipped: cache off"
    assert [row.status for row in miss.rows] == ["ran"] * 7
    assert [row.status for row in hit.rows] == [*first, "supplied", *["skipped: cache hit"] * 3]
    assert [row.status for row in off.rows] == [*first, off_word, "ran", "ran", off_word]
    assert [report.outcome for report in (miss, hit, off)] == ["miss", "hit", "uncached"]
    broken = failed(with_counting(fail))
    assert [row.status for row in broken.rows] == [*first, "ran", "failed", "not reached", "not reached"]
    assert (broken.failed, broken.outcome) == ("count_letters", "miss")
    every = {row.status for report in (miss, hit, off, broken) for row in report.rows}
    assert every == set(STATUSES) - {"waited for another call"}


def test_a_failure_before_the_gate_has_no_outcome():
    graph = sample_graph().replace("lookup", attrs.evolve(lookup, fn=lambda key, store: 1 / 0))
    report = failed(graph)
    assert report.outcome is None
    assert [row.status for row in report.rows[3:]] == ["failed", *["not reached"] * 3]
    assert "total: failed" in str(report)


def test_times_are_integers_that_add_up():
    for report in reports():
        own = sum(row.duration_ns for row in report.rows)
        assert type(report.total_ns) is int
        assert report.overhead_ns == report.total_ns - own >= 0
    row = reports()[0].rows[0]
    assert (row.pass_name, row.duration_ms) == ("extract", row.duration_ns / 1e6)


def test_overhead_is_never_negative():
    report = reports()[0]
    report.record.total_ns = 1
    assert report.overhead_ns == 0
    report.record.total_ns = None
    assert report.total_ns == sum(row.duration_ns for row in report.rows)


def test_sizes_and_metadata_are_made_when_read():
    calls = []

    def describe(count):
        calls.append(count)
        return {"letters": count}

    graph = with_counting(count_letters.fn, describe=describe)
    report = Report(graph, execute(graph, call()).record)
    assert calls == []
    row = report["count_letters"]
    assert calls == [2]
    assert row.metadata == {"letters": 2}
    assert report["extract"].sizes == {"text": "2 characters"}
    assert report["lookup"].writes == ("artifact",)


def test_a_remark_that_fails_does_not_break_the_report():
    graph = with_counting(count_letters.fn, describe=lambda number: {})
    metadata = Report(graph, execute(graph, call()).record)["count_letters"].metadata
    assert list(metadata) == ["describe failed"]
    assert metadata["describe failed"].startswith("TypeError(")


def test_a_bypass_gives_its_reason():
    assert reports()[2]["lookup"].metadata == {"reason": "the cache is off"}
    assert reports()[2]["put"].metadata == {"reason": "the cache is off"}


def test_a_row_that_is_not_there():
    with pytest.raises(GraphError, match=r"The report has no row 'lowr'. Did you mean 'lower'"):
        reports()[0]["lowr"]


def test_to_dict_is_json():
    node = stage(writes=STATS, describe=lambda stats: stats)(odd)
    graph = sample_graph().insert(node)
    report = Report(graph, execute(graph, call()).record)
    data = json.loads(json.dumps(report.to_dict(), allow_nan=False))
    assert data["schema_version"] == 1
    assert (data["outcome"], data["failed"], data["error"]) == ("miss", None, None)
    assert data["total_ns"] == report.total_ns
    assert data["rows"][graph.miss_plan.index("odd")]["metadata"] == {
        "nan": "nan",
        "inf": "inf",
        "set": "{1}",
        "1": [1, None],
    }
    broken = failed(with_counting(fail)).to_dict()
    assert (broken["failed"], broken["error"]) == ("count_letters", "ZeroDivisionError('no')")


def odd(text):
    return {"nan": float("nan"), "inf": float("inf"), "set": {1}, 1: (1, None)}


def lines_without_times(text):
    rows = [[cell.strip() for cell in line.split("  ")] for line in text.splitlines()]
    return [[cell for cell in row if cell and not cell.endswith((" ns", " µs", " ms"))] for row in rows]


def test_a_report_prints_as_a_table():
    miss = reports()[0]
    lines = lines_without_times(str(miss))
    assert lines[0] == ["stage", "status", "time", "wrote", "metadata"]
    assert lines[2] == ["extract", "ran", "text (2 characters)"]
    assert lines[6] == ["count_letters", "ran", "count", "letters=2"]
    assert lines[8] == ["put", "ran"]
    assert lines[9:] == [["(scheduler)"], ["total: miss"]]


def test_two_reports_side_by_side():
    miss, hit, _ = reports()
    text = side_by_side(miss, hit)
    lines = lines_without_times(text)
    assert lines[0] == ["stage", "miss", "time", "hit", "time"]
    assert lines[5] == ["lookup", "ran", "supplied"]
    assert lines[7] == ["lower", "ran", "skipped: cache hit"]
    assert lines[9:] == [["(scheduler)"], ["total"]]
    other = sample_graph().insert(stage(writes=STATS)(odd))
    wide = Report(other, execute(other, call()).record)
    assert "odd" in side_by_side(miss, wide)
