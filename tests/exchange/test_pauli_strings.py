"""Pauli strings against Kronecker products: which letter is which site, which state is up, phases, sums, dtypes."""

import numpy as np
import pytest
from refusal import refused

import nqx_graph as sym
from exchange import dense
from nqx_graph import errors
from nqx_graph.exchange.pauli_strings import masks

SPACES = {"qubit": sym.hilbert.Qubit, "spin": lambda N: sym.hilbert.Spin(1 / 2, N)}
each_space = pytest.mark.parametrize("space", SPACES.values(), ids=SPACES)
STRINGS = dense.random_strings(4, 60, seed=1)


@each_space
@pytest.mark.parametrize("optimize", [False, True])
def test_the_matrix_is_the_sum_of_kronecker_products(space, optimize):
    weights = np.random.default_rng(2).normal(size=(60, 2)) @ [1, 1j]
    operator = sym.from_pauli_strings(space(4), STRINGS, weights)
    assert not operator.is_hermitian
    matrix = operator.compile(cache=False, optimize=optimize).to_dense()
    np.testing.assert_allclose(matrix, dense.pauli_sum(STRINGS, weights, 4), rtol=0, atol=1e-13)


@each_space
def test_every_letter_on_its_own(space):
    compiled = [sym.from_pauli_strings(space(2), text).compile(cache=False) for text in ("XI", "IY", "ZI", "II")]
    for operator, text in zip(compiled, ("XI", "IY", "ZI", "II"), strict=True):
        assert np.array_equal(operator.to_dense(), dense.pauli_sum([text], [1], 2)), text


def test_the_terms_and_their_columns():
    ir = sym.from_pauli_strings(sym.hilbert.Qubit(3), ["ZIZ", "XYI", "III"], [1, 2, 3], name="H").to_ir()
    diagonal, flips = ir.terms
    assert (ir.operator_name, diagonal.name, flips.name) == ("H", "diagonal", "flips")
    assert diagonal.iterator.columns["w_diagonal"].tolist() == [1, 3]
    assert diagonal.iterator.columns["z"].tolist() == [[1, 0, 1], [0, 0, 0]]
    assert flips.iterator.columns["w_flips"].tolist() == [-2j]
    assert flips.iterator.columns["f"].tolist() == [[1, 1, 0]]
    assert flips.iterator.columns["z"].tolist() == [[0, 1, 0]]


def test_equal_strings_are_one_and_what_cancels_is_gone():
    strings, weights = ["XX", "ZZ", "XX", "YI", "YI"], [1.0, 2.0, 0.5, 1.0, -1.0]
    operator = sym.from_pauli_strings(sym.hilbert.Qubit(2), strings, weights)
    assert {term.name: term.iterator.columns[f"w_{term.name}"].tolist() for term in operator.to_ir().terms} == {
        "diagonal": [2.0],
        "flips": [1.5],
    }
    assert operator.dtype == np.float64


@each_space
@pytest.mark.parametrize("optimize", [False, True])
def test_other_weights_without_compiling_again(space, optimize):
    strings, weights, others = ["ZZ", "XI", "YY", "IZ"], [1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]
    compiled = sym.from_pauli_strings(space(2), strings, weights).compile(cache=False, optimize=optimize)
    changed = compiled.with_columns(w_diagonal=np.array([5.0, 8.0]), w_flips=np.array([6.0, -7.0]))  # (-i)² = -1
    assert np.array_equal(changed.to_dense(), dense.pauli_sum(strings, others, 2))


@pytest.mark.parametrize("strings", [[], ["XY", "XY"], ["ZI"]])
def test_the_operator_that_is_zero(strings):
    weights = [1, -1] if len(strings) == 2 else 0
    operator = sym.from_pauli_strings(sym.hilbert.Qubit(2), strings, weights)
    assert operator.is_hermitian
    assert not operator.compile(cache=False).to_dense().any()


@pytest.mark.parametrize(
    ("strings", "weights", "dtype", "hermitian"),
    [
        (["XX", "YY"], 1, np.float64, True),
        (["XX", "XY"], 1, np.complex128, True),
        (["XY"], 1j, np.float64, False),  # a real matrix that is antisymmetric
        (["XX"], 1j, np.complex128, False),
        (["XX", "XX"], [1 + 1j, 1 - 1j], np.float64, True),
        (["XX", "XX"], [1, 1e-17j], np.complex128, False),
    ],
)
def test_dtype_and_hermiticity_are_exact(strings, weights, dtype, hermitian):
    operator = sym.from_pauli_strings(sym.hilbert.Spin(1 / 2, 2), strings, weights)
    assert (operator.dtype, operator.is_hermitian) == (dtype, hermitian)


def test_a_dtype_that_is_asked_for():
    assert sym.from_pauli_strings(sym.hilbert.Qubit(2), "XX", dtype="complex64").dtype == np.complex64
    with refused(errors.ConversionError, "complex matrix elements", "float64"):
        sym.from_pauli_strings(sym.hilbert.Qubit(2), "XY", dtype="float64")


@pytest.mark.parametrize(
    ("strings", "facts"),
    [
        (["XX", "XXX"], ("string 1", "'XXX'", "2 letters")),
        (["xx"], ("string 0", "'xx'", "I, X, Y and Z")),
        (["X0"], ("string 0", "'X0'")),
        (["XX", 3], ("string 1", "3")),
        (7, ("a sequence of texts", "7")),
    ],
)
def test_strings_that_are_none(strings, facts):
    with refused(errors.ConversionError, *facts):
        sym.from_pauli_strings(sym.hilbert.Qubit(2), strings)


def molecule_like(size, count):
    """Strings as Jordan and Wigner make them of one- and two-body terms: two or four of X and Y, Z between."""
    rng, made = np.random.default_rng(3), set()
    while len(made) < count:
        ends = np.sort(rng.choice(size, rng.choice([1, 2, 4, 4]), replace=False))
        letters = np.full(size, "I")
        for low, high in zip(ends[::2], ends[1::2], strict=False):
            letters[low:high] = "Z"
        letters[ends] = "Z" if len(ends) == 1 else rng.choice(["X", "Y"], len(ends))
        made.add("".join(letters))
    return sorted(made)


@each_space
def test_two_thousand_strings_take_one_slot_for_each_mask(space):
    strings = molecule_like(20, 2000)
    distinct = np.unique(masks(strings, 20)[0], axis=0)
    moving = int(distinct.any(axis=1).sum())
    operator = sym.from_pauli_strings(space(20), strings, np.linspace(-1, 1, 2000) + 2)
    exact = operator.compile(cache=False)
    fused = operator.compile(cache=False, optimize=True)
    assert operator.to_ir().term_count == 2
    assert exact.max_conn_size == 2000
    assert fused.max_conn_size == 1 + moving
