"""Which operators made of others are proved to be hermitian, and that it is never claimed of one that is not."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import paths
import pytest

import nqx_graph as sym
from nqx_graph.ir.expr import as_amplitude
from nqx_graph.operators import words

s = sym.site
SPACE = sym.hilbert.Fock(2, 2)
n = s("i").value


def hop(dtype: str = "complex128", **options: Any) -> Any:
    """Not hermitian, and neither real nor symmetric where the dtype is complex."""
    amplitude = (n + 1).sqrt() * (1 + 0.5j) if dtype.startswith("complex") else (n + 1).sqrt()
    builder = sym.DOperator(SPACE, "a", dtype=dtype, **options).for_each_site("i").where(n < 2)
    return builder.emit(sym.shift("i", 1), amplitude=amplitude * (s("i").index + 1)).build()


def number(dtype: str = "complex128") -> Any:
    return sym.DOperator(SPACE, "n", dtype=dtype, hermitian=True).for_each_site("i").emit(amplitude=n).build()


A, B, N, R = hop(), hop() * 1j, number(), hop("float64")
J = sym.symbol("J", 0.5)
PROVED = {
    "a sum with its adjoint": A + A.H,
    "in the other order": A.H + A,
    "a difference times i": 1j * (A - A.H),
    "over i": (A - A.H) / 1j,
    "a square": A.H @ A,
    "the other square": A @ A.H,
    "between": A.H @ N @ A,
    "a power": (A + A.H) ** 3,
    "a power of a letter": N**2,
    "the commutator with the adjoint": sym.commutator(A, A.H),
    "i times a commutator": 1j * sym.commutator(N, A + A.H),
    "an anticommutator": sym.anticommutator(N, A @ A.H),
    "a sum with factors": 2 * A + A.H * 2,
    "complex factors": (1 + 2j) * A + (1 - 2j) * A.H,
    "over complex numbers": A / (1 + 2j) + A.H / (1 - 2j),
    "the conjugate": N.conj() + (A + A.H).conj(),
    "the transpose": (A + A.H).T,
    "conjugate and transpose": A.conj() + A.T,
    "twice the adjoint": A.H.H + A.H,
    "a product and its adjoint": A @ B + B.H @ A.H,
    "real": R + R.H,
    "a real symbol": J * (R + R.H),
    "a real symbol and i": J * R.H @ R,
    "the identity": A**0,
    "nothing": (A + A.H) - (A + A.H),
}
NOT_PROVED = {
    "a letter": A,
    "a sum": A + B,
    "a difference": A - A.H,
    "a product": N @ (A + A.H),
    "a square of another": A @ A,
    "a commutator": sym.commutator(N, A + A.H),
    "i times hermitian": 1j * (A + A.H),
    "other factors": 2 * A + 3 * A.H,
    "factors that are not conjugates": (1 + 2j) * A + (1 + 2j) * A.H,
    "over numbers that are not": A / (1 + 2j) + A.H / (1 + 2j),
    "a conjugate": A + A.conj(),
    "a transpose": A + A.T,
    "a complex symbol": J * (A + A.H),
    "a symbol that became complex": 1j * (J * R - J * R.H),
}


@pytest.mark.parametrize("case", PROVED)
def test_what_is_proved_is_so(case: str) -> None:
    operator = PROVED[case]
    assert operator.is_hermitian
    assert operator.to_ir().is_hermitian
    matrix = paths.matrix(operator)
    np.testing.assert_allclose(matrix, matrix.conj().T, rtol=0, atol=1e-10)


@pytest.mark.parametrize("case", NOT_PROVED)
def test_what_is_not_proved(case: str) -> None:
    assert not NOT_PROVED[case].is_hermitian


def test_a_letter_that_was_read_again_is_another() -> None:
    again = pickle.loads(pickle.dumps(A))
    assert not (A + again.H).is_hermitian
    assert (again + again.H).is_hermitian
    assert pickle.loads(pickle.dumps(A + A.H)).is_hermitian


def test_too_many_words_are_not_followed() -> None:
    letters = [hop() for _ in range(17)]
    total = words.letter(letters[0].to_ir())
    for operator in letters[1:]:
        made = words.plus(total, words.letter(operator.to_ir()))
        assert made is not None
        total = made
    assert words.times(total, total) is None
    assert words.plus(None, total) is words.times(total, None) is words.star(None) is words.bar(None) is None
    assert not words.is_hermitian(None)


def test_words_are_sums_of_products_with_factors() -> None:
    a = words.letter(A.to_ir())
    minus = words.scaled(a, as_amplitude(-1), divide=False, real=True)
    assert words.plus(a, minus) == dict.fromkeys(a, 0)
    twice = words.scaled(a, as_amplitude(2), divide=False, real=True)
    assert words.plus(twice, minus) != {}
    assert words.scaled(twice, as_amplitude(2), divide=True, real=True) != a  # factors are kept, not worked out
    ((factors, letters),) = words.times(twice, minus)
    assert (len(factors), len(letters)) == (1, 2)
    assert words.star(words.star(a)) == a
    assert words.bar(words.star(a)) == words.star(words.bar(a))


def test_what_cancels_is_hermitian_only_if_its_parts_come_in_pairs():
    """A - A has the branches of A still, of which none is undone."""
    lower = sym.DOperator(sym.hilbert.Fock(2, N=2)).for_each_site("i").where(sym.site("i") < 2)
    a = lower.emit(sym.shift("i", 1), amplitude=1.0).build()
    assert not (a - a).is_hermitian
    assert (a + a.H - a - a.H).is_hermitian
    assert ((a + a.H) - (a + a.H)).is_hermitian
    assert not ((a + a.H) - a.H).is_hermitian
