"""Words as values: algebra, adjoints, text, and what is refused."""

from __future__ import annotations

import pickle
from typing import Any

import attrs
import numpy as np
import pytest

import nqx_graph as sym
from nqx_graph.words.value import Words, as_words

w = sym.words


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (w.hop("i", "j"), "create('i')*destroy('j')"),
        (w.sigma_x("i") - w.sigma_z(2) / 2, "sigma_x('i') - 0.5*sigma_z(2)"),
        (-w.number(sym.site("i")), "-number('i')"),
        (2 * w.projector("i", -1), "2*projector('i', -1)"),
        (sym.symbol("J", 1.0) * w.c_dag("i") + 1, "$J*c_dag('i') + 1"),
        (w.number("i") ** 2, "number('i')*number('i')"),
        (w.number("i") ** 0, "1"),
        (1j * w.c("i"), "1j*c('i')"),
        (1 - w.number("i"), "-number('i') + 1"),
        (sum([w.c("i"), w.c("j")]), "c('i') + c('j')"),
    ],
)
def test_text(words: Words, text: str) -> None:
    assert repr(words) == text


def test_the_adjoint_reverses_and_conjugates() -> None:
    t = sym.symbol("t", 1.0)
    words = (2 + 1j) * t * w.create("i") * w.sigma_plus("j") * w.c_dag("k") * w.number("l")
    assert repr(words.H) == "(2-1j)*conj($t)*number('l')*c('k')*sigma_minus('j')*destroy('i')"
    assert repr(words.H.adjoint()) == repr(words)


def test_expressions_leave_words_to_words() -> None:
    J = sym.symbol("J", 1.0)
    for made in (J * w.c("i"), w.c("i") * J):
        assert isinstance(made, Words)
        assert repr(made) == "$J*c('i')"
    assert repr(J + w.c("i")) == "$J + c('i')"
    assert repr(J - w.c("i")) == "-c('i') + $J"
    assert repr(w.c("i") / J) == "(1 / $J)*c('i')"
    assert repr(sym.column("J") * sym.site("i").index * w.c("i")) == "J[row]*i*c('i')"
    assert repr(1j * J * -2 * sym.column("w") * w.c("i")) == "-2j*$J*w[row]*c('i')"
    assert repr(np.float64(2) * w.c("i")) == "2.0*c('i')"


def test_a_coefficient_reads_no_x() -> None:
    for expression in (
        sym.site("i"),
        sym.site("i").value + 1,
        sym.dot("m"),
        sym.source_index(0),
        sym.emitted("i").value,
    ):
        with pytest.raises(
            sym.errors.ExpressionError, match=r"stands before words and reads x .*; a coefficient is made of"
        ):
            expression * w.c("i")


@pytest.mark.parametrize(
    ("wrong", "kind", "message"),
    [
        (lambda: w.c("i") / 0, sym.errors.DivisionError, r"c\('i'\) was to be divided by zero"),
        (lambda: w.c("i") / w.c("j"), sym.errors.ExpressionError, "words are divided by numbers and symbols"),
        (lambda: w.c("i") ** -1, sym.errors.ExpressionError, "a power of words is a whole number from 0 up; it is -1"),
        (lambda: w.c("i") ** 0.5, sym.errors.ExpressionError, "it is 0.5"),
        (lambda: w.c("i") * True, sym.errors.ExpressionError, "True stands where a number is needed"),
        (lambda: w.c("i") * float("nan"), sym.errors.ExpressionError, "numbers are finite"),
        (lambda: 1e300 * w.c("i") * 1e300, sym.errors.ExpressionError, "numbers are finite"),
        (lambda: w.c("i") * "x", TypeError, "unsupported operand|can't multiply"),
        (lambda: np.ones(2) * w.c("i"), TypeError, "unsupported operand"),
        (lambda: w.c(0.5), sym.errors.ExpressionError, "a site number must be whole"),
    ],
)
def test_what_has_no_meaning(wrong: Any, kind: type, message: str) -> None:
    with pytest.raises(kind, match=message):
        wrong()


def test_words_are_values() -> None:
    words = sym.symbol("J", 1.0) * w.hop("i", "j")
    assert repr(pickle.loads(pickle.dumps(words))) == repr(words)
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        words.products = ()
    assert as_words(words) is words
    assert as_words("no words") is None
