"""`check`: which branch breaks a promise, leaves the local states, or leaves the constraint."""

from __future__ import annotations

import jax
import numpy as np
import pytest

import nqx_graph as sym
from nqx_graph.errors import CheckError, StateError
from nqx_graph.hilbert import Fock, Spin

s = sym.site
n = s("i").value
FOCK = Fock(3, N=3)
MODES = ("nan", "drop", "trust")


def compiled(builder, mode="nan"):
    return builder.build().compile(cache=False, options=sym.SymbolicCompilerOptions(on_out_of_domain=mode))


def refusal(operator, x):
    with pytest.raises(CheckError) as caught:
        operator.check(np.asarray(x))
    assert isinstance(caught.value, ValueError)
    return caught.value


def promising():
    builder = sym.DOperator(FOCK, "o").for_each_site("i").emit(amplitude=0.0).named("free")
    return builder.for_each_site("i").where(n > 0).emit().fanout(1).named("alone")


@pytest.mark.parametrize(
    ("x", "sample", "active"),
    [
        ([0, 1, 1], (), 2),
        ([[0, 0, 0], [1, 0, 0], [1, 2, 3]], (2,), 3),
        ([[[0, 0, 0], [0, 0, 1]], [[0, 3, 0], [1, 1, 0]], [[1, 1, 1], [0, 0, 0]]], (1, 1), 2),
    ],
)
@pytest.mark.parametrize("mode", MODES)
def test_a_broken_promise_names_term_sample_and_both_numbers(x, sample, active, mode):
    error = refusal(compiled(promising(), mode), x)
    assert (error.term, error.sample, error.promised, error.active) == ("alone", sample, 1, active)
    assert str(error) == (
        f"term 'alone' promises at most 1 active branches; sample {sample} has {active}. Promise fanout({active}) or more, "
        "or leave the promise out."
    )


@pytest.mark.parametrize("x", [[0, 1, 0], [[0, 0, 0], [0, 0, 3]], np.zeros((0, 3), int), np.zeros((2, 0, 3), int)])
def test_kept_promises_pass(x):
    assert compiled(promising()).check(np.asarray(x)) is None


def leaving():
    return (
        sym.DOperator(FOCK, "o")
        .for_each(("i", "j"), over=[(0, 1), (2, 0)])
        .named("hop")
        .emit(amplitude=0.0, tag="stay")
        .emit(sym.shift("i", -1).shift("j", 1), amplitude=2.0, tag="go")
    )


@pytest.mark.parametrize("mode", ["nan", "trust"])
def test_a_branch_outside_names_term_row_tag_and_sample(mode):
    error = refusal(compiled(leaving(), mode), [[1, 0, 1], [2, 2, 0], [0, 0, 0]])
    assert (error.term, error.row, error.emission, error.tag, error.sample) == ("hop", 1, 1, "go", (1,))
    for fact in ("term 'hop'", "row 1 (i=2, j=0)", "emission #1 ('go')", "the local states 0, 1, 2, 3", "sample (1,)"):
        assert fact in str(error)
    assert compiled(leaving(), mode).check(np.array([[1, 0, 1], [2, 2, 2]])) is None


def test_where_dropping_was_asked_for_it_is_no_error():
    assert compiled(leaving(), "drop").check(np.array([[1, 0, 1], [2, 2, 0], [0, 0, 0]])) is None


@pytest.mark.parametrize("mode", MODES)
def test_a_branch_that_is_not_there_does_not_leave(mode):
    builder = leaving().where((n > 0) & (s("j") < 3))
    assert compiled(builder, mode).check(np.array([[0, 3, 0], [3, 0, 3], [0, 0, 0]])) is None


def test_terms_without_labels_or_tags():
    error = refusal(compiled(sym.DOperator(Spin(0.5, N=2)).globally().emit(sym.write(0, 0))), [1, 1])
    assert (error.row, error.tag, error.sample) == (0, None, ())
    assert "term '0', row 0, emission #0 leaves the local states -1, 1 for sample ()" in str(error)


CONSTRAINED = Fock(3, N=3, n_particles=3)


@pytest.mark.parametrize("mode", MODES)
def test_a_constraint_is_tested_by_check_only(mode):
    builder = (
        sym.DOperator(CONSTRAINED, "o")
        .for_each_site("i")
        .where(n < 3)
        .emit(sym.shift("i", 1), amplitude=sym.source_index(0), tag="more")
    )
    operator = compiled(builder, mode)
    xp, mels = operator.get_conn_padded(np.array([1, 2, 0]))
    assert np.asarray(xp).tolist() == [[2, 2, 0], [1, 3, 0], [1, 2, 1]]
    assert np.asarray(mels).tolist() == [1, 1, 1]
    error = refusal(operator, [[0, 3, 0], [1, 2, 0]])
    assert (error.term, error.row, error.tag, error.sample) == ("0", 0, "more", (1,))
    assert f"leaves the constraint of {CONSTRAINED!r}" in str(error)
    # where the matrix element is 0 there is nothing to leave with
    assert operator.check(np.array([0, 3, 0])) is None


def test_what_keeps_the_constraint_passes():
    builder = sym.DOperator(CONSTRAINED).for_each_distinct_pair("i", "j").where((n > 0) & (s("j") < 3))
    operator = compiled(builder.emit(sym.shift("i", -1).shift("j", 1)))
    assert operator.check(CONSTRAINED.all_states()) is None


def test_samples_that_are_not_in_the_space():
    operator = compiled(sym.DOperator(FOCK).for_each_site("i").emit())
    with pytest.raises(StateError) as caught:
        operator.check(np.array([[0, 0, 0], [0, 4, 0]]))
    assert caught.value.sample == (1,)
    assert f"sample (1,), [0, 4, 0], is not in {FOCK!r}." == str(caught.value)
    with pytest.raises(StateError, match=r"sample \(\)"):
        operator.check(np.array([0.5, 0, 0]))
    with pytest.raises(StateError, match=r"sample \(0,\), \[3, 3, 3\]"):
        compiled(sym.DOperator(CONSTRAINED).globally().emit()).check(np.array([[3, 3, 3]]))


def test_parameters_and_columns_are_those_of_the_operator():
    builder = sym.DOperator(FOCK).for_each_site("i", columns={"K": [0, 0, 0]}).where(n > sym.symbol("cut", 5.0))
    operator = compiled(builder.emit(sym.shift("i", 1)).emit(sym.write("i", sym.column("K"))))
    x = np.array([3, 0, 0])
    assert operator.check(x) is None
    assert operator.with_parameters(cut=3.0).check(x) is None
    assert refusal(operator.with_parameters(cut=2.0), x).emission == 0
    other = operator.with_parameters(cut=-1.0).with_columns(K=[0, 7, 0])
    assert refusal(other, [0, 0, 0]).row == 1


@pytest.mark.parametrize("mode", ["nan", "trust"])
def test_the_promise_is_reported_first_and_terms_in_their_order(mode):
    builder = sym.DOperator(FOCK).for_each_site("i").emit(sym.shift("i", 1)).named("first")
    builder = builder.for_each_site("i").emit().fanout(2).named("second")
    assert refusal(compiled(builder, mode), [3, 0, 0]).term == "first"
    assert refusal(compiled(builder, mode), [0, 0, 0]).term == "second"


def test_dropped_branches_take_no_slot():
    """A branch that left counts for a promise where it becomes NaN, not where it is dropped."""
    builder = sym.DOperator(FOCK).for_each_site("i").emit(sym.shift("i", 1)).fanout(2)
    assert hasattr(refusal(compiled(builder, "nan"), [3, 0, 0]), "promised")
    assert compiled(builder, "drop").check(np.array([3, 0, 0])) is None
    assert refusal(compiled(builder, "drop"), [0, 0, 0]).active == 3


def test_it_is_for_numbers_and_not_for_tracers():
    operator = compiled(promising())
    with pytest.raises(jax.errors.TracerArrayConversionError):
        jax.jit(lambda x: operator.check(x))(np.array([0, 0, 1]))
