"""Products as contributions: what is added up, and what is the same up to a sign."""

from __future__ import annotations

import numpy as np
import pytest

import nqx_graph as sym
from nqx_graph.errors import DefinitionError
from nqx_graph.space import view
from nqx_graph.words.contributions import Contribution, contributions, one_order, site_key
from nqx_graph.words.patterns import mode_positions, patterns
from nqx_graph.words.value import Words

w = sym.words
QUBITS = view(sym.hilbert.Qubit(3))


def made(words: Words, *sites: int) -> list[Contribution]:
    """Of words over flat site numbers."""
    factors = [factor for product in words.products for factor in product.factors]
    places = {key: k for k, key in enumerate({site_key(factor.site): None for factor in factors})}
    (pattern,) = patterns(np.array([sites], dtype=np.int32), QUBITS, mode_positions(None, QUBITS, "here"))
    return contributions(words.products, places, pattern, True, "here")


def test_products_of_one_motion_are_added_up() -> None:
    (exchange,) = made(w.sigma_x(0) * w.sigma_x(1) + w.sigma_y(0) * w.sigma_y(1), 0, 1)
    assert exchange.motion.turned == (0, 1)
    assert exchange.table.tolist() == [[0, 2], [2, 0]]
    assert not exchange.motion.diagonal


def test_what_cancels_is_not_there() -> None:
    assert made(0.3 * w.number(0) - 0.1 * w.number(0) - 0.2 * w.number(0), 0) == []
    assert made(w.c(0) * w.c(1) + w.c(1) * w.c(0), 0, 1) == []


def test_coefficients_are_told_apart_by_their_expressions() -> None:
    J, h = sym.symbol("J", 1.0), sym.symbol("h", 1.0)
    assert len(made(J * h * w.number(0) + h * J * w.number(0), 0)) == 1
    assert len(made(J * w.number(0) + h * w.number(0), 0)) == 2


def test_the_same_up_to_a_sign() -> None:
    (one,), (other,) = made(w.c(0) * w.c(1), 0, 1), made(w.c(1) * w.c(0), 0, 1)
    assert (one.sign, other.sign) == (-1, -1) or one.sign == -other.sign
    (plus,), (minus,) = made(w.number(0) * 2, 0), made(w.number(0) * -2, 0)
    assert (plus.sign, minus.sign) == (1, -1)
    assert plus.structure() == minus.structure()


def test_one_order() -> None:
    assert one_order((w.number(0)).products, "here") == (False, None)
    assert one_order((w.c(0, order=[1, 0]) * w.number(1)).products, "here") == (True, (1, 0))
    with pytest.raises(DefinitionError, match="here: the fermions have 2 orders"):
        one_order((w.c(0, order=[1, 0]) * w.c(1)).products, "here")
