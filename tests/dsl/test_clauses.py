"""Clauses of one's own: methods of the builder that write what its own methods could write."""

from __future__ import annotations

import copy
import inspect
import itertools
import threading
from typing import Any

import numpy as np
import pytest
from refusal import refused

import nqx_graph as sym
from nqx_graph.errors import DefinitionError, ExpressionError, FieldError, LabelError, RowsError
from nqx_graph.hilbert import Fock

s = sym.site
FOCK = Fock(2, 4)
BONDS = [(0, 1), (1, 2), (2, 3)]


@pytest.fixture(autouse=True)
def forgotten() -> Any:
    with sym.extensions():
        yield


def same(one: Any, other: Any) -> None:
    """Two builders wrote one operator."""
    assert one.build().to_ir().same_as(other.build().to_ir())
    assert one.build().to_ir().static_fingerprint() == other.build().to_ir().static_fingerprint()


# --- iterators --------------------------------------------------------------------------------------------------------


def test_labels_and_rows() -> None:
    @sym.iterator_clause
    def for_each_triangle(builder: Any, a: str, b: str, c: str) -> Any:
        return (a, b, c), list(itertools.combinations(range(builder.hilbert.size), 3))

    rows = [(0, 1, 2), (0, 1, 3), (0, 2, 3), (1, 2, 3)]
    amplitude = s("i").value * s("j").value * s("k").value
    same(
        sym.DOperator(FOCK).for_each_triangle("i", "j", "k").emit(amplitude=amplitude),
        sym.DOperator(FOCK).for_each(("i", "j", "k"), over=rows).emit(amplitude=amplitude),
    )


def test_columns_and_rows_of_any_kind_that_for_each_takes() -> None:
    @sym.iterator_clause(name="for_each_bond_of_colour")
    def chosen(builder: Any, a: str, b: str, *, colour: int) -> Any:
        bonds = np.array(BONDS[colour::2])
        return [a, b], bonds, {"J": bonds[:, 0] / 2}

    same(
        sym.DOperator(FOCK).for_each_bond_of_colour("i", "j", colour=0).emit(amplitude=sym.column("J")),
        sym.DOperator(FOCK).for_each(("i", "j"), over=[(0, 1), (2, 3)], columns={"J": [0.0, 1.0]})
        .emit(amplitude=sym.column("J")),
    )  # fmt: skip
    iterator = sym.DOperator(FOCK).for_each_site("a").emit().build().to_ir().terms[0].iterator
    sym.iterator_clause(lambda builder: iterator, name="again")
    same(sym.DOperator(FOCK).again().emit(), sym.DOperator(FOCK).for_each_site("a").emit())


def test_a_clause_may_write_a_whole_term() -> None:
    @sym.iterator_clause
    def hopping(builder: Any, bonds: Any) -> Any:
        return builder.for_each(("i", "j"), over=bonds).where(s("i") > 0).emit(sym.shift("i", -1)).named("hopping")

    written = sym.DOperator(FOCK).for_each(("i", "j"), over=BONDS).where(s("i") > 0).emit(sym.shift("i", -1))
    same(sym.DOperator(FOCK).hopping(BONDS), written.named("hopping"))


def test_rows_are_checked_as_any_rows_under_the_name_of_the_clause() -> None:
    sym.iterator_clause(lambda builder, rows, labels=("i", "j"): (labels, rows), name="for_each_given")
    with refused(RowsError, "for_each_given of term 0", "index row 1 is (1, 9)", "0 to 3"):
        sym.DOperator(FOCK).for_each_given([(0, 1), (1, 9)])
    with refused(RowsError, "for_each_given of term 1", "0.5 is not a whole number"):
        sym.DOperator(FOCK).for_each_site("i").emit().for_each_given([(0.5, 1.0)])
    with refused(LabelError, "for_each_given", "'i'"):
        sym.DOperator(FOCK).for_each_given([(0, 1)], labels=("i", "i"))


# --- predicates -------------------------------------------------------------------------------------------------------


def test_a_predicate() -> None:
    @sym.predicate_clause
    def where_total(builder: Any, total: int) -> Any:
        first, *rest = (s(label).value for label in builder.context.labels)
        return sum(rest, start=first) == total

    written = sym.DOperator(FOCK).for_each(("i", "j"), over=BONDS).where(s("i").value + s("j").value == 2)
    same(sym.DOperator(FOCK).for_each(("i", "j"), over=BONDS).where_total(2).emit(), written.emit())


def test_constants_functions_and_the_builder_are_taken() -> None:
    sym.predicate_clause(lambda builder: True, name="always")
    sym.predicate_clause(lambda builder: lambda ctx: ctx.site("i") > 0, name="occupied")
    sym.predicate_clause(lambda builder: builder.where(s("i") < 2).where(s("i") > 0), name="inside")
    same(
        sym.DOperator(FOCK).for_each_site("i").always().occupied().inside().emit(),
        sym.DOperator(FOCK).for_each_site("i").where(s("i") > 0).where(s("i") < 2).where(s("i") > 0).emit(),
    )


# --- emissions --------------------------------------------------------------------------------------------------------


def test_an_update_an_amplitude_and_a_tag() -> None:
    @sym.emission_clause
    def emit_hop(builder: Any, a: str, b: str, t: Any = 1.0) -> Any:
        amplitude = -t * (s(a).value * (s(b).value + 1)).sqrt()
        return sym.shift(a, -1).shift(b, 1), amplitude, "hop"

    def pairs() -> Any:
        return sym.DOperator(FOCK).for_each(("i", "j"), over=BONDS).where((s("i") > 0) & (s("j") < 2))

    amplitude = -sym.symbol("t", 0.5) * (s("i").value * (s("j").value + 1)).sqrt()
    same(
        pairs().emit_hop("i", "j", sym.symbol("t", 0.5)),
        pairs().emit(sym.shift("i", -1).shift("j", 1), amplitude=amplitude, tag="hop"),
    )


def test_several_branches_an_update_alone_and_chains() -> None:
    sym.emission_clause(
        lambda builder: [sym.shift("i", 1), (sym.shift("i", -1), 2.0), (sym.identity, 3.0)], name="three"
    )
    sym.emission_clause(
        lambda builder: builder.emit_if(s("i") < 2, sym.shift("i", 1)).emit_else(amplitude=s("i").value), name="raised"
    )
    plain = sym.DOperator(FOCK).for_each_site("i").emit(sym.shift("i", 1)).emit(sym.shift("i", -1), amplitude=2.0)
    plain.emit(amplitude=3.0).emit_if(s("i") < 2, sym.shift("i", 1)).emit_else(amplitude=s("i").value)
    same(sym.DOperator(FOCK).for_each_site("i").three().raised(), plain)


def test_an_emission_clause_opens_a_chain_that_the_builder_goes_on_with() -> None:
    sym.emission_clause(lambda builder, k: builder.emit_if(s("i") >= k, amplitude=2.0), name="emit_when_at_least")
    same(
        sym.DOperator(FOCK).for_each_site("i").emit_when_at_least(1).emit_else(sym.shift("i", 1)),
        sym.DOperator(FOCK).for_each_site("i").emit_if(s("i") >= 1, amplitude=2.0).emit_else(sym.shift("i", 1)),
    )


# --- what comes back wrong --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("made", [None, "ij", ("i",), ("i", [0], None, 1), s("i") > 0])
def test_an_iterator_that_returns_none(made: Any) -> None:
    sym.iterator_clause(lambda builder: made, name="odd")
    with refused(DefinitionError, "<iterator clause 'odd' of", type(made).__name__, "return labels and rows"):
        sym.DOperator(FOCK).odd()


@pytest.mark.parametrize("made", [None, 1, s("i").value])
def test_a_predicate_that_is_none(made: Any) -> None:
    sym.predicate_clause(lambda builder: made, name="odd")
    with refused(DefinitionError, "<predicate clause 'odd' of", "return a predicate"):
        sym.DOperator(FOCK).for_each_site("i").odd()


@pytest.mark.parametrize("made", [None, [], (), 2.0, (1.0, sym.shift("i", 1)), (sym.shift("i", 1), 1.0, "tag", 2)])
def test_an_emission_that_is_none(made: Any) -> None:
    sym.emission_clause(lambda builder: made, name="odd")
    with refused(DefinitionError, "<emission clause 'odd' of", "return an update"):
        sym.DOperator(FOCK).for_each_site("i").odd()


def test_a_clause_that_did_nothing() -> None:
    sym.iterator_clause(lambda builder: builder, name="opens")
    sym.emission_clause(lambda builder: builder, name="emits")
    with refused(DefinitionError, "opened no term"):
        sym.DOperator(FOCK).opens()
    with refused(DefinitionError, "emitted nothing"):
        sym.DOperator(FOCK).for_each_site("i").emits()


def test_the_state_of_the_builder_is_looked_at_as_by_its_own_methods() -> None:
    sym.emission_clause(lambda builder: sym.shift("i", 1), name="raises")
    sym.predicate_clause(lambda builder: s("j") > 0, name="unbound")
    with refused(DefinitionError, "needs an open term"):
        sym.DOperator(FOCK).raises()
    with refused(DefinitionError, "context needs an open term"):
        sym.DOperator(FOCK).context  # noqa: B018
    with refused(LabelError, "'j'"):
        sym.DOperator(FOCK).for_each_site("i").unbound()
    built = sym.DOperator(FOCK).for_each_site("i").raises()
    built.build()
    with refused(DefinitionError, "sealed"):
        built.raises()
    sym.emission_clause(lambda builder: (sym.shift("i", 1), "much"), name="odd")
    with refused(ExpressionError, "'much'"):
        sym.DOperator(FOCK).for_each_site("i").odd()


# --- names ------------------------------------------------------------------------------------------------------------


def given(builder: Any, a: str) -> Any:
    """Every site but the first."""
    return a, [1, 2, 3]


def test_a_clause_is_found_as_a_method_is() -> None:
    assert sym.iterator_clause(given) is given
    builder = sym.DOperator(FOCK)
    assert "given" in dir(builder)
    assert builder.given.__doc__ == "Every site but the first."
    assert str(inspect.signature(builder.given)) == "(a: 'str') -> 'Any'"
    assert [(name, clause.kind, clause.function) for name, clause in sym.clauses().items()] == [
        ("given", "iterator", given)
    ]


def test_a_name_that_there_is_not() -> None:
    sym.iterator_clause(given, name="for_each_triangle")
    with refused(FieldError, "no method 'for_each_triangel'", "Did you mean 'for_each_triangle'?"):
        sym.DOperator(FOCK).for_each_triangel("i")
    with refused(FieldError, "no method 'for_each_cite'", "Did you mean 'for_each_site'?"):
        sym.DOperator(FOCK).for_each_cite("i")
    assert not hasattr(sym.DOperator(FOCK), "to_ir")
    assert not hasattr(sym.DOperator(FOCK), "_nothing")
    assert repr(copy.copy(sym.DOperator(FOCK))) == repr(sym.DOperator(FOCK))


@pytest.mark.parametrize("name", ["where", "emit", "build", "hilbert", "compile", "to_ir", "context"])
def test_a_name_that_is_taken(name: str) -> None:
    with refused(DefinitionError, "test_clauses.given", repr(name), "give name= another one"):
        sym.iterator_clause(given, name=name)


@pytest.mark.parametrize("name", ["", "_own", "for each", "if", "2nd", 3])
def test_a_name_that_cannot_be_a_method(name: Any) -> None:
    with refused(DefinitionError, "must be an identifier", repr(name)):
        sym.predicate_clause(given, name=name)
    assert sym.clauses() == {}


def test_what_is_no_function() -> None:
    with refused(DefinitionError, "a clause is a function of the builder; it is 'triangles'"):
        sym.iterator_clause("triangles")


def test_a_cell_that_runs_again_replaces_and_other_code_does_not() -> None:
    def cell(step: int) -> Any:
        @sym.iterator_clause
        def every(builder: Any, a: str) -> Any:
            return a, range(0, builder.hilbert.size, step)

        return every

    cell(1)
    cell(2)
    same(sym.DOperator(FOCK).every("i").emit(), sym.DOperator(FOCK).for_each("i", over=[0, 2]).emit())
    with refused(DefinitionError, "clause 'every' of", "test_clauses.given", "cell.<locals>.every", "replace=True"):
        sym.emission_clause(given, name="every")
    sym.iterator_clause(given, name="every", replace=True)
    same(sym.DOperator(FOCK).every("i").emit(), sym.DOperator(FOCK).for_each("i", over=[1, 2, 3]).emit())


def test_what_was_registered_in_a_block_is_forgotten_and_what_was_replaced_is_back() -> None:
    sym.iterator_clause(given, name="kept")
    with pytest.raises(ZeroDivisionError), sym.extensions():
        sym.iterator_clause(lambda builder: ("i", [0]), name="kept", replace=True)
        sym.iterator_clause(given, name="gone")
        raise ZeroDivisionError
    assert list(sym.clauses()) == ["kept"]
    assert sym.clauses()["kept"].function is given


def test_threads_register_at_once() -> None:
    def register(k: int) -> None:
        for j in range(50):
            sym.iterator_clause(given, name=f"clause_{k}_{j}")

    threads = [threading.Thread(target=register, args=(k,)) for k in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(sym.clauses()) == 400
