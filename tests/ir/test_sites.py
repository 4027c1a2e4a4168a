"""Site numbers, evaluated on every index row when an operator is written."""

# ruff: noqa: E741 - I and J are the sites i and j

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from refusal import refused

import nqx_graph as sym
from nqx_graph.dsl import selectors as s
from nqx_graph.errors import RowsError
from nqx_graph.ir.sites import site_numbers

ROWS = np.array([[0, 4], [1, 3], [2, 2]], dtype=np.int32)
I, J = s.site("i"), s.site("j")
i, j = I.index, J.index


def numbers(site: Any, rows: Any = ROWS, size: int = 5) -> list[int]:
    made = site_numbers(s.site_expression(site), ("i", "j"), rows, size)
    assert made.dtype == np.int32
    return made.tolist()


SITES: list[tuple[Any, list[int]]] = [
    ("i", [0, 1, 2]), ("j", [4, 3, 2]), (I, [0, 1, 2]), (s.emitted("j"), [4, 3, 2]), (3, [3, 3, 3]),
    (np.int64(3), [3, 3, 3]), (i + 1, [1, 2, 3]), (j - i, [4, 2, 0]), (abs(i - j), [4, 2, 0]), (4 - 2 * i, [4, 2, 0]),
    (-(i - 2), [2, 1, 0]), (i.conj(), [0, 1, 2]), (s.where(i + 3 >= 5, i - 2, i + 3), [3, 4, 0]),
    (s.where((i == 0) | ~(j != 2), 4, 1), [4, 1, 4]), (s.where((i < 2) & (j <= 3), 0, 1), [1, 0, 1]),
    (s.where(True, i, j), [0, 1, 2]), (s.where(i > j, 1, 0), [0, 0, 0]),
]  # fmt: skip


@pytest.mark.parametrize(("site", "expected"), SITES, ids=lambda value: str(value))
def test_values(site: Any, expected: list[int]) -> None:
    assert numbers(site) == expected


OUTSIDE: list[tuple[Any, str, str, str]] = [
    (j + 1, "(j + 1) is 5", "index row 0", "(0, 4)"),
    (i - 1, "(i - 1) is -1", "index row 0", "(0, 4)"),
    (i + 3, "(i + 3) is 5", "index row 2", "(2, 2)"),
    (5, "5 is 5", "index row 0", "(0, 4)"),
    (-1, "-1 is -1", "index row 0", "(0, 4)"),
    (1 - i, "(1 - i) is -1", "index row 2", "(2, 2)"),
]


@pytest.mark.parametrize(("site", "value", "row", "entries"), OUTSIDE)
def test_leaving_the_lattice_names_the_row(site: Any, value: str, row: str, entries: str) -> None:
    with refused(RowsError, value, row, entries, "0 to 4", "sym.where"):
        numbers(site)
    with pytest.raises(RowsError) as caught:
        numbers(site)
    assert caught.value.row == int(row[-1])


@pytest.mark.parametrize(
    ("site", "culprit"),
    [
        (I + 1, "'site'"), (I.value, "'site'"), (s.emitted("i") + 0, "'emitted'"), (i / 1, "'div'"), (i**2, "'pow'"),
        (i + 1.0, "'const'"), (i.sqrt(), "'sqrt'"), (s.wrap_mod(i + 1), "'wrap_mod'"), (s.column("c") + 0, "'column'"),
        (s.source_index(0) + 0, "'source'"), (s.symbol("k"), "'symbol'"), (s.where(I > 0, 0, 1), "'site'"),
    ],
)  # fmt: skip
def test_what_is_no_site_number(site: Any, culprit: str) -> None:
    with refused(RowsError, culprit, "site(label).index"):
        numbers(site)


def test_the_way_there_must_be_small() -> None:
    for huge in (i * 2**31 * 0, j * 2**62, i + 2**31):
        with refused(RowsError, "2**31"):
            numbers(huge)


def test_a_row_without_labels() -> None:
    assert site_numbers(s.site_expression(2), (), np.zeros((1, 0), dtype=np.int32), 3).tolist() == [2]


@pytest.mark.parametrize(
    "inner",
    [s.source_index(0), s.source_index(s.source_index(0)), s.target_index(0), s.where(s.source_index(0) > 0, 0, 1)],
)
def test_no_site_is_found_by_reading_another(inner: Any) -> None:
    written = sym.SymbolicDiscreteJaxOperator(sym.hilbert.Fock(1, N=2)).globally()
    for read in (s.source_index, s.target_index):
        with refused(RowsError, "the site number", "site(label).index"):
            written.emit(sym.identity, amplitude=read(inner)).compile()
