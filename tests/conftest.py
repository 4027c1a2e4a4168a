"""Shared by all tests: 64-bit numbers, and what is collected."""

import gc
import importlib.util

import jax

jax.config.update("jax_enable_x64", True)

# what needs NetKet is not collected without it
collect_ignore_glob = [] if importlib.util.find_spec("netket") else ["integrations/*"]

LONG = ("test_no_growth", "test_no_torn_entry", "test_no_deadlock")


def pytest_collection_modifyitems(items):
    """What takes longest comes first, so that no worker is left with it when the others have ended."""
    items.sort(key=lambda item: item.path.stem not in LONG)


def pytest_collection_finish():
    """A million objects of the imports and of thousands of tests stay to the end: do not look through them ever again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)  # what JAX traces would start a collection every few milliseconds
