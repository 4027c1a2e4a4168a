"""Index rows and columns: what is taken, and what is refused by name and position."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import networkx as nx
import numpy as np
import pytest
from refusal import refused, shown

from nqx_graph.dsl.builder import DOperator
from nqx_graph.errors import LabelError, RowsError
from nqx_graph.hilbert import Fock
from nqx_graph.ir.types import KBodyIteratorSpec


def spec(builder: DOperator) -> KBodyIteratorSpec:
    return builder.emit().build().to_ir().terms[-1].iterator


def new(size: int = 4) -> DOperator:
    return DOperator(Fock(1, size))


def rows(builder: DOperator) -> list[list[int]]:
    made = spec(builder).index_sets
    assert made.dtype == np.int32
    assert not made.flags.writeable
    return made.tolist()


# --- the calls --------------------------------------------------------------------------------------------------------


def test_globally() -> None:
    made = spec(new().globally())
    assert made.labels == ()
    assert made.index_sets.shape == (1, 0)


def test_for_each_site() -> None:
    assert rows(new(3).for_each_site("a")) == [[0], [1], [2]]


def test_pairs() -> None:
    assert rows(new(2).for_each_pair("a", "b")) == [[0, 0], [0, 1], [1, 0], [1, 1]]
    every = [[a, b] for a in range(3) for b in range(3) if a != b]
    assert rows(new(3).for_each_distinct_pair("a", "b")) == every


def test_distinct_pairs_of_one_site() -> None:
    with refused(RowsError, "for_each_distinct_pair of term 0", "no index row"):
        new(1).for_each_distinct_pair("a", "b")


def test_triplets_and_plaquettes() -> None:
    builder = new().for_each_triplet("a", "b", "c", over=[(0, 1, 2), (1, 2, 3)])
    assert rows(builder) == [[0, 1, 2], [1, 2, 3]]
    builder = new().for_each_plaquette("a", "b", "c", "d", [(3, 2, 1, 0)])
    made = spec(builder)
    assert (made.labels, made.index_sets.tolist()) == (("a", "b", "c", "d"), [[3, 2, 1, 0]])


class Lattice:
    """Anything with edges()."""

    def edges(self) -> list[tuple[int, int]]:
        return [(0, 1), (1, 2)]


class Attribute:
    edges = ((0, 1), (1, 2))


GRAPH = nx.Graph()
GRAPH.add_nodes_from(range(3))
GRAPH.add_edge(0, 1, weight=2.0)
GRAPH.add_edge(1, 2, weight=3.0)


@pytest.mark.parametrize(
    "over",
    [
        [(0, 1), (1, 2)], ((0, 1), (1, 2)), [[0, 1], [1, 2]], iter([(0, 1), (1, 2)]), np.array([(0, 1), (1, 2)]),
        np.array([(0, 1), (1, 2)], dtype=np.uint8), np.asfortranarray([(0, 1), (1, 2)]), jnp.array([(0, 1), (1, 2)]),
        [np.array([0, 1]), (1, np.int64(2))], GRAPH, nx.MultiGraph(GRAPH), GRAPH.edges(), Lattice(), Attribute(), {(0, 1): 1, (1, 2): 2},
    ],
    ids=lambda over: type(over).__name__,
)  # fmt: skip
def test_rows_are_taken_from(over: Any) -> None:
    assert rows(new().for_each(("i", "j"), over=over)) == [[0, 1], [1, 2]]


@pytest.mark.parametrize("over", [[0, 2], [(0,), (2,)], np.array([0, 2]), range(0, 3, 2)], ids=str)
def test_one_label_takes_plain_numbers(over: Any) -> None:
    assert rows(new().for_each("i", over=over)) == [[0], [2]]
    assert rows(new().for_each(["i"], over)) == [[0], [2]]


def test_repeated_and_diagonal_rows_are_kept() -> None:
    assert rows(new().for_each(("i", "j"), over=[(1, 1), (0, 1), (0, 1)])) == [[1, 1], [0, 1], [0, 1]]


# --- rows that are refused --------------------------------------------------------------------------------------------

BAD: dict[str, tuple[Any, tuple[str, ...]]] = {
    "short": ([(0, 1), (1,)], ("index row 1 is (1,)", "2 whole numbers")),
    "long": ([(0, 1), (1, 2), (0, 1, 2)], ("index row 2 is (0, 1, 2)", "2 whole numbers")),
    "all long": ([(0, 1, 2)], ("shape (1, 3)", "2 whole numbers")),
    "array too wide": (np.zeros((5, 3), dtype=int), ("shape (5, 3)", "2 whole numbers")),
    "flat": ([0, 1], ("shape (2,)", "2 whole numbers")),
    "nested": ([[[0, 1]]], ("shape (1, 1, 2)",)),
    "outside": ([(0, 1), (1, 4)], ("index row 1 is (1, 4)", "0 to 3")),
    "outside first": ([(0, 1), (9, 9), (1, 4)], ("index row 1 is (9, 9)",)),
    "beyond 32 bits": ([(0, 1), (1, 2**32)], ("index row 1 is (1, 4294967296)", "0 to 3")),
    "beyond 64 bits": ([(0, 1), (1, 2**70)], ("row",)),
    "unsigned": (np.array([[0, 2**63]], dtype=np.uint64), ("index row 0 is (0, 9223372036854775808)",)),
    "negative": ([(0, 1), (1, 2), (0, -1)], ("index row 2 is (0, -1)", "0 to 3")),
    "float": ([(0, 1), (1, 2.0)], ("index row 1 is (1, 2.0)", "2.0 is not a whole number")),
    "numpy float": ([(0, 1), (np.float64(1), 2)], ("index row 1", "is not a whole number")),
    "float array": (np.array([[0.0, 1.0]]), ("whole numbers", "float64")),
    "bool": ([(0, 1), (True, 2)], ("index row 1 is (True, 2)", "True is not a whole number")),
    "numpy bool": ([(0, 1), (1, np.bool_(False))], ("index row 1", "is not a whole number")),
    "bools": ([(True, False)], ("index row 0 is (True, False)", "True is not a whole number")),
    "bool array": (np.array([[True, False]]), ("whole numbers", "bool")),
    "complex": ([(0, 1j)], ("index row 0", "1j is not a whole number")),
    "text": ([(0, 1), ("a", "b")], ("index row 1 is ('a', 'b')", "'a' is not a whole number")),
    "None": ([(0, None)], ("index row 0 is (0, None)", "None is not a whole number")),
    "object array": (np.array([[0, None]]), ("whole numbers", "object")),
    "empty": ([], ("no index row",)),
    "empty array": (np.zeros((0, 2), dtype=int), ("no index row",)),
    "empty graph": (nx.empty_graph(3), ("no index row",)),
    "no rows": (None, ("over=", "None")),
    "number": (3, ("over=", "3")),
    "a text": ("01", ("over=", "'01'")),
    "graph of names": (nx.Graph([("a", "b")]), ("index row 0 is ('a', 'b')",)),
    "graph of positions": (nx.grid_2d_graph(2, 2), ("shape (4, 2, 2)",)),
    "graph outside": (nx.path_graph(6), ("index row 3 is (3, 4)", "0 to 3")),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_rows(case: str) -> None:
    over, facts = BAD[case]
    with refused(RowsError, "for_each of term 0", *facts):
        new().for_each(("i", "j"), over=over)


def test_bad_rows_of_a_later_term_name_that_term() -> None:
    builder = new().globally().emit()
    with refused(RowsError, "for_each_triplet of term 1", "index row 0 is (0, 1)"):
        builder.for_each_triplet("a", "b", "c", over=[(0, 1), (0, 1, 2)])
    assert len(builder.build().to_ir().terms) == 1


def test_traced_rows() -> None:
    with refused(RowsError, "over= is traced", "outside jit"):
        jax.jit(lambda r: (new().for_each("i", over=r), 1)[1])(jnp.arange(3))


def test_labels() -> None:
    with refused(LabelError, "for_each of term 0", "'i' twice", "distinct"):
        new().for_each(("i", "i"), over=[(0, 1)])
    with refused(LabelError, "for_each_pair of term 0", "'a' twice"):
        new().for_each_pair("a", "a")
    for wrong in (1, (1, 2), ("i", ""), "", None, {"i"}, ["i", None]):
        with refused(LabelError, "labels must be text", repr(wrong)):
            new().for_each(wrong, over=[(0, 1)])
    with refused(LabelError, "for_each_site", "labels must be text"):
        new().for_each_site(0)


# --- columns ----------------------------------------------------------------------------------------------------------


def test_columns_are_stored_wide_sorted_and_read_only() -> None:
    given = {
        "b": [True, False],
        "a": np.array([1, 2], dtype=np.uint8),
        "f": np.float32([0.5, 1]),
        "c": [1j, 0],
        "m": np.eye(2, 4),
    }
    made = spec(new().for_each("i", over=[0, 1], columns=given)).columns
    assert {name: (array.dtype.name, array.shape) for name, array in made.items()} == {
        "a": ("int64", (2,)), "b": ("int64", (2,)), "c": ("complex128", (2,)), "f": ("float64", (2,)), "m": ("float64", (2, 4)),
    }  # fmt: skip
    assert list(made) == sorted(made)
    assert made["b"].tolist() == [1, 0]
    assert made["f"].tolist() == [0.5, 1.0]
    with pytest.raises(ValueError, match="read-only"):
        made["f"][0] = 1


@pytest.mark.parametrize(
    "open_term",
    [
        lambda b, c: b.globally(columns=c), lambda b, c: b.for_each_site("a", columns=c), lambda b, c: b.for_each_pair("a", "b", columns=c),
        lambda b, c: b.for_each_distinct_pair("a", "b", columns=c), lambda b, c: b.for_each_triplet("a", "b", "c", over=[(0, 1, 2)], columns=c),
        lambda b, c: b.for_each_plaquette("a", "b", "c", "d", over=[(0, 1, 2, 3)], columns=c), lambda b, c: b.for_each("a", over=[1], columns=c),
    ],
)  # fmt: skip
def test_columns_go_with_every_iterator(open_term: Any) -> None:
    count = spec(open_term(new(), None)).n_iter
    made = spec(open_term(new(), {"J": np.arange(count), "m": np.ones((count, 4))}))
    assert made.columns["J"].tolist() == list(range(count))
    with refused(RowsError, "of term 0", "'J'", f"({count + 1},)", f"({count},)", f"({count}, 4)"):
        open_term(new(), {"J": np.arange(count + 1)})


BAD_COLUMNS: dict[str, tuple[Any, tuple[str, ...]]] = {
    "short": ([1.0], ("(1,)", "(2,)", "(2, 4)")),
    "scalar": (1.0, ("shape ()", "(2,)")),
    "transposed": (np.ones((4, 2)), ("(4, 2)", "(2, 4)")),
    "wide": (np.ones((2, 3)), ("(2, 3)", "(2, 4)")),
    "three axes": (np.ones((2, 4, 1)), ("(2, 4, 1)",)),
    "ragged": ([[1.0, 2.0], [1.0]], ("ragged", "[M] or [M, N]")),
    "nan": ([1.0, np.nan], ("NaN",)),
    "infinite": ([1.0, -np.inf], ("infinity",)),
    "complex nan": ([1.0, complex(0, np.nan)], ("NaN",)),
    "nan inside": (np.where(np.eye(2, 4) > 0, np.nan, 0), ("NaN",)),
    "text": (["a", "b"], ("numbers",)),
    "None": (None, ("numbers", "object")),
    "objects": ([None, 1], ("numbers", "object")),
    "beyond 64 bits": (np.array([2**63, 1], dtype=np.uint64), ("9223372036854775808", "64 signed bits")),
    "far beyond 64 bits": ([2**70, 1], ("numbers", "object")),
}


@pytest.mark.parametrize("case", BAD_COLUMNS)
def test_bad_columns(case: str) -> None:
    given, facts = BAD_COLUMNS[case]
    with refused(RowsError, "for_each of term 0", "the column 'J'", *facts):
        new().for_each("i", over=[0, 1], columns={"J": given})


@pytest.mark.parametrize("wrong", ["J", [1.0], {1: [1.0]}, {"": [1.0]}, 3], ids=shown)
def test_columns_that_are_no_dict(wrong: Any) -> None:
    with refused(RowsError, "for_each of term 0", "dict of arrays by name", repr(wrong)):
        new().for_each("i", over=[0], columns=wrong)


def test_traced_columns_name_with_columns() -> None:
    for transform in (jax.jit, jax.grad):
        with refused(RowsError, "the column 'J' is traced", "compiled.with_columns(name=array)"):
            transform(lambda c: (new().for_each("i", over=[0], columns={"J": c}), c)[1])(jnp.ones(()))


def test_edge_attributes_of_a_graph() -> None:
    made = spec(new().for_each(("i", "j"), over=GRAPH, columns={"J": "weight"}))
    assert made.columns["J"].tolist() == [2.0, 3.0]
    assert made.index_sets.tolist() == [[0, 1], [1, 2]]
    with refused(RowsError, "edge 0, (0, 1)", "'wieght'", "'J'"):
        new().for_each(("i", "j"), over=GRAPH, columns={"J": "wieght"})
    with refused(RowsError, "'J'", "'weight'", "networkx.Graph"):
        new().for_each(("i", "j"), over=[(0, 1)], columns={"J": "weight"})
    partly = GRAPH.copy()
    partly.add_edge(0, 2)
    with refused(RowsError, "edge 1, (0, 2)", "'weight'"):
        new().for_each(("i", "j"), over=partly, columns={"J": "weight"})


# --- what the user does to the arrays afterwards ----------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.int32, np.int64])
@pytest.mark.parametrize("view", [False, True], ids=["itself", "read-only view"])
def test_changing_the_arrays_later_changes_nothing(dtype: Any, view: bool) -> None:
    arrays = np.array([[0, 1], [1, 2]], dtype=dtype), np.array([1.0, 2.0]), np.eye(2, 4)
    shown = [array.view() for array in arrays] if view else arrays
    if view:
        for array in shown:
            array.flags.writeable = False
    over, j, m = shown
    op = new().for_each(("i", "j"), over=over, columns={"J": j, "m": m}).emit().build()
    before = op.to_ir().as_dict()
    for array in arrays:
        array[...] = 3
    assert op.to_ir().as_dict() == before
    assert before["terms"][0]["iterator"]["index_sets"]["data"] == [0, 1, 1, 2]


def test_changing_the_graph_and_the_list_later_changes_nothing() -> None:
    graph, edges = GRAPH.copy(), [[0, 1], [1, 2]]
    builder = new().for_each(("i", "j"), over=graph, columns={"J": "weight"}).emit()
    builder.for_each(("i", "j"), over=edges).emit()
    graph.add_edge(0, 2, weight=9.0)
    graph[0][1]["weight"] = 7.0
    edges[0][0] = 3
    first, second = (term.iterator for term in builder.build().to_ir().terms)
    assert first.columns["J"].tolist() == [2.0, 3.0]
    assert second.index_sets.tolist() == [[0, 1], [1, 2]]


def test_names_of_columns_that_are_the_compilers():
    with refused(RowsError, "term 0", "'#d' begins with '#'"):
        DOperator(Fock(3, N=2)).for_each_site("i", columns={"#d": [0, 0]})


def test_rows_without_labels():
    with refused(RowsError, "no labels to give rows to", "globally()"):
        DOperator(Fock(3, N=2)).for_each((), over=[()])
