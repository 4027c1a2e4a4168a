"""What words become: the emissions, columns and terms, read in the text of the IR; and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import nqx_graph as sym
from nqx_graph.ranges.terms import term_ranges
from nqx_graph.space import view
from words.branches import SWAP, branches

w = sym.words
SPIN, QUBIT, FOCK = sym.hilbert.Spin(0.5, 4), sym.hilbert.Qubit(4), sym.hilbert.Fock(3, 4)
PAIRS = [(0, 1), (1, 2)]


def test_complex_numbers_that_multiply_out_to_real_ones_are_real() -> None:
    t = sym.symbol("t", 1.0)
    words = 1j * t * (w.sigma_plus("i") * w.sigma_minus("j") - w.sigma_minus("i") * w.sigma_plus("j"))
    with pytest.raises(
        sym.errors.DTypeError, match=r"the words of term '0' has the complex number .* Give dtype='complex128'"
    ):
        branches(SPIN, words)
    assert branches(SPIN, 1j * t * w.sigma_y("i") * w.sigma_z("i")) == ["x'[i] = (-1 * x'[i] + 0) | (-$t)"]


def test_conjugated_symbols_of_a_real_operator_are_what_they_are() -> None:
    hop = sym.symbol("t", 1.0) * w.hop("i", "j")
    assert branches(QUBIT, hop + hop.H) == [SWAP + " | $t"]
    assert len(branches(QUBIT, hop + hop.H, dtype="complex128")) == 2


def test_rows_on_which_labels_coincide_are_terms_of_their_own() -> None:
    assert branches(FOCK, w.hop("i", "j"), [(0, 1), (2, 2)])[1:] == ["x' = x | x[i]"]
    raised = "((x[i] == 1) & (x[j] == 1)) | x'[i] = (-1 * x'[i] + 0); x'[j] = (-1 * x'[j] + 0) | 1.0"
    assert branches(SPIN, w.sigma_plus("i") * w.sigma_plus("j"), [(0, 1), (2, 2)]) == [raised]


def test_signs_of_pairs_are_a_column_and_not_more_terms() -> None:
    rows = [(0, 3), (3, 1), (1, 2)]
    builder = sym.DOperator(QUBIT).for_each(("i", "j"), over=rows, columns={"sign": [1.0, 2.0, 3.0]})
    (term,) = builder.add(w.c("i") * w.c("j")).add(w.c_dag("j") * w.c_dag("i")).build().to_ir().terms
    assert {name: array.tolist() for name, array in term.iterator.columns.items()} == {
        "jordan_wigner": [[0, 1, 1, 0], [0, 0, 1, 0], [0, 0, 0, 0]],
        "sign": [1.0, 2.0, 3.0],
        "sign_2": [-1, 1, -1],
    }
    assert [str(e.amplitude) for e in term.emissions] == [
        "(sign_2[row] * (1 - (2 * wrap_mod(dot(jordan_wigner, x)))))"
    ] * 2


def test_a_term_may_have_words_and_emissions() -> None:
    term = (
        sym.DOperator(SPIN).for_each_site("i").emit(tag="one").add(w.sigma_x("i"), tag="two").emit_if(True, tag="three")
    )
    assert [e.branch_tag for e in term.build().to_ir().terms[0].emissions] == ["one", "two", "three"]


@pytest.mark.parametrize(
    ("add", "kind", "message"),
    [
        (
            lambda op: op.add(sym.shift("i", 1)),
            sym.errors.ExpressionError,
            "add takes words such as .* was given <update",
        ),
        (
            lambda op: op.add(w.create("k")),
            sym.errors.LabelError,
            r"the words of term '0' uses the label 'k'; bound are 'i'",
        ),
        (lambda op: op.add(w.create(4)), sym.errors.RowsError, "the site number 4 is 4"),
        (
            lambda op: op.add(w.create("i"), tag=1),
            sym.errors.ExpressionError,
            "the tag of the words of term '0' must be text",
        ),
        (
            lambda op: op.add(sym.column("J") * w.create("i")),
            sym.errors.LabelError,
            "the words of term '0' uses the column 'J'",
        ),
        (lambda op: op.add(w.sigma_x("i")), sym.errors.HilbertError, "the words of term '0': sigma_x acts on spins"),
        (
            lambda op: op.add(w.c("i")),
            sym.errors.HilbertError,
            r"fermions need modes with the local states 0 and 1; .* site 0",
        ),
        (
            lambda op: op.add(w.create("i")).emit_else(),
            sym.errors.DefinitionError,
            "emit_else in term '0' follows no emit_if",
        ),
    ],
)
def test_what_is_refused(add: Any, kind: type, message: str) -> None:
    with pytest.raises(kind, match=message):
        add(sym.DOperator(FOCK).for_each_site("i"))


@pytest.mark.parametrize(
    "operator",
    [
        sym.models.xxz(sym.hilbert.Spin(1.5, 3), PAIRS),
        sym.models.bose_hubbard(sym.hilbert.Fock(300, 3), PAIRS),
        sym.models.t_j(sym.hilbert.Qubit(6), PAIRS),
        sym.models.u1_gauge(sym.hilbert.Spin(1, 8), (2, 2)),
        sym.DOperator(FOCK)
        .for_each(("i", "j"), over=[(0, 1), (2, 2)])
        .add((w.create("i") ** 2) * w.destroy("j"))
        .build(),
    ],
    ids=lambda operator: operator.name,
)
def test_it_is_proved_that_no_branch_leaves(operator: Any) -> None:
    """So that no test is emitted for it, whatever `on_out_of_domain` says."""
    ir, space = operator.to_ir(), view(operator.hilbert)
    ranges = [emission for term in ir.terms for emission in term_ranges(term, space, ir.dtype_str).emissions]
    assert [emission.leaves for emission in ranges] == [False] * len(ranges)
    assert not any(emission.never for emission in ranges)


def test_fermions_have_one_order_and_act_on_modes() -> None:
    builder = sym.DOperator(QUBIT).for_each(("i", "j"), over=PAIRS)
    with pytest.raises(
        sym.errors.DefinitionError, match="the fermions have 2 orders of their modes; an operator has one"
    ):
        builder.add(w.c("i") + w.c("j", order=[3, 2, 1, 0]))
    with pytest.raises(
        sym.errors.DefinitionError, match="a fermion acts on site 0, which the order of the modes leaves out"
    ):
        builder.add(w.c("i", order=[3, 2, 1]))


def test_long_products_are_refused_and_long_sums_are_not() -> None:
    wide = sym.hilbert.Spin(0.5, 20)
    string = w.identity()
    for site in range(17):
        string = string * w.sigma_z(site)
    with pytest.raises(sym.errors.DefinitionError, match="acts on more than 16 sites; write longer strings by columns"):
        sym.DOperator(wide).globally().add(string)
    total = sum(w.sigma_x(site) * w.sigma_z((site + 1) % 20) for site in range(20))
    assert len(sym.DOperator(wide).globally().add(total).build().to_ir().terms[0].emissions) == 20


def test_ten_thousand_rows_have_few_terms() -> None:
    rng = np.random.default_rng(0)
    f, rows = w.Fermions(rng.permutation(100)), rng.integers(100, size=(10_000, 2))
    builder = sym.DOperator(sym.hilbert.Qubit(100)).for_each(("i", "j"), over=rows)
    ir = builder.add(f.hop("i", "j") + f.c("i") * f.c("j")).build().to_ir()
    assert sum(term.iterator.n_iter for term in ir.terms) == 10_000
    assert ir.term_count == 3
