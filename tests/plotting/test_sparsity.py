"""The image of a matrix holds the absolute values of its elements, and is masked where they are 0."""

import models
import numpy as np
import oracle
import pytest

import nqx_graph as sym
from nqx_graph.errors import HilbertError
from nqx_graph.plotting import plot_sparsity

RING = [(0, 1), (1, 2), (2, 3), (3, 0)]
SPIN = sym.hilbert.Spin(1 / 2, 4)


def image(ax):
    return ax.images[0].get_array()


def test_the_pattern_and_the_sizes_of_a_matrix_made_another_way():
    truth = oracle.heisenberg(SPIN.all_states(), RING)
    ax = plot_sparsity(models.heisenberg(SPIN, RING))
    np.testing.assert_array_equal(np.ma.getmaskarray(image(ax)), truth == 0)
    np.testing.assert_allclose(image(ax).filled(0), np.abs(truth), rtol=0, atol=1e-14)
    assert ax.get_title() == "'heisenberg': 16 states, 36 elements not 0 (14.1 %)"


def test_a_complex_matrix_that_is_not_symmetric_keeps_rows_and_columns():
    fock = sym.hilbert.Fock(2, N=2)
    truth = oracle.ladder(fock.all_states(), 2, [1.0, 2j])
    ax = plot_sparsity(models.ladder(fock, 2, [1.0, 2j]))
    np.testing.assert_allclose(image(ax).filled(0), np.abs(truth), rtol=0, atol=1e-14)
    assert np.triu(image(ax).filled(0), 1).any()
    assert not np.tril(image(ax).filled(0)).any()


def test_states_are_named_where_there_is_room():
    ax = plot_sparsity(models.heisenberg(sym.hilbert.Spin(1 / 2, 2), [(0, 1)]))
    names = ["++", "+\N{MINUS SIGN}", "\N{MINUS SIGN}+", "\N{MINUS SIGN}\N{MINUS SIGN}"]
    assert [label.get_text() for label in ax.get_yticklabels()] == names
    assert [label.get_text() for label in ax.get_xticklabels()] == names
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("x'", "x")
    assert plot_sparsity(models.heisenberg(sym.hilbert.Spin(1 / 2, 5), RING)).get_xlabel() == "number of x'"


def test_the_smallest_element_is_the_lightest_and_no_scale_is_drawn_for_one_size():
    ax = plot_sparsity(models.heisenberg(SPIN, RING))
    assert ax.images[0].get_clim() == (2.0, 4.0)
    assert len(ax.figure.axes) == 2
    flips = sym.DOperator(SPIN, "flips").for_each_site("i").emit(sym.affine("i", scale=-1), amplitude=-0.5).build()
    ax = plot_sparsity(flips)
    assert ax.images[0].get_clim() == (0.0, 0.5)
    assert len(ax.figure.axes) == 1


def test_of_many_states_a_pixel_is_the_largest_of_its_block():
    hilbert = sym.hilbert.Spin(1 / 2, 10)
    operator = models.ising(hilbert, [(i, i + 1) for i in range(9)], 1.0, 0.25)
    ax = plot_sparsity(operator)
    truth = np.abs(operator.compile().to_dense()).reshape(512, 2, 512, 2).max(axis=(1, 3))
    np.testing.assert_array_equal(image(ax).filled(0), truth)
    assert ax.images[0].get_extent() == [-0.5, 1023.5, 1023.5, -0.5]


def test_blocks_at_the_edge_are_smaller():
    hilbert = sym.hilbert.Fock(512, N=1)  # 513 states
    operator = sym.DOperator(hilbert, "n").for_each_site("i").emit(amplitude=sym.site("i").value).build()
    pixels = image(plot_sparsity(operator)).filled(0)
    np.testing.assert_array_equal(pixels, np.diag([*np.arange(1.0, 512.0, 2), 512.0]))


def test_an_operator_of_zeros():
    nothing = sym.DOperator(SPIN, "nothing").globally().emit(amplitude=0.0).build()
    ax = plot_sparsity(nothing)
    assert np.ma.getmaskarray(image(ax)).all()
    assert ax.get_title() == "'nothing': 16 states, 0 elements not 0 (0 %)"
    ax.figure.canvas.draw()


def test_a_space_too_large_to_be_listed():
    with pytest.raises(HilbertError, match="too many states to be listed"):
        plot_sparsity(models.ising(sym.hilbert.Spin(1 / 2, 40), RING, 1.0, 1.0))
