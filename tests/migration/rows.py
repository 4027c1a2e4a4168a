"""The rows of docs/migration, each with what runs our counterpart, and matrices written out state by state."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import nqx_graph as sym

PAGE = Path(__file__).resolve().parents[2] / "docs" / "migration" / "from_nkdsl.md"
FOCK, SPIN = sym.hilbert.Fock(2, N=3), sym.hilbert.Spin(1 / 2, 3)

State = list[int]
Branches = Callable[[State], Iterable[tuple[State, complex]]]


class Rows(dict[str, Callable[[], None]]):
    """The checks of some sections, under the first cell of the row that each is for."""

    def of(self, cell: str) -> Callable[[Callable[[], None]], Callable[[], None]]:
        """Keep the decorated check for this row."""

        def keep(check: Callable[[], None]) -> Callable[[], None]:
            assert cell not in self, cell
            self[cell] = check
            return check

        return keep


def rows_of_page(*sections: str) -> list[str]:
    """The first cells of the tables of these sections, in order."""
    text = PAGE.read_text(encoding="utf-8")
    parts = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", text, re.M | re.S))
    lines = "".join(parts[section] for section in sections).splitlines()
    cells = [re.split(r"(?<!\\)\|", line)[1].strip() for line in lines if line.startswith("|")]
    return [cell for cell in cells if cell != "nkDSL" and set(cell) != {"-"}]


def moved(x: State, changes: dict[int, int]) -> State:
    """x with the values of some sites replaced."""
    return [changes.get(site, value) for site, value in enumerate(x)]


def dense(hilbert: Any, branches: Branches) -> NDArray[Any]:
    """<x|O|x'> as the sum of what ``branches(x)`` gives for x, by a loop over the states."""
    states = hilbert.all_states().tolist()
    number = {tuple(x): n for n, x in enumerate(states)}
    matrix = np.zeros((len(states), len(states)), dtype=complex)
    for x in states:
        for xp, mel in branches(x):
            matrix[number[tuple(x)], number[tuple(xp)]] += mel
    return matrix


def assert_matrix(operator: Any, branches: Branches, **values: Any) -> None:
    """The compiled operator has the matrix of ``branches``, and x' the dtype of int8 samples."""
    compiled = operator.compile().with_parameters(**values)
    np.testing.assert_allclose(compiled.to_dense(), dense(operator.hilbert, branches), rtol=0, atol=1e-12)
    xp, _ = compiled.get_conn_padded(np.asarray(operator.hilbert.all_states(), dtype=np.int8))
    assert xp.dtype == np.int8
