"""Steps on one site, put together where they are whole numbers."""

from __future__ import annotations

from typing import Any

import pytest

import nqx_graph as sym
from nqx_graph.ir.text import update_text
from nqx_graph.operators.steps import shortened

s = sym.site
SHORT = [
    (sym.shift("i", 1).shift("i", -1), sym.identity()), (sym.shift("i", 1).shift("i", 2), sym.shift("i", 3)),
    (sym.affine("i", scale=-1).affine("i", scale=-1), sym.identity()),
    (sym.affine("i", scale=-1, bias=2).shift("i", 1), sym.affine("i", scale=-1, bias=3)),
    (sym.shift("i", 1).affine("i", scale=-1, bias=2), sym.affine("i", scale=-1, bias=1)),
    (sym.shift("j", 1).shift("i", 1).shift("i", -1).shift("j", -1), sym.identity()),
]  # fmt: skip
KEPT = [
    sym.shift("i", 1).shift("j", -1), sym.shift("i", 1).shift("j", 1).shift("i", -1), sym.shift("i", 0.5).shift("i", -0.5),
    sym.shift_mod("i", 1).shift_mod("i", -1), sym.shift("i", s("j").value).shift("i", -1), sym.shift("i", 2**30).shift("i", 2**30),
    sym.swap("i", "j").swap("i", "j"), sym.write("i", 1).shift("i", 1),
]  # fmt: skip


@pytest.mark.parametrize(("given", "short"), SHORT, ids=lambda update: repr(update))
def test_neighbours_on_one_site(given: Any, short: Any) -> None:
    assert update_text(shortened(given.program.ops)) == update_text(short.program)


@pytest.mark.parametrize("given", KEPT, ids=repr)
def test_what_stays_as_it_is(given: Any) -> None:
    assert shortened(given.program.ops).same_as(given.program)
