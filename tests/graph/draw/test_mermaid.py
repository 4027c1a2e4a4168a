"""The picture as a Mermaid flowchart, line by line."""

import re

import pytest

from nqx_graph.graph.draw import draw, plan_picture

from ..sample import sample_graph
from .pictures import hostile, pictures

NAME = r"stage_\w+"
WORDS = r'"[^"<>`\\]*"'
LABEL = r'"<b>[^"<>`\\]*</b>(?:<br/>[^"<>`\\]*)*"'
LINE = re.compile(
    rf"flowchart TD|end|%% [^{{}}]*|subgraph gated\[{WORDS}\]|{NAME}\[{LABEL}\]|{NAME}\{{\{{{LABEL}\}}\}}"
    rf"|{NAME} (?:-->|-\.->|==>)\|{WORDS}\| (?:{NAME}|gated)"
    r"|style (?:stage_\w+|gated) [\w#:,\- ]+|linkStyle \d+ [\w#:,\- ]+",
    re.ASCII,
)


@pytest.mark.parametrize("name", pictures())
def test_every_line_is_a_statement(name):
    lines = draw(pictures()[name], "mermaid").splitlines()
    assert lines[1] == "flowchart TD"
    assert [line for line in lines if not LINE.fullmatch(line.strip())] == []


@pytest.mark.parametrize("name", pictures())
def test_every_stage_and_edge_is_there(name):
    picture = pictures()[name]
    lines = [line.strip() for line in draw(picture, "mermaid").splitlines()]
    nodes = [line for line in lines if re.match(rf"{NAME}[\[{{]", line)]
    assert len({re.match(NAME, line)[0] for line in nodes}) == len(picture.nodes)
    arrows = [line for line in lines if re.match(rf"{NAME} (-->|-\.->)", line)]
    assert len(arrows) == len(picture.edges)
    styles = [int(line.split()[1]) for line in lines if line.startswith("linkStyle")]
    assert all(number < len(arrows) for number in styles)


def test_a_graph():
    drawn = draw(plan_picture(sample_graph()), "mermaid")
    assert '    stage_lookup{{"<b>lookup · gate</b><br/>inputs: store<br/>reads: key<br/>supplies: artifact"}}' in drawn
    assert '    stage_lower -->|"artifact"| stage_put' in drawn
    assert '    stage_lookup ==>|"on a miss"| gated' in drawn


def test_a_hit_is_dashed_and_a_failure_marked():
    assert len(re.findall(r"style stage_\w+ .*dasharray", draw(pictures()["hit"], "mermaid"))) == 3
    failed = draw(pictures()["failed"], "mermaid")
    assert "<b>✗ count_letters</b><br/>failed · " in failed
    assert "stroke-width:4px" in failed


def test_words_that_mean_something_are_escaped():
    drawn = draw(hostile(), "mermaid")
    assert 'stage_a_b___c__0["<b>a#60;b#62;#38;#34;c#34;</b>' in drawn
    assert "stage_end[" in drawn
