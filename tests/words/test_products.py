"""Products of words over labels, against dense matrices: every space, labels that coincide, random mode orders."""

from __future__ import annotations

import functools
import itertools
from typing import Any

import kron
import numpy as np
import pytest
from kron import assert_matrix, assert_written

import nqx_graph as sym

w = sym.words
SPIN = ["sigma_x", "sigma_y", "sigma_z", "sigma_plus", "sigma_minus"]
BOSE = ["create", "destroy", "number"]
SPACES: dict[str, tuple[Any, Any, list[str]]] = {
    "spin 1/2": (sym.hilbert.Spin(0.5, 4), kron.spins(0.5, 4), SPIN),
    "spin 1": (sym.hilbert.Spin(1, 3), kron.spins(1, 3), SPIN),
    "spin 3/2": (sym.hilbert.Spin(1.5, 2), kron.spins(1.5, 2), SPIN),
    "qubit": (sym.hilbert.Qubit(4), kron.qubits(4), SPIN + BOSE),
    "fock 1": (sym.hilbert.Fock(1, 4), kron.qubits(4), SPIN + BOSE),
    "fock 2": (sym.hilbert.Fock(2, 3), kron.bosons(2, 3), BOSE),
    "fock 4": (sym.hilbert.Fock(4, 2), kron.bosons(4, 2), BOSE),
}
each_space = pytest.mark.parametrize("space", SPACES.values(), ids=SPACES)


def added(hilbert: Any, labels: Any, rows: Any, words: Any, dtype: str = "complex128", **columns: Any) -> Any:
    """Σ over the rows of the words."""
    return sym.DOperator(hilbert, dtype=dtype).for_each(labels, over=rows, columns=columns).add(words).build()


def said(name: str, site: Any, value: Any = None) -> Any:
    return getattr(w, name)(site) if name != "projector" else w.projector(site, value)


@each_space
def test_every_word_alone(space: Any) -> None:
    hilbert, sites, names = space
    rows = [1, 0]
    calls = [(name, None) for name in names] + [("projector", state) for state in sites.states]
    weights = np.random.default_rng(1).normal(size=len(calls))
    matrices = [sum(sites.word(name, r, value) for r in rows) for name, value in calls]
    operators = [added(hilbert, "i", rows, said(name, "i", value)) for name, value in calls]
    for operator, matrix in zip(operators, matrices, strict=True):
        assert_written(operator, matrix)
    together = sum(
        c * op for c, op in zip(weights, operators, strict=True)
    )  # one kernel, each with a weight of its own
    assert_matrix(together, sum(c * matrix for c, matrix in zip(weights, matrices, strict=True)))


@each_space
@pytest.mark.parametrize("seed", range(3))
def test_random_products(space: Any, seed: int) -> None:
    """Sums of products of up to five words over two labels and a flat number, on rows with and without coincidences."""
    hilbert, sites, names = space
    rng = np.random.default_rng(seed)
    size = sites.size
    rows = rng.integers(size, size=(5, 2))
    total, expected = 0, 0
    for _ in range(3):
        chosen = [(str(rng.choice([*names, "projector"])), int(rng.integers(3))) for _ in range(rng.integers(1, 6))]
        values = [sites.states[rng.integers(len(sites.states))] for _ in chosen]
        number = complex(*rng.normal(size=2))
        product, flat = number * w.identity(), int(rng.integers(size))
        for (name, place), value in zip(chosen, values, strict=True):
            product = product * said(name, ("i", "j", flat)[place], value)
        for row in rows:
            where = (*row, flat)
            matrices = [
                sites.word(name, where[place], value) for (name, place), value in zip(chosen, values, strict=True)
            ]
            expected = expected + number * functools.reduce(np.matmul, matrices)
        total = total + product
    operator = added(hilbert, ("i", "j"), rows, total)
    assert_written(operator, expected)
    assert_written(added(hilbert, ("i", "j"), rows, total.H), np.conj(expected).T)
    if seed == 0 and sites.size == 3:
        assert_matrix(operator, expected)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("hilbert", [sym.hilbert.Qubit(5), sym.hilbert.Fock(1, 5)], ids=["qubit", "fock 1"])
def test_random_fermions(hilbert: Any, seed: int) -> None:
    """Products of fermions, numbers and hard-core bosons in a random mode order, on rows with coincidences."""
    rng, sites = np.random.default_rng(seed), kron.qubits(5)
    order = None if seed == 0 else rng.permutation(5)
    fermions, rows = w.Fermions(order), rng.integers(5, size=(9, 3))
    c = [sites.c(mode, order) for mode in range(5)]
    total, expected = 0, 0
    for _ in range(3):
        chosen = [
            (str(rng.choice(["c", "c_dag", "n", "create"])), int(rng.integers(3))) for _ in range(rng.integers(1, 6))
        ]
        number = complex(*rng.normal(size=2))
        product = number * w.identity()
        for name, place in chosen:
            made = w.create if name == "create" else getattr(fermions, name)
            product = product * made("ijk"[place])
        for row in rows:
            by_name = {
                "c": lambda site: c[site],
                "c_dag": lambda site: c[site].T,
                "n": lambda site: sites.word("number", site),
                "create": lambda site: sites.word("create", site),
            }
            matrices = [by_name[name](row[place]) for name, place in chosen]
            expected = expected + number * functools.reduce(np.matmul, matrices)
        total = total + product
    if np.any(expected):
        assert_written(added(hilbert, ("i", "j", "k"), rows, total), expected)
        assert_written(added(hilbert, ("i", "j", "k"), rows, total.H), np.conj(expected).T)
        if seed == 1:
            assert_matrix(added(hilbert, ("i", "j", "k"), rows, total), expected)


def test_fermions_anticommute_in_any_order() -> None:
    rng = np.random.default_rng(3)
    for order in (None, rng.permutation(4), rng.permutation(4)):
        f, pairs = w.Fermions(order), list(itertools.product(range(4), repeat=2))
        total = f.c("i") * f.c_dag("j") + f.c_dag("j") * f.c("i")
        assert_written(added(sym.hilbert.Qubit(4), ("i", "j"), pairs, total), 4 * np.eye(16))


def test_modes_beside_sites_that_are_none() -> None:
    """The order may leave sites out: they count for no sign."""
    sites, order = kron.qubits(5), [4, 0, 2]
    f, rows = w.Fermions(order), [(4, 2), (2, 0), (0, 0)]
    expected = sum(sites.c(i, order).T @ sites.c(j, order) for i, j in rows)
    assert_matrix(added(sym.hilbert.Qubit(5), ("i", "j"), rows, f.hop("i", "j")), expected)


def test_sites_that_are_expressions_of_an_index() -> None:
    s, sites = sym.site("i"), kron.qubits(4)
    right = sym.where(s.index < 3, s.index + 1, 0)
    words = w.sigma_x(s) * w.sigma_z(right) * w.number(2) + w.c_dag("i") * w.c(right)
    expected = sum(
        sites.at((i, sites.matrices["sigma_x"]), ((i + 1) % 4, sites.matrices["sigma_z"])) @ sites.word("number", 2)
        + sites.c(i).T @ sites.c((i + 1) % 4)
        for i in range(4)
    )
    assert_matrix(added(sym.hilbert.Qubit(4), "i", range(4), words), expected)


@pytest.mark.parametrize("s", [0.5, 1, 1.5])
def test_spin_dot(s: float) -> None:
    sites, rows = kron.spins(s, 3), [(0, 1), (2, 1), (2, 2)]
    half = {name: matrix / 2 for name, matrix in sites.matrices.items()}
    expected = sum(sites.at((i, half[name])) @ sites.at((j, half[name])) for i, j in rows for name in SPIN[:3])
    operator = added(sym.hilbert.Spin(s, 3), ("i", "j"), rows, w.spin_dot("i", "j"), dtype="float64")
    assert_matrix(operator, np.real(expected))


def test_coefficients_are_numbers_symbols_and_columns() -> None:
    sites, rows, weights = kron.spins(0.5, 3), [(0, 1), (1, 2)], [0.25, -2.0]
    J, h = sym.symbol("J", 3.0), sym.symbol("h", 0.5)
    words = (
        J * sym.column("w") * w.sigma_x("i") * w.sigma_x("j") + w.sigma_z("i") * w.sigma_z("j") / (2 * h) - J + 1 + h
    )
    operator = added(sym.hilbert.Spin(0.5, 3), ("i", "j"), rows, words, dtype="float64", w=weights)
    x, z = sites.matrices["sigma_x"], sites.matrices["sigma_z"]

    def expected(J: float, h: float) -> Any:
        return sum(
            J * c * sites.at((i, x), (j, x)) + sites.at((i, z), (j, z)) / (2 * h) + (1 + h - J) * sites.one()
            for c, (i, j) in zip(weights, rows, strict=True)
        )

    compiled = assert_matrix(operator, expected(3.0, 0.5))
    changed = compiled.with_parameters(J=-0.5, h=0.25)
    np.testing.assert_allclose(changed.to_dense(), expected(-0.5, 0.25), atol=1e-12, rtol=0)


def test_a_complex_symbol_is_conjugated_by_the_adjoint() -> None:
    sites, t = kron.bosons(2, 2), sym.symbol("t", 0.5 + 2j)
    hop = t * w.hop("i", "j")
    matrix = (0.5 + 2j) * sites.word("create", 0) @ sites.word("destroy", 1)
    operator = added(sym.hilbert.Fock(2, 2), ("i", "j"), [(0, 1)], hop + hop.H)
    assert_matrix(operator, matrix + np.conj(matrix).T)


def test_words_over_other_rows_and_predicates() -> None:
    """add() is one more emission: where() holds for it, and rows that split stay restricted and promised."""
    hilbert, sites = sym.hilbert.Fock(2, 3), kron.bosons(2, 3)
    rows = [(0, 1), (1, 1), (2, 0)]
    operator = (
        sym.DOperator(hilbert)
        .for_each(("i", "j"), over=rows)
        .add(w.hop("i", "j"), tag="hop")
        .where(sym.site("i") > 0)
        .emit(amplitude=0.5)
        .fanout(3)
        .build()
    )
    total = sum(
        np.diag(np.asarray(hilbert.all_states())[:, i] > 0)
        @ (sites.word("create", i) @ sites.word("destroy", j) + 0.5 * sites.one())
        for i, j in rows
    )
    assert_matrix(operator, total)
    assert [term.name for term in operator.to_ir().terms] == ["0", "0.1", "0.2"]
    assert [term.fanout for term in operator.to_ir().terms] == [3, 2, 1]
    assert {e.branch_tag for term in operator.to_ir().terms[1:] for e in term.emissions} == {"hop"}


def test_large_occupations_of_int8_samples() -> None:
    hilbert = sym.hilbert.Fock(100, 2)
    operator = (
        sym.DOperator(hilbert).for_each(("i", "j"), over=[(0, 1)]).add(w.hop("i", "j") + w.number("i") ** 2).build()
    )
    xp, mels = operator.compile().get_conn_padded(np.array([[100, 90], [1, 100], [0, 3]], dtype=np.int8))
    found = [
        dict(zip(map(tuple, np.asarray(row).tolist()), m.tolist(), strict=True))
        for row, m in zip(xp, mels, strict=True)
    ]
    assert found[0] == {(99, 91): np.sqrt(100 * 91), (100, 90): 100.0**2}
    assert found[1] == {(1, 100): 1.0}
    assert found[2] == {(0, 3): 0.0}
