"""``verify=True``: every stage is held to what a stage promises, and a hit to what a miss would have made."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import attrs

from nqx_graph.artifact import SymbolicCompiledArtifact
from nqx_graph.debug.agreement import disagreement
from nqx_graph.debug.conforms import mismatch
from nqx_graph.debug.snapshot import Snapshot, snapshot
from nqx_graph.errors import VerificationError, VerificationWarning
from nqx_graph.graph import CallRecord, Graph, Run, StageFailure, execute
from nqx_graph.graph.instruments import Watch
from nqx_graph.graph.plan import Step
from nqx_graph.graph.record import SKIPPED_HIT
from nqx_graph.graph.run import remake
from nqx_graph.lowering import SymbolicLowererRegistry
from nqx_graph.space import SpaceView, view

# inputs that are there to be changed, and are therefore not looked at
_MUTABLE = frozenset({"store", "flights"})


def execute_verified(
    graph: Graph, inputs: Mapping[str, Any], *, record: CallRecord | None = None, instruments: Iterable[Any] = ()
) -> Run:
    """`execute`, with every stage audited; on a hit, the miss plan runs as well and both artifacts are compared.

    The values of the call, and what is stored, are those of an ordinary call.

    Raises:
        StageFailure: as `execute` does, and with a VerificationError for a stage that changes what it was given, is no
            function of it, or writes another type than it declares, and for a gate that supplies another artifact than a
            miss would have made.
    """
    record = CallRecord() if record is None else record
    watch, audit = Watch(instruments), Audit(graph, record)
    # nested innermost, so that what other instruments do to a value is not blamed on a stage
    run = execute(graph, inputs, record=record, instruments=(*watch.given, audit))
    if run.outcome == "hit":
        try:
            audit.notes |= _verify_hit(graph, record)
        except StageFailure as failure:
            watch.tell_failed(failure.stage, failure.__cause__ or failure)
            raise
    if audit.notes:
        places = "; ".join(sorted(audit.notes))
        warnings.warn(
            f"verify=True compared some values by identity only, because they say nothing of their content: {places}.",
            VerificationWarning,
            stacklevel=2,
        )
    return run


class Audit:
    """An instrument that holds each stage of one call to its declaration.

    A stage with outputs is run a first time before it runs: a rehearsal on the same inputs, whose result must be that of
    the real run. The gate and stages that write nothing run once; they are there for their effect.
    """

    name = "verify=True"

    def __init__(self, graph: Graph, record: CallRecord) -> None:
        plan = graph.plan
        gate = () if plan.gate is None else (plan.gate,)
        self._steps = {step.name: step for step in (*plan.before, *gate, *plan.on_miss, *plan.on_hit)}
        self._graph, self._record = graph, record
        self._given: dict[str, Callable[[str], str | None]] = {}
        self._rehearsed: _Rehearsal | None = None
        self.notes: set[str] = set()

    def before(self, stage: str, values: Mapping[str, Any]) -> None:
        """Look at what the stage is given, and rehearse it."""
        step = self._steps[stage]
        self._given = {name: self._watched(name) for name in self._reads(stage)}
        self._rehearsed = self._rehearse(step) if step.writes else None

    def after(self, stage: str, values: Mapping[str, Any], duration_ns: int) -> None:
        """Compare with what was given, with what is declared, and with the rehearsal."""
        self._same_inputs(stage)
        for name, value in values.items():
            wrong = mismatch(value, self._graph.analyses[name].type, repr(name))
            if wrong is not None:
                verb = "supplied" if self._graph[stage].supplies else "wrote"
                raise VerificationError(
                    f"stage {stage!r} {verb} another type than the analysis {name!r} declares: {wrong}. Return that "
                    "type, or declare the analysis with the type it has.",
                    stage=stage,
                    analysis=name,
                )
        if self._rehearsed is not None:
            self._same_results(stage, self._rehearsed, values)

    def skipped(self, stage: str, status: str) -> None:
        """A stage that did nothing must not have changed what it was given either."""
        if status != SKIPPED_HIT:
            self._same_inputs(stage)

    def _reads(self, stage: str) -> tuple[str, ...]:
        node = self._graph[stage]
        names = (*node.reads, *self._graph.covered) if node.covered else node.reads
        return tuple(name for name in dict.fromkeys(names) if name not in _MUTABLE)

    def _watched(self, name: str) -> Callable[[str], str | None]:
        """A function that says where the value of an analysis has changed since now; None if nowhere."""
        value = self._record._values[name]
        if isinstance(value, CallRecord):
            return _watched_record(value)
        if isinstance(value, SymbolicLowererRegistry):
            # what lowerers keep to themselves is theirs, as long as they stay who the key says they are
            lowerers = value.identities()
            return lambda at: None if value.identities() == lowerers else f"{at}.identities(), which the key is made of"
        known = snapshot(value)
        self.notes |= set(known.unknown(name))
        return lambda at: known.changed(snapshot(value), at)

    def _same_inputs(self, stage: str) -> None:
        for name, change in self._given.items():
            at = change(name)
            if at is not None:
                raise VerificationError(
                    f"stage {stage!r} changed the analysis {name!r} that it was given, at {at}. Other stages read the same "
                    "value: copy it first, and write an analysis of its own.",
                    stage=stage,
                    analysis=name,
                    at=at,
                )

    def _rehearse(self, step: Step) -> _Rehearsal:
        try:
            result = step.call(self._record._values)
        except Exception as error:
            return _Rehearsal({}, error)
        self._same_inputs(step.name)
        if step.single is None and (not isinstance(result, tuple) or len(result) != len(step.writes)):
            return _Rehearsal({}, None)  # the real run refuses it
        values = (result,) if step.single is not None else result
        return _Rehearsal({name: snapshot(value) for name, value in zip(step.writes, values, strict=True)}, None)

    def _same_results(self, stage: str, first: _Rehearsal, values: Mapping[str, Any]) -> None:
        if first.error is not None:
            raise VerificationError(
                f"stage {stage!r} is no function of what it reads: run twice on the same inputs, it first raised "
                f"{type(first.error).__name__}: {first.error}",
                stage=stage,
            ) from first.error
        for name, known in first.written.items():
            second = snapshot(values[name])
            self.notes |= set(second.unknown(name))
            at = known.differs(second, name)
            if at is not None:
                raise VerificationError(
                    f"stage {stage!r} is no function of what it reads: run twice on the same inputs, it wrote two different "
                    f"values of {name!r}; they differ at {at}. A cached artifact would depend on which run made it: "
                    "read what varies as an input.",
                    stage=stage,
                    analysis=name,
                    at=at,
                )


@attrs.frozen(eq=False)
class _Rehearsal:
    """What the first run of a stage wrote, or raised."""

    written: Mapping[str, Snapshot]
    error: Exception | None


def _watched_record(record: CallRecord) -> Callable[[str], str | None]:
    """A record grows while the call goes on; what it holds already must stay."""
    log, values = tuple(record.log), {name: id(value) for name, value in record._values.items()}

    def changed(at: str) -> str | None:
        if tuple(record.log[: len(log)]) != log:
            return f"{at}.log"
        lost = [name for name, known in values.items() if id(record._values.get(name)) != known]
        return f"{at}._values[{lost[0]!r}]" if lost else None

    return changed


def _verify_hit(graph: Graph, record: CallRecord) -> set[str]:
    """Make the artifact that was supplied, compare, and return what was compared by identity only."""
    gate = graph.gate or ""
    supplied = graph[gate].supplies
    assert supplied is not None
    made = CallRecord()
    audit = Audit(graph, made)
    try:
        remake(graph, record, record=made, instruments=(audit,))
    except StageFailure as failure:
        cause = failure.__cause__
        text = f"the call was a hit, and making the artifact anew to compare failed in stage {failure.stage!r}: {cause}"
        error = VerificationError(text, stage=failure.stage)
        record.fail(failure.stage, error)
        error.__cause__ = cause
        raise StageFailure(failure.stage, record) from error
    wrong = _difference(record._values[supplied.name], made._values[supplied.name], record)
    if wrong is not None:
        text = (
            f"stage {gate!r} supplied another {supplied.name} than a miss makes: {wrong}. Clear the store, and mend what "
            "keeps or identifies its entries."
        )
        error = VerificationError(text, stage=gate, analysis=supplied.name)
        record.fail(gate, error)
        raise StageFailure(gate, record) from error
    return audit.notes


def _difference(supplied: Any, made: Any, record: CallRecord) -> str | None:
    if not isinstance(supplied, SymbolicCompiledArtifact) or not isinstance(made, SymbolicCompiledArtifact):
        at = snapshot(supplied).differs(snapshot(made), "it")
        return None if at is None else f"they differ at {at}"
    space = record._values.get("space")
    return disagreement(supplied, made, space if isinstance(space, SpaceView) else view(made.compiled_operator.hilbert))
