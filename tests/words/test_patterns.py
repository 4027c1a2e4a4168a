"""Rows that are treated alike, and the masks of Jordan-Wigner strings."""

from __future__ import annotations

import numpy as np
import pytest

import nqx_graph as sym
from nqx_graph.errors import DefinitionError, HilbertError
from nqx_graph.space import from_states, view
from nqx_graph.words.patterns import mode_positions, patterns, string_masks

QUBITS = view(sym.hilbert.Qubit(4))
# two qubits and a site with three states
MIXED = from_states(sym.hilbert.Qubit(3), [[0, 1], [0, 1], [0, 1, 2]], None, None)


def test_rows_are_told_apart_by_which_sites_coincide() -> None:
    rows = np.array([[0, 1], [2, 2], [1, 0], [3, 3]], dtype=np.int32)
    found = patterns(rows, QUBITS, None)
    assert [(each.rows.tolist(), each.slot_of, each.example) for each in found] == [
        ([0, 2], (0, 1), (0, 1)),
        ([1, 3], (0, 0), (2, 2)),
    ]


def test_rows_are_told_apart_by_their_local_states() -> None:
    rows = np.array([[0], [1], [2]], dtype=np.int32)
    found = patterns(rows, MIXED, None)
    assert [(each.rows.tolist(), str(each.kinds[0])) for each in found] == [([0, 1], "0, 1"), ([2], "0, 1, 2")]


def test_rows_are_told_apart_by_which_mode_comes_first() -> None:
    rows = np.array([[0, 1], [1, 2]], dtype=np.int32)
    found = patterns(rows, QUBITS, mode_positions((2, 0, 1, 3), QUBITS, "here"))
    assert [each.rows.tolist() for each in found] == [[0], [1]]
    assert [each.before.tolist() for each in found if each.before is not None] == [
        [[False, True], [False, False]],
        [[False, False], [True, False]],
    ]


def test_identities_have_one_pattern() -> None:
    (only,) = patterns(np.zeros((3, 0), dtype=np.int32), QUBITS, None)
    assert (only.rows.tolist(), only.slot_of) == ([0, 1, 2], ())


def test_masks_count_the_modes_between() -> None:
    positions = mode_positions((3, 1, 0, 2), QUBITS, "here")
    assert positions.tolist() == [2, 1, 3, 0]
    masks = string_masks(np.array([[3, 2], [1, 0]], dtype=np.int32), (0, 1), (0, 1), positions)
    assert masks.tolist() == [[1, 1, 0, 0], [0, 0, 0, 0]]
    assert string_masks(np.array([[0]], dtype=np.int32), (0,), (0,), positions).tolist() == [[0, 1, 0, 1]]


def test_what_is_no_order_of_modes() -> None:
    with pytest.raises(DefinitionError, match=r"here: the order of the modes names site 9; the sites are 0 to 3\."):
        mode_positions((0, 9), QUBITS, "here")
    with pytest.raises(
        HilbertError, match=r"those of site 2 are others; name the modes by order=, without the sites that"
    ):
        mode_positions(None, MIXED, "here")
    assert mode_positions((1, 0), MIXED, "here").tolist() == [1, 0, 3]
