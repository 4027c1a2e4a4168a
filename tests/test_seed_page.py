"""Every line of code of the compiler page of neuraLQX's documentation, as printed there but for the import's name."""

from __future__ import annotations

import attrs
import numpy as np
import small

import nqx_graph as sym

sym_op = small.number()


def test_entry_points_and_artifact(capsys):
    # convenience path on SymbolicOperator
    compiled = sym_op.compile(cache=True)
    assert isinstance(compiled, sym.CompiledOperator)

    # explicit compiler path
    compiler = sym.SymbolicCompiler()
    compiled = compiler.compile_operator(sym_op)
    assert np.asarray(compiled.get_conn_padded(np.array([1, 2, 3]))[1]).tolist() == [1.0, 2.0, 3.0]

    artifact = compiler.compile(sym_op)
    print(artifact.backend, artifact.lowerer_name)
    print(artifact.cache_token())
    print([r.pass_name for r in artifact.pass_reports])

    first, token, passes = capsys.readouterr().out.splitlines()
    assert first == "jax jax_symbolic_v1"
    assert len(token) == 64
    assert set(token) <= set("0123456789abcdef")
    assert passes == str(small.STOCK)


def test_manual_cache_control(capsys):
    compiler = sym.SymbolicCompiler()
    print(compiler.cache_size)
    compiler.clear_cache()
    compiler.compile(sym_op)
    print(compiler.cache_size)
    compiler.clear_cache()
    print(compiler.cache_size)
    assert capsys.readouterr().out.split() == ["0", "1", "0"]


def test_what_the_page_says_to_log():
    artifact = sym.SymbolicCompiler().compile(sym_op)
    ir = sym_op.to_ir()
    assert ir.static_fingerprint() == artifact.analyses["ir_fingerprint"]
    assert artifact.metadata["total_padded_size"] == artifact.metadata_map()["total_padded_size"] == 3
    assert artifact.cache_key.namespace == "nqx_symbolic_v1"
    assert all(r.duration_ms >= 0 and isinstance(r.metadata, dict) for r in artifact.pass_reports)


def test_analyses_named_on_the_page():
    artifact = sym.SymbolicCompiler().compile(sym_op)
    assert artifact.analyses["validation_summary"] == {"valid": True, "error": None, "error_type": None}
    assert artifact.analyses["resolved_backend"] == "jax"
    assert artifact.analyses["term_order"] == (0,)
    assert artifact.analyses["term_fanouts"] == (3,)
    assert artifact.analyses["total_fanout"] == 3
    assert artifact.analyses["fusion_groups"] == ((0,),)


def test_options_named_on_the_page():
    options = sym.SymbolicCompilerOptions(
        backend_preference="jax",
        cache_enabled=True,
        cache_namespace="mine",
        enable_fusion=False,
        strict_validation=False,
    )
    assert sym.SymbolicCompiler(options=options).compile(sym_op).cache_key.namespace == "mine"


def test_the_call_graph_by_hand():
    """operator.to_ir() -> context -> run_pre_cache -> signature -> key -> get -> run_post_cache -> resolve -> lower."""
    compiler = sym.SymbolicCompiler()
    pipeline, artifact_store, lowerer_registry = compiler.pipeline, compiler.artifact_store, compiler.lowerer_registry
    operator = sym_op

    ir = operator.to_ir()
    context = compiler.context(operator)
    context = pipeline.run_pre_cache(context)
    assert context.ir is ir
    assert sorted(context.analyses) == sorted(
        ["ir", "hilbert", "space", "validation_summary", "ir_fingerprint", "resolved_backend", "term_order", "covered"]
    )
    signature = sym.SymbolicCompilationSignature.from_context(context)
    cache_key = signature.build_cache_key(namespace=context.options.cache_namespace)
    assert artifact_store.get(cache_key) is None
    context = pipeline.run_post_cache(context)
    assert context.analyses["total_fanout"] == 3
    lowerer = lowerer_registry.resolve(context)
    assert lowerer.name == "jax_symbolic_v1"
    artifact = lowerer.lower(context)
    assert artifact.cache_token() is None
    artifact_store.put(cache_key, attrs.evolve(artifact, cache_key=cache_key))

    hit = compiler.compile(operator)
    assert hit.report.outcome == "hit"
    assert hit.compiled_operator is artifact.compiled_operator
    assert hit.cache_key == cache_key
