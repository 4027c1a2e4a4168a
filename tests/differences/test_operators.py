"""``diff`` of operators: what it says of every kind of change, and that it says something exactly where there is one."""

from __future__ import annotations

import itertools
import random
from typing import Any

import attrs
import numpy as np
import pytest
import stored
import strategies
from figures import figure
from ir import samples
from perturbed import changed, places, rich
from refusal import refused

import nqx_graph as sym
from nqx_graph.differences.operators import operator_diff
from nqx_graph.errors import OptionTypeError
from nqx_graph.hilbert import Fock, Qubit, Spin
from nqx_graph.ir.frozen import FrozenDict

PERTURBATIONS, PAIRS = figure(500, 50_000), figure(100, 10_000)
s = sym.site
RING = [(0, 1), (1, 2), (2, 3), (3, 0)]


def ising(
    h: Any = 0.7, edges: Any = RING, weights: Any = (1.0, 1.0, 1.0, 1.0), doc: str = "", field: str = "1", **more: Any
) -> sym.SymbolicOperator:
    builder = sym.DOperator(
        more.get("space", Spin(1 / 2, 4)), more.get("name", "ising"), dtype=more.get("dtype", "float64")
    )
    builder.for_each(("i", "j"), over=edges, columns={"J": np.array(weights)})
    builder.emit(amplitude=sym.column("J") * s("i").value * s("j").value)
    builder.for_each_site("i").emit(
        sym.affine("i", scale=-1), amplitude=-sym.symbol("h", h, doc=doc), tag=more.get("tag")
    )
    return builder.named(field).build()


def told(first: Any, second: Any) -> list[str]:
    found = sym.diff(first, second)
    assert isinstance(found, sym.OperatorDifference)
    assert found
    return str(found).splitlines()


def test_no_difference() -> None:
    found = sym.diff(ising(), ising())
    assert not found
    assert str(found) == "no difference"
    assert not sym.diff(ising().to_ir(), ising())


CHANGES = {
    "name": ({"name": "tfim"}, ["~ name: 'ising' -> 'tfim'"]),
    "dtype": ({"dtype": "complex128"}, ["~ dtype: float64 -> complex128"]),
    "default": ({"h": 0.9}, ["~ symbol h: default 0.7 -> default 0.9"]),
    "no default": ({"h": None}, ["~ symbol h: default 0.7 -> no default"]),
    "kind of number": ({"h": -0.0}, ["~ symbol h: default 0.7 -> default -0.0"]),
    "doc": ({"doc": "field"}, ["~ symbol h: default 0.7 -> default 0.7, doc 'field'"]),
    "space": (
        {"space": Spin(1 / 2, 4, total_sz=0)},
        ["~ Hilbert space: Spin(s=1/2, N=4) of nqx_graph -> Spin(s=1/2, N=4, total_sz=0) of nqx_graph"],
    ),
    "one entry": (
        {"weights": (1.0, 1.0, 0.5, 1.0)},
        ["~ term #0", "    column J: 1 of 4 entries, the largest change 0.5 at [2]: 1.0 -> 0.5"],
    ),
    "entries": (
        {"weights": (1.0, 2.0, -4.0, 1.25)},
        ["~ term #0", "    column J: 3 of 4 entries, the largest change 5.0 at [2]: 1.0 -> -4.0"],
    ),
    "rows": (
        {"edges": [(0, 1), (1, 2), (0, 2), (3, 1)]},
        ["~ term #0", "    rows: 2 added: (0, 2), (3, 1); 2 removed: (2, 3), (3, 0)"],
    ),
    "order of rows": ({"edges": RING[::-1]}, ["~ term #0", "    rows: the same 4 in another order"]),
    "count of rows": (
        {"edges": RING[:3], "weights": (1.0, 1.0, 1.0)},
        ["~ term #0", "    rows: 4 -> 3; 1 removed: (3, 0)", "    column J: float64 [4] -> float64 [3]"],
    ),
    "name of a term": ({"field": "field"}, ['~ term #1 "field"', "    name: '1' -> 'field'"]),
    "tag": ({"tag": "flip"}, ["~ term #1", "    tag of emit #0: none -> 'flip'"]),
}


@pytest.mark.parametrize("change", CHANGES)
def test_one_change(change: str) -> None:
    arguments, lines = CHANGES[change]
    assert told(ising(), ising(**arguments)) == lines


def test_the_sum_with_another() -> None:
    other = sym.DOperator(Spin(1 / 2, 4), "other").globally().emit(amplitude=2.0).emit(amplitude=3.0).build()
    assert told(ising(), ising() + other) == [
        "~ name: 'ising' -> 'ising + other'",
        "+ term #2 [1 row, 2 emissions]",
    ]
    assert told(other + ising(), ising()) == [
        "~ name: 'other + ising' -> 'ising'",
        "- term #0 [1 row, 2 emissions]",
    ]


def test_a_multiple() -> None:
    assert told(ising(), sym.symbol("g", 2) * ising()) == [
        "~ name: 'ising' -> '$g * ising'",
        "+ symbol g: none -> default 2",
        "~ term #0",
        "    amplitude of emit #0: ((J[row] * x[i]) * x[j]) -> (((J[row] * x[i]) * x[j]) * $g)",
        "~ term #1",
        "    amplitude of emit #0: (-$h) -> ((-$h) * $g)",
    ]
    assert "- symbol g: default 2 -> none" in told(sym.symbol("g", 2) * ising(), ising())


def test_terms_in_another_order() -> None:
    ir = ising().to_ir()
    first, second = ir.terms
    turned = attrs.evolve(ir, terms=[attrs.evolve(second, name="0"), attrs.evolve(first, name="1")])
    assert told(ir, turned) == ["> terms in another order: #1, #0"]


def test_the_order_of_many_terms_is_cut() -> None:
    builder = sym.DOperator(Spin(1 / 2, 4), dtype="float64")
    for number in range(20):
        builder.for_each_site("i").emit(amplitude=number)
    ir = builder.build().to_ir()
    turned = [attrs.evolve(term, name=str(place)) for place, term in enumerate(ir.terms[::-1])]
    numbers = ", ".join(f"#{19 - place}" for place in range(16))
    assert told(ir, attrs.evolve(ir, terms=turned)) == [f"> terms in another order: {numbers}, ..."]


def test_everything_about_a_term() -> None:
    def branching(builder: Any) -> Any:
        return builder.for_each_site("i").named("a")

    first = (
        branching(sym.DOperator(Fock(3, 3), "A", dtype="float64", hermitian=True))
        .where(s("i") < 2)
        .emit(sym.shift("i", 1), amplitude=0.5, tag="up")
        .emit(sym.shift("i", -1), amplitude=0.25)
        .build()
    )
    second = (
        branching(sym.DOperator(Fock(3, 3), "A", dtype="float64"))
        .where(s("i") < 3)
        .emit_if(s("i") > 0, sym.shift("i", 2), amplitude=0.5, tag="up")
        .emit(sym.shift("i", -1), amplitude=1)
        .emit(amplitude=2.0)
        .fanout(4)
        .build()
    )
    assert told(first, second) == [
        "~ hermitian: True -> False",
        '~ term #0 "a"',
        "    where: (x[i] < 2) -> (x[i] < 3)",
        "    condition of emit #0: True -> (x[i] > 0)",
        "    update of emit #0: x'[i] = (x'[i] + 1) -> x'[i] = (x'[i] + 2)",
        "    amplitude of emit #1: 0.25 -> 1",
        "    emit #2: added: x' = x; amplitude 2.0",
        "    promised fanout: none -> 4",
    ]
    assert "    emit #2: removed: x' = x; amplitude 2.0" in told(second, first)


def test_labels_metadata_columns_and_the_order_of_emissions() -> None:
    ir = ising().to_ir()
    term = ir.terms[0]
    rows = sym.KBodyIteratorSpec(("i", "j"), term.iterator.index_sets, {"K": np.ones((4, 4), np.int64)})
    twice = attrs.evolve(term, emissions=[*term.emissions, *ir.terms[1].emissions])
    back = attrs.evolve(twice, emissions=twice.emissions[::-1], metadata=FrozenDict({"by": ["me"], "b": None}))
    old = attrs.evolve(
        ir, terms=[attrs.evolve(twice, metadata=FrozenDict({"by": ["you"]}))], metadata=FrozenDict({"a": 1})
    )
    new = attrs.evolve(ir, terms=[attrs.evolve(back, iterator=attrs.evolve(rows, labels=("i", "k")))])
    assert told(old, new) == [
        "~ metadata 'a': 1 -> none",
        "~ term #0",
        "    labels: ('i', 'j') -> ('i', 'k')",
        "    column J: float64 [4] -> none",
        "    column K: none -> int64 [4, 4]",
        "    emissions: in another order: #1, #0",
        "    metadata 'b': none -> None",
        "    metadata 'by': ['you'] -> ['me']",
    ]


def test_what_a_program_reads() -> None:
    found = sym.diff(ising(), ising(h=0.9, weights=(1.0, 1.0, 1.0, 2.0)))
    (symbol,) = found.symbols
    assert (symbol.what, symbol.before, symbol.after) == ("symbol h", ((0.7, ""),), ((0.9, ""),))
    (term,) = found.changed
    assert term.term == "term #0"
    (column,) = term.changes
    np.testing.assert_array_equal(column.after - column.before, [0, 0, 0, 1])
    assert (found.fields, found.removed, found.added, found.order) == ((), (), (), None)


def test_a_symbol_of_several_docs_that_changed_places() -> None:
    def two(first: str, second: str, third: str) -> Any:
        builder = sym.DOperator(Spin(1 / 2, 4), dtype="float64")
        for doc in (first, second, third):
            builder.for_each_site("i").emit(amplitude=sym.symbol("h", 1.0, doc=doc))
        return builder.build()

    assert told(two("a", "b", "a"), two("a", "b", "b")) == ["~ symbols: declared in other places"]


def test_long_texts_are_cut_around_the_difference() -> None:
    def long(number: float) -> Any:
        amplitude: Any = 0
        for term in range(200):
            amplitude = amplitude + (number if term == 100 else term) * s("i").value
        return sym.DOperator(Spin(1 / 2, 4), dtype="float64").for_each_site("i").emit(amplitude=amplitude).build()

    lines = told(long(0.5), long(0.75))
    assert lines[:2] == ["~ term #0", "    amplitude of emit #0:"]
    assert all(len(line) < 300 for line in lines)
    assert "(0.5 * x[i])" in lines[2]
    assert "(0.75 * x[i])" in lines[3]
    assert [line[:11] + line[-3:] for line in lines[2:]] == ["      - ......", "      + ......"]


@pytest.mark.parametrize(
    ("given", "fact"),
    [
        (sym.DOperator(Spin(1 / 2, 4)), "a DOperator: call .build() on it first"),
        (None, "a NoneType: give two symbolic operators"),
        (sym.default_graph(), "a Graph"),
    ],
    ids=["a builder", "None", "a graph"],
)
def test_what_is_no_operator(given: Any, fact: str) -> None:
    for pair in ((given, ising()), (ising(), given)):
        with refused(OptionTypeError, "two graphs, or two symbolic operators or their IRs", fact):
            sym.diff(*pair)


def test_compiled_operators_name_their_ir() -> None:
    compiled = ising().compile()
    with refused(OptionTypeError, "a CompiledOperator: give its .ir"):
        sym.diff(compiled, ising())
    assert not sym.diff(compiled.ir, ising())


def test_graphs_go_to_the_diff_of_graphs() -> None:
    graph = sym.default_graph()
    assert isinstance(sym.diff(graph, graph), sym.Difference)


# --- something exactly where there is something ---


def assert_consistent(first: Any, second: Any) -> bool:
    """Whether they differ; every line says something, and the other way round they differ too."""
    differ = first.static_fingerprint() != second.static_fingerprint()
    for one, other in ((first, second), (second, first)):
        found = operator_diff(one, other)
        assert bool(found) == differ
        assert (str(found) == "no difference") == (not differ)
        assert all(line.strip() for line in str(found).splitlines())
        assert "declared in other places" not in str(found)
        assert all(change.how for term in found.changed for change in term.changes)
    return differ


def test_one_field_changed_of_random_programs() -> None:
    rng, tried = random.Random(11), 0
    operators = [
        *rich(figure(20, 400)),
        *(sym.SymbolicOperator(Qubit(1), make()) for make in (samples.rich, samples.full)),
    ]
    while tried < PERTURBATIONS:
        for operator in operators:
            ir = operator.to_ir()
            data = ir.as_dict()
            found = list(places(data))
            for at in rng.sample(found, k=min(20, len(found))):
                try:
                    other = sym.ir.serial.operator_from_dict(changed(data, at, rng), rules=False)
                    str(other)
                except (sym.NqxError, ValueError):
                    continue  # so broken that it has no text
                tried += assert_consistent(ir, other)


def test_pairs_of_random_programs() -> None:
    irs = [operator.to_ir() for operator in (*stored.operators(), *map(strategies.seeded, range(PAIRS)))]
    for first, second in itertools.pairwise(irs):
        assert_consistent(first, second)
        assert not assert_consistent(first, sym.SymbolicOperatorIR.from_dict(first.as_dict()))
