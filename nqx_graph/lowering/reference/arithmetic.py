"""The two rules of arithmetic, and what each operation does to numbers."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from nqx_graph.errors import DTypeError, ExpressionError
from nqx_graph.ir.functions import ExpressionFunction
from nqx_graph.lowering.reference.scalars import cast, cast_float


class Exact:
    """Predicates and updates: Python integers where all parts are integers, else NumPy floats or complex numbers."""

    def __init__(self, float_dtype: np.dtype[Any]) -> None:
        self.floating = float_dtype.type
        self.complex = np.result_type(float_dtype, np.complex64).type

    def number(self, value: Any) -> Any:
        """A leaf in this arithmetic."""
        if isinstance(value, int | np.integer):
            return int(value)
        if isinstance(value, complex | np.complexfloating):
            return self.complex(value)
        return cast_float(value, self.floating)

    def apply(self, op: str, *args: Any) -> Any:
        """An operation on numbers of this arithmetic."""
        whole = all(isinstance(arg, int) for arg in args)
        if whole and (op in _WHOLE or (op == "pow" and _has_whole_power(*args))):
            return _FUNCTIONS[op](*args)
        return _FUNCTIONS[op](*self._floats(args))

    def call(self, function: ExpressionFunction, *args: Any) -> Any:
        """A user's function of numbers of this arithmetic."""
        value = function.of_numbers(*self._floats(args))
        if function.result == "complex" or isinstance(value, complex | np.complexfloating):
            return self.complex(value)
        return cast_float(value, self.floating)

    def compare(self, op: str, *args: Any) -> bool:
        """A comparison of two numbers of this arithmetic."""
        if not all(isinstance(arg, int) for arg in args):
            args = self._floats(args)
        if op not in ("eq", "ne") and isinstance(args[0], np.complexfloating):
            raise ExpressionError(f"complex numbers have no order ({op}); compare their .abs(), or use == and !=.")
        return bool(getattr(operator, op)(*args))

    def _floats(self, args: Sequence[Any]) -> tuple[Any, ...]:
        if any(isinstance(arg, np.complexfloating) for arg in args):
            return tuple(self.complex(arg) for arg in args)
        return tuple(cast_float(arg, self.floating) for arg in args)


class InDtype:
    """Amplitudes: every leaf is cast to the operator's dtype first, and so is every result.

    ``largest`` is the largest finite number met so far.
    """

    def __init__(self, dtype: np.dtype[Any]) -> None:
        self.dtype = dtype
        self.largest = 0.0

    def number(self, value: Any) -> Any:
        """A leaf in this arithmetic."""
        return self._met(cast(value, self.dtype))

    def apply(self, op: str, *args: Any) -> Any:
        """An operation on numbers of this arithmetic."""
        if self.dtype.kind == "i" and op in _FLOATING:
            raise DTypeError(f"an amplitude uses {op}; the operator is {self.dtype}. Give it a floating dtype.")
        return self._met(cast(_FUNCTIONS[op](*args), self.dtype))

    def call(self, function: ExpressionFunction, *args: Any) -> Any:
        """A user's function of numbers of this arithmetic."""
        return self._met(cast(function.of_numbers(*args), self.dtype))

    def _met(self, value: Any) -> Any:
        as_complex = complex(value)
        size = float(np.hypot(as_complex.real, as_complex.imag))
        if math.isfinite(size):
            self.largest = max(self.largest, size)
        return value


Rule = Exact | InDtype


def _power(base: Any, exponent: Any) -> Any:
    if isinstance(base, np.integer) and exponent < 0:  # only in integer dtypes: the whole part of 1 / base**|exponent|
        return base ** (exponent % 2) if abs(int(base)) == 1 else type(base)(0)
    return base**exponent


def _has_whole_power(base: int, exponent: int) -> bool:
    """Whether base**exponent is a whole number, and not one beyond every float that would take for ever to write."""
    return exponent >= 0 and (abs(base) <= 1 or base.bit_length() * exponent <= 4096)


def _mod(value: Any, span: Any) -> Any:
    """The remainder with the sign of ``span``, of the real parts."""
    if isinstance(value, int):
        return value % span
    return type(value)(np.mod(value.real, span.real)) if isinstance(value, np.complexfloating) else np.mod(value, span)


def _conj(value: Any) -> Any:
    return np.conj(value) if isinstance(value, np.complexfloating) else value


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "neg": operator.neg,
    "abs": abs,
    "conj": _conj,
    "sqrt": np.sqrt,
    "exp": np.exp,
    "log": np.log,
    "sin": np.sin,
    "cos": np.cos,
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
    "div": operator.truediv,
    "pow": _power,
    "mod": _mod,
}
_WHOLE = ("neg", "abs", "conj", "add", "sub", "mul", "mod")  # of integers an integer
_FLOATING = ("sqrt", "exp", "log", "sin", "cos", "div")
