"""`optimize=True`: the same operator in fewer slots, and what its metadata says of that."""

from __future__ import annotations

import pickle

import jax
import jax.numpy as jnp
import numpy as np
import oracle
import pytest
import small

import nqx_graph as sym
from nqx_graph.errors import CheckError, ParameterError, StateError
from nqx_graph.hilbert import Fock, Qubit, Spin

from .test_jax_symbolic_v1 import context_of

s = sym.site
n, m = s("i").value, s("j").value
J = sym.symbol("J", default=0.5)
FOCK, SPIN, QUBIT = Fock(2, N=4), Spin(0.5, N=4), Qubit(4)
RING = [(0, 1), (1, 2), (2, 3), (3, 0)]
EYE = np.eye(4, dtype=int)


def artifact_of(operator, **options):
    options = sym.SymbolicCompilerOptions(optimize=True, **options)
    return sym.SymbolicCompiler().compile(operator, options=options)


def both(operator, **options):
    """The fused operator and the exact one."""
    return [
        operator.compile(cache=False, options=sym.SymbolicCompilerOptions(optimize=optimize, **options))
        for optimize in (True, False)
    ]


def states(hilbert):
    return np.asarray(hilbert.all_states()).astype(np.int8)


def assert_same(operator, x=None, **options):
    x = states(operator.hilbert) if x is None else x
    fused, _ = both(operator, **options)
    reference = operator.compile(
        cache=False, options=sym.SymbolicCompilerOptions(backend_preference="numpy", **options)
    )
    oracle.assert_same_operator(fused.get_conn_padded(x), reference.get_conn_padded(x))
    return fused


def sites(*emissions, hilbert=SPIN, columns=None, promise=None, over=None, **options):
    """Σ over sites (or rows of two) of every (update, amplitude)."""
    builder = sym.DOperator(hilbert, "o", **options)
    builder = builder.for_each_site("i", columns=columns) if over is None else builder.for_each(("i", "j"), over)
    for update, amplitude in emissions:
        builder.emit(update, amplitude=amplitude)
    return (builder if promise is None else builder.fanout(promise)).build()


X = sites((sym.shift_mod("i", 2), 1.0))
ISING = J * sites((sym.identity, -n * m), over=RING) + 0.25 * X
HEISENBERG = sites((sym.identity, n * m), (sym.swap("i", "j"), 1.0), over=RING)


def test_what_it_supports():
    lowerer = sym.JaxFusedV1Lowerer()
    assert (lowerer.name, lowerer.backend) == ("jax_fused_v1", "jax")
    assert lowerer == sym.JaxFusedV1Lowerer()
    for optimize in (False, True):
        assert lowerer.supports(context_of(X, optimize=optimize)) is optimize
        assert not lowerer.supports(context_of(X, optimize=optimize, backend="numpy"))


def test_an_option_and_a_keyword_select_it():
    assert X.compile(cache=False, optimize=True) == X.compile(
        cache=False, options=sym.SymbolicCompilerOptions(optimize=True)
    )
    assert artifact_of(X).lowerer_name == "jax_fused_v1"
    assert sym.SymbolicCompiler().compile(X).lowerer_name == "jax_symbolic_v1"
    compiler = sym.SymbolicCompiler()
    fused, exact = compiler.compile(ISING, options=sym.SymbolicCompilerOptions(optimize=True)), compiler.compile(ISING)
    assert fused.compiled_operator != exact.compiled_operator  # one is not taken for the other in the store
    assert compiler.compile(ISING, options=sym.SymbolicCompilerOptions(optimize=True)).lowerer_name == "jax_fused_v1"


@pytest.mark.parametrize("on", [True, False])
def test_metadata_says_what_became_of_the_branches(on):
    operator = ISING + sites((sym.affine("i", scale=-1), n)) + sites((sym.identity, 3.0)) - sites((sym.identity, 3.0))
    operator = operator + sites((sym.shift_mod("i", 2), 1.0 + n), promise=2)
    artifact = artifact_of(operator, enable_fusion=on)
    said = artifact.metadata_map()
    assert said["total_padded_size"] == artifact.compiled_operator.max_conn_size == 1 + 4 + 2
    assert {key: said[key] for key in ("merges_branches", "branches", "promised_slots", "moving_slots", "form")} == {
        "merges_branches": True, "branches": 22, "promised_slots": 2, "moving_slots": 4, "form": "turn",
    }  # fmt: skip
    assert (said["diagonal_branches"], said["merged_branches"], said["cancelled_branches"]) == (4, 4, 8)
    parts = ("diagonal_branches", "merged_branches", "cancelled_branches", "moving_slots", "promised_slots")
    assert sum(said[part] for part in parts) == said["branches"]
    # what the analysis found out is not touched
    assert dict(artifact.analyses).get("total_fanout", 22) == 22
    exact = sym.SymbolicCompiler().compile(operator)
    for name in ("term_fanouts", "total_fanout"):
        assert dict(exact.analyses).get(name) == dict(artifact.analyses).get(name)


def test_metadata_counts_the_streams():
    """Two on the diagonal, a block of one and blocks of three."""
    diagonal = sites((sym.identity, n), hilbert=FOCK) + sites((sym.identity, (n + 1.0).sqrt()), hilbert=FOCK)
    one = sites((sym.shift_mod("i", 1), 1.0), hilbert=FOCK)
    three = [sites((sym.shift_mod("i", -1), amplitude), hilbert=FOCK) for amplitude in (n, n * n, (n + 2.0).sqrt())]
    assert artifact_of(diagonal + one + sum(three)).metadata["streams"] == 2 + 1 + 3
    assert artifact_of(2.0 * diagonal + three[0] + sum(three)).metadata["streams"] == 2 + 3
    assert artifact_of(three[0]).metadata["streams"] == 1


@pytest.mark.parametrize(
    ("operator", "slots"),
    [
        (ISING, 1 + 4),
        (HEISENBERG, 1 + 4),
        (HEISENBERG + ISING, 1 + 4 + 4),
        (X, 4),
        (X + X, 4),
        (2 * X - X, 4),
        (sites((sym.identity, n)) + sites((sym.identity, n * n)), 1),
        (sites((sym.swap("i", "j"), 1.0), over=[(0, 1), (1, 0), (2, 2)]), 1 + 1),
        (sites((sym.flip("f"), 1.0), columns={"f": [*EYE[:2].tolist(), [0] * 4, [1, 0, 0, 0]]}), 1 + 2),
        (sites((sym.flip("f"), 1.0), columns={"f": EYE}) + X, 4),
        (sites((sym.write("i", 0), 1.0), (sym.shift_mod("i", 1), n), (sym.shift_mod("i", -2), n), hilbert=FOCK), 8),
        (X - X, 1),
        (ISING - ISING, 1),
        (sites((sym.shift_mod("i", 2), 0.5)) + sites((sym.affine("i", -1), 0.5)), 4),
        (0.5 * X - 0.5 * X + sites((sym.identity, 1.0)), 1),
    ],
)  # fmt: skip
def test_slots(operator, slots):
    assert assert_same(operator).max_conn_size == slots
    artifact = artifact_of(operator)
    assert artifact.metadata["total_padded_size"] == slots
    assert artifact.compiled_operator.get_conn_padded(states(operator.hilbert))[1].shape[-1] == slots


def test_an_operator_of_which_nothing_is_left():
    fused = assert_same(X - X)
    xp, mels = fused.get_conn_padded(states(SPIN))
    assert (xp.shape, mels.shape) == ((16, 1, 4), (16, 1))
    np.testing.assert_array_equal(xp[:, 0], states(SPIN))
    np.testing.assert_array_equal(mels, 0)
    assert fused.to_sparse().nnz == 0


def test_opposite_branches_of_one_builder_cancel():
    builder = sym.DOperator(SPIN)
    for weight in (0.5, -0.5):
        builder.for_each_site("i").emit(sym.shift_mod("i", 2), amplitude=weight)
    assert assert_same(builder.emit(amplitude=n).build()).max_conn_size == 1
    assert assert_same(X - sites((sym.affine("i", -1), 1.0), over=[(0, 1), (1, 2)])).max_conn_size <= 4


def test_opposite_branches_that_may_be_nan_do_not():
    undefined = sites((sym.identity, n.log()), hilbert=FOCK)
    leaving = sites((sym.shift("i", 1), 1.0), hilbert=FOCK)
    x = np.array([[0, 1, 2, 2], [1, 1, 1, 1]], dtype=np.int8)
    for operator in (undefined, leaving):
        assert_same(operator - operator, x)
        exact = both(operator - operator)[1].get_conn_padded(x)[1]
        assert not np.isfinite(exact[0]).all()
    assert assert_same(leaving - leaving, x, on_out_of_domain="drop").max_conn_size == 1
    assert np.isnan(np.asarray(both(undefined - undefined)[0].get_conn_padded(x)[1])[0]).all()


def test_promises_are_kept_and_break_for_the_whole_sample():
    promise = (
        sym.DOperator(FOCK).for_each_site("i").where(n > 0).emit(sym.shift("i", -1), amplitude=n).fanout(2).build()
    )
    operator = promise + sites((sym.identity, n), (sym.shift_mod("i", 1), 1.0), hilbert=FOCK)
    fused = assert_same(operator)
    assert fused.max_conn_size == 2 + 1 + 4
    xp, mels = map(np.asarray, fused.get_conn_padded(np.array([[0, 1, 0, 2], [1, 1, 1, 0], [0, 0, 0, 0]], np.int8)))
    assert not np.isnan(mels[[0, 2]]).any()
    assert np.isnan(mels[1]).all()
    assert (mels[0, 5:].tolist(), xp[0, 5:].tolist()) == ([1, 2], [[0, 0, 0, 2], [0, 1, 0, 1]])
    assert (mels[2, 5:].tolist(), xp[2, 5:].tolist()) == ([0, 0], [[0] * 4] * 2)
    for made in both(operator):
        with pytest.raises(CheckError, match=r"promises at most 2 active branches; sample \(1,\) has 3") as caught:
            made.check(np.array([[0, 1, 0, 2], [1, 1, 1, 0]]))
        assert (caught.value.promised, caught.value.active) == (2, 3)


def test_check_says_what_the_exact_operator_says():
    builder = sym.DOperator(Fock(2, 4, n_particles=3))
    builder.for_each(("i", "j"), RING).named("hop").emit_if(
        n > 0, sym.shift("i", -1).shift("j", 1), amplitude=J, tag="go"
    )
    builder.for_each_site("i").named("lose").emit_if(n > 1, sym.shift("i", -1), amplitude=2.0).emit(amplitude=n)
    operator = builder.build()
    said = []
    for x in ([[0, 0, 1, 2]], [[1, 2, 0, 0], [1, 1, 1, 0]], [[0, 2, 0, 1]], [[9, 0, 0, 0]], [[1, 1, 1, 1]]):
        words = []
        for made in both(operator):
            with pytest.raises((CheckError, StateError)) as caught:
                made.check(np.array(x))
            words.append((type(caught.value), str(caught.value)))
        assert words[0] == words[1]
        said.append(words[0][1])
    assert len(set(said)) > 3
    for made in both(operator):
        assert made.check(np.array([[1, 1, 1, 0], [1, 1, 0, 1]])) is None


def test_check_looks_at_the_columns_of_the_operator():
    operator = sites(
        (sym.write("i", sym.column("w")), sym.column("w") + 0.5), hilbert=FOCK, columns={"w": [0, 1, 2, 0]}
    )
    for made in both(operator):
        assert made.check(states(FOCK)) is None
        other = made.with_columns(w=[0, 1, 2, 7])
        with pytest.raises(CheckError, match="row 3") as caught:
            other.check(states(FOCK)[:1])
        assert caught.value.row == 3


def test_coefficients_may_be_given_anew():
    w, v = np.array([1.0, -2.0, 0.5, 3.0]), np.array([0.0, 1.0, 7.0, -1.0])
    operator = sites(
        (sym.shift_mod("i", 2), sym.column("w")), (sym.identity, sym.column("w") * n), (sym.affine("i", -1), 0.5 * sym.column("w")),
        columns={"w": w},
    )  # fmt: skip
    fused, exact = both(operator)
    x = states(SPIN)
    assert fused.max_conn_size == 5
    oracle.assert_same_operator(fused.with_columns(w=v).get_conn_padded(x), exact.with_columns(w=v).get_conn_padded(x))
    traced = jax.jit(lambda given: fused.with_columns(w=given).get_conn_padded(x))(v)
    oracle.assert_same_operator(traced, exact.with_columns(w=v).get_conn_padded(x))

    def total(made):
        return lambda given: jnp.sum(made.with_columns(w=given).get_conn_padded(x[3])[1] * jnp.arange(1.0, 2.0))

    np.testing.assert_allclose(jax.grad(total(fused))(v), jax.grad(total(exact))(v), rtol=1e-12)
    many = np.stack([w, v, w + v])
    np.testing.assert_allclose(jax.vmap(total(fused))(many), jax.vmap(total(exact))(many), rtol=1e-12)
    np.testing.assert_array_equal(fused.with_columns(w=v).to_dense(), exact.with_columns(w=v).to_dense())


def test_a_column_that_decided_slots_cannot():
    operator = sites((sym.flip("f"), sym.column("w")), columns={"f": EYE, "w": np.ones(4)})
    fused, exact = both(operator)
    with pytest.raises(
        ParameterError, match=r"the column 'f' .* decided which branches share a slot .* optimize=False"
    ):
        fused.with_columns(f=EYE[::-1])
    np.testing.assert_array_equal(fused.with_columns(w=np.full(4, 2.0)).to_dense(), 2 * np.asarray(exact.to_dense()))


def test_the_exact_operator_takes_other_masks():
    """It too moves x by a table over slots and sites, which must not outlive the mask that it was made of."""
    other = np.array([[1, 1, 0, 0], [0, 0, 0, 0], [1, 1, 1, 1], [0, 0, 1, 0]])
    given, built = (sites((sym.flip("f"), 1.0 + n), columns={"f": mask}) for mask in (EYE, other))
    ours = both(given)[1].with_columns(f=other).get_conn_padded(states(SPIN))
    for a, b in zip(ours, both(built)[1].get_conn_padded(states(SPIN)), strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_column_that_nothing_reads_may_be_given_anew():
    for made in both(sites((sym.identity, n), columns={"w": np.ones(4)})):
        assert made.with_columns(w=np.zeros(4)) is not None


def test_parameters():
    free = sym.symbol("free")
    operator = free * ISING + J * J * X
    fused, exact = both(operator)
    assert dict(fused.parameters).keys() == dict(exact.parameters).keys() == {"J", "free"}
    with pytest.raises(ParameterError, match="no value for"):
        fused.get_conn_padded(states(SPIN))
    given = [made.with_parameters(free=2.0, J=-1.5).get_conn_padded(states(SPIN)) for made in (fused, exact)]
    oracle.assert_same_operator(*given)
    cancelled = J * X - J * X
    assert both(cancelled)[0].with_parameters(J=3.0).max_conn_size == 1


def test_equality_hash_and_pickle():
    fused, exact = both(ISING)
    again, renamed = both(ISING)[0], both(J * sites((sym.identity, -n * m), over=RING) + 0.25 * X)[0]
    assert fused == again == renamed
    assert hash(fused) == hash(again)
    assert fused != exact
    assert fused != fused.with_parameters(J=0.25)
    assert fused == fused.with_parameters(J=0.5)
    assert fused != both(2 * ISING)[0]
    loaded = pickle.loads(pickle.dumps(fused.with_parameters(J=0.25)))
    assert loaded == fused.with_parameters(J=0.25)
    for a, b in zip(
        loaded.get_conn_padded(states(SPIN)), fused.with_parameters(J=0.25).get_conn_padded(states(SPIN)), strict=True
    ):
        np.testing.assert_array_equal(a, b)


def test_it_is_a_pytree():
    fused = both(ISING)[0]
    leaves, treedef = jax.tree.flatten(fused)
    assert jax.tree.unflatten(treedef, leaves) == fused
    doubled = jax.jit(lambda made, x: made.get_conn_padded(x))(fused, states(SPIN))
    oracle.assert_same_operator(doubled, fused.get_conn_padded(states(SPIN)))


def test_the_class_and_the_methods_of_a_compiled_operator():
    fused, exact = both(HEISENBERG)
    assert type(fused) is sym.CompiledOperator
    np.testing.assert_allclose(fused.to_dense(), exact.to_dense(), atol=1e-14)
    x = states(SPIN)
    mels = fused.get_conn(x[5])[1]
    assert np.all(mels != 0)
    assert len(mels) == fused.n_conn(x[5])
    assert (fused.name, fused.dtype, fused.is_hermitian) == (exact.name, exact.dtype, exact.is_hermitian)
    artifact = artifact_of(HEISENBERG, aot_batch_shape=(3,))
    oracle.assert_same_operator(artifact.compiled_operator.get_conn_padded(x), exact.get_conn_padded(x))


def test_a_whole_valued_predicate_reads_columns_to_the_bit_when_checked():
    """One emission reads a column in an amplitude, which is held in the operator's dtype, another in its predicate."""
    large = 2**24 + 1
    builder = sym.DOperator(FOCK, dtype="float32").for_each_site("i", columns={"w": [large, 0, 0, 0]})
    builder.emit_if(sym.column("w") == large, sym.shift("i", 2), amplitude=1.0).emit(amplitude=sym.column("w") * n)
    for made in both(builder.build()):
        with pytest.raises(CheckError, match="row 0"):
            made.check(np.array([[1, 0, 0, 0]]))


def test_small_operators():
    assert_same(small.number())
    assert_same(small.raising(), on_out_of_domain="drop")
    assert_same(small.raising(), on_out_of_domain="nan")
