"""Totals of NetKet's spaces: what leaves them is told of, what keeps them is not."""

import netket as nk
import numpy as np
import pytest

import nqx_graph as sym
from nqx_graph.diagnostics.totals import totals
from nqx_graph.space import view

S = sym.site
PER_SPIN = nk.hilbert.SpinOrbitalFermions(3, s=1 / 2, n_fermions_per_spin=(2, 1))


@pytest.mark.parametrize(
    ("space", "group", "sums"),
    [
        (nk.hilbert.Fock(2, 3, n_particles=2), [0, 0, 0], (2,)),
        (nk.hilbert.Fock(2, 3), [-1, -1, -1], ()),
        (nk.hilbert.Spin(1 / 2, 4, total_sz=1), [0, 0, 0, 0], (2,)),
        (nk.hilbert.SpinOrbitalFermions(3, n_fermions=2), [0, 0, 0], (2,)),
        (PER_SPIN, [0, 0, 0, 1, 1, 1], (2, 1)),
        (
            nk.hilbert.Spin(1 / 2, 2) * nk.hilbert.Fock(2, 3, n_particles=2),
            [-1, -1, 0, 0, 0],
            (2,),
        ),
    ],
)
def test_groups_and_sums(space, group, sums):
    kept = totals(view(space))
    assert (kept.group.tolist(), kept.sums) == (group, sums)
    states = np.asarray(space.all_states())
    for number, total in enumerate(sums):
        assert set(states[:, kept.group == number].sum(axis=1).tolist()) == {total}


def hop(space, edges):
    return (
        sym.DOperator(space, "hop")
        .for_each(("i", "j"), over=edges)
        .where((S("i") == 1) & (S("j") == 0))
        .emit(sym.swap("i", "j"))
        .emit_if(S("i") == 1, sym.write("i", 0).write("j", 1))
        .build()
    )


@pytest.mark.parametrize(("edges", "codes"), [([(0, 1), (4, 5)], ()), ([(0, 1), (2, 3)], ("NQX007",))])
def test_a_hop_from_one_spin_to_the_other_keeps_the_number_of_all_and_not_of_each(edges, codes):
    both = nk.hilbert.SpinOrbitalFermions(3, s=1 / 2, n_fermions=3)
    assert sym.diagnose(hop(both, edges)).codes == ()
    assert sym.diagnose(hop(PER_SPIN, edges)).codes == codes


def test_where_it_leads_is_told_by_the_one_site_that_shows_it():
    found = sym.diagnose(hop(PER_SPIN, [(0, 1), (2, 3)]))
    assert [(one.emission, one.severity) for one in found] == [(0, "warning"), (1, "warning")]
    compiled = hop(PER_SPIN, [(0, 1), (2, 3)]).compile()
    with pytest.raises(sym.errors.CheckError):
        compiled.check(np.asarray(PER_SPIN.all_states()))
    hop(PER_SPIN, [(0, 1), (4, 5)]).compile().check(np.asarray(PER_SPIN.all_states()))


def test_spaces_without_an_end_are_judged_by_their_ranges():
    space = nk.hilbert.Fock(None, 3)
    down = sym.DOperator(space).for_each_site("i")
    assert sym.diagnose(down.emit(sym.shift("i", -1)).build(), min_severity="info").codes == ("NQX006",)
    up = sym.DOperator(space).for_each_site("i").emit(sym.shift("i", +1), amplitude=1 / (S("i").value + 1)).build()
    assert sym.diagnose(up, min_severity="info").codes == ()
    assert sym.diagnose(sym.DOperator(space).for_each_site("i").emit(amplitude=1 / S("i").value).build()).codes == (
        "NQX005",
    )
