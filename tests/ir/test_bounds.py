"""Integers that could overflow are refused; those that cannot are not."""

import numpy as np
import pytest

import nqx_graph as sym
from nqx_graph.errors import DTypeError
from nqx_graph.ir.bounds import check_integers
from nqx_graph.space import view

S = sym.site
FOCK = sym.hilbert.Fock(20, 3)


def checked(builder, bits):
    operator = builder.build()
    check_integers(operator.to_ir(), view(operator.hilbert), bits)


def on_sites(predicate=None, update=sym.identity, amplitude=1.0, hilbert=FOCK, **arguments):
    builder = sym.DOperator(hilbert).for_each_site("i", **arguments)
    return (builder if predicate is None else builder.where(predicate)).emit(update, amplitude=amplitude)


# the largest value is in each name: 20 is the highest local state, 3 the number of sites
EXPRESSIONS = {
    "20": S("i").value,
    "20 + 7": S("i").value + 7,
    "20 + 7 (sub)": S("i").value - 7,
    "20 * 20": S("i").value * S("i").value,
    "20 ** 5": S("i").value ** 5,
    "20 * 20 + 20": sym.where(S("i") > 0, S("i").value * S("i").value, 3) + sym.source_index(2),
    "3 * 11": S("i").index * -11,
    "20 * 5": sym.dot("m"),
    "20 ** 3": sym.prod("k"),
    "9 + 20": sym.column("c").abs() + sym.wrap_mod(S("i").value * 2),
}
COLUMNS = {"m": [[1, -2, 2]] * 3, "k": [[1, 1, 1], [0, 1, 0], [0, 0, 0]], "c": [1, -9, 3]}


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_the_bound_is_the_largest_value(name):
    largest = eval(name.partition("(")[0])
    # the least number of bits that holds every integer on the way, the constants and 2 * x of wrap_mod included
    needed = max(largest, 40 if "wrap" in repr(EXPRESSIONS[name]) else 0).bit_length() + 1
    builder = on_sites(EXPRESSIONS[name] > 1000, columns=COLUMNS)
    needed = max(needed, (1000).bit_length() + 1)
    checked(builder, needed)
    if largest >= 1000:
        with pytest.raises(DTypeError, match="may reach"):
            checked(on_sites(EXPRESSIONS[name] > 1000, columns=COLUMNS), needed - 1)


def test_values_of_updates_are_followed_along_the_chain():
    chain = sym.shift("i", 1000).affine("i", scale=50, bias=-3)
    largest = (20 + 1000) * 50 + 3
    checked(on_sites(update=chain), largest.bit_length() + 1)
    with pytest.raises(DTypeError, match=r"value of affine"):
        checked(on_sites(update=chain), largest.bit_length())


def test_both_sides_of_cond_and_its_predicate_are_seen():
    huge = S("i").value * 10**6
    for update in (
        sym.cond(S("i") > 0, sym.write("i", huge)),
        sym.cond(S("i") > 0, sym.identity(), sym.scatter([0], [huge])),
        sym.cond(huge > 0, sym.identity()),
    ):
        checked(on_sites(update=update), 64)
        with pytest.raises(DTypeError, match="may reach"):
            checked(on_sites(update=update), 24)


def test_predicates_inside_amplitudes_are_seen_and_amplitudes_are_not():
    checked(on_sites(amplitude=S("i").value ** 30), 32)
    with pytest.raises(DTypeError, match="may reach"):
        checked(on_sites(amplitude=sym.where(S("i").value ** 30 > 5, 1.0, 2.0)), 64)


def test_floats_and_unbounded_spaces_are_left_alone():
    checked(on_sites(S("i").value ** 30.0 > 5), 32)
    checked(on_sites(2.0 * S("i").value > 5), 8)


def test_the_compile_refuses_and_the_mend_works():
    with pytest.raises(sym.SymbolicCompilerError, match=r"2\.0 for 2"):
        on_sites(S("i").value ** 15 > 5).build().compile()
    mended = on_sites(S("i").value ** 15.0 > 5).build().compile()
    mels = mended.get_conn_padded(np.array([0, 1, 20]))[1]
    np.testing.assert_array_equal(mels, [0.0, 0.0, 1.0])


def test_ten_thousand_nodes_are_looked_at_once():
    """A message is made of an expression only where there is something to say."""
    e = sym.site("i").value
    for _ in range(5_000):
        e = e + 1
    operator = sym.DOperator(sym.hilbert.Fock(3, 2)).for_each_site("i").where(e > 0).emit().build()
    said = []
    expr = operator.to_ir().terms[0].predicate
    original = type(expr).__repr__
    type(expr).__repr__ = lambda self: said.append(self) or original(self)
    try:
        check_integers(operator.to_ir(), view(operator.hilbert), 64)
    finally:
        type(expr).__repr__ = original
    assert said == []
