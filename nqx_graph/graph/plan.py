"""What runs: a frozen plan of functions and keys, with no graph in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from operator import itemgetter
from types import MappingProxyType
from typing import Any

import attrs

from nqx_graph.errors import StageContractError
from nqx_graph.graph.analysis import Analysis
from nqx_graph.graph.order import Order
from nqx_graph.graph.stage import COVERED, DECLARED, Stage
from nqx_graph.graph.wiring import Wiring

Values = dict[str, Any]


@attrs.frozen(eq=False)
class Step:
    """One stage, ready to run: ``call`` picks what it reads from the values of the call and returns what it returns."""

    name: str
    call: Callable[[Values], Any]
    writes: tuple[str, ...]
    single: str | None
    supplies: str | None


@attrs.frozen(eq=False)
class Plan:
    """The steps of an :class:`Order`, and the names that every call has to give."""

    inputs: frozenset[str]
    before: tuple[Step, ...]
    gate: Step | None
    on_hit: tuple[Step, ...]
    on_miss: tuple[Step, ...]


def plan_of(wiring: Wiring, order: Order, covered: tuple[str, ...]) -> Plan:
    """Resolve names to functions, once for all calls."""
    digests = [wiring.analyses[name] for name in covered]
    steps = {name: _step(stage, digests) for name, stage in wiring.stages.items()}

    def chosen(names: Iterable[str]) -> tuple[Step, ...]:
        return tuple(steps[name] for name in names)

    gate = steps[order.gate] if order.gate else None
    return Plan(frozenset(wiring.inputs), chosen(order.before), gate, chosen(order.on_hit), chosen(order.on_miss))


def _step(stage: Stage, covered: Iterable[Analysis]) -> Step:
    writes = tuple(item.name for item in stage.writes)
    single = writes[0] if len(writes) == 1 else None
    call = _special(stage, tuple(covered)) if stage.covered or stage.open_reads else _plain(stage)
    return Step(stage.name, call, writes, single, stage.supplies.name if stage.supplies else None)


def _plain(stage: Stage) -> Callable[[Values], Any]:
    """A call by position: it costs half of one by keyword, and a no-op stage costs little else."""
    fn, reads = stage.fn, stage.reads
    if stage.keyword_only:
        return lambda values: fn(**{name: values[name] for name in reads})
    if not reads:
        return lambda _: fn()
    if len(reads) == 1:
        only = reads[0]
        return lambda values: fn(values[only])
    pick = itemgetter(*reads)
    return lambda values: fn(*pick(values))


def _special(stage: Stage, covered: tuple[Analysis, ...]) -> Callable[[Values], Any]:
    special = {COVERED} if stage.covered else set()
    special |= {DECLARED} if stage.open_reads else set()
    plain = [name for name in stage.parameters if name not in special]

    def call(values: Values) -> Any:
        given = {name: values[name] for name in plain}
        if stage.covered:
            given[COVERED] = MappingProxyType({item.name: _digest(item, values[item.name]) for item in covered})
        if stage.open_reads:
            given[DECLARED] = MappingProxyType({name: values[name] for name in stage.extra_reads})
        return stage.fn(**given)

    return call


def _digest(analysis: Analysis, value: Any) -> bytes | None:
    assert analysis.digest is not None
    try:
        digest = analysis.digest(value)
    except Exception as error:
        error.add_note(f"This happened in the digest of the analysis {analysis.name!r}.")
        raise
    if digest is not None and not isinstance(digest, bytes):
        raise StageContractError(
            f"The digest of the analysis {analysis.name!r} returned a {type(digest).__name__}: return bytes, or None "
            "for a value that has no digest."
        )
    return digest
