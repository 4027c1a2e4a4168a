"""Commutators and anticommutators: closed forms, and terms that share no site."""

from __future__ import annotations

from typing import Any

import numpy as np
import paths
import pytest
import strategies
from figures import figure
from refusal import refused
from written import FLIPS, FOCK, READERS, UPDATES

import nqx_graph as sym
from nqx_graph.errors import HilbertError, NqxError, OptionTypeError

s = sym.site
PROGRAMS = figure(14, 2000)
SMALL = [space for space in strategies.SPACES if len(space.local_states) ** space.size <= 9]
SPIN = sym.hilbert.Spin(1 / 2, 3)
X, Y, Z = np.array([[0, 1], [1, 0]]), np.array([[0, -1j], [1j, 0]]), np.diag([1, -1])
# rows in the order of `paths.states_of`: -1 before 1
X, Y, Z = (m[::-1, ::-1] for m in (X, Y, Z))
PAULI = {"x": X, "y": Y, "z": Z}


def pauli(letter: str, sites: Any = (0, 1, 2), weight: Any = 1) -> Any:
    """Σ σ over the sites: <x|σʸ|x'> is -i for x = 1, so -i x."""
    builder = sym.DOperator(SPIN, letter, dtype="complex128", hermitian=True).for_each("i", over=list(sites))
    update = sym.identity if letter == "z" else sym.affine("i", scale=-1)
    amplitude = {"x": 1, "y": -1j * s("i").value, "z": s("i").value}[letter]
    return builder.emit(update, amplitude=weight * amplitude).build()


def kron(letter: str, site: int) -> Any:
    return np.kron(
        np.kron(*[PAULI[letter] if k == site else np.eye(2) for k in (0, 1)]), PAULI[letter] if site == 2 else np.eye(2)
    )


def total(letter: str) -> Any:
    return sum(kron(letter, site) for site in range(3))


@pytest.mark.parametrize(("a", "b", "c"), ["xyz", "yzx", "zxy"])
def test_paulis(a: str, b: str, c: str) -> None:
    np.testing.assert_array_equal(paths.matrix(pauli(a)), total(a))
    made = sym.commutator(pauli(a), pauli(b))
    np.testing.assert_array_equal(paths.matrix(made), 2j * total(c))
    assert made.name == f"[{a}, {b}]"
    assert made.padded_size == 6  # of 18 pairs of rows the three that share their site, in both orders
    assert not made.is_hermitian
    assert (-1j * made).is_hermitian
    same_site = sym.anticommutator(pauli(a, [1]), pauli(b, [1]))
    assert not paths.matrix(same_site).any()
    assert same_site.name == f"{{{a}, {b}}}"
    assert same_site.is_hermitian
    np.testing.assert_array_equal(paths.matrix(sym.anticommutator(pauli(a, [1]), pauli(a, [1]))), 2 * np.eye(8))


def test_what_shares_no_site_commutes() -> None:
    made = sym.commutator(pauli("x", [0, 1]), pauli("y", [2]))
    assert made.padded_size == 1
    assert not paths.matrix(made).any()


def test_sides_of_a_cond_that_touch_other_sites() -> None:
    """One side shares a site with the other operator and one does not."""
    space = sym.hilbert.Fock(2, 3)
    x = sym.source_index
    chosen = sym.cond(x(0) == 0, sym.shift_mod(1, 1), sym.shift_mod(2, 1))
    a = sym.DOperator(space, "A").globally().emit(chosen, amplitude=x(0) + 1).build()
    b = sym.DOperator(space, "B").globally().emit(sym.cond(x(1) == 0, sym.shift_mod(1, 2)), amplitude=x(1) + 2).build()
    for first, second in ((a, b), (b, a)):
        one, two = paths.matrix(first), paths.matrix(second)
        np.testing.assert_array_equal(paths.matrix(sym.commutator(first, second)), one @ two - two @ one)


def test_what_is_diagonal_commutes() -> None:
    made = sym.commutator(pauli("z"), READERS["all sites"](SPIN))
    assert made.padded_size == 1
    assert not paths.matrix(made).any()


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize("update", ["hop", "cond", "permute", "write a read"])
def test_every_expression(update: str, read: str) -> None:
    a, b = UPDATES[update](), READERS[read](FOCK)
    for made, sign in ((sym.commutator(a, b), -1), (sym.anticommutator(a, b), 1)):
        x, y = paths.matrix(a), paths.matrix(b)
        np.testing.assert_allclose(paths.matrix(made), x @ y + sign * y @ x, rtol=0, atol=1e-10)


@pytest.mark.parametrize("flips", FLIPS)
def test_masks_of_flips_and_products(flips: str) -> None:
    a = FLIPS[flips]()
    for read in READERS:
        b = READERS[read](a.hilbert)
        x, y = paths.matrix(a), paths.matrix(b)
        np.testing.assert_allclose(paths.matrix(sym.commutator(a, b)), x @ y - y @ x, rtol=0, atol=1e-10)


def test_random_programs() -> None:
    done = 0
    for seed in range(PROGRAMS):
        space = SMALL[seed % len(SMALL)]
        a, b = strategies.seeded(5 * seed, space), strategies.seeded(5 * seed + 1, space)
        try:
            made = sym.commutator(a, b)
            with np.errstate(all="ignore"):
                x, y = paths.product(a, b), paths.product(b, a)
        except NqxError:
            continue
        if all(np.isfinite(mel) for entries, _ in (x, y) for mels in entries.values() for mel in mels):
            paths.assert_same(made, paths.difference(x, y, -1))
            done += 1
    assert done > PROGRAMS // 10


def test_what_is_no_operator() -> None:
    for write in (lambda: sym.commutator(pauli("x"), 2), lambda: sym.anticommutator(None, pauli("x"))):
        with pytest.raises(OptionTypeError, match="two symbolic operators"):
            write()
    with refused(HilbertError, "cannot be commuted"):
        sym.commutator(pauli("x"), UPDATES["hop"]())
