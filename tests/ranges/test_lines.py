"""The value of every operation, in the arithmetic that it is computed in."""

import math

import pytest

import nqx_graph as sym
from ranges.asking import FOCK, SPIN, S, emission

N = S("i").value
J = sym.symbol("J", 1.0)


def root(amplitude, hilbert=FOCK, **given):
    return emission(hilbert, amplitude=amplitude, **given).amplitude.root


SETS = {
    "N + 2": (N + 2, {2, 3, 4, 5}),
    "2 - N": (2 - N, {-1, 0, 1, 2}),
    "N * N": (N * N, {0, 1, 2, 3, 4, 6, 9}),  # each read by itself
    "N ** 2": (N**2, {0, 1, 4, 9}),
    "-N": (-N, {0, -1, -2, -3}),
    "|N - 2|": (abs(N - 2), {0, 1, 2}),
    "conj": (N.conj(), {0, 1, 2, 3}),
    "select": (sym.where(J > 0, N, 7), {0, 1, 2, 3, 7}),
    "a settled select": (sym.where(N < 9, N, 7), {0, 1, 2, 3}),
    "wrap_mod": (sym.wrap_mod(N + 3), {0, 1, 2, 3}),
    "0.5": (0.5, {0.5}),
}


@pytest.mark.parametrize("name", SETS)
def test_few_numbers_are_kept_as_they_are(name):
    amplitude, numbers = SETS[name]
    value = root(amplitude)
    assert value.states == numbers and not value.undefined
    assert value.whole == all(float(number).is_integer() for number in numbers)


def test_the_branch_narrows_what_an_amplitude_reads():
    assert root(N, where=N > 1).states == {2, 3}
    assert root(1 / N, where=N != 0).undefined is False
    assert root(1 / N).undefined
    assert root(sym.emitted("i").value, update=sym.shift("i", 5)).states == {5, 6, 7, 8}


UNDEFINED = {
    "1 / n": 1 / N,
    "log(n)": N.log(),
    "sqrt(n - 1)": (N - 1).sqrt(),
    "(n - 1) ** 0.5": (N - 1) ** 0.5,
    "n ** -1": N**-1,
    "exp(1000 n)": (1000 * N).exp(),
    "1e200 * 1e200": (N * 0 + 1e200) * 1e200,
    "1e300 / 1e-300": 1e140 / (N * 1e-300 + 1e-300),
    "1 / J": 1 / J,
    "log(J)": J.log(),
}
DEFINED = {
    "1 / (n + 1)": (1 / (N + 1), 0.25, 1.0),
    "log(n + 1)": ((N + 1).log(), 0.0, math.log(4)),
    "sqrt(n)": (N.sqrt(), 0.0, math.sqrt(3)),
    "(n + 1) ** 0.5": ((N + 1) ** 0.5, 1.0, 2.0),
    "exp(-n)": ((-N).exp(), math.exp(-3), 1.0),
    "sin(n)": (N.sin(), -1.0, 1.0),
    "0.1 * n": (0.1 * N, 0.0, 0.3),
}


@pytest.mark.parametrize("name", UNDEFINED)
def test_what_may_be_nan_or_infinite_says_so(name):
    assert root(UNDEFINED[name]).undefined


@pytest.mark.parametrize("name", DEFINED)
def test_intervals_hold_and_are_close(name):
    amplitude, low, high = DEFINED[name]
    value = root(amplitude)
    assert not value.undefined and not value.whole and value.states is None
    assert value.low <= low <= high <= value.high
    assert value.low >= low - 1e-3 and value.high <= high + 1e-3


def test_every_dtype_has_its_own_rounding_and_its_own_end():
    steep = (N * 300) * (N * 300)  # at most 810,000
    assert root(steep, dtype="float32").states == {0, 90_000, 180_000, 270_000, 360_000, 540_000, 810_000}
    assert root(steep, dtype="float16").undefined  # 65504 is the largest
    assert root(steep, dtype="bfloat16").states is None and root(steep, dtype="bfloat16").whole  # 8 bits
    assert not root(steep, dtype="int32").undefined
    assert root(N * 100, dtype="int8").undefined  # wraps round
    assert root(N + 2**24, dtype="float32").states is None and root(N + 2**24, dtype="float64").states is not None


def test_complex_numbers_have_no_bounds():
    for amplitude in (N * 1j, (N * 2j).cos(), (N * 1j).exp()):
        value = root(amplitude, dtype="complex128")
        assert not value.bounded and not value.whole
    assert root((N * 1j).abs(), dtype="complex128").low == 0
    assert not root(J.abs().sqrt()).undefined


def test_columns_may_be_given_anew_and_masks_stay_masks():
    columns = {"J": [1, 2, 3], "m": [[1, 1, 0, 0]] * 3}
    value = root(sym.column("J"), columns=columns)
    assert value.whole and not value.bounded
    assert not root(sym.dot("m"), columns=columns).bounded
    assert (root(sym.prod("m"), SPIN, columns=columns).low, root(sym.prod("m"), SPIN, columns=columns).high) == (-1, 1)
