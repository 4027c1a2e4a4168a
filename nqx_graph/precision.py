"""JAX's 64-bit switch, asked in one place."""

from __future__ import annotations

import jax
import numpy as np


def x64_enabled() -> bool:
    """Whether JAX keeps 64-bit numbers, now and in this thread."""
    return bool(jax.dtypes.canonicalize_dtype(np.float64) == np.float64)
