"""Sums and multiples of operators, on their IR."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from refusal import refused, shown

from nqx_graph.dsl import selectors as s
from nqx_graph.dsl import update as u
from nqx_graph.dsl.builder import DOperator
from nqx_graph.errors import DefinitionError, DTypeError, ExpressionError, HilbertError
from nqx_graph.hilbert import Fock, Qubit, Spin
from nqx_graph.operators.symbolic import SymbolicOperator

X = s.site("i").value


def op(name: str = "A", amplitude: Any = X, space: Any = None, **kwargs: Any) -> SymbolicOperator:
    """An operator of two terms, the second one named."""
    builder = (
        DOperator(space or Fock(3, 3), name, **kwargs).for_each_site("i").emit(u.shift("i", 1), amplitude=amplitude)
    )
    return builder.globally().named(f"field of {name}").emit(amplitude=2, tag="t").build()


def amplitudes(operator: SymbolicOperator) -> list[str]:
    return [repr(e.amplitude) for t in operator.to_ir().terms for e in t.emissions]


def names(operator: SymbolicOperator) -> list[str]:
    return [t.name for t in operator.to_ir().terms]


# --- sums -------------------------------------------------------------------------------------------------------------


def test_a_sum_has_the_terms_of_both_in_order() -> None:
    a, b = op("A"), op("B", X + 1)
    total = a + b
    assert total.name == "A + B"
    assert total.hilbert is a.hilbert
    assert amplitudes(total) == ["x[i]", "2", "(x[i] + 1)", "2"]
    assert names(total) == ["0", "field of A", "2", "field of B"]
    for k in (0, 1):
        assert total.to_ir().terms[k] is a.to_ir().terms[k]
    assert total.to_ir().terms[3] is b.to_ir().terms[1]
    assert total.to_ir().terms[2].iterator is b.to_ir().terms[0].iterator


def test_sum_and_zero() -> None:
    a, b, c = op("A"), op("B"), op("C")
    total = sum([a, b, c])
    assert isinstance(total, SymbolicOperator)
    assert total.to_ir().same_as((a + b + c).to_ir())
    assert names(total) == ["0", "field of A", "2", "field of B", "4", "field of C"]
    assert total.name == "A + B + C"
    assert a + 0 is a
    assert 0 + a is a
    assert +a is a


def test_differences_and_minus() -> None:
    a, b = op("A"), op("B")
    assert amplitudes(-a) == ["(x[i] * -1)", "(2 * -1)"]
    assert (-a).name == "-1 * A"
    assert amplitudes(a - b) == ["x[i]", "2", "(x[i] * -1)", "(2 * -1)"]
    assert (a - b).name == "A + -1 * B"
    assert (a - b).to_ir().same_as((a + (-b)).to_ir())


def test_operands_are_left_as_they_were() -> None:
    a, b = op("A"), op("B")
    before = a.to_ir().static_fingerprint(), b.to_ir().static_fingerprint()
    _ = a + b, 2 * a, a - b, b / 3
    assert (a.to_ir().static_fingerprint(), b.to_ir().static_fingerprint()) == before


@pytest.mark.parametrize(
    "other", [Fock(3, 4), Fock(2, 3), Qubit(3), Spin(1 / 2, 3), Fock(3, 3, n_particles=2)], ids=shown
)
def test_different_spaces(other: Any) -> None:
    a, b = op("A"), op("B", space=other)
    for add in (lambda: a + b, lambda: b - a, lambda: sum([a, b])):
        with refused(HilbertError, "cannot be added", repr(a.hilbert), repr(other)):
            add()
    assert (op("A", space=other) + b).hilbert == other


def test_one_default_per_symbol() -> None:
    one, two = s.symbol("J", 1.0), s.symbol("J", 2.0)
    for write in (
        lambda: op(amplitude=one) + op(amplitude=two),
        lambda: one * op(amplitude=two),
        lambda: (one * op()) - two * op(),
    ):
        with refused(DefinitionError, "'J'", "1.0", "2.0"):
            write()
    total = op(amplitude=one) + op(amplitude=s.symbol("J"))
    assert dict(total.to_ir().symbols) == {"J": 1.0}


@pytest.mark.parametrize("other", [1, 2.0, "A", None, [1]], ids=shown)
def test_what_cannot_be_added(other: Any) -> None:
    for add in (lambda: op() + other, lambda: other + op(), lambda: op() - other):
        with pytest.raises(TypeError):
            add()


DTYPES = [
    ("float64", "float64", "float64"), ("float32", "float64", "float64"), ("float32", "complex64", "complex64"),
    ("float64", "complex64", "complex128"), ("int32", "float32", "float32"), ("int64", "int8", "int64"),
    ("bfloat16", "float16", "float32"), ("int32", "complex128", "complex128"),
]  # fmt: skip


@pytest.mark.parametrize(("a", "b", "wide"), DTYPES)
def test_the_wider_dtype(a: str, b: str, wide: str) -> None:
    assert (op(dtype=a) + op(dtype=b)).to_ir().dtype_str == wide
    assert (op(dtype=b) + op(dtype=a)).to_ir().dtype_str == wide


@pytest.mark.parametrize(("a", "b"), [(True, True), (True, False), (False, True), (False, False)])
def test_a_sum_is_hermitian_where_both_are(a: bool, b: bool) -> None:
    total = op(hermitian=a) + op(hermitian=b)
    assert total.is_hermitian is (a and b)


# --- multiples --------------------------------------------------------------------------------------------------------


def test_multiples_multiply_every_amplitude() -> None:
    a = op("A")
    assert amplitudes(3 * a) == amplitudes(a * 3) == ["(x[i] * 3)", "(2 * 3)"]
    assert amplitudes(a / 4) == ["(x[i] / 4)", "(2 / 4)"]
    assert names(3 * a) == names(a)
    assert (3 * a).to_ir().same_as((a * 3).to_ir())
    only = (3 * a).to_ir().terms[1].emissions[0]
    assert only.branch_tag == "t"
    assert only.predicate.same_as(a.to_ir().terms[1].emissions[0].predicate)


def test_names() -> None:
    a, b = op("A"), op("B")
    assert [o.name for o in (2 * a, a / 2, 2 * (a + b), (a + b) / 2, 3 * (2 * a), s.symbol("J") * a, 2 * a + b)] == [
        "2 * A", "A / 2", "2 * (A + B)", "(A + B) / 2", "3 * 2 * A", "$J * A", "2 * A + B",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "factor", [2, 2.5, np.float64(2.5), np.int32(2), np.array(2.5), jnp.asarray(2.5), s.symbol("J", 1.0), s.symbol("J").sqrt() + 1,
               s.where(s.symbol("J") > 0, 1, 2), s.where(True, 1, 2)], ids=shown,
)  # fmt: skip
def test_factors_from_both_sides(factor: Any) -> None:
    a = op(hermitian=True)
    left, right = factor * a, a * factor
    assert isinstance(left, SymbolicOperator)
    assert left.to_ir().same_as(right.to_ir())
    assert left.is_hermitian
    assert isinstance(a / factor, SymbolicOperator)


def test_a_symbol_becomes_a_parameter() -> None:
    total = s.symbol("J", 0.5, "coupling") * op("A") + s.symbol("h") * op("B")
    assert dict(total.to_ir().symbols) == {"J": 0.5, "h": None}
    assert amplitudes(total) == ["(x[i] * $J)", "(2 * $J)", "(x[i] * $h)", "(2 * $h)"]


@pytest.mark.parametrize(
    ("factor", "what"),
    [
        (X, "'site'"), (s.site("i"), "'site'"), (s.site("i").index, "'index'"), (s.emitted("i").value, "'emitted'"), (s.column("J"), "'column'"),
        (s.dot("m") + 1, "'dot'"), (s.prod("m"), "'prod'"), (s.source_index(0), "'source'"), (2 * s.target_index(0), "'target'"),
        (s.where(X > 0, 1, 2), "'site'"),
    ],
    ids=shown,
)  # fmt: skip
def test_a_factor_means_the_same_everywhere(factor: Any, what: str) -> None:
    for write in (lambda: factor * op(), lambda: op() * factor, lambda: op() / factor):
        with refused(ExpressionError, "a number or an expression of symbols", what, "that term's amplitude"):
            write()


@pytest.mark.parametrize("wrong", ["2", None, [2], np.ones(2), jnp.ones(2), object, X > 0], ids=shown)
def test_what_is_no_factor(wrong: Any) -> None:
    for write in (lambda: op() * wrong, lambda: op() / wrong):
        with refused(ExpressionError):
            write()


def test_an_array_of_factors_is_no_array_of_operators() -> None:
    for array in (np.ones(2), jnp.ones(2)):
        with refused(ExpressionError, "cannot stand in an expression"):
            array * op()


def test_booleans_infinities_and_traced_values_are_no_factors() -> None:
    for wrong, fact in ((True, "True"), (float("nan"), "nan"), (float("inf"), "inf"), (2**70, "64 bits")):
        with refused(ExpressionError, fact):
            wrong * op()
    with refused(ExpressionError, "a traced value", "with_parameters"):
        jax.grad(lambda t: (t * op(), t)[1])(1.0)


def test_products_of_operators_are_written_with_another_sign() -> None:
    for write in (lambda: op() * op(), lambda: op() / op(), lambda: 1 / op(), lambda: op() @ 2, lambda: 2 @ op()):
        with pytest.raises(TypeError):
            write()
    for write in (lambda: s.symbol("J") / op(), lambda: s.symbol("J") + op(), lambda: op() + s.symbol("J")):
        with refused(ExpressionError, "SymbolicOperator"):
            write()


def test_division_by_zero() -> None:
    for zero in (0, 0.0, -0.0, 0j, np.float64(0)):
        with pytest.raises(ZeroDivisionError, match="'A' cannot be divided by zero"):
            op("A") / zero


SCALED = [
    # dtype, factor, dtype of the product, hermitian stays
    ("float64", 2, "float64", True), ("float64", 0.5, "float64", True), ("float64", 1j, "complex128", False),
    ("float64", 1 + 0j, "complex128", True), ("float32", 1j, "complex64", False), ("float32", 2.5, "float32", True),
    ("bfloat16", 1j, "complex64", False), ("complex64", 1j, "complex64", False), ("complex128", 2.0, "complex128", True),
    ("int64", 2, "int64", True), ("int64", 0.5, "float64", True), ("int32", 0.5, "float32", True), ("int8", 0.5, "float32", True),
    ("int64", 1j, "complex128", False), ("int32", 1j, "complex64", False),
    ("float64", s.symbol("J"), "float64", True), ("float64", s.symbol("J", 1j), "complex128", False),
    ("complex128", s.symbol("J"), "complex128", False), ("complex128", s.symbol("J", 1.0), "complex128", False),
    ("int64", s.symbol("J", 0.5), "float64", True), ("int64", s.symbol("J", 2), "int64", True),
]  # fmt: skip


@pytest.mark.parametrize(("dtype", "factor", "wide", "hermitian"), SCALED)
def test_dtype_and_hermiticity_of_a_multiple(dtype: str, factor: Any, wide: str, hermitian: bool) -> None:
    for made in (factor * op(dtype=dtype, hermitian=True), op(dtype=dtype, hermitian=True) * factor):
        assert (made.to_ir().dtype_str, made.is_hermitian) == (wide, hermitian)
    assert not (factor * op(dtype=dtype)).is_hermitian


def test_dividing_integers_gives_fractions() -> None:
    assert (op(dtype="int64") / 2).to_ir().dtype_str == "float64"
    assert (op(dtype="int8") / 2).to_ir().dtype_str == "float32"
    assert (op(dtype="int32", hermitian=True) / 2).is_hermitian


def test_a_factor_that_the_dtype_cannot_hold() -> None:
    with refused(DTypeError, "1000", "int8"):
        1000 * op(dtype="int8")


def test_the_sum_of_many_operators_is_quick() -> None:
    total = sum(op(str(k)) for k in range(60))
    assert isinstance(total, SymbolicOperator)
    assert total.to_ir().term_count == 120
    assert names(total)[-2:] == ["118", "field of 59"]
