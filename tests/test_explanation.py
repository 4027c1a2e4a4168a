"""compiler.explain: whether a compile would hit, and what differs where not."""

import attrs
import pytest
import small

import nqx_graph as sym
from nqx_graph import Analysis, stage
from nqx_graph.explanation import KEPT, Difference

OPTIONS = sym.SymbolicCompilerOptions()
FOCK = sym.hilbert.Fock(2, 3)


def hop(t=1.0, hilbert=FOCK, name="hop", dtype="float64", over=((0, 1), (1, 2))):
    s = sym.site
    return (
        sym.DOperator(hilbert, name, dtype=dtype)
        .for_each(("i", "j"), over=list(over))
        .where((s("i") > 0) & (s("j") < 2))
        .emit(sym.shift("i", -1).shift("j", 1), amplitude=-t)
        .build()
    )


def parts(explanation):
    return [difference.part for difference in explanation.differences]


def test_a_hit():
    compiler = sym.SymbolicCompiler()
    token = compiler.compile(hop()).cache_token()
    explained = compiler.explain(hop())
    assert (explained.outcome, explained.token, explained.differences) == ("hit", token, ())
    assert str(explained) == "hit: the store holds this key"


def test_a_first_compile_has_nothing_to_compare_with():
    explained = sym.SymbolicCompiler().explain(hop())
    assert explained.outcome == "miss"
    assert "nothing is remembered in the namespace 'nqx_symbolic_v1'" in str(explained)


def test_an_option_that_differs():
    compiler = sym.SymbolicCompiler()
    compiler.compile(hop())
    explained = compiler.explain(hop(), options=attrs.evolve(OPTIONS, enable_fusion=False))
    assert explained.differences == (Difference("options.enable_fusion", True, False),)
    assert "operator" in explained.equal
    assert "`options.enable_fusion`: True → False; operator, hilbert, stages, lowerers equal" in str(explained)


def test_an_operator_that_differs_shows_its_lines():
    compiler = sym.SymbolicCompiler()
    kept = compiler.compile(hop(t=1.0))
    explained = compiler.explain(hop(t=2.0))
    assert parts(explained) == ["operator"]
    assert explained.operator_lines == ("-      amplitude: -1.0", "+      amplitude: -2.0")
    assert "hilbert" in explained.equal
    assert kept.report.outcome == "miss"


def test_an_operator_whose_text_is_the_same():
    compiler = sym.SymbolicCompiler()
    rows = [(k % 2, 2) for k in range(20)]
    kept = compiler.compile(hop(over=rows))
    other = [*rows[:10], (1, 0), *rows[11:]]
    explained = compiler.explain(hop(over=other))
    assert parts(explained) == ["operator"]
    assert "elided rows" in explained.operator_lines[0]
    assert kept is not None


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"hilbert": sym.hilbert.Fock(3, 3)}, ["hilbert"]),
        ({"dtype": "float32"}, ["operator", "dtype"]),
    ],
)
def test_other_parts(change, expected):
    compiler = sym.SymbolicCompiler()
    compiler.compile(hop())
    assert parts(compiler.explain(hop(**change))) == expected


def test_the_backend_and_its_option():
    compiler = sym.SymbolicCompiler()
    compiler.compile(hop())
    explained = compiler.explain(hop(), options=attrs.evolve(OPTIONS, backend_preference="numpy"))
    assert parts(explained) == ["backend", "options.backend_preference"]


def test_a_lowerer_and_a_stage_that_differ_are_named():
    class Mine(sym.JaxSymbolicV1Lowerer):
        version = "2"

    compiler = sym.SymbolicCompiler()
    compiler.compile(hop())
    compiler.lowerer_registry.register(Mine(name="mine"))
    explained = compiler.explain(hop())
    assert "lowerer mine" in parts(explained)
    assert "lowerers" not in explained.equal

    count = Analysis("symbol_count", int, "How many free symbols there are.")

    @stage(writes=count, version="1")
    def symbol_count(ir):
        return len(ir.free_symbols)

    store = sym.InMemoryArtifactStore()
    plain = sym.SymbolicCompiler(artifact_store=store)
    plain.compile(hop())
    grown = sym.SymbolicCompiler(artifact_store=store, graph=sym.default_graph().insert(symbol_count))
    grown._recent = plain._recent
    explained = grown.explain(hop())
    assert parts(explained) == ["stage symbol_count"]
    assert "absent →" in str(explained)


def test_the_nearest_of_the_last_entries_is_taken():
    compiler = sym.SymbolicCompiler()
    kept = [compiler.compile(hop(t=float(k))) for k in range(2 * KEPT)]
    assert len(kept) == 2 * KEPT
    near = compiler.explain(hop(t=float(2 * KEPT - 1)), options=attrs.evolve(OPTIONS, enable_fusion=False))
    assert parts(near) == ["options.enable_fusion"]
    forgotten = compiler.explain(hop(t=0.0), options=attrs.evolve(OPTIONS, enable_fusion=False))
    assert parts(forgotten) == ["operator", "options.enable_fusion"]
    assert f"last {KEPT}" in str(forgotten)


def test_namespaces_are_apart():
    compiler = sym.SymbolicCompiler()
    compiler.compile(hop())
    explained = compiler.explain(hop(), options=attrs.evolve(OPTIONS, cache_namespace="other"))
    assert "nothing is remembered in the namespace 'other'" in str(explained)


def test_no_key():
    compiler = sym.SymbolicCompiler()
    assert str(compiler.explain(hop(), options=small.UNCACHED)) == "uncached: options.cache_enabled is False"
    explained = compiler.explain(small.number(small.LoadedSpace()))
    assert explained.outcome == "uncached"
    assert "space" in explained.reason


def test_an_entry_that_the_store_dropped():
    compiler = sym.SymbolicCompiler(artifact_store=sym.InMemoryArtifactStore(max_entries=1))
    compiler.compile(hop(t=1.0))
    compiler.compile(hop(t=2.0))
    assert "the store holds it no more" in str(compiler.explain(hop(t=1.0)))


def test_nothing_is_built_or_stored():
    compiler = sym.SymbolicCompiler()
    compiler.explain(hop())
    assert compiler.cache_size == 0
    assert compiler.compile(hop()).report.outcome == "miss"


def test_a_failure_before_the_gate_names_its_stage():
    with pytest.raises(sym.SymbolicCompilerError, match="'extraction'"):
        sym.SymbolicCompiler().explain(object())


def test_clearing_forgets():
    compiler = sym.SymbolicCompiler()
    compiler.compile(hop())
    compiler.clear_cache()
    assert "nothing is remembered" in str(compiler.explain(hop()))
