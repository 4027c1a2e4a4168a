"""What a store on disk keeps of an operator, and what is refused of it."""

from __future__ import annotations

import attrs
import numpy as np
import pytest
from small import number

import nqx_graph as sym
from nqx_graph.errors import IRFormatError
from nqx_graph.kernel.structure import Structure, Tables
from nqx_graph.lowering.restoring import in_order, kept, restored
from nqx_graph.space import view

from .test_jax_symbolic_v1 import context_of, three_terms


def made(order=None):
    """What is kept of an operator of three terms, and what the call that asks knows."""
    context = context_of(three_terms(), order=order)
    operator = sym.JaxSymbolicV1Lowerer().lower(context).compiled_operator
    return operator, {**kept(context, operator), "ir": three_terms().to_ir(), "space": context.space}


@pytest.mark.parametrize("order", [None, (2, 0, 1), (1, 0, 2)])
def test_there_and_back(order):
    operator, data = made(order)
    again = restored(data, Structure, Tables)
    assert again == operator
    assert [term.name for term in again.ir.terms] == [term.name for term in operator.ir.terms]
    x = np.array([1, 2, 3], np.int8)
    np.testing.assert_array_equal(again.get_conn_padded(x)[1], operator.get_conn_padded(x)[1])


def test_terms_in_their_order_are_the_operator_itself():
    ir = three_terms().to_ir()
    assert in_order(ir, (0, 1, 2)) is ir
    assert [term.name for term in in_order(ir, (2, 1, 0)).terms] == ["w100", "w10", "w1"]
    for wrong in ((0, 1), (0, 1, 1), (0, 1, 2, 3), (1, 2, 3)):
        with pytest.raises(IRFormatError, match="is no order of 3 terms"):
            in_order(ir, wrong)


def test_what_is_kept_of_another_operator_is_refused():
    _, data = made()
    for other in (sym.hilbert.Fock(3, N=2), sym.hilbert.Fock(3, N=4)):
        with pytest.raises(IRFormatError, match="made for 3 sites and float32"):
            restored({**data, "space": view(other)}, Structure, Tables)
    for dtype in ("complex64", "float64"):
        with pytest.raises(IRFormatError, match="made for 3 sites and float32"):
            restored({**data, "ir": attrs.evolve(data["ir"], dtype_str=dtype)}, Structure, Tables)
    for wrong in ({"structure": data["tables"]}, {"tables": (1, 2)}):
        with pytest.raises(IRFormatError, match="it holds no Structure with Tables"):
            restored({**data, **wrong}, Structure, Tables)


def test_parameters_come_back_at_their_defaults():
    context = context_of(sym.symbol("mu", 2.5) * number())
    operator = sym.JaxSymbolicV1Lowerer().lower(context).compiled_operator.with_parameters(mu=7.0)
    data = {**kept(context, operator), "ir": context.ir, "space": context.space}
    assert restored(data, Structure, Tables).parameters == {"mu": 2.5}
