"""The graph: an immutable value, checked whole when it is built."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from types import MappingProxyType
from typing import Any

import attrs
import networkx as nx

from nqx_graph.errors import StageContractError, nearest
from nqx_graph.graph.analysis import Analysis
from nqx_graph.graph.cycles import circles
from nqx_graph.graph.faults import STRUCTURE, Draft, Fault, refuse
from nqx_graph.graph.identity import Identity, stage_identity
from nqx_graph.graph.order import Order, order_of
from nqx_graph.graph.plan import Plan, plan_of
from nqx_graph.graph.soundness import coverage, gate_faults
from nqx_graph.graph.stage import Stage
from nqx_graph.graph.wiring import Wiring, network, wire


def _by_name(items: Iterable[Analysis]) -> tuple[Analysis, ...]:
    return tuple(sorted(items, key=lambda item: item.name))


def _by_place(stages: Iterable[Stage]) -> tuple[Stage, ...]:
    stages = tuple(stages)
    for stage in stages:
        if not isinstance(stage, Stage):
            raise StageContractError(f"A graph is made of stages, and {stage!r} is none: decorate it with @stage(...).")
    return tuple(sorted(stages, key=lambda stage: (stage.name, stage.file, stage.line)))


def _names(names: Iterable[str]) -> frozenset[str]:
    return frozenset(names)


@attrs.frozen(eq=False)
class Graph:
    """Stages joined by what they read and write, and everything that follows from that.

    The order in which stages are given has no meaning: they are sorted by name.

    Args:
        stages: the nodes.
        inputs: the analyses that each call gives.
        targets: the analyses that a call is to make.
        inserted: names of the stages that were inserted; what they write and no one reads is a target as well.

    Raises:
        GraphError: if anything is wrong; ``faults`` lists all of it.
    """

    stages: tuple[Stage, ...] = attrs.field(converter=_by_place)
    inputs: tuple[Analysis, ...] = attrs.field(default=(), converter=_by_name)
    targets: tuple[Analysis, ...] = attrs.field(default=(), converter=_by_name)
    inserted: frozenset[str] = attrs.field(default=frozenset(), converter=_names)
    _wiring: Wiring = attrs.field(init=False, repr=False)
    covered: tuple[str, ...] = attrs.field(init=False, repr=False)
    order: Order = attrs.field(init=False, repr=False)
    plan: Plan = attrs.field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        wiring = wire(self.stages, self.inputs, self.targets, self.inserted)
        faults = _faults(Draft(self.stages, self.inputs, self.targets, wiring))
        if faults:
            raise refuse(faults)
        covered = coverage(wiring).covered if wiring.gate else ()
        order = order_of(wiring, covered)
        resolved: dict[str, Any] = {"_wiring": wiring, "covered": covered, "order": order}
        for name, value in {**resolved, "plan": plan_of(wiring, order, covered)}.items():
            object.__setattr__(self, name, value)

    def __getitem__(self, name: str) -> Stage:
        """The stage of this name."""
        if name not in self._wiring.stages:
            raise self._absent(name)
        return self._wiring.stages[name]

    def insert(self, *stages: Stage) -> Graph:
        """A graph with more stages; what they write and no other stage reads becomes a target."""
        names = {stage.name for stage in _by_place(stages)}
        return attrs.evolve(self, stages=(*self.stages, *stages), inserted=self.inserted | names)

    def replace(self, old: str | Stage, new: Stage) -> Graph:
        """A graph with one stage in the place of another."""
        gone = self[old if isinstance(old, str) else old.name]
        kept = [stage for stage in self.stages if stage is not gone]
        names = self.inserted - {gone.name} | {new.name} if gone.name in self.inserted else self.inserted
        return attrs.evolve(self, stages=(*kept, new), inserted=names)

    def with_reads(self, name: str, extra: Iterable[str]) -> Graph:
        """A graph in which a stage with open reads reads exactly these analyses beyond its parameters."""
        return self.replace(name, attrs.evolve(self[name], extra_reads=extra))

    @property
    def analyses(self) -> Mapping[str, Analysis]:
        """Every analysis of the graph by name."""
        return MappingProxyType(self._wiring.analyses)

    @property
    def wanted(self) -> tuple[str, ...]:
        """The names of all targets, those of inserted stages included."""
        return self._wiring.targets

    @property
    def gate(self) -> str | None:
        """The name of the gate, if there is one."""
        return self.order.gate

    @property
    def hit_plan(self) -> tuple[str, ...]:
        """What runs on a hit, in order."""
        return self.order.hit_plan

    @property
    def miss_plan(self) -> tuple[str, ...]:
        """What runs on a miss, in order."""
        return self.order.miss_plan

    @property
    def gated(self) -> tuple[str, ...]:
        """What a hit skips, in order."""
        return self.order.gated

    @property
    def pre_gate(self) -> tuple[str, ...]:
        """What runs before the gate, in order."""
        return self.order.before

    @property
    def post_gate(self) -> tuple[str, ...]:
        """What runs behind the gate on a miss, in order."""
        return self.order.on_miss

    @cached_property
    def network(self) -> nx.DiGraph:
        """The flow of data as a networkx graph that cannot be changed; edges list their ``analyses``."""
        return nx.freeze(network(self._wiring))

    @cached_property
    def identities(self) -> Mapping[str, Identity]:
        """The identity of every stage of the miss plan, before and behind the gate, by name."""
        return MappingProxyType({name: stage_identity(self[name]) for name in sorted(self.miss_plan)})

    @cached_property
    def identity(self) -> Identity:
        """One identity for all stages of the miss plan; it is portable if all of theirs are."""
        parts = self.identities.values()
        return Identity(repr([part.text for part in parts]), all(part.portable for part in parts))

    def _absent(self, name: str) -> Exception:
        names = self._wiring.stages
        message = f"There is no stage {name!r}.{nearest(name, names)} Name one of the stages, or insert() the new one."
        return refuse([Fault("no such stage", message, (name,))])


def _faults(draft: Draft) -> list[Fault]:
    """Every fault, by kind and then by text. The gate is judged once it is clear what the stages are."""
    faults = [fault for kind in STRUCTURE for fault in sorted(kind(draft), key=lambda fault: fault.message)]
    in_circles = list(circles(draft))
    faults += in_circles
    if not in_circles and all(fault.kind != "same name" for fault in faults):
        faults += gate_faults(draft)
    return faults
