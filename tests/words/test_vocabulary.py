"""The vocabulary is public, and each word has a docstring with its formula."""

from __future__ import annotations

import pytest

import nqx_graph as sym

w = sym.words


def test_every_word_says_what_it_is() -> None:
    assert sorted(w.__all__) == [
        "Fermions", "Words", "c", "c_dag", "create", "destroy", "hop", "identity", "n", "number", "projector",
        "sigma_minus", "sigma_plus", "sigma_x", "sigma_y", "sigma_z", "spin_dot",
    ]  # fmt: skip
    assert all(getattr(w, name).__doc__ for name in w.__all__)


def test_spin_dot_is_that_of_half_the_pauli_matrices() -> None:
    expected = (
        "0.25*sigma_z('i')*sigma_z('j') + 0.5*sigma_plus('i')*sigma_minus('j') + 0.5*sigma_minus('i')*sigma_plus('j')"
    )
    assert repr(w.spin_dot("i", "j")) == expected


@pytest.mark.parametrize("value", ["up", 1j, None])
def test_a_projector_takes_a_local_state(value: object) -> None:
    with pytest.raises(sym.errors.ExpressionError, match=r"projector takes a local state, a real number; it was given"):
        w.projector("i", value)


def test_a_word_that_is_misspelt() -> None:
    with pytest.raises(AttributeError, match=r"there is no word 'sigmax'\. Did you mean 'sigma_x'"):
        _ = w.sigmax
    assert not hasattr(w, "_anything")
