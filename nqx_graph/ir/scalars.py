"""Numbers that may stand in an expression, from whatever holds one."""

from __future__ import annotations

import numbers
from typing import Any

import jax
import numpy as np

from nqx_graph.errors import ExpressionError
from nqx_graph.ir.table import is_number


def as_number(value: object) -> int | float | complex | None:
    """A finite Python number for any real or complex scalar, or None if ``value`` is not a scalar.

    Raises:
        ExpressionError: for a boolean, NaN, an infinity or an integer beyond 64 bits.
    """
    if isinstance(value, np.ndarray | np.generic) or (hasattr(value, "item") and getattr(value, "ndim", None) == 0):
        if getattr(value, "ndim", 0) != 0:
            return None
        value = _concrete(value)
    if isinstance(value, bool):
        raise ExpressionError(f"{value} stands where a number is needed; write 1 or 0, or sym.where(predicate, a, b).")
    if isinstance(value, numbers.Integral):
        value = int(value)
    elif isinstance(value, numbers.Real):
        value = float(value)
    elif isinstance(value, numbers.Complex):
        value = complex(value)
    else:
        return None
    if not is_number(value):
        # hundreds of digits tell nothing, and Python writes no more than 4,300 of them
        bits = value.bit_length() if isinstance(value, int) else 0
        text = f"an integer of {bits} bits" if bits > 128 else repr(value)
        raise ExpressionError(f"{text} cannot stand in an expression; numbers are finite, integers fit in 64 bits.")
    return value


def _concrete(value: Any) -> Any:
    # under grad and vmap a tracer may know its number; taking it would cut the gradient in silence
    if isinstance(value, jax.core.Tracer):
        raise ExpressionError(
            f"a traced value ({type(value).__name__}) cannot stand in an expression; write sym.symbol('name') and give "
            "the value with compiled.with_parameters(name=value)."
        )
    return value.item()
