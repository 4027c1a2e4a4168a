"""Operators of NetKet as symbolic ones, against the matrices that NetKet makes; and ours as NetKet's."""

from __future__ import annotations

from typing import Any

import netket as nk
import numpy as np
import of_netket
import pytest
from exchange import dense
from refusal import refused

import nqx_graph as sym
from nqx_graph import errors

SPIN, DOWN_FIRST = nk.hilbert.Spin(1 / 2, 4), nk.hilbert.Spin(1 / 2, 4, inverted_ordering=True)
RING = nk.graph.Chain(4)
STRINGS, WEIGHTS = dense.random_strings(4, 30, seed=1), np.random.default_rng(2).normal(size=30)


def assert_same(theirs: Any, *, slots: int | None = None) -> Any:
    """Equal matrices, dtypes and words on hermiticity; and no more slots than are said."""
    ours = sym.from_netket(theirs)
    compiled = ours.compile(cache=False, optimize=slots is not None)
    np.testing.assert_allclose(compiled.to_dense(), of_netket.matrix(theirs), rtol=0, atol=1e-12)
    assert (ours.hilbert, ours.dtype) == (theirs.hilbert, theirs.dtype)
    assert ours.is_hermitian == bool(theirs.is_hermitian)
    assert slots in (None, compiled.max_conn_size)
    return ours


@pytest.mark.parametrize("hilbert", [nk.hilbert.Qubit(4), SPIN, DOWN_FIRST], ids=str)
def test_pauli_strings(hilbert: Any) -> None:
    assert_same(nk.operator.PauliStringsJax(hilbert, STRINGS, WEIGHTS))


def test_those_of_numba_are_those_of_jax() -> None:
    """The same IR, so that NetKet compiles nothing here."""
    matrix, products = np.arange(16.0).reshape(4, 4), dense.random_products(4, 10, seed=6)
    hilbert = nk.hilbert.SpinOrbitalFermions(4)
    for kind, arguments in (
        ("PauliStrings", (SPIN, STRINGS, WEIGHTS)),
        ("LocalOperator", (SPIN, [matrix], [[2, 0]], 0.5)),
        ("FermionOperator2nd", (hilbert, list(products), list(products.values()))),
    ):
        of_numba, of_jax = (getattr(nk.operator, kind + suffix)(*arguments) for suffix in ("Numba", "Jax"))
        made = [sym.from_netket(operator, name="it").to_ir() for operator in (of_numba, of_jax)]
        assert made[0].same_as(made[1]), kind


def test_pauli_strings_with_complex_weights() -> None:
    theirs = nk.operator.PauliStrings(SPIN, ["XXII", "IIZY"], [1 + 2j, 0.5])
    assert_same(theirs)
    # what from_pauli_strings makes of the same strings
    ours = sym.from_pauli_strings(SPIN, ["XXII", "IIZY"], [1 + 2j, 0.5], name="PauliStringsJax")
    assert sym.from_netket(theirs).to_ir().same_as(ours.to_ir())


def test_the_slots_are_netket_s() -> None:
    theirs = nk.operator.PauliStringsJax(SPIN, STRINGS, WEIGHTS)
    assert_same(theirs, slots=theirs.max_conn_size)


@pytest.mark.parametrize("hilbert", [SPIN, DOWN_FIRST], ids=str)
def test_local_operators(hilbert: Any) -> None:
    rng = np.random.default_rng(3)
    matrices = [rng.normal(size=(4, 4)), rng.normal(size=(4, 4)), rng.normal(size=(2, 2))]
    assert_same(nk.operator.LocalOperator(hilbert, matrices, [[0, 2], [3, 1], [1]], 0.25))


def test_a_local_operator_on_sites_of_different_kinds() -> None:
    rng = np.random.default_rng(4)
    hilbert = nk.hilbert.TensorHilbert(nk.hilbert.Spin(1, 1), nk.hilbert.Qubit(1), nk.hilbert.Fock(2, 1))
    matrices = [rng.normal(size=(6, 6)), rng.normal(size=(6, 6)) * (rng.random((6, 6)) < 0.3)]
    assert_same(nk.operator.LocalOperator(hilbert, matrices, [[0, 1], [2, 1]]))


def test_sigma_matrices_multiplied_out() -> None:
    sigma = nk.operator.spin
    assert_same(sigma.sigmap(SPIN, 0) @ sigma.sigmam(SPIN, 2) + 2 * sigma.sigmay(SPIN, 1) @ sigma.sigmaz(SPIN, 3) + 1.5)


def test_elements_that_netket_cuts_off_are_cut_off() -> None:
    theirs = nk.operator.LocalOperator(SPIN, [np.array([[1.0, 1e-12], [1e-12, 0.0]])], [[0]])
    (term,) = sym.from_netket(theirs).to_ir().terms
    assert [len(emission.update_program.ops) for emission in term.emissions] == [0]


@pytest.mark.parametrize(
    ("theirs", "terms", "slots"),
    [
        (nk.operator.Heisenberg(nk.hilbert.Spin(1 / 2, 4, total_sz=0), RING), 1, 5),
        (nk.operator.BoseHubbard(nk.hilbert.Fock(2, 3, n_particles=3), nk.graph.Chain(3), U=2.0), 2, 7),
    ],
    ids=["heisenberg", "bose-hubbard"],
)
def test_models_of_netket(theirs: Any, terms: int, slots: int) -> None:
    assert assert_same(theirs, slots=slots).to_ir().term_count == terms


@pytest.mark.filterwarnings("ignore:[\\s\\S]*fixed number of fermions:UserWarning")
def test_fermions() -> None:
    products = dense.random_products(4, 40, seed=6)
    hilbert = nk.hilbert.SpinOrbitalFermions(4)
    assert_same(nk.operator.FermionOperator2nd(hilbert, list(products), list(products.values()), constant=0.5))


@pytest.mark.filterwarnings("ignore:[\\s\\S]*fixed number of fermions:UserWarning")
def test_hopping_fermions_of_a_fixed_number() -> None:
    hilbert = nk.hilbert.SpinOrbitalFermions(2, s=1 / 2, n_fermions_per_spin=(1, 1))
    hops = [((i, 1), (j, 0)) for i, j in [(0, 1), (1, 0), (2, 3), (3, 2)]]
    ours = assert_same(nk.operator.FermionOperator2nd(hilbert, hops, [-1.0] * 4))
    ours.compile(cache=False).check(hilbert.all_states())


def test_sums() -> None:
    parts = nk.operator.Ising(SPIN, RING, h=0.5), nk.operator.PauliStringsJax(SPIN, ["XXII", "IZIZ"], [1.0, 2.0])
    assert_same(nk.operator.SumOperator(*parts, coefficients=[1.0, -0.5]))


def test_operators_that_are_refused() -> None:
    with refused(errors.ConversionError, "PauliStrings, LocalOperator", "ProductDiscreteJaxOperator"):
        ising = nk.operator.IsingJax(SPIN, RING, h=0.5)
        sym.from_netket(nk.operator.ProductOperator(ising, ising))


def ring_of(hilbert: Any) -> Any:
    """A symbol, a column and a move on neighbours."""
    i, j = sym.site("i").value, sym.site("j").value
    return (
        sym.DOperator(hilbert, "ring")
        .for_each(("i", "j"), over=[(0, 1), (1, 2)], columns={"c": np.array([1.0, 2.0])})
        .emit_if(i != j, sym.swap("i", "j"), amplitude=sym.symbol("t", 0.5) * sym.column("c"))
        .build()
    )


SPACES = [
    sym.hilbert.Qubit(3),
    sym.hilbert.Spin(1 / 2, 3, total_sz=1 / 2),
    sym.hilbert.Spin(1, 3),
    sym.hilbert.Fock(2, 3, n_particles=3),
]


@pytest.mark.parametrize("hilbert", SPACES, ids=str)
def test_to_netket(hilbert: Any) -> None:
    compiled = ring_of(hilbert).compile(cache=False).with_parameters(t=0.75)
    theirs = sym.to_netket(compiled)
    assert isinstance(theirs, nk.operator.DiscreteJaxOperator)
    assert theirs.hilbert == type_of(hilbert)
    assert float(theirs.parameters["t"]) == 0.75
    assert np.array_equal(of_netket.matrix(theirs), compiled.to_dense())


def type_of(hilbert: Any) -> Any:
    """The space of NetKet's, written by hand."""
    return {
        repr(SPACES[0]): nk.hilbert.Qubit(3),
        repr(SPACES[1]): nk.hilbert.Spin(1 / 2, 3, total_sz=1 / 2),
        repr(SPACES[2]): nk.hilbert.Spin(1, 3),
        repr(SPACES[3]): nk.hilbert.Fock(2, 3, n_particles=3),
    }[repr(hilbert)]


def test_a_symbolic_operator_is_compiled_and_netket_s_own_stay() -> None:
    theirs = sym.to_netket(ring_of(sym.hilbert.Qubit(3)))
    assert isinstance(theirs, nk.operator.DiscreteJaxOperator)
    assert sym.to_netket(theirs) is theirs
    assert theirs == ring_of(nk.hilbert.Qubit(3)).compile()


def test_it_runs_in_a_state_of_netket() -> None:
    theirs = sym.to_netket(sym.from_pauli_strings(sym.hilbert.Spin(1 / 2, 3), ["XII", "ZZI"], [-1.0, -0.5]))
    state = nk.vqs.FullSumState(theirs.hilbert, nk.models.RBM(alpha=1), seed=0)
    psi = state.to_array()
    expected = psi.conj() @ dense.pauli_sum(["XII", "ZZI"], [-1.0, -0.5], 3) @ psi
    np.testing.assert_allclose(state.expect(theirs).mean, expected, rtol=0, atol=1e-12)


class Another:
    """A space that has no equal in NetKet."""

    size, local_states = 3, (0, 1)


def test_spaces_and_operators_without_an_equal_are_refused() -> None:
    with refused(errors.ConversionError, "Spin, Qubit and Fock", "Another"):
        sym.to_netket(ring_of(Another()).compile(cache=False))
    with refused(errors.ConversionError, "an operator of this package", "3"):
        sym.to_netket(3)
