"""A term while it is being written, and the terms that it becomes."""

from __future__ import annotations

import numpy as np

from nqx_graph.dsl.drafts import Draft, Part
from nqx_graph.dsl.selectors import site
from nqx_graph.dsl.update import identity
from nqx_graph.ir.expr import TRUE, as_amplitude
from nqx_graph.ir.types import EmissionSpec, KBodyIteratorSpec

ONE = EmissionSpec(TRUE, identity().program, as_amplitude(1.0))


def draft() -> Draft:
    return Draft("hop", KBodyIteratorSpec(("i",), np.array([[0], [1], [2]]), {"J": np.array([1.0, 2.0, 3.0])}))


def test_a_part_on_all_rows_is_written_into_the_term() -> None:
    written = draft()
    written.take(Part(np.arange(3), {"sign": np.array([1, -1, 1])}, (ONE, ONE)))
    (term,) = written.terms()
    assert (term.name, len(term.emissions), sorted(term.iterator.columns)) == ("hop", 2, ["J", "sign"])


def test_a_part_on_some_rows_is_a_term_with_the_predicate_and_the_promise() -> None:
    written = draft()
    written.has_words = True
    written.take(Part(np.array([2, 0]), {}, (ONE,)))
    written.take(Part(np.array([1]), {}, (ONE, ONE)))
    written.predicate, written.fanout = site("i") > 0, 2
    first, second = written.terms()
    assert [term.name for term in (first, second)] == ["hop.1", "hop.2"]
    assert first.iterator.index_sets.tolist() == [[2], [0]]
    assert first.iterator.columns["J"].tolist() == [3.0, 1.0]
    assert [term.fanout for term in (first, second)] == [2, 2]
    assert all(term.predicate.same_as(site("i") > 0) for term in (first, second))


def test_words_that_are_zero_leave_no_term_and_a_missing_emission_does() -> None:
    empty, words = draft(), draft()
    words.has_words = True
    assert [len(term.emissions) for term in empty.terms()] == [0]
    assert words.terms() == []
