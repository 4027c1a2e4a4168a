"""Kernels that outlive the process: JAX's persistent compilation cache, for the kernels of this package too."""

from __future__ import annotations

import os
from pathlib import Path

import jax
from jax.experimental.compilation_cache import compilation_cache

from nqx_graph.errors import OptionError, OptionTypeError
from nqx_graph.folders import private_folder


def keep_compiled_kernels(folder: str | os.PathLike[str] | None) -> Path | None:
    """Keep in a folder what JAX compiles from here on, so that a later process skips XLA.

    JAX's own switches leave out what compiles in less than a second, which is most kernels of this package. This sets
    all of them: where the cache is, and that nothing is too small or too quick to be kept. They hold for the whole
    process, for whatever it compiles.

    JAX loads what lies in the folder as code and does not check it: the folder must be yours, and writable by nobody
    else. A process killed while JAX writes leaves a torn entry, which JAX warns of and compiles around from then on;
    entries that swap their names are taken for each other. Empty the folder when in doubt: it holds copies only.

    Args:
        folder: where to keep them; created, readable by you alone, where there is none. None turns the cache off.

    Returns:
        The folder as an absolute path, or None.

    Raises:
        OptionTypeError: for what is no path. OptionError: for a folder that cannot be made or written, is not yours, or
            is writable by others.
    """
    if folder is not None and not isinstance(folder, str | os.PathLike):
        raise OptionTypeError(
            f"the folder for compiled kernels must be a path or None; it is {folder!r}, a {type(folder).__name__}."
        )
    danger = "and JAX runs what lies in it"
    place = None if folder is None else private_folder(folder, "the folder for compiled kernels", danger, OptionError)
    switches = {
        "jax_compilation_cache_dir": None if place is None else str(place),
        "jax_enable_compilation_cache": True,
        "jax_persistent_cache_min_compile_time_secs": 0.0,
        # 0 would leave the choice to JAX, which has other defaults on some platforms
        "jax_persistent_cache_min_entry_size_bytes": -1,
    }
    for name, value in switches.items():
        jax.config.update(name, value)  # type: ignore[no-untyped-call]  # JAX has no type for it
    # JAX looks at its switches at the first compile of a process, and only then
    compilation_cache.reset_cache()
    return place
