"""Running a plan: one call, one record, nothing kept on the graph."""

from __future__ import annotations

from collections.abc import Mapping
from time import perf_counter_ns
from typing import Any, NoReturn

import attrs

from nqx_graph.errors import GraphError, StageContractError, listed, nearest
from nqx_graph.graph.gate import Bypassed, Miss, Supplied
from nqx_graph.graph.graph import Graph
from nqx_graph.graph.plan import Plan, Step, Values
from nqx_graph.graph.record import FAILED, RAN, SKIPPED_OFF, SUPPLIED, WAITED, CallRecord


class StageFailure(Exception):  # noqa: N818 (it is turned into the error that a user sees)
    """A stage raised; ``__cause__`` is what it raised.

    Attributes:
        stage: the name of the stage.
        record: what happened up to there.
    """

    def __init__(self, stage: str, record: CallRecord) -> None:
        super().__init__(f"Stage {stage!r} failed.")
        self.stage = stage
        self.record = record


@attrs.frozen(eq=False)
class Run:
    """A finished call: ``run["name"]`` is a value, ``record`` what happened."""

    graph: Graph
    record: CallRecord

    def __getitem__(self, name: str) -> Any:
        return self.record.values[name]

    @property
    def outcome(self) -> str | None:
        """``"hit"``, ``"miss"`` or ``"uncached"``."""
        return self.record.outcome


def execute(graph: Graph, inputs: Mapping[str, Any], *, record: CallRecord | None = None) -> Run:
    """Run one plan of a graph, the one that the gate's answer asks for.

    Args:
        graph: any number of threads may run it at once.
        inputs: a value for each of the graph's inputs.
        record: an empty record to write to, which may be one of the inputs as well; a new one if not given.

    Raises:
        GraphError: if inputs are missing or unknown, or the record has been used.
        StageFailure: if a stage raised, or returned what it had not declared.
    """
    record = CallRecord() if record is None else record
    plan = graph.plan
    if inputs.keys() != plan.inputs:
        raise _wrong_inputs(plan, inputs)
    record.begin(graph, inputs)
    try:
        _run(plan.before, record)
        if plan.gate is None:
            record.outcome = "uncached"
        else:
            _ask(plan.gate, record)
            _run(plan.on_hit if record.outcome == "hit" else plan.on_miss, record)
    finally:
        record.finish()
    return Run(graph, record)


def _run(steps: tuple[Step, ...], record: CallRecord) -> None:
    values, log = record.values, record.log.append
    for step in steps:
        reason = None
        start = perf_counter_ns()
        try:
            result = step.call(values)
            if step.single is not None:
                values[step.single] = result
            else:
                reason = _keep(step, result, values)
        except BaseException as error:
            _fail(step, start, record, error)
        status = RAN if reason is None else SKIPPED_OFF
        log((step.name, status, start, perf_counter_ns() - start, step.writes, reason))


def _keep(step: Step, result: Any, values: Values) -> str | None:
    """Store what a stage with no output, or with several, returned; the reason if it says that it did nothing."""
    if not step.writes:
        if result is None:
            return None
        if isinstance(result, Bypassed):
            return result.reason
        raise _broken(step, "to write nothing, so that it returns None or Bypassed(reason)", result)
    if not isinstance(result, tuple) or len(result) != len(step.writes):
        raise _broken(step, f"to write {listed(step.writes)}, so that it returns a tuple of {len(step.writes)}", result)
    values.update(zip(step.writes, result, strict=True))
    return None


def _ask(gate: Step, record: CallRecord) -> None:
    start = perf_counter_ns()
    try:
        answer = gate.call(record.values)
        if isinstance(answer, Supplied):
            record.values[gate.supplies or ""] = answer.value
            status, outcome = WAITED if answer.waited else SUPPLIED, "hit"
        elif isinstance(answer, Miss):
            status, outcome = RAN, "miss"
        elif isinstance(answer, Bypassed):
            status, outcome = SKIPPED_OFF, "uncached"
        else:
            declared = f"to supply {gate.supplies!r}, so that it returns Supplied(value), MISS or Bypassed(reason)"
            raise _broken(gate, declared, answer)
    except BaseException as error:
        _fail(gate, start, record, error)
    reason = answer.reason if isinstance(answer, Bypassed) else None
    record.log.append((gate.name, status, start, perf_counter_ns() - start, (), reason))
    record.outcome = outcome


def _fail(step: Step, start: int, record: CallRecord, error: BaseException) -> NoReturn:
    record.log.append((step.name, FAILED, start, perf_counter_ns() - start, (), None))
    record.failed, record.error = step.name, error
    if isinstance(error, Exception):
        raise StageFailure(step.name, record) from error
    raise error


def _broken(step: Step, declared: str, result: Any) -> StageContractError:
    size = f" of {len(result)}" if isinstance(result, tuple) else ""
    message = f"Stage {step.name!r} declares {declared}, but it returned a {type(result).__name__}{size}."
    return StageContractError(f"{message} Return what it declares, or change the declaration.", stage=step.name)


def _wrong_inputs(plan: Plan, inputs: Mapping[str, Any]) -> GraphError:
    missing, unknown = sorted(plan.inputs - inputs.keys()), sorted(inputs.keys() - plan.inputs)
    parts = [f" {listed(missing)} missing."] if missing else []
    parts += [f" {name!r} is not one of them.{nearest(name, plan.inputs)}" for name in unknown]
    message = f"A call gives a value for each of {listed(sorted(plan.inputs))}:{''.join(parts)}"
    return GraphError(message, missing=tuple(missing), unknown=tuple(unknown))
