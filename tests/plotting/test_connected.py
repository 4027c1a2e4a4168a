"""The rows of pixels are x and what it is connected to, with the matrix elements beside them."""

import models
import numpy as np
import pytest

import nqx_graph as sym
from nqx_graph.errors import OptionTypeError, StateError
from nqx_graph.plotting import plot_connections

SPIN = sym.hilbert.Spin(1 / 2, 4)
RING = [(0, 1), (1, 2), (2, 3), (3, 0)]


def beside(ax):
    """What is written to the right of the rows, from the top down."""
    return [text.get_text() for text in ax.texts if hasattr(text, "xyann")]


def rows(ax):
    return np.asarray(ax.images[0].get_array())


def labels(ax):
    return [label.get_text() for label in ax.get_yticklabels()]


@pytest.mark.parametrize("given", ["symbolic", "compiled", "artifact", "explained"])
def test_x_and_its_connected_states(given):
    operator, x = models.heisenberg(SPIN, RING), [1, -1, 1, 1]
    made = {
        "symbolic": (operator, x),
        "compiled": (operator.compile(), x),
        "artifact": (sym.SymbolicCompiler().compile(operator), x),
        "explained": (operator.explain(x),),
    }
    ax = plot_connections(*made[given])
    np.testing.assert_array_equal(rows(ax), [x, x, [-1, 1, 1, 1], [1, 1, -1, 1]])
    assert beside(ax) == ["<x|O|x'>", "0", "2", "2"]
    assert labels(ax) == ["x", "term 0 (i=0, j=1) and 3 more", "term 0 (i=0, j=1)", "term 0 (i=1, j=2)"]
    assert ax.get_title(loc="left") == "'heisenberg': 3 connected states"
    assert ax.get_xlabel() == "site (light: -1, dark: 1)"
    assert ax.images[0].get_clim() == (-1.0, 1.0)


def test_the_sites_that_change_are_framed_and_written():
    ax = plot_connections(models.heisenberg(SPIN, RING), [1, -1, 1, 1])
    middle = sorted((patch.get_y() + 0.4, patch.get_x() + 0.4) for patch in ax.patches)
    np.testing.assert_allclose(middle, [(2, 0), (2, 1), (3, 1), (3, 2)])
    written = {text.get_position()[::-1]: text.get_text() for text in ax.texts if not hasattr(text, "xyann")}
    of_x = {(0, site): str(value) for site, value in enumerate([1, -1, 1, 1])}
    assert written == {**of_x, (2, 0): "-1", (2, 1): "1", (3, 1): "1", (3, 2): "-1"}


def test_names_and_a_branch_that_leaves():
    fock = sym.hilbert.Fock(2, N=2)
    operator = sym.DOperator(fock, "up").for_each_site("i").emit(sym.shift("i", 1)).named("raise").build()
    ax = plot_connections(operator, [2, 0])
    np.testing.assert_array_equal(rows(ax), [[2, 0], [2, 0], [2, 1]])
    assert beside(ax)[1:] == ["nan", "1"]
    assert labels(ax) == ["x", "raise (i=0)", "raise (i=1)"]


def test_of_many_states_the_first_are_shown_and_wide_systems_have_no_numbers():
    size = 60
    hilbert = sym.hilbert.Spin(1 / 2, size)
    flips = sym.DOperator(hilbert, "flips").for_each_site("i").emit(sym.affine("i", scale=-1), amplitude=0.5).build()
    ax = plot_connections(flips, [1] * size)
    assert rows(ax).shape == (25, size)
    assert ax.get_title(loc="left") == "'flips': 60 connected states, 24 shown"
    assert len(ax.texts) == 25  # what is beside the rows
    assert ax.figure.get_size_inches()[0] < 14


def test_no_connected_state():
    nothing = sym.DOperator(SPIN, "nothing").globally().emit(amplitude=0.0).build()
    ax = plot_connections(nothing, [1, 1, 1, 1])
    np.testing.assert_array_equal(rows(ax), [[1, 1, 1, 1]])
    assert ax.get_title(loc="left") == "'nothing': 0 connected states"


def test_what_is_refused():
    operator = models.heisenberg(SPIN, RING)
    with pytest.raises(OptionTypeError, match=r"takes a configuration: plot_connections\(operator, x\)"):
        plot_connections(operator)
    with pytest.raises(OptionTypeError, match=r"what explain\(x\) returned, and another x"):
        plot_connections(operator.explain([1, 1, 1, 1]), [1, 1, 1, 1])
    with pytest.raises(OptionTypeError, match="plot_connections takes an operator of this package"):
        plot_connections("heisenberg", [1, 1, 1, 1])
    with pytest.raises(StateError, match="is not in Spin"):
        plot_connections(operator, [1, 1, 1, 0])
