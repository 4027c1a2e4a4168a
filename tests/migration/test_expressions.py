"""nkDSL's selectors, predicates and matrix elements: each row of the page beside a matrix."""

from __future__ import annotations

import operator as op

import numpy as np
import pytest
from refusal import refused

import nqx_graph as sym
from nqx_graph import errors

from .rows import FOCK, SPIN, Rows, assert_matrix, moved, rows_of_page

ROWS = Rows()
s = sym.site
SITES = range(FOCK.size)


def on_sites(amplitude, update=None, *, hilbert=FOCK, where=True, dtype=None):
    term = sym.DOperator(hilbert, "o", dtype=dtype).for_each_site("i").where(where)
    return term.emit(update or sym.identity(), amplitude=amplitude).build()


def assert_diagonal(amplitude, value, **given):
    """Σᵢ of an amplitude on the diagonal, which for site i with x[i] = v is ``value(i, v)``."""
    values = given.pop("values", {})
    assert_matrix(on_sites(amplitude, **given), lambda x: [(x, value(i, x[i])) for i in SITES], **values)


@ROWS.of("`site(label)`")
def _():
    assert_diagonal(s("i"), lambda i, v: v)


@ROWS.of("`emitted(label)`")
@ROWS.of('`emitted("i").value`')
def _():
    operator = on_sites(sym.emitted("i").value.sqrt(), sym.shift("i", 1), where=s("i") < 2)
    assert_matrix(operator, lambda x: [(moved(x, {i: x[i] + 1}), np.sqrt(x[i] + 1)) for i in SITES if x[i] < 2])
    with refused(errors.ExpressionError, "only amplitudes know x'"):
        on_sites(1.0, sym.write("i", sym.emitted("i").value))


@ROWS.of("`symbol(name, default=..., doc=..., dtype=...)`")
@ROWS.of("`symbol` with a default and a doc")
def _():
    t = sym.symbol("t", default=0.5, doc="hopping")
    assert_diagonal(t * s("i").value, lambda i, v: 0.5 * v)
    assert_diagonal(t * s("i").value, lambda i, v: -2 * v, values={"t": -2.0})
    (declared,) = on_sites(t).to_ir().free_symbols
    assert declared == "t"


@ROWS.of("`symbol(name)`")
def _():
    """Without a default it has to be given, and any value needs no new compile."""
    compiled = on_sites(sym.symbol("J") * s("i").value).compile()
    with pytest.raises(errors.ParameterError, match="'J'"):
        compiled.get_conn_padded(FOCK.all_states())
    assert_diagonal(sym.symbol("J") * s("i").value, lambda i, v: 1.5 * v, values={"J": 1.5})


@ROWS.of("`.value`")
@ROWS.of('`site("i").value`')
def _():
    assert_diagonal(s("i").value, lambda i, v: v)
    assert_diagonal(s("i").value, lambda i, v: v, hilbert=SPIN)


@ROWS.of("`.index`")
def _():
    assert_diagonal(s("i").index, lambda i, v: i)
    with refused(errors.FieldError, "site(...).index"):
        _ = sym.emitted("i").index


@ROWS.of("`.abs()`")
@ROWS.of("`abs_` and `.abs()`")
def _():
    assert_diagonal(s("i").abs(), lambda i, v: abs(v), hilbert=SPIN)
    assert_diagonal((s("i").value - 1).abs(), lambda i, v: abs(v - 1))
    assert_diagonal(abs(s("i").value - 1), lambda i, v: abs(v - 1))


@ROWS.of("`==` `!=` `<` `<=` `>` `>=`")
def _():
    for compare in (op.eq, op.ne, op.lt, op.le, op.gt, op.ge):
        operator = on_sites(s("i").index + 1, where=compare(s("i"), 1))
        assert_matrix(operator, lambda x, compare=compare: [(x, i + 1) for i in SITES if compare(x[i], 1)])


@ROWS.of(r"`&` `\|` `~`")
def _():
    where = ((s("i") > 0) & ~(s("i").index == 1)) | (s("i") == 0)
    operator = on_sites(s("i").index + 1, where=where)
    assert_matrix(operator, lambda x: [(x, i + 1) for i in SITES if (x[i] > 0 and i != 1) or x[i] == 0])
    with pytest.raises(errors.ExpressionError, match="&"):
        (s("i") > 0) and (s("i") < 2)


@ROWS.of("`where(...)` again")
def _():
    operator = sym.DOperator(FOCK, "o").for_each_site("i").where(s("i") > 0).where(s("i") < 2).emit().build()
    assert_matrix(operator, lambda x: [(x, 1) for i in SITES if x[i] == 1])


@ROWS.of("numbers")
def _():
    assert_diagonal(-0.5, lambda i, v: -0.5)
    assert_diagonal(1 + 2j, lambda i, v: 1 + 2j, dtype="complex128")
    with refused(errors.DTypeError, "complex128"):
        on_sites(1 + 2j)


@ROWS.of("`+` `-` `*` `/` `**`")
def _():
    n = s("i").value
    assert_diagonal((2 * n - 1) / (n + 1) + n**3, lambda i, v: (2 * v - 1) / (v + 1) + v**3)


@ROWS.of("unary `-`")
def _():
    assert_diagonal(-s("i").value, lambda i, v: -v)


@ROWS.of("`sqrt(...)`")
def _():
    assert_diagonal((s("i").value + 1).sqrt(), lambda i, v: np.sqrt(v + 1))
    assert_diagonal(sym.AmplitudeExpr.sqrt(s("i").value), lambda i, v: np.sqrt(v))


@ROWS.of("`conj(...)`")
def _():
    amplitude = (s("i").value * (1 + 2j)).conj()
    assert_diagonal(amplitude, lambda i, v: v * (1 - 2j), dtype="complex128")


@ROWS.of("reads at a fixed site, in x and in x'")
def _():
    """By name, and through a context that a function is given."""
    update, expected = sym.write("i", 2), lambda x: [(moved(x, {i: 2}), x[1] + 3 * moved(x, {i: 2})[2]) for i in SITES]
    assert_matrix(on_sites(sym.source_index(1) + 3 * sym.target_index(2), update), expected)
    assert_matrix(on_sites(lambda ctx: ctx.source_index(1) + 3 * ctx.target_index(2), update), expected)


@ROWS.of("`wrap_mod(...)`")
def _():
    assert_diagonal(sym.wrap_mod(s("i").value + 2), lambda i, v: (v + 2) % 3)
    assert_diagonal(sym.wrap_mod(s("i").value + 2), lambda i, v: -v, hilbert=SPIN)


@ROWS.of("labels have to be bound by the iterator")
def _():
    with refused(errors.LabelError, "'j'", "'i'"):
        on_sites(s("j").value)


@ROWS.of("global terms bind no labels")
def _():
    with refused(errors.LabelError, "'i'"):
        sym.DOperator(FOCK, "o").globally().emit(amplitude=s("i").value)


@pytest.mark.parametrize("cell", ROWS)
def test_row(cell):
    ROWS[cell]()


def test_the_page_has_these_rows():
    sections = ("Selectors", "Predicates", "Matrix elements", "Labels")
    assert sorted(ROWS) == sorted(rows_of_page(*sections))
