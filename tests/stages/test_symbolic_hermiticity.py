"""What is said to be hermitian and is not, is refused before anything is kept of it."""

from __future__ import annotations

import networkx as nx
import pytest

import nqx_graph as sym
from nqx_graph import default_graph
from nqx_graph.errors import HermiticityError, SymbolicCompilerError


def one_way():
    builder = sym.DOperator(sym.hilbert.Fock(2, N=2), "one way", hermitian=True).for_each(("i", "j"), over=[(0, 1)])
    return builder.where((sym.site("i") > 0) & (sym.site("j") < 2)).emit(sym.shift("i", -1).shift("j", 1)).build()


def test_whatever_may_refuse_stands_before_what_keeps():
    """In every order that the declarations allow, and not only in the one that is taken."""
    graph = default_graph()
    needs = nx.DiGraph()
    for name in graph.gated:
        for other in graph[name].before:
            needs.add_edge(name, other.stage if hasattr(other, "stage") else other[0])
    needs.add_edges_from((a, b) for a, b in graph.network.edges if a in graph.gated and b in graph.gated)
    for name in ("symbolic_hermiticity", "symbolic_range_analysis", "symbolic_diagnostics"):
        assert "cache_store" in nx.descendants(needs, name)


def test_a_refused_operator_is_refused_again():
    compiler = sym.SymbolicCompiler()
    for _ in range(2):
        with pytest.raises(SymbolicCompilerError) as caught:
            compiler.compile(one_way())
        assert isinstance(caught.value.__cause__, HermiticityError)
        assert caught.value.stage == "symbolic_hermiticity"


@pytest.mark.parametrize("strict", [True, False])
def test_what_is_said_of_it(strict):
    options = sym.SymbolicCompilerOptions(strict_validation=strict)
    right = sym.DOperator(sym.hilbert.Qubit(2), hermitian=True).for_each_site("i").emit().build()
    assert sym.SymbolicCompiler(options=options).compile(right).analyses["hermiticity"] == "compared on all states"
    plain = sym.DOperator(sym.hilbert.Qubit(2)).for_each_site("i").emit().build()
    assert sym.SymbolicCompiler(options=options).compile(plain).analyses["hermiticity"] == "not declared"
    if not strict:
        said = sym.SymbolicCompiler(options=options).compile(one_way()).analyses["hermiticity"]
        assert said.startswith("false: 'one way' is not hermitian")
