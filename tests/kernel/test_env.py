"""What expressions are evaluated against."""

from __future__ import annotations

import jax
import numpy as np
import pytest

import nqx_graph as sym
from nqx_graph.hilbert import Fock, Qubit, Spin
from nqx_graph.kernel.env import Env

X = np.array([[1, -1, 1], [-1, -1, 1]], dtype=np.int8)


def env_of(builder, x):
    compiled = builder.build().compile(cache=False)
    structure, tables = compiled._static.structure, compiled._tables
    return Env(structure, structure.terms[0], tables.terms[0], tables.numbers, compiled.parameters, np.asarray(x))


def builder(hilbert=None, **columns):
    return sym.DOperator(hilbert or Spin(0.5, N=3)).for_each(("i", "j"), over=[(0, 2), (1, 1)], columns=columns)


def test_reads_are_in_the_dtype_of_x():
    env = env_of(builder().emit(amplitude=sym.site("j").value - sym.site("i").value), X)
    assert env.sites.tolist() == [[2, 1], [0, 1]]
    assert env.read(0).dtype == np.int8
    assert np.asarray(env.read(0)).tolist() == [[1, -1], [1, -1]]
    assert np.asarray(env.read(1)).tolist() == [[1, -1], [-1, -1]]
    assert env.read(1) is env.read(1)


def test_dot_and_prod():
    m = np.array([[1, 1, 0], [0, 1, 1]])
    env = env_of(builder(m=m).emit(amplitude=sym.prod("m")), X)
    assert np.asarray(env.dot("m", np.int64)).tolist() == [[0, 0], [-2, 0]]
    assert np.asarray(env.prod("m", np.float64)).tolist() == [[-1, -1], [1, -1]]


SPACES = [Spin(0.5, N=6), Qubit(6), Spin(1.0, N=6), Fock(3, N=6), Fock(200, N=6), Fock(2**16, N=6)]
ENTRIES = [
    *(np.array([0, 1], dtype) for dtype in (bool, np.int8, np.int64, np.float64)),
    np.array([-128, 127, 3], np.int8),
    np.array([-(2**15), 2**15 - 1, 5], np.int16),
    np.array([-(2**31), 2**31 - 1, 7], np.int32),
    np.array([2**53 + 1, -1, 2], np.int64),
]


@pytest.mark.parametrize("hilbert", SPACES)
@pytest.mark.parametrize("entries", ENTRIES)
def test_whole_sums_over_all_sites_are_exact(hilbert, entries):
    rng = np.random.default_rng(5)
    ends = [int(hilbert.local_states[0]), int(hilbert.local_states[-1])]
    states = np.array([*ends, ends[1] - 1] if ends[1] > 2 else ends)
    x, m = rng.choice(states, (40, 6)), rng.choice(entries, (9, 6))
    env = env_of(
        sym.DOperator(hilbert).for_each((), over=np.zeros((9, 0), int), columns={"m": m}).emit(amplitude=sym.dot("m")),
        x,
    )
    # remainders of 2**64, as whole numbers are everywhere; in Python's own, which know no bounds
    expected = [[sum(int(a) * int(b) for a, b in zip(row, s, strict=True)) for row in m.tolist()] for s in x.tolist()]
    wrapped = [[(total + 2**63) % 2**64 - 2**63 for total in row] for row in expected]
    if np.issubdtype(env.column("m").dtype, np.integer) or env.column("m").dtype == bool:
        assert np.asarray(env.dot("m", np.int64)).tolist() == wrapped
    if all(abs(total) < 2**53 for row in expected for total in row):
        assert np.asarray(env.dot("m", np.float64)).tolist() == expected


@pytest.mark.parametrize("hilbert", [*SPACES[:4], Spin(1.5, N=6)])
@pytest.mark.parametrize("dtype", [np.int8, np.int64, np.float32])
def test_products_over_all_sites(hilbert, dtype):
    rng = np.random.default_rng(6)
    x, m = rng.choice(np.array(hilbert.local_states), (40, 6)).astype(dtype), rng.integers(0, 2, (9, 6))
    env = env_of(
        sym.DOperator(hilbert).for_each((), over=np.zeros((9, 0), int), columns={"m": m}).emit(amplitude=sym.prod("m")),
        x,
    )
    expected = np.prod(np.where(m == 1, x[:, None, :].astype(int), 1), axis=-1)
    for given in (np.int32, np.int64, np.float64, np.complex128):
        found = np.asarray(env.prod("m", given))
        assert found.dtype == given
        assert (found == expected).all()


def test_dtypes_of_predicates_and_updates():
    env = env_of(builder().emit(), X)
    assert (env.exact_dtype(0), env.exact_dtype(1), env.exact_dtype(2)) == (np.int64, np.float64, np.complex128)
    assert (env.exact_dtype(0, 32), env.exact_dtype(1, 32), env.exact_dtype(2, 32)) == (
        np.int32,
        np.float64,
        np.complex128,
    )
    assert (env.state_dtype(), env.state_dtype(32)) == (np.int64, np.int32)
    with jax.enable_x64(False):
        env = env_of(builder().emit(), X)
        assert (env.exact_dtype(0), env.exact_dtype(1), env.exact_dtype(2)) == (np.int32, np.float32, np.complex64)


@pytest.mark.parametrize(
    ("hilbert", "values", "wrapped"),
    [
        (Fock(3, N=3), [-5, -1, 0, 3, 4, 11], [3, 3, 0, 3, 0, 3]),
        (Spin(0.5, N=3), [-5, -3, -1, 1, 3, 5], [-1, 1, -1, 1, -1, 1]),
        (Spin(1.0, N=3), [-8, -4, -2, 0, 2, 4], [-2, 2, -2, 0, 2, -2]),
    ],
)
def test_wrap(hilbert, values, wrapped):
    env = env_of(builder(hilbert).emit(sym.shift("i", 0)), np.zeros((1, 3), np.int8))
    assert np.asarray(env.wrap(np.array(values), None)).tolist() == wrapped
    assert np.asarray(env.wrap(np.array(values, dtype=float), 0)).tolist() == wrapped


@pytest.mark.parametrize(
    ("hilbert", "inside"),
    [(Fock(3, N=3), {0, 1, 2, 3}), (Spin(0.5, N=3), {-1, 1}), (Spin(1.0, N=3), {-2, 0, 2})],
)
def test_contains(hilbert, inside):
    env = env_of(builder(hilbert).emit(sym.shift("i", 1)), np.zeros((1, 3), np.int8))
    values = np.arange(-5, 6)
    assert set(values[np.asarray(env.contains(values[:, None], 0))[:, 0]].tolist()) == inside
    halves = values[:, None] + 0.5
    assert not np.asarray(env.contains(halves, 0)).any()
    assert not np.asarray(env.contains(np.array([[np.nan], [np.inf]]), 0)).any()


def test_contains_for_uneven_states():
    class Uneven:
        size, local_states = 3, (5, 0, 1)

    env = env_of(builder(Uneven()).emit(sym.shift("i", 1)), np.zeros((1, 3), np.int8))
    values = np.arange(-1, 7)
    assert values[np.asarray(env.contains(values[:, None], 0))[:, 0]].tolist() == [0, 1, 5]
