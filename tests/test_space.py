"""Hilbert spaces as the compiler sees them."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from refusal import refused, shown

from nqx_graph.errors import HilbertError
from nqx_graph.hilbert import Fock, Qubit, Spin
from nqx_graph.space import SpaceView, from_states, unbounded, view


class Foreign:
    """A space of somebody else."""

    def __init__(self, size: Any, local_states: Any) -> None:
        self.size, self.local_states = size, local_states

    def __repr__(self) -> str:
        return f"Foreign({self.local_states})"


EMBEDDED: list[tuple[Any, int, int, int, int]] = [
    # space, lowest, spacing, how many, highest
    (Spin(1 / 2, 3), -1, 2, 2, 1),
    (Spin(1, 3), -2, 2, 3, 2),
    (Spin(Fraction(3, 2), 2, total_sz=0), -3, 2, 4, 3),
    (Qubit(4), 0, 1, 2, 1),
    (Fock(4, 3), 0, 1, 5, 4),
    (Fock(0, 2), 0, 1, 1, 0),
]


@pytest.mark.parametrize(("space", "low", "step", "count", "high"), EMBEDDED, ids=lambda v: repr(v))
def test_embedded_spaces(space: Any, low: int, step: int, count: int, high: int) -> None:
    seen = view(space)
    n = space.size
    assert (seen.hilbert, seen.size) == (space, n)
    assert (seen.low.tolist(), seen.step.tolist(), seen.count.tolist()) == ([low] * n, [step] * n, [count] * n)
    assert seen.high.tolist() == [high] * n
    assert seen.bounds() == (low, high)
    assert seen.table is None
    assert (seen.integer, seen.even, seen.homogeneous, seen.two_state) == (True, True, True, count == 2)
    assert (seen.form, seen.digest) == (space.to_data(), space.digest())
    assert seen.contains is not None
    assert bool(seen.contains(np.full(n, low))) == bool(space.contains(np.full(n, low)))


FOREIGN: list[tuple[Any, bool, bool, bool, str]] = [
    # local states, integer, even, two states, text
    ([0, 1, 4], True, False, False, "0, 1, 4"),
    ([4, 0, 1], True, False, False, "0, 1, 4"),
    ([0.5, -0.5], False, True, True, "-0.5, 0.5"),
    ([1.0, -1.0], True, True, True, "-1, 1"),
    ([3], True, True, False, "3"),
    ([False, True], True, True, True, "0, 1"),
    (range(0, 20, 2), True, True, False, "0, 2, 4, 6, 8, 10, 12, 14, ..., 18"),
    ([0.0, 0.5, 2.0], False, False, False, "0.0, 0.5, 2.0"),
    ([1, 1, 0], True, True, True, "0, 1"),
]


@pytest.mark.parametrize(("states", "integer", "even", "two", "text"), FOREIGN, ids=lambda v: str(v))
def test_spaces_with_a_size_and_local_states(states: Any, integer: bool, even: bool, two: bool, text: str) -> None:
    space = Foreign(3, states)
    seen = view(space)
    assert (seen.integer, seen.even, seen.two_state, seen.homogeneous) == (integer, even, two, True)
    assert seen.local_states_text() == text
    assert seen.bounds() == (min(states), max(states))
    assert (seen.table is None) == even
    if seen.table is not None:
        assert seen.table.tolist() == [sorted(states)] * 3
    assert (seen.digest, seen.form, seen.no_digest_reason) == (None, None, "Foreign has no form as data")


@pytest.mark.parametrize(
    "wrong", [None, 3, "Fock", [0, 1], Fock, Foreign("3", [0]), Foreign(3, None), Foreign(2.0, [0])], ids=shown
)
def test_what_is_no_space(wrong: Any) -> None:
    with refused(HilbertError, repr(wrong), type(wrong).__name__, "nqx_graph.hilbert", "`size` and `local_states`"):
        view(wrong)


@pytest.mark.parametrize("states", [[], [1j, 0], ["a"], [0, np.inf], [np.nan], [None]], ids=shown)
def test_local_states_are_finite_real_numbers(states: Any) -> None:
    with refused(HilbertError, "finite real numbers", repr(Foreign(2, states))):
        view(Foreign(2, states))


def mixed(*states: Any) -> SpaceView:
    return from_states(Foreign(len(states), None), states, None, None)


def test_sites_of_their_own() -> None:
    seen = mixed([0, 1, 2], [-1, 1])
    assert (seen.low.tolist(), seen.step.tolist(), seen.count.tolist(), seen.high.tolist()) == (
        [0, -1],
        [1, 2],
        [3, 2],
        [2, 1],
    )
    assert (seen.homogeneous, seen.even, seen.two_state, seen.table) == (False, True, False, None)
    assert seen.local_states_text() == "those of each site"
    assert seen.bounds() == (-1.0, 2.0)


def test_one_uneven_site_among_even_ones() -> None:
    seen = mixed([0, 1], [0, 1, 5])
    assert (seen.step.tolist(), seen.count.tolist(), seen.high.tolist()) == ([1, 0], [2, 3], [1, 5])
    assert seen.table is not None
    assert seen.table.tolist() == [[0, 1, 1], [0, 1, 5]]
    assert (seen.homogeneous, seen.even) == (False, False)
    assert mixed([0, 1, 5], [0, 2, 5]).homogeneous is False


def test_two_states_on_every_site() -> None:
    assert mixed([0, 1], [-1, 1], [0, 7]).two_state
    assert not mixed([0, 1], [0, 1, 2]).two_state


def test_no_highest_state() -> None:
    seen = unbounded(Foreign(2, None), {"kind": "Fock"}, "abc")
    assert (seen.low.tolist(), seen.step.tolist(), seen.count.tolist()) == ([0, 0], [1, 1], [-1, -1])
    assert seen.bounds() == (0.0, float("inf"))
    assert (seen.even, seen.two_state, seen.integer, seen.homogeneous) == (False, False, True, True)
    assert seen.local_states_text() == "0, 1, ... without end"
    assert (seen.form, seen.digest) == ({"kind": "Fock"}, "abc")
