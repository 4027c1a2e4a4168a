"""Predicates: integers where all parts are integers, else floating point, never the storage dtype of x."""

from __future__ import annotations

import itertools

import jax
import numpy as np
import pytest

import nqx_graph as sym
from kernel.truth import same
from nqx_graph.hilbert import Fock, Spin

s = sym.site
i, j = s("i").value, s("j").value
FOCK = Fock(3, N=2)
PAIRS = list(itertools.product(range(2), repeat=2))
DATA = {"J": [0.5, -1.0, 2.0, 0.0], "K": [0, 1, 2, 3], "m": [[1, 0], [0, 1], [1, 1], [0, 0]], "w": [[2, -1]] * 4}

PREDICATES = {
    "eq": (s("i") == s("j"), lambda a, b, *_: a == b),
    "ne": (i != j, lambda a, b, *_: a != b),
    "lt": (i < j, lambda a, b, *_: a < b),
    "le": (i <= j, lambda a, b, *_: a <= b),
    "gt": (i > 1.5, lambda a, b, *_: a > 1.5),
    "ge": (2 >= i, lambda a, b, *_: a <= 2),  # noqa: SIM300
    "and": ((i > 0) & (j > 0), lambda a, b, *_: a > 0 and b > 0),
    "or": ((i > 2) | (j > 2), lambda a, b, *_: a > 2 or b > 2),
    "not": (~((i > 0) | (j == 3)), lambda a, b, *_: not (a > 0 or b == 3)),
    "equal predicates": ((i > 1) == (j > 1), lambda a, b, *_: (a > 1) == (b > 1)),
    "unequal predicates": ((i > 1) != (j > 1), lambda a, b, *_: (a > 1) != (b > 1)),
    "true": (True, lambda *_: True),
    "false": (False, lambda *_: False),
    "sum": (i + j == 4, lambda a, b, *_: a + b == 4),
    "difference": (i - j < -1, lambda a, b, *_: a - b < -1),
    "product": (i * j == 6, lambda a, b, *_: a * b == 6),
    "quotient": (i / 2 == j, lambda a, b, *_: a / 2 == b),
    "quotient by 0": ((1 / i) > 0.4, lambda a, b, *_: a in (0, 1, 2)),
    "root of a negative is never": ((i - 2).sqrt() >= 0, lambda a, b, *_: a >= 2),
    "power": (i**2 > 3, lambda a, b, *_: a * a > 3),
    "zeroth power": (i**0 == 1, lambda *_: True),
    "negative power": (i**-1 == 0.5, lambda a, b, *_: a == 2),
    "power of a site": (2**i == 8, lambda a, b, *_: a == 3),
    "abs": ((i - j).abs() == 1, lambda a, b, *_: abs(a - b) == 1),
    "neg": (-i > -2, lambda a, b, *_: a < 2),
    "conj": (i.conj() == j, lambda a, b, *_: a == b),
    "cos": ((np.pi * i).cos() > 0, lambda a, b, *_: a % 2 == 0),
    "log": ((i + 1).log() > 1, lambda a, b, *_: a >= 2),
    "where": (sym.where(i > j, i, j) == 2, lambda a, b, *_: max(a, b) == 2),
    "wrap_mod": (sym.wrap_mod(i + 2) == j, lambda a, b, *_: (a + 2) % 4 == b),
    "wrap_mod down": (sym.wrap_mod(i - 7) == j, lambda a, b, *_: (a - 7) % 4 == b),
    "index": (s("i").index < s("j").index, lambda a, b, x, p, q: p < q),
    "source_index": (sym.source_index(0) > 1, lambda a, b, x, p, q: x[0] > 1),
    "source of an expression": (sym.source_index(1 - s("i").index) == 3, lambda a, b, x, p, q: x[1 - p] == 3),
    "column": (sym.column("J") > i, lambda a, b, x, p, q: DATA["J"][2 * p + q] > a),
    "column of ints": (sym.column("K") == j, lambda a, b, x, p, q: DATA["K"][2 * p + q] == b),
    "dot": (sym.dot("w") == 3, lambda a, b, x, p, q: 2 * x[0] - x[1] == 3),
    "prod": (sym.prod("m") == 2, lambda a, b, x, p, q: np.prod(np.array(x)[np.array(DATA["m"][2 * p + q]) == 1]) == 2),
    "symbol": (i > sym.symbol("cut", 1.5), lambda a, b, *_: a > 1.5),
    "chain of 40": (
        ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~(i == 1),
        lambda a, b, *_: a == 1,
    ),
}


@pytest.mark.parametrize("name", PREDICATES)
def test_where_and_emit_if(name):
    predicate, python = PREDICATES[name]

    def branch(x, p, q):
        return (x, 1.0) if python(x[p], x[q], x, p, q) else None

    builder = sym.DOperator(FOCK).for_each_pair("i", "j", columns=DATA).where(predicate).emit(amplitude=1.0)
    same(builder.build(), PAIRS, branch)


def test_the_chain_of_emissions():
    operator = (
        sym.DOperator(FOCK)
        .for_each_pair("i", "j")
        .emit_if(i > 1, amplitude=1.0)
        .emit_elseif(j > 1, amplitude=2.0)
        .emit_elseif(i == j, amplitude=3.0)
        .emit_else(amplitude=4.0)
        .where(i + j > 0)
        .build()
    )

    def only(number):
        def branch(x, p, q):
            a, b = x[p], x[q]
            taken = 1 if a > 1 else 2 if b > 1 else 3 if a == b else 4
            return (x, float(number)) if taken == number and a + b > 0 else None

        return branch

    same(operator, PAIRS, *map(only, (1, 2, 3, 4)))


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int16, np.float32])
def test_predicates_are_not_computed_in_the_dtype_of_x(dtype):
    """16 · 16 is 0 in eight bits, 16 + 120 is negative, and 0 - 1 is 255 in unsigned ones."""
    hilbert = Fock(120, N=2)
    x = np.array([[16, 16], [0, 120], [120, 120]], dtype=dtype)
    operator = (
        sym.DOperator(hilbert)
        .globally()
        .emit_if(sym.source_index(0) * sym.source_index(1) == 256, amplitude=1.0)
        .emit_if(sym.source_index(0) + sym.source_index(1) == 240, amplitude=1.0)
        .emit_if(sym.source_index(0) - 1 < 0, amplitude=1.0)
        .emit_if(sym.source_index(1) ** 3 == 1728000, amplitude=1.0)
        .build()
    )
    mels = np.asarray(operator.compile(cache=False).get_conn_padded(x)[1])
    assert mels.tolist() == [[1, 0, 0, 0], [0, 0, 1, 1], [0, 1, 0, 1]]


def test_integers_stay_integers():
    """2**53 + 1 is no float64: a predicate that goes through one could not tell it from 2**53."""
    operator = (
        sym.DOperator(Fock(3, N=1), dtype="float32")
        .for_each_site("i", columns={"K": [2**53]})
        .emit_if(sym.column("K") + i == 2**53 + 1, amplitude=1.0)
        .emit_if(1.0 * sym.column("K") + i == 2**53, amplitude=1.0)
        .build()
    )
    mels = operator.compile(cache=False).get_conn_padded(np.array([[0], [1], [2]]))[1]
    assert np.asarray(mels).tolist() == [[0, 1], [1, 1], [0, 0]]


def test_symbols_in_predicates_are_traced():
    operator = sym.DOperator(FOCK).for_each_site("i").where(i > sym.symbol("cut")).emit().build()
    compiled = operator.compile(cache=False)
    x = np.array([0, 2])
    counts = jax.vmap(lambda cut: compiled.with_parameters(cut=cut).n_conn(x))(np.array([-1.0, 0.0, 1.5, 2.0]))
    assert np.asarray(counts).tolist() == [2, 1, 1, 0]


def test_complex_numbers_are_compared_for_equality():
    operator = (
        sym.DOperator(Spin(0.5, N=2), dtype="complex128")
        .for_each_site("i")
        .where(1j * i == sym.symbol("z", 1j))
        .emit(amplitude=1j)
        .build()
    )
    mels = operator.compile(cache=False).get_conn_padded(np.array([1, -1], dtype=np.int8))[1]
    assert np.asarray(mels).tolist() == [1j, 0]


def test_without_64_bit_numbers():
    with jax.enable_x64(False):
        operator = (
            sym.DOperator(Fock(120, N=2))
            .globally()
            .emit_if(sym.source_index(0) * sym.source_index(1) == 14400, amplitude=sym.source_index(0) * 120)
            .emit_if(sym.source_index(0) / 2 > 59.5, amplitude=1.0)
            .build()
        )
        assert operator.dtype == np.float32
        xp, mels = operator.compile(cache=False).get_conn_padded(np.array([[120, 120], [119, 120]], dtype=np.int8))
        assert (xp.dtype, mels.dtype) == (np.int8, np.float32)
        assert np.asarray(mels).tolist() == [[14400, 1], [0, 0]]
