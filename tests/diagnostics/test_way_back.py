"""A branch without its way back, in operators of any size, against what was left out by hand."""

from __future__ import annotations

import numpy as np
import pytest

import nqx_graph as sym
from nqx_graph import words as w
from nqx_graph.diagnostics.way_back import Lost, lost_way_back
from nqx_graph.space import view

QUBITS, SPINS, BOSONS = sym.hilbert.Qubit(40), sym.hilbert.Spin(1 / 2, 40), sym.hilbert.Fock(4, 40)
RING = [(i, (i + 1) % 40) for i in range(40)]
pair = w.sigma_x("i") * w.sigma_y("j") - w.sigma_y("i") * w.sigma_x("j")
forward = w.c_dag("i") * w.c("j")
WRONG = {
    "hopping": (QUBITS, forward, 1, 0),
    "pairing": (QUBITS, w.c("i") * w.c("j"), -1, 0),  # c0 c1 c0^ c1^ = -(c0 c0^)(c1 c1^)
    "a phase": (QUBITS, np.exp(0.25j) * (forward + w.c_dag("j") * w.c("i")), np.exp(0.25j), np.exp(0.25j)),
    "spins": (SPINS, w.sigma_plus("i") * w.sigma_minus("j"), 1, 0),
    "no default": (SPINS, sym.symbol("J") * w.sigma_plus("i") * w.sigma_minus("j"), 0.75, 0),
    "bosons": (BOSONS, w.create("i") * w.destroy("j"), 1, 0),
}
RIGHT = {
    "hopping": (QUBITS, forward + w.c_dag("j") * w.c("i")),
    "a phase": (QUBITS, np.exp(0.25j) * forward + np.exp(-0.25j) * w.c_dag("j") * w.c("i")),
    "exchange": (SPINS, w.spin_dot("i", "j")),
    "antisymmetric exchange": (SPINS, pair),
    "bosons": (BOSONS, w.create("i") * w.destroy("j") + w.create("j") * w.destroy("i")),
    "transverse field": (SPINS, w.sigma_x("i") + w.sigma_z("i") * w.sigma_z("j")),
}


def over(space, words, rows=RING, *, hermitian=True):
    built = (
        sym.DOperator(space, "o", dtype="complex128", hermitian=hermitian).for_each(("i", "j"), over=rows).add(words)
    )
    return built.build()


@pytest.mark.parametrize("name", WRONG)
def test_a_forgotten_conjugate(name):
    space, words, there, back = WRONG[name]
    found = lost_way_back(over(space, words).to_ir(), view(space))
    assert isinstance(found, Lost)
    assert (found.position, found.row) == (0, 0)
    np.testing.assert_allclose(sorted([found.there, found.back], key=abs), sorted([there, back], key=abs), atol=1e-12)
    with pytest.warns(sym.errors.HermiticityWarning, match=r"is said to be hermitian, and .*verify_hermitian"):
        over(space, words).compile(cache=False)
    (told,) = [d for d in sym.diagnose(over(space, words)) if d.code == "NQX009"]
    assert told.severity == "warning"


@pytest.mark.parametrize("name", RIGHT)
def test_nothing_is_said_of_what_is_hermitian(name):
    space, words = RIGHT[name]
    assert lost_way_back(over(space, words).to_ir(), view(space)) is None


def test_the_way_back_may_stand_in_another_row_or_term():
    both = RING + [(j, i) for i, j in RING]
    assert lost_way_back(over(QUBITS, forward, both).to_ir(), view(QUBITS)) is None
    two = over(QUBITS, forward) + over(QUBITS, w.c_dag("j") * w.c("i"))
    assert lost_way_back(two.to_ir(), view(QUBITS)) is None
    scaled = over(QUBITS, forward) + 0.5 * over(QUBITS, w.c_dag("j") * w.c("i"))
    found = lost_way_back(scaled.to_ir(), view(QUBITS))
    assert (found.there, found.back) == (1, 0.5)


def test_a_mask_or_a_flat_site_may_lead_back():
    """Rows of a term that writes what no label names are all looked at, and too many of them are not judged."""
    one = over(QUBITS, w.sigma_plus("i"), [(0, 1)])
    lowered = (
        sym.DOperator(QUBITS, dtype="complex128")
        .globally()
        .where(sym.source_index(0) == 1)
        .emit(sym.write(0, 0))
        .build()
    )
    raised = (
        sym.DOperator(QUBITS, dtype="complex128")
        .globally()
        .where(sym.source_index(0) == 0)
        .emit(sym.write(0, 1))
        .build()
    )
    assert lost_way_back(one.to_ir(), view(QUBITS)) is not None
    ways = [lost_way_back((one + other).to_ir(), view(QUBITS)) is None for other in (lowered, raised)]
    assert sorted(ways) == [False, True]
