"""Mode orders as they are given."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import nqx_graph as sym

w = sym.words


def test_an_order_is_kept_as_numbers() -> None:
    assert w.Fermions(np.array([2, 0, 1])).order == (2, 0, 1)
    assert w.Fermions().order is None
    assert w.Fermions([1, 0]) == w.Fermions((1, 0))
    assert w.c("i", order=[1, 0]).products[0].factors[0].order == (1, 0)


@pytest.mark.parametrize(
    ("order", "kind", "message"),
    [
        ([0, 1, 0], sym.errors.DefinitionError, "the order of the modes names site 0 twice; every mode has one place"),
        ([0, 1.5], sym.errors.ExpressionError, "the order of the modes must be site numbers; it holds 1.5"),
        ([0, -1], sym.errors.ExpressionError, "it holds -1"),
        ([True], sym.errors.ExpressionError, "it holds True"),
        ("012", sym.errors.ExpressionError, "must be a sequence of site numbers; it is '012'"),
        (3, sym.errors.ExpressionError, "must be a sequence of site numbers; it is 3"),
    ],
)
def test_what_is_no_order(order: Any, kind: type, message: str) -> None:
    with pytest.raises(kind, match=message):
        w.Fermions(order)
