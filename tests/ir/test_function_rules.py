"""Where functions of users may stand, and in operators of which dtype."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest
from refusal import refused

import nqx_graph as sym
from nqx_graph.errors import DTypeError, ExpressionError, RowsError
from nqx_graph.hilbert import Fock

n = sym.site("i").value
FOCK = Fock(2, 3)
z = sym.symbol("z", 1.0)


@pytest.fixture(autouse=True)
def functions() -> Any:
    with sym.extensions():
        yield {
            "any": sym.expression_function("any", reference=np.tanh, version="1")(jnp.tanh),
            "real": sym.expression_function("real", reference=np.tanh, version="1", real_only=True)(jnp.tanh),
            "size": sym.expression_function("size", reference=abs, version="1", result="real")(jnp.abs),
            "phase": sym.expression_function(
                "phase", reference=lambda x: np.exp(1j * x), version="1", result="complex"
            )(lambda x: jnp.exp(1j * x)),
        }


def term(dtype: str) -> Any:
    return sym.DOperator(FOCK, dtype=dtype).for_each_site("i")


def test_complex_results(functions: Any) -> None:
    with refused(DTypeError, "the amplitude of", "'phase', which gives complex numbers", "float64", "complex128"):
        term("float64").emit(amplitude=functions["phase"](n).abs())
    with refused(DTypeError, "a predicate of", "'phase'"):
        term("float64").where(functions["phase"](n) == 1)
    with refused(ExpressionError, "orders complex numbers"):
        term("complex128").where(functions["phase"](n) > 1)
    with refused(ExpressionError, "writes the complex number"):
        term("complex128").emit(sym.write("i", functions["phase"](n)))
    term("complex128").where(functions["phase"](n) == 1).emit(amplitude=functions["phase"](n)).build()
    term("complex128").where(functions["size"](functions["phase"](n)) > 1).emit().build()


def test_complex_arguments(functions: Any) -> None:
    for amplitude in (1j * n, z, n + 2j):
        with refused(ExpressionError, "complex numbers to 'real', which takes real ones", "complex128"):
            term("complex128").emit(amplitude=functions["real"](amplitude))
        term("complex128").emit(amplitude=functions["any"](amplitude) + functions["real"](amplitude.abs())).build()
    with refused(ExpressionError, "a predicate of", "'real'"):
        term("complex128").where(functions["real"](z) == 1)
    term("complex128").where(functions["real"](n) > 0).emit(amplitude=functions["real"](n)).build()
    term("float64").emit(amplitude=functions["real"](z)).build()


def test_operators_of_whole_numbers(functions: Any) -> None:
    with refused(DTypeError, "the amplitude of", "calls 'any', which gives no whole numbers", "int32"):
        term("int32").emit(amplitude=functions["any"](n))
    term("int32").where(functions["any"](n) > 0.5).emit().build()


def test_site_numbers(functions: Any) -> None:
    with refused(RowsError, "uses 'any'"):
        term("float64").emit(amplitude=sym.source_index(functions["any"](sym.site("i").index)))
