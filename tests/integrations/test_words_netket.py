"""Words and models over NetKet's spaces against the operators that NetKet ships."""

from __future__ import annotations

from typing import Any

import beside_netket
import netket as nk
import numpy as np
import of_netket
import pytest
from netket.operator import fermion
from netket.operator import spin as nk_spin

import nqx_graph as sym
from nqx_graph.models.lattice import torus

w = sym.words
REFERENCE = sym.SymbolicCompilerOptions(backend_preference="numpy")
SPIN = {"sigma_x": "sigmax", "sigma_y": "sigmay", "sigma_z": "sigmaz", "sigma_plus": "sigmap", "sigma_minus": "sigmam"}
# NetKet names a faster operator of its own
HINT = pytest.mark.filterwarnings("ignore:[^A-Za-z]*WARNING. Initializing:UserWarning")


def assert_same(ours: Any, theirs: Any, *, kernel: bool = False) -> None:
    """Equal dense matrices: the reference interpreter's, or the kernel's."""
    compiled = ours.compile(cache=False, options=None if kernel else REFERENCE)
    np.testing.assert_allclose(compiled.to_dense(), of_netket.matrix(theirs), atol=1e-12, rtol=0)


@pytest.mark.parametrize("hilbert", [nk.hilbert.Spin(0.5, 2), nk.hilbert.Spin(1.5, 2), nk.hilbert.Qubit(2)], ids=repr)
def test_spin_words(hilbert: Any) -> None:
    weights = [0.5, 2.0, -1.0, 0.25j, 4.0]
    ours = sum(c * getattr(w, name)("i") for c, name in zip(weights, SPIN, strict=True))
    theirs = sum(
        c * getattr(nk_spin, name)(hilbert, 1, dtype=complex) for c, name in zip(weights, SPIN.values(), strict=True)
    )
    assert_same(sym.DOperator(hilbert, dtype=complex).for_each("i", over=[1]).add(ours).build(), theirs)


def test_boson_words() -> None:
    hilbert, weights = nk.hilbert.Fock(3, 2), {"create": 0.5, "destroy": 2.0, "number": -1.0}
    ours = sum(c * getattr(w, name)("i") for name, c in weights.items())
    theirs = sum(c * getattr(nk.operator.boson, name)(hilbert, 1) for name, c in weights.items())
    assert_same(sym.DOperator(hilbert).for_each("i", over=[1]).add(ours).build(), theirs)


def test_bosons_without_an_upper_end() -> None:
    hilbert = nk.hilbert.Fock(None, 2)
    operator = sym.DOperator(hilbert).for_each(("i", "j"), over=[(0, 1)]).add(w.hop("i", "j") + w.number("j")).build()
    xp, mels = operator.compile().get_conn_padded(np.array([2, 7]))
    found = {tuple(row): mel for row, mel in zip(np.asarray(xp).tolist(), np.asarray(mels).tolist(), strict=True)}
    assert found == {(1, 8): 4.0, (2, 7): 7.0}  # √(2·8)


@HINT
def test_second_quantisation() -> None:
    """Two-body terms as OpenFermion's strings have them, with orders of the factors that are not normal."""
    hilbert = nk.hilbert.SpinOrbitalFermions(4)
    terms = ["0^ 3 2^ 1", "3^ 1^ 0 2", "2 2^", "1 3^ 3 0^", "2^ 0"]
    weights = [0.5, -1.25, 2.0, 0.75, 1.0]
    theirs = nk.operator.FermionOperator2nd(hilbert, terms, weights, dtype=float)
    ours = 0
    for text, weight in zip(terms, weights, strict=True):
        product = weight * w.identity()
        for factor in text.split():
            product = product * (w.c_dag(int(factor[0])) if factor.endswith("^") else w.c(int(factor)))
        ours = ours + product
    assert_same(sym.DOperator(hilbert).globally().add(ours).build(), theirs)


@HINT
def test_modes_of_a_product_with_bosons() -> None:
    """The fermions of a tensor product: an order names the modes, and signs are counted over a space of two kinds."""
    hilbert = nk.hilbert.SpinOrbitalFermions(3) * nk.hilbert.Fock(2, 1)
    f = w.Fermions([0, 1, 2])
    words = (f.hop("i", "j") + f.hop("j", "i")) * (w.create(3) + w.destroy(3))
    operator = sym.DOperator(hilbert).for_each(("i", "j"), over=[(0, 2)]).add(words).build()
    bare = nk.hilbert.SpinOrbitalFermions(3)
    hop = fermion.create(bare, 0) @ fermion.destroy(bare, 2)
    a = np.diag(np.sqrt([1.0, 2.0]), k=1)
    expected = np.kron(of_netket.matrix(hop + hop.H), a + a.T)
    np.testing.assert_allclose(operator.compile().to_dense(), expected, atol=1e-12, rtol=0)
    with pytest.raises(sym.errors.HilbertError, match=r"those of site 3 are others; name the modes by order="):
        sym.DOperator(hilbert).globally().add(w.c(0))


CHAIN, PAIRS = nk.graph.Chain(3, pbc=False), nk.graph.Chain(5, max_neighbor_order=2)
FIRST, SECOND = (PAIRS.edges(filter_color=color) for color in (0, 1))
LINKS, MODES = nk.hilbert.Spin(0.5, 8), nk.hilbert.SpinOrbitalFermions(3, s=1 / 2, n_fermions_per_spin=(2, 1))
STARS, PLAQUETTES = (rows.tolist() for rows in torus((2, 2), 8, "the tests"))
# model: its space, what it takes with the package, what with NetKet's local operators, couplings
MODELS: dict[str, tuple[Any, Any, Any, dict[str, Any]]] = {
    "ising": (nk.hilbert.Spin(0.5, 3), [CHAIN], [CHAIN.edges()], {"J": -0.75, "h": 1.25}),
    "heisenberg": (nk.hilbert.Spin(0.5, 3), [CHAIN], [CHAIN.edges()], {"J": 0.5}),
    "xxz": (nk.hilbert.Spin(1, 3), [CHAIN], [CHAIN.edges()], {"J": 0.5, "delta": -0.25}),
    "j1_j2": (nk.hilbert.Spin(0.5, 5, total_sz=0.5), [FIRST, SECOND], [FIRST, SECOND], {"J1": 1.0, "J2": 0.5}),
    "edwards_anderson": (nk.hilbert.Spin(0.5, 3), [CHAIN], [CHAIN.edges()], {"couplings": [0.5, -1.0], "h": 0.5}),
    "pxp": (nk.hilbert.Qubit(3), [CHAIN], [CHAIN.edges()], {"omega": 0.5}),
    "bose_hubbard": (nk.hilbert.Fock(3, 3, n_particles=3), [CHAIN], [CHAIN.edges()], {"J": 0.75, "U": 4.0, "mu": 0.25}),
    "fermi_hubbard": (MODES, [CHAIN], [CHAIN.edges()], {"t": 0.5, "U": 4.0}),
    "t_j": (MODES, [CHAIN], [CHAIN.edges()], {"t": 0.5, "J": 0.25}),
    "toric_code": (LINKS, [(2, 2)], [STARS, PLAQUETTES], {"A": 0.75, "B": 0.5}),
    "z2_gauge": (LINKS, [(2, 2)], [PLAQUETTES], {"K": 0.75, "g": 0.5}),
    "u1_gauge": (LINKS, [(2, 2)], [PLAQUETTES], {"K": 0.75, "g": 0.5}),
}


READY = {
    name.removeprefix("ready_made_"): PAIRS if name.endswith("j1_j2") else CHAIN
    for name in vars(beside_netket)
    if name.startswith("ready_made_")
}


@HINT
# the others are compared with what NetKet ships, and all of them with Kronecker products in tests/models
@pytest.mark.parametrize("model", ["xxz", "pxp", "toric_code"])
def test_models(model: str) -> None:
    hilbert, ours, theirs, couplings = MODELS[model]
    operator = getattr(sym.models, model)(hilbert, *ours, **couplings)
    assert_same(operator, getattr(beside_netket, model)(hilbert, *theirs, **couplings), kernel=model == "pxp")


@HINT
@pytest.mark.parametrize("model", ["ising", "bose_hubbard", "fermi_hubbard"])
def test_models_that_netket_ships(model: str) -> None:
    hilbert, ours, _, couplings = MODELS[model]
    theirs = getattr(beside_netket, f"ready_made_{model}")(hilbert, READY[model], **couplings)
    assert_same(getattr(sym.models, model)(hilbert, *ours, **couplings), theirs)
