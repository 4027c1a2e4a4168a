"""The public names are imported when they are asked for, and are there all the same."""

import importlib
import json
import subprocess
import sys

import pytest

import nqx_graph as sym


def in_a_new_process(statement):
    done = subprocess.run([sys.executable, "-c", statement], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def test_every_public_name_is_that_of_its_home():
    assert sorted(set(sym.__all__)) == sorted(sym.__all__)
    for name in sym.__all__:
        home = sym._HOMES.get(name)
        value = getattr(sym, name)
        assert value is (
            importlib.import_module(f"nqx_graph.{name}") if home is None else getattr(sys.modules[home], name)
        )
    assert set(sym._HOMES) - {"__version__"} <= set(sym.__all__)
    assert set(sym.__all__) <= set(dir(sym))


def test_importing_the_package_imports_neither_jax_nor_numpy():
    statement = "import sys, json, nqx_graph; print(json.dumps(sorted({'jax', 'numpy', 'scipy'} & set(sys.modules))))"
    assert in_a_new_process(statement) == []


def test_a_star_import_and_the_modules_of_the_package():
    statement = (
        "from nqx_graph import *; import nqx_graph as sym, json; print(json.dumps([DOperator.__name__, "
        "sym.graph.Graph.__name__, sym.hilbert.Spin.__name__, sym.__version__]))"
    )
    assert in_a_new_process(statement) == ["DOperator", "Graph", "Spin", sym.__version__]


def test_a_name_that_there_is_not():
    with pytest.raises(AttributeError, match=r"no attribute 'DOperater'.*Did you mean 'DOperator'\?"):
        sym.DOperater  # noqa: B018
    assert not hasattr(sym, "_nothing")
