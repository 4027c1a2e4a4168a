"""x': every kind of update, on every configuration and on all pairs of sites, coinciding ones included."""

from __future__ import annotations

import itertools

import jax
import numpy as np
import pytest

import nqx_graph as sym
from kernel.truth import same, states
from nqx_graph.hilbert import Fock, Qubit, Spin

s = sym.site
FOCK, SPIN = Fock(3, N=3), Spin(0.5, N=3)
PAIRS = list(itertools.product(range(3), repeat=2))


def pairs(hilbert, update, amplitude=1.0, **arguments):
    return sym.DOperator(hilbert).for_each_pair("i", "j", **arguments).emit(update, amplitude=amplitude).build()


def put(x, *writes):
    """Writes one after another; a write is (site, function of what stands there)."""
    for site, value in writes:
        x[site] = value(x[site])
    return x


def exchanged(x, *sites):
    """Read all, then write in order."""
    read = [x[site] for site in sites]
    for site, value in zip(sites, [*read[1:], read[0]], strict=True):
        x[site] = value
    return x


def chosen(x, holds, yes, no=lambda x: x):
    return yes(x) if holds else no(x)


UPDATES = {
    "nothing": (sym.identity(), lambda x, i, j: x),
    "write": (sym.write("i", 2), lambda x, i, j: put(x, (i, lambda _: 2))),
    "write a site": (sym.write("i", s("j")), lambda x, i, j: put(x, (i, lambda _, v=x[j]: v))),
    "write too much": (sym.write("i", s("j").value + 2), lambda x, i, j: put(x, (i, lambda _, v=x[j]: v + 2))),
    "write a quotient": (sym.write("i", s("j").value / 2), lambda x, i, j: put(x, (i, lambda _, v=x[j]: v / 2))),
    "write an index": (sym.write("i", s("j").index), lambda x, i, j: put(x, (i, lambda _: j))),
    "write twice": (sym.write("i", 1).write("j", 2), lambda x, i, j: put(x, (i, lambda _: 1), (j, lambda _: 2))),
    "source stays": (
        sym.write("i", s("j").value).write("j", s("i").value),
        lambda x, i, j: put(x, (i, lambda _, v=x[j]: v), (j, lambda _, v=x[i]: v)),
    ),
    "two shifts": (
        sym.shift("i", -1).shift("j", +1),
        lambda x, i, j: put(x, (i, lambda v: v - 1), (j, lambda v: v + 1)),
    ),
    "shifts of one site": (
        sym.shift("i", 3).shift("i", -3).shift("i", 1),
        lambda x, i, j: put(x, (i, lambda v: v + 1)),
    ),
    "shift by a site": (sym.shift("i", s("j")), lambda x, i, j: put(x, (i, lambda v, w=x[j]: v + w))),
    "shift_mod": (sym.shift_mod("i", 3), lambda x, i, j: put(x, (i, lambda v: (v + 3) % 4))),
    "shift_mod down": (sym.shift_mod("i", -5), lambda x, i, j: put(x, (i, lambda v: (v - 5) % 4))),
    "shift_mod by a site": (
        sym.shift_mod("i", 7 * s("j").value),
        lambda x, i, j: put(x, (i, lambda v, w=x[j]: (v + 7 * w) % 4)),
    ),
    "two shift_mods": (
        sym.shift_mod("i", 1).shift_mod("j", 1),
        lambda x, i, j: put(x, (i, lambda v: (v + 1) % 4), (j, lambda v: (v + 1) % 4)),
    ),
    "affine": (sym.affine("i", scale=-1, bias=3), lambda x, i, j: put(x, (i, lambda v: 3 - v))),
    "affine of x'": (
        sym.write("i", 1).affine("j", scale=2),
        lambda x, i, j: put(x, (i, lambda _: 1), (j, lambda v: 2 * v)),
    ),
    "affine of halves": (sym.affine("i", scale=0.5, bias=1), lambda x, i, j: put(x, (i, lambda v: v / 2 + 1))),
    "swap": (sym.swap("i", "j"), lambda x, i, j: exchanged(x, i, j)),
    "swap of x'": (
        sym.shift("i", 1).swap("i", "j"),
        lambda x, i, j: exchanged(put(x, (i, lambda v: v + 1)), i, j),
    ),
    "permute": (sym.permute("i", "j", 0), lambda x, i, j: exchanged(x, i, j, 0)),
    "permute of five": (sym.permute("i", "j", 2, 1, "i"), lambda x, i, j: exchanged(x, i, j, 2, 1, i)),
    "permute of one": (sym.permute("i"), lambda x, i, j: x),
    "scatter": (
        sym.scatter(["i", "j"], [s("j").value, s("i").value]),
        lambda x, i, j: put(x, (i, lambda _, v=x[j]: v), (j, lambda _, v=x[i]: v)),
    ),
    "scatter on one": (
        sym.scatter(["i", "i", "j"], [1, 2, 3]),
        lambda x, i, j: put(x, (i, lambda _: 2), (j, lambda _: 3)),
    ),
    "flat sites": (sym.write(2, 1).shift(0, 1), lambda x, i, j: put(x, (2, lambda _: 1), (0, lambda v: v + 1))),
    "site expression": (
        sym.write(sym.where(s("i").index < 2, s("i").index + 1, 0), 3),
        lambda x, i, j: put(x, ((i + 1) % 3, lambda _: 3)),
    ),
    "cond": (
        sym.cond(s("i") > 1, sym.shift("j", -1)),
        lambda x, i, j: chosen(x, x[i] > 1, lambda x: put(x, (j, lambda v: v - 1))),
    ),
    "cond, both sides": (
        sym.cond(s("i") >= s("j"), sym.write("i", 0), sym.write("j", 3)),
        lambda x, i, j: put(x, (i, lambda _: 0)) if x[i] >= x[j] else put(x, (j, lambda _: 3)),
    ),
    "cond reads the source": (
        sym.write("i", 3).cond(s("i") == 3, sym.write("j", 0)),
        lambda x, i, j: put(x, (i, lambda _: 3), *([(j, lambda _: 0)] if x[i] == 3 else [])),
    ),
    "cond of swaps": (
        sym.cond(s("i") > s("j"), sym.swap("i", "j"), sym.permute("j", "i", 1)),
        lambda x, i, j: exchanged(x, i, j) if x[i] > x[j] else exchanged(x, j, i, 1),
    ),
    "cond in cond": (
        sym.cond(s("i") > 0, sym.cond(s("j") > 0, sym.write("i", 0), sym.write("i", 1)).shift("j", 1)),
        lambda x, i, j: put(x, (i, lambda _, w=x[j]: 0 if w > 0 else 1), (j, lambda v: v + 1)) if x[i] > 0 else x,
    ),
    "cond goes on": (
        sym.shift("i", 1).cond(s("j") == 0, sym.shift("i", -1)).shift("j", 1),
        lambda x, i, j: put(x, (i, lambda v, w=x[j]: v + (w != 0)), (j, lambda v: v + 1)),
    ),
    "cond of a constant": (sym.cond(False, sym.write("i", 0)), lambda x, i, j: x),
    "invalidate": (sym.invalidate("never"), lambda x, i, j: None),
    "invalidate one side": (
        sym.cond(s("i") == 0, sym.invalidate(), sym.shift("i", -1)),
        lambda x, i, j: None if x[i] == 0 else put(x, (i, lambda v: v - 1)),
    ),
    "invalidate in a nest": (
        sym.write("j", 1).cond(s("i") > 1, sym.cond(s("i") > 2, None, sym.invalidate())),
        lambda x, i, j: None if x[i] == 2 else put(x, (j, lambda _: 1)),
    ),
}


@pytest.mark.parametrize("name", UPDATES)
def test_on_all_pairs(name):
    update, python = UPDATES[name]

    def branch(x, i, j):
        after = python(x, i, j)
        return None if after is None else (after, 1.0)

    same(pairs(FOCK, update), PAIRS, branch)


@pytest.mark.parametrize("name", ["two shifts", "swap of x'", "cond of swaps", "scatter on one", "write a site"])
def test_an_amplitude_reads_x_after_the_whole_update(name):
    update, python = UPDATES[name]
    amplitude = 100 * sym.emitted("i").value + 10 * sym.emitted("j").value + sym.target_index(2) + 0.5

    def branch(x, i, j):
        after = python(x, i, j)
        return after, 100 * after[i] + 10 * after[j] + after[2] + 0.5

    same(pairs(FOCK, update, amplitude), PAIRS, branch)


def test_steps_and_offsets_of_spins():
    def turned(x, i, j):
        x[i] = -x[i]
        return x, 1.0

    for update in (
        sym.affine("i", scale=-1),
        sym.shift_mod("i", 2),
        sym.shift_mod("i", -6),
        sym.write("i", -s("i").value),
    ):
        same(pairs(SPIN, update), PAIRS, turned)
    same(pairs(SPIN, sym.shift_mod("i", 4)), PAIRS, lambda x, i, j: (x, 1.0))


def test_shift_mod_between_the_states_leaves_them():
    def moved(x, i, j):
        x[i] = (x[i] + 1 + 1) % 4 - 1
        return x, 1.0

    same(pairs(SPIN, sym.shift_mod("i", 1)), PAIRS, moved)


def test_spins_of_three_halves():
    hilbert = Spin(1.5, N=2)
    rows = list(itertools.product(range(2), repeat=2))

    def wrapped(x, i, j):
        x[i] = (x[i] + 6 + 3) % 8 - 3
        return x, 1.0

    def moved(x, i, j):
        x[i] += 2
        x[j] -= 2
        return x, 1.0

    same(pairs(hilbert, sym.shift_mod("i", 6)), rows, wrapped)
    same(pairs(hilbert, sym.write("i", sym.wrap_mod(s("i").value + 6))), rows, wrapped)
    same(pairs(hilbert, sym.shift("i", 2).shift("j", -2)), rows, moved)


@pytest.mark.parametrize(("hilbert", "total"), [(SPIN, 0), (Qubit(3), 1)])
def test_flip(hilbert, total):
    masks = np.array([[1, 0, 0], [0, 0, 0], [1, 0, 1], [1, 1, 1]])
    rows = [(0,), (1,), (2,), (3,)]
    operator = (
        sym.DOperator(hilbert)
        .for_each((), over=np.zeros((4, 0), dtype=int), columns={"m": masks})
        .emit(sym.flip("m"), amplitude=sym.target_index(0) + 0.25)
        .emit(sym.write(0, max(hilbert.local_states)).flip("m"))
        .emit(sym.cond(sym.source_index(2) == min(hilbert.local_states), sym.flip("m")))
        .build()
    )
    high, low = max(hilbert.local_states), min(hilbert.local_states)

    def flipped(x, row):
        return [total - v if m else v for v, m in zip(x, masks[row], strict=True)]

    same(
        operator,
        rows,
        lambda x, row: (flipped(x, row), flipped(x, row)[0] + 0.25),
        lambda x, row: (flipped([high, *x[1:]], row), 1.0),
        lambda x, row: (flipped(x, row) if x[2] == low else x, 1.0),
    )


@pytest.mark.parametrize("dtype", [np.uint8, np.int8, np.int16, np.int32, np.int64, np.float16, np.float32, np.float64])
def test_x_keeps_its_dtype(dtype):
    update, python = UPDATES["two shifts"]
    same(pairs(FOCK, update), PAIRS, lambda x, i, j: (python(x, i, j), 1.0), dtype=dtype, jit=True)


@pytest.mark.parametrize("dtype", [np.int8, np.float32])
def test_flip_keeps_the_dtype(dtype):
    operator = sym.DOperator(SPIN).globally(columns={"m": [[1, 1, 0]]}).emit(sym.flip("m")).build()
    same(operator, [()], lambda x: ([-x[0], -x[1], x[2]], 1.0), dtype=dtype, jit=True)


def test_a_chain_passes_through_what_the_storage_dtype_cannot_hold():
    """int8 ends at 127: 3 · 1000 - 2999 is 1, and reading x' on the way must see 3000."""
    operator = (
        sym.DOperator(FOCK)
        .for_each_site("i")
        .emit(sym.affine("i", scale=1000).shift("i", -2999))
        .emit(sym.shift("i", 300).shift("i", -300), amplitude=sym.emitted("i").value)
        .emit(sym.shift(0, 200).swap(0, "i").affine("i", bias=-200))
        .build()
    )

    def back(x, i):
        x[0] += 200
        exchanged(x, 0, i)
        x[i] -= 200
        return x, 1.0

    same(
        operator,
        [(0,), (1,), (2,)],
        lambda x, i: (put(x, (i, lambda v: 1000 * v - 2999)), 1.0),
        lambda x, i: (x, float(x[i])),
        back,
        jit=True,
    )


@pytest.mark.parametrize("mode", ["nan", "drop", "trust"])
def test_on_out_of_domain(mode):
    x = np.array([[0, 3, 1], [3, 3, 3]], dtype=np.int8)
    operator = sym.DOperator(FOCK).for_each_site("i").emit(sym.shift("i", 1), amplitude=2.0).build()
    options = sym.SymbolicCompilerOptions(on_out_of_domain=mode)
    xp, mels = operator.compile(cache=False, options=options).get_conn_padded(x)
    beyond = {"nan": (np.nan, 3), "drop": (0.0, 3), "trust": (2.0, 4)}[mode]
    np.testing.assert_array_equal(mels, [[2, beyond[0], 2], [beyond[0]] * 3])
    xp_true = np.repeat(x[:, None, :], 3, axis=1)
    for sample, site in itertools.product(range(2), range(3)):
        xp_true[sample, site, site] = x[sample, site] + 1 if x[sample, site] < 3 else beyond[1]
    np.testing.assert_array_equal(xp, xp_true)


def test_an_inactive_branch_that_would_leave_is_none():
    operator = sym.DOperator(FOCK).for_each_site("i").where(s("i") < 3).emit(sym.shift("i", 1)).build()
    same(operator, [(0,), (1,), (2,)], lambda x, i: (put(x, (i, lambda v: v + 1)), 1.0) if x[i] < 3 else None)


@pytest.mark.parametrize(
    ("update", "tested"),
    [
        (sym.identity(), False),
        (sym.swap("i", 0), False),
        (sym.permute("i", 0, 1), False),
        (sym.write("i", 3), False),
        (sym.shift_mod("i", 3), False),
        (sym.cond(s("i") > 1, sym.write("i", 0), sym.swap("i", 0)), False),
        (sym.cond(s("i") > 1, sym.invalidate()), False),
        (sym.write("i", 4), True),
        (sym.shift("i", 1), True),
        (sym.cond(s("i") > 1, None, sym.shift("i", 1)), False),
        (sym.cond(s("i") > 1, None, sym.shift("i", 3)), True),
    ],
)
def test_no_test_is_emitted_where_no_branch_can_leave(update, tested):
    """A test leaves a NaN in the program and nothing else does."""
    operator = sym.DOperator(FOCK).for_each_site("i").emit(update).build()
    text = str(jax.make_jaxpr(operator.compile(cache=False).get_conn_padded)(np.zeros((1, 3), np.int8)))
    assert ("nan" in text.lower()) is tested
    trusted = operator.compile(cache=False, options=sym.SymbolicCompilerOptions(on_out_of_domain="trust"))
    assert "nan" not in str(jax.make_jaxpr(trusted.get_conn_padded)(np.zeros((1, 3), np.int8))).lower()


def test_a_space_of_uneven_states():
    class Uneven:
        size, local_states = 2, (5, 0, 1)

    operator = sym.DOperator(Uneven()).for_each_site("i").emit(sym.shift("i", 1)).emit(sym.swap(0, 1)).build()
    same(
        operator,
        [(0,), (1,)],
        lambda x, i: (put(x, (i, lambda v: v + 1)), 1.0),
        lambda x, i: (exchanged(x, 0, 1), 1.0),
        jit=True,
    )


def test_states_that_are_no_whole_numbers():
    class Halves:
        size, local_states = 2, (-0.5, 0.5)

    operator = (
        sym.DOperator(Halves())
        .for_each_site("i")
        .emit(sym.affine("i", scale=-1), amplitude=s("i").value)
        .emit(sym.shift("i", 1))
        .build()
    )
    same(
        operator,
        [(0,), (1,)],
        lambda x, i: (put(list(x), (i, lambda v: -v)), x[i]),
        lambda x, i: (put(x, (i, lambda v: v + 1)), 1.0),
        dtype=np.float32,
        jit=True,
    )


def test_every_state_is_reached_in_truth():
    assert states(FOCK).shape == (64, 3)
    assert sorted({tuple(x) for x in states(SPIN).tolist()}) == sorted(itertools.product((-1, 1), repeat=3))
