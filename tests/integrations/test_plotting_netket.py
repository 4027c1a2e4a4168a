"""Pictures of operators over spaces of NetKet, and of NetKet's own."""

import matplotlib
import matplotlib.pyplot as plt
import models
import netket as nk
import numpy as np
import pytest

from nqx_graph.errors import OptionTypeError
from nqx_graph.plotting import plot_connections, plot_sparsity, plot_spectrum

matplotlib.use("Agg")
GRAPH = nk.graph.Chain(3)
HILBERT = nk.hilbert.Spin(1 / 2, 3)
OURS = models.ising(HILBERT, GRAPH.edges(), J=-1.0, h=0.7)
THEIRS = nk.operator.IsingJax(HILBERT, GRAPH, h=0.7, J=1.0)


@pytest.fixture(autouse=True)
def no_figure_left_open():
    yield
    plt.close("all")


def test_ours_and_netket_s_own_look_alike():
    matrices = [plot_sparsity(operator).images[0].get_array().filled(0) for operator in (OURS, THEIRS)]
    np.testing.assert_allclose(*matrices, rtol=0, atol=1e-14)
    levels = [plot_spectrum(operator).lines[0].get_ydata() for operator in (OURS, THEIRS)]
    np.testing.assert_allclose(*levels, rtol=0, atol=1e-13)
    assert plot_spectrum(THEIRS).get_title().startswith("'IsingJax': 8 states")


def test_connections_need_an_operator_with_terms():
    ax = plot_connections(OURS, [1, 1, -1])
    assert ax.images[0].get_array().shape == (5, 3)
    with pytest.raises(OptionTypeError, match="plot_connections takes an operator of this package"):
        plot_connections(THEIRS, [1, 1, -1])
