"""The builder: what each call adds, and what it refuses where it is given."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from refusal import refused, shown

from nqx_graph.dsl import selectors as s
from nqx_graph.dsl import update as u
from nqx_graph.dsl.builder import DOperator, SymbolicDiscreteJaxOperator
from nqx_graph.errors import DefinitionError, DTypeError, ExpressionError, HilbertError, LabelError, RowsError
from nqx_graph.hilbert import Fock, Spin
from nqx_graph.ir.expr import TRUE
from nqx_graph.ir.types import SymbolicIRTerm

I = s.site("i")  # noqa: E741
P, Q, R = I > 0, I > 1, I > 2


def term(**kwargs: Any) -> DOperator:
    return DOperator(Fock(3, 3), **kwargs).for_each_site("i")


def built(builder: DOperator) -> SymbolicIRTerm:
    return builder.build().to_ir().terms[-1]


def predicates(builder: DOperator) -> list[str]:
    return [repr(emission.predicate) for emission in built(builder).emissions]


# --- the example of the specification ---------------------------------------------------------------------------------


def test_the_first_example() -> None:
    n_max, edges = 3, [(0, 1), (1, 2)]
    hop = (
        DOperator(Fock(n_max, 3), "hopping")
        .for_each(("i", "j"), over=edges)
        .where((s.site("i") > 0) & (s.site("j") < n_max))
        .emit(u.shift("i", -1).shift("j", +1), amplitude=-(s.site("i").value * (s.site("j").value + 1)).sqrt())
        .build()
    )
    ir = hop.to_ir()
    assert (ir.operator_name, ir.mode, ir.hilbert_size, ir.dtype_str, ir.is_hermitian) == (
        "hopping", "symbolic", 3, "float64", False,
    )  # fmt: skip
    (only,) = ir.terms
    (emission,) = only.emissions
    assert only.iterator.labels == ("i", "j")
    assert only.iterator.index_sets.tolist() == [[0, 1], [1, 2]]
    assert repr(only.predicate) == "((x[i] > 0) & (x[j] < 3))"
    assert [op.kind for op in emission.update_program.ops] == ["shift", "shift"]
    assert repr(emission.amplitude) == "(-sqrt((x[i] * (x[j] + 1))))"
    assert (only.max_fanout, only.fanout, only.fanout_hint) == (2, 2, None)


def test_the_alias() -> None:
    assert SymbolicDiscreteJaxOperator is DOperator


def test_defaults() -> None:
    ir = DOperator(Fock(1, 2)).globally().emit().build().to_ir()
    assert (ir.operator_name, ir.is_hermitian, ir.term_count, ir.free_symbols) == ("operator", False, 1, ())
    (emission,) = ir.terms[0].emissions
    assert emission.predicate.same_as(TRUE)
    assert emission.update_program.ops == ()
    assert (repr(emission.amplitude), emission.branch_tag) == ("1.0", None)
    assert ir.terms[0].name == "0"
    assert dict(ir.metadata) == dict(ir.terms[0].metadata) == {}


def test_every_call_returns_the_builder() -> None:
    builder = DOperator(Fock(1, 3))
    calls = [
        builder.globally(), builder.emit(), builder.for_each_site("a"), builder.emit_if(True), builder.emit_elseif(False),
        builder.emit_else(), builder.where(True), builder.named("t"), builder.fanout(2), builder.max_conn_size(1),
        builder.for_each_pair("a", "b"), builder.for_each_distinct_pair("a", "b"), builder.for_each("a", [0]),
        builder.for_each_triplet("a", "b", "c", [(0, 1, 2)]), builder.for_each_plaquette("a", "b", "c", "d", [(0, 1, 2, 0)]),
    ]  # fmt: skip
    assert all(result is builder for result in calls)


# --- the operator -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("wrong", [3, None, b"op", ["op"]], ids=shown)
def test_the_name_is_text(wrong: Any) -> None:
    with refused(ExpressionError, "name of an operator", repr(wrong)):
        DOperator(Fock(1, 1), wrong)


@pytest.mark.parametrize("wrong", [1, None, "yes", 0.0], ids=shown)
def test_hermitian_is_true_or_false(wrong: Any) -> None:
    with refused(ExpressionError, "hermitian", repr(wrong)):
        DOperator(Fock(1, 1), hermitian=wrong)
    assert DOperator(Fock(1, 1), hermitian=np.bool_(True)).globally().emit().build().is_hermitian is True


@pytest.mark.parametrize("wrong", [None, 3, "Fock", [0, 1], Fock], ids=shown)
def test_the_space_is_a_space(wrong: Any) -> None:
    with refused(HilbertError, repr(wrong), "nqx_graph.hilbert", "netket.hilbert", "`size` and `local_states`"):
        DOperator(wrong)


def test_the_dtype_is_a_dtype() -> None:
    with refused(DTypeError, "'real'"):
        DOperator(Fock(1, 1), dtype="real")


# --- terms ------------------------------------------------------------------------------------------------------------

NEED_A_TERM: dict[str, tuple[Any, ...]] = {
    "where": (True,), "emit": (), "emit_if": (True,), "emit_elseif": (True,), "emit_else": (), "named": ("a",),
    "fanout": (1,),
}  # fmt: skip


@pytest.mark.parametrize("call", NEED_A_TERM)
def test_a_call_before_a_term(call: str) -> None:
    with refused(DefinitionError, f"{call} needs an open term", "for_each"):
        getattr(DOperator(Fock(1, 1)), call)(*NEED_A_TERM[call])


def test_build_needs_a_term_and_every_term_an_emission() -> None:
    with refused(DefinitionError, "no term", "for_each"):
        DOperator(Fock(1, 1)).build()
    with refused(DefinitionError, "term '0' has no emission", "emit()"):
        term().build()
    with refused(DefinitionError, "term 'second' has no emission"):
        term().emit().globally().named("second").globally().emit().build()


def test_a_refused_build_can_be_mended() -> None:
    builder = term()
    with refused(DefinitionError, "no emission"):
        builder.build()
    assert builder.emit().build().to_ir().term_count == 1


def test_terms_are_called_by_their_position_or_their_name() -> None:
    ir = term().emit().globally().named("field").emit().globally().emit().build().to_ir()
    assert [t.name for t in ir.terms] == ["0", "field", "2"]
    for wrong in ("", 3, None):
        with refused(ExpressionError, "name of a term", repr(wrong)):
            term().named(wrong)


SEALED: dict[str, tuple[Any, ...]] = {
    **NEED_A_TERM, "max_conn_size": (1,), "globally": (), "for_each_site": ("a",), "for_each_pair": ("a", "b"),
    "for_each_distinct_pair": ("a", "b"), "for_each_triplet": ("a", "b", "c", [(0, 1, 2)]),
    "for_each_plaquette": ("a", "b", "c", "d", [(0, 1, 2, 0)]), "for_each": ("a", [0]),
}  # fmt: skip


@pytest.mark.parametrize("call", SEALED)
def test_a_sealed_builder(call: str) -> None:
    builder = term(name="finished").emit_if(True)
    op = builder.build()
    before = op.to_ir().static_fingerprint()
    with refused(DefinitionError, "'finished' is built and sealed", "another DOperator", "A + B"):
        getattr(builder, call)(*SEALED[call])
    assert builder.build() is op
    assert op.to_ir().static_fingerprint() == before


def test_to_ir_is_the_same_object_each_time() -> None:
    op = term().emit().build()
    assert op.to_ir() is op.to_ir()
    assert op.to_ir().static_fingerprint() is op.to_ir().static_fingerprint()
    assert op.to_ir().symbols is op.to_ir().symbols


# --- where ------------------------------------------------------------------------------------------------------------


def test_where_is_anded_and_holds_for_emissions_before() -> None:
    only = built(term().where(P).emit().where(Q).emit_if(R))
    assert repr(only.predicate) == "((x[i] > 0) & (x[i] > 1))"
    assert [repr(e.predicate) for e in only.emissions] == ["True", "(x[i] > 2)"]
    assert [repr(e.predicate) for e in only.effective_emissions] == [
        "((x[i] > 0) & (x[i] > 1))", "(((x[i] > 0) & (x[i] > 1)) & (x[i] > 2))",
    ]  # fmt: skip


def test_where_takes_constants() -> None:
    assert built(term().where(True).emit()).predicate.same_as(TRUE)
    assert repr(built(term().where(True).where(P).where(True).emit()).predicate) == "(x[i] > 0)"
    assert repr(built(term().where(False).emit()).predicate) == "False"


@pytest.mark.parametrize("wrong", [1, 0, None, "x > 0", I, 0.5], ids=shown)
def test_where_takes_predicates(wrong: Any) -> None:
    for write in (
        lambda: term().where(wrong),
        lambda: term().emit_if(wrong),
        lambda: term().emit_if(True).emit_elseif(wrong),
    ):
        with refused(ExpressionError, type(wrong).__name__, "predicate"):
            write()


# --- emissions --------------------------------------------------------------------------------------------------------


def test_every_emit_is_one_more_branch_per_row() -> None:
    only = built(term().emit(u.shift("i", 1), amplitude=2, tag="up").emit(u.shift("i", -1)).emit())
    assert [e.branch_tag for e in only.emissions] == ["up", None, None]
    assert [repr(e.amplitude) for e in only.emissions] == ["2", "1.0", "1.0"]
    assert only.max_fanout == only.fanout == 9


def test_amplitude_and_matrix_element_are_one_thing() -> None:
    calls: dict[str, tuple[Any, ...]] = {"emit": (), "emit_if": (P,), "emit_elseif": (P,), "emit_else": ()}
    for call, args in calls.items():
        one = getattr(term().emit_if(Q), call)(*args, amplitude=I)
        other = getattr(term().emit_if(Q), call)(*args, matrix_element=I)
        assert one.build().to_ir().same_as(other.build().to_ir())
        with refused(ExpressionError, "amplitude=", "matrix_element=", "one of them"):
            getattr(term().emit_if(Q), call)(*args, amplitude=1, matrix_element=1)


@pytest.mark.parametrize("wrong", ["1", [1], np.ones(3), object(), True, float("nan"), 2**80], ids=shown)
def test_an_amplitude_is_a_number_or_an_expression(wrong: Any) -> None:
    with refused(ExpressionError):
        term().emit(amplitude=wrong)


def test_a_predicate_is_no_amplitude() -> None:
    with refused(ExpressionError, "(x[i] > 0)", "sym.where(predicate, a, b)"):
        term().emit(amplitude=P)


def test_a_tag_is_text() -> None:
    with refused(ExpressionError, "the tag of emission #1 of term 'hop'", "3"):
        term().named("hop").emit().emit(tag=3)


def test_errors_name_the_emission_and_the_term() -> None:
    with refused(LabelError, "emission #1 of term 'hop'", "'j'"):
        term().named("hop").emit().emit(amplitude=s.site("j"))
    with refused(LabelError, "a predicate of emission #1 of term 'hop'", "'j'"):
        term().named("hop").emit().emit_if(s.site("j") > 0)
    with refused(LabelError, "a predicate of a cond of emission #0 of term '0'", "'j'"):
        term().emit(u.cond(s.site("j") > 0))


def test_a_refused_emission_is_not_kept() -> None:
    builder = term().emit()
    with refused(RowsError):
        builder.emit(u.shift(7, 1))
    assert len(built(builder).emissions) == 1


# --- chains -----------------------------------------------------------------------------------------------------------


def test_a_chain_carries_that_all_before_were_false() -> None:
    builder = term().emit_if(P).emit_elseif(Q).emit_elseif(R).emit_else()
    assert predicates(builder) == [
        "(x[i] > 0)",
        "((~(x[i] > 0)) & (x[i] > 1))",
        "(((~(x[i] > 0)) & (~(x[i] > 1))) & (x[i] > 2))",
        "(((~(x[i] > 0)) & (~(x[i] > 1))) & (~(x[i] > 2)))",
    ]


def test_a_new_emit_if_opens_a_new_chain() -> None:
    assert predicates(term().emit_if(P).emit_if(Q).emit_else()) == ["(x[i] > 0)", "(x[i] > 1)", "(~(x[i] > 1))"]


def test_where_in_a_chain_does_not_close_it() -> None:
    builder = term().emit_if(P).where(R).emit_else()
    assert predicates(builder) == ["(x[i] > 0)", "(~(x[i] > 0))"]
    assert repr(built(builder).predicate) == "(x[i] > 2)"


BROKEN_CHAINS: list[Any] = [
    lambda: term(), lambda: term().emit(), lambda: term().emit_if(P).emit(), lambda: term().emit_if(P).emit_else(),
    lambda: term().emit_if(P).globally(),
]  # fmt: skip


@pytest.mark.parametrize("start", BROKEN_CHAINS)
def test_elseif_and_else_follow_a_chain(start: Any) -> None:
    with refused(DefinitionError, "emit_elseif in term", "follows no emit_if"):
        start().emit_elseif(True)
    with refused(DefinitionError, "emit_else in term", "follows no emit_if"):
        start().emit_else()


# --- promises ---------------------------------------------------------------------------------------------------------


def test_fanout() -> None:
    for name in ("fanout", "max_conn_size"):
        only = built(getattr(term(), name)(np.int64(2)).emit())
        assert (only.fanout, only.fanout_hint, only.max_fanout) == (2, 2, 3)
        assert type(only.fanout_hint) is int
    assert built(term().fanout(5).emit().emit().fanout(4)).fanout == 4


@pytest.mark.parametrize("wrong", [0, -1, 1.0, True, "2", None], ids=shown)
def test_fanout_is_a_whole_number(wrong: Any) -> None:
    with refused(DefinitionError, "fanout", "term 'hop'", repr(wrong)):
        term().named("hop").fanout(wrong)


def test_fanout_above_rows_times_emissions() -> None:
    with refused(DefinitionError, "term 'hop'", "4", "3 rows x 1 emissions = 3"):
        term().named("hop").fanout(4).emit().build()


# --- symbols ----------------------------------------------------------------------------------------------------------


def test_free_symbols_in_order_of_first_appearance() -> None:
    b, a, c = s.symbol("b", 1.0), s.symbol("a"), s.symbol("c", 2)
    ir = term().emit_if(c > 0, amplitude=a * b).where(b > 0).build().to_ir()
    assert ir.free_symbols == ("b", "c", "a")
    assert dict(ir.symbols) == {"b": 1.0, "c": 2, "a": None}


def test_conflicting_defaults() -> None:
    with refused(DefinitionError, "'J'", "1.0", "2.0"):
        term().emit(amplitude=s.symbol("J", 1.0)).emit(amplitude=s.symbol("J", 2.0)).build()


# --- text -------------------------------------------------------------------------------------------------------------


def test_the_builder_prints_its_state() -> None:
    builder = term(name="H")
    assert repr(builder) == "<DOperator 'H', 1 term(s), being written>"
    builder.emit().build()
    assert repr(builder) == "<DOperator 'H', 1 term(s), built>"


def test_the_docstring_says_which_way_it_goes() -> None:
    assert "destroys" in (DOperator.__doc__ or "")


def test_spins_take_the_same_words() -> None:
    ir = (
        DOperator(Spin(1 / 2, 2), hermitian=True)
        .for_each_site("i")
        .emit(u.shift_mod("i", 2), amplitude=0.5)
        .build()
        .to_ir()
    )
    assert repr(u.Update(ir.terms[0].emissions[0].update_program)) == "<update x'[i] = wrap_mod(x'[i] + 2)>"


def test_a_builder_compiles_what_it_builds() -> None:
    builder = DOperator(Fock(2, N=2), "number").for_each_site("i").emit(amplitude=s.site("i").value)
    assert builder.compile(optimize=True) == builder.build().compile(optimize=True)
