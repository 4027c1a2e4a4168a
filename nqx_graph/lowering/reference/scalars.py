"""NumPy scalars of one dtype, from any number."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from nqx_graph.errors import DTypeError


def cast(value: Any, dtype: np.dtype[Any]) -> Any:
    """A scalar of ``dtype``; integers wrap around as two's complement does."""
    if isinstance(value, dtype.type):
        return value
    if dtype.kind == "c":
        return dtype.type(complex(value))
    if isinstance(value, complex | np.complexfloating):
        raise DTypeError(f"the complex number {value} stands in an operator of {dtype}. Give dtype='complex128'.")
    if dtype.kind == "i":
        half = 2 ** (8 * dtype.itemsize - 1)
        return dtype.type((whole_part(value) + half) % (2 * half) - half)
    return cast_float(value, dtype.type)


def cast_float(value: Any, kind: Callable[[float], Any]) -> Any:
    """A scalar of a floating kind; infinity for a Python integer beyond all floats."""
    try:
        return kind(float(value))
    except OverflowError:
        return kind(math.inf if value > 0 else -math.inf)


def whole_part(value: Any) -> int:
    """The integer towards zero; 0 for NaN and infinity."""
    return int(value) if isinstance(value, int | np.integer) or math.isfinite(value) else 0


@np.errstate(all="ignore")
def holds(dtype: np.dtype[Any], number: int | float) -> bool:
    """Whether a real number has an exact value in ``dtype``."""
    if dtype.kind in "iu":
        limits = np.iinfo(dtype)
        return math.isfinite(number) and number == int(number) and limits.min <= number <= limits.max
    return bool(float(cast_float(number, dtype.type)) == number)
