"""Operators in files: `save` and `load`."""

from nqx_graph.files.operators import load, save

__all__ = ["load", "save"]
