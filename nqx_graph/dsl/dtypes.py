"""The dtype of an operator, from whatever names one."""

from __future__ import annotations

from typing import Any

import jax

from nqx_graph.environment import x64_enabled
from nqx_graph.errors import DTypeError, listed
from nqx_graph.ir.expression_rules import DTYPES

# Python's numbers, with and without JAX's 64-bit switch
_PYTHON = ((int, "int64", "int32"), (float, "float64", "float32"), (complex, "complex128", "complex64"))


def resolve_dtype(dtype: Any = None) -> str:
    """The name of the dtype: NumPy's and JAX's dtypes and their names are taken, and Python's int, float and complex.

    None is float64 where JAX has 64-bit numbers enabled, float32 where not.

    Raises:
        DTypeError: for a dtype that an operator cannot have, and for a 64-bit one without JAX's switch.
    """
    x64 = x64_enabled()
    if dtype is None:
        return "float64" if x64 else "float32"
    for kind, wide, narrow in _PYTHON:
        if dtype is kind:  # by identity: np.dtype("float64") == float
            return wide if x64 else narrow
    try:
        name = str(jax.numpy.dtype(dtype).name)
    except TypeError:
        name = repr(dtype)
    if name not in DTYPES:
        raise DTypeError(f"an operator cannot have the dtype {dtype!r}; it can have {listed(DTYPES)}.")
    if name in [wide for _, wide, _ in _PYTHON] and not x64:
        raise DTypeError(
            f"dtype {name} needs JAX's 64-bit numbers: call jax.config.update('jax_enable_x64', True) before, or ask for "
            f"{next(narrow for _, wide, narrow in _PYTHON if wide == name)}."
        )
    return name
