"""Which branches are proved to stay in the local states, to leave them, or never to be there."""

import numpy as np
import pytest

import nqx_graph as sym
from ranges.asking import FOCK, QUBIT, SPIN, SPIN_ONE, S, ask, emission

N_I, N_J = S("i").value, S("j").value
HOP = sym.shift("i", -1).shift("j", 1)
MASK = {"m": np.eye(3, 4, dtype=int)}

STAY = {
    "a guarded hop": (FOCK, HOP, (N_I > 0) & (N_J < 3)),
    "the guard said otherwise": (FOCK, HOP, ~((N_I == 0) | (N_J >= 3))),
    "a guard linear in one site": (FOCK, HOP, (2 * N_I - 1 > 0) & (3 - N_J != 0)),
    "ends cut off by !=": (FOCK, HOP, (N_I != 0) & (N_J != 3)),
    "negated spins": (SPIN, sym.write("i", -N_I), True),
    "negated spins, affine": (SPIN, sym.affine("i", scale=-1), True),
    "the other qubit state": (QUBIT, sym.write("i", 1 - N_I), True),
    "wrapped": (SPIN_ONE, sym.shift_mod("i", 2), True),
    "swapped": (FOCK, sym.swap("i", "j"), True),
    "permuted": (SPIN_ONE, sym.permute("i", "j", 3), True),
    "scattered": (FOCK, sym.scatter([0, "j"], [3, N_I]), True),
    "flipped": (SPIN, sym.flip("m"), True),
    "a spin-1 ladder": (SPIN_ONE, sym.shift("i", 2), S("i") < 2),
    "there and back": (FOCK, sym.shift("i", 5).shift("i", -5), True),
    "a cond that guards": (FOCK, sym.cond(N_I < 3, sym.shift("i", 1)), True),
    "a cond that invalidates": (FOCK, sym.cond(N_I == 3, sym.invalidate("full")).shift("i", 1), N_I < 3),
    "the other side is invalid": (FOCK, sym.cond(N_I < 3, sym.shift("i", 1), sym.invalidate("full")), True),
}
MAY = {
    "unguarded": (FOCK, sym.shift("i", 1), True),
    "guarded at another site": (FOCK, sym.shift("i", 1), N_J < 3),
    "guarded by half": (FOCK, HOP, N_I > 0),
    "guarded by or": (FOCK, sym.shift("i", 1), (N_I < 3) | (N_J < 3)),
    "between spin states": (SPIN_ONE, sym.shift("i", 1), S("i") == 0),
    "shifted after the wrap": (SPIN, sym.shift_mod("i", 2).shift("i", 2), True),
    "rounded on its way": (FOCK, sym.shift("i", 1e17).shift("i", -1e17), True),
}


@pytest.mark.parametrize("name", STAY)
def test_proved_to_stay(name):
    known = emission(*STAY[name], columns=MASK if name == "flipped" else None)
    assert not known.leaves and not known.always_leaves and not known.never


@pytest.mark.parametrize("name", MAY)
def test_not_proved_to_stay(name):
    assert emission(*MAY[name]).leaves


def test_one_site_under_two_names_is_followed_where_rows_make_it_one():
    update = sym.write("i", 9).write("j", 0)
    assert emission(FOCK, update).always_leaves  # never one site: i keeps the 9
    assert not emission(FOCK, update, over=[(0, 0), (2, 2)]).leaves
    mixed = emission(FOCK, update, over=[(0, 0), (0, 1)])
    assert mixed.leaves and not mixed.always_leaves


def test_what_always_leaves():
    assert emission(FOCK, sym.write("i", 7)).always_leaves
    assert emission(FOCK, sym.shift("i", 1), N_I == 3).always_leaves
    assert not emission(FOCK, sym.shift("i", 1)).always_leaves
    assert emission(SPIN, sym.write("i", 0)).always_leaves


def test_a_branch_that_is_never_there_cannot_leave():
    for where in (False, N_I > 3, (N_I > 1) & (N_I < 1)):
        known = emission(FOCK, sym.write("i", 7), where)
        assert known.never and not known.leaves and not known.always_leaves
    assert emission(FOCK, sym.shift("i", 1).invalidate("no")).never


def test_emit_if_elseif_else_know_of_what_came_before():
    builder = sym.DOperator(FOCK).for_each_site("i").emit_if(N_I == 3, sym.write("i", 0))
    builder.emit_elseif(N_I > 5, sym.shift("i", 9)).emit_else(sym.shift("i", 1))
    known = ask(builder).shapes[0].emissions
    assert [(part.leaves, part.never) for part in known] == [(False, False), (False, True), (False, False)]


def test_long_ladders_are_narrowed_at_their_ends():
    tall = sym.hilbert.Fock(1000, 4)
    assert not emission(tall, HOP, (N_I > 0) & (N_J < 1000)).leaves
    assert emission(tall, HOP, (N_I > 0)).leaves


def test_conditions_that_are_settled():
    builder = sym.DOperator(FOCK).for_each_site("i").where(N_I >= 0).emit_if(N_I > 3).emit_else()
    term = ask(builder).shapes[0]
    assert term.predicate.always and not term.predicate.never
    assert term.emissions[0].predicate.never and term.emissions[1].predicate.always
