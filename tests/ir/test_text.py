"""The text of the IR, exactly."""

# ruff: noqa: SIM300 - the order of a comparison is what is tested

from __future__ import annotations

import pytest

from nqx_graph.dsl import selectors as s
from nqx_graph.dsl import update as u
from nqx_graph.dsl.builder import DOperator
from nqx_graph.hilbert import Fock
from nqx_graph.ir.expr import FALSE, TRUE, as_amplitude
from nqx_graph.ir.text import expression_text

from .samples import ladder, rich

# copied from the specification
LADDER = """\
symbolic.operator @"ladder" [dtype=float64, hermitian=false, hilbert_size=3] {
  ; 1 term(s)

  term #0 "0" [kbody, n_iter=3, fanout=6] {
    iterate: for (i,) in [(0,), (1,), (2,)]
    where:   (x[i] < 1)
    emit #0 [tag='raise']:
      update:    x'[i] = (x'[i] + 1)
      amplitude: 0.5
    emit #1 [tag='lower']:
      update:    x'[i] = (x'[i] + -1)
      amplitude: -0.5
  }

}
"""

RICH = """\
symbolic.operator @"rich" [dtype=complex128, hermitian=true, hilbert_size=10] {
  ; 2 term(s)

  term #0 "hop" [kbody, n_iter=9, fanout=9] {
    iterate: for (i, j) in [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (5, 6), (6, 7), ..., (8, 9)]
    column:  J [9] float64
    column:  m [9, 10] int64
    where:   (((x[i] > 0) & (x[j] < 4)) & (J[row] != 0))
    emit #0 [tag='bulk']:
      if:        (x[i] == x[j])
      update:    if (i < 3) { x'[i] = (x'[i] + -1); x'[j] = 0 } else { invalidate('edge') }; \
scatter(x'[j] = (x[i] + 1), x'[0] = 2)
      amplitude: (where((dot(m, x) > 2), (-$t), 2j) * sqrt((x[i] * (x[j] + 1))))
    emit #1:
      if:        (~(x[i] == x[j]))
      update:    swap(x'[i], x'[j])
      amplitude: (x'[i] ** 2)
  }

  term #1 "1" [kbody, n_iter=1, fanout=1] {
    iterate: for () in [()]
    emit #0:
      update:    x' = x
      amplitude: (x[0] - x'[9])
  }

}
"""


def test_ladder(capsys: pytest.CaptureFixture[str]) -> None:
    print(ladder())
    assert capsys.readouterr().out == LADDER


def test_rich(capsys: pytest.CaptureFixture[str]) -> None:
    print(rich())
    assert capsys.readouterr().out == RICH


@pytest.mark.parametrize(
    ("count", "rows"),
    [
        (7, "[(0,), (1,), (2,), (3,), (4,), (5,), (6,)]"),
        (8, "[(0,), (1,), (2,), (3,), (4,), (5,), (6,), (7,)]"),
        (9, "[(0,), (1,), (2,), (3,), (4,), (5,), (6,), ..., (8,)]"),
        (100, "[(0,), (1,), (2,), (3,), (4,), (5,), (6,), ..., (99,)]"),
    ],
)
def test_more_than_eight_rows_are_elided(count: int, rows: str) -> None:
    ir = DOperator(Fock(1, count)).for_each_site("i").emit().build().to_ir()
    assert f"    iterate: for (i,) in {rows}\n" in str(ir)


X = s.site("i").value
EXPRESSIONS = [
    (as_amplitude(1), "1"),
    (as_amplitude(1.0), "1.0"),
    (as_amplitude(-0.0), "-0.0"),
    (as_amplitude(1e-9), "1e-09"),
    (as_amplitude(1 + 2j), "(1+2j)"),
    (X, "x[i]"),
    (s.site("i") + 0, "(x[i] + 0)"),
    (s.site("i").index, "i"),
    (s.emitted("i").value, "x'[i]"),
    (s.symbol("J"), "$J"),
    (s.column("J"), "J[row]"),
    (s.dot("m"), "dot(m, x)"),
    (s.prod("m"), "prod(x ** m)"),
    (s.source_index(3), "x[3]"),
    (s.target_index("i"), "x'[i]"),
    (s.wrap_mod(X - 1), "wrap_mod((x[i] - 1))"),
    (s.where(X > 0, 1, 2), "where((x[i] > 0), 1, 2)"),
    (-X, "(-x[i])"),
    (2 / X, "(2 / x[i])"),
    (2**X, "(2 ** x[i])"),
    (3 - X * 2, "(3 - (x[i] * 2))"),
    (X.sqrt(), "sqrt(x[i])"),
    (abs(X), "abs(x[i])"),
    (X.conj(), "conj(x[i])"),
    (X.exp().log(), "log(exp(x[i]))"),
    (X.sin() + X.cos(), "(sin(x[i]) + cos(x[i]))"),
    (X == 1, "(x[i] == 1)"),
    (X != 1, "(x[i] != 1)"),
    (1 < X, "(x[i] > 1)"),
    (1 >= X, "(x[i] <= 1)"),
    (TRUE, "True"),
    (~FALSE, "(~False)"),
    ((X >= 1) & (X <= 2) | (X < 0), "(((x[i] >= 1) & (x[i] <= 2)) | (x[i] < 0))"),
]


@pytest.mark.parametrize(("expr", "text"), EXPRESSIONS, ids=[text for _, text in EXPRESSIONS])
def test_expressions(expr: object, text: str) -> None:
    assert expression_text(expr) == text


def test_selectors_print_as_they_are_written() -> None:
    assert repr(s.site("i")) == "site('i')"
    assert repr(s.emitted("i")) == "emitted('i')"


UPDATES = [
    (u.identity(), "x' = x"),
    (u.write("i", 2), "x'[i] = 2"),
    (u.write(3, X), "x'[3] = x[i]"),
    (u.shift("i", -1).shift("j", 1), "x'[i] = (x'[i] + -1); x'[j] = (x'[j] + 1)"),
    (u.shift_mod("i", 2), "x'[i] = wrap_mod(x'[i] + 2)"),
    (u.affine("i", scale=-1), "x'[i] = (-1 * x'[i] + 0)"),
    (u.swap("i", s.site("j").index + 1), "swap(x'[i], x'[(j + 1)])"),
    (u.permute("i", "j", 2), "permute(x'[i], x'[j], x'[2])"),
    (u.scatter([0, "i"], [1, X]), "scatter(x'[0] = 1, x'[i] = x[i])"),
    (u.flip("m"), "flip(m)"),
    (u.invalidate("no 'room'"), """invalidate("no 'room'")"""),
    (u.cond(X > 0, u.write("i", 0)), "if (x[i] > 0) { x'[i] = 0 } else { x' = x }"),
    (u.cond(X > 0, if_false=u.cond(X < 0, u.flip("m"))), "if (x[i] > 0) { x' = x } else { if (x[i] < 0) { flip(m) } else { x' = x } }"),
]  # fmt: skip


@pytest.mark.parametrize(("update", "text"), UPDATES, ids=[text for _, text in UPDATES])
def test_updates(update: u.Update, text: str) -> None:
    assert repr(update) == f"<update {text}>"


def test_a_shared_part_is_named_once_where_writing_it_out_would_be_too_long() -> None:
    e = X
    for _ in range(60):
        e = e * e
    lets = [f"let %{k} = (%{k - 1} * %{k - 1}); " for k in range(2, 60)]
    assert repr(e) == "".join(["let %1 = (x[i] * x[i]); ", *lets, "(%59 * %59)"])


def test_a_little_sharing_is_written_out() -> None:
    e = X + 1
    assert repr(e * e) == "((x[i] + 1) * (x[i] + 1))"
