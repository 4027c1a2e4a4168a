"""The table of the vocabulary: numbers at each local state, and spaces on which a word has no meaning."""

from __future__ import annotations

import math

import pytest

from nqx_graph.errors import HilbertError
from nqx_graph.words.kets import Kind, kets

QUBIT, BOSON, OPEN, HALF, ONE = Kind(0, 1, 2), Kind(0, 1, 4), Kind(0, 1, -1), Kind(-1, 2, 2), Kind(-2, 2, 3)


def test_kinds() -> None:
    assert [kind.high for kind in (QUBIT, BOSON, OPEN, HALF, ONE)] == [1, 3, math.inf, 1, 2]
    assert [kind.occupation for kind in (QUBIT, BOSON, OPEN, HALF, ONE)] == [True, True, True, False, False]
    assert [kind.spin for kind in (QUBIT, BOSON, OPEN, HALF, ONE, Kind(0, 2, 2))] == [
        False,
        False,
        False,
        True,
        True,
        False,
    ]
    assert [ONE.holds(value) for value in (-2, 0, 1, 2, 4, 0.5)] == [True, True, False, True, False, False]
    assert [str(kind) for kind in (QUBIT, HALF, OPEN, Kind(0, 1, 9))] == ["0, 1", "-1, 1", "0, 1, 2, …", "0, 1, 2, …"]


@pytest.mark.parametrize(
    ("word", "kind", "elements"),
    [
        ("create", BOSON, {0: 1, 1: math.sqrt(2), 2: math.sqrt(3)}),
        ("destroy", OPEN, {1: 1, 2: math.sqrt(2), 100: 10}),
        ("number", BOSON, {0: 0, 3: 3}),
        ("sigma_plus", ONE, {-2: math.sqrt(2), 0: math.sqrt(2), 2: 0}),
        ("sigma_minus", HALF, {1: 1, -1: 0}),
        ("sigma_z", QUBIT, {0: 1, 1: -1}),
        ("parity", QUBIT, {0: 1, 1: -1}),
    ],
)
def test_elements(word: str, kind: Kind, elements: dict[float, float]) -> None:
    (ket,) = kets(word, kind, None, 0, "here")
    assert {v: ket.element(v) for v in elements} == pytest.approx(elements, abs=0)


def test_a_projector_has_one_state() -> None:
    (ket,) = kets("projector", ONE, -2, 0, "here")
    assert [ket.element(v) for v in (-2, 0, 2)] == [1, 0, 0]


@pytest.mark.parametrize(
    ("word", "kind", "message"),
    [
        ("create", HALF, "here: create acts on occupation numbers 0, 1, 2, …; the local states of site 3 are -1, 1."),
        ("c", BOSON, "here: c acts on modes with the local states 0 and 1; the local states of site 3 are 0, 1, 2, 3."),
        (
            "sigma_x",
            OPEN,
            "here: sigma_x acts on spins (…, -1, 1, …) or qubits (0, 1); the local states of site 3 are 0, 1, 2, ….",
        ),
        ("projector", HALF, "here: projector onto 0; the local states of site 3 are -1, 1."),
    ],
)
def test_a_word_without_a_meaning(word: str, kind: Kind, message: str) -> None:
    with pytest.raises(HilbertError) as refused:
        kets(word, kind, 0, 3, "here")
    assert str(refused.value) == message
    assert refused.value.site == 3
