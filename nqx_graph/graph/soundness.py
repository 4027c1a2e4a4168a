"""Can the cache hand out what another call would not have made?

What crosses the gate into the making of the supplied value can change that value, so the key has to cover it. A value
is covered by its digest, or because it is computed from nothing but covered values: the code that computes it is part
of the key anyway.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

import attrs

from nqx_graph.graph.faults import Draft, Fault, at, joined
from nqx_graph.graph.order import hit_stages, miss_stages
from nqx_graph.graph.wiring import Wiring


@attrs.frozen
class Coverage:
    """What the key covers.

    Attributes:
        covered: the names of the analyses whose digests the key derivation receives, sorted.
        open_paths: for each value that no digest covers, how it reaches what the gate supplies.
    """

    covered: tuple[str, ...] = ()
    open_paths: tuple[tuple[str, ...], ...] = ()


def coverage(wiring: Wiring) -> Coverage:
    """Follow every value that crosses the gate back to the nearest digests.

    Breadth first, so that the path to an uncovered value is a shortest one. A value made by the key derivation, or
    from what that made, has no digest that the key could wait for: it is followed further back.
    """
    after_key = _after_key(wiring)
    covered: set[str] = set()
    open_paths: dict[str, tuple[str, ...]] = {}
    waiting = deque(_crossing(wiring))
    seen: set[str] = set()
    while waiting:
        name, path = waiting.popleft()
        if name in seen:
            continue
        seen.add(name)
        if name in wiring.analyses and wiring.analyses[name].digest and name not in after_key:
            covered.add(name)
        elif name in wiring.inputs:
            open_paths[name] = (name, *path)
        elif name in wiring.writer:
            source = wiring.stages[wiring.writer[name]]
            waiting.extend((read, (source.name, *path)) for read in sorted(source.reads))
    return Coverage(tuple(sorted(covered)), tuple(path for _, path in sorted(open_paths.items())))


def _after_key(wiring: Wiring) -> set[str]:
    if wiring.key is None:
        return set()
    stages = {wiring.key.name}
    for item in wiring.key.writes:
        stages |= wiring.downstream(item.name)
    return {item.name for name in stages for item in wiring.stages[name].writes}


def _crossing(wiring: Wiring) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each value that crosses, with the stages from its reader to the supplied value, nearest readers first."""
    supplied = wiring.supplied or ""
    hit = hit_stages(wiring)
    paths: deque[tuple[str, tuple[str, ...]]] = deque([(wiring.writer[supplied], (supplied,))])
    seen: set[str] = set()
    while paths:
        name, path = paths.popleft()
        if name in seen or name in hit:
            continue
        seen.add(name)
        path = (name, *path)
        for read in sorted(wiring.stages[name].reads):
            if read in wiring.writer and wiring.writer[read] not in hit:
                paths.append((wiring.writer[read], path))
            else:
                yield read, path


def gate_faults(draft: Draft) -> Iterator[Fault]:
    """Two gates or two keys, a gate that supplies what it cannot, and every value that crosses it uncovered.

    The names of the stages are unique and there are no circles when this is asked.
    """
    wiring, single = draft.wiring, True
    for kind, what, stages in (
        ("two gates", "gates", [stage for stage in draft.stages if stage.supplies]),
        ("two keys", "key derivations (covered=True)", [stage for stage in draft.stages if stage.covered]),
    ):
        if len(stages) > 1:
            single = False
            message = f"There are {len(stages)} {what}: {joined(at(stage) for stage in stages)}. Remove all but one."
            yield Fault(kind, message, tuple(stage.name for stage in stages))
    if wiring.gate is not None and single:
        yield from _supply_faults(wiring) if _idle(wiring) else _key_faults(wiring)


def _idle(wiring: Wiring) -> bool:
    """Whether the gate saves no work: nothing makes what it supplies, or a hit makes it too."""
    return wiring.writer.get(wiring.supplied or "") not in miss_stages(wiring) - hit_stages(wiring)


def _supply_faults(wiring: Wiring) -> Iterator[Fault]:
    gate, supplied = wiring.gate, wiring.supplied
    assert gate is not None and supplied is not None
    maker = wiring.stages.get(wiring.writer.get(supplied, ""))
    if maker is None:
        yield Fault(
            "empty gate",
            f"The gate, {at(gate)}, supplies {supplied!r}, which no stage makes on a miss. Insert a stage that writes "
            "it.",
            (gate.name,),
        )
    elif maker.name in hit_stages(wiring):
        yield Fault(
            "idle gate",
            f"The gate, {at(gate)}, supplies {supplied!r}, but {at(maker)}, which makes it, runs on a hit as well. "
            "Drop its always=True, or do not let the gate or a stage that runs always read what it writes.",
            (gate.name, maker.name),
        )


def _key_faults(wiring: Wiring) -> Iterator[Fault]:
    gate, key = wiring.gate, wiring.key
    assert gate is not None
    found = coverage(wiring)
    for path in found.open_paths:
        yield Fault(
            "uncovered",
            f"`{' -> '.join(path)}` is not covered by the key: give Analysis({path[0]!r}) a digest=, or one that is "
            f"computed from it on the way, or do not read it in {at(wiring.stages[path[1]])}.",
            path[1:-1],
        )
    if found.covered and key is None:
        names = joined(f"`{name}`" for name in found.covered)
        yield Fault(
            "no key",
            f"What crosses the gate, {at(gate)}, is not covered by the key ({names}), because no stage receives the "
            "digests. Declare the stage that makes the key with covered=True and a parameter 'covered'.",
            (gate.name,),
        )
    if key is not None and key.name not in wiring.upstream([gate.name], given=wiring.supplied):
        yield Fault(
            "unused key",
            f"The gate, {at(gate)}, does not depend on the key that {at(key)} derives. Let the gate read it.",
            (gate.name, key.name),
        )
