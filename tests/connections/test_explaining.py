"""`operator.explain(x)` against `get_conn`, which the kernels compute by other code, on random operators and by hand."""

from __future__ import annotations

import math
from typing import Any

import attrs
import eager
import models
import numpy as np
import oracle
import pytest
import strategies
from comparing import TOLERANCE, compiled_for, largest

import nqx_graph as sym
from nqx_graph.connections import DROPPED, KEPT, NAN
from nqx_graph.errors import ParameterError, SampleTypeError, StateError

s = sym.site
n = s("i").value
FOCK = sym.hilbert.Fock(3, N=3)
SPIN = sym.hilbert.Spin(1 / 2, N=4)
RING = [(0, 1), (1, 2), (2, 3), (3, 0)]


def options(mode: str, **more: Any) -> Any:
    return sym.SymbolicCompilerOptions(on_out_of_domain=mode, strict_validation=False, **more)


def in_order(states: Any, mels: Any) -> Any:
    """A multiset of branches, its members in one order."""
    rows = [(tuple(state), complex(mel)) for state, mel in zip(np.asarray(states).tolist(), mels, strict=True)]
    return sorted(rows, key=lambda row: (row[0], math.isnan(row[1].real), row[1].real, row[1].imag))


def assert_same_multiset(found: Any, given: Any, tolerance: float) -> None:
    kept = [branch for branch in found if branch.mel != 0]
    ours = in_order([found.reached(branch) for branch in kept], [branch.mel for branch in kept])
    theirs = in_order(*given)
    assert [state for state, _ in ours] == [state for state, _ in theirs]
    np.testing.assert_allclose([m for _, m in ours], [m for _, m in theirs], rtol=0, atol=tolerance, equal_nan=True)


def promise_is_broken(found: Any) -> bool:
    return any("promises" in branch.remark for branch in found)


def assert_explained(operator: Any, compiled: Any, x: Any, given: Any) -> None:
    """The branches listed are those that the kernel returned, ``given`` without empty slots."""
    found = compiled.explain(x)
    if promise_is_broken(found):
        assert np.isnan(given[1]).all()
        assert len(given[1]) == compiled.max_conn_size
        assert all(np.isnan(branch.mel) for branch in found if branch.fate != DROPPED)
    else:
        assert_same_multiset(found, given, TOLERANCE[operator.dtype.name] * max(1.0, largest(operator, x)))


@pytest.mark.parametrize("chunk", range(4))
def test_random_operators(chunk: int) -> None:
    """The kernel is run at once, on NumPy's arrays; its code has nothing in common with what lists the branches."""
    for number in range(12 * chunk, 12 * (chunk + 1)):
        operator = strategies.seeded(7 * 10**6 + number)
        compiled = compiled_for(operator, "jax", on_out_of_domain=("nan", "drop", "trust")[number % 3])
        states = strategies.samples(operator.hilbert)
        with eager.on_numpy():
            xp, mels = eager.connected(compiled, states)
        for x, own_xp, own_mels in zip(states, xp, mels, strict=True):
            assert_explained(operator, compiled, x, (own_xp[own_mels != 0], own_mels[own_mels != 0]))


@pytest.mark.parametrize("number", range(4))
def test_random_operators_compiled_by_xla(number: int) -> None:
    operator = strategies.seeded(8 * 10**6 + number)
    compiled = compiled_for(operator, "jax")
    for x in strategies.samples(operator.hilbert)[::3]:
        assert_explained(operator, compiled, x, compiled.get_conn(x))


@pytest.mark.parametrize("number", range(6))
def test_symbolic_compiled_and_reference_say_the_same(number: int) -> None:
    operator = strategies.seeded(9 * 10**6 + number)
    compiled, looped = (compiled_for(operator, backend) for backend in ("jax", "numpy"))
    x = strategies.samples(operator.hilbert)[-1]
    found = str(compiled.explain(x))
    assert str(looped.explain(x)) == found
    assert str(operator.explain(x, **strategies.missing_parameters(operator))) == found


@pytest.mark.parametrize("optimize", [False, True])
def test_the_row_of_a_matrix_made_another_way(optimize: bool) -> None:
    operator = models.heisenberg(SPIN, RING, J=[0.5, -1.0, 0.25, 2.0])
    states = SPIN.all_states()
    truth = oracle.heisenberg(states, RING, np.array([0.5, -1.0, 0.25, 2.0]))
    compiled = operator.compile(cache=False, options=options("nan", optimize=optimize))
    for number, x in enumerate(states):
        row = np.zeros(len(states))
        for state, mel in compiled.explain(x).merged().items():
            row[SPIN.states_to_numbers(np.array(state))] += mel
        np.testing.assert_allclose(row, truth[number], rtol=0, atol=1e-14)


def test_what_a_branch_says_of_itself() -> None:
    operator = (
        sym.DOperator(FOCK, "hop")
        .for_each(("i", "j"), over=[(0, 1), (2, 1)])
        .named("bond")
        .where(s("i") > 0)
        .emit(amplitude=5.0)
        .emit(sym.shift("i", -1).shift("j", +1), amplitude=(n * (s("j").value + 1)).sqrt(), tag="right")
        .build()
    )
    diagonal, moved = operator.explain([0, 1, 2])
    assert attrs.astuple(moved, recurse=False) == (
        0, "bond", 1, {"i": 2, "j": 1}, 1, "right", (0, 1, 2), (0, 2, 1), 2.0, 2.0, KEPT, "",
    )  # fmt: skip
    assert moved.changed == {1: (1, 2), 2: (2, 1)}
    assert moved.move == "x[1]: 1 -> 2, x[2]: 2 -> 1"
    assert (diagonal.changed, diagonal.move, diagonal.emission, diagonal.tag) == ({}, "x' = x", 0, None)


def leaving() -> Any:
    return sym.DOperator(FOCK, "up").for_each_site("i").emit(sym.shift("i", 1), amplitude=n + 1).build()


@pytest.mark.parametrize(
    ("mode", "fate", "mel", "end"),
    [
        ("nan", NAN, math.nan, "NaN instead of 4"),
        ("drop", DROPPED, 0.0, "dropped"),
        ("trust", KEPT, 4.0, "kept, as on_out_of_domain='trust' asks for"),
    ],
)
def test_a_branch_that_leaves_says_where_and_what_becomes_of_it(mode: str, fate: str, mel: float, end: str) -> None:
    found = leaving().compile(cache=False, options=options(mode)).explain([1, 3, 0])
    branch = found[1]
    assert (branch.x_prime, branch.amplitude, branch.fate) == ((1, 4, 0), 4.0, fate)
    np.testing.assert_equal(branch.mel, mel)
    assert branch.remark.startswith("x'[1] = 4 is no local state; ")
    assert branch.remark.endswith(end)
    assert found.reached(branch) == ((1, 4, 0) if fate == KEPT else (1, 3, 0))
    assert [other.fate for other in (found[0], found[2])] == [KEPT, KEPT]


def test_a_broken_promise_makes_all_nan_and_names_the_term() -> None:
    operator = (
        sym.DOperator(FOCK, "o")
        .globally()
        .emit(amplitude=3.0)
        .for_each_site("i")
        .where(s("i") > 0)
        .emit(sym.shift("i", -1))
        .named("alone")
        .fanout(1)
        .build()
    )
    assert [branch.remark for branch in operator.explain([0, 2, 0])] == ["", ""]
    found = operator.explain([1, 2, 0])
    assert [branch.amplitude for branch in found] == [3.0, 1.0, 1.0]
    assert all(math.isnan(branch.mel) and branch.fate == NAN for branch in found)
    assert {branch.remark for branch in found} == {"NaN: term 'alone' promises 1 active and has 2"}


def test_dropped_branches_do_not_count_for_a_promise() -> None:
    operator = (
        sym.DOperator(FOCK, "o").for_each_site("i").emit(sym.shift("i", 1), amplitude=2.0).named("up").fanout(1).build()
    )
    found = operator.compile(cache=False, options=options("drop")).explain([3, 3, 1])
    assert [branch.mel for branch in found] == [0.0, 0.0, 2.0]
    assert not promise_is_broken(found)


def test_other_remarks() -> None:
    fixed = sym.hilbert.Fock(2, N=2, n_particles=2)
    lost = sym.DOperator(fixed, "lost").globally().emit(sym.shift(0, -1), amplitude=0.5).build().explain([1, 1])
    assert (lost[0].mel, lost[0].fate) == (0.5, KEPT)
    assert lost[0].remark == "x' breaks the constraint of the space; check(x) refuses it"
    undefined = sym.DOperator(FOCK, "o").globally().emit(amplitude=sym.source_index(0) / sym.source_index(1)).build()
    assert undefined.explain([0, 0, 0])[0].remark == "the amplitude is NaN"
    assert undefined.explain([0, 1, 0])[0].remark == ""


@pytest.mark.parametrize("optimize", [False, True])
def test_parameters_and_columns_are_those_of_now(optimize: bool) -> None:
    J, h = np.array([1.0, 2.0, 3.0, 4.0]), sym.symbol("h", 0.5)
    operator = (
        sym.DOperator(SPIN, "disorder")
        .for_each_site("i")
        .emit(sym.affine("i", scale=-1), amplitude=h)
        .for_each(("i", "j"), over=RING, columns={"J": J, "unread": J})
        .emit(amplitude=sym.column("J") * n * s("j").value)
        .build()
    )
    compiled = operator.compile(cache=False, options=options("nan", optimize=optimize))
    x = SPIN.all_states()[5]
    changed = compiled.with_parameters(h=-0.25).with_columns(J=J + 0.125)
    assert [branch.mel for branch in compiled.explain(x)][:5] == [0.5] * 4 + [J[0] * x[0] * x[1]]
    after = changed.explain(x)
    assert [branch.mel for branch in after][:4] == [-0.25] * 4
    signs = [int(x[i]) * int(x[j]) for i, j in RING]
    assert [branch.mel for branch in after][4:] == ((J + 0.125) * signs).tolist()


def test_a_mask_given_anew() -> None:
    masks = np.eye(4, dtype=int)
    operator = (
        sym.DOperator(SPIN, "o")
        .for_each((), over=np.zeros((4, 0), int), columns={"m": masks})
        .emit(sym.flip("m"))
        .build()
    )
    for given in (masks, 1 - masks):
        found = operator.compile(cache=False).with_columns(m=given).explain([1, -1, 1, 1])
        assert [sorted(branch.changed) for branch in found] == [np.flatnonzero(row).tolist() for row in given]


def test_a_column_of_whole_numbers_given_real_ones() -> None:
    operator = (
        sym.DOperator(FOCK, "o").for_each_site("i", columns={"w": [1, 2, 3]}).emit(amplitude=sym.column("w")).build()
    )
    compiled = operator.compile(cache=False).with_columns(w=np.array([0.5, 1.5, 2.5]))
    assert [branch.mel for branch in compiled.explain([0, 0, 0])] == compiled.get_conn([0, 0, 0])[1].tolist()


def test_symbols_without_a_value() -> None:
    operator = sym.DOperator(FOCK, "o").globally().emit(amplitude=sym.symbol("g") * sym.symbol("f")).build()
    with pytest.raises(
        ParameterError, match=r"the operator 'o' has no value for 'f', 'g'; call explain\(x, f=\.\.\., g="
    ):
        operator.explain([0, 0, 0])
    with pytest.raises(ParameterError, match=r"no value for 'g'; call explain\(x, g=\.\.\.\)"):
        operator.explain([0, 0, 0], f=1.0)
    with pytest.raises(ParameterError, match=r"no parameter 'ff'.*Did you mean 'f'"):
        operator.explain([0, 0, 0], f=1.0, g=1.0, ff=2.0)
    compiled = operator.compile(cache=False)
    with pytest.raises(ParameterError, match=r"no value for 'f', 'g'; call compiled\.with_parameters\("):
        compiled.explain([0, 0, 0])
    assert compiled.with_parameters(f=3.0, g=0.5).explain([0, 0, 0])[0].mel == 1.5
    assert operator.explain([0, 0, 0], f=3.0, g=0.5)[0].mel == 1.5


@pytest.mark.parametrize(
    ("x", "error", "words"),
    [
        ([0, 0], StateError, r"have shape \[\.\.\., 3\]; the given ones have \(2,\)"),
        ([[0, 0, 0]], StateError, r"explain takes one configuration \[3\]; it was given the shape \(1, 3\)"),
        ([0, 4, 0], StateError, r"x = \[0, 4, 0\] is not in Fock"),
        ([0.0, 0.5, 0.0], StateError, r"x = \[0.0, 0.5, 0.0\] is not in Fock"),
        (np.zeros(3, dtype=complex), SampleTypeError, "dtype complex128 cannot hold the local states 0, 1, 2, 3"),
        ("abc", SampleTypeError, "configurations must be an array of numbers; str is none"),
    ],
)
def test_other_configurations_are_refused(x: Any, error: type, words: str) -> None:
    operator = leaving()
    for explain in (operator.explain, operator.compile().explain):
        with pytest.raises(error, match=words):
            explain(x)


def test_a_state_outside_the_constraint_is_refused() -> None:
    fixed = sym.hilbert.Fock(2, N=2, n_particles=2)
    operator = sym.DOperator(fixed, "n").for_each_site("i").emit(amplitude=n).build()
    with pytest.raises(StateError, match=r"x = \[1, 2\] is not in Fock"):
        operator.explain([1, 2])
