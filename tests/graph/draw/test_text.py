"""The drawing as text, which is what a review of a changed graph reads."""

from pathlib import Path

import attrs
import pytest

from nqx_graph.graph import stage
from nqx_graph.graph.draw import run_picture, text
from nqx_graph.graph.table import time_text
from nqx_graph.stages import default_graph

from ..sample import note, sample_graph
from .pictures import ordered, pictures, reports

GOLDEN = Path(__file__).with_name("default_graph.txt")
UPDATE = """
The stock graph is drawn otherwise than tests/graph/draw/default_graph.txt has it. Look at the difference; if it is meant:
    python -m nqx_graph graph > tests/graph/draw/default_graph.txt
    python -m nqx_graph graph --format svg -o docs/_static/default_graph.svg
"""

SAMPLE = """\
7 stages, 4 inputs, 2 targets (◎)

╭─────────── store           inputs
│ ╭───────── options
│ │ ╭─────── source
│ │ │        metadata        read by no stage
│ │ │
│ │ ╰──────▶ extract         ← source
│ │ ╭───────┤ text
│ │ │
│ ●─●──────▶ derive          ← options
│ │ │                        key covers options, text
│ │ │ ╭─────┤ key
│ │ │ │
│ │ ●─┼────▶ validate        ← text · always
│ │ │ │     ├ checked  ◎
│ │ │ │
●─┼─┼─●────▶ ◇ lookup        ← key, store
│ │ │ │     ├ artifact  ◎ supplied on a hit
│ │ │ │
╪═╪═╪═╪════ behind the gate: a hit skips this ══════════════════════════════════════════════════════
│ │ │ │
│ │ ●─┼────▶ count_letters   ← text
│ │ │ │ ╭───┤ count
│ │ │ │ │
│ ╰─┴─┼─┴──▶ lower           ← text, count, options
│ ╭───┼─────┤ artifact  ◎
│ │   │
╰─┴───┴────▶ put             ← artifact, key, store"""


def test_the_stock_graph():
    assert default_graph().draw() + "\n" == GOLDEN.read_text(encoding="utf-8"), UPDATE


def test_a_graph():
    assert sample_graph().draw() == SAMPLE


def test_a_hit_is_dashed_behind_the_gate():
    lines = pictured("hit")
    assert lines[0].startswith("hit: ")
    assert [line for line in lines if "skipped: cache hit" in line] == [
        "│ │ ●╌┼╌╌╌╌▷ count_letters   skipped: cache hit  ← text",
        "│ ╰╌┴╌┼╌┴╌╌▷ lower           skipped: cache hit  ← text, count, options",
        "╰╌┴╌╌╌┴╌╌╌╌▷ put             skipped: cache hit  ← artifact, key, store",
    ]
    assert "│ │ │ │ ╭╌╌╌┤ count" in lines
    assert any("supplied" in line and "◇ lookup" not in line for line in lines)


def pictured(name):
    return text(pictures()[name]).splitlines()


def test_a_failure_is_marked_by_a_sign_and_by_words():
    lines = pictured("failed")
    assert lines[1] == "ZeroDivisionError: <no> & no"
    assert sum("✗ count_letters" in line for line in lines) == 1
    assert sum("not reached" in line for line in lines) == 2


def test_times_and_shares_are_written():
    report = reports()["miss"]
    drawn = text(run_picture(report))
    assert all(time_text(row.duration_ns) in drawn for row in report.rows)
    assert drawn.splitlines()[-1].startswith("between the stages: ")


def test_why_a_stage_did_nothing_is_written():
    assert any("the cache is off" in line for line in pictured("uncached"))


def test_an_order_has_its_reason_and_a_dotted_line():
    lines = text(ordered()).splitlines()
    assert any("┄┤ before derive: the key is made of what was extracted" in line for line in lines)
    assert any("┊" in line for line in lines)


@pytest.mark.parametrize("name", [name for name in pictures() if name not in ("thirty", "wide")])
def test_it_fits_into_100_columns(name):
    assert max(map(len, pictured(name))) <= 100


def test_one_more_stage_is_a_few_more_lines():
    @stage(writes=note("stats", int))
    def statistics(text):
        return len(text)

    before, after = (graph.draw().splitlines() for graph in (sample_graph(), sample_graph().insert(statistics)))
    assert len(after) == len(before) + 3
    # The head counts stages and targets; the last reader of the text is another one now.
    assert len(set(before) - set(after)) <= 6


def test_a_lane_ends_where_its_value_is_read_for_the_last_time():
    plan = pictures()["small"]
    assert text(plan).splitlines()[2:] == [
        "╭─── source          inputs",
        "│",
        "╰──▶ extract         ← source",
        "╭───┤ text",
        "│",
        "╰──▶ count_letters   ← text",
        "    ├ count  ◎",
    ]
    assert "no gate" in text(plan).splitlines()[0]
    alone = attrs.evolve(plan, nodes=plan.nodes[:1], edges=(), targets=())
    assert "├ text" in text(alone)
