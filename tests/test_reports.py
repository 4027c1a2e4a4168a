"""What a compile leaves to keep: records, traces, and XLA's share as rows."""

import json

import jax
import numpy as np
import pytest
import small

import nqx_graph as sym
from nqx_graph.errors import OptionTypeError
from nqx_graph.kernel.kernels import trace_count
from nqx_graph.stages import AOT_STAGES, STAGES

AHEAD = sym.SymbolicCompilerOptions(aot_batch_shape=(37, 2))
NAMES = [stage.name for stage in AOT_STAGES]


def test_a_record_says_how_it_was_compiled():
    compiler = sym.SymbolicCompiler(options=sym.SymbolicCompilerOptions(cache_namespace="sweep"))
    operator = small.number()
    artifact = compiler.compile(operator)
    record = json.loads(json.dumps(artifact.record()))
    assert record["ir_fingerprint"] == operator.to_ir().static_fingerprint()
    assert record["cache_token"] == artifact.cache_token()
    assert record["cache_namespace"] == "sweep"
    assert record["options"]["cache_namespace"] == "sweep"
    assert set(record["options"]) == {name for name, _ in compiler.options.static_signature()}
    assert record["outcome"] == "miss"
    assert [row["name"] for row in record["stages"]] == [row.name for row in artifact.report.rows]
    assert all(isinstance(row["duration_ns"], int) for row in record["stages"])
    assert record["lowerer"] == "jax_symbolic_v1"
    assert record["total_padded_size"] == artifact.compiled_operator.max_conn_size
    assert record["versions"]["jax"] == jax.__version__
    assert record["versions"]["numpy"] == np.__version__


def test_the_record_of_a_hit_keeps_that_of_the_building_call():
    compiler = sym.SymbolicCompiler()
    built = compiler.compile(small.number()).record()
    hit = compiler.compile(small.number()).record()
    assert (built["outcome"], hit["outcome"]) == ("miss", "hit")
    assert hit["built_by"] == built["built_by"]
    assert [row["name"] for row in hit["built_by"]] == [stage.name for stage in STAGES]
    assert {row["name"]: row["status"] for row in hit["stages"]}["lowering"] == "skipped: cache hit"


def test_a_trace_nests_every_stage_in_the_call():
    artifact = sym.SymbolicCompiler().compile(small.number())
    trace = json.loads(json.dumps(artifact.report.to_chrome_trace()))
    events = [event for event in trace["traceEvents"] if event["ph"] == "X"]
    call, *stages = events
    assert call["name"] == "compile: miss"
    assert [event["name"] for event in stages] == [row.name for row in artifact.report.rows]
    assert call["ts"] == 0
    ends = [0.0]
    for event, row in zip(stages, artifact.report.rows, strict=True):
        assert event["dur"] == row.duration_ns / 1e3
        assert ends[-1] <= event["ts"]
        ends.append(event["ts"] + event["dur"])
    assert ends[-1] <= call["dur"]
    assert {event["args"]["status"] for event in stages} == {"ran"}


def test_a_trace_of_a_failed_call():
    with pytest.raises(sym.SymbolicCompilerError) as caught:
        sym.SymbolicCompiler().compile(object())
    trace = caught.value.report.to_chrome_trace()
    assert [event["name"] for event in trace["traceEvents"] if event["ph"] == "X"] == ["compile: failed", "extraction"]


def test_ahead_of_time_stages_are_rows_and_the_first_call_compiles_nothing():
    compiler = sym.SymbolicCompiler()
    operator = small.number()
    artifact = compiler.compile(operator, options=AHEAD)
    rows = {row.name: row for row in artifact.report.rows}
    assert [name for name in rows if name in NAMES] == NAMES
    assert {rows[name].status for name in NAMES} == {"ran"}
    assert rows["xla_compilation"].metadata["output_bytes"] > 0
    size = artifact.metadata["total_padded_size"]
    n = artifact.metadata["hilbert_size"]
    assert rows["first_call"].metadata["xp_shape"] == (37, 2, size, n)
    before = trace_count()
    x = np.zeros((37, 2, n), dtype=np.int8) + int(np.min(operator.hilbert.local_states))
    artifact.compiled_operator.get_conn_padded(x)
    assert trace_count() == before


def test_ahead_of_time_stages_are_skipped_on_a_hit():
    compiler = sym.SymbolicCompiler(options=AHEAD)
    compiler.compile(small.number())
    report = compiler.compile(small.number()).report
    assert report.outcome == "hit"
    assert {report[name].status for name in NAMES} == {"skipped: cache hit"}
    assert compiler.explain(small.number()).outcome == "hit"


def test_without_the_option_there_are_no_such_rows_and_the_key_is_another():
    compiler = sym.SymbolicCompiler()
    plain = compiler.compile(small.number())
    assert not set(NAMES) & {row.name for row in plain.report.rows}
    assert compiler.compile(small.number(), options=AHEAD).cache_token() != plain.cache_token()


def test_an_operator_that_is_no_kernel_has_nothing_to_compile_ahead():
    options = sym.SymbolicCompilerOptions(aot_batch_shape=2, backend_preference="numpy")
    report = sym.SymbolicCompiler().compile(small.number(), options=options).report
    assert report["kernel_tracing"].metadata == {"traced": False}
    assert report["first_call"].metadata["compiled_ahead"] is False


def test_a_symbol_without_a_value_leaves_nothing_to_call():
    operator = sym.symbol("g") * small.number()
    report = sym.SymbolicCompiler().compile(operator, options=AHEAD).report
    assert report["kernel_tracing"].metadata == {"traced": False}
    assert report["first_call"].metadata == {"called": False}


@pytest.mark.parametrize("shape", [-1, (2, -3), "12", (1.5,), True, {2}])
def test_a_shape_that_is_none_is_refused(shape):
    with pytest.raises(OptionTypeError, match="aot_batch_shape"):
        sym.SymbolicCompilerOptions(aot_batch_shape=shape)


def test_a_length_alone_is_a_shape():
    assert sym.SymbolicCompilerOptions(aot_batch_shape=16).aot_batch_shape == (16,)
    assert sym.SymbolicCompilerOptions(aot_batch_shape=[2, 3]).aot_batch_shape == (2, 3)
