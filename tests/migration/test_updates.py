"""nkDSL's updates: each row of the page beside a matrix."""

from __future__ import annotations

import pytest
from refusal import refused

import nqx_graph as sym
from nqx_graph import errors

from .rows import FOCK, SPIN, Rows, assert_matrix, moved, rows_of_page

ROWS = Rows()
s = sym.site
SITES = range(FOCK.size)
WEIGHT = s("i").index + 1


def on_sites(update, hilbert=FOCK, where=True):
    """Σᵢ (i + 1) |x><x'|, one row a site."""
    return sym.DOperator(hilbert, "u").for_each_site("i").where(where).emit(update, amplitude=WEIGHT).build()


def globally(update):
    return sym.DOperator(FOCK, "u").globally().emit(update, amplitude=2.5).build()


def steps(change, allowed=lambda v: True):
    """The branches of one site after another, by what becomes of its value."""
    return lambda x: [(moved(x, {i: change(x[i])}), i + 1) for i in SITES if allowed(x[i])]


@ROWS.of("`identity()`")
def _():
    assert_matrix(on_sites(sym.identity()), steps(lambda v: v))
    without = sym.DOperator(FOCK, "u").for_each_site("i").emit(amplitude=WEIGHT).build()
    assert_matrix(without, steps(lambda v: v))


@ROWS.of("`shift(site, delta)`")
def _():
    """A second step reads what the first wrote."""
    assert_matrix(on_sites(sym.shift("i", -1), where=s("i") > 0), steps(lambda v: v - 1, lambda v: v > 0))
    twice = sym.shift("i", 1).shift("i", 1)
    assert_matrix(on_sites(twice, where=s("i") == 0), steps(lambda v: v + 2, lambda v: v == 0))


@ROWS.of("`shift_mod(site, delta)`")
def _():
    assert_matrix(on_sites(sym.shift_mod("i", -2)), steps(lambda v: (v - 2) % 3))
    assert_matrix(on_sites(sym.shift_mod("i", 2), SPIN), steps(lambda v: -v))


@ROWS.of("`write(site, value)`")
def _():
    """Values are read from x, whatever was written before."""
    update = sym.write(0, sym.source_index(1)).write(1, sym.source_index(0))
    assert_matrix(globally(update), lambda x: [([x[1], x[0], x[2]], 2.5)])


@ROWS.of("`swap(site_a, site_b)`")
def _():
    assert_matrix(globally(sym.swap(0, 2)), lambda x: [([x[2], x[1], x[0]], 2.5)])


@ROWS.of("`permute(site_a, site_b, ...)`")
def _():
    """The first site gets what the second had."""
    assert_matrix(globally(sym.permute(0, 1, 2)), lambda x: [([x[1], x[2], x[0]], 2.5)])


@ROWS.of("`affine(site, scale=..., bias=...)`")
def _():
    assert_matrix(on_sites(sym.affine("i", scale=-1, bias=2)), steps(lambda v: 2 - v))
    assert_matrix(on_sites(sym.affine("i", scale=-1), SPIN), steps(lambda v: -v))


@ROWS.of("`scatter(flat_indices, values)`")
def _():
    update = sym.scatter([0, 2], [1, sym.source_index(1)])
    assert_matrix(globally(update), lambda x: [([1, x[1], x[1]], 2.5)])


@ROWS.of("`Update.cond(predicate, if_true=..., if_false=...)`")
def _():
    """Without ``if_false`` the other side changes nothing; a chain goes on after it."""
    choice = sym.Update.cond(s("i") > 0, if_true=sym.shift("i", -1), if_false=sym.write("i", 2))
    assert_matrix(on_sites(choice), steps(lambda v: v - 1 if v > 0 else 2))
    assert_matrix(on_sites(sym.Update.cond(s("i") == 2, if_true=sym.write("i", 0))), steps(lambda v: v % 2))


@ROWS.of("`Update.invalidate(reason=...)`")
def _():
    choice = sym.Update.cond(s("i") > 0, if_true=sym.shift("i", -1), if_false=sym.Update.invalidate(reason="empty"))
    assert_matrix(on_sites(choice), steps(lambda v: v - 1, lambda v: v > 0))


@ROWS.of("`hop(src, dst, amount=...)`")
def _():
    """Not on their page, and in their package: two shifts."""
    operator = (
        sym.DOperator(FOCK, "hop")
        .for_each(("i", "j"), over=[(0, 1), (2, 1)])
        .where((s("i") > 0) & (s("j") < 2))
        .emit(sym.shift("i", -1).shift("j", 1), amplitude=s("i").value)
        .build()
    )

    def branches(x):
        return [(moved(x, {i: x[i] - 1, j: x[j] + 1}), x[i]) for i, j in [(0, 1), (2, 1)] if x[i] > 0 and x[j] < 2]

    assert_matrix(operator, branches)


@ROWS.of("`shift_mod` and `wrap_mod` want integer local states with a step of 1")
def _():
    """Ours take any even spacing, and refuse the rest where it is written."""

    class Uneven:
        size, local_states = 2, (0, 1, 5)

    with refused(errors.DefinitionError, "shift_mod", "not evenly spaced"):
        on_sites(sym.shift_mod("i", 1), Uneven())
    with refused(errors.ExpressionError, "wrap_mod", "evenly spaced"):
        on_sites(sym.shift("i", sym.wrap_mod(s("i").value)), Uneven())


@pytest.mark.parametrize("cell", ROWS)
def test_row(cell):
    ROWS[cell]()


def test_the_page_has_these_rows():
    assert sorted(ROWS) == sorted(rows_of_page("Updates"))
