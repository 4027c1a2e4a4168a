"""NetKet's spaces as data and back, and verification and replay over them."""

import netket as nk
import numpy as np
import pytest
from netket.hilbert.constraint import SumConstraint, SumOnPartitionConstraint

import nqx_graph as sym
from nqx_graph.debug import read_bundle, replay
from nqx_graph.debug.agreement import configurations
from nqx_graph.debug.snapshot import snapshot
from nqx_graph.errors import BundleError, IRFormatError, SymbolicCompilerError
from nqx_graph.integrations.netket import from_form
from nqx_graph.space import view

Spin, Fock, Qubit, Fermions = nk.hilbert.Spin, nk.hilbert.Fock, nk.hilbert.Qubit, nk.hilbert.SpinOrbitalFermions
SPACES = [
    Spin(1 / 2, 3),
    Spin(1, 3),
    Spin(3 / 2, 2, inverted_ordering=True),
    Spin(1 / 2, 4, total_sz=1),
    Spin(1 / 2, 4, constraint=SumConstraint(-2)),
    Spin(1 / 2, 4, constraint=SumOnPartitionConstraint((0, 2), (2, 2))),
    Qubit(3),
    Fock(3, 2),
    Fock(3, 4, n_particles=5),
    Fock(None, 4, n_particles=5),
    Fock(None, 3),
    Fock(3, 4, constraint=SumOnPartitionConstraint((1, 2), (1, 3))),
    Fermions(3),
    Fermions(3, n_fermions=2),
    Fermions(3, s=1 / 2, n_fermions=2),
    Fermions(3, s=1 / 2, n_fermions_per_spin=(1, 2)),
    Spin(1 / 2, 2) * Fock(2, 1),
    nk.hilbert.TensorHilbert(Spin(1 / 2, 2), Spin(1 / 2, 1), Fock(2, 2, n_particles=1)),
    nk.hilbert.DoubledHilbert(Spin(1 / 2, 2, total_sz=0)),
]


@pytest.mark.parametrize("space", SPACES, ids=repr)
def test_a_space_from_its_form(space):
    form = view(space).form
    made = from_form(form)
    assert type(made) is type(space)
    assert made == space
    assert view(made).form == form
    assert view(made).digest == view(space).digest
    if space.is_finite and space.is_indexable:
        np.testing.assert_array_equal(made.all_states(), space.all_states())


@pytest.mark.parametrize(
    "form",
    [
        None,
        {},
        {"kind": "Spin"},
        {"kind": "Lattice", "N": 3, "constraint": None},
        {"kind": "Spin", "local_states": [1, -1], "N": -1, "constraint": None},
        {"kind": "Spin", "local_states": [1, 0], "N": 2, "constraint": None},
        {"kind": "Spin", "local_states": [1, -1], "N": 3, "constraint": {"sum": 0}},
        {"kind": "Qubit", "N": 3, "constraint": {"sum": 1}},
        {"kind": "Qubit", "N": 3, "constraint": None, "more": 1},
        {"kind": "Tensor", "parts": []},
    ],
    ids=repr,
)
def test_what_is_no_form(form):
    with pytest.raises(IRFormatError, match="is no NetKet space as data"):
        from_form(form)


def ising(hilbert):
    s = sym.site
    return (
        sym.DOperator(hilbert, "ising")
        .for_each(("i", "j"), over=[(0, 1), (1, 2)])
        .emit(amplitude=s("i").value * s("j").value)
        .build()
    )


class Odd(nk.hilbert.constraint.DiscreteHilbertConstraint):
    def __call__(self, x):
        return x.sum(axis=-1) > 0

    def __hash__(self):
        return 1

    def __eq__(self, other):
        return isinstance(other, Odd)


def failing():
    compiler = sym.SymbolicCompiler()
    compiler.lowerer_registry.register_first(Refusing())
    return compiler


class Refusing:
    name, backend = "refusing", "jax"

    def supports(self, context):
        return True

    def lower(self, context):
        raise MemoryError("no room")


@pytest.mark.parametrize("space", [Spin(1 / 2, 3, total_sz=1 / 2), Spin(1 / 2, 2) * Fock(2, 1)], ids=repr)
def test_replay(space, tmp_path):
    with pytest.raises(SymbolicCompilerError) as caught:
        failing().compile(ising(space), dump_dir=tmp_path)
    assert read_bundle(caught.value.bundle)["hilbert"]["package"] == "netket"
    outcome = replay(caught.value.bundle)
    assert outcome.same, str(outcome)
    assert outcome.error.report.record._values["hilbert"] == space


def test_replay_of_a_constraint_that_has_no_form(tmp_path):
    space = Spin(1 / 2, 3, constraint=Odd())
    with pytest.raises(SymbolicCompilerError) as caught:
        failing().compile(ising(space), dump_dir=tmp_path)
    with pytest.raises(BundleError, match=r"the constraint Odd of .* has no form as data"):
        replay(caught.value.bundle)
    assert replay(caught.value.bundle, hilbert=space).same


@pytest.mark.parametrize(
    "space",
    [Spin(1 / 2, 3), Spin(1 / 2, 3, constraint=Odd()), Spin(1 / 2, 20, total_sz=0)],
    ids=["plain", "odd constraint", "large"],
)
def test_verification_on_a_miss_and_on_a_hit(space):
    compiler = sym.SymbolicCompiler()
    outcomes = [compiler.compile(ising(space), verify=True).report.outcome for _ in range(2)]
    assert outcomes[0] in ("miss", "uncached")
    assert (outcomes[1] == "hit") == (outcomes[0] == "miss")


def test_random_states_of_a_large_space():
    chosen = configurations(view(Spin(1 / 2, 30, total_sz=0)))
    assert "random states" in chosen.how
    assert set(chosen.x.sum(axis=1).tolist()) == {0}
    assert configurations(view(Fock(None, 3))).x.max() <= 9


def test_a_space_that_counts_its_states_has_not_changed():
    space = Spin(1 / 2, 4, total_sz=0)
    before = snapshot({"space": space})
    space.all_states()
    space.states_to_numbers(space.all_states())
    assert before.changed(snapshot({"space": space}), "it") is None
