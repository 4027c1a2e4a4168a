"""Nothing lies on anything else, for graphs that make sense and for graphs that make none."""

import pytest

from nqx_graph.graph.draw import layout, plan_picture
from nqx_graph.graph.draw.channels import Turn, tangled, tracks
from nqx_graph.graph.draw.coordinates import Places
from nqx_graph.graph.draw.layout import Rect
from nqx_graph.graph.draw.nets import nets
from nqx_graph.graph.draw.ports import CONTROL
from nqx_graph.stages import default_graph

from ..sample import sample_graph
from .geometry import faults, meet
from .pictures import drawn_by_lot, pictures


@pytest.mark.parametrize("name", pictures())
def test_nothing_overlaps(name):
    assert faults(layout(pictures()[name])) == []


@pytest.mark.parametrize("seed", range(60))
def test_nothing_overlaps_whatever_the_graph(seed):
    assert faults(layout(drawn_by_lot(seed))) == []


def test_the_check_itself_sees_overlaps():
    assert meet(Rect(0, 0, 2, 2), Rect(1, 1, 3, 3))
    assert not meet(Rect(0, 0, 2, 2), Rect(2, 0, 3, 3))
    placed = layout(plan_picture(sample_graph()))
    (box, rect), *rest = placed.boxes
    moved = Rect(rect.left, rect.top + 150, rect.right, rect.bottom + 150)
    assert faults(type(placed)(*_fields(placed, boxes=((box, moved), *rest)))) != []


def _fields(placed, **changes):
    names = ("width", "height", "nets", "boxes", "lines", "labels", "cluster", "title")
    return [changes.get(name, getattr(placed, name)) for name in names]


def test_the_stock_graph_fits_a_page():
    assert layout(plan_picture(default_graph())).width <= 960


@pytest.mark.parametrize("name", pictures())
def test_every_edge_is_drawn_from_its_source_to_its_reader(name):
    picture = pictures()[name]
    placed = layout(picture)
    rects = {box.node.name: rect for box, rect in placed.boxes}
    for edge in picture.edges:
        net = next(
            number
            for number, net in enumerate(placed.nets)
            if net.source == edge.source and edge.reader in net.readers and net.kind == edge.kind
        )
        lines = [line for line in placed.lines if line.net == net]
        starts = {line.points[0] for line in lines}
        assert any(_on(x, rects[edge.source]) and y == rects[edge.source].bottom for x, y in starts)
        ends = {line.points[-1] for line in lines if line.ends}
        assert any(_on(x, rects[edge.reader]) and y == rects[edge.reader].top for x, y in ends)
        passed = [line.points[-1] for line in lines if not line.ends]
        assert all(any(abs(x - u) < 1 and y == v for u, v in starts) for x, y in passed)


def _on(x, rect):
    return rect.left < x < rect.right


def test_the_arrow_of_the_gate_is_idle_after_a_hit():
    found = pictures()
    for name, idle in (("miss", False), ("hit", True), ("failed", False)):
        assert [line.idle for line in layout(found[name]).lines if line.net == CONTROL] == [idle]


def test_values_with_the_same_readers_are_one_net():
    found = {net.label: net for net in nets(plan_picture(default_graph()))}
    assert set(found["term_fanouts", "total_fanout"].readers) == {"lowering"}
    assert len([net for net in found.values() if net.source == "extraction"]) == 2


def test_lines_that_only_pass_share_a_height_and_others_do_not():
    assert tracks([Turn(0, 0, (50,)), Turn(1, 100, (150,)), Turn(2, 60, (60,))]) == {0: 0, 1: 0}
    assert sorted(tracks([Turn(0, 0, (50,)), Turn(1, 40, (90,))]).values()) == [0, 1]


def test_a_line_that_comes_out_where_another_goes_in_is_below_it():
    heights = tracks([Turn(0, 0, (100,)), Turn(1, 100, (200,))])
    assert heights[1] < heights[0]
    assert tangled([Turn(0, 0, (100,)), Turn(1, 100, (0,))])


def test_places_are_the_best_ones():
    places = Places()
    for name in "abc":
        places.apart("left", name, 50)
    places.apart("a", "b", 100)
    places.pull("a", "c", 0, 1)
    places.pull("b", "c", 10, 5)
    found = places.solve()
    assert found["b"] - found["a"] >= 100
    assert found["c"] - found["b"] == 10
