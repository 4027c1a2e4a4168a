"""The drawing as SVG: well-formed, self-contained, and legible whatever the page or the eye."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from nqx_graph.graph.draw import colours, draw, html, svg
from nqx_graph.graph.draw.boxes import width_of
from nqx_graph.stages import default_graph

from .pictures import hostile, pictures
from .test_text import UPDATE

SHOWN = Path(__file__).parents[3] / "docs" / "_static" / "default_graph.svg"
SVG = "{http://www.w3.org/2000/svg}"


def parsed(name):
    return ElementTree.fromstring(svg(pictures()[name]))


def shapes(root, colour):
    return [item for item in root.iter() if item.get("stroke") == colour]


def test_the_picture_in_the_documentation_is_current():
    assert default_graph().draw("svg") + "\n" == SHOWN.read_text(encoding="utf-8"), UPDATE


@pytest.mark.parametrize("name", pictures())
def test_it_is_well_formed_and_names_every_stage_and_value(name):
    picture, root = pictures()[name], parsed(name)
    words = [item.text for item in root.iter(f"{SVG}text")]
    for node in picture.nodes:
        assert node.name in words
        assert {*node.reads, *node.writes, *node.covers} <= set(words)
    assert {*picture.inputs, *picture.targets} <= set(words)


def test_words_that_mean_something_in_xml_are_escaped():
    drawn = svg(hostile())
    assert "a&lt;b&gt;&amp;" in drawn
    assert "a<b>" not in drawn
    assert "<we>" not in html(hostile())


def test_it_stands_on_its_own_ground_and_shares_nothing_with_the_page():
    drawn = draw(pictures()["miss"], "svg")
    ground = parsed("miss").find(f"{SVG}rect")
    assert (ground.get("width"), ground.get("height"), ground.get("fill")) == ("100%", "100%", colours.PAPER)
    assert not re.search(r"<style|<script|\bid=|\bclass=|href|url\(|currentColor", drawn)


def test_skipped_stages_are_dashed_and_failed_ones_marked_by_more_than_colour():
    assert not [item for item in shapes(parsed("sample"), colours.FAINT) if item.get("stroke-dasharray")]
    boxes = [
        item for item in shapes(parsed("hit"), colours.FAINT) if item.tag == f"{SVG}rect" and item.get("rx") == "4"
    ]
    assert [box.get("stroke-dasharray") for box in boxes] == ["5 4"] * 3
    failed = shapes(parsed("failed"), colours.FAILED)
    assert {item.tag for item in failed} == {f"{SVG}rect", f"{SVG}path"}  # a thick edge, in the legend too, and a cross
    assert "failed" in [item.text for item in parsed("failed").iter(f"{SVG}text")]


def test_the_longer_a_stage_took_the_darker_it_is():
    shades = [colours.contrast(colours.shade(share / 10), "#ffffff") for share in range(11)]
    assert shades == sorted(shades)
    assert len({colours.shade(share / 10) for share in range(11)}) == 11
    assert colours.shade(-1) == colours.shade(0)
    assert colours.shade(2) == colours.shade(1)


def test_all_text_can_be_read():
    for ground in (colours.PAPER, colours.BOX, colours.CLUSTER, colours.GATE, colours.INPUT, colours.shade(1)):
        for ink in (colours.INK, colours.MUTED):
            assert colours.contrast(ink, ground) >= 4.5
    for line in (*colours.LINES, colours.CLUSTER_TEXT, colours.FAILED):
        assert colours.contrast(line, colours.PAPER) >= 4.5
        assert colours.contrast(line, colours.CLUSTER) >= 4.5
    assert colours.contrast("#000000", "#ffffff") == pytest.approx(21)


def test_text_is_measured_in_cells():
    assert width_of("日本") == width_of("abcd")
    assert width_of("e\u0301") == width_of("e")
