"""Folding: the shortest form that is the same number, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

import nqx_graph as sym
from nqx_graph.ir.expr import AmplitudeExpr, PredicateExpr, as_amplitude
from nqx_graph.operators.folding import Folder, common_states, same
from nqx_graph.operators.substitution import read_of, rewritten
from nqx_graph.space import view

s = sym.site
P, Q = s("i").value, s("j").value
FOCK = view(sym.hilbert.Fock(3, 2))


def folded(expr: Any, space: Any = FOCK) -> str:
    plain = as_amplitude(expr) if not isinstance(expr, PredicateExpr) else expr
    folder = Folder(space)
    node = rewritten(plain, read_of, read_of, lambda op, name: pytest.fail(name), folder.node)
    return repr(type(plain)(node))


NUMBERS = [
    (2 * P - P + 3 - 3, "x[i]"), (1 + P + 1, "(x[i] + 2)"), (3 - (P + 1), "((x[i] * -1) + 2)"), (2 - (2 - P), "x[i]"),
    (P - P + 4, "4"), (0 * P, "0"), (2 * (P * 3), "(x[i] * 6)"), (P * Q, "(x[i] * x[j])"), (P + Q, "(x[i] + x[j])"),
    (as_amplitude(2) * 3 - 1, "5"), (as_amplitude(-2).abs(), "2"), (P + 0.0, "(x[i] + 0.0)"), (P / 1, "(x[i] / 1)"),
    (sym.where(True, P, Q), "x[i]"), (sym.where(P > 5, P, Q), "x[j]"), (sym.where(Q > 1, P, P), "x[i]"),
    (sym.wrap_mod(as_amplitude(5)), "1"), (sym.wrap_mod(P + 1 + 1), "wrap_mod((x[i] + 2))"), (as_amplitude(2) ** 3, "(2 ** 3)"),
    (as_amplitude(2**61) * 4, f"({2**61} * 4)"), (s("i").index * 1, "(i * 1)"),
]  # fmt: skip
TRUTHS = [
    (P > 5, "False"), (P >= 0, "True"), (P + 1 > 2, "(x[i] > 1)"), (2 - P >= 1, "(x[i] <= 1)"), (2 * P > 5, "((x[i] * 2) > 5)"),
    (2 * P > 7, "False"), (as_amplitude(1) < 2, "True"), (2 - P < 1, "(x[i] > 1)"), (P != 9, "True"),
    ((P > 5) & (Q > 1), "False"), ((P > 5) | (Q > 1), "(x[j] > 1)"), (~(P > 5), "True"), (~~(P > 1), "(x[i] > 1)"),
    ((P > 1) & (P > 1), "(x[i] > 1)"), (P.sqrt() > 9, "(sqrt(x[i]) > 9)"), (P > 1.5, "(x[i] > 1.5)"),
]  # fmt: skip


@pytest.mark.parametrize(("expr", "text"), NUMBERS, ids=[text for _, text in NUMBERS])
def test_numbers(expr: Any, text: str) -> None:
    assert folded(expr) == text


@pytest.mark.parametrize(("expr", "text"), TRUTHS, ids=[repr(expr) for expr, _ in TRUTHS])
def test_truths(expr: Any, text: str) -> None:
    assert folded(expr) == text


def test_spaces_without_common_whole_states_fold_less() -> None:
    class Loaded:
        size, local_states = 2, (0.5, 1.5)

    assert common_states(view(Loaded())) is None
    assert folded(P + 1 > 2, view(Loaded())) == "((x[i] + 1) > 2)"
    assert folded(sym.wrap_mod(as_amplitude(5)), view(Loaded())) == "wrap_mod(5)"
    assert common_states(view(sym.hilbert.Spin(1, 2))) == (-2, 0, 2)
    assert folded(P > 0, view(sym.hilbert.Fock(400, 1))) == "(x[i] > 0)"


def test_what_is_written_the_same() -> None:
    assert same(P.node, s("i").value.node)
    assert not same(P.node, Q.node)
    assert not same(as_amplitude(1).node, as_amplitude(1.0).node)
    assert not same(as_amplitude(0.0).node, as_amplitude(-0.0).node)
    long = AmplitudeExpr((P * Q).node)
    assert same(long.node, long.node)
