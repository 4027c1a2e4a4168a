"""Rows of small whole numbers, grouped by content."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


def grouped(rows: NDArray[Any]) -> tuple[Ints, Ints]:
    """Which rows of [R, W] are equal.

    Returns:
        For every row the number of its group [R], groups numbered in order of their first row; and the first row of each
        group [G].
    """
    if rows.shape[1] == 0:
        return np.zeros(len(rows), dtype=np.int64), np.zeros(min(1, len(rows)), dtype=np.int64)
    packed = _packed(rows)
    if packed is None:
        _, first, group = np.unique(rows, axis=0, return_index=True, return_inverse=True)
    else:
        _, first, group = np.unique(packed, return_index=True, return_inverse=True)
    by_first = np.argsort(first)
    number = np.empty_like(by_first)
    number[by_first] = np.arange(len(by_first))
    return number[group.reshape(-1)].astype(np.int64), first[by_first].astype(np.int64)


def _packed(rows: NDArray[Any]) -> Ints | None:
    """Every row as one number, where 63 bits are enough for that: sorting numbers is far faster than sorting rows."""
    if not len(rows):
        return np.zeros(0, dtype=np.int64)
    low = rows.min(axis=0).astype(np.int64)
    spans = [int(span) for span in rows.max(axis=0).astype(np.int64) - low + 1]
    total = 1
    for span in spans:
        total *= span
    if total >= 2**63:
        return None
    packed = np.zeros(len(rows), dtype=np.int64)
    for column, span in enumerate(spans):
        packed = packed * span + (rows[:, column].astype(np.int64) - low[column])
    return packed


def occurrence(groups: Ints) -> Ints:
    """For every row, how many rows of the same group are before it. [R]"""
    order = np.argsort(groups, kind="stable")
    ordered = groups[order]
    starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]])) if len(groups) else np.zeros(0, int)
    lengths = np.diff(np.concatenate([starts, [len(groups)]]))
    counted = np.empty(len(groups), dtype=np.int64)
    counted[order] = np.arange(len(groups)) - np.repeat(starts, lengths)
    return counted
