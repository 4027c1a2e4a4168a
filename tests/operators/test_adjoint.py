"""Adjoints and transposes on the IR: <x|A†|x'> = conj(<x'|A|x>)."""

from __future__ import annotations

from typing import Any

import numpy as np
import oracle
import paths
import pytest
import strategies
from figures import figure
from refusal import refused
from written import FLIPS, FOCK, QUBIT, READERS, SPIN, UPDATES, masked, on, reader

import nqx_graph as sym
from nqx_graph.errors import DefinitionError

s = sym.site
PROGRAMS = figure(64, 4000)
SMALL = [space for space in strategies.SPACES if len(space.local_states) ** space.size <= 9]


def same(operator: Any, truth: Any) -> None:
    np.testing.assert_allclose(paths.matrix(operator), truth, rtol=0, atol=1e-12 * max(1, np.abs(truth).max()))


def amplified(operator: Any) -> Any:
    """The same branches in a complex dtype, with amplitudes that read x and x'."""
    weight = sym.symbol("z", 0.5 - 0.25j) * (sym.source_index(0) + 2j * sym.target_index(1)) + s("i").value
    ir = operator.to_ir()
    (term,) = ir.terms
    builder = sym.DOperator(operator.hilbert, "A", dtype="complex128")
    builder.for_each(term.iterator.labels, over=term.iterator.index_sets, columns=dict(term.iterator.columns))
    for emission in term.emissions:
        builder.emit_if(emission.predicate, sym.Update(emission.update_program), amplitude=weight)
    return builder.where(term.predicate).build()


@pytest.mark.parametrize("update", [*UPDATES, *FLIPS])
def test_every_update(update: str) -> None:
    a = {**UPDATES, **FLIPS}[update]()
    for operator in (a, amplified(a)):
        truth = paths.matrix(operator)
        same(operator.adjoint(), truth.conj().T)
        same(operator.H, truth.conj().T)
        same(operator.transpose(), truth.T)
        same(operator.T, truth.T)
        same(operator.H.H, truth)


@pytest.mark.parametrize("space", [FOCK, SPIN, QUBIT], ids=["fock", "spins", "qubits"])
@pytest.mark.parametrize("read", READERS)
def test_every_expression(read: str, space: Any) -> None:
    """As amplitude and as predicate, beside an update that changes what is read."""
    b = READERS[read](space)
    (term,) = b.to_ir().terms
    a = (
        sym.DOperator(space, "A").for_each(("a", "b"), over=term.iterator.index_sets, columns=dict(term.iterator.columns))
        .where(term.predicate & (s("a") != s("b")))
        .emit(sym.shift_mod("a", space.local_states[1] - space.local_states[0]), amplitude=term.emissions[0].amplitude).build()
    )  # fmt: skip
    same(a.H, paths.matrix(a).T)
    same(b.H, paths.matrix(b).T)


@pytest.mark.parametrize("space", [SPIN, QUBIT], ids=["spins", "qubits"])
def test_flips_of_what_is_read(space: Any) -> None:
    amplitude = sym.dot("f") + 2 * sym.prod("m") + s("i").value * sym.column("w")
    a = masked(space, sym.flip("m"), amplitude, (sym.dot("m") >= 0) & (s("i").value == 1))
    same(a.H, paths.matrix(a).T)
    same(a.H @ a, paths.matrix(a).T @ paths.matrix(a))


@pytest.mark.parametrize("part", range(4))
def test_random_programs(part: int) -> None:
    done = 0
    for seed in range(part, PROGRAMS, 4):
        a = strategies.seeded(3 * seed, SMALL[seed % len(SMALL)])
        try:
            made = a.H if seed % 3 else a.T
        except DefinitionError:  # a branch may leave
            continue
        with np.errstate(all="ignore"):
            paths.assert_same(made, paths.adjoint(a, bool(seed % 3)))
        done += 1
    assert done > PROGRAMS // 10


def test_the_adjoint_of_a_product() -> None:
    a, b = amplified(UPDATES["hop"]()), amplified(UPDATES["write a read"]())
    truth = (paths.matrix(a) @ paths.matrix(b)).conj().T
    same((a @ b).H, truth)
    same(b.H @ a.H, truth)


def test_creation_is_the_adjoint_of_destruction() -> None:
    n = s("i").value
    destroy = sym.DOperator(sym.hilbert.Fock(3, 1), "b").for_each_site("i").where(n < 3)
    made = destroy.emit(sym.shift("i", 1), amplitude=(n + 1).sqrt()).build().H
    same(made, oracle.destroy(3).T)
    assert made.name == "b.H"
    (term,) = made.to_ir().terms
    (emission,) = term.emissions
    assert repr(term.predicate) == "(x[i] >= 1)"
    assert repr(emission.amplitude) == "sqrt((x'[i] + 1))"


def test_wrapping_what_is_no_local_state_is_not_undone_by_wrapping() -> None:
    """1 - 1 - 1 = -1 is no state before it wraps to 2, so what is undone step by step would miss it."""
    i = s("i").value
    a = (
        sym.DOperator(sym.hilbert.Fock(2, 1), "A")
        .for_each_site("i")
        .emit(sym.shift("i", -1).shift_mod("i", -1))
        .build()
    )
    same(a.H, paths.matrix(a).T)
    assert paths.matrix(a)[1, 2] == 1
    b = sym.DOperator(sym.hilbert.Fock(2, 1), "B").for_each_site("i").emit(sym.affine("i", bias=1).write("i", 2 - i))
    same(b.build().H, paths.matrix(b.build()).T)


def test_terms_and_columns_stay_where_nothing_follows_from_the_columns() -> None:
    a = sym.DOperator(FOCK, "A").for_each_site("i", columns={"J": [0.5, 2.0]}).where(s("i") < 2)
    a = a.emit(sym.shift("i", 1), amplitude=sym.column("J")).emit(amplitude=2 * sym.column("J")).fanout(1).build()
    made = a.H
    (term,) = made.to_ir().terms
    assert list(term.iterator.columns) == ["J"]
    assert len(term.emissions) == 2
    assert made.padded_size == 4  # the promise was one of rows, and these are columns
    couplings = np.array([1.0, 3.0])
    again = made.compile().with_columns(J=couplings).to_dense()
    one = np.diag([1.0, 1.0], -1) + 2 * np.diag([1.0, 1.0, 0.0])
    truth = sum(j * oracle.embed({site: one}, 2, 3) for site, j in enumerate(couplings))
    np.testing.assert_array_equal(again, truth)
    hidden = reader(sym.dot("f"), update=sym.shift_mod("a", 1)).H
    assert all(name.startswith("#") for term in hidden.to_ir().terms for name in term.iterator.columns)


def test_what_cannot_be_walked_back_is_refused() -> None:
    free = sym.DOperator(FOCK, "A").for_each_site("i").named("up").emit(sym.shift("i", 1)).build()
    with refused(DefinitionError, "'up'", "may leave the local states", "where(...)"):
        free.H  # noqa: B018
    space = sym.hilbert.Fock(70, 2)
    wide = sym.DOperator(space, "A").for_each_site("i").named("reset").emit(sym.write("i", 0)).build()
    with refused(DefinitionError, "'reset'", "cannot be walked back", "term of its own"):
        wide.H  # noqa: B018
    # up to 64 states are tried
    assert (
        sym.DOperator(sym.hilbert.Fock(63, 1), "A").for_each_site("i").emit(sym.write("i", 0)).build().H.padded_size
        == 64
    )


def test_moves_whose_room_depends_on_another_site_are_proved_together() -> None:
    i, j = s("i").value, s("j").value
    a = on(FOCK, sym.shift("i", j), where=(i + j <= 2) & (s("i").index != s("j").index))
    same(a.H, paths.matrix(a).T)
    same(a.H @ a, paths.matrix(a).T @ paths.matrix(a))
    with refused(DefinitionError, "may leave"):
        on(FOCK, sym.shift("i", j), where=i + j <= 3).H  # noqa: B018
