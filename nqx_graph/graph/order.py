"""The two plans, as names: what a hit runs and what a miss runs, and in which order."""

from __future__ import annotations

import attrs
import networkx as nx

from nqx_graph.graph.wiring import Wiring, network


@attrs.frozen
class Order:
    """The stages of a graph by what the gate's answer means for them, each part in the order in which it runs.

    Attributes:
        before: what runs on every call, before the gate; everything, if there is no gate.
        gate: the gate's name.
        on_hit: what runs after a hit.
        on_miss: what runs after a miss, or when the gate was bypassed.
    """

    before: tuple[str, ...]
    gate: str | None = None
    on_hit: tuple[str, ...] = ()
    on_miss: tuple[str, ...] = ()

    @property
    def hit_plan(self) -> tuple[str, ...]:
        """Every stage that a hit runs, the gate included."""
        return (*self.before, *self._gate, *self.on_hit)

    @property
    def miss_plan(self) -> tuple[str, ...]:
        """Every stage that a miss runs, the gate included."""
        return (*self.before, *self._gate, *self.on_miss)

    @property
    def gated(self) -> tuple[str, ...]:
        """What a hit skips: the stages of the miss plan that are not in the hit plan."""
        hit = set(self.hit_plan)
        return tuple(name for name in self.miss_plan if name not in hit)

    @property
    def _gate(self) -> tuple[str, ...]:
        return (self.gate,) if self.gate else ()


def hit_stages(wiring: Wiring) -> frozenset[str]:
    """What the gate waits for and what is declared to run always, where the gate counts as the one who supplies."""
    if wiring.gate is None:
        return miss_stages(wiring)
    always = wiring.upstream(wiring.early, given=wiring.supplied)
    return always | wiring.upstream([wiring.gate.name], given=wiring.supplied, waits=True)


def miss_stages(wiring: Wiring) -> frozenset[str]:
    """What the targets need. A stage that writes nothing is there for its effect, so it is needed as well."""
    roots = [wiring.writer[name] for name in wiring.targets if name in wiring.writer]
    roots += [name for name, stage in wiring.stages.items() if not stage.writes]
    return wiring.upstream([*roots, *wiring.early])


def stages_before(wiring: Wiring) -> frozenset[str]:
    """What runs before the gate: what a hit runs, without what has to wait for the gate or for what a hit skips."""
    hit = hit_stages(wiring)
    if wiring.gate is None:
        return hit
    graph = network(wiring)
    behind = (miss_stages(wiring) - hit) | {wiring.gate.name}
    return hit - behind.union(*(nx.descendants(graph, name) for name in behind))


def order_of(wiring: Wiring, covered: tuple[str, ...]) -> Order:
    """Sort the stages by what they read and wait for, and by name where that leaves a choice.

    Args:
        wiring: free of faults.
        covered: the analyses whose digests the key derivation receives, and so waits for.
    """
    needs = _needs(wiring, miss_stages(wiring), covered)
    gate = wiring.gate
    if gate is None:
        return Order(_sorted(needs))
    hit = hit_stages(wiring)
    before = stages_before(wiring)
    needs.add_edges_from((name, gate.name) for name in before)
    needs.add_edges_from((gate.name, name) for name in set(needs) - before - {gate.name})
    names = _sorted(needs)
    middle = names.index(gate.name)
    behind = names[middle + 1 :]
    return Order(names[:middle], gate.name, tuple(name for name in behind if name in hit), behind)


def _needs(wiring: Wiring, names: frozenset[str], covered: tuple[str, ...]) -> nx.DiGraph:
    needs = nx.DiGraph()
    needs.add_nodes_from(sorted(names))
    for name in sorted(names):
        stage = wiring.stages[name]
        reads = (*stage.reads, *covered) if stage is wiring.key else stage.reads
        needs.add_edges_from((wiring.writer[read], name) for read in reads if read in wiring.writer)
    needs.add_edges_from(pair for pair in wiring.waits if names.issuperset(pair))
    return needs


def _sorted(needs: nx.DiGraph) -> tuple[str, ...]:
    return tuple(nx.lexicographical_topological_sort(needs, key=str))
