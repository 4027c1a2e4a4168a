"""How two values differ, in words."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nqx_graph.differences import parts

BIG = 2**62


@pytest.mark.parametrize(
    ("old", "new", "how"),
    [
        ([0.0, 1.0], [-0.0, 1.0], "1 of 2 entries, the largest change 0.0 at [0]: 0.0 -> -0.0"),
        ([-BIG, 0], [BIG, 1], f"2 of 2 entries, the largest change {2 * BIG} at [0]: {-BIG} -> {BIG}"),
        ([2**60, 0], [2**60 + 1, 0], f"1 of 2 entries, the largest change 1 at [0]: {2**60} -> {2**60 + 1}"),
        ([1e308], [-1e308], "1 of 1 entries, the largest change inf at [0]: 1e+308 -> -1e+308"),
        ([1j, 0], [1j, 3 + 4j], "1 of 2 entries, the largest change 5.0 at [1]: 0j -> (3+4j)"),
        ([1e308 + 1e308j], [-1e308 - 1e308j], "1 of 1 entries, the largest change inf at [0]: (1e+308+1e+308j) -> (-1e+308-1e+308j)"),
        ([[1, 0], [0, 1]], [[1, 0], [1, 1]], "1 of 4 entries, the largest change 1 at [1, 0]: 0 -> 1"),
        ([1, 2], [1.0, 2.5], "int64 [2] -> float64 [2]; 1 of 2 entries, the largest change 0.5 at [1]: 2 -> 2.5"),
        ([1, 2], [1.0, 2.0], "int64 [2] -> float64 [2]"),
        ([1, 2], [1, 2, 3], "int64 [2] -> int64 [3]"),
    ],
    ids=repr,
)  # fmt: skip
def test_entries_of_columns(old: Any, new: Any, how: str) -> None:
    (found,) = parts.columns({"w": np.array(old)}, {"w": np.array(new)})
    assert found.lines() == [f"column w: {how}"]


def test_the_same_columns() -> None:
    assert list(parts.columns({"w": np.arange(3)}, {"w": np.arange(3)})) == []


@pytest.mark.parametrize(
    ("old", "new", "how"),
    [
        ([(0, 1)], [(0, 1), (0, 1)], "1 -> 2; 1 added: (0, 1)"),
        ([(0,), (1,)], [(1,), (2,)], "1 added: (2,); 1 removed: (0,)"),
        ([(0, 1)], [(0,), (1,)], "1 -> 2; 2 added: (0,), (1,); 1 removed: (0, 1)"),
        ([(0, 1), (2, 3)], [(2, 3), (0, 1)], "the same 2 in another order"),
        ([(0,)], [(k,) for k in range(9)], "1 -> 9; 8 added: (1,), (2,), (3,), (4,), ..."),
        (np.zeros((1, 0), int), np.zeros((3, 0), int), "1 -> 3; 2 added: (), ()"),
    ],
    ids=repr,
)
def test_rows(old: Any, new: Any, how: str) -> None:
    (found,) = parts.rows(np.array(old, np.int32), np.array(new, np.int32))
    assert found.how == (how,)
    assert list(parts.rows(found.before, found.before)) == []


def test_values_to_the_bit() -> None:
    for old, new in ((1, 1.0), (1, True), (0.0, -0.0), ("1", 1)):
        (found,) = parts.value("it", old, new)
        assert found.lines() == [f"it: {old!r} -> {new!r}"]
    assert list(parts.value("it", 1, 1)) == []


def test_long_values_take_a_line_each() -> None:
    (found,) = parts.value("it", "a" * 40, "a" * 39 + "b")
    assert found.lines() == ["it:", f"  - {'a' * 40!r}", f"  + {'a' * 39 + 'b'!r}"]
    (found,) = parts.value("it", "a" * 1000, "a" * 500 + "b" + "a" * 499)
    assert [len(line) for line in found.how] == [2 + 3 + 240 + 3] * 2
    assert [line[45] for line in found.how] == ["a", "b"]


def test_one_text_of_two_values() -> None:
    (found,) = parts.value("it", 1, 2, lambda value: "text")
    assert found.lines() == ["it: text in both, stored in another way"]
