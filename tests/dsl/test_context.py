"""Amplitudes and predicates given as functions of a context."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from refusal import refused

from nqx_graph.dsl import selectors as s
from nqx_graph.dsl import update as u
from nqx_graph.dsl.builder import DOperator
from nqx_graph.dsl.context import ExpressionContext
from nqx_graph.errors import ExpressionError, LabelError, RowsError
from nqx_graph.hilbert import Fock


def term() -> DOperator:
    columns = {"J": [1.0, 2.0, 3.0], "m": np.eye(3, dtype=int)}
    return DOperator(Fock(2, 3)).for_each_site("i", columns=columns)


PAIRS: list[tuple[Any, Any]] = [
    (lambda c: c.site("i").value, s.site("i").value),
    (lambda c: c.emitted("i"), s.emitted("i").value),
    (lambda c: c.symbol("a", 1.0, "doc"), s.symbol("a", 1.0, "doc")),
    (lambda c: c.column("J"), s.column("J")),
    (lambda c: c.dot("m") * c.prod("m"), s.dot("m") * s.prod("m")),
    (lambda c: c.source_index("i") + c.target_index(0), s.source_index("i") + s.target_index(0)),
    (lambda c: c.where(c.site("i") > 0, 1, 2), s.where(s.site("i") > 0, 1, 2)),
    (lambda c: c.wrap_mod(c.site("i") + 1), s.wrap_mod(s.site("i") + 1)),
    (lambda c: 0.5, 0.5),
]


@pytest.mark.parametrize(("function", "plain"), PAIRS)
def test_a_function_is_as_good_as_an_expression(function: Any, plain: Any) -> None:
    for name in ("amplitude", "matrix_element"):
        assert term().emit(**{name: function}).build().to_ir().same_as(term().emit(amplitude=plain).build().to_ir())


def test_predicates_are_taken_as_functions_too() -> None:
    positive = lambda c: c.site("i") > 0  # noqa: E731
    made = term().where(positive).emit_if(positive, u.shift("i", -1)).emit_elseif(positive).build().to_ir()
    p = s.site("i") > 0
    assert made.same_as(term().where(p).emit_if(p, u.shift("i", -1)).emit_elseif(p).build().to_ir())


def test_what_is_bound() -> None:
    seen: list[ExpressionContext] = []
    term().emit(amplitude=lambda c: (seen.append(c), 1)[1])
    assert (seen[0].labels, seen[0].columns, seen[0].hilbert_size) == (("i",), ("J", "m"), 3)


def test_what_is_not_bound_is_refused_at_that_line() -> None:
    for read in ("site", "emitted"):
        with refused(LabelError, "'ii'", "Did you mean 'i'?"):
            term().emit(amplitude=lambda c, read=read: getattr(c, read)("ii"))
    with refused(LabelError, "'K'", "'J'"):
        term().emit(amplitude=lambda c: c.column("K"))
    with refused(RowsError, "5 is 5"):
        term().emit(amplitude=lambda c: c.source_index(5))


def test_a_function_that_returns_something_else() -> None:
    with refused(ExpressionError, "sym.where"):
        term().emit(amplitude=lambda c: c.site("i") > 0)
    with refused(ExpressionError, "expression != 0"):
        term().where(lambda c: c.site("i"))
    with refused(ExpressionError, "NoneType"):
        term().emit(amplitude=lambda c: None)


def test_an_error_of_the_function_is_its_own() -> None:
    with pytest.raises(ZeroDivisionError):
        term().emit(amplitude=lambda c: 1 / 0)
