"""A graph is checked whole: every fault that it has, in one list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import attrs

from nqx_graph.graph.analysis import Analysis
from nqx_graph.graph.cycles import circles
from nqx_graph.graph.faults import Draft, refuse
from nqx_graph.graph.override import overridden
from nqx_graph.graph.override_faults import OVERRIDES
from nqx_graph.graph.soundness import gate_faults
from nqx_graph.graph.stage import Stage
from nqx_graph.graph.structure import STRUCTURE
from nqx_graph.graph.wiring import Wiring, wire


def checked(
    stages: tuple[Stage, ...],
    inputs: tuple[Analysis, ...],
    targets: tuple[Analysis, ...],
    inserted: frozenset[str],
    overrides: Mapping[str, Any],
) -> Wiring:
    """The wiring of what runs.

    Raises:
        GraphError: listing every fault, by kind and then by text. The gate is judged on what runs with the overrides,
            so only if these can be made.
    """
    named = _named_apart(stages)
    inserted |= {new.name for old, new in zip(stages, named, strict=True) if old.name in inserted}
    draft = Draft(stages, named, inputs, targets, overrides, wire(named, inputs, targets, inserted))
    of_overrides = [fault for kind in OVERRIDES for fault in sorted(kind(draft), key=lambda fault: fault.message)]
    faults = [fault for kind in STRUCTURE for fault in sorted(kind(draft), key=lambda fault: fault.message)]
    faults += [*of_overrides, *circles(draft)]
    wiring = draft.wiring if of_overrides else overridden(draft)
    faults += gate_faults(draft, wiring)
    if faults:
        raise refuse(faults)
    return wiring


def _named_apart(stages: Iterable[Stage]) -> tuple[Stage, ...]:
    """The stages, those with a name that is taken under another one, so that all of them can be judged."""
    stages = tuple(stages)
    taken = {stage.name for stage in stages}
    named: dict[str, Stage] = {}
    for stage in stages:
        name, number = stage.name, 1
        while name in named or (number > 1 and name in taken):
            number += 1
            name = f"{stage.name}_{number}"
        named[name] = stage if number == 1 else attrs.evolve(stage, name=name)
    return tuple(named.values())
