"""Dense and sparse matrices, and unpadded rows of them."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import scipy.sparse
import small

import nqx_graph as sym
from nqx_graph.errors import HilbertError, StateError
from nqx_graph.hilbert import Fock, Qubit, Spin
from nqx_graph.operators import matrices

s = sym.site
n = s("i").value


def compiled(builder):
    return builder.build().compile(cache=False)


def test_rows_are_x_and_columns_x_prime():
    """<0|b|1> = 1: emit(shift +1) at x = 0 stands in row 0, column 1, above the diagonal."""
    operator = compiled(
        sym.DOperator(Fock(3, N=1)).for_each_site("i").where(n < 3).emit(sym.shift("i", 1), amplitude=(n + 1).sqrt())
    )
    np.testing.assert_allclose(operator.to_dense(), np.diag(np.sqrt([1.0, 2.0, 3.0]), k=1), rtol=0, atol=0)


def test_a_sum_of_paulis():
    X, Z, one = np.array([[0, 1], [1, 0]]), np.diag([1, -1]), np.eye(2)
    operator = compiled(
        sym.DOperator(Spin(0.5, N=2))
        .for_each_site("i")
        .emit(sym.affine("i", scale=-1), amplitude=0.5)
        .globally()
        .emit(amplitude=2 * sym.source_index(0) * sym.source_index(1))
    )
    truth = 0.5 * (np.kron(X, one) + np.kron(one, X)) + 2 * np.kron(Z, Z)
    # NetKet lists spins from +1 down or up; the matrix must agree with the states in their order
    states = np.asarray(operator.hilbert.all_states()).tolist()
    place = {(1, 1): 0, (1, -1): 1, (-1, 1): 2, (-1, -1): 3}
    order = [place[tuple(x)] for x in states]
    np.testing.assert_array_equal(operator.to_dense(), truth[np.ix_(order, order)])


def test_branches_to_one_state_are_added():
    operator = compiled(sym.DOperator(Qubit(2)).for_each_site("i").emit(sym.write(0, 1), amplitude=n + 1).emit())
    truth = np.zeros((4, 4))
    states = list(itertools.product((0, 1), repeat=2))
    for row, x in enumerate(states):
        for i in range(2):
            truth[row, states.index((1, x[1]))] += x[i] + 1
            truth[row, row] += 1
    np.testing.assert_array_equal(operator.to_dense(), truth)


def test_sparse_is_csr_of_the_operators_dtype_without_stored_padding():
    for dtype in ("float32", "float64", "complex128", "int64"):
        made = compiled(
            sym.DOperator(Fock(3, N=2), dtype=dtype).for_each_site("i").emit_if(n == 3, amplitude=2)
        ).to_sparse()
        assert scipy.sparse.issparse(made)
        assert (made.format, made.dtype, made.shape) == ("csr", np.dtype(dtype), (16, 16))
        assert made.nnz == 7
        truth = np.diag([2 * ((k // 4 == 3) + (k % 4 == 3)) for k in range(16)])
        np.testing.assert_array_equal(made.toarray(), truth)


def test_a_constraint_restricts_rows_and_columns():
    hilbert = Fock(2, N=2, n_particles=2)
    operator = compiled(
        sym.DOperator(hilbert)
        .for_each_distinct_pair("i", "j")
        .where((n > 0) & (s("j") < 2))
        .emit(sym.shift("i", -1).shift("j", 1), amplitude=10 * n + s("i").index)
    )
    states = [tuple(x) for x in hilbert.all_states().tolist()]
    assert sorted(states) == [(0, 2), (1, 1), (2, 0)]
    truth = np.zeros((3, 3))
    for row, x in enumerate(states):
        for i, j in ((0, 1), (1, 0)):
            if x[i] > 0 and x[j] < 2:
                after = list(x)
                after[i] -= 1
                after[j] += 1
                truth[row, states.index(tuple(after))] += 10 * x[i] + i
    np.testing.assert_array_equal(operator.to_dense(), truth)


def test_branches_that_leave_are_refused_and_named():
    operator = compiled(sym.DOperator(Fock(2, N=2, n_particles=2), "grow").globally().emit(sym.write(0, 2)))
    with pytest.raises(StateError) as caught:
        operator.to_dense()
    assert "'grow' connects [1, 1] to [2, 1]" in str(caught.value) or "'grow' connects [0, 2] to [2, 2]" in str(
        caught.value
    )
    assert "compiled.check(x) names the branch" in str(caught.value)


def test_nan_of_a_branch_outside_is_in_the_matrix():
    """x' = x there, so that NaN stands on the diagonal: it is seen, and nothing is lost in silence."""
    dense = small.raising(Fock(1, N=1)).compile(cache=False).to_dense()
    assert dense[0].tolist() == [0.0, 1.0]
    assert dense[1, 0] == 0
    assert np.isnan(dense[1, 1])


def test_an_operator_of_nothing():
    dense = compiled(sym.DOperator(Qubit(2)).for_each_site("i").where(False).emit(sym.shift("i", 5))).to_dense()
    np.testing.assert_array_equal(dense, np.zeros((4, 4)))


def test_spaces_that_cannot_be_listed():
    operator = small.number(Fock(3, N=40)).compile(cache=False)
    for call in (operator.to_sparse, operator.to_dense):
        with pytest.raises(HilbertError, match="too many states"):
            call()

    class Endless:
        size, local_states = 2, (0, 1)

    with pytest.raises(HilbertError):
        small.number(Endless()).compile(cache=False).to_dense()


def test_a_space_that_is_not_known_is_listed_by_itself():
    operator = compiled(sym.DOperator(small.LoadedSpace()).for_each_site("i").emit(sym.write("i", 5), amplitude=2.0))
    truth = np.zeros((9, 9))
    for a, b in itertools.product(range(3), repeat=2):
        truth[3 * a + b, 6 + b] += 2.0
        truth[3 * a + b, 3 * a + 2] += 2.0
    np.testing.assert_array_equal(operator.to_dense(), truth)


def test_chunks_make_no_difference(monkeypatch):
    operator = compiled(
        sym.DOperator(Fock(3, N=3)).for_each_site("i").emit(sym.shift_mod("i", 1), amplitude=10 * n + s("i").index)
    )
    whole = operator.to_dense()
    for chunk in (1, 7 * operator.max_conn_size, 10**6):
        monkeypatch.setattr(matrices, "_CHUNK", chunk)
        if chunk != 1:
            np.testing.assert_array_equal(operator.to_dense(), whole)
    states = list(itertools.product(range(4), repeat=3))
    truth = np.zeros((64, 64))
    for row, x in enumerate(states):
        for i in range(3):
            after = [*x[:i], (x[i] + 1) % 4, *x[i + 1 :]]
            truth[row, states.index(tuple(after))] += 10 * x[i] + i
    np.testing.assert_array_equal(whole, truth)


def test_get_conn_is_one_row_without_padding():
    operator = compiled(
        sym.DOperator(Fock(3, N=3)).for_each_site("i").where(n > 0).emit(sym.shift("i", -1), amplitude=n - 1)
    )
    xp, mels = operator.get_conn(np.array([0, 1, 3], dtype=np.int8))
    assert (type(xp), type(mels)) == (np.ndarray, np.ndarray)
    assert (xp.tolist(), mels.tolist()) == ([[0, 1, 2]], [2.0])
    assert (xp.dtype, mels.dtype) == (np.int8, np.float64)
    xp, mels = operator.get_conn([0, 0, 0])
    assert (xp.shape, mels.shape) == ((0, 3), (0,))
    for batch in (np.zeros((1, 3)), np.zeros((2, 2, 3))):
        with pytest.raises(StateError, match="one configuration"):
            operator.get_conn(batch)


def test_n_conn_counts_what_is_not_exactly_zero_and_nan():
    operator = small.raising().compile(cache=False)
    x = np.array([[0, 1, 2], [3, 3, 0]])
    assert operator.n_conn(x).tolist() == [3, 3]
    operator = compiled(sym.DOperator(Fock(3, N=3)).for_each_site("i").emit(amplitude=n * (n - 1)))
    assert operator.n_conn(np.array([[0, 1, 2], [3, 3, 0]])).tolist() == [1, 2]
    assert operator.n_conn(np.array([2, 2, 2])).tolist() == 3
    assert operator.n_conn(np.zeros((2, 0, 3))).shape == (2, 0)
    with pytest.raises(StateError, match="out="):
        operator.n_conn(x, out=np.zeros(2))


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_sixteen_bits(dtype):
    """SciPy has no matrices of them."""
    n = sym.site("i").value
    made = sym.DOperator(Fock(2, N=2), dtype=dtype).for_each_site("i").emit(amplitude=n * 0.5).build().compile()
    assert made.to_dense().dtype == made.dtype
    assert made.to_sparse().dtype == np.float32
    wanted = np.diag(0.5 * np.asarray(Fock(2, N=2).all_states()).sum(axis=1))
    np.testing.assert_array_equal(made.to_dense().astype(np.float64), wanted)
    assert sym.verify_hermitian(made).exact


PAULI = {"X": np.array([[0, 1], [1, 0]]), "Y": np.array([[0, -1j], [1j, 0]]), "Z": np.diag([1, -1]), "I": np.eye(2)}


def test_branches_out_of_a_constraint_that_cancel():
    """XX and YY as two strings: between equal spins each leaves the total, and their sum does not."""
    strings, weights = ["XXI", "YYI", "IXX", "IYY", "ZZI"], [0.5, 0.5, 0.25, 0.25, 2.0]
    full = sum(
        w * np.kron(np.kron(*(PAULI[c] for c in text[:2])), PAULI[text[2]])
        for w, text in zip(weights, strings, strict=True)
    )
    fixed = Spin(0.5, N=3, total_sz=0.5)
    kept = Spin(0.5, N=3).states_to_numbers(fixed.all_states())
    for optimize in (False, True):
        ours = sym.from_pauli_strings(fixed, strings, weights).compile(cache=False, optimize=optimize).to_dense()
        np.testing.assert_allclose(ours, full[np.ix_(kept, kept)].real, rtol=0, atol=1e-15)
    uneven = sym.from_pauli_strings(fixed, ["XXI", "YYI"], [1.0, 0.5]).compile(cache=False)
    with pytest.raises(StateError, match=r"connects \[1, 1, -1\] to \[-1, -1, -1\], which is not in .*, by 0.5;"):
        uneven.to_dense()
