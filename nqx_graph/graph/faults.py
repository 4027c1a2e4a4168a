"""What is wrong with a graph, as data and as one error.

Every message names the stage, the place where it was written, and the mend.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import attrs

from nqx_graph.errors import GraphError
from nqx_graph.graph.analysis import Analysis
from nqx_graph.graph.stage import Stage
from nqx_graph.graph.wiring import Wiring

KINDS: Final = (
    "same name",
    "two writers",
    "two meanings",
    "unknown read",
    "wrong annotation",
    "unread output",
    "unreachable target",
    "unknown wait",
    "unknown override",
    "fixed input",
    "fixed key",
    "fixed supply",
    "wrong value",
    "cycle",
    "two gates",
    "two keys",
    "empty gate",
    "idle gate",
    "uncovered",
    "no key",
    "unused key",
    "no such stage",
    "no such input",
)


@attrs.frozen
class Fault:
    """One reason why a graph cannot be built.

    Attributes:
        kind: one of :data:`KINDS`.
        message: finished sentences that name the stage, its place and the mend.
        stages: the names of the stages concerned.
    """

    kind: str = attrs.field(validator=attrs.validators.in_(KINDS))
    message: str
    stages: tuple[str, ...] = ()


@attrs.frozen(eq=False)
class Draft:
    """What a graph was asked to be, before it is known whether it can be.

    Attributes:
        given: the stages, which may share names.
        stages: the same under names of their own, so that each can be judged.
        inputs: the analyses that each call gives.
        targets: the analyses that were asked for.
        overrides: values to fix analyses to, by name.
        wiring: the stages joined, before any override.
    """

    given: tuple[Stage, ...]
    stages: tuple[Stage, ...]
    inputs: tuple[Analysis, ...]
    targets: tuple[Analysis, ...]
    overrides: Mapping[str, Any]
    wiring: Wiring


def refuse(faults: Iterable[Fault]) -> GraphError:
    """One error that lists every fault."""
    faults = tuple(faults)
    header = f"the graph cannot be built: {len(faults)} fault{'s' if len(faults) != 1 else ''}"
    lines = [f"  {number}. {fault.message}" for number, fault in enumerate(faults, 1)]
    return GraphError("\n".join([header, *lines]), faults=faults)


def at(stage: Stage) -> str:
    """A stage and where it was written."""
    return f"stage {stage.name!r} ({stage.place})"


def joined(parts: Iterable[str]) -> str:
    """``a``, ``a and b``, or ``a, b and c``."""
    *most, last = parts
    return f"{', '.join(most)} and {last}" if most else last
