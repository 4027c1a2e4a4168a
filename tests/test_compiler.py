"""Compiling: what runs on a hit and on a miss, stores, how a compile fails, what it reports."""

from __future__ import annotations

import json

import attrs
import jax
import numpy as np
import pytest
import small
from small import STOCK, UNCACHED, fails

import nqx_graph as sym
from nqx_graph import Analysis, Graph, stage
from nqx_graph.errors import (
    DefinitionError,
    GraphError,
    HilbertError,
    OptionTypeError,
    StageContractError,
    SymbolicCompilerError,
)
from nqx_graph.graph import STATUSES
from nqx_graph.stages import STAGES
from nqx_graph.stages.analyses import INPUTS, TARGETS


def statuses(report):
    return {row.name: row.status for row in report.rows}


# --- hit and miss -----------------------------------------------------------------------------------------------------


def test_a_miss_runs_everything_once():
    artifact = sym.SymbolicCompiler().compile(small.number())
    assert artifact.report.outcome == "miss"
    assert statuses(artifact.report) == dict.fromkeys(STOCK, "ran")
    assert [row.name for row in artifact.report.rows] == STOCK
    assert artifact.backend == "jax"
    assert artifact.lowerer_name == "jax_symbolic_v1"
    assert {**artifact.metadata} == {
        "total_padded_size": 3, "term_count": 1, "dtype_str": "float64", "hilbert_size": 3,
    }  # fmt: skip


def test_a_hit_supplies_the_artifact_and_skips_what_is_behind_the_gate():
    compiler = sym.SymbolicCompiler()
    first, second = compiler.compile(small.number()), compiler.compile(small.number())
    assert second.report.outcome == "hit"
    assert statuses(second.report) == {
        **dict.fromkeys(STOCK[:4], "ran"),
        "cache_lookup": "supplied",
        **dict.fromkeys(STOCK[5:], "skipped: cache hit"),
    }
    assert [row.name for row in second.report.rows] == [row.name for row in first.report.rows]
    assert second.compiled_operator is first.compiled_operator
    assert second.cache_key == first.cache_key
    assert second.cache_token() == first.cache_token()
    assert len(first.cache_token()) == 64
    assert compiler.cache_size == 1
    assert first.report.outcome == "miss"


def test_report_analyses_are_of_this_call_and_artifact_analyses_of_the_building_one():
    compiler = sym.SymbolicCompiler()
    first, second = compiler.compile(small.number()), compiler.compile(small.number())
    before = {"ir", "hilbert", "space", "validation_summary", "ir_fingerprint", "resolved_backend", "term_order"}
    before |= {"cache_key"}
    behind = {"term_fanouts", "total_fanout", "hermiticity", "diagnostics", "fusion_groups", "ranges"}
    behind |= {"lowered", "artifact"}
    assert set(first.report.analyses) == before | behind
    assert set(second.report.analyses) == before
    assert set(first.analyses) == set(second.analyses) == before | behind
    assert second.analyses["term_fanouts"] == (3,)


def test_a_hit_carries_the_pass_reports_of_the_building_call():
    compiler = sym.SymbolicCompiler()
    first, second = compiler.compile(small.number()), compiler.compile(small.number())
    assert [r.pass_name for r in second.pass_reports] == STOCK
    assert [r.duration_ms for r in second.pass_reports] == [r.duration_ms for r in first.pass_reports]
    assert second.pass_reports[5].metadata == {"total_fanout": 3}
    assert sum(r.duration_ns for r in second.pass_reports) <= first.report.total_ns


def test_a_stage_behind_the_gate_does_not_run_on_a_hit():
    count, runs = small.counting()
    compiler = sym.SymbolicCompiler(graph=sym.default_graph().insert(count))
    first = compiler.compile(small.number())
    assert runs == [1]
    second = compiler.compile(small.number())
    assert runs == [1]
    assert statuses(first.report)["counting"] == "ran"
    assert statuses(second.report)["counting"] == "skipped: cache hit"
    assert second.analyses["counting_seen"] == 1
    assert "counting_seen" not in second.report.analyses
    compiler.compile(small.number(), options=UNCACHED)
    assert runs == [1, 1]


def test_a_stage_that_runs_always_runs_on_a_hit_and_takes_along_what_it_needs():
    count, runs = small.counting(always=True)
    compiler = sym.SymbolicCompiler(graph=sym.default_graph().insert(count))
    compiler.compile(small.number())
    second = compiler.compile(small.number())
    assert runs == [1, 1]
    assert statuses(second.report)["counting"] == "ran"
    assert statuses(second.report)["symbolic_fanout_analysis"] == "ran"
    assert statuses(second.report)["symbolic_fusion_planning"] == "skipped: cache hit"


def test_the_example_of_the_specification():
    term_stats_of = Analysis("term_stats", dict, "How many terms and free symbols the operator has.")

    @stage(writes=term_stats_of)
    def term_stats(ir):
        return {"term_count": ir.term_count, "free_symbols": len(ir.free_symbols)}

    compiler = sym.SymbolicCompiler(graph=sym.default_graph().insert(term_stats))
    artifact = compiler.compile(small.number(weight=sym.symbol("w", 2.0)))
    assert artifact.report["term_stats"].status == "ran"
    assert artifact.analyses["term_stats"] == {"term_count": 1, "free_symbols": 1}


def test_with_the_cache_off():
    compiler = sym.SymbolicCompiler(options=UNCACHED)
    first, second = compiler.compile(small.number()), compiler.compile(small.number())
    for artifact in (first, second):
        assert artifact.report.outcome == "uncached"
        assert artifact.cache_key is None
        assert artifact.cache_token() is None
        found = statuses(artifact.report)
        assert list(found) == STOCK
        assert found.pop("cache_lookup") == found.pop("cache_store") == "skipped: cache off"
        assert set(found.values()) == {"ran"}
        assert artifact.report["cache_lookup"].metadata == {"reason": "options.cache_enabled is False"}
    assert first.compiled_operator is not second.compiled_operator
    assert first.compiled_operator == second.compiled_operator
    assert compiler.cache_size == 0


def test_options_of_a_call_take_the_place_of_the_compilers():
    compiler = sym.SymbolicCompiler(options=UNCACHED)
    assert compiler.options is UNCACHED
    assert compiler.compile(small.number(), options=sym.SymbolicCompilerOptions()).report.outcome == "miss"
    assert compiler.compile(small.number(), options=sym.SymbolicCompilerOptions()).report.outcome == "hit"
    assert compiler.compile(small.number()).report.outcome == "uncached"


def test_namespaces_part_the_store():
    compiler = sym.SymbolicCompiler()
    ours, theirs = (sym.SymbolicCompilerOptions(cache_namespace=name) for name in ("ours", "theirs"))
    assert compiler.compile(small.number(), options=ours).report.outcome == "miss"
    assert compiler.compile(small.number(), options=theirs).report.outcome == "miss"
    assert compiler.compile(small.number(), options=ours).report.outcome == "hit"
    assert compiler.cache_size == 2


def test_a_space_without_a_digest_is_compiled_and_not_cached():
    space = small.LoadedSpace()
    operator = sym.DOperator(space, "loaded").for_each_site("i").emit(sym.write("i", 5), amplitude=2.0).build()
    compiler = sym.SymbolicCompiler()
    for _ in range(2):
        artifact = compiler.compile(operator)
        assert artifact.report.outcome == "uncached"
        assert artifact.cache_token() is None
        assert "LoadedSpace has no form as data" in artifact.report["cache_lookup"].metadata["reason"]
    assert compiler.cache_size == 0
    xp, mels = artifact.compiled_operator.get_conn_padded(np.array([0, 1], dtype=np.int8))
    assert np.asarray(xp).tolist() == [[5, 1], [0, 5]]
    assert np.asarray(mels).tolist() == [2.0, 2.0]


def test_anything_with_to_ir_and_hilbert_compiles():
    compiler = sym.SymbolicCompiler()
    assert compiler.compile(small.Given(small.number().to_ir())).report.outcome == "miss"
    assert compiler.compile(small.number()).report.outcome == "hit"


# --- stores -----------------------------------------------------------------------------------------------------------


def test_an_empty_store_that_is_given_is_used():
    store = sym.InMemoryArtifactStore()
    assert not store
    first, second = sym.SymbolicCompiler(artifact_store=store), sym.SymbolicCompiler(artifact_store=store)
    assert first.artifact_store is store
    made = first.compile(small.number())
    assert len(store) == first.cache_size == second.cache_size == 1
    assert second.compile(small.number()).compiled_operator is made.compiled_operator


def test_a_compiler_has_a_store_of_its_own():
    first, second = sym.SymbolicCompiler(), sym.SymbolicCompiler()
    first.compile(small.number())
    assert (first.cache_size, second.cache_size) == (1, 0)
    assert second.compile(small.number()).report.outcome == "miss"
    first.clear_cache()
    assert (first.cache_size, second.cache_size) == (0, 1)
    assert first.compile(small.number()).report.outcome == "miss"


def test_any_object_with_get_and_put_is_a_store():
    store = small.LoggingStore()
    compiler = sym.SymbolicCompiler(artifact_store=store)
    token = compiler.compile(small.number()).cache_token()
    # asked again after taking the lead, in case another call stored it in between
    assert store.calls == [("get", token), ("get", token), ("put", token)]
    assert next(iter(store.kept.values())).cache_token() == token
    compiler.compile(small.number())
    assert store.calls[3:] == [("get", token)]
    compiler.compile(small.number(), options=UNCACHED)
    assert len(store.calls) == 4
    assert compiler.cache_size == 1
    compiler.clear_cache()
    assert compiler.cache_size == 0


@pytest.mark.parametrize(
    ("thing", "lacks"), [(object(), "'get', 'put', 'clear', '__len__'"), ({}, "'put'"), ("artifacts", "")]
)
def test_what_is_no_store_is_refused(thing, lacks):
    with pytest.raises(OptionTypeError, match=f"is no store; it lacks .*{lacks}.*DiskArtifactStore"):
        sym.SymbolicCompiler(artifact_store=thing)


def test_a_store_that_returns_another_operators_artifact_is_refused():
    other = sym.SymbolicCompiler().compile(small.number(name="other"))
    for wrong in (other, attrs.evolve(other, cache_key=None), 7):
        store = small.LoggingStore()
        store.get = lambda key, wrong=wrong: wrong
        compiler = sym.SymbolicCompiler(artifact_store=store)
        fails(compiler, small.number(), "cache_lookup", DefinitionError, "returned an artifact of another key")


def test_a_store_that_fails_is_named():
    store = small.LoggingStore()

    def full(key, artifact):
        raise OSError("disk full")

    store.put = full
    compiler = sym.SymbolicCompiler(artifact_store=store)
    fails(compiler, small.number(), "cache_store", OSError, "disk full")


def test_the_oldest_entry_gives_way():
    compiler = sym.SymbolicCompiler(artifact_store=sym.InMemoryArtifactStore(max_entries=2))
    a, b, c = (small.number(name=name) for name in "abc")
    outcomes = [compiler.compile(operator).report.outcome for operator in (a, b, c, b, c, a, b)]
    assert outcomes == ["miss", "miss", "miss", "hit", "hit", "miss", "miss"]
    assert compiler.cache_size == 2


def test_op_compile_shares_one_store():
    first = small.number(name="shared").compile()
    assert small.number(name="shared").compile() is first
    assert sym.default_compiler() is sym.default_compiler()
    assert sym.default_compiler().compile(small.number(name="shared")).compiled_operator is first
    assert small.number(name="shared").compile(cache=False) is not first
    assert small.number(name="shared").compile(cache=False) == first
    assert small.number(name="shared").compile(options=UNCACHED) is not first
    size = sym.default_compiler().cache_size
    small.number(name="never kept").compile(cache=False)
    assert sym.default_compiler().cache_size == size


@pytest.mark.parametrize("cache", [None, 1, "no"])
def test_op_compile_takes_a_bool(cache):
    with pytest.raises(OptionTypeError, match="cache must be True or False"):
        small.number().compile(cache=cache)


def test_an_operator_compiled_while_jax_traces_is_kept_without_tracers():
    """The store outlives the trace."""
    operator = small.number(name="made in jit", weight=sym.symbol("w", 2.0))

    @jax.jit
    def run(x):
        return operator.compile().get_conn_padded(x)[1]

    x = np.array([1, 2, 3])
    assert np.asarray(run(x)).tolist() == [2.0, 4.0, 6.0]
    assert np.asarray(operator.compile().get_conn_padded(x)[1]).tolist() == [2.0, 4.0, 6.0]
    assert not any(isinstance(leaf, jax.core.Tracer) for leaf in jax.tree.leaves(operator.compile()))


# --- failures ---------------------------------------------------------------------------------------------------------


def test_extraction_needs_to_ir_and_hilbert():
    class Mute:
        hilbert = small.FOCK

    class Nowhere:
        def to_ir(self):
            raise AssertionError("not asked")

    compiler = sym.SymbolicCompiler()
    fails(compiler, Mute(), "extraction", OptionTypeError, "compiling Mute object failed", "it has no 'to_ir'")
    fails(compiler, Nowhere(), "extraction", OptionTypeError, "it has no 'hilbert'")
    fails(compiler, 5, "extraction", OptionTypeError, "'to_ir'", "int")
    fails(compiler, None, "extraction", OptionTypeError, "'to_ir'")
    fails(compiler, sym.DOperator(small.FOCK), "extraction", OptionTypeError, "'to_ir'", "DOperator(...).build()")


def test_extraction_passes_on_what_to_ir_raises_or_returns():
    class Broken(small.Given):
        def to_ir(self):
            raise KeyError("no term")

    class Named(small.Given):
        name = "my hamiltonian"

    compiler = sym.SymbolicCompiler()
    error = fails(compiler, Broken(None), "extraction", KeyError, "compiling Broken object failed")
    assert error.__cause__.args == ("no term",)
    fails(compiler, Named(None), "extraction", OptionTypeError, "compiling the operator 'my hamiltonian' failed")
    fails(compiler, small.Given(None), "extraction", OptionTypeError, "NoneType", "SymbolicOperatorIR")
    fails(compiler, small.Given({"terms": []}), "extraction", OptionTypeError, "a dict", "SymbolicOperatorIR")
    ir = small.number().to_ir()
    fails(compiler, small.Given(ir, hilbert=3), "extraction", HilbertError, "no discrete Hilbert space")


def test_validation():
    ir = attrs.evolve(small.number().to_ir(), terms=())
    compiler = sym.SymbolicCompiler()
    fails(compiler, small.Given(ir), "symbolic_validation", DefinitionError, "has no term")
    other = sym.hilbert.Fock(3, N=5)
    fails(compiler, small.Given(small.number().to_ir(), other), "symbolic_validation", DefinitionError, "3 sites", "5")


@pytest.mark.parametrize("name", STOCK)
def test_every_stage_is_named_when_it_fails(name):
    stock = sym.default_graph()[name]

    def fail():
        raise ZeroDivisionError(f"inside {name}")

    # the parameters of a stage are its reads, so the failing one gets those of the stock one
    fn = eval(f"lambda {', '.join(stock.parameters)}: fail()", {"fail": fail})
    graph = sym.default_graph().replace(name, attrs.evolve(stock, fn=fn))
    error = fails(sym.SymbolicCompiler(graph=graph), small.number(), name, ZeroDivisionError)
    assert error.__cause__.args == (f"inside {name}",)


@pytest.mark.parametrize("name", ["extraction", "symbolic_normalization", "cache_lookup", "cache_store"])
def test_a_stage_that_does_not_return_what_it_declares(name):
    stock = sym.default_graph()[name]
    fn = eval(f"lambda {', '.join(stock.parameters)}: 'nonsense'")
    graph = sym.default_graph().replace(name, attrs.evolve(stock, fn=fn))
    fails(sym.SymbolicCompiler(graph=graph), small.number(), name, StageContractError, "returned a str")


def test_nothing_is_stored_when_a_compile_fails():
    def lower(context):
        raise MemoryError("no room")

    compiler = sym.SymbolicCompiler(lowerer_registry=small.registry(small.Lowerer("tight", lower)))
    for _ in range(2):
        fails(compiler, small.number(), "lowering", MemoryError, "no room")
        assert compiler.cache_size == 0


def test_an_interrupt_is_not_wrapped():
    def lower(context):
        raise KeyboardInterrupt

    compiler = sym.SymbolicCompiler(lowerer_registry=small.registry(small.Lowerer("slow", lower)))
    with pytest.raises(KeyboardInterrupt):
        compiler.compile(small.number())


def test_validation_that_is_not_strict_records_and_goes_on():
    left, right = small.number(weight=sym.symbol("J", 1.0)), small.number(weight=sym.symbol("J", 2.0))
    ir = attrs.evolve(left.to_ir(), terms=(*left.to_ir().terms, *right.to_ir().terms))
    compiler = sym.SymbolicCompiler()
    error = fails(compiler, small.Given(ir), "symbolic_validation", DefinitionError, "'J' has the defaults")
    artifact = compiler.compile(small.Given(ir), options=sym.SymbolicCompilerOptions(strict_validation=False))
    assert artifact.analyses["validation_summary"] == {
        "valid": False, "error": str(error.__cause__), "error_type": "DefinitionError",
    }  # fmt: skip
    assert artifact.report["symbolic_validation"].status == "ran"
    assert artifact.report["symbolic_validation"].metadata["valid"] is False
    mels = np.asarray(artifact.compiled_operator.get_conn_padded(np.array([1, 2, 3]))[1])
    assert mels.tolist() == [1.0, 2.0, 3.0, 1.0, 2.0, 3.0]


@pytest.mark.parametrize("metadata", [[("a", 1)], "run 1", 3])
def test_metadata_is_a_mapping(metadata):
    with pytest.raises(OptionTypeError, match="metadata must be a dict"):
        sym.SymbolicCompiler().compile(small.number(), metadata=metadata)


def test_a_graph_without_an_artifact_is_refused():
    made = ("hilbert", "term_order", "ir_fingerprint", "resolved_backend")
    graph = Graph(STAGES[:3], INPUTS, [target for target in TARGETS if target.name in made])
    with pytest.raises(GraphError, match="needs a graph with the target 'artifact'"):
        sym.SymbolicCompiler(graph=graph)


@pytest.mark.parametrize("given", [STAGES[0], STAGES, "artifact"], ids=["stage", "stages", "text"])
def test_what_is_no_graph_is_refused(given):
    with pytest.raises(OptionTypeError, match=r"graph must be a Graph; .* default_graph\(\).insert\(stage\)"):
        sym.SymbolicCompiler(graph=given)


# --- reports ----------------------------------------------------------------------------------------------------------


def four_reports():
    compiler = sym.SymbolicCompiler()
    made = [compiler.compile(small.number()).report for _ in range(2)]
    made.append(compiler.compile(small.number(), options=UNCACHED).report)
    with pytest.raises(SymbolicCompilerError) as caught:
        compiler.compile(small.Given(None))
    return [*made, caught.value.report]


def test_reports_are_json_and_their_overhead_is_never_negative():
    outcomes = []
    for report in four_reports():
        data = json.loads(json.dumps(report.to_dict(), allow_nan=False))
        outcomes.append(data["outcome"])
        assert data["schema_version"] == 1
        assert [row["name"] for row in data["rows"]] == STOCK
        assert all(type(row["duration_ns"]) is int and row["duration_ns"] >= 0 for row in data["rows"])
        assert {row["status"] for row in data["rows"]} <= set(STATUSES)
        assert data["overhead_ns"] == data["total_ns"] - sum(row["duration_ns"] for row in data["rows"])
        assert data["overhead_ns"] >= 0
        assert all(name in str(report) for name in ("(scheduler)", *STOCK))
    assert outcomes == ["miss", "hit", "uncached", None]


def test_a_report_says_what_was_read_written_and_how_large():
    report = sym.SymbolicCompiler().compile(small.number()).report
    row = report["symbolic_fanout_analysis"]
    assert (row.reads, row.writes) == (("ir",), ("term_fanouts", "total_fanout"))
    assert row.sizes == {"term_fanouts": "1 item", "total_fanout": "1 value"}
    assert row.metadata == {"total_fanout": 3}
    assert report["lowering"].metadata == {"lowerer": "jax_symbolic_v1", "total_padded_size": 3}
    assert report["cache_lookup"].writes == ("artifact",)
