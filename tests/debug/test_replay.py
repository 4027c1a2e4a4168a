"""Replay: to the same error, or saying what is different or missing."""

import json
import os
import subprocess
import sys
from pathlib import Path

import attrs
import pytest
import small

import nqx_graph as sym
from nqx_graph import stage
from nqx_graph.__main__ import main
from nqx_graph.debug import replay
from nqx_graph.errors import BundleError, IRFormatError, SymbolicCompilerError

from . import breaking

TESTS = Path(__file__).parents[1]


def dump(compiler, operator, folder, **arguments):
    with pytest.raises(SymbolicCompilerError) as caught:
        compiler.compile(operator, dump_dir=folder, **arguments)
    return caught.value.bundle


def compiler_with(*stages, **arguments):
    return sym.SymbolicCompiler(graph=sym.default_graph().insert(*stages), **arguments)


def command(*arguments):
    path = os.pathsep.join([str(TESTS.parent), os.environ.get("PYTHONPATH", "")])
    return subprocess.run(
        [sys.executable, "-m", "nqx_graph", "replay", *arguments],
        cwd=TESTS,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )


def edited(path, change):
    data = json.loads(Path(path).read_text())
    change(data)
    Path(path).write_text(json.dumps(data))
    return path


FAILURES = {
    "pass": lambda: (compiler_with(breaking.breaking_pass), small.number(), {}),
    "override": lambda: (
        sym.SymbolicCompiler(graph=sym.default_graph().insert(breaking.breaks).override(term_order=(0,), total_fanout=3)),
        small.number(), {},
    ),
    "validation": lambda: (sym.SymbolicCompiler(), small.Given(attrs.evolve(small.number().to_ir(), terms=())), {}),
    "space": lambda: (sym.SymbolicCompiler(), small.Given(small.number().to_ir(), sym.hilbert.Fock(3, N=5)), {}),
    "stage": lambda: (compiler_with(breaking.breaks), small.number(), {"metadata": {"run": {"a": [1, None]}}}),
    "renamed": lambda: (compiler_with(breaking.renamed), small.number(small.SPIN), {}),
    "verification": lambda: (compiler_with(breaking.meddles), small.number(), {"verify": True}),
    "lowerer": lambda: (
        sym.SymbolicCompiler(lowerer_registry=small.registry(breaking.Refusing())), small.number(), {},
    ),
    "configured lowerer": lambda: (
        sym.SymbolicCompiler(lowerer_registry=small.registry(breaking.configured)), small.number(), {},
    ),
    "ahead": lambda: (
        compiler_with(breaking.breaks), small.number(),
        {"options": sym.SymbolicCompilerOptions(aot_batch_shape=(2, 3), cache_enabled=False)},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FAILURES)
def test_the_same_error_in_the_same_stage(name, tmp_path):
    compiler, operator, arguments = FAILURES[name]()
    path = dump(compiler, operator, tmp_path, **arguments)
    outcome = replay(path)
    assert outcome.same, str(outcome)
    assert outcome.differences == ()
    assert outcome.error.stage == outcome.bundle["failure"]["stage"]
    assert "The same error appeared in the same stage." in str(outcome)
    assert outcome.remarks == ()


def test_in_another_process(tmp_path):
    path = dump(compiler_with(breaking.breaks), small.number(), tmp_path, metadata={"run": 7})
    run = command(path)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "the operator 'number' failed in stage 'breaks' with builtins.ZeroDivisionError: number of 7" in run.stdout


def test_the_setting_of_64_bits_is_that_of_the_bundle(tmp_path):
    import jax

    from nqx_graph.environment import x64_enabled

    path = dump(compiler_with(breaking.breaks), small.number(dtype="float32"), tmp_path)
    edited(path, lambda data: data["call"].update(x64=False))
    assert replay(path).same
    assert x64_enabled()
    with_x64 = dump(compiler_with(breaking.breaks), small.number(), tmp_path)
    edited(with_x64, lambda data: data["call"].update(x64=False))
    assert replay(with_x64).error.stage == "symbolic_validation"
    assert jax.config.jax_enable_x64


def test_it_passes_now(tmp_path, capsys):
    compiler = compiler_with(breaking.breaks)
    path = dump(compiler, small.number(), tmp_path)
    mended = stage(writes=breaking.STATS, name="breaks")(lambda ir, metadata: {})
    outcome = replay(path, stages=[mended])
    assert not outcome.same
    assert outcome.error is None
    assert "It compiled: the error did not appear." in str(outcome)


def test_another_error_appears(tmp_path, capsys):
    path = dump(compiler_with(breaking.breaks), small.number(), tmp_path)
    edited(path, lambda data: data["failure"].update(stage="lowering", error_type="builtins.KeyError", error="x"))
    assert main(["replay", path]) == 1
    printed = capsys.readouterr().out
    assert "Another stage failed: 'breaks'; the bundle has 'lowering'." in printed
    assert "Another error appeared: 'builtins.ZeroDivisionError'; the bundle has 'builtins.KeyError'." in printed
    assert "The error says something else: 'number of None'; the bundle has 'x'." in printed


def test_addresses_are_no_difference(tmp_path):
    path = dump(compiler_with(breaking.breaks), small.number(), tmp_path, metadata={"run": "<a at 0x7f00aa>"})
    edited(path, lambda data: data["failure"].update(error="number of <a at 0x55AB>"))
    assert replay(path).same


def test_stages_and_lowerers_that_cannot_be_imported_are_named(tmp_path, capsys):
    @stage(writes=breaking.STATS)
    def local(ir):
        raise ZeroDivisionError("here")

    compiler = compiler_with(local, lowerer_registry=small.registry(small.Lowerer("homemade", lambda context: None)))
    path = dump(compiler, small.number(), tmp_path)
    assert main(["replay", path]) == 2
    printed = capsys.readouterr().err
    assert "the stage 'local'" in printed
    assert "test_replay.py" in printed
    assert "replay(path, stages=[...])" in printed
    assert "the lowerer 'homemade' (small.Lowerer)" in printed
    with pytest.raises(BundleError) as caught:
        replay(path, stages=[local])
    assert len(caught.value.missing) == 1
    assert replay(path, stages=[local], lowerers=compiler.lowerer_registry.lowerers).same
    gone = edited(path, lambda data: [entry.update(module="nowhere.at_all") for entry in data["graph"]["stages"]])
    with pytest.raises(BundleError, match=r"'extraction' .*No module named 'nowhere'"):
        replay(gone)
    for module in ("os; print(1)", "", "../x"):
        edited(path, lambda data, module=module: data["graph"]["stages"][0].update(module=module))
        with pytest.raises(BundleError, match="is no name of a module"):
            replay(path)


def test_a_stage_that_took_the_place_of_a_stock_one_is_not_mistaken_for_it(tmp_path):
    def lowering(registry):
        raise ZeroDivisionError("other")

    graph = sym.default_graph()
    stock = graph["lowering"]
    other = attrs.evolve(stock, fn=lowering, open_reads=False)
    path = dump(sym.SymbolicCompiler(graph=graph.replace("lowering", other)), small.number(), tmp_path)
    with pytest.raises(BundleError, match=r"the stage 'lowering' .*cannot be imported"):
        replay(path)
    assert replay(path, stages=[other]).same


def test_a_value_that_an_analysis_was_fixed_to(tmp_path):
    fixed = {"valid": {1, 2}}
    graph = sym.default_graph().insert(breaking.breaks).override(validation_summary=fixed, term_order=(0,))
    path = dump(sym.SymbolicCompiler(graph=graph), small.number(), tmp_path)
    with pytest.raises(BundleError, match="that 'validation_summary' was fixed to is not in it") as caught:
        replay(path)
    assert len(caught.value.missing) == 1
    outcome = replay(path, overrides={"validation_summary": fixed})
    assert outcome.same
    assert dict(outcome.error.report.graph.overrides) == {"validation_summary": fixed, "term_order": (0,)}


def test_a_space_without_a_form_is_asked_for(tmp_path, capsys):
    space = small.LoadedSpace()
    operator = sym.DOperator(space, "loaded").for_each_site("i").emit(sym.write("i", 5)).build()
    path = dump(compiler_with(breaking.breaks), operator, tmp_path)
    assert main(["replay", path]) == 2
    printed = capsys.readouterr().err
    assert "the Hilbert space <small.LoadedSpace" in printed
    assert "LoadedSpace has no form as data" in printed
    assert "replay(path, hilbert=...)" in printed
    assert replay(path, hilbert=space).same


def test_without_an_ir_there_is_nothing_to_replay(tmp_path, capsys):
    path = dump(sym.SymbolicCompiler(), 5, tmp_path)
    assert main(["replay", path]) == 2
    assert "it holds no IR" in capsys.readouterr().err


def test_what_is_not_as_it_was_is_remarked(tmp_path):
    path = dump(compiler_with(breaking.breaks), small.number(), tmp_path, metadata={"run": object()})

    def change(data):
        data["versions"]["jax"] = "0.0.1"
        data["call"].update(outcome="hit", instruments=["mine.Log"])
        next(entry for entry in data["graph"]["stages"] if entry["name"] == "breaks")["version"] = "1"

    remarks = replay(edited(path, change)).remarks
    assert len(remarks) == 5
    for fact in (
        "metadata is not in the bundle",
        "an empty store",
        "mine.Log",
        "written with 0.0.1",
        "other version now",
    ):
        assert any(fact in remark for remark in remarks), remarks


@pytest.mark.parametrize(
    ("change", "fact"),
    [
        (lambda data: data.update(version=2), "reads bundles of version 1"),
        (lambda data: data.update(format="other"), "its format is 'other'"),
        (lambda data: data.pop("ir"), "lacks the fields 'ir'"),
        (lambda data: data.update(more=1), "the unknown 'more'"),
        (lambda data: data["call"].update(verify=1), "a bundle.call.verify must be bool"),
        (lambda data: data["graph"]["stages"][0].pop("reads"), "a bundle.graph.stages[0] lacks the fields 'reads'"),
        (lambda data: data["options"].update(enable_fusion="yes"), "option that does not exist"),
        (lambda data: data["options"].pop("enable_fusion"), "the options of a compile are"),
        (lambda data: data["ir"]["data"].update(version=9), "version 9"),
        (lambda data: data["hilbert"].update(package="elsewhere"), "no Hilbert spaces of the package 'elsewhere'"),
        (lambda data: data["hilbert"]["data"].update(N=-1), "Hilbert"),
    ],
)
def test_reading_is_strict(change, fact, tmp_path, capsys):
    path = edited(dump(compiler_with(breaking.breaks), small.number(), tmp_path), change)
    with pytest.raises(IRFormatError) as caught:
        replay(path)
    assert fact in str(caught.value)
    assert main(["replay", path]) == 2
    assert fact in capsys.readouterr().err


@pytest.mark.parametrize("text", ["", "{", "[]", "3", '{"format": NaN}', '{"a": 1, "a": 2}', "[" * 100_000, "\xff"])
def test_what_is_no_bundle(text, tmp_path):
    path = tmp_path / "file.json"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(IRFormatError):
        replay(path)


def test_a_file_that_is_not_there(tmp_path, capsys):
    assert main(["replay", str(tmp_path / "none.json")]) == 2
    assert "none.json" in capsys.readouterr().err
