"""The branches of words, read in the text of the IR: few, each with the shortest condition and amplitude."""

from __future__ import annotations

from typing import Any

import pytest

import nqx_graph as sym
from words.branches import SWAP, branches

w = sym.words
SPIN, QUBIT, FOCK = sym.hilbert.Spin(0.5, 4), sym.hilbert.Qubit(4), sym.hilbert.Fock(3, 4)
fermions = w.Fermions()


@pytest.mark.parametrize(
    ("hilbert", "words", "expected"),
    [
        (SPIN, w.sigma_x("i"), ["x'[i] = (-1 * x'[i] + 0) | 1.0"]),
        (QUBIT, w.sigma_x("i"), ["x'[i] = (-1 * x'[i] + 1) | 1.0"]),
        (SPIN, w.sigma_y("i") * w.sigma_y("j"), ["x'[i] = (-1 * x'[i] + 0); x'[j] = (-1 * x'[j] + 0) | (-(x[i] * x[j]))"]),
        (SPIN, w.sigma_plus("i") * w.sigma_minus("j"), ["((x[i] == 1) & (x[j] == -1)) | swap(x'[i], x'[j]) | 1.0"]),
        (SPIN, w.spin_dot("i", "j"), ["x' = x | ((0.25 * x[i]) * x[j])", SWAP + " | 0.5"]),
        (QUBIT, w.hop("i", "j") + w.hop("j", "i"), [SWAP + " | 1.0"]),
        (QUBIT, fermions.hop("i", "j") + fermions.hop("j", "i"), [SWAP + " | 1.0"]),
        (QUBIT, w.create("i") * w.create("j") + w.destroy("j") * w.destroy("i"),
         ["(x[i] == x[j]) | x'[i] = (-1 * x'[i] + 1); x'[j] = (-1 * x'[j] + 1) | 1.0"]),
        (QUBIT, w.sigma_x("i") * (1 - w.number("j")), ["(x[j] == 0) | x'[i] = (-1 * x'[i] + 1) | 1.0"]),
        (QUBIT, w.number("i") * w.number("j") + 2 * w.number("i"), ["x' = x | ((2.0 * x[i]) * (1.0 + (0.5 * x[j])))"]),
        (SPIN, w.sigma_z("i") + w.sigma_z("j"), ["x' = x | (x[j] + x[i])"]),
        (SPIN, w.sigma_z("i") ** 2 + 1, ["x' = x | 2.0"]),
        (SPIN, w.sigma_x("i") * w.sigma_y("i") - 1j * w.sigma_z("i"), []),
        (FOCK, w.hop("i", "j"),
         ["((x[i] >= 1) & (x[j] <= 2)) | x'[i] = (x'[i] + -1); x'[j] = (x'[j] + 1) | sqrt((x[i] * (x[j] + 1)))"]),
        (FOCK, w.projector("i", 2), ["(x[i] == 2) | x' = x | 1.0"]),
        (FOCK, w.projector("i", 2) + w.number("j"), ["x' = x | (where((x[i] == 2), 1.0, 0) + x[j])"]),
        (FOCK, w.create("i") * w.destroy("i") + w.destroy("i") * w.create("i"),
         ["x' = x | (x[i] + where((x[i] <= 2), (x[i] + 1), 0))"]),
    ],
)  # fmt: skip
def test_branches(hilbert: Any, words: Any, expected: list[str]) -> None:
    if not expected:  # zero on every row: nothing is written, and the operator has no term
        with pytest.raises(sym.errors.DefinitionError, match="the operator has no term"):
            branches(hilbert, words, dtype="complex128")
    else:
        assert branches(hilbert, words) == expected


def test_zeros_that_are_no_product_are_excluded_by_a_polynomial() -> None:
    """σˣ on i unless both j and a third site are filled."""
    (branch,) = branches(QUBIT, w.sigma_x("i") * (1 - w.number("j") * w.number(3)))
    assert branch == "((4 + ((-4 * x[j]) * x[3])) != 0) | x'[i] = (-1 * x'[i] + 1) | 1.0"


def test_a_phase_is_one_branch_with_both_directions() -> None:
    hop = (0.6 + 0.8j) * w.hop("i", "j")
    (branch,) = branches(QUBIT, hop + hop.H, dtype="complex128")
    assert branch == SWAP + " | ((0.6-0.8j) + (1.6j * x[i]))"
