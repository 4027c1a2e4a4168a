"""The rules of the language, one refusal each."""

# ruff: noqa: E741 - I and J are the sites i and j

from __future__ import annotations

from typing import Any

import attrs
import numpy as np
import pytest
from refusal import refused

from nqx_graph.dsl import selectors as s
from nqx_graph.dsl import update as u
from nqx_graph.dsl.builder import DOperator
from nqx_graph.errors import DefinitionError, DTypeError, ExpressionError, IRFormatError, LabelError, RowsError
from nqx_graph.hilbert import Fock, Qubit, Spin
from nqx_graph.ir.rules import check_operator, check_rows
from nqx_graph.ir.types import KBodyIteratorSpec
from nqx_graph.space import view

from .samples import full, ladder, rich


class Uneven:
    """Local states that are not evenly spaced."""

    size, local_states = 3, (0, 1, 4)


class Halves:
    """Local states that are no whole numbers."""

    size, local_states = 3, (-0.5, 0.5)


COLUMNS = {
    "J": [1.0, 2.0, 3.0], "z": [1j, 0, 0], "n": [1, 2, 3], "big": [1e300, 0, 0], "large": [1000, 0, 0],
    "m": np.eye(3, dtype=int), "w": np.eye(3) * 0.5, "zz": np.eye(3) * 1j,
}  # fmt: skip
I, J = s.site("i"), s.site("j")


def term(space: Any = None, dtype: Any = None) -> DOperator:
    return DOperator(space or Fock(2, 3), dtype=dtype).for_each_site("i", columns=COLUMNS)


# --- names ------------------------------------------------------------------------------------------------------------

PLACES: dict[str, Any] = {
    "amplitude": lambda e: term().emit(amplitude=e),
    "matrix_element": lambda e: term().emit(matrix_element=e),
    "where": lambda e: term().where(e > 0),
    "emit_if": lambda e: term().emit_if(e > 0),
    "emit_elseif": lambda e: term().emit_if(True).emit_elseif(e > 0),
    "value": lambda e: term().emit(u.write("i", e)),
    "delta": lambda e: term().emit(u.shift("i", e)),
    "shift_mod": lambda e: term().emit(u.shift_mod("i", e)),
    "scale": lambda e: term().emit(u.affine("i", e)),
    "bias": lambda e: term().emit(u.affine("i", bias=e)),
    "scatter": lambda e: term().emit(u.scatter([0], [e])),
    "cond": lambda e: term().emit(u.cond(e > 0, u.write("i", 0))),
    "nested cond": lambda e: term().emit(u.cond(True, u.cond(True, if_false=u.write("i", e)))),
    "select": lambda e: term().emit(amplitude=s.where(e > 0, 1, 2)),
}


@pytest.mark.parametrize("place", PLACES)
def test_an_unbound_label(place: str) -> None:
    for expr in (s.site("ii").value, s.site("ii"), s.site("ii").index):
        with refused(LabelError, "'ii'", "bound are 'i'", "Did you mean 'i'?", "term '0'"):
            PLACES[place](expr)


@pytest.mark.parametrize("place", PLACES)
def test_an_unknown_column(place: str) -> None:
    for read in (s.column, s.dot, s.prod):
        with refused(LabelError, "'larg'", "'J'", "Did you mean 'large'?", "term '0'"):
            PLACES[place](read("larg"))


SITES: dict[str, Any] = {
    "write": lambda a: u.write(a, 0), "shift": lambda a: u.shift(a, 1), "shift_mod": lambda a: u.shift_mod(a, 1),
    "affine": lambda a: u.affine(a), "swap": lambda a: u.swap("i", a), "permute": lambda a: u.permute("i", 0, a),
    "scatter": lambda a: u.scatter([0, a], [1, 1]), "cond": lambda a: u.cond(False, u.shift("i", 1).shift(a, 1)),
}  # fmt: skip


@pytest.mark.parametrize("kind", SITES)
def test_a_site_that_is_not_bound_or_not_there(kind: str) -> None:
    with refused(LabelError, "'k'", "bound are 'i'", "emission #0 of term '0'"):
        term().emit(SITES[kind]("k"))
    for site, fact in ((3, "3 is 3"), (-1, "-1 is -1"), (I.index + 1, "(i + 1) is 3 on index row 2, (2,)")):
        with refused(RowsError, fact, "0 to 2"):
            term().emit(SITES[kind](site))
    with refused(ExpressionError, "free symbol 'k'"):
        term().emit(SITES[kind](s.symbol("k")))
    with refused(RowsError, "'site'", "site(label).index"):
        term().emit(SITES[kind](I.value))
    assert term().emit(SITES[kind](2 - I.index)).build()


def test_the_flat_reads_stay_on_the_lattice() -> None:
    for read in (s.source_index, s.target_index):
        with refused(RowsError, "(i + 1) is 3", "index row 2"):
            term().emit(amplitude=1 + read(I.index + 1))
        with refused(LabelError, "'k'"):
            term().emit(amplitude=read("k"))
        with refused(RowsError, "'symbol'"):
            term().emit(amplitude=read(s.symbol("k")))
    with refused(RowsError, "7 is 7"):
        term().where(s.source_index(7) > 0)


@pytest.mark.parametrize("place", [p for p in PLACES if p not in ("amplitude", "matrix_element", "select")])
def test_emitted_outside_an_amplitude(place: str) -> None:
    for read, op in ((s.emitted("i").value, "emitted"), (s.emitted("i"), "emitted"), (s.target_index(0), "target")):
        with refused(ExpressionError, "reads x'", f"({op})", "source_index"):
            PLACES[place](read)


@pytest.mark.parametrize("place", ["value", "delta", "shift_mod", "scale", "bias", "scatter", "nested cond"])
def test_a_free_symbol_in_an_update(place: str) -> None:
    with refused(ExpressionError, "the free symbol 'J'", "amplitudes and in the predicates of where and emit_if"):
        PLACES[place](1 + s.symbol("J", 1))
    with refused(ExpressionError, "the free symbol 'J'"):
        PLACES[place](s.where(s.symbol("J") > 0, 1, 2))


def test_a_free_symbol_in_the_predicate_of_a_cond() -> None:
    with refused(
        ExpressionError, "cond", "the free symbol 'J'", "amplitudes and in the predicates of where and emit_if"
    ):
        term().emit(u.cond(s.symbol("J", 1) > 0, u.write("i", 0)))


# --- columns ----------------------------------------------------------------------------------------------------------


def test_a_column_is_read_by_its_shape() -> None:
    with refused(RowsError, "column('m')", "sym.dot or sym.prod"):
        term().emit(amplitude=s.column("m"))
    for read, name in ((s.dot, "dot"), (s.prod, "prod")):
        with refused(RowsError, f"{name}('J')", "shape (3,)"):
            term().emit(amplitude=read("J"))
    with refused(RowsError, "flip('J')", "shape (3,)"):
        term(Qubit(3)).emit(u.flip("J"))


def test_prod_and_flip_need_zeros_and_ones() -> None:
    with refused(RowsError, "prod('w')", "entries 0 and 1"):
        term().emit(amplitude=s.prod("w"))
    with refused(RowsError, "flip('w')", "entries 0 and 1"):
        term(Qubit(3)).emit(u.flip("w"))
    assert term().emit(amplitude=s.dot("w")).build()


def test_flip_of_an_unknown_column() -> None:
    with refused(LabelError, "'larg'", "Did you mean 'large'?"):
        term(Qubit(3)).emit(u.flip("larg"))


# --- spaces -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("space", [Fock(2, 3), Spin(1, 3), Uneven()], ids=lambda space: type(space).__name__)
def test_flip_needs_two_states(space: Any) -> None:
    with refused(DefinitionError, "flip('m')", "two local states", "shift or swap"):
        term(space).emit(u.flip("m"))


@pytest.mark.parametrize("space", [Fock(1, 3), Spin(1 / 2, 3), Qubit(3), Halves()], ids=lambda s: type(s).__name__)
def test_flip_of_two_states(space: Any) -> None:
    assert term(space).emit(u.flip("m")).build()


def test_shift_mod_needs_even_spacing() -> None:
    with refused(DefinitionError, "shift_mod", "site 1", "evenly spaced", "write(site, value)"):
        term(Uneven()).emit(u.shift_mod(1, 1))
    with refused(DefinitionError, "site 0"):
        term(Uneven()).emit(u.cond(False, u.shift_mod("i", 1)))
    assert term(Halves()).emit(u.shift_mod("i", 1)).build()


def test_wrap_mod_needs_even_spacing() -> None:
    for place in ("amplitude", "where", "value"):
        with refused(ExpressionError, "wrap_mod", "evenly spaced", "shift_mod"):
            s_expr = s.wrap_mod(I + 1)
            {
                "amplitude": lambda e: term(Uneven()).emit(amplitude=e),
                "where": lambda e: term(Uneven()).where(e > 0),
                "value": lambda e: term(Uneven()).emit(u.write("i", e)),
            }[place](s_expr)
        assert PLACES[place](s.wrap_mod(I + 1))


# --- dtypes -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float64", "float32", "int64"])
def test_a_complex_number_in_a_real_operator(dtype: str) -> None:
    for write in (
        lambda b: b.emit(amplitude=1j), lambda b: b.emit(amplitude=I * (1 + 0j)), lambda b: b.emit(amplitude=abs(s.where(I > 0, 1j, 0))),
        lambda b: b.emit(amplitude=s.symbol("a", 1j)), lambda b: b.where(I == 1j), lambda b: b.where(s.symbol("a", 1j) == 0),
        lambda b: b.emit_if(I != 1j), lambda b: b.emit(u.cond(I == 1j, u.write("i", 0))), lambda b: b.emit(u.write("i", abs(I * 1j))),
    ):  # fmt: skip
        with refused(DTypeError, "complex number", dtype, "dtype='complex128'"):
            write(term(dtype=dtype))
        assert write(term(dtype="complex128")) is not None


def test_a_complex_column_in_a_real_operator() -> None:
    for expr, name in ((s.column("z"), "z"), (s.dot("zz"), "zz"), (abs(s.column("z")), "z")):
        with refused(DTypeError, f"'{name}' of complex128", "float64", "wider dtype"):
            term().emit(amplitude=expr)
        assert term(dtype=complex).emit(amplitude=expr).build()


def test_a_complex_number_in_an_update() -> None:
    for value in (1j, I * 1j, s.column("z"), s.dot("zz")):
        with refused(ExpressionError, "complex number", "local states are real"):
            term(dtype=complex).emit(u.write("i", value))


def test_complex_numbers_have_no_order() -> None:
    for write in (
        lambda b: b.where(s.column("z") < 1), lambda b: b.where(s.symbol("a") >= 0),
        lambda b: b.emit(amplitude=s.where(I * 1j > 0, 1, 2)), lambda b: b.emit(u.write("i", s.where(s.column("z") > 0, 1, 0))),
    ):  # fmt: skip
        with refused(ExpressionError, "orders complex numbers", ".abs()"):
            write(term(dtype=complex))
    assert term(dtype=complex).where(abs(s.symbol("a")) > 0).where(s.column("z") == 1j).where(I > 0)


FRACTIONS: list[tuple[Any, str]] = [
    (0.5, "0.5"), (s.symbol("a", 0.5), "0.5"), (I / 2, "div"), (I.value.sqrt(), "sqrt"), (I.value.exp(), "exp"),
    (I.value.log(), "log"), (I.value.sin(), "sin"), (I.value.cos(), "cos"), (I.value**-1, "a negative exponent"),
]  # fmt: skip


@pytest.mark.parametrize(("expr", "part"), FRACTIONS, ids=[part for _, part in FRACTIONS])
def test_fractions_in_an_operator_of_integers(expr: Any, part: str) -> None:
    with refused(DTypeError, part, "int32", "floating dtype"):
        term(dtype="int32").emit(amplitude=expr)
    assert term(dtype="float32").emit(amplitude=expr).build()


def test_columns_and_states_of_fractions_in_an_operator_of_integers() -> None:
    with refused(DTypeError, "'J' of float64", "int64"):
        term(dtype="int64").emit(amplitude=s.column("J"))
    with refused(DTypeError, "site", "int64"):
        term(Halves(), dtype="int64").emit(amplitude=I)
    assert term(dtype="int64").emit(amplitude=s.column("n") * I**2 + 2.0).build()


@pytest.mark.parametrize(
    ("dtype", "number"),
    [("int8", 128), ("int32", 2**31), ("int8", -129), ("float16", 1e5), ("float32", 1e39), ("bfloat16", 1e39),
     ("float32", -1e300), ("complex64", complex(0, 1e300))],
)  # fmt: skip
def test_a_number_that_the_dtype_cannot_hold(dtype: str, number: Any) -> None:
    for expr in (number, I * number, s.symbol("a", number)):
        with refused(DTypeError, repr(number), dtype, "wider dtype"):
            term(dtype=dtype).emit(amplitude=expr)


def test_a_column_that_the_dtype_cannot_hold() -> None:
    with refused(DTypeError, "'big'", "float32"):
        term(dtype="float32").emit(amplitude=s.column("big"))
    with refused(DTypeError, "'large'", "int8"):
        term(dtype="int8").emit(amplitude=s.column("large"))
    assert term(dtype="float32").where(s.column("big") > 0).emit(amplitude=s.column("large")).build()


# --- updates ----------------------------------------------------------------------------------------------------------


def test_updates_without_sites_or_values() -> None:
    with refused(DefinitionError, "permute", "no site"):
        term().emit(u.permute())
    with refused(DefinitionError, "scatter", "no site"):
        term().emit(u.scatter([], []))
    with refused(DefinitionError, "2 sites and 1 values"):
        u.scatter([0, 1], [1])


def test_cond_nested_without_end() -> None:
    update = u.Update()
    for _ in range(64):
        update = u.cond(I > 0, update)
    assert term().emit(update).build()
    with refused(DefinitionError, "more than 64 deep", "sym.where"):
        term().emit(u.cond(I > 0, update))
    for _ in range(2000):
        update = u.cond(I > 0, update)
    with refused(DefinitionError, "more than 64 deep"):
        term().emit(update)


# --- rows, as data ----------------------------------------------------------------------------------------------------


def spec(labels: Any = ("i", "j"), rows: Any = ((0, 1), (1, 2)), columns: Any = None) -> KBodyIteratorSpec:
    return KBodyIteratorSpec(labels, np.array(rows), columns or {})


def test_rows() -> None:
    assert check_rows(spec(), 3, "here") is None
    with refused(LabelError, "here", "'i' twice"):
        check_rows(spec(("i", "i")), 3, "here")
    with refused(RowsError, "here", "3 labels", "(2, 2)"):
        check_rows(spec(("i", "j", "k")), 3, "here")
    with refused(RowsError, "here", "no index row"):
        check_rows(spec(rows=np.zeros((0, 2))), 3, "here")
    with refused(RowsError, "here", "index row 1 is (1, 2)", "0 to 1"):
        check_rows(spec(), 2, "here")
    with refused(RowsError, "here", "index row 0 is (-1, 1)"):
        check_rows(spec(rows=((-1, 1), (1, 2))), 3, "here")
    for wrong in ([1.0], [1.0] * 3, [[1.0]] * 2, np.ones((2, 3, 1)), 1.0):
        with refused(RowsError, "here", "'c'", str(np.shape(wrong)), "(2,)", "(2, 3)"):
            check_rows(spec(columns={"c": wrong}), 3, "here")
    for wrong in ([np.nan, 0], [0, np.inf], [complex(0, np.nan), 0], np.full((2, 3), -np.inf), ["a", "b"], [None, 1]):
        with refused(RowsError, "here", "'c'", "finite numbers"):
            check_rows(spec(columns={"c": wrong}), 3, "here")


# --- the whole operator -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ir", [ladder(), rich(), full()], ids=lambda ir: ir.operator_name)
def test_good_operators_pass(ir: Any) -> None:
    assert check_operator(ir) is None


def test_operators_that_do_not_fit() -> None:
    ir = ladder()
    with refused(DTypeError, "'float128'", "'complex128'"):
        check_operator(attrs.evolve(ir, dtype_str="float128"))
    with refused(IRFormatError, "'other'"):
        check_operator(attrs.evolve(ir, mode="other"))
    with refused(IRFormatError, "hilbert_size positive", "0"):
        check_operator(attrs.evolve(ir, hilbert_size=0))
    with refused(DefinitionError, "3 sites", "has 4"):
        check_operator(ir, view(Fock(2, 4)))
    with refused(DefinitionError, "no term", "for_each"):
        check_operator(attrs.evolve(ir, terms=()))
    with refused(DefinitionError, "term '0' has no emission", "emit()"):
        check_operator(attrs.evolve(ir, terms=[attrs.evolve(ir.terms[0], emissions=())]))


def test_two_defaults_of_one_symbol() -> None:
    a, b = s.symbol("a", 1.0), s.symbol("a", 2.0)
    for write in (
        lambda: term().emit(amplitude=a * b),
        lambda: term().where(a > 0).emit(amplitude=b),
        lambda: term().emit(amplitude=a).globally().emit(amplitude=b),
    ):
        with refused(DefinitionError, "'a'", "1.0", "2.0", "two names"):
            write().build()
    op = term().emit(amplitude=s.symbol("a") * a).globally().emit(amplitude=s.symbol("a")).build()
    assert dict(op.to_ir().symbols) == {"a": 1.0}


def test_promises() -> None:
    with refused(DefinitionError, "term '0'", "at most 7", "3 rows x 2 emissions = 6"):
        term().fanout(7).emit().emit().build()
    assert term().fanout(6).emit().emit().build().to_ir().terms[0].fanout == 6
    with refused(DTypeError, "2 of 3 branches", "int32", "floating dtype"):
        term(dtype="int32").fanout(2).emit().build()
    assert term(dtype="int32").fanout(3).emit().build().to_ir().terms[0].fanout_hint == 3
