"""Class passes of the compiler: what the seed's kind of pass needs to be a stage."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from nqx_graph import graph
from nqx_graph.context import SymbolicCompilationContext
from nqx_graph.graph import Analysis, Stage


def as_stage(
    compiler_pass: Any,
    *,
    reads: Iterable[str | Analysis] = (),
    writes: Analysis | tuple[Analysis, ...] = (),
    **declaration: Any,
) -> Stage:
    """Make a class pass, an object with ``name`` and ``run(context)``, a stage; see :func:`nqx_graph.graph.as_stage`.

    ``run`` is handed a :class:`SymbolicCompilationContext` of what the pass declared to read, as lowerers are, and
    returns what it declared to write.
    """
    return graph.as_stage(compiler_pass, reads=reads, writes=writes, context=SymbolicCompilationContext, **declaration)
