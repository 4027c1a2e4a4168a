"""The picture in the language of Graphviz, read back by a small reader of it."""

import re

import pytest

from nqx_graph.graph.draw import draw

from .pictures import hostile, pictures

STRING = r'"(?:[^"\\]|\\.)*"'
VALUE = rf"(?:{STRING}|[A-Za-z_]\w*|-?\d+(?:\.\d+)?)"
ATTRIBUTES = rf"\[\w+={VALUE}(?:, \w+={VALUE})*\]"
STATEMENT = re.compile(
    rf"digraph {{|subgraph \w+ {{|}}|(?:graph|node|edge) {ATTRIBUTES};|{STRING}(?: -> {STRING})? {ATTRIBUTES};"
    rf"|(?:\w+={VALUE}; ?)+"
)


@pytest.mark.parametrize("name", pictures())
def test_every_line_is_a_statement_and_braces_match(name):
    lines = [line.strip() for line in draw(pictures()[name], "dot").splitlines()]
    assert [line for line in lines if not STATEMENT.fullmatch(line)] == []
    assert sum(line.endswith("{") for line in lines) == lines.count("}")


@pytest.mark.parametrize("name", pictures())
def test_every_stage_and_edge_is_there(name):
    picture = pictures()[name]
    lines = [line.strip() for line in draw(picture, "dot").splitlines()]
    nodes = [line for line in lines if re.match(rf"{STRING} \[", line)]
    edges = [re.match(rf"({STRING}) -> ({STRING})", line) for line in lines if " -> " in line and "lhead" not in line]
    assert [unquoted(line) for line in nodes if unquoted(line)] == sorted(
        (node.name for node in picture.nodes), key=lambda name: (picture[name].gated, names(picture).index(name))
    )
    assert [(unquoted(edge[1]), unquoted(edge[2])) for edge in edges if edge] == [
        (edge.source, edge.reader) for edge in picture.edges
    ]


def names(picture):
    return [node.name for node in picture.nodes]


def unquoted(text):
    return re.sub(r"\\(.)", r"\1", re.match(STRING, text)[0][1:-1])


def test_gated_stages_are_a_cluster():
    drawn = draw(pictures()["sample"], "dot")
    inside = drawn[drawn.index("subgraph cluster_gated") : drawn.index("    }")]
    assert re.findall(r'^ +"(\w+)" \[', inside, re.M) == ["count_letters", "lower", "put"]
    assert '"lookup" -> "count_letters" [label="on a miss", lhead=cluster_gated' in drawn


def test_a_hit_is_dashed_a_failure_marked_and_an_order_dotted():
    assert draw(pictures()["hit"], "dot").count('style="filled,dashed"') == 3
    assert re.search(r'"count_letters" \[label="✗ count_letters\\l.*penwidth=3', draw(pictures()["failed"], "dot"))
    assert draw(pictures()["order"], "dot").count("style=dotted") == 1


def test_words_that_mean_something_are_escaped():
    assert r'"a<b>&\"c\""' in draw(hostile(), "dot")
    assert r"q\"\\" in draw(hostile(), "dot")
