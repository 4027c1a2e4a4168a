from __future__ import annotations

import numpy as np
import pytest

import nqx_graph as sym
from nqx_graph.hilbert import Fock
from nqx_graph.stages.symbolic_fusion_planning import symbolic_fusion_planning

s = sym.site
x = s("i").value


def groups(*terms, enable_fusion=True):
    """Each term: a function of the builder with a term open on all sites (or rows of its own)."""
    builder = sym.DOperator(Fock(3, N=3), dtype="float64")
    for term in terms:
        term(builder)
    return symbolic_fusion_planning(builder.build().to_ir(), sym.SymbolicCompilerOptions(enable_fusion=enable_fusion))


def sites(update=sym.identity, amplitude=1.0, where=True, columns=None, label="i", over=((0,), (1,), (2,)), **emit):
    return lambda b: b.for_each((label,), over, columns=columns).where(where).emit(update, amplitude=amplitude, **emit)


BASE = sites(amplitude=2.0 * x)


@pytest.mark.parametrize(
    "other",
    [
        sites(amplitude=2.0 * x),
        sites(amplitude=3.0 * x),  # constants of amplitudes are data
        sites(amplitude=3 * x),
        sites(amplitude=2.0 * x, over=((2,),)),  # rows are data
        sites(amplitude=2.0 * x, tag="t"),
        lambda b: sites(amplitude=2.0 * x)(b).named("other"),
    ],
)
def test_terms_of_one_structure_share_a_group(other):
    assert groups(BASE, other) == ((0, 1),)


@pytest.mark.parametrize(
    "other",
    [
        sites(amplitude=2.0 + x),
        sites(amplitude=x * 2.0),
        sites(amplitude=x**2.0),
        sites(amplitude=2.0 * x, where=s("i") > 0),
        sites(sym.shift("i", 1), 2.0 * x),
        sites(amplitude=2.0 * x, columns={"J": [1.0, 2.0, 3.0]}),
        sites(amplitude=2.0 * s("a").value, label="a"),
        lambda b: sites(amplitude=2.0 * x)(b).emit(),
        lambda b: sites(amplitude=2.0 * x)(b).fanout(2),
    ],
)
def test_terms_of_another_structure_do_not(other):
    assert groups(BASE, other) == ((0,), (1,))


def test_exponents_and_constants_of_updates_and_predicates_are_structure():
    assert groups(sites(amplitude=x**2), sites(amplitude=x**3)) == ((0,), (1,))
    assert groups(sites(sym.shift("i", 1)), sites(sym.shift("i", 2))) == ((0,), (1,))
    assert groups(sites(where=s("i") > 0), sites(where=s("i") > 1)) == ((0,), (1,))
    assert groups(sites(amplitude=sym.symbol("a")), sites(amplitude=sym.symbol("b"))) == ((0,), (1,))


def test_entries_of_columns_are_data_and_their_shapes_are_not():
    def with_column(array):
        return sites(amplitude=1.0, columns={"m": np.asarray(array)})

    assert groups(with_column([1.0, 2.0, 3.0]), with_column([3.0, 2.0, 1.0])) == ((0, 1),)
    assert groups(with_column([1.0, 2.0, 3.0]), with_column([1, 2, 3])) == ((0,), (1,))
    assert groups(with_column([1.0, 2.0, 3.0]), with_column(np.ones((3, 3)))) == ((0,), (1,))


def test_groups_are_in_order_of_their_first_term():
    a, b, c = sites(amplitude=x), sites(amplitude=x.sqrt()), sites(amplitude=x.exp())
    assert groups(b, a, b, c, a, b) == ((0, 2, 5), (1, 4), (3,))


def test_without_fusion_every_term_is_alone():
    assert groups(BASE, BASE, BASE, enable_fusion=False) == ((0,), (1,), (2,))
    assert symbolic_fusion_planning.describe(fusion_groups=((0,), (1, 2))) == {"groups": 2}


def test_a_condition_inside_an_amplitude():
    """A constant that a select compares is as much structure as one of a predicate; it may part the terms or not, but
    terms in one group must differ in nothing but constants."""
    first = sites(amplitude=sym.where(s("i") > 1, 1.0, 2.0))
    second = sites(amplitude=sym.where(s("i") >= 1, 1.0, 2.0))
    assert groups(first, second) == ((0,), (1,))
    assert groups(first, first) == ((0, 1),)
