"""Operators over NetKet's spaces in files: they come back over an equal space of NetKet's."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import netket as nk
import numpy as np
import pytest
from netket.hilbert.constraint import SumOnPartitionConstraint
from refusal import refused

import nqx_graph as sym
from nqx_graph.errors import HilbertError, IRFormatError
from nqx_graph.files import form, spaces

Spin, Fock, Fermions = nk.hilbert.Spin, nk.hilbert.Fock, nk.hilbert.SpinOrbitalFermions
SPACES = [
    Spin(1 / 2, 3),
    Spin(3 / 2, 2, inverted_ordering=True),
    Spin(1 / 2, 4, total_sz=1),
    Spin(1 / 2, 4, constraint=SumOnPartitionConstraint((0, 2), (2, 2))),
    nk.hilbert.Qubit(3),
    Fock(3, 2),
    Fock(None, 3),
    Fock(3, 4, n_particles=5),
    Fermions(3, s=1 / 2, n_fermions_per_spin=(1, 2)),
    Spin(1 / 2, 2) * Fock(2, 1),
    nk.hilbert.DoubledHilbert(Spin(1 / 2, 2, total_sz=0)),
]


def number(space: Any) -> Any:
    return sym.DOperator(space, "number").for_each_site("i").emit(amplitude=sym.site("i").value).build()


class Odd(nk.hilbert.constraint.DiscreteHilbertConstraint):
    """A constraint of somebody's own."""

    def __call__(self, x: Any) -> Any:
        return x.sum(axis=-1) > 0

    def __hash__(self) -> int:
        return 1

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Odd)


@pytest.mark.parametrize("space", SPACES, ids=repr)
def test_an_operator_and_its_space_and_back(tmp_path: Path, space: Any) -> None:
    sym.save(number(space), tmp_path / "a")
    loaded = sym.load(tmp_path / "a")
    assert type(loaded.hilbert) is type(space)
    assert loaded.hilbert == space
    assert not sym.diff(loaded, number(space))
    assert sym.load(tmp_path / "a", hilbert=space).hilbert is space


def test_what_is_loaded_runs_in_netket(tmp_path: Path) -> None:
    space, graph = Spin(1 / 2, 4), nk.graph.Chain(4)
    s, h = sym.site, 0.7
    builder = sym.DOperator(space, "ising", hermitian=True)
    builder.for_each(("i", "j"), over=graph.edges()).emit(amplitude=s("i").value * s("j").value)
    builder.for_each_site("i").emit(sym.affine("i", scale=-1), amplitude=-sym.symbol("h", h))
    sym.save(builder.build(), tmp_path / "ising.json")
    loaded = sym.load(tmp_path / "ising.json").compile()
    assert isinstance(loaded, nk.operator.DiscreteJaxOperator)
    np.testing.assert_allclose(
        loaded.to_dense(), nk.operator.IsingJax(space, graph, h=h, J=1.0).to_dense(), rtol=0, atol=1e-14
    )


def test_a_constraint_without_a_form_is_refused_or_given(tmp_path: Path) -> None:
    space = Spin(1 / 2, 3, constraint=Odd())
    with refused(HilbertError, "the constraint Odd of", "has no form as data", "with_hilbert=False"):
        sym.save(number(space), tmp_path / "a")
    sym.save(number(space), tmp_path / "a", with_hilbert=False)
    with refused(HilbertError, "was saved without its Hilbert space", "hilbert=space"):
        sym.load(tmp_path / "a")
    assert sym.load(tmp_path / "a", hilbert=space).hilbert is space
    with refused(HilbertError, "acts on another space"):
        sym.load(tmp_path / "a", hilbert=Spin(1, 3))


@pytest.mark.parametrize(
    "other",
    [
        sym.hilbert.Spin(1 / 2, 4, total_sz=0),
        Spin(1 / 2, 4),
        Spin(1 / 2, 4, total_sz=1),
        Spin(1 / 2, 4, constraint=Odd()),
        Spin(1 / 2, 4, total_sz=0, inverted_ordering=True),
    ],
    ids=["of another package", "no constraint", "another total", "no form", "another order"],
)
def test_another_space_is_refused(tmp_path: Path, other: Any) -> None:
    sym.save(number(Spin(1 / 2, 4, total_sz=0)), tmp_path / "a")
    with refused(HilbertError, "acts on another space than the given", "a Spin of netket with 4 sites"):
        sym.load(tmp_path / "a", hilbert=other)


def test_without_netket_the_error_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sym.save(number(Spin(1 / 2, 4)), tmp_path / "a")
    monkeypatch.delitem(sys.modules, "nqx_graph.integrations.netket")
    monkeypatch.setitem(sys.modules, "netket", None)
    with refused(
        HilbertError, "acts on a Spin of netket, which cannot be imported here", "pip install 'nqx_graph[netket]'"
    ):
        sym.load(tmp_path / "a")


def test_a_form_that_is_no_netket_space(tmp_path: Path) -> None:
    described = spaces.described(Spin(1 / 2, 4), with_form=True)
    held = {
        "hilbert": {**described, "form": {**described["form"], "N": -1}},
        "ir": number(Spin(1 / 2, 4)).to_ir().as_dict(),
    }
    (tmp_path / "a").write_bytes(form.pack(held))
    with refused(IRFormatError, "is no NetKet space as data"):
        sym.load(tmp_path / "a")


def test_a_difference_of_spaces_names_their_packages() -> None:
    ours, theirs = number(sym.hilbert.Qubit(2)), number(nk.hilbert.Qubit(2))
    assert str(sym.diff(ours, theirs)) == "~ Hilbert space: Qubit(N=2) of nqx_graph -> Qubit(N=2) of netket"
    assert not sym.diff(theirs, number(nk.hilbert.Qubit(2)))
    odd = [number(Spin(1 / 2, 3, constraint=Odd())) for _ in range(2)]
    assert not sym.diff(*odd)
    assert sym.diff(odd[0], number(Spin(1 / 2, 3)))
