"""What all pictures do: draw where they are told, name what is missing, and import matplotlib when they draw."""

import json
import subprocess
import sys

import matplotlib.pyplot as plt
import models
import pytest

import nqx_graph as sym
from nqx_graph import plotting
from nqx_graph.errors import MissingPackageError, OptionTypeError
from nqx_graph.plotting.drawing import state_text

OPERATOR = models.heisenberg(sym.hilbert.Spin(1 / 2, 2), [(0, 1)])
ARTIFACT = sym.SymbolicCompiler().compile(OPERATOR)
PICTURES = {
    "plot_connections": lambda ax=None: plotting.plot_connections(OPERATOR, [1, -1], ax=ax),
    "plot_report": lambda ax=None: plotting.plot_report(ARTIFACT, ax=ax),
    "plot_sizes": lambda ax=None: plotting.plot_sizes(OPERATOR, ax=ax),
    "plot_sparsity": lambda ax=None: plotting.plot_sparsity(OPERATOR, ax=ax),
    "plot_spectrum": lambda ax=None: plotting.plot_spectrum(OPERATOR, ax=ax),
}


def test_every_picture_is_tried_here():
    assert sorted(PICTURES) == plotting.__all__


@pytest.mark.parametrize("name", PICTURES)
def test_into_a_new_figure_or_the_axes_given(name, tmp_path):
    draw = PICTURES[name]
    alone = draw()
    assert len(plt.get_fignums()) == 1
    given = plt.subplots()[1]
    assert draw(given) is given
    assert alone is not given
    assert len(plt.get_fignums()) == 2
    for ax in (alone, given):
        assert ax.get_title() or ax.get_title(loc="left")
        assert ax.get_xlabel()
        ax.figure.savefig(tmp_path / "picture.png")  # a warning while it is laid out would be an error


@pytest.mark.parametrize("name", PICTURES)
def test_other_axes_are_refused(name):
    with pytest.raises(OptionTypeError, match=r"ax takes the Axes of matplotlib to draw into, .*; it is 'here'"):
        PICTURES[name]("here")


@pytest.mark.parametrize("name", PICTURES)
def test_without_matplotlib_the_error_says_what_to_install(name, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(MissingPackageError, match=r"pip install 'nqx_graph\[plot\]'") as caught:
        PICTURES[name]()
    assert isinstance(caught.value, ImportError)
    assert caught.value.package == "matplotlib"


def test_matplotlib_is_imported_by_the_first_picture():
    statement = "import sys, json; from nqx_graph import plotting; print(json.dumps('matplotlib' in sys.modules))"
    done = subprocess.run([sys.executable, "-c", statement], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) is False


@pytest.mark.parametrize(
    ("state", "text"),
    [([1, -1, 1], "+\N{MINUS SIGN}+"), ([0, 2, 1], "021"), ([2, 0, -2], "2 0 -2"), ([0, 12], "0 12"), ([0.5], "0.5")],
)
def test_states_as_labels(state, text):
    assert state_text(state) == text
