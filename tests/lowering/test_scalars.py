"""Numbers of one dtype, from any number."""

from __future__ import annotations

import numpy as np
import pytest

from nqx_graph.errors import DTypeError
from nqx_graph.lowering.reference.scalars import cast, cast_float, holds, whole_part


def same(value, wanted):
    assert (type(value), str(value)) == (type(wanted), str(wanted))


@pytest.mark.parametrize("dtype", ["int8", "int16", "int32", "int64"])
def test_integers_wrap_round(dtype):
    kind, limits = np.dtype(dtype).type, np.iinfo(dtype)
    for value, wanted in [
        (0, 0), (-1, -1), (limits.max, limits.max), (limits.min, limits.min), (limits.max + 1, limits.min),
        (limits.min - 1, limits.max), (2 * limits.max + 2, 0), (2 * limits.max + 3, 1), (3 * limits.max, limits.max - 2),
        (2.9, 2), (-2.9, -2), (np.nan, 0), (np.inf, 0), (True, 1),
    ]:  # fmt: skip
        same(cast(value, np.dtype(dtype)), kind(wanted))


def test_other_kinds():
    same(cast(1, np.dtype("float32")), np.float32(1))
    same(cast(1j, np.dtype("complex64")), np.complex64(1j))
    same(cast(2, np.dtype("complex128")), np.complex128(2))
    given = np.float64(2.5)
    assert cast(given, np.dtype("float64")) is given
    for number in (1j, np.complex64(1)):
        for dtype in ("float64", "int32"):
            with pytest.raises(DTypeError, match="Give dtype='complex128'"):
                cast(number, np.dtype(dtype))


def test_floats_of_integers_beyond_all_floats():
    same(cast_float(10**400, np.float64), np.float64(np.inf))
    same(cast_float(-(10**400), np.float64), np.float64(-np.inf))
    same(cast_float(3, np.float32), np.float32(3))


def test_whole_parts():
    given = [2.9, -2.9, np.int8(-3), np.nan, -np.inf, 10**400, np.float32(7.5)]
    assert [whole_part(value) for value in given] == [2, -2, -3, 0, 0, 10**400, 7]


@pytest.mark.parametrize(
    ("dtype", "held", "others"),
    [
        ("int8", [-128, 127, 0, 1.0], [-129, 128, 0.5, np.inf, np.nan]),
        ("uint8", [0, 255], [-1, 256]),
        ("int64", [2**63 - 1, -(2**63)], [2**63]),
        ("float16", [2048, 0.5, -65504], [2049, 65505, 1e5]),
        ("float32", [2**24, 0.1 + 0.4], [2**24 + 1, 0.1]),
        ("float64", [2**53, 0.1], [2**53 + 1, 10**400]),
    ],
)
def test_exact_values(dtype, held, others):
    assert all(holds(np.dtype(dtype), number) for number in held)
    assert not any(holds(np.dtype(dtype), number) for number in others)
