"""Can the cache hand out what another call would not have made?

What crosses the gate into the making of the supplied value can change that value, so the key has to cover it. A value
is covered by its digest, or because it is computed from nothing but covered values: the code that computes it is part
of the key anyway. A stage that is told to run before or after another counts as if the later one read of it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

import attrs
import networkx as nx

from nqx_graph.graph.faults import Draft, Fault, at, joined
from nqx_graph.graph.order import hit_stages, miss_stages, stages_before
from nqx_graph.graph.wiring import Wiring, network


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
    later than that, has no digest that the key could wait for: it is followed further back.
    """
    late = _too_late(wiring)
    covered: set[str] = set()
    open_paths: dict[str, tuple[str, ...]] = {}
    waiting = deque(_crossing(wiring))
    seen: set[str] = set()
    while waiting:
        name, path = waiting.popleft()
        if name in seen:
            continue
        seen.add(name)
        if name in wiring.analyses and wiring.analyses[name].digest and name not in late:
            covered.add(name)
        elif name in wiring.inputs:
            open_paths[name] = (name, *path)
        elif name in wiring.writer:
            waiting.extend(_behind_it(wiring, wiring.writer[name], path))
    return Coverage(tuple(sorted(covered)), tuple(path for _, path in sorted(open_paths.items())))


def _behind_it(wiring: Wiring, name: str, path: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """What a stage, and every stage that it waits for, reads. A wait says that something flows which no one sees."""
    stages = deque([(name, path)])
    seen: set[str] = set()
    while stages:
        name, path = stages.popleft()
        if name not in seen:
            seen.add(name)
            path = (name, *path)
            yield from ((read, path) for read in sorted(wiring.stages[name].reads))
            stages.extend((earlier, path) for earlier in _awaited(wiring, name))


def _awaited(wiring: Wiring, name: str) -> Iterator[str]:
    """What a stage waits for, without the gate: what runs behind it on a miss knows its answer, and nothing more."""
    yield from (earlier for earlier in wiring.awaited(name) if wiring.stages[earlier] is not wiring.gate)


def _too_late(wiring: Wiring) -> set[str]:
    """What is not there when the key is derived: what runs after that, and what does not run before the gate."""
    late = wiring.stages.keys() - stages_before(wiring)
    if wiring.key is not None:
        late |= {wiring.key.name, *nx.descendants(network(wiring), wiring.key.name)}
    return {name for name, writer in wiring.writer.items() if writer in late}


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
        for earlier in _awaited(wiring, name):
            if earlier not in hit:
                paths.append((earlier, path))
            else:
                yield from _behind_it(wiring, earlier, path)


def gate_faults(draft: Draft, wiring: Wiring) -> Iterator[Fault]:
    """Two gates or two keys, a gate that supplies what it cannot, and every value that crosses it uncovered.

    Args:
        draft: what the graph was asked to be.
        wiring: what runs, after its overrides.
    """
    gates = [stage for stage in draft.stages if stage.supplies]
    keys = [stage for stage in draft.stages if stage.covered]
    for kind, what, stages in (("two gates", "gates", gates), ("two keys", "key derivations (covered=True)", keys)):
        if len(stages) > 1:
            message = f"There are {len(stages)} {what}: {joined(at(stage) for stage in stages)}. Remove all but one."
            yield Fault(kind, message, tuple(stage.name for stage in stages))
    if gates and _idle(wiring):
        yield from _supply_faults(wiring)
    elif gates:
        yield from _uncovered(wiring)
        yield from _key_faults(wiring) if len(keys) < 2 else ()


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
            "Drop its always=True, and let neither the gate nor a stage that runs always read what it writes or have "
            "it come before.",
            (gate.name, maker.name),
        )


def _uncovered(wiring: Wiring) -> Iterator[Fault]:
    for path in coverage(wiring).open_paths:
        yield Fault(
            "uncovered",
            f"`{' -> '.join(path)}` is not covered by the key: give Analysis({path[0]!r}) a digest=, with "
            f"replace_input(), or one to what a stage marked always=True makes of it, or do not read it in "
            f"{at(wiring.stages[path[1]])}.",
            path[1:-1],
        )


def _key_faults(wiring: Wiring) -> Iterator[Fault]:
    gate, key = wiring.gate, wiring.key
    assert gate is not None
    found = coverage(wiring)
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
