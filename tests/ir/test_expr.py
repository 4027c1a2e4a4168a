"""Expressions as Python objects: what they build, what they refuse, how large they may grow."""

# ruff: noqa: SIM300, PLR0124 - the order of a comparison, and one of a thing with itself, is what is tested

from __future__ import annotations

import copy
import fractions
import math
import pickle
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from refusal import refused, shown

from nqx_graph.dsl import selectors as s
from nqx_graph.dsl import update as u
from nqx_graph.dsl.builder import DOperator
from nqx_graph.errors import ExpressionError, FieldError, IRFormatError
from nqx_graph.hilbert import Fock
from nqx_graph.ir.expr import FALSE, TRUE, AmplitudeExpr, PredicateExpr, all_of, as_amplitude, as_predicate
from nqx_graph.ir.scalars import as_number
from nqx_graph.ir.table import Row
from nqx_graph.ir.types import SymbolicOperatorIR

X, Y = s.site("i").value, s.site("j").value


# --- numbers ----------------------------------------------------------------------------------------------------------

NUMBERS: list[tuple[Any, int | float | complex]] = [
    (1, 1), (-(2**63), -(2**63)), (2**63 - 1, 2**63 - 1), (1.5, 1.5), (-0.0, -0.0), (2j, 2j),
    (np.int8(3), 3), (np.uint64(3), 3), (np.float32(0.5), 0.5), (np.complex64(1 + 2j), 1 + 2j), (np.array(4), 4),
    (np.array(0.25), 0.25), (jnp.asarray(2.5), 2.5), (jnp.asarray(7), 7), (jnp.float32(0.5), 0.5),
    (fractions.Fraction(1, 4), 0.25),
]  # fmt: skip


@pytest.mark.parametrize(("given", "number"), NUMBERS, ids=lambda value: f"{type(value).__name__}-{value}")
def test_scalars_become_python_numbers(given: Any, number: Any) -> None:
    made = as_number(given)
    assert made == number
    assert type(made) is type(number)
    assert math.copysign(1, complex(made).real) == math.copysign(1, complex(number).real)
    assert as_amplitude(given).table == (Row("const", (), (number,)),)


@pytest.mark.parametrize("flag", [True, False, np.bool_(True), np.array(False), jnp.asarray(True)], ids=shown)
def test_a_boolean_is_no_number(flag: Any) -> None:
    for write in (lambda: X + flag, lambda: flag * X, lambda: X == flag, lambda: s.where(X > 0, flag, 0)):
        with refused(ExpressionError, f"{bool(flag)} stands where a number is needed", "sym.where"):
            write()


@pytest.mark.parametrize(
    "number",
    [math.nan, math.inf, -math.inf, complex(0, math.nan), complex(math.inf, 0), np.float32("nan"), 2**63, -(2**63) - 1],
    ids=shown,
)
def test_a_number_that_is_not_finite_or_beyond_64_bits(number: Any) -> None:
    shown = repr(number.item() if isinstance(number, np.generic) else number)
    with refused(ExpressionError, shown, "finite", "64 bits"):
        X + number


@pytest.mark.parametrize("number", [10**400, -(10**5000)], ids=["400", "5000"])
def test_a_number_with_more_digits_than_anyone_reads(number: int) -> None:
    with refused(ExpressionError, f"an integer of {number.bit_length()} bits cannot stand", "64 bits"):
        X + number


@pytest.mark.parametrize("wrong", ["1", None, [1], (1,), {"a": 1}, object(), np.ones(2), jnp.ones(2), print], ids=shown)
def test_what_is_no_number(wrong: Any) -> None:
    for write in (lambda: X + wrong, lambda: wrong - X, lambda: X**wrong, lambda: X < wrong, lambda: X == wrong):
        with refused(ExpressionError, type(wrong).__name__, "site('i').value"):
            write()


def test_a_traced_value_names_symbol_and_with_parameters() -> None:
    for write in (lambda t: X * t, lambda t: t * X, lambda t: s.symbol("J", t), lambda t: X == t):
        with refused(ExpressionError, "a traced value", "sym.symbol", "compiled.with_parameters(name=value)"):
            jax.jit(lambda t, write=write: (write(t), t)[1])(1.0)
    # under grad a tracer knows its number; to take it would be a gradient of zero, in silence
    with refused(ExpressionError, "a traced value"):
        jax.grad(lambda t: (X * t, t)[1])(1.0)
    with refused(ExpressionError, "a traced value"):
        jax.vmap(lambda t: (X * t, t)[1])(jnp.ones(2))


# --- predicates are not booleans --------------------------------------------------------------------------------------


def test_comparison_builds_a_predicate_and_never_a_bool() -> None:
    assert repr(X == X) == "(x[i] == x[i])"
    assert repr(X != X) == "(x[i] != x[i])"
    for made in (X == 1, X != 1, X < 1, X <= 1, X > 1, X >= 1, 1 == X, np.float64(1) == X, np.float64(1) < X):
        assert type(made) is PredicateExpr
    assert repr(np.float64(1) < X) == "(x[i] > 1.0)"


BOOLS: dict[str, Callable[[], Any]] = {
    "and": lambda: (X > 0) and (Y > 0),
    "or": lambda: (X > 0) or (Y > 0),
    "not": lambda: not (X > 0),
    "bool": lambda: bool(X > 0),
    "if": lambda: 1 if X > 0 else 0,
    "chain": lambda: 0 < X < 2,
    "in": lambda: X in [Y],
    "all": lambda: all([X > 0]),
}


@pytest.mark.parametrize("way", BOOLS)
def test_a_predicate_has_no_truth_value(way: str) -> None:
    with refused(ExpressionError, "no truth value", "& for and", "| for or", "~ for not", "(a < b) & (b < c)"):
        BOOLS[way]()


@pytest.mark.parametrize(
    "way", [lambda: X and Y, lambda: X or Y, lambda: not X, lambda: bool(X), lambda: 1 if X else 2]
)
def test_an_amplitude_has_no_truth_value(way: Callable[[], Any]) -> None:
    with refused(ExpressionError, "x[i] has no truth value", "expression != 0", "& | ~"):
        way()


@pytest.mark.parametrize("way", [lambda p: p + 1, lambda p: 2 * p, lambda p: p - p, lambda p: p < p, lambda p: p >= 1])
def test_a_predicate_is_no_number(way: Callable[[Any], Any]) -> None:
    with refused(ExpressionError, "(x[i] > 0)", "sym.where("):
        way(X > 0)


@pytest.mark.parametrize(
    "way", [lambda p: X + p, lambda p: X == p, lambda p: s.where(p, p, 1), lambda p: u.shift(0, p)]
)
def test_a_predicate_where_a_number_is_needed(way: Callable[[Any], Any]) -> None:
    with refused(ExpressionError, "(x[i] > 0)", "sym.where("):
        way(X > 0)


@pytest.mark.parametrize("wrong", [1, 0.0, "x", None, X, np.ones(2)], ids=shown)
def test_what_is_no_predicate(wrong: Any) -> None:
    for write in (
        lambda: (X > 0) & wrong,
        lambda: wrong | (X > 0),
        lambda: s.where(wrong, 1, 2),
        lambda: u.cond(wrong),
    ):
        with refused(ExpressionError, type(wrong).__name__, "expression != 0"):
            write()


def test_constants_join_predicates_on_both_sides() -> None:
    assert repr(True & (X > 0)) == "(True & (x[i] > 0))"
    assert repr((X > 0) | np.bool_(False)) == "((x[i] > 0) | False)"
    assert repr(np.bool_(True) & (X > 0)) == "(True & (x[i] > 0))"
    assert as_predicate(True) is TRUE
    assert as_predicate(np.bool_(False)) is FALSE


def test_equality_of_predicates_is_a_predicate() -> None:
    p, q = X > 0, Y > 0
    assert repr(p == q) == "(((x[i] > 0) & (x[j] > 0)) | ((~(x[i] > 0)) & (~(x[j] > 0))))"
    assert repr(p != q) == f"(~{p == q!r})"


def test_all_of_writes_no_constant_true() -> None:
    p, q = X > 0, Y > 0
    assert all_of(TRUE, p) is p
    assert all_of(p, TRUE) is p
    assert repr(all_of(p, q)) == "((x[i] > 0) & (x[j] > 0))"
    assert repr(all_of(p, FALSE)) == "((x[i] > 0) & False)"


# --- other refusals ---------------------------------------------------------------------------------------------------


def test_python_numbers_cannot_be_made() -> None:
    for call in (float, complex, math.sqrt, math.floor):
        with pytest.raises(TypeError):
            call(X)
    with refused(ExpressionError, "no number before it is run"):
        float(X)


def test_modulo_names_wrap_mod() -> None:
    with refused(ExpressionError, "sym.wrap_mod(e)"):
        X % 2


def test_an_unknown_method_lists_those_there_are() -> None:
    with refused(FieldError, "'sqr'", "'sqrt()'", "'conj()'"):
        X.sqr()
    with refused(FieldError, "'where'", "& | ~"):
        (X > 0).where(1, 2)


def test_python_protocols_do_not_see_methods_that_are_not_there() -> None:
    assert not hasattr(X, "__len__")
    assert not hasattr(X > 0, "__iter__")
    for loop in (lambda: list(X), lambda: X[0], lambda: X()):
        with pytest.raises(TypeError):
            loop()


def test_expressions_cannot_change() -> None:
    for expr in (X, X > 0, s.site("i")):
        with pytest.raises(AttributeError, match="cannot change"):
            expr.table = ()


# --- comparison as data -----------------------------------------------------------------------------------------------


def test_same_as_is_structure_to_the_bit() -> None:
    assert (X + 1).same_as(s.site("i").value + 1)
    different = [
        X + 1,
        X + 1.0,
        1 + X,
        X + 0.0,
        X + -0.0,
        X + (1 + 0j),
        Y + 1,
        X - 1,
        X,
        X == 1,
        s.emitted("i").value + 1,
    ]
    for a, first in enumerate(different):
        for b, second in enumerate(different):
            assert first.same_as(second) == (a == b), (first, second)
    assert not X.same_as(1)
    assert not X.same_as(None)


def test_expressions_hash_by_identity() -> None:
    a, b = X + 1, X + 1
    assert len({a, b}) == 2
    assert {a: 1}[a] == 1


def test_reflected_operators_keep_the_order() -> None:
    assert [repr(e) for e in (2 - X, 2 / X, 2**X, 2 + X, 2 * X)] == [
        "(2 - x[i])", "(2 / x[i])", "(2 ** x[i])", "(2 + x[i])", "(2 * x[i])",
    ]  # fmt: skip
    assert repr(np.float64(2) * X) == "(2.0 * x[i])"
    assert repr(jnp.asarray(2.0) * X) == "(2.0 * x[i])"
    assert repr(sum([X, Y])) == "((0 + x[i]) + x[j])"
    assert +X is X


# --- pickling and size ------------------------------------------------------------------------------------------------

COPIES: list[Callable[[Any], Any]] = [lambda e: pickle.loads(pickle.dumps(e)), copy.copy, copy.deepcopy]


@pytest.mark.parametrize("again", COPIES)
def test_pickling_and_copying(again: Callable[[Any], Any]) -> None:
    for expr in (X, X > 0, s.site("i"), s.emitted("i"), X * s.symbol("J", -0.0, "doc") + 1j, TRUE):
        made = again(expr)
        assert type(made) is type(expr)
        assert made.same_as(expr)
        assert repr(made) == repr(expr)
    assert again(s.site("i")).index.same_as(s.site("i").index)


def test_from_table_checks() -> None:
    assert AmplitudeExpr.from_table(X.table).same_as(X)
    with refused(IRFormatError, "a predicate expression must end in a predicate", "'site'"):
        PredicateExpr.from_table(X.table)
    with refused(IRFormatError, "'nothing'"):
        AmplitudeExpr.from_table(())


def _deep(n: int) -> AmplitudeExpr:
    e = X
    for k in range(n):
        e = e + k
    return e


def _mixed(n: int) -> AmplitudeExpr:
    e = s.symbol("a")
    for k in range(n // 4):
        e = (e * (k + 0.5)).sin() - s.where(e > k, e, -e)
    return e


def _shared(n: int) -> AmplitudeExpr:
    e = X
    for _ in range(60):
        e = e * e
    return e


def _nested_where(n: int) -> AmplitudeExpr:
    e = X
    for k in range(n // 3):
        e = s.where(X > k, e, k)
    return e


def _doubling_where(n: int) -> AmplitudeExpr:
    e = X
    for k in range(60):
        e = s.where(e > k, e + 1, e)
    return e


def _wide(n: int) -> AmplitudeExpr:
    parts: list[Any] = [X * k for k in range(n // 3)]
    while len(parts) > 1:
        parts = [sum(parts[k + 1 : k + 2], start=parts[k]) for k in range(0, len(parts), 2)]
    return parts[0]


@pytest.mark.parametrize(
    ("make", "least"),
    [(_deep, 10_000), (_mixed, 10_000), (_shared, 61), (_nested_where, 9_000), (_doubling_where, 180), (_wide, 9_000)],
)
def test_an_expression_of_ten_thousand_nodes(make: Callable[[int], AmplitudeExpr], least: int) -> None:
    expr = make(10_000)
    assert len(expr.table) >= least
    op = DOperator(Fock(3, 2)).for_each_site("i").where(expr > 0.5).emit(amplitude=expr).build()
    ir = op.to_ir()
    assert len(str(ir)) < 3_000_000
    again = pickle.loads(pickle.dumps(op)).to_ir()
    assert (
        again.static_fingerprint()
        == ir.static_fingerprint()
        == SymbolicOperatorIR.from_dict(ir.as_dict()).static_fingerprint()
    )
    assert ir.terms[0].emissions[0].amplitude.same_as(expr)
    assert copy.deepcopy(expr).same_as(expr)


def test_a_deep_expression_in_an_update_and_a_predicate() -> None:
    p = X > 0
    for k in range(10_000):
        p = ~p & (Y != k)
    op = DOperator(Fock(3, 2)).for_each_pair("i", "j").where(p).emit(u.write("i", _deep(10_000))).build()
    assert len(op.to_ir().terms[0].predicate.table) == 40_003
    assert str(op.to_ir()).count("!=") == 10_000


def test_thirty_thousand_nodes_are_let_go_of_without_recursion() -> None:
    e = _deep(30_000)
    assert len(e.table) == 60_001
    del e


def test_an_expression_is_left_to_what_takes_expressions() -> None:
    class Taking:
        takes_expressions = True
        __radd__ = __rsub__ = __rmul__ = lambda self, other: repr(other)

    J = s.symbol("J")
    assert J + Taking() == J - Taking() == J * Taking() == "$J"
