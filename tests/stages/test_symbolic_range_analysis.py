from __future__ import annotations

import nqx_graph as sym

s = sym.site


def test_what_the_report_says():
    operator = (
        sym.DOperator(sym.hilbert.Fock(3, N=3))
        .for_each_site("i")
        .emit(sym.shift("i", 1), amplitude=1.0)
        .emit_if(s("i") > 0, sym.shift("i", -1), amplitude=1.0)
        .build()
    )
    artifact = sym.SymbolicCompiler().compile(operator)
    assert dict(artifact.report["symbolic_range_analysis"].metadata) == {"proved": 1, "guarded": 1, "width": 32}
    assert [emission.leaves for emission in artifact.analyses["ranges"].shapes[0].emissions] == [True, False]


def test_terms_of_one_shape_are_looked_at_once():
    builder = sym.DOperator(sym.hilbert.Fock(3, N=3))
    for weight in (0.5, 1.5, 2.5):
        builder.for_each_site("i").emit(amplitude=weight * s("i").value)
    assert len(sym.SymbolicCompiler().compile(builder.build()).analyses["ranges"].shapes) == 1
