"""The one place where kets become rows."""

from __future__ import annotations

import numpy as np

from nqx_graph.words.bras import Span, ladder_row, matrix, two_state_rows
from nqx_graph.words.kets import Ket, Kind, kets

BOSON = Kind(0, 1, 4)


def row(*words: str, kind: Kind = BOSON, value: float | None = None) -> tuple[complex, Span] | None:
    return ladder_row([kets(word, kind, value, 0, "here")[0] for word in words], kind)


def test_a_word_that_destroys_has_one_more_in_x_prime() -> None:
    """<n|a|n+1> = √(n+1) for n below the top; <n|a†|n-1> = √n for n above the bottom."""
    assert row("destroy") == (1, Span(1, None, 2, (), ((1, 1),)))
    assert row("create") == (1, Span(-1, 1, None, (), ((1, 0),)))


def test_pairs_leave_the_root_and_needless_bounds_are_left_out() -> None:
    assert row("create", "destroy") == (1, Span(0, None, None, ((1, 0),), ()))  # n
    assert row("destroy", "create") == (1, Span(0, None, 2, ((1, 1),), ()))  # n + 1, and 0 at the top
    assert row("number", "number") == (1, Span(0, None, None, ((1, 0), (1, 0)), ()))


def test_the_bounds_of_every_step_hold() -> None:
    assert row("create", "create", "destroy") == (1, Span(-1, 2, None, ((1, -1),), ((1, 0),)))
    assert row("create", "create", "create", "create") is None
    assert row("create", kind=Kind(0, 1, 1)) is None


def test_where_x_is_known_all_is_a_number() -> None:
    number, span = row("create", "projector", value=2) or (0, None)
    assert (number, span) == (np.sqrt(3), Span(-1, 3, 3, (), ()))
    assert row("number", "projector", value=0) is None
    assert row("projector", "create", kind=Kind(0, 1, -1), value=0) is None


def test_matrices_of_two_states() -> None:
    """[x, x'], the lower state first; a row holds what x' is the other state, and what it is the same."""
    spin, qubit = Kind(-1, 2, 2), Kind(0, 1, 2)
    np.testing.assert_array_equal(matrix(kets("sigma_y", spin, None, 0, ""), spin), [[0, 1j], [-1j, 0]])
    np.testing.assert_array_equal(matrix(kets("sigma_y", qubit, None, 0, ""), qubit), [[0, -1j], [1j, 0]])
    rows = two_state_rows(matrix(kets("sigma_plus", spin, None, 0, ""), spin))
    assert {other: numbers.tolist() for other, numbers in rows.items()} == {True: [0, 1]}
    assert matrix([Ket(only=0)], qubit).tolist() == [[1, 0], [0, 0]]
