"""The environment that a compile runs in: JAX's 64-bit switch, and versions."""

from __future__ import annotations

import importlib.metadata
import platform

import jax
import numpy as np

VERSION = "0.1.0"  # of this package; pyproject.toml reads it here


def x64_enabled() -> bool:
    """Whether JAX keeps 64-bit numbers, now and in this thread."""
    return bool(jax.dtypes.canonicalize_dtype(np.float64) == np.float64)


def versions() -> dict[str, str]:
    """The versions of Python and of the packages that a result depends on."""
    known = {"python": platform.python_version(), "nqx_graph": VERSION}
    for name in ("jax", "jaxlib", "numpy", "networkx", "netket"):
        try:
            known[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return known
