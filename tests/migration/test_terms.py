"""nkDSL's builder clauses, iterators and emissions: each row of the page beside a matrix."""

from __future__ import annotations

from itertools import permutations, product

import numpy as np
import pytest
from refusal import refused

import nqx_graph as sym
from nqx_graph import errors

from .rows import FOCK, Rows, assert_matrix, moved, rows_of_page

ROWS = Rows()
s = sym.site
SITES = range(FOCK.size)


def builder(hilbert=FOCK):
    return sym.DOperator(hilbert, "counterpart")


@ROWS.of("`globally()`")
def _():
    operator = builder().globally().emit(amplitude=sym.source_index(0) + 1).build()
    assert_matrix(operator, lambda x: [(x, x[0] + 1)])


@ROWS.of("`for_each_site(label)`")
def _():
    operator = builder().for_each_site("i").where(s("i") < 2).emit(sym.shift("i", 1), amplitude=s("i").index).build()
    assert_matrix(operator, lambda x: [(moved(x, {i: x[i] + 1}), i) for i in SITES if x[i] < 2])


@ROWS.of("`for_each_pair(label_a, label_b)`")
def _():
    operator = builder().for_each_pair("i", "j").emit(amplitude=s("i").value * s("j").index).build()
    assert_matrix(operator, lambda x: [(x, x[i] * j) for i, j in product(SITES, repeat=2)])
    assert operator.to_ir().terms[0].iterator.n_iter == 9


@ROWS.of("`for_each_distinct_pair(label_a, label_b)`")
def _():
    operator = builder().for_each_distinct_pair("i", "j").emit(amplitude=s("i").value * s("j").index).build()
    assert_matrix(operator, lambda x: [(x, x[i] * j) for i, j in permutations(SITES, 2)])


@ROWS.of("`for_each_triplet(..., over=...)`")
def _():
    over = [(0, 1, 2), (2, 0, 1)]
    operator = (
        builder()
        .for_each_triplet("a", "b", "c", over=over)
        .emit(sym.write("b", 0), amplitude=s("a").value + 3 * s("c").index)
        .build()
    )
    assert_matrix(operator, lambda x: [(moved(x, {b: 0}), x[a] + 3 * c) for a, b, c in over])


@ROWS.of("`for_each_plaquette(..., over=...)`")
def _():
    hilbert, over = sym.hilbert.Fock(2, N=4), [(0, 1, 3, 2), (3, 2, 1, 0)]
    loop = sym.shift_mod("a", 1).shift_mod("b", 1).shift_mod("c", -1).shift_mod("d", -1)
    operator = (
        builder(hilbert)
        .for_each_plaquette("a", "b", "c", "d", over=over)
        .emit(loop, amplitude=s("a").index + 1)
        .build()
    )

    def branches(x):
        for a, b, c, d in over:
            yield moved(x, {k: (x[k] + step) % 3 for k, step in ((a, 1), (b, 1), (c, -1), (d, -1))}), a + 1

    assert_matrix(operator, branches)


@ROWS.of("`for_each(labels, over=...)`")
def _():
    over = np.array([(0, 1), (2, 1)])
    operator = builder().for_each(("i", "j"), over=over).emit(sym.swap("i", "j"), amplitude=s("i").index + 1).build()
    assert_matrix(operator, lambda x: [(moved(x, {i: x[j], j: x[i]}), i + 1) for i, j in over.tolist()])


@ROWS.of("`where(predicate)`")
def _():
    """One predicate for the term, the emissions written before it included."""
    operator = builder().for_each_site("i").emit(amplitude=s("i").value + 1).where(s("i") != 1).build()
    assert_matrix(operator, lambda x: [(x, x[i] + 1) for i in SITES if x[i] != 1])


@ROWS.of("`emit(update, matrix_element=..., tag=...)`")
def _():
    operator = builder().for_each_site("i").emit(sym.write("i", 0), matrix_element=s("i").value, tag="clear").build()
    assert_matrix(operator, lambda x: [(moved(x, {i: 0}), x[i]) for i in SITES])
    assert operator.to_ir().terms[0].emissions[0].branch_tag == "clear"
    with refused(errors.ExpressionError, "amplitude=", "matrix_element="):
        builder().for_each_site("i").emit(amplitude=1.0, matrix_element=2.0)


def chained(length):
    """The first emissions of the chain: 0 goes up, 1 goes down, what is left stays."""
    draft = builder().for_each_site("i").emit_if(s("i") == 0, sym.shift("i", 1), matrix_element=2)
    if length > 1:
        draft.emit_elseif(s("i") <= 1, sym.shift("i", -1), matrix_element=3)
    if length > 2:
        draft.emit_else(matrix_element=5)
    return draft.build()


def chain(x, length):
    steps = {0: (1, 2), 1: (-1, 3), 2: (0, 5)}
    return [(moved(x, {i: x[i] + steps[x[i]][0]}), steps[x[i]][1]) for i in SITES if x[i] < length]


@ROWS.of("`emit_if(predicate, update, matrix_element=..., tag=...)`")
def _():
    assert_matrix(chained(1), lambda x: chain(x, 1))


@ROWS.of("`emit_elseif(predicate, update, matrix_element=..., tag=...)`")
def _():
    assert_matrix(chained(2), lambda x: chain(x, 2))


@ROWS.of("`emit_else(update, matrix_element=..., tag=...)`")
@ROWS.of("conditional chains with `emit_if`, `emit_elseif`, `emit_else`")
def _():
    assert_matrix(chained(3), lambda x: chain(x, 3))


@ROWS.of("`named(name)`")
def _():
    assert [term.name for term in builder().for_each_site("i").named("field").emit().build().to_ir().terms] == ["field"]


def promised(clause, k):
    """Which site holds the particle, where there is one."""
    draft = builder().for_each_site("i").where(s("i") == 2).emit(amplitude=s("i").index + 1)
    return getattr(draft, clause)(k).build().compile()


@ROWS.of("`max_conn_size(hint)`")
@ROWS.of("`fanout(hint)`")
def _():
    x = np.array([[0, 2, 1], [2, 2, 0]], dtype=np.int8)
    for clause in ("max_conn_size", "fanout"):
        compiled = promised(clause, 1)
        assert compiled.max_conn_size == 1
        np.testing.assert_array_equal(compiled.get_conn_padded(x)[1], [[2.0], [np.nan]])
        with pytest.raises(errors.CheckError, match="at most 1 active"):
            compiled.check(x)


@ROWS.of("`build()`")
def _():
    assert type(builder().globally().emit().build()) is sym.SymbolicOperator


@ROWS.of("`compile()`")
def _():
    compiled = builder().globally().emit(amplitude=3).build().compile()
    np.testing.assert_array_equal(compiled.to_dense(), 3 * np.eye(FOCK.n_states))


@ROWS.of("static rows")
def _():
    """The rows are an array of the IR, and what was given may change afterwards."""
    over = np.array([(0, 1), (2, 1)])
    operator = builder().for_each(("i", "j"), over=over).emit(amplitude=s("i").value).build()
    over[:] = 0
    assert operator.to_ir().terms[0].iterator.index_sets.tolist() == [[0, 1], [2, 1]]
    assert_matrix(operator, lambda x: [(x, x[0]), (x, x[2])])


TWO = builder().for_each_site("i").emit(amplitude=0.5).emit(sym.write("i", 0), amplitude=s("i").value).build()


@ROWS.of("several branches for one row of the iterator")
@ROWS.of("each `emit(...)` adds one branch")
def _():
    assert_matrix(TWO, lambda x: [pair for i in SITES for pair in [(x, 0.5), (moved(x, {i: 0}), x[i])]])
    assert TWO.compile().max_conn_size == 6


@ROWS.of("branches with one `x'` are merged by default")
@ROWS.of("`deduplicate_connected_components`")
def _():
    """All branches one by one by default; one slot for each x' with optimize=True. The sums are equal."""
    doubled = builder().for_each_site("i").emit(amplitude=1.0).emit(sym.write("i", 0)).emit(sym.write("i", 0)).build()
    exact, fused = doubled.compile(), doubled.compile(optimize=True)
    assert (exact.max_conn_size, fused.max_conn_size) == (9, 4)
    np.testing.assert_array_equal(exact.to_dense(), fused.to_dense())


@ROWS.of("branches of amplitude 0 and invalid ones are dropped")
def _():
    """A slot without a branch has the matrix element 0 and x' = x; get_conn and n_conn leave it out."""
    update = sym.cond(s("i") > 0, if_true=sym.write("i", 0), if_false=sym.invalidate())
    compiled = builder().for_each_site("i").emit(update, amplitude=s("i").value - 1).build().compile()
    x = np.array([0, 1, 2], dtype=np.int8)
    xp, mels = compiled.get_conn_padded(x)
    np.testing.assert_array_equal(mels, [0, 0, 1])
    np.testing.assert_array_equal(xp, [[0, 1, 2], [0, 0, 2], [0, 1, 0]])
    assert compiled.n_conn(x) == 1
    np.testing.assert_array_equal(compiled.get_conn(x)[0], [[0, 1, 0]])


@pytest.mark.parametrize("cell", ROWS)
def test_row(cell):
    ROWS[cell]()


def test_the_page_has_these_rows():
    assert sorted(ROWS) == sorted(rows_of_page("Clauses of the builder", "Iterators", "Emissions"))
