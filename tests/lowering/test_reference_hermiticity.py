"""The comparison of all pairs of a small space: which operators are small enough, and what counts as a difference."""

from __future__ import annotations

from types import SimpleNamespace

import attrs
import numpy as np
import pytest

import nqx_graph as sym
from nqx_graph.errors import HermiticityError
from nqx_graph.hilbert import Fock, Qubit, Spin
from nqx_graph.lowering.reference.hermiticity import compare_all, few_enough
from nqx_graph.space import from_states, unbounded, view

s = sym.site
n = s("i").value


def flips(hilbert, there=1.0, back=1.0, dtype="float64", terms=1):
    """x_0 of a two-state space turns: <x|O|x'> is ``there`` for x_0 = 1 and ``back`` else."""
    builder = sym.DOperator(hilbert, "o", dtype=dtype)
    for _ in range(terms):
        builder.for_each(("i",), [(0,)])
        builder.emit_if(n == 1, sym.write("i", 0), amplitude=there).emit_else(sym.write("i", 1), amplitude=back)
    return builder.build()


def small(operator):
    return few_enough(operator.to_ir(), view(operator.hilbert))


@pytest.mark.parametrize(
    ("size", "terms", "few"), [(6, 1, True), (7, 1, True), (8, 1, False), (6, 2, True), (6, 3, False)]
)
def test_two_hundred_and_fifty_six_branches_are_few(size, terms, few):
    """Two emissions for every state: 2**7 states of one term, 2**6 of two."""
    assert small(flips(Qubit(size), terms=terms)) is few


def test_a_branch_more_is_not():
    def branches(slots):
        rows = [(k % 4,) for k in range(slots)]
        return sym.DOperator(Fock(3, N=2)).for_each(("i",), [(k % 2,) for (k,) in rows]).emit(amplitude=n).build()

    assert small(branches(16))
    assert not small(branches(17))


def test_many_sites_many_terms_no_end_and_no_value_are_not():
    assert not small(sym.DOperator(Qubit(17)).globally().emit().build())
    ir = sym.DOperator(Qubit(1)).globally().emit().build().to_ir()
    endless = unbounded(SimpleNamespace(size=1, all_states=list), None, None)
    assert few_enough(ir, view(Qubit(1)))
    assert not few_enough(ir, endless)
    assert not few_enough(ir, attrs.evolve(view(Qubit(1)), hilbert=SimpleNamespace(size=1)))  # which cannot list them
    assert not small(sym.symbol("J") * flips(Qubit(2)))
    assert small(sym.symbol("J", 1.0) * flips(Qubit(2)))
    sites = sym.DOperator(Qubit(1))
    for _ in range(128):
        sites.globally().emit()
    assert small(sites.build())


def differs(operator):
    with pytest.raises(HermiticityError) as caught:
        compare_all(operator.to_ir(), view(operator.hilbert))
    return caught.value


def test_the_first_pair_that_differs_is_named():
    error = differs(flips(Qubit(1), there=2.0, back=3.0))
    assert (error.x, error.x_prime, error.forward, error.backward) == ([0], [1], 3.0, 2.0)
    assert type(error.forward) is float
    error = differs(flips(Qubit(1), there=2j, back=2j, dtype="complex128"))
    assert (error.forward, error.backward) == (2j, 2j)
    compare_all(flips(Qubit(1), there=2j, back=-2j, dtype="complex128").to_ir(), view(Qubit(1)))
    one_way = sym.DOperator(Qubit(1)).for_each_site("i").where(n == 1).emit(sym.write("i", 0)).build()
    error = differs(one_way)
    assert (error.forward, error.backward) == (1.0, 0)


@pytest.mark.parametrize(
    ("dtype", "rounding"),
    [
        ("float64", 1e-9),
        ("complex128", 1e-9),
        ("float32", 1e-3),
        ("complex64", 1e-3),
        ("float16", 1e-2),
        ("bfloat16", 1e-2),
    ],
)
def test_what_rounding_explains_is_no_difference(dtype, rounding):
    """Relative to the larger of the two, and to 1."""
    for size in (1.0, 64.0):
        wide = 64.0 if size == 64.0 and "16" in dtype else size
        compare_all(flips(Qubit(1), wide, wide * (1 + rounding / 4), dtype).to_ir(), view(Qubit(1)))
        differs(flips(Qubit(1), wide, wide * (1 + 4 * rounding), dtype))
        differs(flips(Qubit(1), wide * (1 + 4 * rounding), wide, dtype))
    if "16" not in dtype:
        compare_all(flips(Qubit(1), 0.0, rounding / 4, dtype).to_ir(), view(Qubit(1)))
        differs(flips(Qubit(1), 0.0, 4 * rounding, dtype))


def test_branches_to_one_state_add_up_and_those_that_leave_are_told_by_others():
    halves = 0.5 * flips(Qubit(1), 3.0, 1.0) + 0.5 * flips(Qubit(1), 1.0, 3.0)
    compare_all(halves.to_ir(), view(Qubit(1)))
    leaving = sym.DOperator(Fock(1, N=1)).for_each_site("i").emit(sym.shift("i", 2), amplitude=1.0).build()
    compare_all(leaving.to_ir(), view(Fock(1, N=1)))
    undefined = sym.DOperator(Spin(1 / 2, 1)).for_each_site("i").emit(amplitude=n.log()).build()
    compare_all(undefined.to_ir(), view(Spin(1 / 2, 1)))
    huge = sym.DOperator(Qubit(1), dtype="complex128").for_each_site("i").emit(amplitude=1e300 * (1e300 * n)).build()
    assert not np.isfinite(huge.compile().to_dense()).all()
    compare_all(huge.to_ir(), view(Qubit(1)))


def test_branches_out_of_the_constraint_are_told_by_others():
    space = Spin(1 / 2, 2, total_sz=0)
    flip = sym.DOperator(space).for_each_site("i").emit(sym.affine("i", scale=-1), amplitude=1.0).build()
    compare_all(flip.to_ir(), view(space))


def test_many_terms_are_many_before_their_branches_are_counted():
    """Two terms of 200 rows each on one state, and a space that cannot be listed is never asked."""
    one_state = from_states(SimpleNamespace(size=1), [[0]], None, None)
    builder = sym.DOperator(Qubit(1))
    for _ in range(257):
        builder.globally().emit()
    assert not few_enough(builder.build().to_ir(), one_state)


def test_sixteen_sites_may_have_few_states():
    def of(size):
        alone = from_states(SimpleNamespace(size=size, all_states=list), [[0]] * size, None, None)
        return few_enough(sym.DOperator(Qubit(size)).globally().emit().build().to_ir(), alone)

    assert [of(size) for size in (15, 16, 17)] == [True, True, False]
