"""Rows grouped by content, against Python's dictionaries."""

from __future__ import annotations

import numpy as np
import pytest

from nqx_graph.fusion.rows import grouped, occurrence


def truth(rows):
    """Groups in order of their first row, by a dictionary."""
    number, firsts = {}, []
    for position, row in enumerate(map(tuple, rows.tolist())):
        if row not in number:
            number[row] = len(number)
            firsts.append(position)
    return [number[row] for row in map(tuple, rows.tolist())], firsts


@pytest.mark.parametrize("width", [1, 2, 3, 9, 40])
@pytest.mark.parametrize("count", [1, 2, 50])
@pytest.mark.parametrize("scale", [1, 2**30], ids=["packed", "too wide to be packed"])
def test_groups(width, count, scale):
    rng = np.random.default_rng(width * count)
    rows = rng.integers(-1, 2, size=(count, width)) * scale
    if scale > 1:
        rows[:, -1] *= 2**31  # so that no 63 bits hold a row of three and more
    group, firsts = grouped(rows)
    assert (group.tolist(), firsts.tolist()) == truth(rows)


@pytest.mark.parametrize("dtype", [bool, np.int8, np.int32, np.int64])
def test_of_any_integer_dtype(dtype):
    rows = np.array([[1, 0], [0, 0], [1, 0], [1, 1]]).astype(dtype)
    group, firsts = grouped(rows)
    assert (group.tolist(), firsts.tolist()) == ([0, 1, 0, 2], [0, 1, 3])


def test_extremes_do_not_overflow_while_they_are_packed():
    low, high = np.iinfo(np.int64).min, np.iinfo(np.int64).max
    rows = np.array([[low, 0], [high, 0], [low, 0], [high, 1]])
    assert grouped(rows)[0].tolist() == [0, 1, 0, 2]
    assert grouped(np.array([[-128, 127], [127, -128], [-128, 127]], dtype=np.int8))[0].tolist() == [0, 1, 0]


def test_rows_without_entries_are_all_equal():
    group, firsts = grouped(np.zeros((3, 0), dtype=int))
    assert (group.tolist(), firsts.tolist()) == ([0, 0, 0], [0])
    group, firsts = grouped(np.zeros((0, 0), dtype=int))
    assert (group.tolist(), firsts.tolist()) == ([], [])
    group, firsts = grouped(np.zeros((0, 2), dtype=int))
    assert (group.tolist(), firsts.tolist()) == ([], [])


@pytest.mark.parametrize("count", [0, 1, 2, 60])
def test_occurrence_counts_the_equal_ones_before(count):
    groups = np.random.default_rng(count).integers(0, 7, size=count)
    seen = [int(np.sum(groups[:position] == group)) for position, group in enumerate(groups)]
    assert occurrence(groups).tolist() == seen
