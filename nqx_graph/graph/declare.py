"""How a stage is written down: ``@stage(writes=...)`` above a function."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from nqx_graph.errors import StageContractError
from nqx_graph.graph.analysis import Analysis
from nqx_graph.graph.stage import Stage


def stage(
    writes: Analysis | tuple[Analysis, ...] = (),
    *,
    name: str | None = None,
    always: bool = False,
    version: str | None = None,
    supplies: Analysis | None = None,
    describe: Callable[..., Mapping[str, Any]] | None = None,
    covered: bool = False,
    open_reads: bool = False,
    options: Mapping[str, Any] | None = None,
    before: Any = (),
    after: Any = (),
) -> Callable[[Callable[..., Any]], Stage]:
    """Make a function a stage; see :class:`Stage` for what the arguments mean.

    ``before`` and ``after`` take a pair of a stage (or its name) and a written reason, or several pairs.

    Raises:
        StageContractError: if a parameter could not be a read, or ``writes`` is not made of analyses.
        GraphError: if the name is no identifier.
    """
    if inspect.isfunction(writes):
        raise StageContractError(f"@stage needs its declaration: write @stage(writes=...) above {writes.__name__!r}.")

    def declare(fn: Callable[..., Any]) -> Stage:
        if isinstance(fn, type) or hasattr(fn, "run"):
            raise StageContractError(f"@stage takes a plain function; make {fn!r} a stage with as_stage(...).")
        if isinstance(fn, Stage) or not callable(fn):
            raise StageContractError(f"@stage takes a plain function; {fn!r} is a {type(fn).__name__}.")
        return Stage(
            name=getattr(fn, "__name__", "") if name is None else name,
            fn=fn,
            writes=writes if isinstance(writes, tuple) else (writes,),
            supplies=supplies,
            always=always,
            version=version,
            options=options,
            describe=describe,
            covered=covered,
            open_reads=open_reads,
            before=before,
            after=after,
        )

    return declare
