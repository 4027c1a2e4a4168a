"""Terms of one shape as one: what is merged, by its text before and after, and in whose words errors are told."""

from __future__ import annotations

import attrs
import numpy as np
import pytest

import nqx_graph as sym
from nqx_graph.errors import CheckError, DTypeError, RowsError, SymbolicCompilerError
from nqx_graph.hilbert import Fock, Qubit
from nqx_graph.ir.merging import constants, every_shape, merge, mergeable, merged_operator, runs, shapes
from nqx_graph.ir.rules import check_operator
from nqx_graph.ir.types import KBodyIteratorSpec

s = sym.site
n = s("i").value
FOCK = Fock(3, N=4)


def ir_of(*terms, dtype="float64", hilbert=FOCK):
    """Each term: a function of the builder."""
    builder = sym.DOperator(hilbert, "o", dtype=dtype)
    for term in terms:
        term(builder)
    return builder.build().to_ir()


def at(amplitude, over=((0,), (1,)), update=sym.identity, where=True, columns=None, name=None, tag=None):
    def write(b):
        b.for_each(("i",), over, columns=columns).where(where).emit(update, amplitude=amplitude, tag=tag)
        return b.named(name) if name else b

    return write


def test_the_text_before_and_after():
    ir = ir_of(at(2.0 * n, name="a"), at(0.5 * n, over=((3,),), name="b", tag="t"))
    assert (shapes(ir), runs(ir)) == (((0, 1),), ((0, 1),))
    merged, parts = merged_operator(ir, runs(ir))
    assert str(ir) == (
        'symbolic.operator @"o" [dtype=float64, hermitian=false, hilbert_size=4] {\n'
        "  ; 2 term(s)\n\n"
        '  term #0 "a" [kbody, n_iter=2, fanout=2] {\n'
        "    iterate: for (i,) in [(0,), (1,)]\n"
        "    emit #0:\n"
        "      update:    x' = x\n"
        "      amplitude: (2.0 * x[i])\n"
        "  }\n\n"
        '  term #1 "b" [kbody, n_iter=1, fanout=1] {\n'
        "    iterate: for (i,) in [(3,)]\n"
        "    emit #0 [tag='t']:\n"
        "      update:    x' = x\n"
        "      amplitude: (0.5 * x[i])\n"
        "  }\n\n"
        "}"
    )
    assert str(merged) == (
        'symbolic.operator @"o" [dtype=float64, hermitian=false, hilbert_size=4] {\n'
        "  ; 1 term(s)\n\n"
        '  term #0 "a" [kbody, n_iter=3, fanout=3] {\n'
        "    iterate: for (i,) in [(0,), (1,), (3,)]\n"
        "    column:  #0 [3] float64\n"
        "    emit #0:\n"
        "      update:    x' = x\n"
        "      amplitude: (#0[row] * x[i])\n"
        "  }\n\n"
        "}"
    )
    assert parts[0].term.iterator.columns["#0"].tolist() == [2.0, 2.0, 0.5]
    assert [parts[0].origin(row) for row in range(3)] == [(0, 0), (0, 1), (1, 0)]


def test_what_is_equal_stays_a_constant():
    term = merge(ir_of(at(2.0 * n + 1.0), at(2.0 * n + 3.0)), (0, 1)).term
    assert list(term.iterator.columns) == ["#0"]
    assert term.iterator.columns["#0"].tolist() == [1.0, 1.0, 3.0, 3.0]
    term = merge(ir_of(at(2.0 * n), at(2.0 * n, over=((2,),))), (0, 1)).term
    assert dict(term.iterator.columns) == {}
    assert term.emissions[0].amplitude.same_as(2.0 * n)


def test_one_term_is_itself():
    ir = ir_of(at(n), at(n.sqrt()))
    assert shapes(ir) == ((0,), (1,))
    assert merge(ir, (1,)).term is ir.terms[1]
    assert merged_operator(ir, shapes(ir))[0] is ir
    assert merge(ir, (1,)) is merge(ir, [1])  # remembered


def test_numbers_that_python_takes_for_equal_are_told_apart():
    ir = ir_of(at(1 * n), at(1.0 * n), at(-0.0 * n), at(0.0 * n))
    assert shapes(ir) == ((0, 1, 2, 3),)
    column = merge(ir, (0, 1, 2, 3)).term.iterator.columns["#0"]
    assert column.dtype == np.float64
    assert column.tolist() == [1, 1, 1, 1, 0, 0, 0, 0]
    assert np.signbit(column).tolist() == [False] * 4 + [True] * 2 + [False] * 2
    # an exponent decides which kernel is made: a whole one multiplies, another one is a power
    assert shapes(ir_of(at(n**2), at(n**2.0))) == ((0,), (1,))
    assert shapes(ir_of(at(n, where=n > 1), at(n, where=n > 1.0))) == ((0,), (1,))
    assert shapes(ir_of(at(n, where=n > 0.0), at(n, where=n > -0.0))) == ((0,), (1,))


def test_numbers_are_those_of_the_operator():
    column = merge(ir_of(at(0.1 * n), at(3 * n), dtype="float32"), (0, 1)).term.iterator.columns["#0"]
    assert column.dtype == np.float32
    assert column.tolist() == [np.float32(0.1)] * 2 + [3] * 2
    column = merge(ir_of(at(1j * n), at(3 * n), dtype="complex128"), (0, 1)).term.iterator.columns["#0"]
    assert column.tolist() == [1j, 1j, 3, 3]
    column = merge(ir_of(at(2**62 * n), at(3 * n), dtype="int64"), (0, 1)).term.iterator.columns["#0"]
    assert column.tolist() == [2**62, 2**62, 3, 3]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (n**2, n**3),
        (sym.where(n > 1, n, 0.0), sym.where(n > 2, n, 0.0)),
        (sym.where(n > 2, 2, n), sym.where(n > 1, 1, n)),  # compared, and computed with
        (n**2 + 2, n**3 + 3),  # an exponent, and computed with
        (sym.source_index(1) * n, sym.source_index(2) * n),
        (sym.symbol("a") * n, sym.symbol("b") * n),
        (sym.symbol("a", default=1) * n, sym.symbol("a", default=1.0) * n),
        (2.0 * n, n * 2.0),
        (2.0 * n, -n),
        (2.0 * n, 2.0 * s("i").index),
    ],
)
def test_what_decides_how_the_kernel_is_made_is_structure(first, second):
    assert shapes(ir_of(at(first), at(second))) == ((0,), (1,))


def test_a_number_that_also_names_a_site_is_structure():
    """``2 * x[2]`` holds the 2 once, and the site of a term cannot be read from a column."""
    ir = ir_of(at(1 * sym.source_index(1)), at(2 * sym.source_index(2)))
    assert shapes(ir) == ((0,), (1,))
    assert constants((2 * sym.source_index(2)).table) == ()
    assert shapes(ir_of(at(1 * sym.target_index(1)), at(2 * sym.target_index(2)))) == ((0,), (1,))
    operator = sym.DOperator(FOCK)
    for site in (1, 2):
        operator = operator.globally().emit(amplitude=site * sym.source_index(site))
    for optimize in (False, True):
        mels = operator.build().compile(cache=False, optimize=optimize).get_conn_padded(np.array([0, 1, 2, 3]))[1]
        assert np.sum(mels) == 1 * 1 + 2 * 2


def test_sides_of_a_choice_are_numbers():
    term = merge(ir_of(at(sym.where(n > 2, 0.5, n)), at(sym.where(n > 2, 1.5, n))), (0, 1)).term
    assert str(term.emissions[0].amplitude) == "where((x[i] > 2), #0[row], x[i])"


def test_several_constants_of_several_emissions_are_columns_of_their_own():
    def term(a, b, c):
        return lambda o: o.for_each_site("i").emit(amplitude=a * n + b).emit(sym.shift_mod("i", 1), amplitude=c)

    made = merge(ir_of(term(1.0, 2.0, 3.0), term(4.0, 2.0, 6.0)), (0, 1)).term
    assert [str(emission.amplitude) for emission in made.emissions] == ["((#0[row] * x[i]) + 2.0)", "#1[row]"]
    assert made.iterator.columns["#0"].tolist() == [1.0] * 4 + [4.0] * 4
    assert made.iterator.columns["#1"].tolist() == [3.0] * 4 + [6.0] * 4


def test_columns_are_put_one_under_another_and_keep_their_term_to_itself():
    w = sym.column("w")
    ir = ir_of(at(2.0 * w, columns={"w": [1.0, 2.0]}), at(3.0 * w, columns={"w": [4.0]}, over=((3,),)))
    assert shapes(ir) == ((0, 1),)
    assert not any(map(mergeable, ir.terms))  # a column may be given anew, by its term
    assert runs(ir) == ((0,), (1,))
    columns = merge(ir, (0, 1)).term.iterator.columns
    assert {name: array.tolist() for name, array in columns.items()} == {"#1": [2, 2, 3], "w": [1, 2, 4]}
    others = [{"w": [1, 2]}, {"v": [1.0, 2.0], "w": [1.0, 2.0]}, {"w": np.ones((2, 4))}]
    for other in others:
        assert shapes(ir_of(at(n, columns={"w": [1.0, 2.0]}), at(n, columns=other))) == ((0,), (1,))


def test_a_promise_is_one_of_its_own_term():
    def term(k):
        return lambda b: b.for_each_site("i").emit(amplitude=n).fanout(k)

    ir = ir_of(term(2), term(3), term(4), lambda b: b.for_each_site("i").emit(amplitude=n))
    assert shapes(ir) == ((0, 1), (2, 3))
    assert runs(ir) == ((0,), (1,), (2, 3))
    assert merge(ir, (0, 1)).term.fanout_hint == 5
    assert merge(ir, (2, 3)).term.fanout == 8


def test_runs_are_neighbours_and_shapes_need_not_be():
    a, b = at(2.0 * n), at(n.sqrt())
    ir = ir_of(a, a, b, a, b, b, b)
    assert shapes(ir) == ((0, 1, 3), (2, 4, 5, 6))
    assert runs(ir) == ((0, 1), (2,), (3,), (4, 5, 6))
    merged, parts = merged_operator(ir, shapes(ir))
    assert [term.iterator.n_iter for term in merged.terms] == [6, 8]
    assert [parts[0].origin(row) for row in (0, 1, 2, 5)] == [(0, 0), (0, 1), (1, 0), (3, 1)]
    assert [part.positions for part in every_shape(ir)] == [(0, 1, 3), (2, 4, 5, 6)]


def test_five_terms_of_one_shape_and_the_third_is_wrong():
    """What is found in the merged term is told in the words of the one that it came from."""
    ir = ir_of(*(at(k * 0.5 * n, name=f"t{k}", over=((k,), (0,))) for k in range(4)), at(2.5 * n, name="t4"))
    terms = list(ir.terms)
    terms[2] = attrs.evolve(terms[2], iterator=KBodyIteratorSpec(("i",), [[1], [9]]))
    with pytest.raises(RowsError, match=r"term 't2'.*row 1") as caught:
        check_operator(attrs.evolve(ir, terms=terms))
    assert "9" in str(caught.value)


def test_a_number_that_the_operator_cannot_hold_is_told_of_its_own_term():
    ir = ir_of(*(at(k * n, name=f"t{k}") for k in range(2, 7)), dtype="int32")
    wrong = ir_of(at(2**40 * n, name="t4"), dtype="int64").terms[0]
    with pytest.raises(DTypeError, match=r"emission #0 of term 't4' has 1099511627776, which int32 cannot hold"):
        check_operator(attrs.evolve(ir, terms=[*ir.terms[:2], wrong, *ir.terms[3:]]))
    complex_one = ir_of(at(2j * n, name="t4"), dtype="complex128").terms[0]
    with pytest.raises(DTypeError, match=r"term 't4'"):
        real = ir_of(*(at(k * n, name=f"t{k}") for k in (2.0, 3.0)))
        check_operator(attrs.evolve(real, terms=[*real.terms, complex_one]))


def test_whole_numbers_that_grow_too_large_are_told_of_their_own_term():
    builder = sym.DOperator(FOCK)
    for k, largest in enumerate([1, 2, 100, 1, 100]):
        builder.for_each(("i",), [(0,), (1,)], columns={"k": [1, largest]}).named(f"t{k}")
        builder.where(sym.column("k") * 2**60 > n).emit(amplitude=n)
    with pytest.raises(SymbolicCompilerError, match="term 't2'"):
        builder.build().compile(cache=False)


@pytest.mark.parametrize("optimize", [False, True])
def test_check_names_the_term_and_row_that_a_merged_row_came_from(optimize):
    builder = sym.DOperator(FOCK)
    for k in range(5):
        builder.for_each(("i",), [((k + 1) % 4,), (k % 4,)]).named(f"t{k}")
        builder.emit(amplitude=0.5 * k).emit_if(n > k, sym.shift("i", 1), amplitude=1.0 + k, tag="up")
    compiled = builder.build().compile(cache=False, optimize=optimize)
    assert compiled.check(np.array([[0, 0, 2, 2], [1, 0, 0, 0]])) is None
    with pytest.raises(CheckError) as caught:
        compiled.check(np.array([[0, 0, 0, 0], [0, 0, 3, 2]]))
    error = caught.value
    assert (error.term, error.row, error.emission, error.tag, error.sample) == ("t1", 0, 1, "up", (1,))
    assert "term 't1', row 0 (i=2), emission #1 ('up')" in str(error)


def test_the_branches_of_a_run_keep_their_order():
    rng = np.random.default_rng(0)
    weights = rng.normal(size=5)
    builder = sym.DOperator(Qubit(4))
    for k, weight in enumerate(weights):
        builder.for_each(("i",), [(k % 4,), ((k + 2) % 4,)]).emit(amplitude=weight * n).emit(sym.shift_mod("i", 1))
    operator = builder.build()
    assert runs(operator.to_ir()) == (tuple(range(5)),)
    x = np.array([[1, 0, 1, 1], [0, 1, 1, 0]], dtype=np.int8)
    options = sym.SymbolicCompilerOptions(backend_preference="numpy")
    truth = operator.compile(cache=False, options=options).get_conn_padded(x)
    for ours, theirs in zip(operator.compile(cache=False).get_conn_padded(x), truth, strict=True):
        np.testing.assert_array_equal(ours, theirs)
