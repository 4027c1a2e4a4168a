"""Operators that the tests of the IR share."""

from __future__ import annotations

import numpy as np

from nqx_graph.dsl import selectors as s
from nqx_graph.dsl import update as u
from nqx_graph.dsl.builder import DOperator
from nqx_graph.hilbert import Fock, Spin
from nqx_graph.ir.types import SymbolicOperatorIR


def ladder() -> SymbolicOperatorIR:
    """The example of the specification."""
    return (
        DOperator(Fock(3, 3), "ladder", dtype="float64")
        .for_each_site("i")
        .where(s.site("i") < 1)
        .emit(u.shift("i", 1), amplitude=0.5, tag="raise")
        .emit(u.shift("i", -1), amplitude=-0.5, tag="lower")
        .build()
        .to_ir()
    )


def rich() -> SymbolicOperatorIR:
    """Columns, conditions, nested updates, symbols, and more rows than are printed."""
    i, j = s.site("i"), s.site("j")
    edges = [(k, k + 1) for k in range(9)]
    return (
        DOperator(Fock(4, 10), "rich", dtype="complex128", hermitian=True)
        .for_each(("i", "j"), over=edges, columns={"J": np.linspace(0, 1, 9), "m": np.eye(9, 10, dtype=int)})
        .named("hop")
        .where((i > 0) & (j < 4))
        .where(s.column("J") != 0)
        .fanout(9)
        .emit_if(
            i == j,
            u.cond(i.index < 3, u.shift("i", -1).write("j", 0), u.invalidate("edge")).scatter(
                [j.index, 0], [i.value + 1, 2]
            ),
            amplitude=s.where(s.dot("m") > 2, -s.symbol("t", 1.5, "hopping"), 2j) * (i.value * (j.value + 1)).sqrt(),
            tag="bulk",
        )
        .emit_else(u.swap("i", "j"), amplitude=s.emitted("i").value ** 2)
        .globally()
        .emit(amplitude=s.source_index(0) - s.target_index(9))
        .build()
        .to_ir()
    )


def full() -> SymbolicOperatorIR:
    """Every expression, predicate, update and iterator kind at least once."""
    i, j = s.site("i"), s.site("j")
    x, y = i.value, s.emitted("j").value
    mask = np.array([[1, 0, 0, 1], [0, 1, 1, 0]])
    every = (
        abs(x - 2.5) + (-y).conj() + (x * x).sqrt() + (x * -0.5).exp() - (y + 1).log() + x.sin() * y.cos() / (y + 1)
        + x**2 + s.column("J") + s.dot("m") + s.prod("m") + s.symbol("a") + s.symbol("b", 0.5 + 1j, "a doc")
        + s.source_index(abs(i.index - j.index)) + s.target_index(j.index) + s.wrap_mod(x + 1)
        + s.where((i == j) | ~(x != y), x, y) + s.where((x <= 1) & (x >= 0), i.index, 1j) + (-0.0)
    )  # fmt: skip
    inner = u.cond(x < 1, u.shift("i", 1), u.cond(x > 1, if_false=u.flip("m")))
    chain = (
        inner.write("j", x + 1)
        .shift_mod("i", -2)
        .affine("j", scale=-1, bias=s.where(i > j, 1, 0))
        .swap("i", 3)
        .permute("i", "j", 2, s.where(i.index < 3, i.index + 1, 0))
        .scatter([0, "j"], [1, -1])
        .cond(True, u.invalidate("why"))
    )
    return (
        DOperator(Spin(1 / 2, 4), "full", dtype="complex128")
        .for_each(("i", "j"), over=[(0, 1), (2, 3)], columns={"J": [0.5, -1j], "m": mask})
        .emit(chain, amplitude=every, tag="all")
        .emit_if(s.column("J") == 1j, u.identity)
        .emit_elseif(False, amplitude=s.symbol("a"))
        .emit_else(amplitude=2)
        .globally()
        .emit(u.identity())
        .for_each_site("i")
        .where(lambda ctx: ctx.site("i") > 0)
        .fanout(2)
        .emit(u.affine("i", -1))
        .for_each_pair("a", "b")
        .emit()
        .for_each_distinct_pair("a", "b")
        .named("pairs")
        .emit()
        .for_each_triplet("a", "b", "c", over=[(0, 1, 2)])
        .emit()
        .for_each_plaquette("a", "b", "c", "d", over=[(0, 1, 2, 3)])
        .emit()
        .build()
        .to_ir()
    )
