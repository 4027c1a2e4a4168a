"""The two rules of arithmetic of the reference, number by number."""

from __future__ import annotations

import math

import numpy as np
import pytest

from nqx_graph.errors import DTypeError, ExpressionError
from nqx_graph.ir.functions import ExpressionFunction
from nqx_graph.lowering.reference.arithmetic import Exact, InDtype

EXACT, SHORT = Exact(np.dtype("float64")), Exact(np.dtype("float32"))


def same(value, wanted):
    """Equal in value and in type."""
    assert (type(value), value) == (type(wanted), wanted)


@pytest.mark.parametrize(
    ("base", "exponent", "wanted"),
    [
        (2, 0, 1),
        (0, 0, 1),
        (0, 10**9, 0),
        (1, 10**9, 1),
        (-1, 10**9 + 1, -1),
        (2, 2048, 2**2048),  # two bits, 4096 in all
        (2, -1, np.float64(0.5)),
        (2, 2049, np.float64(np.inf)),
        (3, 2047, 3**2047),
        (-2, 3, -8),
    ],
)
@pytest.mark.filterwarnings("ignore:overflow")
def test_powers_of_whole_numbers(base, exponent, wanted):
    same(EXACT.apply("pow", base, exponent), wanted)


def test_an_exact_number_is_of_the_widest_kind_among_its_parts():
    same(EXACT.number(np.int8(3)), 3)
    same(EXACT.number(2.5), np.float64(2.5))
    same(SHORT.number(2.5), np.float32(2.5))
    same(SHORT.number(1j), np.complex64(1j))
    same(EXACT.number(np.complex64(1j)), np.complex128(1j))
    same(EXACT.apply("add", 2**80, 1), 2**80 + 1)
    same(EXACT.apply("add", 2, np.float64(0.5)), np.float64(2.5))
    same(SHORT.apply("mul", np.float32(2), np.complex64(1j)), np.complex64(2j))
    same(EXACT.apply("div", 1, 2), np.float64(0.5))
    same(EXACT.apply("sqrt", 4), np.float64(2))
    same(EXACT.apply("conj", np.complex128(1j)), np.complex128(-1j))
    same(EXACT.apply("conj", np.float64(1)), np.float64(1))


def test_remainders_have_the_sign_of_the_span():
    same(EXACT.apply("mod", -1, 3), 2)
    same(EXACT.apply("mod", 1, -3), -2)
    same(EXACT.apply("mod", np.float64(-0.5), np.float64(2)), np.float64(1.5))
    same(EXACT.apply("mod", np.complex128(-0.5), np.complex128(2)), np.complex128(1.5))


def test_comparisons():
    assert EXACT.compare("lt", 2**60, 2**60 + 1) is True  # not as floats
    assert EXACT.compare("lt", 2**60, np.float64(2**60 + 1)) is False
    assert EXACT.compare("eq", 1, np.complex128(1)) is True
    assert EXACT.compare("ne", 1, np.complex128(1)) is False
    for pair in [(1, np.complex128(1)), (np.complex128(1), 1), (np.complex128(1), np.float64(2))]:
        with pytest.raises(ExpressionError, match=r"complex numbers have no order \(le\)"):
            EXACT.compare("le", *pair)


@pytest.mark.parametrize(
    ("base", "exponent", "wanted"),
    [(2, 0, 1), (7, 0, 1), (2, -1, 0), (7, -2, 0), (1, -3, 1), (-1, -3, -1), (-1, -2, 1), (0, -1, 0), (3, 4, 81), (-1, -1, -1)],
)  # fmt: skip
def test_powers_in_integer_dtypes_are_whole(base, exponent, wanted):
    rule = InDtype(np.dtype("int32"))
    same(rule.apply("pow", np.int32(base), np.int32(exponent)), np.int32(wanted))


def test_the_largest_number_met():
    rule = InDtype(np.dtype("complex128"))
    assert rule.largest == 0
    same(rule.number(3 - 4j), np.complex128(3 - 4j))
    assert rule.largest == 5
    rule.apply("neg", np.complex128(7))
    assert rule.largest == 7
    rule.apply("neg", np.complex128(complex(np.inf, 0)))
    rule.number(np.nan)
    rule.number(1)
    assert rule.largest == 7


@pytest.mark.parametrize("op", ["sqrt", "exp", "log", "sin", "cos", "div"])
def test_what_has_no_whole_value_is_refused_in_integer_dtypes(op):
    args = [np.int32(1)] * (2 if op == "div" else 1)
    with pytest.raises(DTypeError, match=f"uses {op}; the operator is int32"):
        InDtype(np.dtype("int32")).apply(op, *args)
    assert np.isfinite(InDtype(np.dtype("float32")).apply(op, *map(np.float32, args)))


def function(reference, result="float", real_only=False):
    return ExpressionFunction("f", 1, reference, reference, None, result, real_only, (1.0,), "1", "code")


def test_functions_of_users_take_and_give_numbers_of_the_arithmetic():
    taken = []
    half = function(lambda x: (taken.append(type(x)), x / 2)[1])
    same(EXACT.call(half, 3), np.float64(1.5))
    same(SHORT.call(half, 3), np.float32(1.5))
    same(InDtype(np.dtype("float32")).call(half, np.float32(3)), np.float32(1.5))
    assert taken == [np.float64, np.float32, np.float32]
    same(EXACT.call(function(lambda x: 2), 3), np.float64(2))
    same(EXACT.call(function(lambda x: 2, "complex"), 3), np.complex128(2))
    same(SHORT.call(function(lambda x: x * 1j), 3), np.complex64(3j))
    same(EXACT.call(function(abs), np.complex128(3 + 4j)), np.float64(5))
    rule = InDtype(np.dtype("complex128"))
    same(rule.call(function(abs), np.complex128(3 + 4j)), np.complex128(5))
    assert rule.largest == 5
    same(rule.call(function(lambda x: x, real_only=True), np.complex128(3 + 4j)), np.complex128(3))
    with pytest.raises(DTypeError, match="complex"):
        InDtype(np.dtype("float64")).call(function(lambda x: 1j), np.float64(1))


def test_a_function_of_a_user_that_takes_no_complex_numbers():
    with pytest.raises(ExpressionError, match=r"reference= of .* 'f' does not take \(1\+2j\).*real_only=True"):
        EXACT.call(function(math.tanh), np.complex128(1 + 2j))


def test_what_a_function_of_a_user_refuses_is_nan():
    for reference in (lambda x: math.log(-x), lambda x: math.exp(1e3 * x), lambda x: 1 / int(x - x)):
        assert np.isnan(EXACT.call(function(reference), 1))
        assert np.isnan(InDtype(np.dtype("float64")).call(function(reference), np.float64(1)))
