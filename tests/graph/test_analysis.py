import pytest

from nqx_graph.errors import GraphError
from nqx_graph.graph import Analysis


def test_equal_declarations_are_the_same_analysis():
    assert Analysis("count", int, "How many.") == Analysis("count", int, "How many.")
    assert Analysis("count", int, "How many.") != Analysis("count", float, "How many.")


@pytest.mark.parametrize("name", ["", "two words", "1st", None])
def test_a_name_is_an_identifier(name):
    with pytest.raises(GraphError, match="needs an identifier for a name"):
        Analysis(name, int, "How many.")


@pytest.mark.parametrize("doc", ["", "  ", None])
def test_a_value_is_documented(doc):
    with pytest.raises(GraphError, match=r"Analysis\('count'\) has no documentation"):
        Analysis("count", int, doc)
