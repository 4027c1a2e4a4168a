from __future__ import annotations

import small

import nqx_graph as sym
from nqx_graph import Analysis, stage
from nqx_graph.stages.analyses import ARTIFACT


def test_the_passes_of_the_seed():
    pipeline = sym.SymbolicCompiler().pipeline
    assert pipeline.pre_cache_passes == ("symbolic_validation", "symbolic_normalization")
    assert pipeline.post_cache_passes == (
        "symbolic_fanout_analysis",
        "symbolic_fusion_planning",
        "symbolic_hermiticity",
        "symbolic_range_analysis",
        "symbolic_diagnostics",
    )


def test_inserted_stages_fall_on_the_side_that_they_are_needed_on():
    behind, _ = small.counting()
    always, _ = small.counting("before", always=True)
    graph = sym.default_graph().insert(behind)
    assert sym.SymbolicCompilerPipeline(graph).post_cache_passes == (
        "symbolic_fanout_analysis",
        "counting",
        "symbolic_fusion_planning",
        "symbolic_hermiticity",
        "symbolic_range_analysis",
        "symbolic_diagnostics",
    )
    pipeline = sym.SymbolicCompilerPipeline(sym.default_graph().insert(always))
    assert pipeline.pre_cache_passes == (
        "symbolic_fanout_analysis",
        "before",
        "symbolic_validation",
        "symbolic_normalization",
    )
    assert pipeline.post_cache_passes == (
        "symbolic_fusion_planning",
        "symbolic_hermiticity",
        "symbolic_range_analysis",
        "symbolic_diagnostics",
    )


def test_passes_run_by_hand_give_what_a_compile_gives():
    count, runs = small.counting()
    compiler = sym.SymbolicCompiler(graph=sym.default_graph().insert(count))
    operator = small.number() + small.number()
    before = compiler.pipeline.run_pre_cache(compiler.context(operator))
    assert runs == []
    after = compiler.pipeline.run_post_cache(before)
    assert runs == [2]
    assert "total_fanout" not in before.values
    artifact = compiler.compile(operator)
    for name in (
        "validation_summary", "ir_fingerprint", "resolved_backend", "term_order", "term_fanouts", "total_fanout",
        "fusion_groups", "counting_seen",
    ):  # fmt: skip
        assert after.analyses[name] == artifact.analyses[name], name
    assert after.analyses["term_fanouts"] == (3, 3)
    key = sym.SymbolicCompilationSignature.from_context(before).build_cache_key(namespace="nqx_symbolic_v1")
    assert key == artifact.cache_key


def test_a_stage_that_reads_the_artifact_is_no_post_cache_pass():
    """``post_cache_passes`` run on a miss *up to the lowering*; by hand there is no artifact to read."""
    summary = Analysis("summary", str, "The lowerer and the size.")

    @stage(writes=summary)
    def summarise(artifact):
        return f"{artifact.lowerer_name} {artifact.metadata['total_padded_size']}"

    compiler = sym.SymbolicCompiler(graph=sym.default_graph().insert(summarise))
    assert ARTIFACT.name in compiler.graph["summarise"].reads
    assert compiler.compile(small.number()).report.analyses["summary"] == "jax_symbolic_v1 3"
    assert compiler.pipeline.post_cache_passes == (
        "symbolic_fanout_analysis",
        "symbolic_fusion_planning",
        "symbolic_hermiticity",
        "symbolic_range_analysis",
        "symbolic_diagnostics",
    )
    context = compiler.pipeline.run_pre_cache(compiler.context(small.number()))
    assert compiler.pipeline.run_post_cache(context).analyses["total_fanout"] == 3


def test_a_stage_without_output_runs_by_hand():
    seen = []

    @stage()
    def note(total_fanout):
        seen.append(total_fanout)

    compiler = sym.SymbolicCompiler(graph=sym.default_graph().insert(note))
    context = compiler.pipeline.run_pre_cache(compiler.context(small.number()))
    compiler.pipeline.run_post_cache(context)
    assert seen == [3]
