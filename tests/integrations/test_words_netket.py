"""Words and models over NetKet's spaces against the operators that NetKet ships."""

from __future__ import annotations

from typing import Any

import netket as nk
import numpy as np
import pytest
from netket.operator import fermion
from netket.operator import spin as nk_spin

import nqx_graph as sym

w, m = sym.words, sym.models
REFERENCE = sym.SymbolicCompilerOptions(backend_preference="numpy")
CHAIN = nk.graph.Chain(4)
SPIN = {"sigma_x": "sigmax", "sigma_y": "sigmay", "sigma_z": "sigmaz", "sigma_plus": "sigmap", "sigma_minus": "sigmam"}
# NetKet names a faster operator of its own
HINT = pytest.mark.filterwarnings("ignore:[^A-Za-z]*WARNING. Initializing:UserWarning")


def assert_same(ours: Any, theirs: Any, *, kernel: bool = False) -> None:
    """Equal dense matrices: the reference interpreter's, or the kernel's."""
    compiled = ours.compile(cache=False, options=None if kernel else REFERENCE)
    np.testing.assert_allclose(compiled.to_dense(), np.asarray(theirs.to_dense()), atol=1e-12, rtol=0)


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
def test_fermi_hubbard() -> None:
    hilbert = nk.hilbert.SpinOrbitalFermions(3, s=1 / 2, n_fermions_per_spin=(1, 2))
    edges, theirs = [(0, 1), (2, 1), (0, 2)], 0
    for sz in (-1 / 2, 1 / 2):
        for i, j in edges:
            hop = fermion.create(hilbert, i, sz) @ fermion.destroy(hilbert, j, sz)
            theirs += -0.5 * (hop + fermion.create(hilbert, j, sz) @ fermion.destroy(hilbert, i, sz))
    for i in range(3):
        theirs += 4.0 * fermion.number(hilbert, i, -1 / 2) @ fermion.number(hilbert, i, 1 / 2)
    assert_same(m.fermi_hubbard(hilbert, edges, t=0.5, U=4.0), theirs, kernel=True)


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
    expected = np.kron(np.asarray((hop + hop.H).to_dense()), a + a.T)
    np.testing.assert_allclose(operator.compile().to_dense(), expected, atol=1e-12, rtol=0)
    with pytest.raises(sym.errors.HilbertError, match=r"those of site 3 are others; name the modes by order="):
        sym.DOperator(hilbert).globally().add(w.c(0))


def test_ising_on_a_lattice() -> None:
    hilbert = nk.hilbert.Spin(0.5, 4)
    assert_same(m.ising(hilbert, CHAIN, J=-0.75, h=1.25), nk.operator.Ising(hilbert, CHAIN, h=1.25, J=-0.75))


def test_heisenberg_in_a_sector() -> None:
    hilbert, grid = nk.hilbert.Spin(0.5, 4, total_sz=0), nk.graph.Grid((2, 2), pbc=False)
    theirs = nk.operator.Heisenberg(hilbert, grid, J=0.5, sign_rule=False)
    assert_same(4 * m.heisenberg(hilbert, grid, J=0.5), theirs, kernel=True)
    assert_same(4 * m.xxz(hilbert, grid, J=0.5), theirs)


def test_bose_hubbard_in_a_sector() -> None:
    hilbert = nk.hilbert.Fock(3, 4, n_particles=3)
    theirs = nk.operator.BoseHubbard(hilbert, CHAIN, J=0.75, U=4.0, mu=0.25)
    assert_same(m.bose_hubbard(hilbert, CHAIN, J=0.75, U=4.0, mu=0.25), theirs, kernel=True)
