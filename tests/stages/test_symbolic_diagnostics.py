"""The stage: nobody waits for what nobody asks for, and what is refused is refused on hits as well."""

import importlib
import pickle
import threading

import pytest
import small

import nqx_graph as sym
from nqx_graph.diagnostics import Diagnostics
from nqx_graph.errors import DiagnosticsError, SymbolicCompilerError

STRICT = sym.SymbolicCompilerOptions(fail_on_warnings=True)


def unfound(*_):
    raise AssertionError("diagnostics were looked for")


def test_they_are_found_when_somebody_looks(monkeypatch):
    monkeypatch.setattr(importlib.import_module("nqx_graph.stages.symbolic_diagnostics"), "find", unfound)
    artifact = sym.SymbolicCompiler().compile(small.raising())
    assert artifact.compiled_operator.max_conn_size == 3
    assert isinstance(artifact.analyses["diagnostics"], Diagnostics)
    with pytest.raises(AssertionError, match="looked for"):
        len(artifact.analyses["diagnostics"])


def test_the_report_sums_them_up_on_a_miss_and_the_artifact_has_them_on_a_hit():
    compiler = sym.SymbolicCompiler()
    miss, hit = compiler.compile(small.raising()), compiler.compile(small.raising())
    assert miss.report["symbolic_diagnostics"].metadata == {"diagnostics": "1 warning"}
    assert hit.report["symbolic_diagnostics"].status == "skipped: cache hit"
    assert hit.analyses["diagnostics"] == miss.analyses["diagnostics"] == sym.diagnose(small.raising())
    assert compiler.compile(small.number()).report["symbolic_diagnostics"].metadata == {"diagnostics": "none"}


def test_fail_on_warnings_fails_every_time_and_stores_nothing():
    compiler = sym.SymbolicCompiler()
    assert compiler.compile(small.raising()).report.outcome == "miss"
    for _ in range(2):
        with pytest.raises(SymbolicCompilerError, match="has 1 warning") as caught:
            compiler.compile(small.raising(), options=STRICT)
        assert caught.value.stage == "symbolic_diagnostics"
        assert isinstance(caught.value.__cause__, DiagnosticsError)
        assert caught.value.__cause__.diagnostics == sym.diagnose(small.raising())
        assert caught.value.report["lowering"].status == "not reached"
    assert compiler.cache_size == 1
    assert compiler.compile(small.raising()).report.outcome == "hit"


def test_those_that_wait_for_the_call_that_fails_fail_with_it():
    compiler, errors = sym.SymbolicCompiler(options=STRICT), []

    def compile_it():
        try:
            compiler.compile(small.raising())
        except SymbolicCompilerError as error:
            errors.append(error.stage)

    threads = [threading.Thread(target=compile_it) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(errors) == 4
    assert compiler.cache_size == 0


def test_fail_on_warnings_lets_pass_what_has_none():
    compiler = sym.SymbolicCompiler(options=STRICT)
    assert [compiler.compile(small.number()).report.outcome for _ in range(2)] == ["miss", "hit"]


def test_the_severity_decides_what_fails():
    def compiled(severity, operator):
        options = sym.SymbolicCompilerOptions(fail_on_warnings=True, min_severity=severity)
        return sym.SymbolicCompiler(options=options).compile(operator).analyses["diagnostics"]

    assert len(compiled("error", small.raising())) == 0
    with pytest.raises(SymbolicCompilerError, match="NQX006"):
        compiled("info", small.raising())
    doubled = sym.DOperator(small.FOCK).for_each("i", over=[0, 0]).emit(amplitude=sym.site("i").value).build()
    assert compiled("info", doubled).codes == ("NQX004",)  # an info fails nothing
    assert compiled("warning", doubled).codes == ()


def test_what_is_dropped_on_purpose_is_not_told():
    options = sym.SymbolicCompilerOptions(fail_on_warnings=True, on_out_of_domain="drop")
    assert sym.SymbolicCompiler(options=options).compile(small.raising()).analyses["diagnostics"].codes == ()
    assert sym.diagnose(small.raising(), options=options).codes == ()


def test_it_is_a_function_of_what_it_reads():
    artifact = sym.SymbolicCompiler().compile(small.raising(), verify=True)
    assert artifact.analyses["diagnostics"].codes == ("NQX006",)
    copied = pickle.loads(pickle.dumps(artifact.analyses["diagnostics"]))
    assert copied == artifact.analyses["diagnostics"] and str(copied) == str(artifact.analyses["diagnostics"])


def test_an_operator_that_breaks_the_rules_is_compiled_without_strict_validation():
    options = sym.SymbolicCompilerOptions(strict_validation=False)
    divided = sym.DOperator(small.FOCK).globally().emit(amplitude=sym.source_index(0) / 0).build()
    artifact = sym.SymbolicCompiler().compile(divided, options=options)
    assert artifact.analyses["diagnostics"].codes == ("NQX005",)


def test_a_store_on_disk_leaves_them_out(tmp_path):
    def compiler():
        return sym.SymbolicCompiler(artifact_store=sym.DiskArtifactStore(tmp_path))

    compiler().compile(small.raising())
    hit = compiler().compile(small.raising())
    assert hit.report.outcome == "hit" and "diagnostics" not in hit.analyses
    with pytest.raises(SymbolicCompilerError, match="NQX006"):
        compiler().compile(small.raising(), options=STRICT)
