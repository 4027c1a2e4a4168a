"""`check` of the reference interpreter: what it says, word by word."""

from __future__ import annotations

import numpy as np
import pytest

import nqx_graph as sym
from nqx_graph.errors import CheckError, StateError
from nqx_graph.hilbert import Fock, Qubit
from nqx_graph.lowering.reference.check import check_state, check_term
from nqx_graph.lowering.reference.loop import branches
from nqx_graph.space import view

s = sym.site
FIXED = Fock(3, N=2, n_particles=3)


@pytest.mark.parametrize(("sample", "words"), [((), "x"), ((4,), "sample 4"), ((1, 0), r"sample \(1, 0\)")])
def test_states_that_are_not_in_the_space(sample, words):
    with pytest.raises(
        StateError, match=f"^{words} is not in the space: site 1 holds 4; the local states are"
    ) as caught:
        check_state(np.array([0, 4]), sample, view(Fock(3, N=2)))
    assert caught.value.sample == sample
    with pytest.raises(StateError, match=rf"^{words}, \[1, 1\], breaks the space's constraint"):
        check_state(np.array([1, 1]), sample, view(FIXED))
    check_state(np.array([1, 2]), sample, view(FIXED))


def checked(operator, x, sample=(7,)):
    term, space = operator.to_ir().terms[0], view(operator.hilbert)
    check_term(list(branches(operator.to_ir(), space, np.array(x))), term, sample, space)


@pytest.mark.parametrize("weight", [1.0, -1.0])
def test_a_branch_that_breaks_the_constraint(weight):
    """Unless its matrix element is zero: then it leads nowhere."""
    up = sym.DOperator(FIXED).for_each_site("i")
    up.emit_if(s("i") < 3, sym.shift("i", 1), amplitude=weight * s("i").value, tag="up")
    checked(up.build(), [0, 3])
    with pytest.raises(CheckError, match="breaks the space's constraint") as caught:
        checked(up.build(), [1, 2])
    error = caught.value
    assert (error.row, error.emission, error.tag, error.sample) == (0, 0, "up", (7,))
    assert list(error.target) == [2, 2]
    assert "term '0', row 0, emission #0 ('up'): from sample 7 it leads to [2, 2]" in str(error)


def test_a_branch_that_leaves_does_so_whatever_its_element():
    up = sym.DOperator(Fock(3, N=2)).for_each_site("i").emit().emit(sym.shift("i", 1), amplitude=0.0).build()
    with pytest.raises(
        CheckError, match=r"row 1, emission #1: from sample 7 it leads to \[0, 4\], which leaves the local"
    ):
        checked(up, [0, 3])


@pytest.mark.parametrize(("x", "breaks"), [([1, 0, 1], False), ([1, 1, 1], True), ([0, 0, 0], False)])
def test_a_promise(x, breaks):
    two = sym.DOperator(Qubit(3)).for_each_site("i").where(s("i") > 0).emit().fanout(2).build()
    if not breaks:
        checked(two, x)
        return
    with pytest.raises(CheckError, match="promises at most 2 active branches; sample 7 has 3") as caught:
        checked(two, x)
    assert (caught.value.promised, caught.value.active) == (2, 3)
