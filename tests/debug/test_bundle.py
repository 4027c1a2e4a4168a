"""Bundles: what they hold, how they are written, and what happens when they cannot be."""

import json
import os
import pickle
import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import attrs
import jax
import numpy as np
import pytest
import small

import nqx_graph as sym
from nqx_graph.debug import read_bundle, replay
from nqx_graph.errors import DefinitionError, OptionTypeError, SymbolicCompilerError
from nqx_graph.ir.types import SymbolicOperatorIR

from . import breaking


def compiler_with(*stages, **arguments):
    return sym.SymbolicCompiler(graph=sym.default_graph().insert(*stages), **arguments)


def dumped(compiler, operator, folder, **arguments):
    with pytest.raises(SymbolicCompilerError) as caught:
        compiler.compile(operator, dump_dir=folder, **arguments)
    return caught.value


def test_what_a_bundle_holds(tmp_path):
    folder = tmp_path / "made" / "on the way"
    operator = small.number(weight=sym.symbol("w", 2.0))
    options = sym.SymbolicCompilerOptions(enable_fusion=False)
    error = dumped(compiler_with(breaking.breaks), operator, folder, options=options, metadata={"run": [1, 2.5]})
    assert [str(path) for path in folder.iterdir()] == [error.bundle]
    assert f"python -m nqx_graph replay {error.bundle}" in str(error)
    assert error.stage == "breaks"
    assert pickle.loads(pickle.dumps(SymbolicCompilerError("m", bundle=error.bundle))).bundle == error.bundle
    data = json.loads(Path(error.bundle).read_text(encoding="ascii"))
    assert data == read_bundle(error.bundle).data
    assert SymbolicOperatorIR.from_dict(data["ir"]["data"]).same_as(operator.to_ir())
    assert data["hilbert"] == {
        "package": "nqx_graph", "shown": "Fock(n_max=3, N=3)", "data": small.FOCK.to_data(), "missing": None,
    }  # fmt: skip
    assert data["operator"] == {"name": "number", "type": "nqx_graph.operators.symbolic.SymbolicOperator"}
    assert data["options"] == attrs.asdict(options)
    assert data["metadata"] == {"data": {"run": [1, 2.5]}, "missing": None}
    assert data["call"] == {"verify": False, "instruments": [], "x64": True, "outcome": "miss"}
    assert data["failure"]["stage"] == "breaks"
    assert data["failure"]["error_type"] == "builtins.ZeroDivisionError"
    assert data["failure"]["error"] == "number of [1, 2.5]"
    assert any("breaking.py" in line for line in data["failure"]["traceback"])
    assert data["report"] == json.loads(json.dumps(error.report.to_dict()))
    assert data["report"]["failed"] == "breaks"
    stages = {entry["name"]: entry for entry in data["graph"]["stages"]}
    assert set(stages) == {*small.STOCK, "breaks"}
    assert stages["breaks"] == {
        "name": "breaks", "module": breaking.__name__, "qualname": "breaks", "place": breaking.breaks.place,
        "version": None, "options": {}, "reads": ["ir", "metadata"], "writes": ["stats"], "supplies": None,
        "always": False,
    }  # fmt: skip
    assert stages["lowering"]["module"] == "nqx_graph.stages.lowering"
    assert {"from": "extraction", "to": "breaks", "analyses": ["ir"]} in data["graph"]["edges"]
    assert [(entry["name"], entry["qualname"]) for entry in data["lowerers"]] == [
        ("jax_fused_v1", "JaxFusedV1Lowerer"), ("jax_symbolic_v1", "JaxSymbolicV1Lowerer"), ("numpy_reference", "NumpyReferenceLowerer"),
    ]  # fmt: skip
    assert data["versions"]["jax"] == jax.__version__
    assert {"python", "numpy", "nqx_graph source"} <= set(data["versions"])


def test_nothing_is_written_when_nothing_fails(tmp_path):
    folder = tmp_path / "never"
    assert sym.SymbolicCompiler().compile(small.number(), dump_dir=folder).report.outcome == "miss"
    assert not folder.exists()


def test_it_is_no_part_of_the_key(tmp_path):
    compiler = sym.SymbolicCompiler()
    compiler.compile(small.number())
    assert compiler.compile(small.number(), dump_dir=str(tmp_path)).report.outcome == "hit"


def test_the_operator_takes_it_too(tmp_path):
    operator = sym.SymbolicOperator(sym.hilbert.Fock(3, N=5), small.number().to_ir())
    with pytest.raises(SymbolicCompilerError) as caught:
        operator.compile(dump_dir=tmp_path)
    assert os.path.exists(caught.value.bundle)


def test_without_it_the_error_has_no_bundle():
    with pytest.raises(SymbolicCompilerError) as caught:
        compiler_with(breaking.breaks).compile(small.number())
    assert caught.value.bundle is None
    assert "replay" not in str(caught.value)


def test_names_are_unique_and_modes_are_those_of_the_umask(tmp_path):
    compiler = compiler_with(breaking.breaks)
    before = os.umask(0o027)
    try:
        paths = [dumped(compiler, small.number(), tmp_path).bundle for _ in range(3)]
    finally:
        os.umask(before)
    assert len(set(paths)) == len(list(tmp_path.iterdir())) == 3
    assert {stat.S_IMODE(os.stat(path).st_mode) for path in paths} == {0o640}
    assert all(os.path.basename(path).endswith(".json") and "-breaks-" in path for path in paths)


def test_calls_that_wait_for_one_that_fails_have_bundles_of_their_own(tmp_path):
    compilers_busy = threading.Event()

    def lower(context):
        compilers_busy.wait(0.3)
        raise MemoryError("no room")

    compiler = sym.SymbolicCompiler(lowerer_registry=small.registry(small.Lowerer("slow", lower)))
    with ThreadPoolExecutor(3) as pool:
        errors = list(pool.map(lambda _: dumped(compiler, small.number(), tmp_path), range(3)))
    assert len({error.bundle for error in errors}) == 3
    for error in errors:
        assert str(error).count("replay") == 1
        assert str(error).endswith(f"{error.bundle})")
        failure = read_bundle(error.bundle)["failure"]
        assert (failure["stage"], failure["error_type"], failure["error"]) == (
            "lowering", "builtins.MemoryError", "no room",
        )  # fmt: skip


def test_a_folder_that_cannot_be_written_hides_nothing(tmp_path):
    taken = tmp_path / "a file"
    taken.write_text("mine")
    error = dumped(compiler_with(breaking.breaks), small.number(), taken)
    assert error.bundle is None
    assert type(error.__cause__) is ZeroDivisionError
    assert str(error).endswith("failed in stage 'breaks': number of None")
    assert any("No bundle could be written" in note and "FileExistsError" in note for note in error.__notes__)
    assert taken.read_text() == "mine"


def test_a_write_that_is_cut_short_leaves_no_file(tmp_path, monkeypatch):
    def full(*_):
        raise OSError("disk full")

    monkeypatch.setattr(os, "replace", full)
    error = dumped(compiler_with(breaking.breaks), small.number(), tmp_path)
    assert any("disk full" in note for note in error.__notes__)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("dump_dir", [3, ["a"], b"a"])
def test_the_argument_is_a_path(dump_dir):
    with pytest.raises(OptionTypeError, match="dump_dir must be the path of a folder"):
        sym.SymbolicCompiler().compile(small.number(), dump_dir=dump_dir)


def test_parts_that_cannot_be_written_say_why(tmp_path):
    space = small.LoadedSpace()
    operator = sym.DOperator(space, "loaded").for_each_site("i").emit(sym.write("i", 5)).build()
    error = dumped(compiler_with(breaking.breaks), operator, tmp_path, metadata={"run": object()})
    bundle = read_bundle(error.bundle)
    assert bundle["hilbert"]["data"] is None
    assert "LoadedSpace has no form as data" in bundle["hilbert"]["missing"]
    assert bundle["metadata"]["data"] is None
    assert "object" in bundle["metadata"]["missing"]
    assert bundle["ir"]["data"] is not None


def test_a_failed_extraction_leaves_no_ir(tmp_path):
    bundle = read_bundle(dumped(sym.SymbolicCompiler(), 5, tmp_path).bundle)
    assert bundle["ir"] == {
        "data": None, "missing": "LookupError: the extraction failed, so that there is none",
    }  # fmt: skip
    assert bundle["operator"] == {"name": None, "type": "builtins.int"}


def test_couplings_that_json_has_no_word_for(tmp_path):
    ir = sym.DOperator(small.FOCK, "odd").for_each_site("i", columns={"c": np.ones(3)}).emit(amplitude=sym.column("c"))
    ir = ir.build().to_ir()
    term = ir.terms[0]
    odd = {"c": np.array([np.nan, np.inf, -np.inf])}
    bad = attrs.evolve(ir, terms=[attrs.evolve(term, iterator=attrs.evolve(term.iterator, columns=odd))])
    error = dumped(sym.SymbolicCompiler(), small.Given(bad), tmp_path)
    assert type(error.__cause__) is not AssertionError
    assert error.stage == "symbolic_validation"
    assert '"$float": "nan"' in Path(error.bundle).read_text()
    outcome = replay(error.bundle)
    assert outcome.same, str(outcome)


def test_what_a_verification_and_an_instrument_found_is_dumped_too(tmp_path):
    class Strict:
        def after(self, stage, values, duration_ns):
            raise RuntimeError("no")

    error = dumped(sym.SymbolicCompiler(), small.number(), tmp_path, verify=True, instruments=[Strict()])
    bundle = read_bundle(error.bundle)
    assert bundle["call"]["verify"] is True
    assert [name.rpartition(".")[2] for name in bundle["call"]["instruments"]] == ["Strict"]
    assert bundle["failure"]["error_type"] == "nqx_graph.errors.InstrumentError"


def test_errors_before_the_compile_write_nothing(tmp_path):
    with pytest.raises(OptionTypeError):
        sym.SymbolicCompiler().compile(small.number(), metadata=3, dump_dir=tmp_path)
    assert list(tmp_path.iterdir()) == []
    assert issubclass(DefinitionError, ValueError)
