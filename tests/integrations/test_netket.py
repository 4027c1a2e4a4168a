"""Compiled operators over NetKet spaces, each use against a NetKet built-in operator."""

import pickle
import subprocess
import sys
from pathlib import Path

import jax
import netket as nk
import numpy as np
import of_netket
import pytest

import nqx_graph as sym
from nqx_graph.errors import CheckError, SampleTypeError, StateError

N = 8
GRAPH = nk.graph.Chain(N)
HILBERT = nk.hilbert.Spin(1 / 2, N)
FIXED = nk.hilbert.Spin(1 / 2, N, total_sz=0)


def ising(hilbert=HILBERT, graph=GRAPH, J=1.0, h=0.7):
    s = sym.site
    return (
        sym.DOperator(hilbert, "ising", hermitian=True)
        .for_each(("i", "j"), over=graph)
        .emit(amplitude=sym.symbol("J", J) * s("i").value * s("j").value)
        .for_each_site("i")
        .emit(sym.affine("i", scale=-1), amplitude=-sym.symbol("h", h))
        .build()
    )


def heisenberg(hilbert=FIXED, graph=GRAPH, J=1.0):
    s = sym.site
    return (
        sym.DOperator(hilbert, "heisenberg", hermitian=True)
        .for_each(("i", "j"), over=graph)
        .emit(amplitude=J * s("i").value * s("j").value)
        .emit_if(s("i") != s("j"), sym.swap("i", "j"), amplitude=2 * J)
        .build()
    )


PAIRS = {
    "ising": (ising, lambda: nk.operator.IsingJax(HILBERT, GRAPH, h=0.7, J=1.0)),
    "heisenberg": (
        heisenberg,
        lambda: nk.operator.Heisenberg(FIXED, GRAPH, J=1.0, sign_rule=False).to_jax_operator(),
    ),
}


@pytest.fixture(params=PAIRS, scope="module")
def pair(request):
    ours, theirs = PAIRS[request.param]
    return ours().compile(), theirs()


@pytest.fixture(scope="module")
def state(pair):
    hilbert = pair[0].hilbert
    rule = (
        nk.sampler.MetropolisExchange(hilbert, graph=GRAPH)
        if hilbert.constrained
        else nk.sampler.MetropolisLocal(hilbert)
    )
    return nk.vqs.MCState(rule, nk.models.RBM(alpha=1), n_samples=256, seed=3, sampler_seed=4)


def same_trees(a, b, atol=1e-10):
    jax.tree.map(lambda x, y: np.testing.assert_allclose(x, y, rtol=0, atol=atol), a, b)


def test_a_netket_graph_gives_its_edges():
    (term, _) = ising(graph=GRAPH).to_ir().terms
    assert term.iterator.index_sets.tolist() == [list(edge) for edge in GRAPH.edges()]


@pytest.mark.parametrize("pair", ["ising"], indirect=True)
def test_it_is_a_discrete_jax_operator(pair):
    ours, theirs = pair
    assert isinstance(ours, nk.operator.DiscreteJaxOperator)
    assert ours.hilbert == theirs.hilbert
    assert ours.is_hermitian
    assert ours.H is ours
    np.testing.assert_allclose(ours.to_dense(), np.asarray(theirs.to_dense()), rtol=0, atol=1e-12)
    np.testing.assert_allclose(ours.to_sparse(jax_=True).todense(), ours.to_dense(), rtol=0, atol=1e-12)


@pytest.mark.parametrize(("pair", "chunk_size"), [("ising", None), ("heisenberg", 32)], indirect=["pair"])
def test_expect_and_expect_and_grad(pair, state, chunk_size):
    ours, theirs = pair
    state.chunk_size = chunk_size
    np.testing.assert_allclose(state.expect(ours).mean, state.expect(theirs).mean, rtol=0, atol=1e-10)
    (e, gradient), (e_nk, gradient_nk) = state.expect_and_grad(ours), state.expect_and_grad(theirs)
    np.testing.assert_allclose([e.mean, e.variance], [e_nk.mean, e_nk.variance], rtol=0, atol=1e-9)
    same_trees(gradient, gradient_nk)
    state.chunk_size = None


@pytest.mark.parametrize("pair", ["ising"], indirect=True)
def test_vmc_follows_the_same_path(pair):
    energies = []
    for operator in pair:
        hilbert = operator.hilbert
        rule = nk.sampler.ExactSampler(hilbert)
        state = nk.vqs.MCState(rule, nk.models.RBM(alpha=1), n_samples=128, seed=5, sampler_seed=6)
        preconditioner = nk.optimizer.SR(diag_shift=0.01, solver=nk.optimizer.solver.cholesky)
        driver = nk.driver.VMC(operator, nk.optimizer.Sgd(0.02), variational_state=state, preconditioner=preconditioner)
        driver.run(3, show_progress=False)
        energies.append(driver.energy.mean)
    np.testing.assert_allclose(energies[0], energies[1], rtol=0, atol=1e-8)


@pytest.mark.parametrize("pair", ["heisenberg"], indirect=True)
def test_full_sum_state(pair):
    ours, theirs = pair
    state = nk.vqs.FullSumState(ours.hilbert, nk.models.RBM(alpha=1), seed=7)
    (e, gradient), (e_nk, gradient_nk) = state.expect_and_grad(ours), state.expect_and_grad(theirs)
    np.testing.assert_allclose(e.mean, e_nk.mean, rtol=0, atol=1e-10)
    same_trees(gradient, gradient_nk)


def test_lanczos(pair):
    ours, theirs = pair
    np.testing.assert_allclose(nk.exact.lanczos_ed(ours), nk.exact.lanczos_ed(theirs), rtol=0, atol=1e-10)


@pytest.mark.parametrize("pair", ["heisenberg"], indirect=True)
def test_sums_products_and_multiples(pair, state):
    ours, theirs = pair
    dense = of_netket.matrix(theirs)
    other = sym.DOperator(ours.hilbert, "z").for_each_site("i").emit(amplitude=sym.site("i").value).build().compile()
    z = np.diag(np.asarray(ours.hilbert.all_states()).sum(axis=1))
    for combined, expected in (
        (ours + other, dense + z),
        (ours - other, dense - z),
        (ours + theirs, 2 * dense),
        (theirs + ours, 2 * dense),
        (ours @ other, dense @ z),
        (other @ ours, z @ dense),
        (ours @ theirs, dense @ dense),
        (2 * ours, 2 * dense),
        (ours * 3.0, 3 * dense),
        (-ours, -dense),
    ):
        np.testing.assert_allclose(of_netket.matrix(combined), expected, rtol=0, atol=1e-11)
    np.testing.assert_allclose(state.expect(ours + ours).mean, 2 * state.expect(theirs).mean, rtol=0, atol=1e-9)


def test_pickling(pair):
    ours, _ = pair
    again = pickle.loads(pickle.dumps(ours))
    assert type(again) is type(ours)
    assert again == ours
    assert hash(again) == hash(ours)
    x = ours.hilbert.all_states()
    for a, b in zip(again.get_conn_padded(x), ours.get_conn_padded(x), strict=True):
        np.testing.assert_array_equal(a, b)


def test_an_argument_of_jit_without_recompiling():
    traces = []

    @jax.jit
    def total(operator, x):
        traces.append(1)
        return operator.get_conn_padded(x)[1].sum()

    x = HILBERT.all_states()
    operator = ising().compile()
    values = [float(total(operator.with_parameters(h=h), x)) for h in (0.1, 0.2, 0.3)]
    # each configuration has N branches -h, and the diagonal sums to zero over all states
    np.testing.assert_allclose(values, [-h * N * 2**N for h in (0.1, 0.2, 0.3)], rtol=1e-12)
    total(ising(J=2.0).compile(), x)
    total(ising(graph=nk.graph.Graph(edges=[(0, k) for k in range(1, 8)] + [(1, 2)])).compile(), x)
    assert len(traces) == 1


def test_a_symbolic_operator_is_refused_where_a_compiled_one_is_needed(state):
    symbolic = ising(state.hilbert)
    full = nk.vqs.FullSumState(state.hilbert, nk.models.RBM(alpha=1))
    uses = {
        "expect": lambda: state.expect(symbolic),
        "expect_and_grad": lambda: state.expect_and_grad(symbolic),
        "full sum": lambda: full.expect(symbolic),
        "VMC": lambda: nk.driver.VMC(symbolic, nk.optimizer.Sgd(0.1), variational_state=state),
        "lanczos": lambda: nk.exact.lanczos_ed(symbolic),
    }
    for name, use in uses.items():
        with pytest.raises(sym.errors.UncompiledOperatorError, match=r"\.compile\(\)"):
            use()
            pytest.fail(f"{name} took a symbolic operator")


def number(hilbert):
    return sym.DOperator(hilbert, "number").for_each_site("i").emit(amplitude=sym.site("i").value).build()


class EvenSum(nk.hilbert.constraint.DiscreteHilbertConstraint):
    """A constraint of a user's own; it has no form as data."""

    def __call__(self, x):
        return x.sum(axis=-1) % 2 == 0

    def __hash__(self):
        return hash("EvenSum")

    def __eq__(self, other):
        return isinstance(other, EvenSum)


def test_every_stock_space_has_a_digest_of_its_own():
    spin, fock, fermions = nk.hilbert.Spin, nk.hilbert.Fock, nk.hilbert.SpinOrbitalFermions
    spaces = [
        spin(1 / 2, 4),
        spin(1 / 2, 4, inverted_ordering=True),
        spin(1 / 2, 4, total_sz=0),
        spin(1 / 2, 4, total_sz=1),
        spin(1, 4),
        nk.hilbert.Qubit(4),
        fock(1, 4),
        fock(2, 4),
        fock(2, 4, n_particles=2),
        fock(None, 4),
        fermions(4),
        fermions(2, s=1 / 2),
        fermions(2, s=1 / 2, n_fermions=2),
        fermions(2, s=1 / 2, n_fermions_per_spin=(1, 1)),
        spin(1 / 2, 2) * fock(2, 2),
        fock(2, 2) * spin(1 / 2, 2),
        nk.hilbert.DoubledHilbert(nk.hilbert.Qubit(2)),
    ]
    compiler = sym.SymbolicCompiler()
    tokens = [compiler.compile(number(space)).cache_token() for space in spaces]
    assert None not in tokens
    assert len(set(tokens)) == len(spaces)
    embedded = compiler.compile(number(sym.hilbert.Spin(1 / 2, 4)))
    assert embedded.cache_token() not in tokens


def test_a_space_without_a_form_compiles_and_is_not_cached():
    space = nk.hilbert.Spin(1 / 2, 4, constraint=EvenSum())
    compiler = sym.SymbolicCompiler()
    artifact = compiler.compile(number(space))
    assert artifact.cache_token() is None
    assert artifact.report.outcome == "uncached"
    assert "EvenSum" in str(artifact.report["cache_lookup"].metadata["reason"])
    assert compiler.cache_size == 0
    expected = np.diag(np.asarray(space.all_states()).sum(axis=1))
    np.testing.assert_array_equal(artifact.compiled_operator.to_dense(), expected)


def test_a_tensor_space_with_different_sites():
    space = nk.hilbert.Spin(1 / 2, 1) * nk.hilbert.Fock(2, 1)
    # exchange a quantum: x' has one boson less and the spin up, and back
    s = sym.site
    operator = (
        sym.DOperator(space, "jaynes-cummings")
        .for_each(("spin", "mode"), over=[(0, 1)])
        .emit_if(
            (s("spin") == -1) & (s("mode") > 0),
            sym.write("spin", 1).shift("mode", -1),
            amplitude=s("mode").value.sqrt(),
        )
        .emit_if(
            (s("spin") == 1) & (s("mode") < 2),
            sym.write("spin", -1).shift("mode", +1),
            amplitude=(s("mode").value + 1).sqrt(),
        )
        .build()
        .compile()
    )
    raising = np.array([[0.0, 1.0], [0.0, 0.0]])
    destroy = np.diag(np.sqrt([1.0, 2.0]), k=1)
    expected = np.kron(raising, destroy) + np.kron(raising.T, destroy.T)
    np.testing.assert_allclose(operator.to_dense(), expected, rtol=0, atol=1e-12)
    operator.check(space.all_states())


def test_an_unbounded_fock_space_tests_the_lower_end_only():
    space = nk.hilbert.Fock(None, 2)
    operator = sym.DOperator(space).for_each_site("i").emit(sym.shift("i", -1), amplitude=1.0).build().compile()
    xp, mels = operator.get_conn_padded(np.array([[0, 1000]]))
    np.testing.assert_array_equal(np.isnan(mels), [[True, False]])
    np.testing.assert_array_equal(xp, [[[0, 1000], [0, 999]]])


def test_a_continuous_space_is_refused():
    space = nk.experimental.hilbert.Particle(N=2, geometry=nk.experimental.geometry.FreeSpace(d=1))
    with pytest.raises(sym.errors.HilbertError, match="not discrete"):
        sym.DOperator(space)


SHARDED = Path(__file__).with_name("sharded.py")


def test_a_sharded_batch_on_eight_devices():
    run = subprocess.run([sys.executable, str(SHARDED)], capture_output=True, text=True, check=False, timeout=300)
    assert run.returncode == 0, run.stderr[-3000:]
    assert run.stdout.split() == ["8", "devices", "agree"]


class OtherStates(nk.hilbert.DoubledHilbert):
    """A user's space with states that those it is derived from do not have."""

    def states_at_index(self, i):
        return [0, 2]


def test_a_space_derived_from_a_stock_one_shares_nothing_with_it():
    stock, own = nk.hilbert.DoubledHilbert(nk.hilbert.Qubit(1)), OtherStates(nk.hilbert.Qubit(1))
    raised = [
        sym.DOperator(space).for_each_site("i").where(sym.site("i") == 0).emit(sym.shift("i", 2), amplitude=1.0).build()
        for space in (stock, own)
    ]
    compiler = sym.SymbolicCompiler()
    assert compiler.compile(raised[0]).report.outcome == "miss"
    artifact = compiler.compile(raised[1])
    assert artifact.report.outcome != "hit"
    assert artifact.cache_key is None
    assert artifact.compiled_operator.hilbert is own
    assert artifact.compiled_operator.get_conn_padded(np.zeros(2, np.int8))[1].tolist() == [1, 1]


def test_constraints_of_products_of_products():
    pair = nk.hilbert.Spin(0.5, 2, total_sz=0) * nk.hilbert.Fock(1, 1)
    space = nk.hilbert.DoubledHilbert(pair)
    flip = sym.DOperator(space).for_each("i", over=[(0,)]).emit(sym.affine("i", scale=-1)).build().compile()
    with pytest.raises(CheckError, match="leaves the constraint"):
        flip.check(space.all_states()[:1])
    with pytest.raises(StateError, match="is not in"):
        flip.check(np.ones((1, 6), np.int8))
    with pytest.raises(StateError, match="which is not in"):
        flip.to_dense()


def test_samples_of_an_endless_space_are_wide():
    up = sym.DOperator(nk.hilbert.Fock(None, 2)).for_each_site("i").emit(sym.shift("i", 1), amplitude=1.0).build()
    for optimize in (False, True):
        made = up.compile(optimize=optimize)
        with pytest.raises(SampleTypeError, match="int8 cannot hold"):
            made.get_conn_padded(np.array([127, 0], np.int8))
        x = np.asarray(made.hilbert.random_state(jax.random.key(0), 2))
        assert made.get_conn_padded(x)[0].dtype == x.dtype
