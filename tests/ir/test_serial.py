"""The IR as JSON: a round trip to the bit, and strict reading."""

from __future__ import annotations

import copy
import json
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from refusal import refused, shown

from nqx_graph.dsl import selectors as s
from nqx_graph.dsl import update as u
from nqx_graph.dsl.builder import DOperator
from nqx_graph.errors import IRFormatError
from nqx_graph.hilbert import Fock
from nqx_graph.ir.table import SIGNATURES
from nqx_graph.ir.types import UPDATE_PARAMS, SymbolicOperatorIR, UpdateProgram

from .samples import full, ladder, rich


def _kinds(program: UpdateProgram) -> set[str]:
    sides = [op.params[side] for op in program.ops if op.kind == "cond" for side in ("if_true", "if_false")]
    return {op.kind for op in program.ops}.union(*map(_kinds, sides))


def test_the_sample_has_every_expression_and_every_update() -> None:
    assert {row.op for row in full().expression_rows()} == set(SIGNATURES) - {"ge", "lt"} | {"ge", "lt"}
    assert set().union(*(_kinds(e.update_program) for t in full().terms for e in t.emissions)) == set(UPDATE_PARAMS)


@pytest.mark.parametrize("make", [ladder, rich, full])
def test_round_trip(make: Callable[[], SymbolicOperatorIR]) -> None:
    ir = make()
    text = json.dumps(ir.as_dict(), allow_nan=False)
    back = SymbolicOperatorIR.from_dict(json.loads(text))
    assert back.same_as(ir)
    assert back.static_fingerprint() == ir.static_fingerprint()
    assert json.dumps(back.as_dict()) == text
    assert str(back) == str(ir)


def test_the_form_of_the_ladder() -> None:
    term = {
        "name": "0",
        "iterator": {
            "labels": ["i"],
            "index_sets": {"dtype": "int32", "shape": [3, 1], "data": [0, 1, 2]},
            "columns": {},
        },
        "predicate": [["site", [], ["i"]], ["const", [], [1]], ["lt", [0, 1], []]],
        "emissions": [
            {
                "predicate": [["truth", [], [True]]],
                "update_program": [
                    {"kind": "shift", "site": [["index", [], ["i"]]], "delta": [["const", [], [delta]]]}
                ],
                "amplitude": [["const", [], [amplitude]]],
                "branch_tag": tag,
            }
            for delta, amplitude, tag in ((1, 0.5, "raise"), (-1, -0.5, "lower"))
        ],
        "fanout_hint": None,
        "metadata": {},
    }
    assert ladder().as_dict() == {
        "format": "nqx_graph.ir",
        "version": 1,
        "operator_name": "ladder",
        "mode": "symbolic",
        "hilbert_size": 3,
        "dtype_str": "float64",
        "is_hermitian": False,
        "terms": [term],
        "metadata": {},
    }


def test_metadata_makes_the_round_trip() -> None:
    data = ladder().as_dict()
    data["metadata"] = {"a": [1, 1.0, None, True, {"b": ["x"]}]}
    data["terms"][0]["metadata"] = {"note": "lattice"}
    back = SymbolicOperatorIR.from_dict(data)
    assert back.as_dict() == data
    assert back.metadata["a"] == (1, 1.0, None, True, back.metadata["a"][4])


@settings(max_examples=100, deadline=None)
@given(st.floats(allow_nan=False, allow_infinity=False), st.integers(-(2**63), 2**63 - 1), st.text(max_size=5))
def test_numbers_and_texts_make_the_round_trip_to_the_bit(real: float, whole: int, text: str) -> None:
    ir = (
        DOperator(Fock(1, 1), text, dtype="complex128")
        .globally(columns={"c": [complex(real, -0.0)]})
        .emit(amplitude=s.column("c") * complex(-0.0, real) + real + whole + s.symbol("s", real, text), tag=text)
        .build()
        .to_ir()
    )
    back = SymbolicOperatorIR.from_dict(json.loads(json.dumps(ir.as_dict())))
    assert back.same_as(ir)
    assert math.copysign(1, back.terms[0].iterator.columns["c"][0].imag) == -1


# --- strictness -------------------------------------------------------------------------------------------------------

TERM = ("terms", 0)
EMISSION = (*TERM, "emissions", 0)
DICTS: dict[str, tuple[Any, ...]] = {
    "operator": (),
    "term": TERM,
    "iterator": (*TERM, "iterator"),
    "array": (*TERM, "iterator", "index_sets"),
    "column": (*TERM, "iterator", "columns", "m"),
    "complex column": (*TERM, "iterator", "columns", "J"),
    "emission": EMISSION,
    "step": (*EMISSION, "update_program", 0),
    "nested step": (*EMISSION, "update_program", 0, "if_true", 0),
}
DATA = full().as_dict()


def at(data: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        data = data[key]
    return data


FIELDS = [(level, field) for level, path in DICTS.items() for field in at(DATA, path)]


@pytest.mark.parametrize(("level", "field"), FIELDS)
def test_a_missing_field(level: str, field: str) -> None:
    data = copy.deepcopy(DATA)
    del at(data, DICTS[level])[field]
    with refused(IRFormatError, *([repr(field)] if field not in ("re", "kind") else [])):
        SymbolicOperatorIR.from_dict(data)


@pytest.mark.parametrize("level", DICTS)
def test_an_unknown_field(level: str) -> None:
    data = copy.deepcopy(DATA)
    at(data, DICTS[level])["extra"] = 1
    with refused(IRFormatError, "'extra'"):
        SymbolicOperatorIR.from_dict(data)


@pytest.mark.parametrize("wrong", [None, 1.5, b"bytes", [[1.5]], {"a": 1}, (1, 2)], ids=shown)
@pytest.mark.parametrize(("level", "field"), FIELDS)
def test_a_field_of_the_wrong_type(level: str, field: str, wrong: Any) -> None:
    allowed = (field in ("fanout_hint", "branch_tag") and wrong is None) or (field == "metadata" and wrong == {"a": 1})
    data = copy.deepcopy(DATA)
    at(data, DICTS[level])[field] = wrong
    if allowed:
        assert SymbolicOperatorIR.from_dict(data).terms
    else:
        with refused(IRFormatError):
            SymbolicOperatorIR.from_dict(data)


@pytest.mark.parametrize("wrong", [None, 1, "operator", [], ()], ids=shown)
def test_an_operator_that_is_no_dict(wrong: Any) -> None:
    with refused(IRFormatError, "an operator must be a dict", type(wrong).__name__):
        SymbolicOperatorIR.from_dict(wrong)


AMPLITUDE = (*EMISSION, "amplitude")
BROKEN: dict[str, tuple[tuple[Any, ...], Any, str]] = {
    "format": (("format",), "other", "'other'"),
    "version": (("version",), 2, "version 2"),
    "version bool": (("version",), True, "version True"),
    "version float": (("version",), 1.0, "version 1.0"),
    "mode": (("mode",), "compiled", "'compiled'"),
    "size bool": (("hilbert_size",), True, "hilbert_size must be int"),
    "size zero": (("hilbert_size",), 0, "hilbert_size positive"),
    "dtype": (("dtype_str",), "float128", "'float128'"),
    "hermitian": (("is_hermitian",), 1, "is_hermitian must be bool"),
    "no term": (("terms",), [], "no term"),
    "metadata nan": (("metadata",), {"a": float("nan")}, "nan"),
    "metadata key": (("metadata",), {1: 2}, "text-keyed"),
    "metadata object": (("metadata",), {"a": {1}}, "{1}"),
    "no emission": ((*TERM, "emissions"), [], "no emission"),
    "fanout": ((*TERM, "fanout_hint"), 9, "9 active branches"),
    "fanout zero": ((*TERM, "fanout_hint"), 0, "0 active branches"),
    "fanout bool": ((*TERM, "fanout_hint"), True, "fanout_hint must be int or NoneType"),
    "label type": ((*TERM, "iterator", "labels"), ["i", 1], "a label must be str"),
    "label twice": ((*TERM, "iterator", "labels"), ["i", "i"], "'i' twice"),
    "label gone": ((*TERM, "iterator", "labels"), ["i", "k"], "'j'"),
    "labels too many": ((*TERM, "iterator", "labels"), ["i", "j", "k"], "3 labels"),
    "row outside": ((*TERM, "iterator", "index_sets", "data"), [0, 1, 2, 4], "index row 1 is (2, 4)"),
    "row negative": ((*TERM, "iterator", "index_sets", "data"), [-1, 1, 2, 3], "index row 0 is (-1, 1)"),
    "row float": ((*TERM, "iterator", "index_sets", "data"), [0, 1, 2, 3.0], "3.0"),
    "row bool": ((*TERM, "iterator", "index_sets", "data"), [0, 1, 2, True], "True"),
    "row beyond 32 bits": ((*TERM, "iterator", "index_sets", "data"), [0, 1, 2, 2**40], "not the form"),
    "rows dtype": ((*TERM, "iterator", "index_sets", "dtype"), "int64", "int32"),
    "rows dtype unknown": ((*TERM, "iterator", "index_sets", "dtype"), "int7", "'int7'"),
    "rows shape": ((*TERM, "iterator", "index_sets", "shape"), [4, 2], "[4, 2]"),
    "rows shape inferred": ((*TERM, "iterator", "index_sets", "shape"), [-1, 2], "[-1, 2]"),
    "rows shape float": ((*TERM, "iterator", "index_sets", "shape"), [2.0, 2], "2.0"),
    "column shape": ((*TERM, "iterator", "columns", "m", "shape"), [4, 2], "(4, 2)"),
    "column real and complex": ((*TERM, "iterator", "columns", "J", "dtype"), "float64", "'float64'"),
    "column imaginary part of one": ((*TERM, "iterator", "columns", "J", "im"), [0.0], "entries"),
    "column nan": ((*TERM, "iterator", "columns", "J", "re"), [float("nan"), 0.0], "NaN"),
    "column inf": ((*TERM, "iterator", "columns", "J", "im"), [float("inf"), 0.0], "infinity"),
    "column not 0 and 1": ((*TERM, "iterator", "columns", "m", "data"), [2, 0, 0, 1, 0, 1, 1, 0], "0 and 1"),
    "columns gone": ((*TERM, "iterator", "columns"), {}, "the column"),
    "expression empty": (AMPLITUDE, [], "ends in 'nothing'"),
    "expression not a list": (AMPLITUDE, "x", "an expression must be list"),
    "line short": (AMPLITUDE, [["const", []]], "arguments and a payload"),
    "line long": (AMPLITUDE, [["const", [], [1], 1]], "arguments and a payload"),
    "operation unknown": (AMPLITUDE, [["sqr", [], []]], "Did you mean 'sqrt'?"),
    "operation type": (AMPLITUDE, [[1, [], []]], "an operation must be str"),
    "argument forward": (AMPLITUDE, [["neg", [0], []]], "earlier lines"),
    "argument negative": (AMPLITUDE, [["const", [], [1]], ["neg", [-1], []]], "earlier lines"),
    "argument bool": (AMPLITUDE, [["const", [], [1]], ["const", [], [1]], ["neg", [True], []]], "earlier lines"),
    "arguments too few": (AMPLITUDE, [["const", [], [1]], ["add", [0], []]], "arguments 'AA'"),
    "arguments too many": (AMPLITUDE, [["const", [], [1]], ["neg", [0, 0], []]], "arguments 'A'"),
    "argument of the wrong kind": (AMPLITUDE, [["truth", [], [True]], ["neg", [0], []]], "it has 'P'"),
    "payload too long": (AMPLITUDE, [["const", [], [1, 2]]], "1 payload entries"),
    "constant nan": (AMPLITUDE, [["const", [], [float("nan")]]], "finite"),
    "constant inf": (AMPLITUDE, [["const", [], [float("-inf")]]], "finite"),
    "constant complex nan": (AMPLITUDE, [["const", [], [{"re": 0.0, "im": float("nan")}]]], "finite"),
    "constant complex of int": (AMPLITUDE, [["const", [], [{"re": 0, "im": 0.0}]]], "a real part must be float"),
    "constant bool": (AMPLITUDE, [["const", [], [True]]], "cannot hold (True,)"),
    "constant text": (AMPLITUDE, [["const", [], ["1"]]], "cannot hold"),
    "constant None": (AMPLITUDE, [["const", [], [None]]], "cannot hold"),
    "constant beyond 64 bits": (AMPLITUDE, [["const", [], [2**63]]], "cannot hold"),
    "symbol name": (AMPLITUDE, [["symbol", [], ["two words", None, ""]]], "'two words'"),
    "symbol doc": (AMPLITUDE, [["symbol", [], ["a", None, None]]], "cannot hold"),
    "symbol default": (AMPLITUDE, [["symbol", [], ["a", "1", ""]]], "cannot hold"),
    "symbol with two defaults": (AMPLITUDE, [["symbol", [], ["b", 2.0, ""]], ["symbol", [], ["b", 3.0, ""]], ["add", [0, 1], []]], "'b'"),
    "truth int": ((*EMISSION, "predicate"), [["truth", [], [1]]], "cannot hold (1,)"),
    "predicate that is an amplitude": ((*EMISSION, "predicate"), [["const", [], [1]]], "a predicate"),
    "amplitude that is a predicate": (AMPLITUDE, [["truth", [], [True]]], "an amplitude"),
    "emitted in a predicate": ((*TERM, "predicate"), [["emitted", [], ["i"]], ["const", [], [1]], ["lt", [0, 1], []]], "x'"),
    "label unbound": (AMPLITUDE, [["site", [], ["q"]]], "'q'"),
    "update unknown": ((*EMISSION, "update_program"), [{"kind": "shfit"}], "Did you mean 'shift'?"),
    "update kind type": ((*EMISSION, "update_program"), [{"kind": 1}], "the kind of an update must be str"),
    "update parameter unknown": ((*EMISSION, "update_program"), [{"kind": "flip", "colum": "m"}], "'colum'"),
    "update parameter of another": ((*EMISSION, "update_program"), [{"kind": "flip", "reason": "m"}], "'flip' takes 'column'"),
    "update symbol": ((*EMISSION, "update_program"), [{"kind": "write", "site": [["const", [], [0]]], "value": [["symbol", [], ["a", None, ""]]]}], "free symbol 'a'"),
    "update site outside": ((*EMISSION, "update_program"), [{"kind": "swap", "sites": [[["const", [], [0]]], [["const", [], [4]]]]}], "0 to 3"),
    "update swap of one": ((*EMISSION, "update_program"), [{"kind": "swap", "sites": [[["const", [], [0]]]]}], "takes two sites"),
    "update scatter of lengths": ((*EMISSION, "update_program"), [{"kind": "scatter", "sites": [[["const", [], [0]]]], "values": []}], "1 sites and 0 values"),
    "tag": ((*EMISSION, "branch_tag"), 1, "branch_tag must be str or NoneType"),
}  # fmt: skip


@pytest.mark.parametrize("case", BROKEN)
def test_broken_data(case: str) -> None:
    path, wrong, fact = BROKEN[case]
    data = copy.deepcopy(DATA)
    at(data, path[:-1])[path[-1]] = wrong
    with refused(IRFormatError, fact):
        SymbolicOperatorIR.from_dict(data)


def test_a_complex_constant_in_a_real_operator() -> None:
    data = ladder().as_dict()
    at(data, AMPLITUDE)[0] = ["const", [], [{"re": 0.0, "im": 1.0}]]
    with refused(IRFormatError, "breaks the rules of the language", "1j", "float64"):
        SymbolicOperatorIR.from_dict(data)


def test_updates_nested_without_end() -> None:
    data = ladder().as_dict()
    program: list[Any] = []
    for _ in range(500):
        program = [{"kind": "cond", "predicate": [["truth", [], [True]]], "if_true": program, "if_false": []}]
    at(data, EMISSION)["update_program"] = program
    with refused(IRFormatError, "64 deep"):
        SymbolicOperatorIR.from_dict(data)


def test_metadata_nested_without_end() -> None:
    data = ladder().as_dict()
    for _ in range(100):
        data["metadata"] = {"a": data["metadata"]}
    with refused(IRFormatError, "metadata", "32 deep"):
        SymbolicOperatorIR.from_dict(data)


def test_what_was_read_is_as_frozen_as_what_was_built() -> None:
    term = SymbolicOperatorIR.from_dict(rich().as_dict()).terms[0]
    for array in (term.iterator.index_sets, *term.iterator.columns.values()):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0


def test_the_dict_is_a_copy() -> None:
    ir = rich()
    before = ir.as_dict()
    changed = ir.as_dict()
    changed["terms"][0]["iterator"]["index_sets"]["data"][0] = 5
    changed["terms"][0]["metadata"]["a"] = 1
    assert ir.as_dict() == before


def test_the_nested_sides_of_cond_are_written_in_full() -> None:
    ir = DOperator(Fock(1, 1)).globally().emit(u.cond(False, u.write(0, 1))).build().to_ir()
    (step,) = ir.as_dict()["terms"][0]["emissions"][0]["update_program"]
    assert step == {
        "kind": "cond",
        "predicate": [["truth", [], [False]]],
        "if_true": [{"kind": "write", "site": [["const", [], [0]]], "value": [["const", [], [1]]]}],
        "if_false": [],
    }
    assert np.array_equal(ir.terms[0].iterator.index_sets, np.zeros((1, 0)))
