"""The fingerprint: the same for the same operator, different for every difference."""

# ruff: noqa: E741 - I and J are the sites i and j

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nqx_graph
from nqx_graph.dsl import selectors as s
from nqx_graph.dsl import update as u
from nqx_graph.dsl.builder import DOperator
from nqx_graph.hilbert import Fock
from nqx_graph.ir.encode import digest, encode
from nqx_graph.ir.expr import AmplitudeExpr, as_amplitude
from nqx_graph.ir.serial import _operator
from nqx_graph.ir.table import SIGNATURES
from nqx_graph.ir.types import SymbolicOperatorIR

from .samples import full, ladder, rich

# of the ladder, for good: who changes the encoding changes FORMAT, and this line
LADDER = "7f397b66d1972c6e916efe2b19019d5db53df2a64d3507dc09168984596d5d79"


def test_the_fingerprint_of_the_ladder_is_the_same_on_another_day() -> None:
    assert ladder().static_fingerprint() == LADDER


@pytest.mark.parametrize("make", [ladder, rich, full])
def test_built_twice(make: Callable[[], SymbolicOperatorIR]) -> None:
    first, second = make(), make()
    assert first is not second
    assert first.static_fingerprint() == second.static_fingerprint() == digest(first)
    assert first.same_as(second)
    assert len(first.static_fingerprint()) == 64


def test_another_process_under_another_hash_seed() -> None:
    paths = [str(Path(__file__).parents[1]), str(Path(nqx_graph.__file__).parents[1])]
    code = (
        "import conftest\nfrom ir.samples import full, ladder, rich\n"
        "for make in (ladder, rich, full): print(make().static_fingerprint())"
    )
    running = [
        subprocess.Popen(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(paths)},
            stdout=subprocess.PIPE,
            text=True,
        )
        for seed in ("1", "4242")
    ]
    here = [make().static_fingerprint() for make in (ladder, rich, full)]
    for process in running:
        out, _ = process.communicate(timeout=120)
        assert out.split() == here


def base(**change: Any) -> SymbolicOperatorIR:
    """A hopping operator with everything that can differ as a keyword."""
    k: dict[str, Any] = {
        "name": "op", "dtype": "float64", "hermitian": False, "size": 4, "labels": ("i", "j"),
        "rows": [(0, 1), (1, 2), (2, 3)], "columns": {"J": [1.0, 2.0, 3.0], "m": np.eye(3, 4)},
        "where": s.site("i") > 0, "own": True, "update": u.shift("i", -1).shift("j", 1),
        "amplitude": s.column("J") * s.symbol("t", 0.5, "hopping"), "tag": None, "term": "hop", "fanout": None,
    }  # fmt: skip
    assert not set(change) - set(k)
    k |= change
    builder = DOperator(Fock(3, k["size"]), k["name"], dtype=k["dtype"], hermitian=k["hermitian"])
    builder.for_each(k["labels"], over=k["rows"], columns=k["columns"]).named(k["term"]).where(k["where"])
    builder.emit_if(k["own"], k["update"], amplitude=k["amplitude"], tag=k["tag"]).emit(amplitude=7)
    if k["fanout"]:
        builder.fanout(k["fanout"])
    return builder.build().to_ir()


def _columns(j: Any = (1.0, 2.0, 3.0), m: Any = None, **more: Any) -> dict[str, Any]:
    return {"J": j, "m": np.eye(3, 4) if m is None else m, **more}


I, J, T = s.site("i"), s.site("j"), s.symbol("t", 0.5, "hopping")
EYE = np.eye(3, 4)
OTHER = EYE.copy()
OTHER[2, 3] = 1.0
CHANGES: dict[str, dict[str, Any]] = {
    "name": {"name": "op2"},
    "dtype float32": {"dtype": "float32"},
    "dtype complex128": {"dtype": "complex128"},
    "hermitian": {"hermitian": True},
    "size": {"size": 5, "columns": {"J": [1.0, 2.0, 3.0], "m": np.eye(3, 5)}},
    "label": {"labels": ("i", "k"), "update": u.shift("i", -1).shift("k", 1)},
    "labels in another order": {"labels": ("j", "i")},
    "row 0": {"rows": [(0, 2), (1, 2), (2, 3)]},
    "row 1": {"rows": [(0, 1), (2, 1), (2, 3)]},
    "row 2": {"rows": [(0, 1), (1, 2), (3, 2)]},
    "rows in another order": {"rows": [(1, 2), (0, 1), (2, 3)]},
    "column entry 0": {"columns": _columns((1.5, 2.0, 3.0))},
    "column entry 2": {"columns": _columns((1.0, 2.0, np.nextafter(3.0, 4)))},
    "column of integers": {"columns": _columns((1, 2, 3))},
    "column zero": {"columns": _columns((1.0, 2.0, 0.0))},
    "column minus zero": {"columns": _columns((1.0, 2.0, -0.0))},
    "wide column entry": {"columns": _columns(m=OTHER)},
    "wide column of integers": {"columns": _columns(m=EYE.astype(int))},
    "one more column": {"columns": _columns(K=[0.0, 0.0, 0.0])},
    "one more column of another name": {"columns": _columns(L=[0.0, 0.0, 0.0])},
    "one column less": {"columns": {"J": [1.0, 2.0, 3.0]}},
    "where": {"where": I >= 0},
    "where constant": {"where": I > 1},
    "where float": {"where": I > 0.0},
    "where minus zero": {"where": I > -0.0},
    "where another label": {"where": J > 0},
    "where nothing": {"where": True},
    "where never": {"where": False},
    "where negated": {"where": ~(I > 0)},
    "where and": {"where": (I > 0) & (J > 0)},
    "where and, swapped": {"where": (J > 0) & (I > 0)},
    "where or": {"where": (I > 0) | (J > 0)},
    "own predicate": {"own": J < 3},
    "own predicate never": {"own": False},
    "update delta": {"update": u.shift("i", -2).shift("j", 1)},
    "update second delta": {"update": u.shift("i", -1).shift("j", 2)},
    "update float delta": {"update": u.shift("i", -1.0).shift("j", 1)},
    "update order": {"update": u.shift("j", 1).shift("i", -1)},
    "update one step": {"update": u.shift("i", -1)},
    "update identity": {"update": u.identity},
    "update kind": {"update": u.shift("i", -1).shift_mod("j", 1)},
    "update write": {"update": u.shift("i", -1).write("j", 1)},
    "update affine": {"update": u.affine("i", 1, -1)},
    "update affine scale": {"update": u.affine("i", -1, -1)},
    "update affine bias": {"update": u.affine("i", 1, 1)},
    "update flat site": {"update": u.shift("i", -1).shift(1, 1)},
    "update site expression": {"update": u.shift("i", -1).shift(I.index + 1, 1)},
    "update swap": {"update": u.swap("i", "j")},
    "update swapped swap": {"update": u.swap("j", "i")},
    "update permute": {"update": u.permute("i", "j")},
    "update permute of three": {"update": u.permute("i", "j", 0)},
    "update scatter": {"update": u.scatter([0, 1], [1, 2])},
    "update scatter sites": {"update": u.scatter([1, 0], [1, 2])},
    "update scatter values": {"update": u.scatter([0, 1], [2, 1])},
    "update invalidate": {"update": u.invalidate()},
    "update reason": {"update": u.invalidate("full")},
    "update cond": {"update": u.cond(I > 0, u.shift("i", -1))},
    "update cond predicate": {"update": u.cond(I > 1, u.shift("i", -1))},
    "update cond sides": {"update": u.cond(I > 0, if_false=u.shift("i", -1))},
    "update cond nested": {"update": u.cond(I > 0, u.cond(J > 0, u.shift("i", -1)))},
    "update cond nested delta": {"update": u.cond(I > 0, u.cond(J > 0, u.shift("i", -2)))},
    "amplitude column": {"amplitude": s.dot("m") * T},
    "amplitude prod": {"amplitude": s.prod("m") * T},
    "amplitude order": {"amplitude": T * s.column("J")},
    "amplitude operation": {"amplitude": s.column("J") + T},
    "amplitude more": {"amplitude": s.column("J") * T * 1},
    "symbol name": {"amplitude": s.column("J") * s.symbol("u", 0.5, "hopping")},
    "symbol default": {"amplitude": s.column("J") * s.symbol("t", 0.25, "hopping")},
    "symbol without default": {"amplitude": s.column("J") * s.symbol("t", None, "hopping")},
    "symbol default 0": {"amplitude": s.column("J") * s.symbol("t", 0, "hopping")},
    "symbol default 0.0": {"amplitude": s.column("J") * s.symbol("t", 0.0, "hopping")},
    "symbol default -0.0": {"amplitude": s.column("J") * s.symbol("t", -0.0, "hopping")},
    "symbol doc": {"amplitude": s.column("J") * s.symbol("t", 0.5, "Hopping")},
    "amplitude site": {"amplitude": I.value},
    "amplitude index": {"amplitude": I.index},
    "amplitude emitted": {"amplitude": s.emitted("i").value},
    "amplitude source": {"amplitude": s.source_index("i")},
    "amplitude target": {"amplitude": s.target_index("i")},
    "amplitude wrap": {"amplitude": s.wrap_mod(I)},
    "amplitude select": {"amplitude": s.where(I > 0, 1, 2)},
    "amplitude select, swapped": {"amplitude": s.where(I > 0, 2, 1)},
    "amplitude 1": {"amplitude": 1},
    "amplitude 1.0": {"amplitude": 1.0},
    "amplitude next": {"amplitude": float(np.nextafter(1.0, 2))},
    "amplitude 0": {"amplitude": 0},
    "amplitude 0.0": {"amplitude": 0.0},
    "amplitude -0.0": {"amplitude": -0.0},
    "amplitude 1j": {"amplitude": 1j, "dtype": "complex128"},
    "amplitude -1j": {"amplitude": complex(0.0, -1.0), "dtype": "complex128"},
    "amplitude -0-1j": {"amplitude": complex(-0.0, -1.0), "dtype": "complex128"},
    "amplitude 1+0j": {"amplitude": 1 + 0j, "dtype": "complex128"},
    "amplitude 1.0, complex": {"amplitude": 1.0, "dtype": "complex128"},
    **{f"amplitude {op}": {"amplitude": getattr(I.value, op)()} for op in ("sqrt", "abs", "conj", "exp", "log", "sin", "cos")},
    **{f"comparison {op}": {"where": getattr(I, f"__{op}__")(3)} for op in ("eq", "ne", "lt", "le", "gt", "ge")},
    **{f"arithmetic {op}": {"amplitude": getattr(I, f"__{op}__")(3)} for op in ("sub", "mul", "truediv", "pow")},
    "tag": {"tag": "a"},
    "empty tag": {"tag": ""},
    "term name": {"term": "Hop"},
    "fanout": {"fanout": 5},
    "fanout that says nothing new": {"fanout": 6},
}  # fmt: skip


def test_every_change_of_an_operator_changes_the_fingerprint() -> None:
    made = {"nothing": base(), **{name: base(**change) for name, change in CHANGES.items()}}
    ir, term = made["nothing"], made["nothing"].terms[0]
    made |= {
        "mode": attrs.evolve(ir, mode="other"),
        "hilbert_size alone": attrs.evolve(ir, hilbert_size=5),
        "metadata": attrs.evolve(ir, metadata={"a": 1}),
        "metadata value": attrs.evolve(ir, metadata={"a": 1.0}),
        "metadata bool": attrs.evolve(ir, metadata={"a": True}),
        "metadata text": attrs.evolve(ir, metadata={"a": "1"}),
        "metadata nested": attrs.evolve(ir, metadata={"a": [1]}),
        "metadata key": attrs.evolve(ir, metadata={"b": 1}),
        "term metadata": attrs.evolve(ir, terms=[attrs.evolve(term, metadata={"a": 1})]),
        "term twice": attrs.evolve(ir, terms=[term, term]),
        "no term": attrs.evolve(ir, terms=[]),
        "emissions reversed": attrs.evolve(ir, terms=[attrs.evolve(term, emissions=term.emissions[::-1])]),
        "last emission dropped": attrs.evolve(ir, terms=[attrs.evolve(term, emissions=term.emissions[:1])]),
        "first emission dropped": attrs.evolve(ir, terms=[attrs.evolve(term, emissions=term.emissions[1:])]),
    }
    seen: dict[str, str] = {}
    for name, changed in made.items():
        other = seen.setdefault(changed.static_fingerprint(), name)
        assert other == name, f"{other!r} and {name!r} share a fingerprint"
        assert changed.same_as(ir) == (name == "nothing")
    assert len(seen) == len(made) >= 120


def _other_op(op: str) -> str:
    """An operation with the same arguments and payload."""
    alike = [name for name, signature in SIGNATURES.items() if signature == SIGNATURES[op] and name != op]
    return op if op == "const" else next((name for name in alike if name != "const"), op)


def _leaves(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    if isinstance(data, dict | list):
        for key, item in data.items() if isinstance(data, dict) else enumerate(data):
            yield from _leaves(item, (*path, key))
    else:
        yield path, data


def _changed(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, float):
        return float(np.nextafter(value, 1e9))
    return "new" if value is None else value + "_"


def test_every_leaf_of_the_serialised_form_counts() -> None:
    """Of the product of fields, not of a sample: every number and every text that is written down."""
    ir = full()
    seen = {ir.static_fingerprint()}
    count = 0
    for path, value in _leaves(ir.as_dict()):
        is_argument = (
            type(value) is int and len(path) > 3 and [type(key) for key in path[-3:]] == [int] * 3 and path[-2] == 1
        )
        if path[0] in ("format", "version") or path[-1] in ("dtype", "kind") or "shape" in path or is_argument:
            continue  # what holds the form together; kinds and arguments are changed in CHANGES
        is_op = isinstance(value, str) and path[-1] == 0 and value in SIGNATURES
        new = _other_op(value) if is_op else _changed(value)
        if new == value:
            continue
        data = full().as_dict()
        spot = data
        for key in path[:-1]:
            spot = spot[key]
        spot[path[-1]] = 3 if value is None and path[-1] != "branch_tag" else new
        fingerprint = _operator(data).static_fingerprint()
        assert fingerprint not in seen, path
        seen.add(fingerprint)
        count += 1
    assert count > 250


def test_sharing_is_not_part_of_what_an_expression_is() -> None:
    x = s.site("i").value
    shared = x + 1
    assert encode(shared * shared) == encode((s.site("i").value + 1) * (x + 1))
    assert encode(x + 1) != encode(x + 1.0)


def test_a_selector_in_an_amplitude_is_its_value() -> None:
    assert base(amplitude=s.site("i")).same_as(base(amplitude=s.site("i").value))


def test_pickling_keeps_the_fingerprint() -> None:
    for make in (ladder, rich, full):
        ir = make()
        back = pickle.loads(pickle.dumps(ir))
        assert digest(back) == ir.static_fingerprint()
        assert str(back) == str(ir)


def test_what_has_no_canonical_form_is_refused() -> None:
    with pytest.raises(TypeError, match=r"has no canonical encoding"):
        encode(object())
    with pytest.raises(TypeError, match=r"a set, has no canonical encoding"):
        encode({1})


def test_arrays_differ_by_shape_type_and_bits_and_not_by_layout() -> None:
    a = np.arange(6, dtype=np.int32).reshape(2, 3)
    others = [a.reshape(3, 2), a.ravel(), a.astype(np.int64), a.astype(np.float32), a.T]
    assert len({encode(other) for other in [a, *others]}) == 6
    assert encode(np.asfortranarray(a)) == encode(a) == encode(a.astype(">i4"))
    assert encode(np.array([0.0])) != encode(np.array([-0.0]))


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.complex_numbers(allow_nan=False)
    | st.text(max_size=4)
    | st.binary(max_size=4),
    lambda inner: st.lists(inner, max_size=3).map(tuple) | st.dictionaries(st.text(max_size=2), inner, max_size=2),
    max_leaves=6,
)


def _written_out(value: Any) -> Any:
    """The value with its type beside every part: an independent notion of the same data."""
    if isinstance(value, tuple):
        return "tuple", [_written_out(item) for item in value]
    if isinstance(value, dict):
        return "dict", sorted((key, _written_out(item)) for key, item in value.items())
    return type(value).__name__, repr(value)


@settings(max_examples=300, deadline=None)
@given(VALUES, VALUES)
def test_no_two_values_share_an_encoding(a: Any, b: Any) -> None:
    assert (encode(a) == encode(b)) == (repr(_written_out(a)) == repr(_written_out(b)))
    assert encode((a, b)) != encode((a,)) + encode((b,))


def test_known_near_collisions() -> None:
    near: list[Any] = [
        ("ab", "c"), ("a", "bc"), ("abc",), "abc", b"abc", ("a", ("b",)), (("a",), "b"), ("a", "b"), (), "", b"", None,
        0, 0.0, -0.0, 0j, complex(0.0, -0.0), False, "0", 1, 1.0, True, "1", {"a": 1}, (("a", 1),), {"a": None}, {},
    ]  # fmt: skip
    assert len({encode(value) for value in near}) == len(near)


def test_an_amplitude_and_a_predicate_differ_even_in_their_type() -> None:
    assert encode(as_amplitude(1)) != encode(s.site("i").value == 1)
    assert isinstance(as_amplitude(s.site("i")), AmplitudeExpr)
