"""What ranges say of a term: by hand for every rule, and never contradicted by the reference interpreter."""

from __future__ import annotations

import math
from typing import Any

import attrs
import jax
import numpy as np
import pytest
import strategies
from hypothesis import HealthCheck, given, seed, settings

import nqx_graph as sym
from nqx_graph.ir.expr import AmplitudeExpr
from nqx_graph.ir.types import update_expressions
from nqx_graph.lowering.reference import branches
from nqx_graph.lowering.reference.arithmetic import Exact, InDtype
from nqx_graph.lowering.reference.expressions import evaluate
from nqx_graph.lowering.reference.loop import _place
from nqx_graph.lowering.reference.updates import updated
from nqx_graph.ranges import term_ranges
from nqx_graph.space import view

jax.config.update("jax_enable_x64", True)

s = sym.site
n, m = s("i").value, s("j").value
FOCK, SPIN, ONE, QUBIT = (
    sym.hilbert.Fock(3, 4),
    sym.hilbert.Spin(1 / 2, 4),
    sym.hilbert.Spin(1, 4),
    sym.hilbert.Qubit(4),
)
PAIRS = [(0, 1), (1, 2), (2, 3)]


def ranges(hilbert, update=sym.identity, where=True, *, over=PAIRS, amplitude=1.0, columns=None, dtype="float64"):
    """The ranges of one emission."""
    builder = sym.DOperator(hilbert, dtype=dtype).for_each(("i", "j"), over=over, columns=columns)
    ir = builder.where(where).emit(update, amplitude=amplitude).build().to_ir()
    return term_ranges(ir.terms[0], view(hilbert), ir.dtype_str).emissions[0]


@pytest.mark.parametrize(
    ("hilbert", "update", "where"),
    [
        (FOCK, sym.shift("i", -1).shift("j", 1), (s("i") > 0) & (s("j") < 3)),
        (FOCK, sym.shift("i", 1), ~(s("i") >= 3)),
        (FOCK, sym.shift("i", 1), (s("i") == 0) | (s("i") == 2)),
        (FOCK, sym.shift("i", 2), (n + 2 <= 3)),
        (FOCK, sym.write("i", 3 - n), True),
        (FOCK, sym.shift_mod("i", 7), True),
        (FOCK, sym.swap("i", "j").permute("i", "j"), True),
        (FOCK, sym.scatter([0, 1], [m, 2]), True),
        (FOCK, sym.cond(s("i") > 0, sym.shift("i", -1), sym.write("i", 3)), True),
        (FOCK, sym.cond(s("i") > 2, sym.invalidate(), sym.shift("i", 1)), True),
        (FOCK, sym.shift("i", 1).shift("i", -1), s("i") < 3),
        (FOCK, sym.shift("i", 5), False),
        (SPIN, sym.affine("i", scale=-1), True),
        (SPIN, sym.write("i", -n), True),
        (SPIN, sym.flip("m"), True),
        (QUBIT, sym.write("i", 1 - n), True),
        (ONE, sym.shift("i", 2), s("i") < 2),
    ],
)
def test_what_stays_is_proved(hilbert, update, where):
    assert not ranges(hilbert, update, where, columns={"m": np.ones((3, 4), dtype=int)}).leaves


@pytest.mark.parametrize(
    ("hilbert", "update", "where"),
    [
        (FOCK, sym.shift("i", 1), True),
        (FOCK, sym.shift("i", 1), s("j") < 3),
        (FOCK, sym.shift("i", 2), s("i") < 3),
        (FOCK, sym.shift("i", 1), (s("i") < 3) | (s("j") < 3)),
        (FOCK, sym.write("i", sym.column("J")), True),  # a column may be given anew
        (FOCK, sym.write("i", 0.5 * n), True),
        (ONE, sym.shift("i", 1), s("i") < 2),
        (FOCK, sym.cond(s("i") > 0, sym.shift("i", 1)), True),
    ],
)
def test_what_may_leave_is_guarded(hilbert, update, where):
    assert ranges(hilbert, update, where, columns={"J": np.ones(3, dtype=int)}).leaves


def test_two_labels_that_are_one_site_on_some_rows():
    hop = sym.shift("i", 1).shift("j", 1)
    below = (s("i") < 3) & (s("j") < 3)
    assert not ranges(FOCK, hop, below).leaves
    assert ranges(FOCK, hop, below, over=[(0, 1), (2, 2)]).leaves
    assert ranges(FOCK, hop, below, over=[(2, 2), (1, 1)]).leaves


def test_widths():
    assert ranges(FOCK, sym.shift("i", 1), n * n * 7 > 3).update_width == 32
    assert ranges(FOCK, sym.write("i", n * 2**31), True).update_width == 64
    big = ranges(FOCK, sym.identity, True, amplitude=n * 2**31)
    assert (big.amplitude.width, big.amplitude.root.low, big.amplitude.root.high) == (64, 0, 3 * 2**31)
    assert ranges(FOCK, amplitude=sym.column("J"), columns={"J": np.arange(3)}).amplitude.root.bounded is False


@pytest.mark.parametrize(
    ("amplitude", "low", "high", "whole", "undefined"),
    [
        (n * (n - 1), -3, 6, True, False),  # n and n - 1 are not known to belong together
        (n * m, 0, 9, True, False),
        (n**2, 0, 9, True, False),
        (2 - n, -1, 2, True, False),
        (abs(n - 2), 0, 2, True, False),
        (-n, -3, 0, True, False),
        (n / 2, 0.0, 1.5, False, False),
        (n.sqrt(), 0.0, math.sqrt(3), False, False),
        (sym.where(s("i") > 1, n, -n), -3, 3, True, False),
    ],
)
def test_values(amplitude, low, high, whole, undefined):
    root = ranges(FOCK, amplitude=amplitude).amplitude.root
    assert root.low == pytest.approx(low, abs=1e-3)
    assert root.high == pytest.approx(high, abs=1e-3)
    assert (root.whole, root.undefined) == (whole, undefined)


@pytest.mark.parametrize("amplitude", [1 / n, (n - 1).sqrt(), n.log(), n**-1, 1 / (n - m), (n * 40).exp()])
def test_what_may_be_undefined(amplitude):
    assert ranges(FOCK, amplitude=amplitude).amplitude.root.undefined


@pytest.mark.parametrize("amplitude", [1 / n, (n - 1).sqrt(), n.log(), n**-1])
def test_a_guard_makes_it_defined(amplitude):
    assert not ranges(FOCK, where=s("i") > 0, amplitude=amplitude).amplitude.root.undefined


def test_never():
    assert ranges(FOCK, where=s("i") > 3).never
    assert ranges(FOCK, where=(s("i") > 1) & (s("i") < 2)).never
    assert ranges(FOCK, sym.invalidate()).never
    assert not ranges(FOCK, where=s("i") > 2).never


def test_an_amplitude_that_can_never_be_right_is_refused():
    def build(where):
        return (
            sym.DOperator(FOCK).for_each_site("i").named("bad").where(where).emit(amplitude=n / (n - n * 1 + 0)).build()
        )

    divides = sym.DOperator(FOCK).for_each_site("i").named("bad").emit(amplitude=1.0 / (0 * n)).build()
    with pytest.raises(sym.SymbolicCompilerError, match=r"emission #0 of term 'bad'.*divides by 0.*can never be right"):
        divides.compile(cache=False)
    lenient = sym.SymbolicCompilerOptions(strict_validation=False)
    assert divides.compile(cache=False, options=lenient).max_conn_size == 4
    assert build(True).compile(cache=False)  # n - n is 0, but that is not followed: NaN tells it when it runs


def test_constrained_and_unbounded_spaces():
    fixed = sym.hilbert.Fock(3, 4, n_particles=2)
    assert ranges(fixed, sym.shift("i", 1)).leaves  # the total is not used


SILENT = {"deadline": None, "database": None, "suppress_health_check": list(HealthCheck)}


@pytest.mark.parametrize("chunk", range(4))
def test_never_contradicted(chunk: int) -> None:
    @seed(7000 + chunk)
    @settings(max_examples=60, **SILENT)
    @given(strategies.operators())
    def compare(operator: Any) -> None:
        ir, space = operator.to_ir(), view(operator.hilbert)
        made = [term_ranges(term, space, ir.dtype_str) for term in ir.terms]
        values = {**ir.symbols, **strategies.missing_parameters(operator)}
        for x in strategies.samples(operator.hilbert, np.int64)[:12]:
            for branch in branches(ir, space, x, strategies.missing_parameters(operator)):
                own = made[branch.term].emissions[branch.emission]
                assert not own.never, ir
                assert own.leaves or not branch.outside, ir
            for term, own in zip(ir.terms, made, strict=True):
                for row in range(min(term.iterator.n_iter, 6)):
                    place = _place(term, row, tuple(x.tolist()), values, space, np.dtype(np.float64))
                    _check_row(ir, term, own, place)

    with np.errstate(all="ignore"):
        compare()


def _check_row(ir: Any, term: Any, own: Any, place: Any) -> None:
    exact = Exact(np.dtype(np.float64))
    holds = place.holds(term.predicate)
    assert own.predicate.root.true if holds else own.predicate.root.false
    for emission, known in zip(term.emissions, own.emissions, strict=True):
        here = place.holds(emission.predicate)
        assert known.predicate.root.true if here else known.predicate.root.false
        for expr, part in zip(update_expressions(emission.update_program), known.updates, strict=True):
            if isinstance(expr, AmplitudeExpr):
                _check_value(part.root, evaluate(expr, exact, place), expr)
        target = updated(emission.update_program, place) if holds and here else None
        if target is None:
            continue
        after = attrs.evolve(place, after=target)
        for line, value in enumerate(known.amplitude.lines):
            rows = emission.amplitude.table
            if hasattr(value, "low") and rows[line].op not in ("const", "truth", "index"):
                part = AmplitudeExpr._trusted(rows[: line + 1])
                _check_value(value, evaluate(part, InDtype(np.dtype(ir.dtype_str)), after), part)


def _check_value(value: Any, number: Any, expr: Any) -> None:
    number = number.item() if hasattr(number, "item") else number
    if isinstance(number, complex):
        if number.imag != 0:
            assert not value.bounded, expr
            return
        number = number.real
    if value.states is not None and isinstance(number, float) and math.isfinite(number):
        # what float32 makes of a number that it cannot hold
        assert any(abs(number - state) <= 1e-6 * max(1, abs(state)) for state in value.states), (expr, number)
    else:
        assert value.contains(number), (expr, number, value)
