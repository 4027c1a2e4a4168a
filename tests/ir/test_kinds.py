"""What kind of number a part of a predicate or an update is."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nqx_graph.dsl import selectors as s
from nqx_graph.ir.expression_rules import DTYPES
from nqx_graph.ir.kinds import COMPLEX, FLOAT, INT, array_kind, dtype_kind, dtype_of, line_kinds

COLUMNS = {
    "n": np.array([1, 2]),
    "r": np.array([0.5, 1.0]),
    "z": np.array([1j, 0]),
    "mask": np.eye(2, dtype=int),
    "weights": np.eye(2),
    "phases": np.eye(2) * 1j,
}
X = s.site("i").value


def test_dtypes() -> None:
    assert {name: dtype_kind(name) for name in DTYPES} == {
        "int8": INT, "int16": INT, "int32": INT, "int64": INT, "float16": FLOAT, "bfloat16": FLOAT, "float32": FLOAT,
        "float64": FLOAT, "complex64": COMPLEX, "complex128": COMPLEX,
    }  # fmt: skip
    assert [array_kind(COLUMNS[name]) for name in ("n", "r", "z")] == [INT, FLOAT, COMPLEX]
    assert array_kind(np.array([True])) == INT


CASES: list[tuple[Any, int, int]] = [
    # expression, kind over whole local states, kind over others
    (s.where(True, 1, 2), INT, INT),
    (s.where(True, 1, 2.0), FLOAT, FLOAT),
    (s.where(s.column("z") == 0, 1, 2), INT, INT),
    (X, INT, FLOAT),
    (s.emitted("i").value, INT, FLOAT),
    (s.source_index(0), INT, FLOAT),
    (s.target_index(0), INT, FLOAT),
    (s.site("i").index, INT, INT),
    (X + 1, INT, FLOAT),
    (X + 1.0, FLOAT, FLOAT),
    (X * 1j, COMPLEX, COMPLEX),
    (-X, INT, FLOAT),
    (abs(X), INT, FLOAT),
    (abs(X * 1j), FLOAT, FLOAT),
    ((X * 1j).conj(), COMPLEX, COMPLEX),
    (X / 1, FLOAT, FLOAT),
    (X**2, INT, FLOAT),
    (X**-1, FLOAT, FLOAT),
    (X**2.0, FLOAT, FLOAT),
    (2**X, FLOAT, FLOAT),
    (X.sqrt(), FLOAT, FLOAT),
    ((X * 1j).exp(), COMPLEX, COMPLEX),
    (s.wrap_mod(X), INT, FLOAT),
    (s.column("n"), INT, INT),
    (s.column("r"), FLOAT, FLOAT),
    (s.column("z"), COMPLEX, COMPLEX),
    (s.dot("mask"), INT, FLOAT),
    (s.prod("mask"), INT, FLOAT),
    (s.dot("weights"), FLOAT, FLOAT),
    (s.dot("phases"), COMPLEX, COMPLEX),
    (s.symbol("a"), FLOAT, FLOAT),
    (X > 1, INT, FLOAT),
    (X > 1.5, FLOAT, FLOAT),
    (X == 1j, COMPLEX, COMPLEX),
]


@pytest.mark.parametrize(("expr", "whole", "other"), CASES, ids=[repr(case[0]) for case in CASES])
def test_kinds(expr: Any, whole: int, other: int) -> None:
    assert line_kinds(expr.table, COLUMNS, True, FLOAT)[-1] == whole
    assert line_kinds(expr.table, COLUMNS, False, FLOAT)[-1] == other


@pytest.mark.parametrize("kind", [INT, FLOAT, COMPLEX])
def test_a_symbol_has_the_kind_of_the_operator(kind: int) -> None:
    assert line_kinds((s.symbol("a") + 1).table, {}, True, kind)[-1] == kind


def test_the_dtypes_that_kinds_are_computed_in() -> None:
    assert [dtype_of(kind, True).name for kind in (INT, FLOAT, COMPLEX)] == ["int64", "float64", "complex128"]
    assert [dtype_of(kind, False).name for kind in (INT, FLOAT, COMPLEX)] == ["int32", "float32", "complex64"]
