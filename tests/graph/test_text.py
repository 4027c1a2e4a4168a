import pytest

from nqx_graph.graph import Graph, describe
from nqx_graph.graph.table import size_text, table, time_text

from .sample import COUNT, SOURCE, count_letters, extract, sample_graph


def test_a_graph_as_text():
    assert describe(sample_graph()).splitlines() == [
        "inputs: metadata, options, source, store",
        "targets: artifact, checked",
        "",
        "stage            reads                 writes             notes",
        "---------------  --------------------  -----------------  ------------------------",
        "before the gate",
        "  extract        source                text",
        "  derive         options               key                key covers options, text",
        "  validate       text                  checked            always",
        "the gate",
        "  lookup         key, store            supplies artifact",
        "behind the gate",
        "  count_letters  text                  count",
        "  lower          text, count, options  artifact",
        "  put            artifact, key, store  -",
    ]


def test_a_graph_without_a_gate_as_text():
    text = describe(Graph([extract, count_letters], [SOURCE], [COUNT]))
    assert [line.split()[0] for line in text.splitlines()[5:]] == ["stages", "extract", "count_letters"]


@pytest.mark.parametrize(
    ("nanoseconds", "text"),
    [
        (0, "0 ns"),
        (999, "999 ns"),
        (1234, "1.23 µs"),
        (999_900, "1000 µs"),
        (45_600_000, "45.6 ms"),
        (2 * 10**9, "2 s"),
    ],
)
def test_times(nanoseconds, text):
    assert time_text(nanoseconds) == text


class Given:
    nbytes = 800


class Gone:
    @property
    def nbytes(self):
        raise RuntimeError("given away")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Given(), "800 B"),
        (Gone(), "1 value"),
        (b"abc", "3 B"),
        ("a", "1 character"),
        ([1, 2], "2 items"),
        ({}, "0 items"),
        (7, "1 value"),
        (None, "1 value"),
    ],
)
def test_sizes(value, text):
    assert size_text(value) == text


def test_a_table_ends_without_spaces():
    assert table(("a", "bb"), [("ccc", "1"), ("d", "22")], right=[1]) == "a    bb\n---  --\nccc   1\nd    22"
