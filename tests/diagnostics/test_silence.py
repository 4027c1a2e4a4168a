"""Nothing is told of sane operators."""

import models
import pytest
import small

import nqx_graph as sym

H = sym.hilbert
RING = [(i, (i + 1) % 8) for i in range(8)]
NEXT = [(i, (i + 2) % 8) for i in range(8)]
LADDER = [(0, 1), (2, 3), (4, 5), (6, 7), (0, 2), (2, 4), (4, 6), (1, 3), (3, 5), (5, 7)]
S = sym.site


def heisenberg_by_flips(hilbert):
    """Both spins are turned, and where they are equal the matrix element is 0: the total is kept."""
    zz = S("i").value * S("j").value
    both = sym.affine("i", scale=-1).affine("j", scale=-1)
    return (
        sym.DOperator(hilbert, "heisenberg", hermitian=True)
        .for_each(("i", "j"), over=RING)
        .emit(amplitude=sym.symbol("J", 1.0) * zz)
        .emit(both, amplitude=sym.symbol("J", 1.0) * (1 - zz))
        .build()
    )


def relative(hilbert):
    """A divisor that only both sites together keep from zero."""
    difference = S("i").value - S("j").value
    return (
        sym.DOperator(hilbert, "relative")
        .for_each_distinct_pair("i", "j")
        .where(S("i") != S("j"))
        .emit(amplitude=1 / difference)
        .build()
    )


def crowded(hilbert):
    """A guard on the sum of two sites keeps the branch inside, which no interval of one of them proves."""
    return (
        sym.DOperator(hilbert, "crowded")
        .for_each(("i", "j"), over=RING)
        .where((S("i").value + S("j").value < 3) & (S("j") > 0))
        .emit(sym.shift("i", +1).shift("j", -1))
        .build()
    )


MODELS = {
    "ising": lambda: models.ising(H.Spin(1 / 2, 8), RING, 1.0, 0.5),
    "ising by shifts": lambda: models.ising(H.Spin(1 / 2, 8), RING, 1.0, 0.5, flip="shift_mod"),
    "ising by masks": lambda: models.ising(H.Spin(1 / 2, 8), RING, 1.0, 0.5, flip="flip"),
    "heisenberg": lambda: models.heisenberg(H.Spin(1 / 2, 8), LADDER),
    "heisenberg, fixed": lambda: models.heisenberg(H.Spin(1 / 2, 8, total_sz=0), LADDER),
    "heisenberg by flips": lambda: heisenberg_by_flips(H.Spin(1 / 2, 8)),
    "heisenberg by flips, fixed": lambda: heisenberg_by_flips(H.Spin(1 / 2, 8, total_sz=1)),
    "j1j2": lambda: models.j1j2(H.Spin(1 / 2, 8, total_sz=0), RING, NEXT, 1.0, 0.5),
    "ring exchange": lambda: models.ring_exchange(H.Spin(1 / 2, 8), [(0, 1, 3, 2), (2, 3, 5, 4)], 0.3),
    "pauli strings": lambda: models.pauli_strings(H.Qubit(4), ["XXIZ", "IYYI", "ZIIZ"], [0.1, 0.2, 0.3]),
    "pxp": lambda: models.pxp(H.Qubit(8), RING),
    "pxp on a ring": lambda: models.pxp_ring(H.Qubit(8)),
    "ladder": lambda: models.ladder(H.Fock(3, 4), 3, [1, 2, 3, 4]),
    "bose-hubbard": lambda: models.bose_hubbard(H.Fock(4, 8), 4, RING, 1.0, 4.0, 0.3),
    "bose-hubbard, fixed": lambda: models.bose_hubbard(H.Fock(3, 8, n_particles=8), 3, RING, 1.0, 4.0),
    "hopping": lambda: models.all_pairs_hopping(H.Fock(3, 6, n_particles=6), 3, 1.0),
    "clock": lambda: models.clock(H.Fock(4, 6), 5, RING[:5], 1.0, 0.4),
    "fermions": lambda: models.fermion_chain(H.Fock(1, 8, n_particles=4), RING, 1.0, 2.0),
    "relative": lambda: relative(H.Fock(3, 5)),
    "crowded": lambda: crowded(H.Fock(3, 8, n_particles=6)),
    "number": lambda: small.number() + 2 * small.number(name="other"),
}


@pytest.mark.parametrize("name", MODELS)
def test_nothing_is_told_of(name):
    operator = MODELS[name]()
    assert str(sym.diagnose(operator)) == str(sym.diagnose(small.number()))


def test_of_the_operator_that_leaves_only_that():
    assert sym.diagnose(small.raising()).codes == ("NQX006",)


def test_couplings_that_cancel_for_no_values_but_equal_ones_hide_no_branch():
    """Two symbols without defaults are two numbers: their difference is no reason to be silent."""
    weight = sym.symbol("a") - sym.symbol("b")
    space = H.Fock(3, 4, n_particles=4)
    operator = sym.DOperator(space).for_each_site("i").where(S("i") < 3).emit(sym.shift("i", 1), amplitude=weight)
    assert sym.diagnose(operator.build()).codes == ("NQX001", "NQX007")
