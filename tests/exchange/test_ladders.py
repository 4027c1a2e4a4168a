"""Products of a† and a against matrices that are multiplied out; their normal form; what is hermitian."""

import numpy as np
import pytest

import nqx_graph as sym
from exchange import dense
from nqx_graph.exchange.ladders import build, ladders
from nqx_graph.exchange.qubits import qubits

PRODUCTS = dense.random_products(4, 80, seed=5)
HOP = {((0, 1), (2, 0)): 0.5, ((2, 1), (0, 0)): 0.5}


def operator_of(products, hilbert=None, **given):
    space = sym.hilbert.Fock(1, 4) if hilbert is None else hilbert
    return build(qubits(space, "it"), products, given.pop("dtype", None), "fermions", **given)


@pytest.mark.parametrize("hilbert", [sym.hilbert.Fock(1, 4), sym.hilbert.Spin(1 / 2, 4)], ids=["fock", "spin"])
@pytest.mark.parametrize("optimize", [False, True])
def test_the_matrix_is_that_of_the_products(hilbert, optimize):
    compiled = operator_of(PRODUCTS, hilbert).compile(cache=False, optimize=optimize)
    np.testing.assert_allclose(compiled.to_dense(), dense.fermion_sum(PRODUCTS, 4), rtol=0, atol=1e-13)


def test_the_normal_form():
    made = ladders({((2, 1), (0, 0)): 1.0, ((0, 1), (0, 0), (1, 1), (1, 0)): 2.0, ((3, 0), (1, 1)): 3.0}, 4, "it")
    assert made.needs.tolist() == [[0, -1, 1, -1], [1, 1, -1, -1], [-1, 1, -1, 0]]
    assert made.flips.tolist() == [[1, 0, 1, 0], [0, 0, 0, 0], [0, 1, 0, 1]]
    assert made.signs.tolist() == [[0, 1, 0, 0], [0, 0, 0, 0], [0, 0, 1, 0]]
    # <x| a_3 passes x_1 = 1, where a†_1 is yet to act, and that is a sign of its own
    assert made.weights.tolist() == [1.0, 2.0, -3.0 * -1.0 * -1.0]


@pytest.mark.parametrize("product", [((0, 0), (0, 0)), ((1, 1), (0, 1), (1, 1)), ((2, 0), (2, 1), (2, 1))])
def test_a_product_that_is_zero_is_gone(product):
    assert len(ladders({product: 1.0}, 3, "it").weights) == 0
    assert not operator_of({product: 1.0}).compile(cache=False).to_dense().any()


def test_products_that_are_one_in_another_order_are_added_up():
    # a†₀a₁ = -a₁a†₀, and n₀n₁ = a†₀a†₁a₁a₀
    products = {((0, 1), (1, 0)): 2.0, ((1, 0), (0, 1)): 2.0, ((0, 1), (1, 1), (1, 0), (0, 0)): 1.0}
    products[(0, 1), (0, 0), (1, 1), (1, 0)] = 0.5
    own = ladders(products, 4, "it").collected()
    assert own.weights.tolist() == [1.5]


@pytest.mark.parametrize(
    ("products", "hermitian"),
    [
        (HOP, True),
        ({**HOP, ((2, 1), (0, 0)): 0.25}, False),
        ({((0, 1), (2, 0)): 0.5j, ((2, 1), (0, 0)): -0.5j}, True),
        ({((0, 1), (2, 0)): 0.5j, ((2, 1), (0, 0)): 0.5j}, False),
        ({((0, 1), (0, 0)): 1.0, (): -3.0}, True),
        ({((0, 1), (0, 0)): 1j}, False),
        ({((3, 1), (1, 1), (2, 0), (0, 0)): 1.0, ((0, 1), (2, 1), (1, 0), (3, 0)): 1.0}, True),
        # the conjugate in another order: a†₀a†₂a₃a₁ = -a†₀a†₂a₁a₃
        ({((3, 1), (1, 1), (2, 0), (0, 0)): 1.0, ((0, 1), (2, 1), (3, 0), (1, 0)): -1.0}, True),
        ({((0, 1),): 1.0}, False),
        ({((0, 1),): 1.0, ((0, 0),): 1.0}, True),
        ({}, True),
    ],
)
def test_hermiticity(products, hermitian):
    assert operator_of(products).is_hermitian is hermitian
    matrix = dense.fermion_sum(products, 4)
    assert np.array_equal(matrix, matrix.conj().T) is hermitian


def test_what_is_said_of_hermiticity_is_taken():
    assert operator_of({((0, 1), (2, 0)): 0.5}, hermitian=True).is_hermitian


def test_no_branch_leaves_a_fixed_number_of_particles():
    space = sym.hilbert.Fock(1, 4, n_particles=2)
    products = {((p, 1), (q, 0)): 1.0 + p + q for p in range(4) for q in range(4)}
    compiled = operator_of(products, space).compile(cache=False)
    compiled.check(space.all_states())
    every = dense.fermion_sum(products, 4).real
    numbers = space.all_states() @ (2 ** np.arange(4)[::-1])
    np.testing.assert_allclose(compiled.to_dense(), every[np.ix_(numbers, numbers)], rtol=0, atol=1e-13)


def test_one_slot_for_each_mask():
    compiled = operator_of(HOP).compile(cache=False, optimize=True)
    assert compiled.max_conn_size == 1
    assert {term.name: term.iterator.n_iter for term in compiled.ir.terms} == {"hops": 2}
