"""Saving and loading: the same operator comes back, or an error does."""

from __future__ import annotations

import json
import os
import random
import sys
from pathlib import Path
from typing import Any

import attrs
import jax
import numpy as np
import pytest
import stored
import strategies
from figures import figure
from ir import samples
from promises.test_no_wrong_entry import AUDIT, NODES, ways
from refusal import refused

import nqx_graph as sym
from nqx_graph.errors import HilbertError, IRFormatError, OptionTypeError
from nqx_graph.files import form, spaces
from nqx_graph.hilbert import Fock, Qubit, Spin
from nqx_graph.ir.frozen import FrozenDict

PROGRAMS = figure(200, 10_000)


def simple(space: Any = None, weight: Any = 0.5, name: str = "field") -> sym.SymbolicOperator:
    amplitude = sym.symbol("h", weight) * sym.site("i").value
    builder = sym.DOperator(space or Spin(1 / 2, 2), name, dtype="complex128")
    return builder.for_each_site("i").emit(amplitude=amplitude).build()


def same(ours: sym.SymbolicOperator, theirs: sym.SymbolicOperator) -> bool:
    return ours.to_ir().same_as(theirs.to_ir()) and ours.hilbert == theirs.hilbert


def held(path: Path) -> dict[str, Any]:
    return {name: json.loads(path.read_text())[name] for name in ("hilbert", "ir")}


def test_random_programs_and_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        os, "fsync", lambda handle: None
    )  # of hundreds of files, which is all that this test would wait for
    path = tmp_path / "operator.json"
    for operator in (*stored.operators(), *map(strategies.seeded, range(PROGRAMS))):
        assert sym.save(operator, path) is None
        again = sym.load(path)
        assert type(again) is sym.SymbolicOperator
        assert same(again, operator)
        assert again.to_ir().static_fingerprint() == operator.to_ir().static_fingerprint()
        before = path.read_bytes()
        sym.save(again, path)
        assert path.read_bytes() == before


@pytest.mark.parametrize("make", [samples.ladder, samples.rich, samples.full])
def test_every_kind_of_the_language(tmp_path: Path, make: Any) -> None:
    ir = make()
    operator = sym.SymbolicOperator(Fock(4 if ir.operator_name == "rich" else 3, ir.hilbert_size), ir)
    if ir.operator_name == "full":
        operator = sym.SymbolicOperator(Qubit(ir.hilbert_size), ir)
    sym.save(operator, tmp_path / "a")
    assert same(sym.load(tmp_path / "a"), operator)


NUMBERS = [
    0.0,
    -0.0,
    0.1,
    5e-324,
    -1.7976931348623157e308,
    2**63 - 1,
    -(2**63),
    1,
    1.0,
    complex(-0.0, -0.0),
    1e-300j,
    None,
]


@pytest.mark.parametrize("number", NUMBERS, ids=repr)
def test_numbers_to_the_bit(tmp_path: Path, number: Any) -> None:
    operator = simple(weight=number)
    sym.save(operator, tmp_path / "a")
    again = sym.load(tmp_path / "a").to_ir()
    assert again.same_as(operator.to_ir())
    assert repr(again.symbols["h"]) == repr(number)


@pytest.mark.parametrize("dtype", ["int32", "int64", "float32", "float64", "complex64", "complex128"])
def test_columns_to_the_bit(tmp_path: Path, dtype: str) -> None:
    column, ir = np.array([-0.0, 1 / 3], dtype=dtype), simple().to_ir()
    rows = sym.KBodyIteratorSpec(("i",), [[0], [1]], {"J": column})
    ir = attrs.evolve(ir, terms=[attrs.evolve(ir.terms[0], iterator=rows)])
    sym.save(sym.SymbolicOperator(Spin(1 / 2, 2), ir), tmp_path / "a")
    found = sym.load(tmp_path / "a").to_ir().terms[0].iterator.columns["J"]
    assert (found.dtype, found.tobytes()) == (column.dtype, column.tobytes())


def test_what_is_loaded_compiles_to_the_same_and_is_a_hit(tmp_path: Path) -> None:
    operator = stored.operators()[0]
    sym.save(operator, tmp_path / "a")
    compiler = sym.SymbolicCompiler()
    ours, theirs = compiler.compile(operator), compiler.compile(sym.load(tmp_path / "a"))
    assert theirs.report.outcome == "hit"
    np.testing.assert_array_equal(ours.compiled_operator.to_dense(), theirs.compiled_operator.to_dense())


def test_names_metadata_and_text_of_any_kind(tmp_path: Path) -> None:
    ir = simple(name='π "quoted"\n\ud800').to_ir()
    metadata = FrozenDict({"paper": [1, 2.5, None, {"ja": True}], "漢": "\x00"})
    operator = sym.SymbolicOperator(Spin(1 / 2, 2), attrs.evolve(ir, metadata=metadata))
    sym.save(operator, tmp_path / "a")
    assert same(sym.load(tmp_path / "a"), operator)
    assert (tmp_path / "a").read_bytes().isascii()


def test_an_operator_is_saved_and_loaded_without_64_bits(tmp_path: Path) -> None:
    operator = simple()
    with jax.enable_x64(False):
        sym.save(operator, tmp_path / "a")
        assert same(sym.load(tmp_path / "a"), operator)


def test_paths_are_text_or_path_objects_and_nothing_is_added_to_them(tmp_path: Path) -> None:
    sym.save(simple(), str(tmp_path / "text"))
    assert same(sym.load(tmp_path / "text"), simple())
    assert [path.name for path in tmp_path.iterdir()] == ["text"]


@pytest.mark.parametrize("path", [None, 1, b"bytes", "a\0b", ["a"]], ids=repr)
def test_what_is_no_path(path: Any) -> None:
    with refused(OptionTypeError, "save(operator, path) takes the path of a file", repr(path)):
        sym.save(simple(), path)
    with refused(OptionTypeError, "load(path) takes the path of a file", repr(path)):
        sym.load(path)


# --- what is no symbolic operator ---


class Foreign:
    """Another object that compiles."""

    hilbert = Spin(1 / 2, 2)

    def to_ir(self) -> Any:
        return simple().to_ir()


def test_another_object_that_compiles_is_saved(tmp_path: Path) -> None:
    sym.save(Foreign(), tmp_path / "a")
    assert same(sym.load(tmp_path / "a"), simple())


def test_a_compiled_operator_is_refused_and_the_way_out_works(tmp_path: Path) -> None:
    compiled = simple().compile().with_parameters(h=0.25)
    with refused(
        OptionTypeError,
        "'field' is compiled",
        "SymbolicOperator(compiled.hilbert, compiled.ir)",
        "not those of with_parameters",
    ):
        sym.save(compiled, tmp_path / "a")
    assert list(tmp_path.iterdir()) == []
    sym.save(sym.SymbolicOperator(compiled.hilbert, compiled.ir), tmp_path / "a")
    assert same(sym.load(tmp_path / "a"), simple())


@pytest.mark.parametrize(
    ("given", "fact"),
    [
        (sym.DOperator(Spin(1 / 2, 2)), "a DOperator: call .build() on it first"),
        ("a.json", "an operator and a path, in this order; it was given a str"),
        (simple().to_ir(), "a SymbolicOperatorIR: give what build() returns"),
        (np.eye(2), "a ndarray"),
    ],
    ids=["a builder", "arguments swapped", "an IR", "an array"],
)
def test_what_is_no_operator(tmp_path: Path, given: Any, fact: str) -> None:
    with refused(OptionTypeError, fact.replace("an operator and", "a symbolic operator and")):
        sym.save(given, tmp_path / "a")
    assert list(tmp_path.iterdir()) == []


def test_an_operator_that_breaks_the_rules_is_refused_when_saved(tmp_path: Path) -> None:
    ir = attrs.evolve(simple().to_ir(), terms=())
    with refused(IRFormatError, "'field' cannot be saved", "no term"):
        sym.save(sym.SymbolicOperator(Spin(1 / 2, 2), ir), tmp_path / "a")
    with refused(IRFormatError, "'field' cannot be saved", "written for 2 sites; its Hilbert space has 3"):
        sym.save(sym.SymbolicOperator(Spin(1 / 2, 3), simple().to_ir()), tmp_path / "a")
    assert list(tmp_path.iterdir()) == []


def test_an_ir_that_would_come_back_as_another_is_refused(tmp_path: Path) -> None:
    term = simple().to_ir().terms[0]
    column = sym.KBodyIteratorSpec(("i",), term.iterator.index_sets, {"w": np.ones(2, np.float16)})
    ir = attrs.evolve(simple().to_ir(), terms=[attrs.evolve(term, iterator=column)])
    with refused(IRFormatError, "cannot be saved", "dtype 'float16'"):
        sym.save(sym.SymbolicOperator(Spin(1 / 2, 2), ir), tmp_path / "a")


@pytest.mark.parametrize("flag", [None, 1, "no"])
def test_with_hilbert_is_a_truth_value(tmp_path: Path, flag: Any) -> None:
    with refused(OptionTypeError, f"with_hilbert must be True or False; it is {flag!r}"):
        sym.save(simple(), tmp_path / "a", with_hilbert=flag)


# --- the space ---


class Odd:
    """A space of somebody's own: it has no form as data."""

    size, local_states = 2, (-1, 1)


def test_a_space_without_a_form_is_refused_or_given(tmp_path: Path) -> None:
    operator, space = simple(Odd()), Odd()
    with refused(HilbertError, "Odd has no form as data", "with_hilbert=False", "load(path, hilbert=space)"):
        sym.save(operator, tmp_path / "a")
    assert list(tmp_path.iterdir()) == []
    sym.save(operator, tmp_path / "a", with_hilbert=False)
    with refused(HilbertError, "was saved without its Hilbert space, a Odd of 2 sites", "load(path, hilbert=space)"):
        sym.load(tmp_path / "a")
    loaded = sym.load(tmp_path / "a", hilbert=space)
    assert loaded.hilbert is space
    assert loaded.to_ir().same_as(operator.to_ir())


def test_an_equal_space_may_be_given(tmp_path: Path) -> None:
    space = Spin(1 / 2, 2)
    sym.save(simple(), tmp_path / "a")
    assert sym.load(tmp_path / "a", space).hilbert is space


OTHERS = {
    "size": Spin(1 / 2, 3),
    "local states": Spin(1, 2),
    "form": Spin(1 / 2, 2, total_sz=0),
    "form of another": Odd(),
    "local states of qubits": Qubit(2),
}


@pytest.mark.parametrize("what", OTHERS)
def test_another_space_is_refused(tmp_path: Path, what: str) -> None:
    sym.save(simple(), tmp_path / "a")
    with refused(
        HilbertError,
        "acts on another space than the given",
        "a Spin of nqx_graph with 2 sites",
        f"'{' '.join(what.split()[: 2 if 'local' in what else 1])}'",
        "the file has it",
    ):
        sym.load(tmp_path / "a", hilbert=OTHERS[what])


@pytest.mark.parametrize("space", [Spin(1 / 2, 3), Spin(1, 2)], ids=repr)
def test_another_space_is_refused_where_the_file_has_none(tmp_path: Path, space: Any) -> None:
    sym.save(simple(Odd()), tmp_path / "a", with_hilbert=False)
    with refused(HilbertError, "acts on another space", "Give an equal space."):
        sym.load(tmp_path / "a", hilbert=space)


# --- files that are no operators ---


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as caught:
        sym.load(tmp_path / "none.json")
    assert caught.value.filename == str(tmp_path / "none.json")
    with pytest.raises(IsADirectoryError):
        sym.load(tmp_path)


def test_a_digest_that_is_right_of_an_operator_that_is_not(tmp_path: Path) -> None:
    path = tmp_path / "a"
    sym.save(simple(), path)
    data = held(path)
    data["ir"]["terms"][0]["iterator"]["index_sets"]["data"] = [0, 7]
    path.write_bytes(form.pack(data))
    with refused(IRFormatError, "breaks the rules of the language", "index row 1"):
        sym.load(path)
    data["ir"]["terms"] = 3
    path.write_bytes(form.pack(data))
    with refused(IRFormatError, "terms must be list"):
        sym.load(path)


def test_hostile_files_run_nothing(tmp_path: Path) -> None:
    rng, path, refusals, number = random.Random(5), tmp_path / "a", 0, figure(1_000, 50_000)
    bases = []
    for operator in stored.operators():
        sym.save(operator, path)
        bases.append(held(path))
    with AUDIT.watching() as seen:
        for _ in range(number):
            data = json.loads(json.dumps(rng.choice(bases)))
            for _ in range(rng.choice((1, 1, 2))):
                at, name = ways(data, rng)
                at[name] = rng.choice(NODES)(rng)
            try:
                path.write_bytes(form.pack(data))
            except RecursionError:
                continue
            try:
                made = sym.load(path)
            except sym.NqxError:
                refusals += 1
            else:
                assert sym.SymbolicOperatorIR.from_dict(made.to_ir().as_dict()).same_as(made.to_ir())
    assert seen == []
    assert refusals > number / 2


@pytest.mark.parametrize("levels", [50, 500, 900, 5_000])
def test_data_that_is_nested_deep(tmp_path: Path, levels: int) -> None:
    sym.save(simple(), tmp_path / "a")
    text = json.dumps(held(tmp_path / "a")["ir"]).replace('"field"', "[" * levels + "]" * levels)
    data = {"format": form.FORMAT, "version": 1, "written_by": "x", "hilbert": held(tmp_path / "a")["hilbert"], "ir": 0}
    (tmp_path / "a").write_text(json.dumps({**data, "sha256": "0"}).replace('"ir": 0', f'"ir": {text}'))
    with refused(IRFormatError, str(tmp_path / "a")):
        sym.load(tmp_path / "a")


def test_data_that_is_nested_too_deep_for_a_later_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def deep(*given: Any) -> Any:
        raise RecursionError("maximum recursion depth exceeded")

    sym.save(simple(), tmp_path / "a")
    monkeypatch.setattr(spaces, "restored", deep)
    with refused(IRFormatError, "nested too deep"):
        sym.load(tmp_path / "a")


def test_loading_an_embedded_space_imports_no_netket(tmp_path: Path) -> None:
    import subprocess

    sym.save(simple(), tmp_path / "a")
    statement = "import sys, nqx_graph as sym; sym.load(sys.argv[1]); print('netket' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", statement, str(tmp_path / "a")], capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"
