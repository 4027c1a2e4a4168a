"""Shared by all tests: 64-bit numbers, and what is collected."""

import importlib.util

import jax

jax.config.update("jax_enable_x64", True)

# what needs NetKet is not collected without it
collect_ignore_glob = [] if importlib.util.find_spec("netket") else ["integrations/*"]
