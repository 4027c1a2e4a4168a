"""Streams: constants taken out of amplitudes, equal rows added up, opposite ones gone."""

from __future__ import annotations

import numpy as np
import pytest

import nqx_graph as sym
from nqx_graph.fusion.streams import ONE, split
from nqx_graph.hilbert import Fock, Spin
from nqx_graph.ir.expr import as_amplitude
from nqx_graph.ir.merging import shapes

s = sym.site
n = s("i").value
J, K = sym.symbol("J", default=2.0), sym.symbol("K", default=3.0)
FOCK = Fock(3, N=4)


def streams(*terms, dtype="float64", may_vanish=True):
    builder = sym.DOperator(FOCK, "o", dtype=dtype)
    for term in terms:
        term(builder)
    ir = builder.build().to_ir()
    return split(ir, shapes(ir), lambda stream: may_vanish)


def at(amplitude, over=((0,), (1,)), update=sym.identity, where=True, columns=None):
    return lambda b: b.for_each(("i",), over, columns=columns).where(where).emit(update, amplitude=amplitude)


def alone(amplitude, **options):
    made, promised = streams(at(amplitude), **options)
    assert promised == []
    assert len(made) == 1
    return made[0]


@pytest.mark.parametrize(
    ("amplitude", "factor", "symbols", "core"),
    [
        (2.0, 2.0, (), "1"),
        (-(2.0 * n), -2.0, (), "x[i]"),
        (2.0 * n * 3, 6.0, (), "x[i]"),
        (n / 4, 0.25, (), "x[i]"),
        (-n / 4 * (2 * n), -0.5, (), "(x[i] * x[i])"),
        (J * n, 1.0, ("J",), "x[i]"),
        (-0.5 * J * K * J, -0.5, ("J", "J", "K"), "1"),
        (J / 8, 0.125, ("J",), "1"),
        (1 / n, 1.0, (), "(1 / x[i])"),
        (2 / J, 1.0, (), "(2 / $J)"),
        (2.0 * (n + 1.0), 2.0, (), "(x[i] + 1.0)"),
        ((2.0 * n).sqrt() * 3.0, 3.0, (), "sqrt((2.0 * x[i]))"),
        ((3.0 * n) ** 2, 1.0, (), "((3.0 * x[i]) ** 2)"),
    ],
)
def test_what_stands_at_the_top_of_an_amplitude(amplitude, factor, symbols, core):
    stream = alone(amplitude)
    assert stream.factor.tolist() == [factor, factor]
    assert stream.factor.dtype == np.float64
    assert tuple(sorted(stream.symbols)) == symbols
    assert stream.core.same_as(ONE) if core == "1" else str(stream.core) == core
    ours = eval_at(stream, x=1.5)
    assert ours == pytest.approx(eval_amplitude(amplitude, 1.5), rel=1e-15)


def test_summands_part_where_x_is_kept():
    """All branches of the diagonal slot are added up anyway; elsewhere a sum is one core."""
    made, _ = streams(at(2.0 * n * (n - 1) - 0.5 * n + J))
    found = {str(stream.core): (stream.factor.tolist(), stream.symbols) for stream in made}
    assert found == {"(x[i] * (x[i] - 1))": ([2.0, 2.0], ()), "x[i]": ([-0.5, -0.5], ()), "1": ([1.0, 1.0], ("J",))}
    moving, _ = streams(at(2.0 + n, update=sym.shift("i", 1)))
    assert [str(stream.core) for stream in moving] == ["(2.0 + x[i])"]


def test_columns_multiply_like_symbols():
    (stream,), _ = streams(at(-2.0 * sym.column("w") * n, columns={"w": [1.0, 5.0]}))
    assert (stream.weights, stream.factor.tolist(), str(stream.core)) == (("w",), [-2.0, -2.0], "x[i]")


def eval_amplitude(amplitude, x):
    """An amplitude on one number, by Python's arithmetic."""
    values = []
    functions = {
        "add": lambda a, b: a + b, "sub": lambda a, b: a - b, "mul": lambda a, b: a * b, "div": lambda a, b: a / b,
        "pow": lambda a, b: a**b, "neg": lambda a: -a, "sqrt": lambda a: a**0.5,
    }  # fmt: skip
    for row in as_amplitude(amplitude).table:
        given = [values[arg] for arg in row.args]
        if row.op in functions:
            values.append(functions[row.op](*given))
        else:
            values.append({"const": row.data[0], "site": x, "symbol": {"J": 2.0, "K": 3.0}.get(row.data[0])}[row.op])
    return values[-1]


def eval_at(stream, x):
    made = stream.factor[0] * eval_amplitude(stream.core, x)
    for name in stream.symbols:
        made *= {"J": 2.0, "K": 3.0}[name]
    return made


@pytest.mark.parametrize(
    "amplitude",
    [1e-200 * n * 1e-200, 1e200 * n * 1e200, n / 1e-200 / 1e-200, 1e-160 * (n / 1e160), 0.0 * n / 0.0],
)
def test_products_that_leave_the_normal_numbers_are_multiplied_as_written(amplitude):
    stream = alone(amplitude, may_vanish=False)
    assert np.isfinite(stream.factor).all()
    assert np.all((stream.factor == 0) | (np.abs(stream.factor) >= np.finfo(float).tiny))


def test_whole_and_complex_operators():
    stream = alone(2 * n * -3, dtype="int64")
    assert stream.factor.tolist() == [-6, -6]
    assert stream.factor.dtype == np.int64
    stream = alone(2j * n * -1j, dtype="complex128")
    assert stream.factor.tolist() == [2, 2]
    assert alone(0.1 * n, dtype="float32").factor[0] == np.float32(0.1)


def test_streams_that_differ_in_rows_and_factors_are_one():
    made, _ = streams(at(2.0 * n), at(n * 3.0, over=((3,), (1,))), at(-n, over=((2,),)), at(2.0 * n.sqrt()))
    assert [stream.n_rows for stream in made] == [4, 2]
    assert made[0].term.iterator.index_sets.tolist() == [[0], [1], [3], [2]]
    assert made[0].factor.tolist() == [2.0, 5.0, 3.0, -1.0]


def test_what_may_not_be_one():
    for other in (
        at(2.0 * n, where=n > 0), at(2.0 * n, update=sym.shift_mod("i", 1)), at(J * n), at(2.0 * n * n),
        lambda b: b.for_each(("j",), ((0,),)).emit(amplitude=s("j").value),
    ):  # fmt: skip
        assert len(streams(at(2.0 * n), other)[0]) == 2


def test_a_predicate_of_the_term_and_of_the_emission_are_one_predicate():
    def term(b):
        return b.for_each(("i",), ((2,),)).where(n > 1).emit_if(n < 3, amplitude=n)

    made, _ = streams(term, term, lambda b: b.for_each(("i",), ((1,),)).where((n > 1) & (n < 3)).emit(amplitude=n))
    assert [stream.factor.tolist() for stream in made] == [[2.0, 1.0]]


@pytest.mark.parametrize(
    "terms",
    [
        (at(n), at(-n)),
        (at(0.5 * n), at(n * -0.5)),
        (at(J * n), at(n * -J)),
        (at(J * K * n), at(-1 * n * 1) , at(K * n * J * -1), at(n)),
        (at(0.0 * n),),
        (at(1.0, over=((0,), (0,))), at(-2.0, over=((0,),))),
    ],
)  # fmt: skip
def test_opposite_ones_cancel(terms):
    assert sum(stream.n_rows for stream in streams(*terms)[0]) <= (1 if len(terms) == 4 else 0)


def test_some_rows_cancel():
    made, _ = streams(at(n, over=((0,), (1,), (2,))), at(-n, over=((1,),)))
    assert made[0].term.iterator.index_sets.tolist() == [[0], [2]]


def test_a_branch_that_may_be_nan_stays_though_its_factor_is_0():
    made, _ = streams(at(n.log()), at(-1 * n.log()), may_vanish=False)
    # nor do they meet before they are computed: infinity less infinity is NaN
    assert [stream.factor.tolist() for stream in made] == [[1.0, 1.0, -1.0, -1.0]]


def test_a_promise_stays_as_it_is():
    def promise(k):
        return lambda b: b.for_each_site("i").emit(amplitude=n).fanout(k)

    made, promised = streams(promise(2), at(n), promise(4), promise(3))
    assert promised == [0, 3]
    assert sum(stream.n_rows for stream in made) == 4


def test_rows_of_columns_are_named_by_their_order():
    made, _ = streams(
        at(2.0 * sym.column("w"), columns={"w": [1.0, 5.0]}), at(sym.column("w"), columns={"w": [1.0, 5.0]})
    )
    assert [(stream.source, stream.factor.tolist()) for stream in made] == [(0, [2.0, 2.0]), (1, [1.0, 1.0])]
    part = made[0].take(np.array([1]))
    assert part.order.tolist() == [1]
    assert part.term.iterator.columns["w"].tolist() == [1.0, 5.0]
    assert part.take(np.array([0])).order.tolist() == [1]
    assert made[0].take(np.array([0, 1])) is made[0]


def test_hidden_columns_go_with_their_rows():
    made, _ = streams(at((n + 1.0).sqrt(), over=((0,),)), at((n + 2.0).sqrt(), over=((1,),)))
    (stream,) = made
    assert stream.term.iterator.columns["#0"].tolist() == [1.0, 2.0]
    part = stream.take(np.array([1]))
    assert (part.term.iterator.columns["#0"].tolist(), part.order) == ([2.0], None)


def test_a_long_product_is_taken_apart_without_recursion():
    amplitude = n
    for _ in range(5000):
        amplitude = -1 * amplitude
    assert alone(amplitude).factor.tolist() == [1.0, 1.0]
    for _ in range(3000):
        amplitude = amplitude * (n + 1.0)
    assert alone(amplitude).n_rows == 2


def test_another_space():
    spins = (
        sym.DOperator(Spin(0.5, 2)).for_each_pair("i", "j").emit(amplitude=s("i").value * s("j").value).build().to_ir()
    )
    (stream,), _ = split(spins, shapes(spins), lambda _: True)
    assert stream.n_rows == 4
