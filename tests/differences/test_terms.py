"""Which term is which: by content, name, what it emits, where it acts, place."""

from __future__ import annotations

from typing import Any

import pytest

import nqx_graph as sym
from nqx_graph.differences.terms import match, match_terms
from nqx_graph.hilbert import Fock


def terms(*given: tuple[str, list[int], float]) -> Any:
    """Terms by name ("" for none), sites and amplitude."""
    builder = sym.DOperator(Fock(2, 9), dtype="float64")
    for name, sites, amplitude in given:
        builder.for_each(("i",), over=[(site,) for site in sites]).emit(amplitude=amplitude)
        if name:
            builder.named(name)
    return builder.build().to_ir().terms


A, B, C = ("", [0], 1.0), ("", [1], 2.0), ("", [2], 3.0)
CASES = {
    "the same": ((A, B), (A, B), [(0, 0), (1, 1)]),
    "one in front": ((A, B), (C, A, B), [(0, 1), (1, 2)]),
    "one behind": ((A,), (A, B), [(0, 0)]),
    "one gone": ((A, B, C), (A, C), [(0, 0), (2, 1)]),
    "turned": ((A, B), (B, A), [(0, 1), (1, 0)]),
    "twice the same": ((A, A), (A, A, A), [(0, 0), (1, 1)]),
    "other sites, and one in front": ((A, B), (C, ("", [5], 1.0), B), [(0, 1), (1, 2)]),
    "another amplitude, and one in front": ((A, B), (C, ("", [0], 9.0), B), [(0, 1), (1, 2)]),
    "by name": ((("a", [0], 1.0), ("b", [1], 2.0)), (("b", [5], 7.0), ("a", [6], 8.0)), [(0, 1), (1, 0)]),
    "a name goes before a place": ((("a", [0], 1.0),), (("", [0], 1.0), ("a", [0], 2.0)), [(0, 1)]),
    "by place": ((A,), (("", [5], 7.0),), [(0, 0)]),
    "nothing in common": ((A,), (("b", [5], 7.0),), []),
    "a name given": ((A,), (("a", [0], 1.0),), [(0, 0)]),
}


@pytest.mark.parametrize("case", CASES)
def test_which_term_is_which(case: str) -> None:
    first, second, pairs = CASES[case]
    found = match_terms(terms(*first), terms(*second))
    assert list(found.pairs) == pairs
    assert list(found.removed) == sorted(set(range(len(first))) - {old for old, _ in pairs})
    assert list(found.added) == sorted(set(range(len(second))) - {new for _, new in pairs})


@pytest.mark.parametrize(
    ("first", "second", "order"),
    [("abc", "abc", None), ("abc", "cab", (2, 0, 1)), ("abc", "xcb", (2, 1)), ("abc", "acx", None), ("", "", None)],
)
def test_the_order_of_what_stayed(first: str, second: str, order: Any) -> None:
    assert match(first, second, (lambda item, place: item,)).order == order


def test_no_key_matches_nothing() -> None:
    assert match("ab", "ab", (lambda item, place: None,)).pairs == ()


def test_what_is_done_to_x_goes_before_where_alone() -> None:
    def sites(builder: Any) -> Any:
        return builder.for_each_site("i")

    def builder() -> Any:
        return sym.DOperator(Fock(2, 3), dtype="float64")

    first = sites(builder()).emit(sym.write("i", 0), amplitude=1.0).build()
    second = sites(sites(builder()).emit(amplitude=5.0)).emit(sym.write("i", 0), amplitude=2.0).build()
    assert match_terms(first.to_ir().terms, second.to_ir().terms).pairs == ((0, 1),)
