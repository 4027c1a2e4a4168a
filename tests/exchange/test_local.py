"""Sums of local matrices against matrices that are written out state by state."""

import itertools

import numpy as np
import pytest
from refusal import refused

import nqx_graph as sym
from nqx_graph import errors
from nqx_graph.exchange import local


def of(hilbert, matrices, acting_on, constant=0.0, **given):
    states = [np.asarray(hilbert.local_states)] * hilbert.size
    return local.build(
        hilbert, matrices, acting_on, states, constant, **{"name": "it", "dtype": None, "hermitian": False, **given}
    )


def embedded(hilbert, matrices, acting_on, constant=0.0):
    """<x|O|x'> for each pair of states: the element of every matrix, where x and x' agree on all other sites."""
    states, local_states = hilbert.all_states().tolist(), np.asarray(hilbert.local_states).tolist()
    total = constant * np.eye(len(states), dtype=np.result_type(float, constant, *matrices))
    for matrix, sites in zip(matrices, acting_on, strict=True):
        bases = list(itertools.product(local_states, repeat=len(sites)))
        for (a, x), (b, y) in itertools.product(enumerate(states), repeat=2):
            if all(x[k] == y[k] for k in range(hilbert.size) if k not in sites):
                row, col = (bases.index(tuple(z[k] for k in sites)) for z in (x, y))
                total[a, b] += matrix[row, col]
    return total


def random_matrix(size, seed, share=1.0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(size, size)) * (rng.random((size, size)) < share)


@pytest.mark.parametrize(
    ("hilbert", "d"), [(sym.hilbert.Spin(1, 3), 3), (sym.hilbert.Fock(2, 3), 3), (sym.hilbert.Qubit(4), 2)], ids=str
)
def test_the_matrix_is_the_sum(hilbert, d):
    matrices = [random_matrix(d**2, 1), random_matrix(d**2, 2, 0.2), random_matrix(d, 3), random_matrix(d**2, 4)]
    acting_on = [(0, 2), (1, 0), (1,), (2, 1)]
    operator = of(hilbert, matrices, acting_on, 0.75)
    expected = embedded(hilbert, matrices, acting_on, 0.75)
    np.testing.assert_allclose(operator.compile(cache=False).to_dense(), expected, rtol=0, atol=1e-13)


def test_a_hop_is_one_branch_a_direction():
    """b†₀b₁ + b†₁b₀ of up to three bosons: nine and nine elements."""
    ladder = np.diag(np.sqrt([1.0, 2.0, 3.0]), 1)
    hop = np.kron(ladder.T, ladder) + np.kron(ladder, ladder.T)
    operator = of(sym.hilbert.Fock(3, 3), [hop, 2 * hop], [(0, 1), (1, 2)])
    (term,) = operator.to_ir().terms
    assert (term.iterator.n_iter, len(term.emissions), term.name) == (2, 2, "2-site matrices #0")
    np.testing.assert_allclose(
        operator.compile(cache=False).to_dense(),
        embedded(operator.hilbert, [hop, 2 * hop], [(0, 1), (1, 2)]),
        rtol=0,
        atol=1e-13,
    )


def test_equal_elements_are_one_column():
    flips = np.fliplr(np.eye(4))  # X ⊗ X
    (term,) = of(sym.hilbert.Spin(1 / 2, 3), [0.5 * flips, 0.25 * flips], [(0, 1), (1, 2)]).to_ir().terms
    assert {name: array.tolist() for name, array in term.iterator.columns.items()} == {"w0": [0.5, 0.25]}


def test_matrices_of_other_shapes_are_other_terms():
    diagonal, flip = np.diag([1.0, 2.0]), np.fliplr(np.eye(2))
    terms = (
        of(sym.hilbert.Qubit(3), [diagonal, flip, 3 * flip, np.zeros((2, 2))], [(0,), (1,), (2,), (0,)]).to_ir().terms
    )
    assert [term.iterator.index_sets.tolist() for term in terms] == [[[0]], [[1], [2]]]


def test_a_constant_alone_and_nothing_at_all():
    assert np.array_equal(of(sym.hilbert.Qubit(1), [], [], 2.5).compile(cache=False).to_dense(), 2.5 * np.eye(2))
    assert not of(sym.hilbert.Qubit(1), [], []).compile(cache=False).to_dense().any()


def test_a_constrained_space_is_not_left():
    space = sym.hilbert.Spin(1 / 2, 4, total_sz=0)
    exchange = np.array([[0.25, 0, 0, 0], [0, -0.25, 0.5, 0], [0, 0.5, -0.25, 0], [0, 0, 0, 0.25]])
    compiled = of(space, [exchange] * 4, [(i, (i + 1) % 4) for i in range(4)], hermitian=True).compile(cache=False)
    compiled.check(space.all_states())
    # Heisenberg's ring of four: the singlet has the energy -2
    np.testing.assert_allclose(np.linalg.eigvalsh(compiled.to_dense())[0], -2, rtol=0, atol=1e-12)


class Uneven:
    """Local states 0, 1 and 3."""

    size, local_states = 2, (0, 1, 3)


def test_a_space_with_uneven_states_is_refused():
    with refused(errors.HilbertError, "even steps", "Uneven"):
        of(Uneven(), [np.eye(3)], [(0,)])
