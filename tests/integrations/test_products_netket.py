"""Products and adjoints of symbolic operators over NetKet spaces, against NetKet's own operators and their matrices."""

import jax
import netket as nk
import numpy as np
import of_netket
import oracle
import pytest

import nqx_graph as sym

s = sym.site
GRAPH = nk.graph.Chain(4)
SPIN = nk.hilbert.Spin(1 / 2, 4)
OPTIMIZED = sym.SymbolicCompilerOptions(optimize=True)


def ising():
    return (
        sym.DOperator(SPIN, "ising", hermitian=True)
        .for_each(("i", "j"), over=GRAPH)
        .emit(amplitude=s("i").value * s("j").value)
        .for_each_site("i")
        .emit(sym.affine("i", scale=-1), amplitude=-0.7)
        .build()
    )


def destroy(hilbert, site, n_max):
    n = s("i").value
    builder = sym.DOperator(hilbert, "b").for_each("i", over=[site])
    if n_max is not None:
        builder.where(n < n_max)
    return builder.emit(sym.shift("i", 1), amplitude=(n + 1).sqrt()).build()


def dense(operator, **options):
    return np.asarray(operator.compile(options=sym.SymbolicCompilerOptions(**options)).to_dense())


def test_a_product_is_that_of_netkets_operators():
    ours, theirs = ising(), nk.operator.IsingJax(SPIN, GRAPH, h=0.7, J=1.0)
    truth = of_netket.matrix(theirs)
    square = ours @ ours
    assert square.is_hermitian
    np.testing.assert_allclose(dense(square), truth @ truth, rtol=0, atol=1e-12)
    np.testing.assert_allclose(dense(square, optimize=True), truth @ truth, rtol=0, atol=1e-12)
    assert square.compile(options=OPTIMIZED).max_conn_size == 11
    np.testing.assert_allclose(dense(ours.H), truth, rtol=0, atol=1e-12)


def test_compiled_operators_keep_netkets_lazy_product():
    compiled = ising().compile()
    lazy = compiled @ compiled
    assert isinstance(lazy, nk.operator.AbstractOperator)
    assert not isinstance(lazy, sym.CompiledOperator)
    np.testing.assert_allclose(dense(ising() @ ising()), of_netket.matrix(lazy), rtol=0, atol=1e-12)


def test_the_variance_of_the_energy():
    ours = ising()
    state = nk.vqs.FullSumState(SPIN, nk.models.RBM(alpha=1), seed=3)
    energy, square = (state.expect(operator.compile(options=OPTIMIZED)) for operator in (ours, ours @ ours))
    np.testing.assert_allclose(square.mean - energy.mean**2, energy.variance, rtol=0, atol=1e-10)


@pytest.mark.parametrize(("n_particles", "n_max"), [(None, 2), (2, 2)])
def test_hopping_is_a_product_of_ladder_operators(n_particles, n_max):
    """On a space of fixed particle number each factor leaves it, and the product does not."""
    hilbert = nk.hilbert.Fock(n_max, 2, n_particles=n_particles)
    b = [destroy(hilbert, site, n_max) for site in range(2)]
    ours = b[0].H @ b[1] + (b[0].H @ b[1]).H
    one = [oracle.embed({site: oracle.destroy(n_max)}, 2, n_max + 1) for site in range(2)]
    truth = one[0].T @ one[1] + one[1].T @ one[0]
    truth = oracle.restrict(truth, np.asarray(hilbert.all_states()), range(n_max + 1))
    assert ours.is_hermitian
    np.testing.assert_allclose(dense(ours, optimize=True), truth, rtol=0, atol=1e-12)


def test_an_unbounded_space():
    hilbert = nk.hilbert.Fock(None, 2)
    b = destroy(hilbert, 0, None)
    number = b.H @ b
    x = np.array([[0, 3], [5, 1], [200, 0]])
    xp, mels = number.compile().get_conn_padded(x)
    np.testing.assert_array_equal(np.asarray(xp)[:, 0], x)
    np.testing.assert_allclose(np.asarray(mels)[:, 0], [0, 5, 200], rtol=1e-14)
    _, mels = (b @ b.H).compile().get_conn_padded(x)
    np.testing.assert_allclose(np.asarray(mels)[:, 0], [1, 6, 201], rtol=1e-14)


def test_sites_that_differ():
    hilbert = nk.hilbert.TensorHilbert(nk.hilbert.Fock(1, 1), nk.hilbert.Fock(2, 1))
    swap = (
        sym.DOperator(hilbert, "A").for_each_site("i").where((s("i") > 0) & (sym.source_index(1) < 2))
        .emit(sym.shift("i", -1), amplitude=s("i").value + 2 * sym.emitted("i").value).build()
    )  # fmt: skip
    number = sym.DOperator(hilbert, "n").for_each_site("i").where(s("i") < 1).emit(amplitude=3 + s("i").value).build()
    np.testing.assert_array_equal(dense(swap @ number), dense(swap) @ dense(number))
    np.testing.assert_array_equal(dense(number @ swap), dense(number) @ dense(swap))
    wrap = sym.DOperator(hilbert, "w").for_each_site("i").emit(sym.shift_mod("i", 1)).build()
    np.testing.assert_array_equal(dense(wrap.H), dense(wrap).T)
    with pytest.raises(sym.errors.DefinitionError, match="different local states"):
        wrap @ number


def test_gradients_reach_the_couplings_of_a_product():
    h = sym.symbol("h", 0.7) * ising()
    compiled = (h @ h).compile()
    x = SPIN.all_states()

    def total(value):
        return compiled.with_parameters(h=value).get_conn_padded(x)[1].sum()

    np.testing.assert_allclose(jax.grad(total)(0.7), 2 * total(0.7) / 0.7, rtol=1e-12)
