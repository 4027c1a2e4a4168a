"""The drawn eigenvalues against closed forms."""

import itertools
import math

import models
import numpy as np
import pytest

import nqx_graph as sym
from nqx_graph.errors import HermiticityError, HermiticityWarning, HilbertError
from nqx_graph.plotting import plot_spectrum


def drawn(ax):
    (line,) = (line for line in ax.lines if len(line.get_xdata()) > 2)
    return np.asarray(line.get_xdata()), np.asarray(line.get_ydata())


def test_singlet_and_triplet():
    ax = plot_spectrum(models.heisenberg(sym.hilbert.Spin(1 / 2, 2), [(0, 1)]))
    numbers, levels = drawn(ax)
    np.testing.assert_array_equal(numbers, [0, 1, 2, 3])
    np.testing.assert_allclose(levels, [-3.0, 1.0, 1.0, 1.0], rtol=0, atol=1e-13)
    assert ax.get_title() == "'heisenberg': 4 states, lowest -3, gap 4"
    triplet = plot_spectrum(-models.heisenberg(sym.hilbert.Spin(1 / 2, 2), [(0, 1)]))
    assert triplet.get_title().endswith("4 states, lowest -1, 3 times, gap 4")


def free_fermions(size, J, h):
    """All levels of -J Σ ZZ - h Σ X on a ring of an even number of sites.

    Pfeuty, Annals of Physics 57 (1970) 79: modes of energy 2·sqrt(J² + h² - 2Jh·cos k), an even number of them excited
    with antiperiodic momenta and an odd number with periodic ones, where that of k = 0 is 2(h - J), sign included.
    """
    levels = []
    for odd in (0, 1):
        momenta = [2 * math.pi * (m + (1 - odd) / 2) / size for m in range(size)]
        modes = [2 * math.sqrt(max(0.0, J * J + h * h - 2 * J * h * math.cos(k))) for k in momenta]
        if odd:
            modes[0] = 2 * (h - J)
        excitations = [n for n in itertools.product((0, 1), repeat=size) if sum(n) % 2 == odd]
        levels += [sum((n - 0.5) * mode for n, mode in zip(own, modes, strict=True)) for own in excitations]
    return np.sort(levels)


@pytest.mark.parametrize(("J", "h"), [(1.0, 0.7), (0.5, 1.25), (1.0, 1.0)])
def test_the_free_ising_ring(J, h):
    ring = [(i, (i + 1) % 6) for i in range(6)]
    _, levels = drawn(plot_spectrum(models.ising(sym.hilbert.Spin(1 / 2, 6), ring, J, h)))
    np.testing.assert_allclose(levels, free_fermions(6, J, h), rtol=0, atol=1e-12)


def test_levels_equal_up_to_rounding_are_one():
    operator = models.ising(sym.hilbert.Spin(1 / 2, 4), [(0, 1), (1, 2), (2, 3)], 0.1, 0.0)
    assert plot_spectrum(operator).get_title() == "'ising': 16 states, lowest -0.3, 2 times, gap 0.2"


def test_an_operator_without_a_gap():
    one = sym.DOperator(sym.hilbert.Qubit(2), "one").globally().emit(amplitude=1.0).build()
    assert plot_spectrum(one).get_title() == "'one': 4 states, lowest 1, 4 times"


def test_one_that_is_hermitian_without_saying_so():
    flips = sym.DOperator(sym.hilbert.Spin(1 / 2, 2), "x").for_each_site("i").emit(sym.affine("i", scale=-1)).build()
    assert not flips.is_hermitian
    np.testing.assert_allclose(drawn(plot_spectrum(flips))[1], [-2.0, 0.0, 0.0, 2.0], rtol=0, atol=1e-14)


def test_one_that_is_not_in_the_complex_plane():
    q = 5
    turn = sym.DOperator(sym.hilbert.Fock(q - 1, N=1), "turn").for_each_site("i").emit(sym.shift_mod("i", 1)).build()
    ax = plot_spectrum(turn)
    real, imaginary = drawn(ax)
    roots = np.sort_complex(np.exp(2j * np.pi * np.arange(q) / q).round(12))
    np.testing.assert_allclose(np.sort_complex((real + 1j * imaginary).round(12)), roots, rtol=0, atol=1e-11)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("real part", "imaginary part")
    assert ax.get_title() == "'turn': 5 eigenvalues, not hermitian"


def test_one_that_is_said_to_be_hermitian_and_is_not():
    fock = sym.hilbert.Fock(1, N=9)  # too many states for the compile to do more than warn
    up = sym.DOperator(fock, "up", hermitian=True).globally().emit(sym.write(0, 1), amplitude=2.0).build()
    refused = pytest.raises(HermiticityError, match="'up' is not hermitian")
    with pytest.warns(HermiticityWarning, match="its way back"), refused as caught:
        plot_spectrum(up)
    assert {caught.value.forward, caught.value.backward} == {0.0, 2.0}


def test_too_many_states():
    with pytest.raises(HilbertError, match=r"has 8192 states; .* at most 4096\. .*scipy\.sparse\.linalg\.eigsh"):
        plot_spectrum(models.ising(sym.hilbert.Spin(1 / 2, 13), [(0, 1)], 1.0, 1.0))


def test_single_precision_is_widened():
    fock = sym.hilbert.Fock(3, N=1)
    single = sym.DOperator(fock, "n", dtype="float32").for_each_site("i").emit(amplitude=sym.site("i").value).build()
    levels = drawn(plot_spectrum(single))[1]
    assert levels.dtype == np.float64
    np.testing.assert_array_equal(levels, [0.0, 1.0, 2.0, 3.0])
