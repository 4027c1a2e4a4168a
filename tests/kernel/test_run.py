"""All branches in one static shape: order, padding, leading shapes, promises, and what is in the program."""

from __future__ import annotations

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import small
from jax.sharding import Mesh, PartitionSpec

import nqx_graph as sym
from kernel.truth import expected, same
from nqx_graph.hilbert import Fock, Spin

s = sym.site
n = s("i").value
FOCK = Fock(3, N=3)


def hops(fanout=None, dtype=None, over=((0, 1), (1, 2)), **arguments):
    """Two branches a row, and one diagonal term behind: enough to see every order."""
    builder = (
        sym.DOperator(FOCK, "hops", dtype=dtype)
        .for_each(("i", "j"), over=over)
        .named("hop")
        .emit_if((n > 0) & (s("j") < 3), sym.shift("i", -1).shift("j", 1), amplitude=10 * n + s("i").index, tag="right")
        .emit_if((n < 3) & (s("j") > 0), sym.shift("i", 1).shift("j", -1), amplitude=-10 * n - s("i").index, tag="left")
    )
    if fanout is not None:
        builder = builder.fanout(fanout)
    return builder.globally().named("diagonal").emit(amplitude=sym.source_index(0) + 0.5).build()


def active(x, over=((0, 1), (1, 2))):
    """The hops that are there, in order: plain Python."""
    found = []
    for i, j in over:
        for step, holds in ((1, x[i] > 0 and x[j] < 3), (-1, x[i] < 3 and x[j] > 0)):
            if holds:
                after = list(x)
                after[i] -= step
                after[j] += step
                found.append((after, float(step * (10 * x[i] + i))))
    return found


def in_place(x, over=((0, 1), (1, 2))):
    """Slots without a promise: one for each row and emission."""
    slots = []
    for i, j in over:
        both = active(x, [(i, j)])
        right = [b for b in both if b[0][i] == x[i] - 1] or [(list(x), 0.0)]
        left = [b for b in both if b[0][i] == x[i] + 1] or [(list(x), 0.0)]
        slots += [right[0], left[0]]
    return [*slots, (list(x), x[0] + 0.5)]


ALL = [list(x) for x in itertools.product(range(4), repeat=3)]
XP = np.array([[b[0] for b in in_place(x)] for x in ALL], dtype=np.int8)
MELS = np.array([[b[1] for b in in_place(x)] for x in ALL])


def shapes():
    x = np.array(ALL, dtype=np.int8)
    return {
        "[N]": x[37],
        "[0, N]": x[:0],
        "[1, N]": x[5:6],
        "[B, N]": x,
        "[2, 3, N]": x[:6].reshape(2, 3, 3),
        "[2, 0, N]": x[:0].reshape(2, 0, 3),
        "[2, 1, 2, N]": x[7:11].reshape(2, 1, 2, 3),
    }


TRUTH = {tuple(x): k for k, x in enumerate(ALL)}


def truth(x):
    """xp and mels for any leading shape, sample by sample."""
    places = [TRUTH[tuple(row)] for row in x.reshape(-1, 3).tolist()]
    return XP[places].reshape(*x.shape[:-1], 5, 3), MELS[places].reshape(*x.shape[:-1], 5)


def test_order_of_branches_and_padding():
    """Terms as written, rows as given, emissions as written; where there is none mel 0 and xp = x."""
    xp, mels = hops().compile(cache=False).get_conn_padded(np.array([0, 2, 3], dtype=np.int8))
    assert np.asarray(xp).tolist() == [[0, 2, 3], [1, 1, 3], [0, 2, 3], [0, 3, 2], [0, 2, 3]]
    assert np.asarray(mels).tolist() == [0.0, 0.0, 0.0, -21.0, 0.5]
    # the left hop of row 0 carries -10·0 - 0: an element of the matrix that is 0
    xp, mels = hops().compile(cache=False).get_conn_padded(np.array([1, 2, 0], dtype=np.int8))
    assert np.asarray(xp).tolist() == [[0, 3, 0], [2, 1, 0], [1, 1, 1], [1, 2, 0], [1, 2, 0]]
    assert np.asarray(mels).tolist() == [10.0, -10.0, 21.0, 0.0, 1.5]


@pytest.mark.parametrize("shape", shapes())
def test_any_leading_shape(shape):
    x = shapes()[shape]
    compiled = hops().compile(cache=False)
    xp, mels = compiled.get_conn_padded(x)
    assert (xp.shape, mels.shape) == ((*x.shape[:-1], 5, 3), (*x.shape[:-1], 5))
    assert (xp.dtype, mels.dtype) == (np.int8, np.float64)
    for ours, theirs in zip((xp, mels), truth(x), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_rows_in_the_order_given():
    over = [(2, 1), (0, 2), (1, 0), (0, 2)]
    operator = sym.DOperator(FOCK).for_each(("i", "j"), over=over).emit(amplitude=10 * s("i").index + s("j").index)
    mels = operator.build().compile(cache=False).get_conn_padded(np.array([0, 0, 0]))[1]
    assert np.asarray(mels).tolist() == [21, 2, 10, 2]


def test_branches_form_a_multiset():
    operator = sym.DOperator(FOCK).for_each_pair("i", "j").emit(sym.write(0, 1), amplitude=0.5).emit(sym.write(0, 1))
    xp, mels = operator.build().compile(cache=False).get_conn_padded(np.array([3, 0, 0]))
    assert np.asarray(xp).tolist() == [[1, 0, 0]] * 18
    assert np.asarray(mels).tolist() == [0.5, 1.0] * 9


def test_jit_and_vmap_and_grad_alike():
    x = np.array(ALL, dtype=np.int8)
    compiled = hops().compile(cache=False)
    for made in (
        jax.jit(compiled.get_conn_padded)(x),
        jax.vmap(compiled.get_conn_padded)(x),
        jax.vmap(jax.vmap(compiled.get_conn_padded))(x.reshape(4, 16, 3)),
        jax.jit(lambda op, x: op.get_conn_padded(x))(compiled, x),
        jax.jit(jax.vmap(lambda op, x: op.get_conn_padded(x), in_axes=(None, 0)))(compiled, x),
    ):
        np.testing.assert_array_equal(made[0].reshape(64, 5, 3), XP)
        np.testing.assert_array_equal(made[1].reshape(64, 5), MELS)
    value, slope = jax.value_and_grad(lambda x: jnp.sum(compiled.get_conn_padded(x)[1]))(np.array([1.0, 2.0, 1.0]))
    # hops from 0: 10·1 - 10·1; from 1: (10·2 + 1) - (10·2 + 1); and the diagonal 1.5
    assert float(value) == 1.5
    assert np.asarray(slope).tolist() == [1.0, 0.0, 0.0]


@pytest.mark.parametrize("dtype", ["int64", "float32", "complex64", "complex128"])
def test_dtype_of_the_matrix_elements(dtype):
    operator = sym.DOperator(FOCK, dtype=dtype).for_each_site("i").where(n > 0).emit(amplitude=2 * n).build()
    xp, mels = operator.compile(cache=False).get_conn_padded(np.array([0, 1, 3], dtype=np.int16))
    assert (xp.dtype, mels.dtype) == (np.int16, np.dtype(dtype))
    assert np.asarray(mels).tolist() == [0, 2, 6]


def test_one_term_or_several_with_one_row_or_several():
    for terms, rows in itertools.product((1, 2, 3), (1, 3)):
        builder = sym.DOperator(FOCK)
        for k in range(terms):
            builder = builder.for_each("i", over=list(range(rows))).emit(amplitude=k + n)
        mels = builder.build().compile(cache=False).get_conn_padded(np.array([3, 2, 1]))[1]
        assert np.asarray(mels).tolist() == [k + x for k in range(terms) for x in (3, 2, 1)[:rows]]


# --- promises ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("k", [1, 2, 3, 4])
def test_promises(k):
    x = np.array(ALL, dtype=np.int8)
    xp, mels = map(np.asarray, hops(k).compile(cache=False).get_conn_padded(x))
    assert xp.shape == (64, k + 1, 3)
    if k == 4:
        np.testing.assert_array_equal(xp, XP)
        np.testing.assert_array_equal(mels, MELS)
        return
    broken = 0
    for row, sample in enumerate(ALL):
        found = active(sample)
        if len(found) > k:
            broken += 1
            assert np.isnan(mels[row]).all()
            assert xp[row, :k].tolist() == [after for after, _ in found[:k]]
        else:
            slots = [*found, *[(sample, 0.0)] * (k - len(found)), (sample, sample[0] + 0.5)]
            assert xp[row].tolist() == [after for after, _ in slots]
            assert mels[row].tolist() == [mel for _, mel in slots]
    assert 0 < broken < 64 or k == 4


def test_a_promise_is_counted_term_by_term():
    """Two terms that each keep theirs; a third that breaks it spoils the whole sample and no other."""
    builder = sym.DOperator(FOCK)
    for value in (1, 2, 3):
        builder = builder.for_each_site("i").where(n == value).emit(amplitude=10.0 * value + s("i").index).fanout(1)
    x = np.array([[1, 2, 3], [3, 3, 1], [0, 0, 0], [0, 1, 0]])
    mels = np.asarray(builder.build().compile(cache=False).get_conn_padded(x)[1])
    assert mels[[0, 2, 3]].tolist() == [[10, 21, 32], [0, 0, 0], [11, 0, 0]]
    assert np.isnan(mels[1]).all()


def test_a_promise_counts_branches_and_not_their_matrix_elements():
    operator = sym.DOperator(FOCK).for_each_site("i").where(n < 2).emit(amplitude=n).fanout(2).build()
    mels = np.asarray(operator.compile(cache=False).get_conn_padded(np.array([[0, 1, 2], [0, 0, 0], [2, 1, 0]]))[1])
    assert mels[[0, 2]].tolist() == [[0, 1], [1, 0]]
    assert np.isnan(mels[1]).all()


@pytest.mark.parametrize(("mode", "first"), [("nan", np.nan), ("drop", 1.0), ("trust", 1.0)])
def test_branches_outside_the_space_and_promises(mode, first):
    """[3, 0, 3] under n → n + 1 has one branch inside; dropped ones take no slot, NaN ones do."""
    operator = sym.DOperator(FOCK).for_each_site("i").emit(sym.shift("i", 1)).fanout(2).build()
    compiled = operator.compile(cache=False, options=sym.SymbolicCompilerOptions(on_out_of_domain=mode))
    mels = np.asarray(compiled.get_conn_padded(np.array([[3, 0, 3], [3, 3, 0]]))[1])
    assert mels.tolist() == [[1.0, 0.0], [1.0, 0.0]] if mode == "drop" else np.isnan(mels).all()


@pytest.mark.parametrize("dtype", ["float32", "complex64", "complex128"])
def test_broken_promises_in_every_floating_dtype(dtype):
    operator = sym.DOperator(FOCK, dtype=dtype).for_each_site("i").where(n > 0).emit().fanout(1).build()
    mels = np.asarray(operator.compile(cache=False).get_conn_padded(np.array([[1, 1, 0], [1, 0, 0]]))[1])
    assert mels.dtype == dtype
    assert np.isnan(mels[0]).all()
    assert mels[1].tolist() == [1]


@pytest.mark.parametrize("shape", shapes())
def test_promises_under_any_leading_shape(shape):
    x = shapes()[shape]
    compiled = hops(3).compile(cache=False)
    xp, mels = compiled.get_conn_padded(x)
    assert (xp.shape, mels.shape) == ((*x.shape[:-1], 4, 3), (*x.shape[:-1], 4))
    flat = x.reshape(-1, 3)
    for sample, row in zip(flat.tolist(), np.asarray(mels).reshape(-1, 4), strict=True):
        found = [mel for _, mel in active(sample)]
        wanted = [*found, *[0.0] * (3 - len(found)), sample[0] + 0.5] if len(found) <= 3 else [np.nan] * 4
        np.testing.assert_array_equal(row, wanted)


def test_promises_under_vmap_and_jit():
    x = np.array(ALL, dtype=np.int8)
    compiled = hops(2).compile(cache=False)
    plain = compiled.get_conn_padded(x)
    for made in (jax.vmap(compiled.get_conn_padded)(x), jax.jit(jax.vmap(compiled.get_conn_padded))(x)):
        np.testing.assert_array_equal(made[0], plain[0])
        np.testing.assert_array_equal(made[1], plain[1])


def test_gradients_through_a_kept_promise():
    operator = sym.DOperator(FOCK).for_each_site("i").where(n > 0).emit(amplitude=sym.symbol("w") / n).fanout(2).build()
    compiled = operator.compile(cache=False)
    slope = jax.grad(lambda w: jnp.sum(compiled.with_parameters(w=w).get_conn_padded(np.array([0, 2, 1]))[1]))(1.0)
    assert float(slope) == 1.5


# --- what is in the program -------------------------------------------------------------------------------------------


def rich(promised):
    """Every kind of step, amplitude and predicate in one operator."""
    mask = {"m": np.eye(3, dtype=int), "J": [1.0, 2.0, 3.0]}
    builder = (
        sym.DOperator(Spin(0.5, N=3))
        .for_each_site("i", columns=mask)
        .where(n * sym.symbol("g", 1.0) > -3)
        .emit(sym.flip("m"), amplitude=sym.column("J") * sym.prod("m"))
        .emit(sym.cond(n > 0, sym.affine("i", scale=-1), sym.invalidate()), amplitude=sym.where(n > 0, 1 / n, n.sqrt()))
        .emit(sym.swap("i", 0).permute("i", 1, 2).shift("i", 2), amplitude=sym.emitted("i").value ** 2 + sym.dot("m"))
        .emit(sym.scatter([0, "i"], [1, -1]).shift_mod("i", 2).write(2, 1), amplitude=n.exp().log())
    )
    return (builder.fanout(5) if promised else builder).globally().emit().build().compile(cache=False)


X3 = np.array([[1, -1, 1], [1, 1, 1]], dtype=np.int8)


@pytest.mark.parametrize("promised", [False, True])
def test_no_branching_primitive_is_in_the_program(promised):
    found = small.primitives(jax.make_jaxpr(rich(promised).get_conn_padded)(X3).jaxpr)
    assert "select_n" in found
    assert not {"cond", "while", "scan", "switch"} & found
    assert not any("callback" in name for name in found)
    if not promised:
        assert not any(name.startswith("scatter") for name in found)


@pytest.mark.parametrize("promised", [False, True])
@pytest.mark.parametrize("as_argument", [False, True])
def test_it_traces_inside_shard_map_with_the_varying_axes_check(promised, as_argument):
    compiled = rich(promised)
    mesh = Mesh(np.array(jax.devices()[:1]), ("samples",))
    batch, whole = PartitionSpec("samples"), PartitionSpec()
    if as_argument:
        mapped = jax.shard_map(
            lambda op, x: op.get_conn_padded(x), mesh=mesh, in_specs=(whole, batch), out_specs=batch, check_vma=True
        )
        made = jax.jit(mapped)(compiled, X3)
    else:
        mapped = jax.shard_map(compiled.get_conn_padded, mesh=mesh, in_specs=batch, out_specs=batch, check_vma=True)
        made = jax.jit(mapped)(X3)
    for ours, theirs in zip(made, compiled.get_conn_padded(X3), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_gradients_inside_shard_map():
    compiled = rich(True)
    mesh = Mesh(np.array(jax.devices()[:1]), ("samples",))

    def total(g, x):
        return jnp.sum(compiled.with_parameters(g=g).get_conn_padded(x)[1] ** 2, axis=-1)

    mapped = jax.shard_map(
        total, mesh=mesh, in_specs=(PartitionSpec(), PartitionSpec("samples")), out_specs=PartitionSpec("samples"),
        check_vma=True,
    )  # fmt: skip
    assert np.asarray(jax.jit(jax.grad(lambda g: jnp.sum(mapped(g, X3[:1]))))(1.0)) == 0.0


def test_the_truth_of_this_page():
    """`expected` itself, on what was counted by hand."""
    xp, mels = expected([[0, 1]], [(0,), (1,)], lambda x, i: ([9, 9], 2.0) if x[i] else None)
    assert xp.tolist() == [[[0, 1], [9, 9]]]
    assert mels.tolist() == [[0.0, 2.0]]
    with pytest.raises(AssertionError):
        same(small.number(), [(0,), (1,), (2,)], lambda x, i: (x, x[i] + 1.0))
