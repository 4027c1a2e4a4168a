"""The way to NetKet from where it is not asked for; what NetKet's operators become is in tests/integrations."""

import importlib
import sys

import pytest
from refusal import refused

import nqx_graph as sym
from nqx_graph import errors

OPERATOR = sym.from_pauli_strings(sym.hilbert.Qubit(2), ["ZZ"])


@pytest.mark.parametrize("given", [3, OPERATOR])
def test_what_is_no_operator_of_netket_is_refused(given):
    with refused(errors.ConversionError, "an operator of NetKet", repr(given)):
        sym.from_netket(given)


def test_where_netket_is_not_installed(monkeypatch):
    for name in [name for name in sys.modules if name.startswith("nqx_graph.integrations")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "netket", None)
    with refused(errors.ConversionError, "pip install 'nqx_graph[netket]'"):
        sym.to_netket(OPERATOR)


def test_a_fault_of_another_kind_is_not_taken_for_a_missing_netket(monkeypatch):
    def missing(name):
        raise ModuleNotFoundError("no numba", name="numba")

    monkeypatch.setattr(importlib, "import_module", missing)
    with pytest.raises(ModuleNotFoundError, match="numba"):
        sym.to_netket(OPERATOR)
