"""The graph: an immutable value, checked whole when it is built."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from types import MappingProxyType
from typing import Any

import attrs
import networkx as nx

from nqx_graph.errors import listed, nearest
from nqx_graph.graph.analysis import Analysis
from nqx_graph.graph.check import checked
from nqx_graph.graph.draw import bundle, draw, html, plan_picture
from nqx_graph.graph.faults import Fault, refuse
from nqx_graph.graph.fields import by_name, by_place, names, read_only
from nqx_graph.graph.identity import Identity, joint, may_change, stage_identity
from nqx_graph.graph.order import Order, order_of
from nqx_graph.graph.plan import Plan, plan_of
from nqx_graph.graph.soundness import coverage
from nqx_graph.graph.stage import Stage
from nqx_graph.graph.wiring import Wiring, network


@attrs.frozen(eq=False)
class Graph:
    """Stages joined by what they read and write, and everything that follows from that.

    The order in which stages are given has no meaning: they are sorted by name.

    Args:
        stages: the nodes.
        inputs: the analyses that each call gives.
        targets: the analyses that a call is to make.
        inserted: names of the stages that were inserted; what they write and no one reads is a target as well.
        overrides: values that analyses are fixed to, by name; see :meth:`override`.

    Raises:
        GraphError: if anything is wrong; ``faults`` lists all of it.
    """

    stages: tuple[Stage, ...] = attrs.field(converter=by_place)
    inputs: tuple[Analysis, ...] = attrs.field(default=(), converter=by_name)
    targets: tuple[Analysis, ...] = attrs.field(default=(), converter=by_name)
    inserted: frozenset[str] = attrs.field(default=frozenset(), converter=names)
    overrides: Mapping[str, Any] = attrs.field(factory=dict, converter=read_only)
    _wiring: Wiring = attrs.field(init=False, repr=False)
    covered: tuple[str, ...] = attrs.field(init=False, repr=False)
    order: Order = attrs.field(init=False, repr=False)
    plan: Plan = attrs.field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        wiring = checked(self.stages, self.inputs, self.targets, self.inserted, self.overrides)
        covered = coverage(wiring).covered if wiring.gate else ()
        order = order_of(wiring, covered)
        resolved: dict[str, Any] = {"_wiring": wiring, "covered": covered, "order": order}
        for name, value in {**resolved, "plan": plan_of(wiring, order, covered)}.items():
            object.__setattr__(self, name, value)

    def __getitem__(self, name: str) -> Stage:
        """The stage of this name, as it runs."""
        return self._wiring.stages[name] if name in self._wiring.stages else self._declared(name)

    def insert(self, *stages: Stage) -> Graph:
        """A graph with more stages; what they write and no other stage reads becomes a target."""
        added = {stage.name for stage in by_place(stages)}
        return attrs.evolve(self, stages=(*self.stages, *stages), inserted=self.inserted | added)

    def remove(self, *stages: str | Stage) -> Graph:
        """A graph without these stages."""
        gone = [self._declared(stage if isinstance(stage, str) else stage.name) for stage in stages]
        kept = [stage for stage in self.stages if stage not in gone]
        return attrs.evolve(self, stages=kept, inserted=self.inserted - {stage.name for stage in gone})

    def replace(self, old: str | Stage, new: Stage) -> Graph:
        """A graph with one stage in the place of another."""
        gone = self._declared(old if isinstance(old, str) else old.name)
        kept = [stage for stage in self.stages if stage is not gone]
        inserted = self.inserted - {gone.name} | {new.name} if gone.name in self.inserted else self.inserted
        return attrs.evolve(self, stages=(*kept, new), inserted=inserted)

    def replace_input(self, new: Analysis) -> Graph:
        """A graph with another declaration of an input, such as one with a digest, in the place of the one so named."""
        if new.name not in self._wiring.inputs:
            known = self._wiring.inputs
            message = f"There is no input {new.name!r}.{nearest(new.name, known)} Name one of {listed(known)}."
            raise refuse([Fault("no such input", message)])
        inputs, targets = ([new if x.name == new.name else x for x in side] for side in (self.inputs, self.targets))
        return attrs.evolve(self, inputs=inputs, targets=targets)

    def override(self, **values: Any) -> Graph:
        """A graph in which these analyses have these values.

        Each is written by a stage of its own, ``override_NAME``. The stage that computes it runs no longer where nothing
        else of it is needed, nor does what only that stage needed. The value is part of the graph's identity, and so of
        every key: as its analysis' digest, else as plain data, else as this very object in this process.
        """
        return attrs.evolve(self, overrides={**self.overrides, **values})

    def with_reads(self, name: str, extra: Iterable[str]) -> Graph:
        """A graph in which a stage with open reads reads exactly these analyses beyond its parameters."""
        return self.replace(name, attrs.evolve(self._declared(name), extra_reads=extra))

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

    @property
    def identities(self) -> Mapping[str, Identity]:
        """The identity of every stage of the miss plan, before and behind the gate, by name."""
        changed = {name: stage_identity(self[name]) for name in self._changeable}
        return MappingProxyType({**self._identities, **changed}) if changed else self._identities

    @property
    def identity(self) -> Identity:
        """One identity for all stages of the miss plan; it is portable if all of theirs are."""
        return joint(self.identities) if self._changeable else self._identity

    def draw(self, format: str = "text") -> str:
        """The graph as ``"text"``, ``"mermaid"``, ``"dot"`` or ``"svg"``.

        Raises:
            GraphError: if there is no such format.
        """
        return draw(plan_picture(self), format)

    def _repr_html_(self) -> str:
        return html(plan_picture(self))

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return bundle(plan_picture(self))

    @cached_property
    def _identities(self) -> Mapping[str, Identity]:
        return MappingProxyType({name: stage_identity(self[name]) for name in sorted(self.miss_plan)})

    @cached_property
    def _identity(self) -> Identity:
        return joint(self._identities)

    @cached_property
    def _changeable(self) -> tuple[str, ...]:
        return tuple(name for name in self.miss_plan if may_change(self[name].fn))

    def _declared(self, name: str) -> Stage:
        for stage in self.stages:
            if stage.name == name:
                return stage
        known = {stage.name for stage in self.stages}
        message = f"There is no stage {name!r}.{nearest(name, known)} Name one of the stages, or insert() the new one."
        raise refuse([Fault("no such stage", message, (name,))])
